//! Names and what answers to them.

use super::*;

/// A repository with two commits: the trusted one, which `main` is at, and another, which whoever attacks may name as they like.
struct Place {
    repository: Repository,
    _home: tempfile::TempDir,
    trusted: Oid,
    other: Oid,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let repository = Repository::init(home.path()).expect("a repository");
        let commit = |message: &str| {
            let tree = repository.treebuilder(None).and_then(|builder| builder.write()).expect("a tree");
            let tree = repository.find_tree(tree).expect("the tree");
            let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(0, 0)).expect("an author");
            repository.commit(None, &author, &author, message, &tree, &[]).expect("a commit")
        };
        let (trusted, other) = (commit("trusted"), commit("other"));
        repository.reference("refs/heads/main", trusted, false, "").expect("a branch");
        repository.set_head("refs/heads/main").expect("a head");
        Self { repository, _home: home, trusted, other }
    }

    fn name(&self, reference: &str) {
        let id = if reference.starts_with("refs/remotes/origin/") { self.trusted } else { self.other };
        self.repository.reference(reference, id, true, "").unwrap_or_else(|error| panic!("{reference}: {error}"));
    }

    fn of(&self, name: &str) -> Result<Oid, String> {
        resolve(&self.repository, name)?.peel_to_commit().map(|commit| commit.id()).map_err(phrase)
    }
}

#[test]
fn a_name_that_more_than_one_answers_to_is_refused() {
    let digits = |place: &Place, count: usize| place.trusted.to_string()[..count].to_owned();
    let plain = |text: &'static str| move |_: &Place| text.to_owned();
    type Given<'t> = Box<dyn Fn(&Place) -> String + 't>;
    // What the attacker names its commit, and what the operator asks for.
    let rows: Vec<(Vec<Given<'_>>, Given<'_>)> = vec![
        (vec![Box::new(plain("refs/tags/main"))], Box::new(plain("main"))),
        (vec![Box::new(plain("refs/tags/main"))], Box::new(plain("main^{commit}"))),
        (vec![Box::new(plain("refs/tags/main"))], Box::new(plain("main~0"))),
        (vec![Box::new(plain("refs/main"))], Box::new(plain("main"))),
        (vec![Box::new(plain("refs/remotes/main"))], Box::new(plain("main"))),
        (vec![Box::new(plain("refs/remotes/main/HEAD"))], Box::new(plain("main"))),
        (vec![Box::new(plain("refs/heads/HEAD"))], Box::new(plain("HEAD"))),
        (vec![Box::new(plain("refs/tags/HEAD"))], Box::new(plain("@"))),
        (
            vec![Box::new(plain("refs/remotes/origin/dev")), Box::new(plain("refs/heads/origin/dev"))],
            Box::new(plain("origin/dev")),
        ),
        (
            vec![Box::new(plain("refs/remotes/origin/dev")), Box::new(plain("refs/tags/origin/dev"))],
            Box::new(plain("origin/dev")),
        ),
        (vec![Box::new(plain("refs/remotes/origin/dev")), Box::new(plain("refs/tags/dev"))], Box::new(plain("dev"))),
        (vec![Box::new(plain("refs/heads/heads/main"))], Box::new(plain("heads/main"))),
        (vec![Box::new(|place| format!("refs/heads/{}", digits(place, 7)))], Box::new(|place| digits(place, 7))),
        (vec![Box::new(|place| format!("refs/tags/{}", digits(place, 12)))], Box::new(|place| digits(place, 12))),
        (
            vec![Box::new(|place| format!("refs/tags/v1-3-g{}", digits(place, 7)))],
            Box::new(|place| format!("v1-3-g{}", digits(place, 7))),
        ),
        (vec![Box::new(|place| format!("refs/heads/{}", digits(place, 5)))], Box::new(|place| digits(place, 5))),
        // The commit that is meant was not even fetched.
        (vec![Box::new(plain("refs/heads/0123abc"))], Box::new(plain("0123abc"))),
        (vec![Box::new(plain("refs/tags/v1-3-g0123abc"))], Box::new(plain("v1-3-g0123abc"))),
        (
            vec![Box::new(plain("refs/heads/0123456789012345678901234567890123456789"))],
            Box::new(plain("0123456789012345678901234567890123456789")),
        ),
    ];
    assert_eq!(rows.len(), 19);
    for (position, (names, asked)) in rows.iter().enumerate() {
        let place = Place::new();
        names.iter().for_each(|name| place.name(&name(&place)));
        let asked = asked(&place);
        assert!(place.of(&asked).is_err(), "row {position}: `{asked}` is {:?}", place.of(&asked));
    }
}

#[test]
fn a_name_that_one_answers_to_is_that() {
    let place = Place::new();
    let (trusted, other) = (place.trusted.to_string(), place.other.to_string());
    for name in [
        "refs/tags/both",
        "refs/heads/both",
        "refs/heads/dev",
        "refs/remotes/origin/dev",
        "refs/tags/v1",
        "refs/remotes/origin/deep/v1",
    ] {
        place.name(name);
    }
    place.name(&format!("refs/tags/{trusted}"));
    place.name("refs/heads/0123abc");
    let rows: Vec<(String, Oid)> = [
        ("main", place.trusted),
        ("heads/main", place.trusted),
        ("refs/heads/main", place.trusted),
        ("HEAD", place.trusted),
        ("@", place.trusted),
        ("main^{commit}", place.trusted),
        // A branch and its remote branch are two names.
        ("dev", place.other),
        ("origin/dev", place.trusted),
        ("refs/heads/both", place.other),
        ("refs/tags/both", place.other),
        ("tags/v1", place.other),
        ("v1", place.other),
        ("refs/heads/0123abc", place.other),
        (&trusted, place.trusted),
        (&other[..12], place.other),
        (&format!("v1-3-g{}", &other[..8]), place.other),
    ]
    .map(|(name, id)| (name.to_owned(), id))
    .into();
    assert_eq!(rows.len(), 16);
    for (name, id) in rows {
        assert_eq!(place.of(&name), Ok(id), "{name}");
    }
    for none in [
        "",
        "both",
        "none",
        "main:",
        ":/trusted",
        ":/other",
        "main..main",
        "--all",
        "origin",
        "4",
        &"0".repeat(40),
        &"a".repeat(64),
    ] {
        assert!(place.of(none).is_err(), "{none}");
    }
}

#[test]
fn what_only_this_clone_can_tell_is_no_name() {
    let place = Place::new();
    place.repository.reference("refs/heads/main", place.trusted, true, "moved").expect("a reflog");
    place.name("refs/remotes/origin/main");
    place.name("refs/heads/dev");
    let mut config = place.repository.config().expect("settings");
    config.set_str("branch.main.remote", "origin").expect("a setting");
    config.set_str("branch.main.merge", "refs/heads/main").expect("a setting");
    let mut looked = 0;
    for name in [
        "main@{0}",
        "main@{1}",
        "@{0}",
        "@{1}",
        "@{-1}",
        "@{-1}~1",
        "HEAD@{0}",
        "main@{yesterday}",
        "main@{2026-01-01}",
        "@{upstream}",
        "main@{upstream}",
        "main@{u}",
        "@{push}",
        "refs/heads/main@{0}",
        "main~0@{0}",
        "main^{commit}@{0}",
        "@@{0}",
    ] {
        assert_eq!(place.of(name), Err(LOCAL.to_owned()), "{name}");
        looked += 1;
    }
    assert_eq!(looked, 17);
}
