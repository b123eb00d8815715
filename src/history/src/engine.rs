//! The engine: the tables of a store, and SQL over them.
//!
//! In: a store, what is looked at of it (project, branch, since when), and a statement. Out: batches. The tables are the files that count at
//! this moment, no others, and the statement can only read. Memory is bounded; what does not fit is written to the system's temporary files.

use crate::fault::{Fault, Told};
use crate::store::Store;
use crate::tables::{TABLES, Table};
use chrono::{DateTime, Utc};
use datafusion::arrow::array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ParamValues;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarFunctionImplementation, Volatility, create_udf};
use datafusion::prelude::{SessionConfig, SessionContext, col, lit};
use datafusion::scalar::ScalarValue;
use gatekeeper::flake::{clean_runs_missing, upper_bound};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// One project only.
    pub project: Option<String>,
    /// One branch only.
    pub branch: Option<String>,
    /// Nothing that was judged before.
    pub since: Option<DateTime<Utc>>,
    /// Nothing that was judged from then on.
    pub until: Option<DateTime<Utc>>,
}

/// How much the engine may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of memory.
    pub memory: usize,
    /// Threads.
    pub threads: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { memory: 1 << 30, threads }
    }
}

/// `runs` with the newest judgement of each run alone, for questions that count runs: one that is judged again, perhaps under another policy, is no second
/// run. Runs are told apart by the id that they state, else by what was read of them; answers to questions are made anew for each judgement and say
/// nothing. Of a run that states no id and of which nothing was read, each verdict counts.
const RUNS_ONCE: &str = "
WITH read AS (
    SELECT project, verdict, string_agg(sha256, ',' ORDER BY sha256) AS digests
    FROM evidence
    WHERE sha256 IS NOT NULL AND path NOT LIKE '%history-answers/%'
    GROUP BY project, verdict
),
judged AS (
    SELECT r.*, row_number() OVER (
        PARTITION BY r.project, coalesce(r.run_id, read.digests, r.verdict) ORDER BY r.judged_at DESC, r.verdict DESC
    ) AS nth
    FROM runs r LEFT JOIN read ON read.verdict = r.verdict AND read.project = r.project
)
SELECT * FROM judged WHERE nth = 1";

/// A store that can be asked.
pub struct Engine {
    context: SessionContext,
    runtime: tokio::runtime::Runtime,
    /// Runs in the whole store.
    pub runs: usize,
    /// Files that nobody counts.
    pub left_over: usize,
}

fn refused(error: &DataFusionError) -> Fault {
    let error = error.find_root();
    match error {
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) | DataFusionError::SQL(..) => {
            Fault::Usage(error.to_string())
        }
        DataFusionError::ParquetError(_) | DataFusionError::ArrowError(..) => Fault::Damaged(error.to_string()),
        _ => Fault::Internal(error.to_string()),
    }
}

impl Engine {
    /// Opens a store for questions.
    ///
    /// # Errors
    /// The store is damaged, or holds what is foreign.
    pub fn open(store: &Store, scope: &Scope, bounds: Bounds) -> Told<Self> {
        let snapshot = store.snapshot()?;
        let mut files: HashMap<&str, Vec<PathBuf>> = HashMap::new();
        for own in snapshot.files() {
            files.entry(own.table.as_str()).or_default().push(store.root().join(&own.path));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(bounds.threads).build();
        let runtime = runtime.map_err(|error| Fault::Internal(format!("no threads: {error}")))?;
        let memory = RuntimeEnvBuilder::new().with_memory_limit(bounds.memory, 1.0).build_arc();
        let config = SessionConfig::new()
            .with_target_partitions(bounds.threads)
            .with_information_schema(true)
            .with_collect_statistics(false);
        let config = config.set_bool("datafusion.execution.parquet.pushdown_filters", true);
        let context = SessionContext::new_with_config_rt(config, memory.map_err(|error| refused(&error))?);
        functions(&context);
        for table in TABLES {
            let paths = files.remove(table.name).unwrap_or_default();
            let paths = paths.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path)).collect::<Vec<_>>();
            if let Some(odd) = paths.iter().find(|path| path.to_str().is_none()) {
                return Err(Fault::Usage(format!("`{}` has a name that is no text", odd.display())));
            }
            register(&context, table, &paths, scope).map_err(|error| refused(&error))?;
        }
        let once = runtime.block_on(context.sql(RUNS_ONCE)).map_err(|error| refused(&error))?;
        context.register_table("runs_once", once.into_view()).map_err(|error| refused(&error))?;
        Ok(Self { context, runtime, runs: snapshot.runs(), left_over: snapshot.left_over.len() })
    }

    /// Asks.
    ///
    /// # Errors
    /// The statement is wrong, wants to write, or needs more memory than there is.
    pub fn ask(&self, sql: &str, values: Vec<(String, ScalarValue)>) -> Told<(SchemaRef, Vec<RecordBatch>)> {
        let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let answer = self.runtime.block_on(async {
            let mut frame = self.context.sql_with_options(sql, reading).await?;
            if !values.is_empty() {
                let values: HashMap<String, ScalarValue> = values.into_iter().collect();
                frame = frame.with_param_values(ParamValues::from(values))?;
            }
            let schema = Arc::new(frame.schema().as_arrow().clone());
            Ok((schema, frame.collect().await?))
        });
        answer.map_err(|error| refused(&error))
    }
}

/// The columns as they are read: text without a copy of it.
fn read_schema(table: &Table) -> SchemaRef {
    let fields = table.columns().map(|(name, kind, empty)| {
        let own = kind.data_type();
        Field::new(*name, if own == DataType::Utf8 { DataType::Utf8View } else { own }, *empty)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn register(context: &SessionContext, table: &Table, paths: &[PathBuf], scope: &Scope) -> Result<(), DataFusionError> {
    let schema = read_schema(table);
    let provider: Arc<dyn TableProvider> = if paths.is_empty() {
        Arc::new(MemTable::try_new(schema, vec![vec![]])?)
    } else {
        let urls = paths.iter().map(|path| ListingTableUrl::parse(address(path)));
        let urls = urls.collect::<Result<Vec<_>, _>>()?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
        let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
        Arc::new(ListingTable::try_new(config)?)
    };
    let mut frame = context.read_table(provider)?;
    for filter in filters(scope) {
        frame = frame.filter(filter)?;
    }
    context.register_table(table.name, frame.into_view())?;
    Ok(())
}

/// A file as an address. As a path its name would be a pattern, and a store in a directory with a `[` in its name would look empty.
fn address(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'=');
    let text = path.to_string_lossy();
    let shown = text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    shown.fold("file://".to_owned(), |all, one| all + &one)
}

fn filters(scope: &Scope) -> Vec<Expr> {
    let at = |instant: &DateTime<Utc>| {
        lit(ScalarValue::TimestampMicrosecond(Some(instant.timestamp_micros()), Some("UTC".into())))
    };
    let project = scope.project.as_ref().map(|name| col("project").eq(lit(name.as_str())));
    let branch = scope.branch.as_ref().map(|name| col("branch").eq(lit(name.as_str())));
    let since = scope.since.as_ref().map(|instant| col("judged_at").gt_eq(at(instant)));
    let until = scope.until.as_ref().map(|instant| col("judged_at").lt(at(instant)));
    [project, branch, since, until].into_iter().flatten().collect()
}

/// The arithmetic of `flake-rate` and `gatekeeper flakes`, for SQL: `upper_bound(failures, runs, confidence)`, and
/// `clean_runs_missing(failures, runs, confidence, most)`.
fn functions(context: &SessionContext) {
    let (whole, number) = (DataType::Int64, DataType::Float64);
    let bound: ScalarFunctionImplementation = Arc::new(|given: &[ColumnarValue]| {
        let given = ColumnarValue::values_to_arrays(given)?;
        let (failures, runs, confidence) = (whole_of(&given[0])?, whole_of(&given[1])?, number_of(&given[2])?);
        let mut known: HashMap<(u64, u64, u64), f64> = HashMap::new();
        let rows = (0..failures.len()).map(|at| {
            let sound = confidence.is_valid(at) && (0.0..1.0).contains(&confidence.value(at));
            let (failed, ran) = (counted(failures, at)?, counted(runs, at)?);
            let sure = sound.then(|| confidence.value(at)).filter(|sure| *sure > 0.0)?;
            Some(*known.entry((failed, ran, sure.to_bits())).or_insert_with(|| upper_bound(failed, ran, sure)))
        });
        Ok(ColumnarValue::Array(Arc::new(rows.collect::<Float64Array>()) as ArrayRef))
    });
    let inputs = vec![whole.clone(), whole.clone(), number.clone()];
    context.register_udf(create_udf("upper_bound", inputs, number.clone(), Volatility::Immutable, bound));
    let missing: ScalarFunctionImplementation = Arc::new(|given: &[ColumnarValue]| {
        let given = ColumnarValue::values_to_arrays(given)?;
        let (failures, runs) = (whole_of(&given[0])?, whole_of(&given[1])?);
        let (confidence, most) = (number_of(&given[2])?, number_of(&given[3])?);
        let rows = (0..failures.len()).map(|at| {
            let inside = |own: &Float64Array| own.is_valid(at) && own.value(at) > 0.0 && own.value(at) < 1.0;
            let (failed, ran) = (counted(failures, at)?, counted(runs, at)?);
            let sound = inside(confidence) && inside(most);
            let more = sound.then(|| clean_runs_missing(failed, ran, confidence.value(at), most.value(at)))??;
            i64::try_from(more).ok()
        });
        Ok(ColumnarValue::Array(Arc::new(rows.collect::<Int64Array>()) as ArrayRef))
    });
    let inputs = vec![whole.clone(), whole.clone(), number.clone(), number];
    context.register_udf(create_udf("clean_runs_missing", inputs, whole, Volatility::Immutable, missing));
}

fn counted(values: &Int64Array, at: usize) -> Option<u64> {
    if values.is_valid(at) { u64::try_from(values.value(at)).ok() } else { None }
}

fn whole_of(values: &ArrayRef) -> Result<&Int64Array, DataFusionError> {
    let own = values.as_any().downcast_ref::<Int64Array>();
    own.ok_or_else(|| DataFusionError::Plan("a whole number was expected".to_owned()))
}

fn number_of(values: &ArrayRef) -> Result<&Float64Array, DataFusionError> {
    let own = values.as_any().downcast_ref::<Float64Array>();
    own.ok_or_else(|| DataFusionError::Plan("a number was expected".to_owned()))
}
