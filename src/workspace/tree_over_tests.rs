//! A tree in memory against the same files on a disk.

#![expect(clippy::disallowed_methods, reason = "these tests build the trees that the disk is read from")]

use super::*;
use crate::workspace::Disk;
use std::io::Read;

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).expect("sound")
}

const FILES: [&str; 5] = ["a.json", "runs/one/b.json", "runs/one/deep/c.json", "runs/one.txt", "runs/zero/b.json"];

fn files() -> BTreeMap<RelPath, Arc<[u8]>> {
    FILES.iter().map(|path| (rel(path), Arc::from(path.as_bytes()))).collect()
}

fn bare() -> BTreeSet<RelPath> {
    [rel("runs/one/empty")].into()
}

fn over(look: impl FnOnce(&TreeOver<'_>, &Disk)) {
    let root = tempfile::tempdir().expect("a directory");
    for path in FILES {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in one")).expect("made");
        std::fs::write(&path, path.strip_prefix(root.path()).expect("below").to_str().expect("text")).expect("written");
    }
    std::fs::create_dir_all(root.path().join("runs/one/empty")).expect("made");
    let disk = Disk::new(root.path(), Some(&root.path().join("runs/one")), None, None).expect("opened");
    let (files, bare) = (files(), bare());
    look(&TreeOver::new(&disk, &files, &bare, Some(&rel("runs/one")), disk.now()).expect("sound"), &disk);
}

fn bytes(workspace: &dyn Workspace, base: Base, path: &str) -> Result<Vec<u8>, Denied> {
    let mut opened = workspace.open(base, &rel(path))?;
    let mut bytes = Vec::new();
    opened.reader.read_to_end(&mut bytes).expect("it can be read");
    Ok(bytes)
}

#[test]
fn it_answers_as_a_disk_does() {
    let paths =
        ["a.json", "b.json", "deep/c.json", "deep", "empty", "empty/x", "b.json/x", "none", "none/x", "runs", "runs/one"];
    over(|tree, disk| {
        let mut asked = 0;
        for sibling in ["one", "one.txt", "none", "zero/", "zero"] {
            assert_eq!(tree.attach_baseline(sibling), disk.attach_baseline(sibling), "{sibling}");
            for base in [Base::Repo, Base::Run, Base::Baseline, Base::History] {
                assert_eq!(tree.list(base, None), disk.list(base, None), "{base:?}");
                for path in paths {
                    let at = format!("{base:?} {path}");
                    assert_eq!(bytes(tree, base, path), bytes(disk, base, path), "{at}");
                    assert_eq!(tree.list(base, Some(&rel(path))), disk.list(base, Some(&rel(path))), "{at}");
                    assert_eq!(tree.shown(base, &rel(path)), disk.shown(base, &rel(path)), "{at}");
                    asked += 1;
                }
            }
        }
        assert_eq!((tree.run(), tree.run_name()), (disk.run(), disk.run_name()));
        assert_eq!(asked, 5 * 4 * paths.len());
    });
}

#[test]
fn what_no_disk_could_hold_so_is_refused() {
    let memory = crate::workspace::Memory::at(Instant::UNIX_EPOCH);
    let tree = |more: &str, bare: &BTreeSet<RelPath>, run: &str| {
        let mut files = files();
        files.insert(rel(more), Arc::from(*b""));
        TreeOver::new(&memory, &files, bare, Some(&rel(run)), Instant::UNIX_EPOCH).is_some()
    };
    assert!(tree("x", &bare(), "runs/one"));
    assert!(!tree("a.json/x", &bare(), "runs/one"));
    assert!(!tree("a\\x09.json", &bare(), "runs/one"));
    assert!(!tree("x", &[rel("a.json")].into(), "runs/one"));
    assert!(!tree("x", &bare(), "runs/none"));
    assert!(!tree("x", &bare(), "a.json"));
}

#[test]
fn another_tree_is_the_same_as_far_as_it_was_asked() {
    let memory = crate::workspace::Memory::at(Instant::UNIX_EPOCH);
    let (before, bare) = (files(), bare());
    let recorded = TreeOver::new(&memory, &before, &bare, None, Instant::UNIX_EPOCH).expect("sound").recording();
    let _ = (recorded.open(Base::Repo, &rel("a.json")), recorded.open(Base::Repo, &rel("none")));
    assert!(recorded.list(Base::Repo, Some(&rel("runs/one"))).is_ok());
    let asked = recorded.asked();
    let after = |path: &str, text: &str| {
        let mut files = before.clone();
        files.insert(rel(path), Arc::from(text.as_bytes()));
        asked.same(&TreeOver::new(&memory, &files, &bare, None, Instant::UNIX_EPOCH).expect("sound"))
    };
    assert!(after("runs/one/b.json", "other") && after("runs/zero/new", "") && after("a.json", "a.json"));
    assert!(!after("a.json", "other") && !after("none", "") && !after("runs/one/new", ""));
}
