//! Declared paths and globs to files.
//!
//! In: a base and a pattern. Out: the files that match, sorted, or gaps. Only what lies below the pattern's literal beginning
//! is looked at, each directory once, links to directories are not followed, and looking at more files than the policy allows
//! is a gap. What matches and is no regular file is never skipped.

use super::intake::refusal;
use crate::model::{Base, Gap, GapKind, Limits, RelPath, Where};
use crate::workspace::{Denied, EntryKind, Listed, Workspace};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deepest directory below a pattern's literal beginning.
const DEEPEST: usize = 64;

/// Directories in which a search for files of one kind among all others does not look: their content is not that of a run. What
/// cargo builds is known by `.fingerprint` in it, whatever its directory is called.
const FOREIGN: [&str; 6] = [".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"];
const CARGO_BUILDS: &str = ".fingerprint";

/// What a directory holds; many patterns look at the same one.
type Seen = Result<Rc<[Listed]>, Denied>;

/// Finds files, and remembers the directories that it has seen.
pub(super) struct Locator<'w> {
    workspace: &'w dyn Workspace,
    listed: BTreeMap<(Base, Option<RelPath>), Seen>,
    seen: u64,
    most: u64,
}

/// One walk for one pattern.
struct Walk {
    base: Base,
    matcher: GlobMatcher,
    /// Matches that are no files cannot be opened later, so they are gaps now.
    names_only: bool,
    endless: bool,
    /// Files of one kind are searched among all others, see [`FOREIGN`].
    sift: bool,
    shown: String,
    found: Vec<RelPath>,
    gaps: Vec<Gap>,
}

/// Whether a pattern can match several files.
pub(super) fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
}

/// What a pattern matches; the error is a phrase.
pub(super) fn matcher(pattern: &RelPath) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern.as_str()).literal_separator(true).backslash_escape(false).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

/// Whether a pattern can be matched.
pub fn is_pattern(pattern: &RelPath) -> bool {
    matcher(pattern).is_ok()
}

/// The files that none of these patterns fits.
pub(super) fn without(files: Vec<RelPath>, exclude: &[RelPath]) -> Vec<RelPath> {
    let matchers: Vec<_> = exclude.iter().filter_map(|pattern| matcher(pattern).ok()).collect();
    files.into_iter().filter(|file| !matchers.iter().any(|matcher| matcher.is_match(file.as_str()))).collect()
}

impl<'w> Locator<'w> {
    pub(super) fn new(workspace: &'w dyn Workspace, limits: &Limits) -> Self {
        Self { workspace, listed: BTreeMap::new(), seen: 0, most: limits.files_max }
    }

    /// Counts one more file against the policy's limit.
    pub(super) fn count(&mut self, shown: &str) -> Result<(), Gap> {
        self.seen += 1;
        if self.seen <= self.most {
            return Ok(());
        }
        let expected = format!("at most {} files looked at in all", self.most);
        Err(Gap::new(GapKind::OverLimit, Where::file(shown), expected, "more"))
    }

    /// The files that a pattern names: the path itself if it is none (whether or not it is there), else all that match.
    /// `names_only` looks even for a plain path, and does not open what it finds.
    pub(super) fn files(&mut self, base: Base, pattern: &str, names_only: bool) -> Result<Vec<RelPath>, Vec<Gap>> {
        self.search(base, pattern, names_only, false)
    }

    /// The same for a format that sifts: without the directories in which nothing of a run lies.
    pub(super) fn sifted(&mut self, base: Base, pattern: &str) -> Result<Vec<RelPath>, Vec<Gap>> {
        self.search(base, pattern, false, true)
    }

    fn search(&mut self, base: Base, pattern: &str, names_only: bool, sift: bool) -> Result<Vec<RelPath>, Vec<Gap>> {
        let path = RelPath::parse(pattern).map_err(|unsafe_path| {
            let at = Where::file(format!("{}:{pattern}", base.word()));
            vec![Gap::new(GapKind::Unreadable, at, "a path below its base", unsafe_path.to_string())]
        })?;
        let shown = self.workspace.shown(base, &path);
        if !is_glob(pattern) && !names_only {
            self.count(&shown).map_err(|gap| vec![gap])?;
            return Ok(vec![path]);
        }
        let matcher = matcher(&path).map_err(|phrase| {
            let at = Where::file(&shown);
            vec![Gap::new(GapKind::Unreadable, at, "a pattern that can be matched", phrase)]
        })?;
        let components: Vec<&str> = path.as_str().split('/').collect();
        let literal = components[..components.len() - 1].iter().take_while(|part| !is_glob(part)).count();
        let start = RelPath::parse(&components[..literal].join("/")).ok();
        let endless = path.as_str().contains("**");
        let depth = if endless { DEEPEST } else { components.len() - literal - 1 };
        let mut walk = Walk { base, matcher, names_only, endless, sift, shown, found: Vec::new(), gaps: Vec::new() };
        self.walk(&mut walk, start.as_ref(), depth, true)?;
        walk.found.sort();
        if walk.gaps.is_empty() { Ok(walk.found) } else { Err(walk.gaps) }
    }

    fn walk(&mut self, walk: &mut Walk, directory: Option<&RelPath>, depth: usize, top: bool) -> Result<(), Vec<Gap>> {
        let entries = match self.list(walk, directory)? {
            Ok(entries) => entries,
            // The beginning of the pattern is not there, so nothing matches. A directory that was listed a moment ago is.
            Err(Denied::Missing) if top => return Ok(()),
            Err(denied) => {
                let shown = directory.map_or(walk.shown.clone(), |path| self.workspace.shown(walk.base, path));
                walk.gaps.push(refusal(denied, &shown));
                return Ok(());
            }
        };
        let is_directory = |entry: &Listed| entry.kind == EntryKind::Directory;
        if walk.sift && entries.iter().any(|entry| is_directory(entry) && entry.name == CARGO_BUILDS) {
            return Ok(());
        }
        for entry in &*entries {
            if walk.sift && is_directory(entry) && FOREIGN.contains(&entry.name.as_str()) {
                continue;
            }
            let name = directory.map_or(entry.name.clone(), |directory| format!("{directory}/{}", entry.name));
            let matched = walk.matcher.is_match(&name);
            let path = RelPath::parse(&name).ok().filter(|path| path.as_str() == name);
            let Some(path) = path else {
                // What is longer than a path may be, or begins as one of a drive, may hide what the pattern asks for.
                if matched || (depth > 0 && entry.kind != EntryKind::File) {
                    let at = Where::file(format!("{}:{name}", walk.base.word()));
                    walk.gaps.push(Gap::new(GapKind::Unreadable, at, "a name that a path can hold", "another one"));
                }
                continue;
            };
            match entry.kind {
                EntryKind::File if matched => walk.found.push(path),
                EntryKind::Other if matched && walk.names_only => {
                    let denied = Denied::Irregular("it is no regular file".to_owned());
                    walk.gaps.push(refusal(denied, &self.workspace.shown(walk.base, &path)));
                }
                // Opening it says what it is.
                EntryKind::Other if matched => walk.found.push(path),
                EntryKind::Directory if depth > 0 => self.walk(walk, Some(&path), depth - 1, false)?,
                EntryKind::Directory if walk.endless => {
                    let at = Where::file(self.workspace.shown(walk.base, &path));
                    let expected = format!("at most {DEEPEST} levels of directories");
                    walk.gaps.push(Gap::new(GapKind::OverLimit, at, expected, "more"));
                }
                EntryKind::File | EntryKind::Other | EntryKind::Directory => {}
            }
        }
        Ok(())
    }

    fn list(&mut self, walk: &Walk, directory: Option<&RelPath>) -> Result<Seen, Vec<Gap>> {
        let key = (walk.base, directory.cloned());
        if !self.listed.contains_key(&key) {
            let listed = self.workspace.list(walk.base, directory);
            for _ in listed.iter().flatten() {
                self.count(&walk.shown).map_err(|gap| vec![gap])?;
            }
            self.listed.insert(key.clone(), listed.map(Rc::from));
        }
        Ok(self.listed[&key].clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    fn memory() -> Memory {
        Memory::at(Instant::UNIX_EPOCH)
            .with_run("results/one")
            .file("repo:tests/a.rs", "")
            .file("repo:tests/b.rs", "")
            .file("repo:tests/b.txt", "")
            .file("repo:tests/deep/c.rs", "")
            .file("repo:tests/deep/er/d.rs", "")
            .file("repo:top.rs", "")
            .file("run:unit/x/result.json", "")
            .file("run:unit/y/result.json", "")
            .link("repo:tests/link.rs", "top.rs")
    }

    fn found(workspace: &Memory, base: Base, pattern: &str) -> Vec<String> {
        let mut locator = Locator::new(workspace, &Limits::default());
        locator.files(base, pattern, true).expect("located").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn patterns_stop_at_slashes() {
        let workspace = memory();
        let repo = |pattern| found(&workspace, Base::Repo, pattern);
        assert_eq!(repo("tests/*.rs"), ["tests/a.rs", "tests/b.rs", "tests/link.rs"]);
        assert_eq!(
            repo("tests/**/*.rs"),
            ["tests/a.rs", "tests/b.rs", "tests/deep/c.rs", "tests/deep/er/d.rs", "tests/link.rs"]
        );
        assert_eq!(repo("*.rs"), ["top.rs"]);
        assert_eq!(repo("tests/{a,b}.{rs,txt}"), ["tests/a.rs", "tests/b.rs", "tests/b.txt"]);
        assert_eq!(repo("tests/*/?.rs"), ["tests/deep/c.rs"]);
        assert_eq!(repo("tests/a.rs"), ["tests/a.rs"]);
        assert_eq!(found(&workspace, Base::Run, "unit/*/result.json"), ["unit/x/result.json", "unit/y/result.json"]);
        assert!(repo("none/*.rs").is_empty() && repo("tests/*.zig").is_empty() && repo("tests/deep").is_empty());
    }

    #[test]
    fn a_search_for_one_kind_of_file_stays_out_of_what_is_no_run() {
        let workspace = Memory::at(Instant::UNIX_EPOCH)
            .file("repo:target/nextest/ci/junit.xml", "")
            .file("repo:target/debug/.fingerprint/a/lib.json", "")
            .file("repo:target/debug/build/a/output", "")
            .file("repo:.git/HEAD", "")
            .file("repo:web/node_modules/a/junit.xml", "")
            .file("repo:.ci/.git", "");
        let mut locator = Locator::new(&workspace, &Limits::default());
        let found = locator.sifted(Base::Repo, "**/*").expect("located");
        assert_eq!(found.iter().map(RelPath::as_str).collect::<Vec<_>>(), [".ci/.git", "target/nextest/ci/junit.xml"]);
        assert_eq!(locator.files(Base::Repo, "**/*", false).expect("located").len(), 6);
        // What is named is found wherever it lies.
        let named = locator.sifted(Base::Repo, "web/node_modules/a/*.xml").expect("located");
        assert_eq!(named.len(), 1);
    }

    #[test]
    fn names_that_need_escapes_are_found_like_others() {
        let workspace = Memory::at(Instant::UNIX_EPOCH)
            .with_run("results/one")
            .file("run:shots/a\\x5cb.png", "")
            .file("run:shots/a\\x09b.xml", "")
            .file("run:\\xff/a\\x5cx5cb.xml", "")
            .file("run:plain.xml", "");
        let run = |pattern| found(&workspace, Base::Run, pattern);
        assert_eq!(run("**/*.xml"), ["\\xff/a\\x5cx5cb.xml", "plain.xml", "shots/a\\x09b.xml"]);
        assert_eq!(run("shots/*"), ["shots/a\\x09b.xml", "shots/a\\x5cb.png"]);
        assert_eq!(run("shots/a\\x5cb.png"), ["shots/a\\x5cb.png"]);
        assert_eq!(run("\\xff/*"), ["\\xff/a\\x5cx5cb.xml"]);
    }

    #[test]
    fn what_matches_and_is_no_file_is_not_skipped() {
        let workspace = memory().irregular("repo:tests/pipe.rs", "it is a pipe");
        let mut locator = Locator::new(&workspace, &Limits::default());
        let gaps = locator.files(Base::Repo, "tests/*.rs", true).expect_err("a pipe");
        assert_eq!((gaps.len(), gaps[0].kind, gaps[0].at.path.as_str()), (1, GapKind::Unreadable, "tests/pipe.rs"));
        let files = locator.files(Base::Repo, "tests/*.rs", false).expect("opened later");
        assert_eq!(files.len(), 4);
        let gaps = locator.files(Base::Repo, "top.rs/*.rs", true).expect_err("no directory");
        assert_eq!(gaps[0].kind, GapKind::Unreadable);
        for unsafe_pattern in ["../*", "/etc/*", "", "a\\*"] {
            assert!(locator.files(Base::Repo, unsafe_pattern, true).is_err(), "{unsafe_pattern}");
        }
    }

    #[test]
    fn looking_has_a_limit() {
        let workspace = memory();
        let limits = Limits { files_max: 5, ..Limits::default() };
        let mut locator = Locator::new(&workspace, &limits);
        // Five entries in `tests`; seeing them again costs nothing.
        assert!(locator.files(Base::Repo, "tests/*.rs", true).is_ok());
        assert!(locator.files(Base::Repo, "tests/*.txt", true).is_ok());
        let gaps = locator.files(Base::Repo, "top.rs", false).expect_err("one too many");
        assert_eq!(gaps[0].kind, GapKind::OverLimit);
        let deep = (0..70).map(|_| "d/").collect::<String>() + "f";
        let workspace = Memory::at(Instant::UNIX_EPOCH).file(&format!("repo:{deep}"), "");
        let gaps = Locator::new(&workspace, &Limits::default()).files(Base::Repo, "**/f", true).expect_err("too deep");
        assert_eq!(gaps[0].kind, GapKind::OverLimit);
    }
}
