//! Histories in which a change tries to go unseen: taken back, brought by a merge, hidden by clocks, grafts or a cut.

#![expect(clippy::disallowed_methods, reason = "grafts and cuts are files of a git directory")]

use super::*;
use git2::{IndexEntry, IndexTime, Signature, Time};

struct Place {
    repository: Repository,
    _keep: tempfile::TempDir,
}

type Files<'a> = &'a [(&'a str, &'a str)];

/// What the earlier commit holds.
const BASE: Files<'static> = &[("src/lib.rs", "one"), ("docs/e.json", "{}")];

fn place() -> Place {
    let keep = tempfile::tempdir().expect("a temporary directory");
    Place { repository: Repository::init_bare(keep.path()).expect("made"), _keep: keep }
}

impl Place {
    /// A commit of exactly these files; a path that begins with `+` is executable.
    fn commit(&self, seconds: i64, parents: &[Oid], files: Files<'_>) -> Oid {
        let mut index = self.repository.index().expect("an index");
        index.clear().expect("cleared");
        for (path, text) in files {
            let (mode, path) = path.strip_prefix('+').map_or((0o100_644, *path), |path| (0o100_755, path));
            let id = self.repository.blob(text.as_bytes()).expect("a blob");
            let zero = IndexTime::new(0, 0);
            let entry = IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode,
                uid: 0,
                gid: 0,
                file_size: 0,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            };
            index.add(&entry).expect("added");
        }
        let tree = self.repository.find_tree(index.write_tree().expect("a tree")).expect("found");
        let who = Signature::new("a", "a@example.org", &Time::new(seconds, 0)).expect("sound");
        let parents: Vec<_> = parents.iter().map(|id| self.repository.find_commit(*id).expect("a commit")).collect();
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        self.repository.commit(None, &who, &who, "m", &tree, &parents).expect("committed")
    }

    /// The paths that changed between two commits.
    fn changed(&self, earlier: Oid, head: Oid) -> Vec<String> {
        match since(&self.repository, head, earlier).expect("told") {
            Since::Changes(changes) => changes.into_iter().map(|change| change.path).collect(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_change_that_is_taken_back_is_found_with_its_commit() {
    let place = place();
    let earlier = place.commit(1, &[], BASE);
    assert_eq!(place.changed(earlier, earlier), Vec::<String>::new());
    let evidence = place.commit(2, &[earlier], &[("src/lib.rs", "one"), ("docs/e.json", "{1}")]);
    assert_eq!(place.changed(earlier, evidence), ["docs/e.json"]);
    let changed = place.commit(3, &[evidence], &[("src/lib.rs", "two"), ("docs/e.json", "{1}")]);
    let back = place.commit(4, &[changed], &[("src/lib.rs", "one"), ("docs/e.json", "{1}")]);
    assert_eq!(place.changed(earlier, back), ["docs/e.json", "src/lib.rs"]);
    let Since::Changes(changes) = since(&place.repository, back, earlier).expect("told") else { panic!("not before") };
    assert_eq!(changes[1].commit, changed.to_string());
}

#[test]
fn modes_kinds_and_directories_count() {
    let place = place();
    let earlier = place.commit(1, &[], BASE);
    let told = |files: Files<'_>| place.changed(earlier, place.commit(2, &[earlier], files));
    assert_eq!(told(&[("+src/lib.rs", "one"), ("docs/e.json", "{}")]), ["src/lib.rs"]);
    assert_eq!(told(&[("src/lib.rs/mod.rs", "one"), ("docs/e.json", "{}")]), ["src/lib.rs", "src/lib.rs/mod.rs"]);
    assert_eq!(told(&[("src/moved.rs", "one"), ("docs/e.json", "{}")]), ["src/lib.rs", "src/moved.rs"]);
    assert_eq!(told(&[("docs/e.json", "{}")]), ["src/lib.rs"]);
    assert_eq!(told(BASE), Vec::<String>::new());
}

#[test]
fn merges_bring_nothing_unseen() {
    let place = place();
    let root = place.commit(1, &[], &[("src/lib.rs", "zero"), ("docs/e.json", "{}")]);
    let earlier = place.commit(2, &[root], BASE);
    let with = |seconds, parents: &[Oid], lib: &str, evidence: &str| {
        place.commit(seconds, parents, &[("src/lib.rs", lib), ("docs/e.json", evidence)])
    };
    // A branch off the earlier commit, whose change the merge throws away.
    let side = with(3, &[earlier], "two", "{}");
    assert_eq!(place.changed(earlier, with(4, &[earlier, side], "one", "{}")), ["src/lib.rs"]);
    // A merge that changes what neither parent did.
    let docs = with(3, &[earlier], "one", "{1}");
    assert_eq!(place.changed(earlier, with(4, &[earlier, docs], "evil", "{1}")), ["docs/e.json", "src/lib.rs"]);
    // A branch from before the earlier commit: its own commits count, not that it lacks what came later.
    let old_docs = with(3, &[root], "zero", "{1}");
    assert_eq!(place.changed(earlier, with(4, &[earlier, old_docs], "one", "{1}")), ["docs/e.json"]);
    assert_eq!(place.changed(earlier, with(4, &[old_docs, earlier], "one", "{1}")), ["docs/e.json"]);
    // The merge takes that branch's sources: the earlier commit's are gone.
    assert_eq!(place.changed(earlier, with(4, &[old_docs, earlier], "zero", "{1}")), ["docs/e.json", "src/lib.rs"]);
    // The branch changed a source and took it back.
    let back = with(5, &[with(4, &[root], "three", "{}")], "zero", "{}");
    assert_eq!(place.changed(earlier, with(6, &[earlier, back], "one", "{}")), ["src/lib.rs"]);
    // Another history altogether.
    let alien = place.commit(3, &[], &[("tools/x", "x")]);
    let merged = place.commit(4, &[earlier, alien], BASE);
    assert_eq!(place.changed(earlier, merged), ["tools/x"]);
}

#[test]
fn clocks_do_not_hide_commits() {
    let place = place();
    for times in [[5, 5, 5, 5], [9, 1, 9, 1], [9, 7, 5, 3]] {
        let [a, b, c, d] = times;
        let root = place.commit(a, &[], &[("docs/e.json", "0")]);
        let earlier = place.commit(b, &[root], BASE);
        let changed = place.commit(c, &[earlier], &[("src/lib.rs", "two"), ("docs/e.json", "{}")]);
        let head = place.commit(d, &[changed], BASE);
        assert_eq!(place.changed(earlier, head), ["src/lib.rs"], "{times:?}");
        assert_eq!(since(&place.repository, earlier, head), Ok(Since::NotBefore), "{times:?}");
    }
}

#[test]
fn what_is_not_before_is_told_apart() {
    let place = place();
    let earlier = place.commit(1, &[], BASE);
    let head = place.commit(2, &[earlier], BASE);
    let aside = place.commit(2, &[earlier], &[("src/lib.rs", "aside")]);
    let told = |commit: Oid| since(&place.repository, head, commit);
    assert_eq!(told(aside), Ok(Since::NotBefore));
    assert_eq!(told(place.commit(3, &[head], BASE)), Ok(Since::NotBefore));
    assert_eq!(told(Oid::from_str(&"7".repeat(40)).expect("an id")), Ok(Since::Unknown));
    // A tree or a file is no commit.
    let tree = place.repository.find_commit(head).expect("a commit").tree_id();
    assert_eq!(told(tree), Ok(Since::Unknown));
}

#[test]
fn a_cut_and_a_graft_hide_nothing() {
    let place = place();
    let earlier = place.commit(1, &[], BASE);
    let changed = place.commit(2, &[earlier], &[("src/lib.rs", "two"), ("docs/e.json", "{}")]);
    let head = place.commit(3, &[changed], BASE);
    let info = place.repository.path().join("info");
    std::fs::create_dir_all(&info).expect("made");
    std::fs::write(info.join("grafts"), format!("{head} {earlier}\n")).expect("written");
    let again = Repository::open_bare(place.repository.path()).expect("opened");
    let told = since(&again, head, earlier).expect("told");
    assert!(matches!(told, Since::Changes(changes) if changes.len() == 1));
    std::fs::remove_file(info.join("grafts")).expect("removed");
    // A shallow clone: the boundary's parent is not there.
    let hex = changed.to_string();
    let object = place.repository.path().join("objects").join(&hex[..2]).join(&hex[2..]);
    std::fs::remove_file(object).expect("removed");
    std::fs::write(place.repository.path().join("shallow"), format!("{head}\n")).expect("written");
    let shallow = Repository::open_bare(place.repository.path()).expect("opened");
    assert_eq!(since(&shallow, head, earlier), Ok(Since::CutOff(Some(head.to_string()))));
    let never = Oid::from_str(&"7".repeat(40)).expect("an id");
    assert_eq!(since(&shallow, head, never), Ok(Since::CutOff(None)));
}
