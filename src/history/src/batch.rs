//! Rows as Arrow has them.
//!
//! In: rows of a verdict, of one table. Out: a batch with the table's columns, sorted as its files are.

use crate::fault::{Fault, Told};
use crate::tables::Table;
use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::ReaderBuilder;
use gatekeeper::report::history::Row;
use serde::Serialize;

/// Whose runs these are, as the operator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The project.
    pub project: String,
    /// The branch.
    pub branch: Option<String>,
}

#[derive(Serialize)]
struct Stamped<'r> {
    project: &'r str,
    branch: Option<&'r str>,
    #[serde(flatten)]
    row: &'r Row,
}

/// The table of a row.
pub fn table_of(row: &Row) -> &'static Table {
    let name = match row {
        Row::Runs(_) => "runs",
        Row::Gates(_) => "gates",
        Row::Findings(_) => "findings",
        Row::Measures(_) => "measures",
        Row::Tests(_) => "tests",
        Row::Exceptions(_) => "exceptions",
        Row::Evidence(_) => "evidence",
    };
    Table::named(name).expect("every row has a table")
}

fn fault(error: &ArrowError) -> Fault {
    Fault::Damaged(format!("a row does not fit its table: {error}"))
}

/// These rows, all of one table, in its columns and its order.
///
/// # Errors
/// A row has a value that its column cannot hold: an instant that is none, for one.
pub fn batch(table: &Table, rows: &[&Row], stamp: &Stamp) -> Told<RecordBatch> {
    let rows: Vec<Stamped<'_>> =
        rows.iter().map(|row| Stamped { project: &stamp.project, branch: stamp.branch.as_deref(), row }).collect();
    let mut decoder = ReaderBuilder::new(table.schema()).build_decoder().map_err(|error| fault(&error))?;
    decoder.serialize(&rows).map_err(|error| fault(&error))?;
    let batch = decoder.flush().map_err(|error| fault(&error))?;
    sorted(table, &batch.unwrap_or_else(|| RecordBatch::new_empty(table.schema())))
}

/// The rows of a batch in the order of the table's files.
///
/// # Errors
/// The batch lacks a column.
pub fn sorted(table: &Table, batch: &RecordBatch) -> Told<RecordBatch> {
    let column = |name: &&str| {
        let values = batch.column_by_name(name).cloned();
        values.map(|values| SortColumn { values, options: None })
    };
    let columns: Option<Vec<SortColumn>> = table.sorted.iter().chain(&["verdict"]).map(column).collect();
    let columns = columns.ok_or_else(|| Fault::Damaged(format!("rows of `{}` lack a column", table.name)))?;
    let order: UInt32Array = lexsort_to_indices(&columns, None).map_err(|error| fault(&error))?;
    take_record_batch(batch, &order).map_err(|error| fault(&error))
}

/// Several batches of a table as one, sorted.
///
/// # Errors
/// One of them has other columns.
pub fn merged(table: &Table, batches: &[RecordBatch]) -> Told<RecordBatch> {
    let whole = concat_batches(&table.schema(), batches).map_err(|error| fault(&error))?;
    sorted(table, &whole)
}
