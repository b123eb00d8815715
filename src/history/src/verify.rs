//! `verify-store`: everything that the store says of itself, held against its bytes.
//!
//! In: a store. Out: what was looked at, and everything that is wrong. Each file has the digest, the size and the rows that were written, the
//! columns of its table, and rows of the runs of which it is; each run is there once. What a killed writer left is told and is no fault.

use crate::fault::{Fault, Told};
use crate::file;
use crate::kept_look;
use crate::store::{FileEntry, Snapshot, Store};
use crate::tables::Table;
use datafusion::arrow::array::{Array, StringArray};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Runs.
    pub runs: usize,
    /// Files of rows.
    pub files: usize,
    /// Rows.
    pub rows: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Runs whose evidence is kept.
    pub kept: usize,
    /// Files of evidence.
    pub objects: usize,
    /// What is wrong, each with the file's name.
    pub faults: Vec<String>,
    /// Files that nobody counts.
    pub left_over: Vec<String>,
}

/// Looks at everything.
///
/// # Errors
/// The store cannot be listed at all, or holds what nothing of a store is.
pub fn verify(store: &Store) -> Told<Checked> {
    let snapshot = store.snapshot()?;
    let mut checked = Checked { runs: snapshot.runs(), ..Checked::default() };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (own, runs) in with_runs(&snapshot) {
        checked.files += 1;
        match one(store, own, &runs, &mut seen) {
            Ok(rows) => {
                checked.rows += rows;
                checked.bytes += own.size;
            }
            Err(fault) => checked.faults.push(fault.to_string()),
        }
    }
    if checked.faults.is_empty() {
        let expected = snapshot.alone.keys().chain(snapshot.merged.values().flat_map(|merged| &merged.runs));
        for verdict in expected {
            match seen.remove(verdict) {
                Some(1) => {}
                count => checked.faults.push(format!("the run {verdict} is there {} times", count.unwrap_or(0))),
            }
        }
        checked
            .faults
            .extend(seen.into_keys().map(|verdict| format!("the run {verdict} is in a file, and nothing says so")));
    }
    checked.left_over = snapshot.left_over;
    let kept = kept_look::look(store, true)?;
    (checked.kept, checked.objects) = (kept.runs, kept.objects);
    checked.faults.extend(kept.faults);
    let below = |path: &std::path::PathBuf| path.strip_prefix(store.root()).unwrap_or(path).display().to_string();
    checked.left_over.extend(kept.left_over.iter().map(below));
    Ok(checked)
}

/// Each file with the verdicts of which it may hold rows.
fn with_runs(snapshot: &Snapshot) -> Vec<(&FileEntry, BTreeSet<&str>)> {
    let alone = snapshot.alone.iter().flat_map(|(verdict, run)| {
        run.files.iter().map(|own| (own, BTreeSet::from([verdict.as_str()]))).collect::<Vec<_>>()
    });
    let merged = snapshot.merged.values().flat_map(|merged| {
        merged.files.iter().map(|own| (own, merged.runs.iter().map(String::as_str).collect())).collect::<Vec<_>>()
    });
    alone.chain(merged).collect()
}

fn one(store: &Store, own: &FileEntry, runs: &BTreeSet<&str>, seen: &mut BTreeMap<String, usize>) -> Told<u64> {
    let path = store.root().join(&own.path);
    let damaged = |what: String| Fault::Damaged(format!("`{}` {what}", path.display()));
    let bytes = fs::read(&path).map_err(|error| Fault::io("read", &path, &error))?;
    let digest = file::digest(&bytes);
    if digest != own.sha256 {
        return Err(damaged(format!("is damaged: its digest is {digest}, and {} was written", own.sha256)));
    }
    let table = Table::named(&own.table).ok_or_else(|| damaged(format!("is of an unknown table, `{}`", own.table)))?;
    let mut rows = 0;
    for batch in file::open(table, &path)? {
        let batch = batch.map_err(|error| damaged(format!("is damaged: {error}")))?;
        rows += batch.num_rows() as u64;
        let column = batch.column_by_name("verdict").and_then(|column| column.as_any().downcast_ref::<StringArray>());
        let column = column.ok_or_else(|| damaged("has no verdicts".to_owned()))?;
        for verdict in (0..column.len()).map(|at| column.value(at)) {
            if !runs.contains(verdict) {
                return Err(damaged(format!("holds rows of the run {verdict}, of which it is not")));
            }
            if own.table == "runs" {
                *seen.entry(verdict.to_owned()).or_default() += 1;
            }
        }
    }
    if rows != own.rows {
        return Err(damaged(format!("has {rows} rows, and {} were written", own.rows)));
    }
    Ok(rows)
}
