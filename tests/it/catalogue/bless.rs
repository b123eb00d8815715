//! Generated files against those on disk. Writing needs to be asked for, and never happens in CI.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Texts by their path below `docs/`.
pub type Pages = BTreeMap<String, String>;

/// Compares the pages at a place below `docs/` with the files there, or writes them and removes what is stale. What is wrong
/// comes back.
pub fn settle(docs: &Path, place: &str, pages: &Pages, blessing: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in pages {
        let path = docs.join(name);
        if fs::read_to_string(&path).ok().as_ref() == Some(text) {
            continue;
        }
        if blessing {
            fs::create_dir_all(path.parent().expect("below docs")).expect("a folder below docs");
            fs::write(&path, text).expect("a page below docs");
        } else {
            faults.push(if path.exists() { format!("docs/{name} is stale") } else { format!("docs/{name} is missing") });
        }
    }
    for name in files(docs, place) {
        if pages.contains_key(&name) {
            continue;
        }
        if blessing {
            fs::remove_file(docs.join(&name)).expect("a stale page below docs");
        } else {
            faults.push(format!("docs/{name} is made by nothing any more"));
        }
    }
    faults
}

/// The files at or below a place, by their path below `docs`.
fn files(docs: &Path, place: &str) -> Vec<String> {
    let path = docs.join(place);
    if path.is_dir() {
        super::names(&path).iter().flat_map(|name| files(docs, &format!("{place}/{name}"))).collect()
    } else if path.exists() {
        vec![place.to_owned()]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_missing_and_surplus_pages_are_told_and_mended() {
        let docs = tempfile::tempdir().expect("a folder");
        let pages: Pages = [("a/one.md", "1"), ("a/b/two.md", "2")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(settle(docs.path(), "a", &pages, false).len(), 2);
        assert!(settle(docs.path(), "a", &pages, true).is_empty());
        assert!(settle(docs.path(), "a", &pages, false).is_empty());
        fs::write(docs.path().join("a/one.md"), "changed").expect("written");
        fs::write(docs.path().join("a/b/three.md"), "3").expect("written");
        let faults = settle(docs.path(), "a", &pages, false);
        assert_eq!(faults, ["docs/a/one.md is stale", "docs/a/b/three.md is made by nothing any more"]);
        assert!(settle(docs.path(), "a", &pages, true).is_empty());
        assert!(!docs.path().join("a/b/three.md").exists());
    }
}
