//! What lies where outputs go, and what is put there.

use super::*;

struct Place {
    home: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        for directory in ["base", "elsewhere"] {
            std::fs::create_dir(home.path().join(directory)).expect("made");
        }
        Self { home }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    fn beneath(&self, path: &str) -> io::Result<Outlet> {
        let base = Dir::open_ambient_dir(self.at("base"), ambient_authority()).expect("opened");
        Outlet::beneath(&base, Path::new(path), self.at("base").join(path))
    }

    fn text(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.at(path)).ok()
    }
}

#[test]
fn files_are_put_whole_and_nothing_else_is_left() {
    let place = Place::new();
    let outlet = place.beneath("a/b").expect("made");
    for text in ["first", "second"] {
        outlet.put(Path::new("f"), text.as_bytes()).expect("put");
        assert_eq!(place.text("base/a/b/f").as_deref(), Some(text));
    }
    assert!(outlet.holds(Path::new("f")) && !outlet.holds(Path::new("g")));
    assert_eq!(std::fs::read_dir(place.at("base/a/b")).expect("listed").count(), 1);
    std::fs::create_dir(place.at("base/a/b/g")).expect("made");
    assert!(outlet.put(Path::new("g"), b"x").is_err());
    assert_eq!(std::fs::read_dir(place.at("base/a/b")).expect("listed").count(), 2, "what could not be put is taken away");
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_a_base_or_to_another_place_in_it() {
    use std::os::unix::fs::symlink;
    // Where a link lies, and where it leads.
    let rows = [
        ("build", "../elsewhere", "build/verdict"),
        ("build", "ABSOLUTE", "build/verdict"),
        ("build", "inside", "build/verdict"),
        ("verdict", "../elsewhere", "verdict"),
        ("verdict", ".git", "verdict"),
        ("deep/verdict", "../inside", "deep/verdict"),
        ("verdict", "nowhere", "verdict"),
    ];
    let mut seen = 0;
    for (link, target, path) in rows {
        let place = Place::new();
        for directory in ["base/inside", "base/.git", "base/deep"] {
            std::fs::create_dir(place.at(directory)).expect("made");
        }
        let target = if target == "ABSOLUTE" { place.at("elsewhere") } else { PathBuf::from(target) };
        symlink(&target, place.at("base").join(link)).expect("linked");
        let refused = place.beneath(path).map(|outlet| outlet.path().to_owned());
        let phrase = refused.expect_err("a link is in the way").to_string();
        assert!(phrase.contains("is a link"), "{link}: {phrase}");
        for directory in ["base/inside", "base/.git", "elsewhere"] {
            assert_eq!(std::fs::read_dir(place.at(directory)).expect("listed").count(), 0, "{link}: {directory}");
        }
        seen += 1;
    }
    assert_eq!(seen, 7);
    assert!(Place::new().beneath("../elsewhere").is_err());
}

#[cfg(unix)]
#[test]
fn a_link_is_replaced_and_what_is_no_file_is_left_alone() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let place = Place::new();
    std::fs::write(place.at("elsewhere/f"), "theirs").expect("written");
    symlink(place.at("elsewhere/f"), place.at("base/linked")).expect("linked");
    symlink(place.at("elsewhere/none"), place.at("base/dangling")).expect("linked");
    let outlet = Outlet::open(&place.at("base")).expect("opened");
    for name in ["linked", "dangling"] {
        outlet.put(Path::new(name), b"ours").expect("put");
        assert!(!place.at("base").join(name).is_symlink());
        assert_eq!(place.text(&format!("base/{name}")).as_deref(), Some("ours"));
    }
    assert_eq!(place.text("elsewhere/f").as_deref(), Some("theirs"));
    assert!(!place.at("elsewhere/none").exists());
    let socket = std::os::unix::net::UnixListener::bind(place.at("base/socket")).expect("bound");
    symlink("socket", place.at("base/to-socket")).expect("linked");
    for name in ["socket", "to-socket"] {
        assert!(outlet.put(Path::new(name), b"ours").is_err(), "{name}");
    }
    let kind = std::fs::symlink_metadata(place.at("base/socket")).expect("there").file_type();
    assert!(kind.is_socket() && place.at("base/to-socket").is_symlink());
    drop(socket);
    for stream in ["/dev/stdout", "/dev/null", "/dev/fd/1", "/proc/self/fd/1"] {
        assert!(Outlet::around(Path::new(stream)).is_err(), "{stream}");
    }
    assert!(Outlet::around(Path::new("/")).is_err() && Outlet::around(Path::new("..")).is_err());
}

#[test]
fn one_comes_after_the_other() {
    let place = Place::new();
    let within = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let outlet = Outlet::open(&place.at("base")).expect("opened");
                let seen = outlet.alone(|| {
                    let before = within.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    within.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    before
                });
                assert_eq!(seen.expect("its turn came"), 0, "two at once");
            });
        }
    });
}
