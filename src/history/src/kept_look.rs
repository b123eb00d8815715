//! A look at everything that is kept of runs: whether it is whole, and what nobody needs.

use crate::fault::{Fault, Told};
use crate::file::TEMPORARY;
use crate::keep::{list, list_at, object, object_at};
use crate::store::{Store, entries, is_digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// What a look at everything that is kept came to.
#[derive(Debug, Default)]
pub struct Looked {
    /// Runs whose evidence is kept.
    pub runs: usize,
    /// Objects.
    pub objects: usize,
    /// What is wrong, each with its name.
    pub faults: Vec<String>,
    /// What no list names, and what writers left.
    pub left_over: Vec<PathBuf>,
}

/// Looks at every list and every object. With `deep` the bytes are held against their digests.
///
/// # Errors
/// A directory cannot be listed.
pub fn look(store: &Store, deep: bool) -> Told<Looked> {
    let mut looked = Looked::default();
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    let each = |part: &str, ending: &str, looked: &mut Looked, see: &mut dyn FnMut(&str, &mut Looked) -> Told<bool>| {
        for (_, directory) in entries(&store.root().join("evidence").join(part))? {
            for (name, path) in entries(&directory)? {
                let stem = name.strip_suffix(ending).filter(|stem| is_digest(stem));
                match stem {
                    Some(stem) => match see(stem, looked) {
                        Ok(true) => {}
                        Ok(false) => looked.left_over.push(path),
                        Err(fault) => looked.faults.push(fault.to_string()),
                    },
                    None if name.starts_with(TEMPORARY) => looked.left_over.push(path),
                    None => looked.faults.push(format!("`{}` is foreign: nothing of a store is called so", path.display())),
                }
            }
        }
        Told::Ok(())
    };
    each("runs", ".json", &mut looked, &mut |stem, looked| {
        let Some(kept) = list(store, stem)? else { return Ok(false) };
        if store.recorded(stem)?.is_none() {
            return Err(Fault::Damaged(format!(
                "`{}` is of a run that is not in the store",
                list_at(store, stem).display()
            )));
        }
        looked.runs += 1;
        sizes.insert(kept.verdict, kept.document_size);
        sizes.extend(kept.files.into_iter().filter_map(|file| Some((file.sha256?, file.size))));
        Ok(true)
    })?;
    let mut seen = BTreeSet::new();
    each("objects", ".zst", &mut looked, &mut |stem, looked| {
        let Some(size) = sizes.get(stem) else { return Ok(false) };
        seen.insert(stem.to_owned());
        looked.objects += 1;
        if deep {
            object(store, stem, *size)?;
        }
        Ok(true)
    })?;
    for digest in sizes.keys().filter(|digest| !seen.contains(*digest)) {
        looked.faults.push(format!("`{}` is missing from the store", object_at(store, digest).display()));
    }
    Ok(looked)
}

/// Takes away what no list names and what is older than this.
///
/// # Errors
/// A directory cannot be listed.
pub fn sweep(store: &Store, old: Duration) -> Told<usize> {
    let looked = look(store, false)?;
    // What is named by a list that cannot be read would look like what nobody names.
    if !looked.faults.is_empty() {
        return Ok(0);
    }
    let mut swept = 0;
    for path in looked.left_over {
        let age = fs::metadata(&path).and_then(|about| about.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_some_and(|age| age >= old) && fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}
