//! Answers as people and programs read them: a table, JSON, CSV, a page.
//!
//! Texts of a store come from evidence, and so from anybody: a terminal gets nothing that moves its cursor, and JSON is escaped.

use crate::fault::{Fault, Told};
use crate::sheet::Sheet;
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::json::ArrayWriter;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use gatekeeper::report::sanitise;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Table,
    /// A list of objects.
    Json,
    /// With a line of names.
    Csv,
}

/// Longest cell of a table for people, in characters.
const CELL_MOST: usize = 60;

fn fault(error: &datafusion::arrow::error::ArrowError) -> Fault {
    Fault::Internal(format!("the answer cannot be written: {error}"))
}

/// The text of an answer.
///
/// # Errors
/// A value has no text, which no value of ours is.
pub fn text(schema: &SchemaRef, batches: &[RecordBatch], form: Form) -> Told<String> {
    match form {
        Form::Json => json(batches),
        Form::Csv => {
            let quoted = |cell: &String| {
                let odd = cell.contains([',', '"', '\n', '\r']);
                if odd { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
            };
            let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
            Ok(cells(schema, batches, None)?.iter().map(line).collect())
        }
        Form::Table => Ok(table(schema, &cells(schema, batches, Some(CELL_MOST))?)),
    }
}

/// The answer as a table of a page.
///
/// # Errors
/// As [`text`].
pub fn sheet(schema: &SchemaRef, batches: &[RecordBatch]) -> Told<Sheet> {
    // The page cuts its cells itself, where it can say so.
    let mut rows = cells(schema, batches, Some(usize::MAX))?;
    let columns = schema.fields().iter().map(|field| (field.name().clone(), field.data_type().is_numeric())).collect();
    rows.remove(0);
    Ok(Sheet { heading: String::new(), columns, rows })
}

fn json(batches: &[RecordBatch]) -> Told<String> {
    let mut writer = ArrayWriter::new(Vec::new());
    let all: Vec<&RecordBatch> = batches.iter().collect();
    writer.write_batches(&all).and_then(|()| writer.finish()).map_err(|error| fault(&error))?;
    let text = String::from_utf8(writer.into_inner()).map_err(|error| Fault::Internal(error.to_string()))?;
    let text = if text.is_empty() { "[]".to_owned() } else { text };
    Ok(format!("{}\n", sanitise::json(&text)))
}

/// The cells, the names first. For people numbers are short and texts are cut behind so many characters.
fn cells(schema: &SchemaRef, batches: &[RecordBatch], most: Option<usize>) -> Told<Vec<Vec<String>>> {
    let mut all = vec![schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()];
    let options = FormatOptions::default();
    for batch in batches {
        let columns: Result<Vec<_>, _> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options)).collect();
        let columns = columns.map_err(|error| fault(&error))?;
        for at in 0..batch.num_rows() {
            let cell = |(own, column): (&ArrayFormatter<'_>, &dyn Array)| {
                let text = own.value(at).to_string();
                match (most, column.data_type()) {
                    (Some(_), DataType::Float64) => text.parse::<f64>().map_or(text, number),
                    (Some(_), DataType::Timestamp(..)) => {
                        text.split('.').next().unwrap_or_default().trim_end_matches('Z').replace('T', " ")
                    }
                    (Some(most), _) => sanitise::terminal(&sanitise::excerpt(&text, most)),
                    (None, _) => text,
                }
            };
            all.push(columns.iter().zip(batch.columns().iter().map(AsRef::as_ref)).map(cell).collect());
        }
    }
    Ok(all)
}

/// A number with four digits that say something.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = 3 - value.abs().log10().floor().clamp(-9.0, 3.0) as i32;
    let text = format!("{value:.*}", usize::try_from(digits).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn table(schema: &SchemaRef, rows: &[Vec<String>]) -> String {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..schema.fields().len()).map(width).collect();
    let right = |at: usize| schema.field(at).data_type().is_numeric();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let wide = widths[at];
            if right(at) { format!("{cell:>wide$}") } else { format!("{cell:<wide$}") }
        });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    let count = rows.len() - 1;
    let noun = if count == 1 { "row" } else { "rows" };
    out + &format!("{count} {noun}\n")
}
