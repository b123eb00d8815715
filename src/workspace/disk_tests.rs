//! The disk against real directories: what is opened, what is refused, and what git says.

use super::*;
use crate::model::Digest;
use crate::workspace::InGit;
use std::io::Read;
use std::process::Command;

struct Place {
    _keep: tempfile::TempDir,
    root: PathBuf,
    run: PathBuf,
}

/// A repository with a run below it, and a secret beside both.
fn place() -> Place {
    let keep = tempfile::tempdir().expect("a temporary directory");
    let root = keep.path().join("repo");
    let run = root.join("results/one");
    std::fs::create_dir_all(run.join("unit")).expect("made");
    std::fs::create_dir_all(keep.path().join("elsewhere")).expect("made");
    std::fs::write(keep.path().join("elsewhere/secret"), "s").expect("written");
    std::fs::write(run.join("a.json"), "{}").expect("written");
    std::fs::write(run.join("empty"), "").expect("written");
    Place { root, run, _keep: keep }
}

fn disk(place: &Place) -> Disk {
    Disk::new(&place.root, Some(&place.run), None, None).expect("opened")
}

fn rel(text: &str) -> RelPath {
    RelPath::parse(text).expect("sound")
}

fn read(disk: &Disk, base: Base, path: &str) -> Result<(u64, Vec<u8>), Denied> {
    let mut opened = disk.open(base, &rel(path))?;
    let mut bytes = Vec::new();
    opened.reader.read_to_end(&mut bytes).expect("readable");
    Ok((opened.size, bytes))
}

#[test]
fn regular_files_open_and_others_do_not() {
    let place = place();
    let disk = disk(&place);
    assert_eq!(read(&disk, Base::Run, "a.json"), Ok((2, b"{}".to_vec())));
    assert_eq!(read(&disk, Base::Repo, "results/one/a.json"), Ok((2, b"{}".to_vec())));
    assert_eq!(read(&disk, Base::Run, "empty"), Ok((0, Vec::new())));
    assert_eq!(read(&disk, Base::Run, "none"), Err(Denied::Missing));
    assert_eq!(read(&disk, Base::Run, "a.json/below"), Err(Denied::Missing));
    assert_eq!(read(&disk, Base::Baseline, "a.json"), Err(Denied::Missing));
    assert_eq!(read(&disk, Base::Run, "unit"), Err(Denied::Irregular("it is a directory".to_owned())));
    assert!(matches!(read(&disk, Base::Run, &"n".repeat(300)), Err(Denied::Refused(_))));
    assert!(RelPath::parse("../elsewhere/secret").is_err());
}

#[cfg(unix)]
#[test]
fn links_may_not_leave() {
    use std::os::unix::fs::symlink;
    let place = place();
    let out = place.root.parent().expect("above").join("elsewhere");
    symlink("a.json", place.run.join("inside")).expect("linked");
    symlink("../../../elsewhere/secret", place.run.join("out")).expect("linked");
    symlink(out.join("secret"), place.run.join("absolute")).expect("linked");
    symlink(&out, place.run.join("dir-out")).expect("linked");
    symlink("nowhere", place.run.join("broken")).expect("linked");
    symlink("circle", place.run.join("circle")).expect("linked");
    let disk = disk(&place);
    assert_eq!(read(&disk, Base::Run, "inside"), Ok((2, b"{}".to_vec())));
    let mut refused = 0;
    for path in ["out", "absolute", "dir-out/secret", "broken"] {
        assert!(matches!(read(&disk, Base::Run, path), Err(Denied::Irregular(_))), "{path}");
        refused += 1;
    }
    assert_eq!(refused, 4);
    assert!(matches!(read(&disk, Base::Run, "circle"), Err(Denied::Refused(_) | Denied::Irregular(_))));
    assert!(matches!(disk.list(Base::Run, Some(&rel("dir-out"))), Err(Denied::Irregular(_))));
    let kinds: Vec<(String, EntryKind)> =
        disk.list(Base::Run, None).expect("listed").into_iter().map(|entry| (entry.name, entry.kind)).collect();
    let expected = [
        ("a.json", EntryKind::File),
        ("absolute", EntryKind::Other),
        ("broken", EntryKind::Other),
        ("circle", EntryKind::Other),
        ("dir-out", EntryKind::Other),
        ("empty", EntryKind::File),
        ("inside", EntryKind::File),
        ("out", EntryKind::Other),
        ("unit", EntryKind::Directory),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_refused_at_once() {
    let place = place();
    let made = Command::new("mkfifo").arg(place.run.join("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(place.run.join("socket")).expect("bound");
    let disk = disk(&place);
    let started = std::time::Instant::now();
    for path in ["pipe", "socket"] {
        assert!(
            matches!(read(&disk, Base::Run, path), Err(Denied::Irregular(phrase)) if phrase.contains("pipe")),
            "{path}"
        );
    }
    assert!(matches!(disk.read_named(&place.run.join("pipe")), Err(Denied::Irregular(_))));
    assert!(started.elapsed().as_secs() < 5);
}

#[cfg(unix)]
#[test]
fn what_the_system_refuses_is_not_missing() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let path = place.run.join("a.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("changed");
    // A privileged user reads it all the same.
    let privileged = std::fs::read(&path).is_ok();
    let opened = read(&disk(&place), Base::Run, "a.json");
    assert_eq!(matches!(opened, Err(Denied::Refused(_))), !privileged, "{opened:?}");
    assert_eq!(opened.is_ok(), privileged);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_any_name_is_listed_and_read_under_the_name_that_is_listed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let place = place();
    let odd: [(&[u8], &str); 5] = [
        (b"b\tc", "b\\x09c"),
        (b"b\\..\\d", "b\\x5c..\\x5cd"),
        (b"b\\xffd", "b\\x5cxffd"),
        (b"b\xffd", "b\\xffd"),
        (b"c\n::error::x", "c\\x0a::error::x"),
    ];
    let below = place.run.join(OsStr::from_bytes(b"dir\xff"));
    std::fs::create_dir(&below).expect("made");
    for (bytes, text) in odd {
        std::fs::write(below.join(OsStr::from_bytes(bytes)), text).expect("written");
    }
    let disk = disk(&place);
    let above = disk.list(Base::Run, None).expect("listed");
    assert!(above.contains(&Listed { name: "dir\\xff".to_owned(), kind: EntryKind::Directory }), "{above:?}");
    let listed = disk.list(Base::Run, Some(&rel("dir\\xff"))).expect("listed");
    let expected: Vec<Listed> =
        odd.iter().map(|(_, text)| Listed { name: (*text).to_owned(), kind: EntryKind::File }).collect();
    assert_eq!(listed, expected);
    for (_, text) in odd {
        let bytes = read(&disk, Base::Run, &format!("dir\\xff/{text}")).map(|(_, bytes)| bytes);
        assert_eq!(bytes, Ok(text.as_bytes().to_vec()));
    }
}

#[test]
fn paths_are_shown_from_the_repository() {
    let place = place();
    let elsewhere = place.root.parent().expect("above").join("elsewhere");
    assert_eq!(disk(&place).shown(Base::Run, &rel("a.json")), "results/one/a.json");
    assert_eq!(disk(&place).run().as_deref(), Some("results/one"));
    let outside = Disk::new(&place.root, Some(&elsewhere), Some(&place.run), None).expect("opened");
    assert_eq!(outside.shown(Base::Run, &rel("secret")), "run:secret");
    assert_eq!(outside.shown(Base::Baseline, &rel("a.json")), "results/one/a.json");
    let same = Disk::new(&place.run, Some(&place.run), None, None).expect("opened");
    assert_eq!((same.shown(Base::Run, &rel("a")), same.run()), ("a".to_owned(), Some(".".to_owned())));
    assert!(Disk::new(&place.root.join("none"), None, None, None).is_err_and(|phrase| phrase.contains("repository")));
}

#[test]
fn baselines_lie_beside_the_run() {
    let place = place();
    let older = place.root.join("results/zero");
    std::fs::create_dir(&older).expect("made");
    std::fs::write(older.join("b"), "b").expect("written");
    let disk = disk(&place);
    let mut refused = 0;
    for bad in ["", ".", "..", "../elsewhere", "zero/", "a/b", "none", "one"] {
        assert!(disk.attach_baseline(bad).is_err(), "{bad}");
        refused += 1;
    }
    assert_eq!(refused, 8);
    assert_eq!(disk.attach_baseline("zero"), Ok(()));
    assert_eq!(read(&disk, Base::Baseline, "b"), Ok((1, b"b".to_vec())));
    assert_eq!(disk.shown(Base::Baseline, &rel("b")), "results/zero/b");
    let named = Disk::new(&place.root, Some(&place.run), Some(&place.run), None).expect("opened");
    assert_eq!(named.attach_baseline("zero"), Ok(()));
    assert_eq!(read(&named, Base::Baseline, "b"), Err(Denied::Missing));
}

#[test]
fn publishing_replaces_whole_files() {
    let place = place();
    let disk = disk(&place);
    let target = place.root.join("out/deep/verdict.json");
    disk.publish(&target, b"first").expect("published");
    disk.publish(&target, b"second").expect("published");
    assert_eq!(disk.read_named(&target), Ok(b"second".to_vec()));
    assert_eq!(std::fs::read_dir(target.parent().expect("above")).expect("listed").count(), 1);
    assert!(matches!(disk.read_named(&place.root), Err(Denied::Irregular(_))));
    assert_eq!(disk.read_named(&place.root.join("none")), Err(Denied::Missing));
}

/// Commits what is in the index of a new or existing repository.
fn commit(repository: &git2::Repository, files: &[(&str, &str)]) -> String {
    let top = repository.workdir().expect("a work tree");
    let mut index = repository.index().expect("an index");
    for (path, text) in files {
        std::fs::create_dir_all(top.join(path).parent().expect("above")).expect("made");
        std::fs::write(top.join(path), text).expect("written");
        index.add_path(Path::new(path)).expect("added");
    }
    index.write().expect("written");
    let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("found");
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(0, 0)).expect("sound");
    let parents: Vec<git2::Commit<'_>> = repository.head().ok().and_then(|h| h.peel_to_commit().ok()).into_iter().collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, "m", &tree, &parents).expect("committed").to_string()
}

#[test]
fn git_tells_commit_index_and_versions() {
    let place = place();
    let repository = git2::Repository::init(&place.root).expect("made");
    let disk = disk(&place);
    assert_eq!(disk.git().expect("opened").head(), Err("the repository has no commit yet".to_owned()));
    commit(&repository, &[("d/f", "one")]);
    commit(&repository, &[("other", "x")]);
    commit(&repository, &[("d/f", "two")]);
    let head = commit(&repository, &[("d/f", "one")]);
    let git = disk.git().expect("opened");
    assert_eq!(git.head(), Ok(head));
    let told = |path: &str, max| -> Result<Vec<Option<Vec<u8>>>, String> {
        let revisions = git.revisions(&[rel(path)], max)?;
        Ok(revisions.iter().map(|revision| revision.files[0].as_deref().map(<[u8]>::to_vec)).collect())
    };
    assert_eq!(told("d/f", 3), Ok(vec![Some(b"one".to_vec()), Some(b"two".to_vec()), Some(b"one".to_vec())]));
    assert!(told("d/f", 2).is_err_and(|phrase| phrase.contains("more than 2")));
    assert_eq!(told("never", 3), Ok(vec![None]));
    assert!(told("d", 3).is_err_and(|phrase| phrase.contains("no regular file")));
    let stretches = git.stretches(&rel("d/f"), 3).expect("told");
    let told: Vec<(Option<&[u8]>, usize)> =
        stretches.iter().map(|stretch| (stretch.bytes.as_deref(), stretch.commits.len())).collect();
    assert_eq!(told, [(Some(b"one".as_slice()), 2), (Some(b"two".as_slice()), 1), (Some(b"one".as_slice()), 1)]);
    assert!(git.stretches(&rel("d/f"), 2).is_err_and(|phrase| phrase.contains("more than 2")));
    let never = git.stretches(&rel("never"), 1).expect("told");
    assert_eq!(never.iter().map(|stretch| (stretch.bytes.clone(), stretch.commits.len())).collect::<Vec<_>>(), [(None, 4)]);
    let one = Some(Digest::of(b"one"));
    assert_eq!(git.file(&rel("d/f")), Ok(InGit { head: one, index: one }));
    std::fs::write(place.root.join("d/f"), "staged").expect("written");
    let mut index = repository.index().expect("an index");
    index.add_path(Path::new("d/f")).expect("added");
    index.write().expect("written");
    std::fs::write(place.root.join("d/f"), "work tree").expect("written");
    assert_eq!(git.file(&rel("d/f")), Ok(InGit { head: one, index: Some(Digest::of(b"staged")) }));
    assert_eq!(git.file(&rel("never")), Ok(InGit { head: None, index: None }));
}

#[test]
fn history_that_is_cut_off_is_not_counted() {
    let place = place();
    let repository = git2::Repository::init(&place.root).expect("made");
    commit(&repository, &[("f", "one")]);
    let head = commit(&repository, &[("f", "two")]);
    std::fs::write(place.root.join(".git/shallow"), format!("{head}\n")).expect("written");
    let disk = disk(&place);
    let git = disk.git().expect("opened");
    assert!(git.revisions(&[rel("f")], 10).is_err_and(|phrase| phrase.contains("shallow")));
    assert!(git.stretches(&rel("f"), 10).is_err_and(|phrase| phrase.contains("shallow")));
    assert_eq!(git.head(), Ok(head));
}

#[test]
fn history_is_that_of_every_parent() {
    let place = place();
    let repository = git2::Repository::init(&place.root).expect("made");
    commit(&repository, &[("f", "old"), ("g", "x")]);
    let base = repository.head().and_then(|head| head.peel_to_commit()).expect("a commit");
    repository.branch("side", &base, false).expect("made");
    commit(&repository, &[("f", "main 1")]);
    commit(&repository, &[("f", "main 2")]);
    let main = repository.head().and_then(|head| head.peel_to_commit()).expect("a commit");
    repository.set_head("refs/heads/side").expect("set");
    repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force())).expect("checked out");
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(0, 0)).expect("sound");
    let tree = main.tree().expect("a tree");
    repository.commit(Some("HEAD"), &who, &who, "merge", &tree, &[&base, &main]).expect("committed");
    let disk = disk(&place);
    let git = disk.git().expect("opened");
    let told = git.revisions(&[rel("f"), rel("g")], 9).expect("told");
    let text =
        |bytes: &Option<std::sync::Arc<[u8]>>| String::from_utf8_lossy(bytes.as_deref().expect("there")).into_owned();
    let shown: Vec<(String, Vec<usize>)> =
        told.iter().map(|revision| (text(&revision.files[0]), revision.parents.clone())).collect();
    let expected = [("old", vec![]), ("main 1", vec![0]), ("main 2", vec![1]), ("main 2", vec![0, 2])];
    assert_eq!(shown, expected.map(|(text, parents)| (text.to_owned(), parents)));
    assert_eq!(git.stretches(&rel("f"), 9).expect("told").len(), 2, "the first parents alone do not know");
}

#[test]
fn a_directory_that_its_commit_has_knows_its_history() {
    let place = place();
    let repository = git2::Repository::init(&place.root).expect("made");
    commit(&repository, &[("services/orders/f", "one"), ("f", "top")]);
    let head = commit(&repository, &[("services/orders/f", "two"), ("services/other", "x")]);
    let sub = std::fs::canonicalize(place.root.join("services/orders")).expect("there");
    let disk = Disk::new(&sub, None, None, None).expect("opened");
    let git = disk.git().expect("a directory of the commit");
    assert_eq!(git.head(), Ok(head));
    let told = git.revisions(&[rel("f")], 9).expect("told");
    assert_eq!(told.iter().map(|one| one.files[0].as_deref()).collect::<Vec<_>>(), [Some(&b"one"[..]), Some(&b"two"[..])]);
    assert_eq!(git.file(&rel("f")).expect("told").head, Some(Digest::of(b"two")));
    let first = git.stretches(&rel("f"), 9).expect("told")[0].commits[0].0.clone();
    let crate::workspace::Since::Changes(changes) = git.since(&first).expect("told") else { panic!("it comes before") };
    assert_eq!(changes.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["f", "../../services/other"]);
    let commit = disk.commit("HEAD").expect("a commit");
    assert!(commit.open(Base::Repo, &rel("f")).is_ok_and(|opened| opened.size == 3));
    let outside = place.root.join("services/new");
    std::fs::create_dir_all(&outside).expect("made");
    let disk = Disk::new(&outside, None, None, None).expect("opened");
    assert!(disk.git().is_err_and(|phrase| phrase.contains("nor a directory that its commit has")));
}

#[test]
fn only_the_top_of_a_work_tree_has_git() {
    let place = place();
    let repository = git2::Repository::init(&place.root).expect("made");
    let head = commit(&repository, &[("f", "one")]);
    let inner = Disk::new(&place.run, None, None, None).expect("opened");
    assert!(inner.git().is_err_and(|phrase| phrase.contains("not the top")));
    std::fs::rename(place.root.join(".git"), place.root.join("stored")).expect("moved");
    let disk = disk(&place);
    assert!(disk.git().is_err());
    let mut refused = 0;
    for bad in ["results", "none", "f"] {
        assert!(disk.attach_git(&rel(bad)).is_err(), "{bad}");
        refused += 1;
    }
    assert_eq!(refused, 3);
    assert_eq!(disk.attach_git(&rel("stored")), Ok(()));
    let git = disk.git().expect("opened");
    let one = Some(Digest::of(b"one"));
    assert_eq!((git.head(), git.file(&rel("f"))), (Ok(head), Ok(InGit { head: one, index: one })));
}

#[test]
fn earlier_runs_keep_their_names_apart_and_leave_the_run_out() {
    let place = place();
    let elsewhere = place.root.parent().expect("above").join("elsewhere/zero");
    for (directory, text) in [(place.root.join("results/zero"), "near"), (elsewhere.clone(), "far")] {
        std::fs::create_dir_all(directory.join("unit")).expect("made");
        std::fs::write(directory.join("unit/a.json"), text).expect("written");
    }
    let given = [place.root.join("results/*"), elsewhere.clone(), place.root.join("results/zero")];
    let (history, own) = disk(&place).with_history(&given).expect("opened");
    assert_eq!(own, std::slice::from_ref(&place.run));
    assert_eq!(history.history(), ["elsewhere+zero", "results+zero"]);
    let names: Vec<String> = history.list(Base::History, None).expect("listed").into_iter().map(|one| one.name).collect();
    assert_eq!(names, history.history());
    assert_eq!(history.list(Base::History, Some(&rel("results+zero"))).expect("listed").len(), 1);
    assert_eq!(read(&history, Base::History, "results+zero/unit/a.json"), Ok((4, b"near".to_vec())));
    assert_eq!(read(&history, Base::History, "elsewhere+zero/unit/a.json"), Ok((3, b"far".to_vec())));
    assert_eq!(history.shown(Base::History, &rel("results+zero/unit/a.json")), "results/zero/unit/a.json");
    assert_eq!(history.shown(Base::History, &rel("elsewhere+zero/a")), "history:elsewhere+zero/a");
    let mut denied = 0;
    for path in ["zero/unit/a.json", "one/a.json", "results+zero/none"] {
        assert_eq!(read(&history, Base::History, path), Err(Denied::Missing), "{path}");
        denied += 1;
    }
    assert_eq!(denied, 3);
    assert!(matches!(read(&history, Base::History, "results+zero"), Err(Denied::Irregular(_))));
    // One name is enough where there is one directory, and the directory that is not there is told.
    let (one, own) = disk(&place).with_history(std::slice::from_ref(&elsewhere)).expect("opened");
    assert_eq!((one.history(), own.len()), (vec!["zero".to_owned()], 0));
    let missing = disk(&place).with_history(&[place.root.join("gone")]).err().expect("nothing there");
    assert!(missing.contains("gone` cannot be opened"), "{missing}");
}

#[test]
fn shards_are_directories_of_one_run() {
    let place = place();
    let at = |path: &str| place.root.join("results").join(path);
    for (path, text) in
        [("l/ts/a", "left"), ("r/ts/a", "right"), ("zero/a", "before"), ("l/zero/a", "x"), ("r/zero/a", "y")]
    {
        std::fs::create_dir_all(at(path).parent().expect("above")).expect("made");
        std::fs::write(at(path), text).expect("written");
    }
    let shards = |given: &[PathBuf]| Disk::new(&place.root, None, None, None).expect("opened").with_shards(given);
    let disk = shards(&[at("r/ts"), at("l/ts"), at("gone/ts"), at("r/../r/ts")]).expect("opened");
    let told = disk.shards();
    assert_eq!(told, ["gone", "l", "r"].map(|above| (format!("results/{above}/ts"), "ts".to_owned())));
    assert_eq!((disk.run(), disk.run_name()), (Some("results".to_owned()), None));
    assert_eq!(read(&disk, Base::Shard(1), "a"), Ok((4, b"left".to_vec())));
    assert_eq!(read(&disk, Base::Shard(2), "a"), Ok((5, b"right".to_vec())));
    let mut denied = 0;
    for base in [Base::Shard(0), Base::Shard(3), Base::Run] {
        assert_eq!(read(&disk, base, "a"), Err(Denied::Missing), "{base:?}");
        denied += 1;
    }
    assert_eq!(denied, 3);
    assert_eq!(disk.shown(Base::Shard(0), &rel("a")), "results/gone/ts/a");
    // A shard is no earlier run of itself.
    let (_, own) = shards(&[at("l/ts")]).expect("opened").with_history(&[at("l/*")]).expect("opened");
    assert_eq!(own, [at("l/ts")]);
    // The baseline lies beside one shard, and not beside two.
    assert!(disk.attach_baseline("zero").is_err_and(|phrase| phrase.contains("more than one")));
    assert!(disk.attach_baseline("ts").is_err_and(|phrase| phrase.contains("more than one")));
    let one = shards(&[at("l/ts")]).expect("opened");
    assert_eq!(one.attach_baseline("zero"), Ok(()));
    assert_eq!(read(&one, Base::Baseline, "a"), Ok((1, b"x".to_vec())));
    assert!(one.attach_baseline("ts").is_err_and(|phrase| phrase.contains("the run itself")));
    assert!(shards(&[at("l/ts/a")]).is_err_and(|phrase| phrase.contains("cannot be opened")));
}
