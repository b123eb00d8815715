//! Directories that an operator gives as several: patterns to directories, and to each a name of its own.
//!
//! In: paths as given. Out: directories, each once, sorted by name. Two directories are never taken for one because their names
//! are equal: then those above them belong to the name.

#![expect(clippy::disallowed_methods, reason = "part of the door that everything else goes through")]

use crate::model::{RelPath, shown_path};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A directory under the name by which it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// One component of a path: the directory's own name, or with those above it: `linux+20260302T101500Z`.
    pub(super) name: String,
    /// Where it lies, links resolved.
    pub(super) path: PathBuf,
}

/// The directories that these paths and patterns stand for, in the order given, those of one pattern sorted. A path that is
/// there is taken as it is, whatever characters it holds.
///
/// # Errors
/// A phrase about a pattern that is unsound or cannot be followed, or that matches no directory: unless `keep` says that such a
/// pattern stays, as a directory that is not there.
pub(super) fn expand(given: &[PathBuf], keep: bool) -> Result<Vec<PathBuf>, String> {
    expand_to(given, keep, false)
}

/// As [`expand`], for runs that are directories or single files: every pattern stands for both.
///
/// # Errors
/// A phrase about a pattern that is unsound, cannot be followed or matches nothing.
pub fn given_runs(given: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    expand_to(given, false, true)
}

fn expand_to(given: &[PathBuf], keep: bool, files: bool) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in given {
        let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[', '{']) && !path.exists());
        match pattern {
            Some(pattern) => match matching(pattern, files)? {
                paths if !paths.is_empty() => found.extend(paths),
                _none if keep => found.push(path.clone()),
                _none if files => return Err(format!("`{pattern}` matches nothing")),
                _none => return Err(format!("`{pattern}` matches no directory")),
            },
            None => found.push(path.clone()),
        }
    }
    Ok(found)
}

fn matching(pattern: &str, files: bool) -> Result<Vec<PathBuf>, String> {
    let start = if pattern.starts_with('/') { PathBuf::from("/") } else { PathBuf::new() };
    let mut found = vec![start];
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    for (at, part) in parts.iter().enumerate() {
        // Only the last level may be files; above it they lead nowhere.
        let fits = |path: &Path| path.is_dir() || files && at + 1 == parts.len() && path.is_file();
        let mut next = Vec::new();
        if part.contains(['*', '?', '[', '{']) {
            let matcher = matcher(part).map_err(|why| format!("`{pattern}` is not a sound pattern: {why}"))?;
            for directory in &found {
                next.extend(
                    children(directory, &matcher, fits).map_err(|why| format!("`{pattern}` cannot be followed: {why}"))?,
                );
            }
            next.sort();
        } else {
            next.extend(found.iter().map(|directory| directory.join(part)).filter(|path| fits(path)));
        }
        found = next;
    }
    Ok(found)
}

fn matcher(part: &str) -> Result<GlobMatcher, String> {
    if part.contains("**") {
        return Err("`**` stands for no number of directories here; write out the levels".to_owned());
    }
    let glob = GlobBuilder::new(part).literal_separator(true).backslash_escape(false).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

/// What fits in a directory and has a name that matches. As in a shell, a dot at the beginning has to be written.
fn children(directory: &Path, matcher: &GlobMatcher, fits: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, String> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let about = |error: std::io::Error| format!("{}: {error}", shown_path(directory));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(about)? {
        let entry = entry.map_err(about)?;
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".") && !matcher.glob().glob().starts_with('.');
        if !hidden && matcher.is_match(&name) && fits(&entry.path()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// A name for each directory, and each directory once.
///
/// # Errors
/// A phrase about a directory whose name no path can hold, or about two that cannot be told apart.
pub(super) fn name(mut paths: Vec<PathBuf>) -> Result<Vec<Named>, String> {
    paths.sort();
    paths.dedup();
    let mut named: Vec<(usize, Named)> = Vec::new();
    for path in paths {
        named.push((1, Named { name: last(&path, 1)?, path }));
    }
    // Each round lengthens the names that are still shared, so it ends with the longest path.
    loop {
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        named.iter().for_each(|(_, own)| *uses.entry(own.name.clone()).or_default() += 1);
        let mut longer = false;
        for (parts, own) in named.iter_mut().filter(|(_, own)| uses[&own.name] > 1) {
            let before = std::mem::take(&mut own.name);
            *parts += 1;
            own.name = last(&own.path, *parts)?;
            longer |= own.name != before;
        }
        if uses.values().all(|count| *count == 1) {
            break;
        }
        if !longer {
            let paths: Vec<String> = named
                .iter()
                .filter(|(_, own)| uses.get(&own.name).is_some_and(|count| *count > 1))
                .map(|(_, own)| format!("`{}`", shown_path(&own.path)))
                .collect();
            return Err(format!("the directories {} cannot be told apart by their names", paths.join(" and ")));
        }
    }
    let mut named: Vec<Named> = named.into_iter().map(|(_, own)| own).collect();
    named.sort();
    Ok(named)
}

/// The last components of a path, as one.
fn last(path: &Path, parts: usize) -> Result<String, String> {
    let refuse = || format!("`{}` has a name that no path of evidence can hold", shown_path(path));
    let components: Option<Vec<&str>> = path
        .components()
        .filter(|component| matches!(component, std::path::Component::Normal(_)))
        .map(|component| component.as_os_str().to_str())
        .collect();
    let components = components.filter(|components| !components.is_empty()).ok_or_else(refuse)?;
    let name = components[components.len().saturating_sub(parts)..].join("+");
    match RelPath::parse(&name) {
        Ok(path) if path.as_str() == name => Ok(name),
        Ok(_) | Err(_) => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str]) -> Result<Vec<String>, String> {
        let named = name(paths.iter().map(PathBuf::from).collect())?;
        Ok(named.into_iter().map(|own| format!("{} = {}", own.name, own.path.display())).collect())
    }

    #[test]
    fn directories_with_one_name_stay_apart() {
        let told = names(&["/ci/b/one", "/ci/two", "/ci/a/one", "/ci/two"]).expect("told apart");
        assert_eq!(told, ["a+one = /ci/a/one", "b+one = /ci/b/one", "two = /ci/two"]);
        let told = names(&["/x/a/one", "/y/a/one", "/one"]).expect("told apart");
        assert_eq!(told, ["one = /one", "x+a+one = /x/a/one", "y+a+one = /y/a/one"]);
        // A name that another directory has of its own is no way out, so nothing is guessed.
        let refused = names(&["/ci/b/one", "/ci/a/one", "/ci/a+one"]).expect_err("they are all called `ci+a+one`");
        assert!(refused.contains("`/ci/a/one` and `/ci/a+one`"), "{refused}");
    }

    #[test]
    fn names_that_no_path_can_hold_are_refused() {
        let mut refused = 0;
        for path in ["/", "/ci/a\\b", "/ci/a\nb"] {
            assert!(names(&[path]).is_err_and(|phrase| phrase.contains("no path of evidence can hold")), "{path}");
            refused += 1;
        }
        assert_eq!(refused, 3);
    }

    #[test]
    fn patterns_stand_for_directories() {
        let keep = tempfile::tempdir().expect("a directory");
        for directory in ["a/one", "a/two", "b/one", "b/.hidden", "odd[1]"] {
            std::fs::create_dir_all(keep.path().join(directory)).expect("made");
        }
        std::fs::write(keep.path().join("a/file"), "").expect("written");
        let found = |pattern: &str| {
            let found = expand(&[keep.path().join(pattern)], false)?;
            let below = |path: &PathBuf| path.strip_prefix(keep.path()).expect("below").display().to_string();
            Ok::<_, String>(found.iter().map(below).collect::<Vec<_>>())
        };
        assert_eq!(found("a/*").expect("found"), ["a/one", "a/two"]);
        assert_eq!(found("*/one").expect("found"), ["a/one", "b/one"]);
        assert_eq!(found("{a,b}/t?o").expect("found"), ["a/two"]);
        assert_eq!(found("b/.h*").expect("found"), ["b/.hidden"]);
        assert_eq!(found("odd[1]").expect("found"), ["odd[1]"]);
        // A path without a pattern is opened later, which says what is wrong with it.
        assert_eq!(found("none").expect("kept"), ["none"]);
        let both = given_runs(&[keep.path().join("a/*")]).expect("found");
        assert_eq!(both.len(), 3, "files count as runs where they may");
        assert!(given_runs(&[keep.path().join("a/file/*")]).is_err_and(|phrase| phrase.contains("nothing")));
        let mut refused = 0;
        for (pattern, why) in [("none/*", "no directory"), ("a/f*", "no directory"), ("**/one", "levels"), ("a[", "sound")]
        {
            assert!(found(pattern).is_err_and(|phrase| phrase.contains(why)), "{pattern}");
            refused += 1;
        }
        assert_eq!(refused, 4);
        // A shard that is awaited and not there is for the verdict to tell.
        let awaited = [keep.path().join("shard-*")];
        assert_eq!(expand(&awaited, true).expect("kept"), awaited);
    }
}
