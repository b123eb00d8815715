//! `compact`: the small files of a month become large ones.
//!
//! In: a store. Out: for each project and month with several files of a table one file in their place, sorted, and the old ones gone. What
//! counts changes in one step, when the file with the next number is there; whoever is killed before or after it leaves files that nobody
//! counts, and the next `compact` takes away those that are older than a day.

use crate::fault::{Fault, Told};
use crate::file;
use crate::kept_look;
use crate::store::{Compacted, FileEntry, STORE_SCHEMA, Snapshot, Store};
use crate::tables::TABLES;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A merged file is left alone from this size on.
const LARGE: u64 = 512 << 20;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Months of projects whose files were merged.
    pub partitions: usize,
    /// Files that there were.
    pub before: usize,
    /// Files that took their place.
    pub after: usize,
    /// Files that nobody counted, taken away.
    pub swept: usize,
}

/// What is merged together.
#[derive(Default)]
struct Group<'s> {
    runs: BTreeSet<String>,
    replaces: Vec<u64>,
    files: Vec<&'s FileEntry>,
}

/// Merges what can be merged. `old` is how old a file must be that nobody counts before it is taken away.
///
/// # Errors
/// A file is damaged, or the system refuses.
pub fn compact(store: &Store, old: Duration) -> Told<Done> {
    let mut done = Done::default();
    let snapshot = store.snapshot()?;
    let mut number = snapshot.last;
    for ((project, month), group) in groups(&snapshot) {
        number += 1;
        let (before, files) = (group.files.len(), merged(store, &project, &month, number, &group)?);
        let after = files.len();
        let Group { runs, replaces, files: replaced } = group;
        let told = Compacted { schema: STORE_SCHEMA.to_owned(), project, month, runs, replaces: replaces.clone(), files };
        let text = serde_json::to_vec(&told).expect("text");
        if !file::put_new(&store.compacted_at(number), &text)? {
            // Somebody else was faster; what they did stands.
            told.files.iter().for_each(|own| drop(fs::remove_file(store.root().join(&own.path))));
            return Err(Fault::Internal(
                "somebody else merges this store; nothing was changed, try again later".to_owned(),
            ));
        }
        // From here on the new files count. What is left of the old ones when we are killed now is swept later.
        let kept: BTreeSet<&str> = told.files.iter().map(|own| own.path.as_str()).collect();
        for own in replaced.iter().filter(|own| !kept.contains(own.path.as_str())) {
            drop(fs::remove_file(store.root().join(&own.path)));
        }
        replaces.iter().for_each(|earlier| emptied(store, *earlier, &snapshot.merged[earlier]));
        done.partitions += 1;
        done.before += before;
        done.after += after;
    }
    done.swept = sweep(store, old)? + kept_look::sweep(store, old)?;
    Ok(done)
}

/// Takes the lists out of an earlier telling. Its number stays taken for ever, so that one who merges slowly cannot get it once more, and so does
/// what it took the place of: somebody who was killed may have left that as it was.
fn emptied(store: &Store, number: u64, earlier: &Compacted) {
    let empty = Compacted { runs: BTreeSet::new(), files: Vec::new(), ..earlier.clone() };
    drop(file::put(&store.compacted_at(number), &serde_json::to_vec(&empty).expect("text")));
}

fn groups(snapshot: &Snapshot) -> BTreeMap<(String, String), Group<'_>> {
    let mut groups: BTreeMap<(String, String), Group<'_>> = BTreeMap::new();
    for (verdict, run) in &snapshot.alone {
        let group = groups.entry((run.project.clone(), run.month.clone())).or_default();
        group.runs.insert(verdict.clone());
        group.files.extend(&run.files);
    }
    for (number, earlier) in &snapshot.merged {
        let size: u64 = earlier.files.iter().map(|own| own.size).sum();
        if size >= LARGE {
            continue;
        }
        let group = groups.entry((earlier.project.clone(), earlier.month.clone())).or_default();
        group.runs.extend(earlier.runs.iter().cloned());
        group.replaces.push(*number);
        group.files.extend(&earlier.files);
    }
    groups
        .retain(|_, group| TABLES.iter().any(|table| group.files.iter().filter(|own| own.table == table.name).count() > 1));
    groups
}

fn merged(store: &Store, project: &str, month: &str, number: u64, group: &Group<'_>) -> Told<Vec<FileEntry>> {
    let mut made = Vec::new();
    for table in TABLES {
        let own: Vec<&&FileEntry> = group.files.iter().filter(|own| own.table == table.name).collect();
        if own.is_empty() {
            continue;
        }
        let paths: Vec<PathBuf> = own.iter().map(|own| store.root().join(&own.path)).collect();
        let (bytes, rows) = file::bytes(table, file::chunks(table, &paths))?;
        let expected: u64 = own.iter().map(|own| own.rows).sum();
        if rows != expected {
            let told = format!("the files of `{}` in {month} have {rows} rows, and {expected} were written", table.name);
            return Err(Fault::Damaged(told));
        }
        let partition = Store::partition(table.name, project, month);
        made.push(store.put(table, &partition, &format!("m{number:08}"), &bytes, rows)?);
    }
    Ok(made)
}

/// Takes away files that nobody counts and that are older than this.
fn sweep(store: &Store, old: Duration) -> Told<usize> {
    let mut swept = 0;
    for below in store.snapshot()?.left_over {
        let path = store.root().join(below);
        let age = fs::metadata(&path).and_then(|about| about.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_some_and(|age| age >= old) && fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}
