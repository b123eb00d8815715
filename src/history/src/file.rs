//! One file of the store: immutable, compressed with zstd, sorted, and it says what it is.
//!
//! A file is written under a temporary name, flushed to the disk and renamed, so that under its own name it is always whole. It is read with
//! its schema checked: what was written by something else, or is damaged, is an error with the file's name.

use crate::batch;
use crate::fault::{Fault, Told};
use crate::tables::{SCHEMA, Table};
use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::WriterProperties;
use gatekeeper::model::Digest;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most rows of one group of a file.
const GROUP_ROWS: usize = 128 * 1024;

/// Most rows that are sorted at a time where files are merged; what bounds the memory of that.
pub const CHUNK_ROWS: usize = 1 << 18;

/// How temporary names begin. Nobody reads such a file.
pub const TEMPORARY: &str = ".tmp-";

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A name that no other writer uses at the same time.
pub fn temporary_name() -> String {
    let (process, own) = (std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{TEMPORARY}{process:x}-{clock:x}-{own:x}")
}

fn properties(table: &Table) -> Told<WriterProperties> {
    let level = ZstdLevel::try_new(3).map_err(|error| Fault::Internal(error.to_string()))?;
    let about = [("gatekeeper.schema", SCHEMA), ("gatekeeper.table", table.name)];
    let about = about.map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by("gatekeeper-history".to_owned())
        .set_key_value_metadata(Some(about.to_vec()))
        .build())
}

/// The bytes of a file with these batches, each of them sorted.
///
/// # Errors
/// A batch has other columns than the table.
pub fn bytes(table: &Table, batches: impl IntoIterator<Item = Told<RecordBatch>>) -> Told<(Vec<u8>, u64)> {
    let refused = |error| Fault::Internal(format!("a file of `{}` cannot be made: {error}", table.name));
    let mut writer = ArrowWriter::try_new(Vec::new(), table.schema(), Some(properties(table)?)).map_err(refused)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(refused)?;
    }
    Ok((writer.into_inner().map_err(refused)?, rows))
}

/// Puts bytes under a name, whole or not at all.
///
/// # Errors
/// The system refuses.
pub fn put(path: &Path, bytes: &[u8]) -> Told<()> {
    let above = path.parent().expect("a file of the store lies in a directory of it");
    fs::create_dir_all(above).map_err(|error| Fault::io("make", above, &error))?;
    let temporary = above.join(temporary_name());
    let written = write_through(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        drop(fs::remove_file(&temporary));
        Fault::io("write", path, &error)
    })
}

/// Puts bytes under a name that nothing has yet. `false` if something has it; that stays as it is.
///
/// # Errors
/// The system refuses.
pub fn put_new(path: &Path, bytes: &[u8]) -> Told<bool> {
    let above = path.parent().expect("a file of the store lies in a directory of it");
    fs::create_dir_all(above).map_err(|error| Fault::io("make", above, &error))?;
    let temporary = above.join(temporary_name());
    // A link to a name that exists is refused by the system, whoever else tries at the same moment.
    let linked = write_through(&temporary, bytes).and_then(|()| fs::hard_link(&temporary, path));
    drop(fs::remove_file(&temporary));
    match linked {
        Ok(()) => {
            drop(File::open(above).and_then(|above| above.sync_all()));
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Fault::io("write", path, &error)),
    }
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The digest of bytes, 64 hex digits.
pub fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// Opens a file of the store, if it says that it is one of this table and has its columns.
///
/// # Errors
/// It is damaged, or something else; by its name.
pub fn open(table: &Table, path: &Path) -> Told<ParquetRecordBatchReader> {
    let damaged = |what: &str| Fault::Damaged(format!("`{}` {what}", path.display()));
    let file = File::open(path).map_err(|error| Fault::io("open", path, &error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| damaged(&format!("is damaged, or no Parquet file: {error}")))?;
    let own = builder.metadata().file_metadata().key_value_metadata();
    let stated = |key: &str| {
        let found = own.into_iter().flatten().find(|pair| pair.key == key);
        found.and_then(|pair| pair.value.clone()).unwrap_or_default()
    };
    let (schema, name) = (stated("gatekeeper.schema"), stated("gatekeeper.table"));
    if schema != SCHEMA || name != table.name {
        return Err(damaged(&format!(
            "is foreign: a file of `{SCHEMA}`, table `{}`, was expected; it says `{schema}`, table `{name}`",
            table.name
        )));
    }
    if builder.schema().fields() != table.schema().fields() {
        return Err(damaged(&format!("has other columns than the table `{}`", table.name)));
    }
    builder.build().map_err(|error| damaged(&format!("is damaged: {error}")))
}

/// Batches of many files, in pieces of at most [`CHUNK_ROWS`] rows, each piece sorted.
pub fn chunks<'a>(table: &'a Table, paths: &'a [std::path::PathBuf]) -> impl Iterator<Item = Told<RecordBatch>> + 'a {
    let mut paths = paths.iter();
    let mut open_now: Option<(ParquetRecordBatchReader, &std::path::PathBuf)> = None;
    std::iter::from_fn(move || {
        let (mut held, mut rows) = (Vec::new(), 0);
        while rows < CHUNK_ROWS {
            let Some((reader, path)) = &mut open_now else {
                let Some(path) = paths.next() else { break };
                match open(table, path) {
                    Ok(reader) => open_now = Some((reader, path)),
                    Err(fault) => return Some(Err(fault)),
                }
                continue;
            };
            match reader.next() {
                None => open_now = None,
                Some(Ok(batch)) => {
                    rows += batch.num_rows();
                    held.push(batch);
                }
                Some(Err(error)) => {
                    return Some(Err(Fault::Damaged(format!("`{}` is damaged: {error}", path.display()))));
                }
            }
        }
        (!held.is_empty()).then(|| batch::merged(table, &held))
    })
}
