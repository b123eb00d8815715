//! Links, pipes, devices, names, sizes and numbers of files.

use super::Says::{Finding, Message, Nothing};
use super::bench::{Bench, NOW, RUN, Seen};
use super::{Row, row};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const G: &str = "files";
const WAIVE: &[&str] = &[
    "waivers",
    "add",
    "coverage_floor",
    "--owner",
    "ada",
    "--bead",
    "bd-1",
    "--reason",
    "It is tried.",
    "--expires",
    "2026-03-10",
    "--scope",
    "full",
    "--exit-criterion",
    "It is mended.",
    "--now",
    NOW,
];

/// Names another file in the manifest.
fn names(bench: &Bench, path: &str) {
    bench.twist("manifest.json", "build/lantern.bin", path);
}

/// Whether modes keep this process from reading: root reads everything.
fn modes_bite() -> bool {
    let probe = tempfile::NamedTempFile::new().expect("a file");
    fs::set_permissions(probe.path(), Permissions::from_mode(0o000)).expect("a mode");
    File::open(probe.path()).is_err()
}

/// Makes a file larger without writing.
fn sparse(bench: &Bench, path: &str, size: u64) {
    let path = bench.run().join(path);
    let file = File::options().write(true).create(true).truncate(false).open(path).expect("a file");
    file.set_len(size).expect("a size");
}

/// The verdict lists no digest of this file.
fn undigested(seen: &Seen, path: &str) {
    let verdict = seen.verdict().expect("a verdict");
    let rows = verdict["evidence"].as_array().expect("evidence");
    let own: Vec<_> = rows.iter().filter(|row| row["path"].as_str().is_some_and(|own| own.ends_with(path))).collect();
    assert!(!own.is_empty() && own.iter().all(|row| row["sha256"].is_null()), "{own:?}");
}

pub fn rows() -> Vec<Row> {
    let mut rows = links();
    rows.extend(paths());
    rows.extend(sizes());
    rows
}

fn links() -> Vec<Row> {
    vec![
        row(
            G,
            "a link to /etc/passwd",
            |b| b.link("log.txt", "/etc/passwd"),
            Finding("unreadable", "log.txt", "leaves its directory"),
            3,
        )
        .besides(|_, seen| undigested(seen, "log.txt")),
        row(
            G,
            "a link with .. out of the run",
            |b| b.link("log.txt", "../../CHANGELOG.md"),
            Finding("unreadable", "log.txt", "leaves its directory"),
            3,
        ),
        row(
            G,
            "a directory on the way that is a link out",
            |b| {
                fs::write(b.outside().join("a.bin"), "a").expect("written");
                fs::remove_dir_all(b.run().join("build")).expect("removed");
                b.link("build", b.outside());
            },
            Finding("unreadable", "build/lantern.bin", "leaves its directory"),
            3,
        ),
        row(
            G,
            "a link to a file of the same run",
            |b| {
                fs::rename(b.run().join("log.txt"), b.run().join("real.txt")).expect("renamed");
                b.link("log.txt", "real.txt");
            },
            Nothing,
            0,
        ),
        row(
            G,
            "a link to nothing",
            |b| b.link("log.txt", "nowhere.txt"),
            Finding("unreadable", "log.txt", "link to nothing"),
            3,
        ),
        row(
            G,
            "a link to nothing where evidence is optional",
            |b| {
                let path = b.root().join("docs/benchmarks.json");
                fs::remove_file(&path).expect("removed");
                std::os::unix::fs::symlink("nowhere.json", path).expect("a link");
            },
            Finding("unreadable", "benchmarks.json", "link to nothing"),
            3,
        ),
        row(G, "a link to itself", |b| b.link("log.txt", "log.txt"), Finding("unreadable", "log.txt", ""), 3),
        row(
            G,
            "two links to each other",
            |b| {
                b.link("other.txt", "log.txt");
                b.link("log.txt", "other.txt");
            },
            Finding("unreadable", "log.txt", ""),
            3,
        ),
        row(
            G,
            "a directory that holds a link to itself, below a pattern that looks everywhere",
            |b| b.link("parts/deep/again", ".."),
            Finding("unreadable", "parts/deep/again", ""),
            3,
        ),
        row(
            G,
            "a link to a directory outside, below a pattern that looks everywhere",
            |b| b.link("parts/etc", "/etc"),
            Finding("unreadable", "parts/etc", "leaves its directory"),
            3,
        ),
        row(
            G,
            "a link to /dev/zero",
            |b| b.link("log.txt", "/dev/zero"),
            Finding("unreadable", "log.txt", "leaves its directory"),
            3,
        ),
        row(
            G,
            "a pipe that nobody writes to",
            |b| {
                fs::remove_file(b.run().join("log.txt")).expect("removed");
                let made = Command::new("mkfifo").arg(b.run().join("log.txt")).status().expect("mkfifo runs");
                assert!(made.success());
            },
            Finding("unreadable", "log.txt", "a pipe, a socket or a device"),
            3,
        ),
        row(
            G,
            "a socket",
            |b| {
                fs::remove_file(b.run().join("log.txt")).expect("removed");
                // A socket's path has to be short, so it is made elsewhere.
                let socket = b.outside().join("s");
                drop(std::os::unix::net::UnixListener::bind(&socket).expect("a socket"));
                fs::rename(socket, b.run().join("log.txt")).expect("moved");
            },
            Finding("unreadable", "log.txt", "a pipe, a socket or a device"),
            3,
        ),
        row(
            G,
            "a directory in place of a file",
            |b| {
                fs::remove_file(b.run().join("log.txt")).expect("removed");
                fs::create_dir(b.run().join("log.txt")).expect("made");
            },
            Finding("unreadable", "log.txt", "it is a directory"),
            3,
        ),
        row(
            G,
            "a file in place of a directory",
            |b| {
                fs::remove_dir_all(b.run().join("junit")).expect("removed");
                b.evidence("junit", "");
            },
            Finding("unreadable", "junit", "no directory"),
            3,
        ),
        row(
            G,
            "a file that nobody may read (root may: then it is read, and passes)",
            |b| {
                fs::set_permissions(b.run().join("log.txt"), Permissions::from_mode(0o000)).expect("a mode");
            },
            if modes_bite() { Finding("unreadable", "log.txt", "") } else { Nothing },
            if modes_bite() { 3 } else { 0 },
        )
        .told("unreadable; of root: nothing", "3; of root: 0"),
        row(
            G,
            "a directory that nobody may list (root may: then it is listed, and passes)",
            |b| {
                fs::set_permissions(b.run().join("junit"), Permissions::from_mode(0o000)).expect("a mode");
            },
            if modes_bite() { Finding("unreadable", "junit", "") } else { Nothing },
            if modes_bite() { 3 } else { 0 },
        )
        .told("unreadable; of root: nothing", "3; of root: 0")
        // What cannot be listed cannot be cleared away either.
        .besides(|b, _| fs::set_permissions(b.run().join("junit"), Permissions::from_mode(0o755)).expect("a mode")),
        row(
            G,
            "a ledger that is a link, when a waiver is added",
            |b| {
                fs::rename(b.root().join("ledger.toml"), b.root().join("real.toml")).expect("renamed");
                std::os::unix::fs::symlink("real.toml", b.root().join("ledger.toml")).expect("a link");
            },
            Message("the ledger `ledger.toml` is a link"),
            4,
        )
        .with(WAIVE)
        .besides(|b, _| {
            assert!(b.root().join("ledger.toml").is_symlink());
            assert!(!fs::read_to_string(b.root().join("real.toml")).expect("the ledger").contains("[waiver"));
        }),
        row(
            G,
            "an output that is a link to a file elsewhere: the link is replaced, the file stays",
            |b| {
                b.write("out/keep", "");
                fs::write(b.outside().join("precious"), "precious").expect("written");
                std::os::unix::fs::symlink(b.outside().join("precious"), b.root().join("out/full_suite_verdict.json"))
                    .expect("a link");
            },
            Nothing,
            0,
        )
        .with(&["verify", RUN, "--now", NOW, "--out", "out"])
        .besides(|b, _| {
            assert_eq!(fs::read_to_string(b.outside().join("precious")).expect("it stays"), "precious");
            fs::remove_file(b.root().join("out/keep")).expect("removed");
        }),
    ]
}

fn paths() -> Vec<Row> {
    vec![
        row(
            G,
            "an artifact named with ..",
            |b| names(b, "../../CHANGELOG.md"),
            Finding("unreadable", "manifest.json", "climbs out"),
            3,
        ),
        row(
            G,
            "an artifact named /etc/passwd",
            |b| names(b, "/etc/passwd"),
            Finding("unreadable", "manifest.json", "is absolute"),
            3,
        ),
        row(
            G,
            "an artifact named /dev/zero",
            |b| names(b, "/dev/zero"),
            Finding("unreadable", "manifest.json", "is absolute"),
            3,
        ),
        row(
            G,
            "an artifact named with backslashes",
            |b| names(b, r"..\\..\\ledger.toml"),
            Finding("unreadable", "manifest.json", "backslash"),
            3,
        ),
        row(
            G,
            "an artifact named with a drive letter",
            |b| names(b, "C:/lantern.bin"),
            Finding("unreadable", "manifest.json", "drive letter"),
            3,
        ),
        row(
            G,
            "an artifact whose name holds a line break",
            |b| names(b, r"build/lantern\n.bin"),
            Finding("unreadable", "manifest.json", "control character"),
            3,
        ),
        row(
            G,
            "an artifact whose name holds a zero byte",
            |b| names(b, r"build/lantern.bin\u0000.txt"),
            Finding("unreadable", "manifest.json", "control character"),
            3,
        ),
        row(G, "an artifact whose name is empty", |b| names(b, ""), Finding("unreadable", "manifest.json", "is empty"), 3),
        row(
            G,
            "an artifact whose name is a number",
            |b| b.twist("manifest.json", "\"build/lantern.bin\"", "7"),
            Finding("invalid", "manifest.json", "7"),
            3,
        ),
        row(
            G,
            "an artifact whose name is a megabyte long",
            |b| names(b, &"a/".repeat(1 << 19)),
            Finding("unreadable", "manifest.json", "longer than 4096 bytes"),
            3,
        ),
        row(
            G,
            "an artifact whose name has a component too long for the system",
            |b| names(b, &"a".repeat(4_000)),
            Finding("unreadable", "aaaa", "a regular file"),
            3,
        ),
        row(
            G,
            "an artifact with a trailing dot, which some systems drop",
            |b| names(b, "build/lantern.bin."),
            Finding("missing-file", "build/lantern.bin.", "manifest.json"),
            1,
        ),
        row(
            G,
            "an artifact in other case, which some systems fold",
            |b| names(b, "build/LANTERN.BIN"),
            Finding("missing-file", "build/LANTERN.BIN", "manifest.json"),
            1,
        ),
        row(
            G,
            "an artifact named in NFD where the file is named in NFC",
            |b| {
                fs::rename(b.run().join("build/lantern.bin"), b.run().join("build/lant\u{e9}rn.bin")).expect("renamed");
                names(b, "build/lante\u{301}rn.bin");
            },
            Finding("missing-file", "build/lante\u{301}rn.bin", "manifest.json"),
            1,
        ),
        row(
            G,
            "an artifact whose name looks like the real one: a Cyrillic letter",
            |b| names(b, "build/l\u{430}ntern.bin"),
            Finding("missing-file", "build/l\u{430}ntern.bin", "manifest.json"),
            1,
        ),
        row(
            G,
            "a file whose name is no UTF-8, where names are listed",
            |b| {
                fs::write(b.run().join("parts").join(OsStr::from_bytes(b"x\xff\xfe")), "").expect("written");
            },
            Finding("too-small", "x\\xff\\xfe", ""),
            1,
        ),
        row(
            G,
            "a file whose name is a workflow command over two lines",
            |b| {
                fs::write(b.run().join("parts").join("a\n::error::b"), "").expect("written");
            },
            Finding("too-small", "a\\x0a::error::b", ""),
            1,
        ),
        row(
            G,
            "a file whose name moves the cursor and turns the text around",
            |b| {
                fs::write(b.run().join("parts").join("\u{1b}[2J\u{202e}gpj"), "").expect("written");
            },
            Finding("too-small", "gpj", ""),
            1,
        ),
        row(
            G,
            "a file whose name is Markdown, HTML and a mention",
            |b| {
                fs::write(b.run().join("parts").join("`x`|<img src=x>@all[a](b) $(id) ';id;'"), "").expect("written");
            },
            Finding("too-small", "", ""),
            1,
        ),
    ]
}

fn sizes() -> Vec<Row> {
    vec![
        row(
            G,
            "a document of more than 64 MiB",
            |b| sparse(b, "summary.json", (64 << 20) + 1),
            Finding("over-limit", "summary.json", "at most 67108864 bytes"),
            3,
        ),
        row(
            G,
            "a log of 900 MiB of zeros",
            |b| sparse(b, "log.txt", 900 << 20),
            Finding("over-limit", "log.txt", "at most 67108864 bytes"),
            3,
        ),
        row(
            G,
            "a stream of one record and 40 MiB of zeros",
            |b| sparse(b, "results.jsonl", 40 << 20),
            Finding("over-limit", "results.jsonl", "lines of at most 8388608 bytes"),
            3,
        ),
        row(
            G,
            "twelve documents that are within their limit and beyond that of all together",
            |b| {
                b.append("policies/lantern.toml", "\n[limits]\nheld_max = 3000000\n");
                for part in 0..12 {
                    b.evidence(&format!("junit/part-{part}.xml"), format!("<!--{}--><testsuites><testsuite name=\"part\"><testcase name=\"a{part}\"/></testsuite></testsuites>", "x".repeat(300_000)));
                }
            },
            Finding("over-limit", "junit/part-7.xml", "at most 3000000 bytes of evidence held at once in all"),
            3,
        ),
        row(
            G,
            "a file of ten gigabytes among those that are only hashed",
            |b| sparse(b, "parts/a.bin", 10 << 30),
            Finding("over-limit", "parts/deep/b.bin", "at most 8589934592 bytes of evidence read in all"),
            3,
        ),
        row(
            G,
            "half a terabyte to hash, a policy that allows it, and a second of time",
            |b| {
                b.append("policies/lantern.toml", "\n[limits]\ntotal_max = 1099511627776\n");
                sparse(b, "parts/a.bin", 1 << 39);
            },
            Message("its time of 1s was over before everything was judged"),
            4,
        )
        .with(&["--timeout", "1s"])
        .besides(|_, seen| {
            let verdict = seen.verdict().expect("the seal");
            assert_eq!((&verdict["verdict"], &verdict["status"]), (&"fail".into(), &"incomplete".into()));
        }),
        row(G, "no time at all", |_| {}, Message("its time of 0s was over before everything was judged"), 4)
            .with(&["--timeout", "0s"]),
        row(
            G,
            "no time at all, in the fast lane",
            |_| {},
            Message("its time of 0s was over before everything was judged"),
            4,
        )
        .with(&["--timeout", "0s", "--lane", "preflight"]),
        row(G, "more time than the policy allows", |_| {}, Message("is longer than the policy allows, which is 30m"), 2)
            .with(&["--timeout", "31m"]),
        row(
            G,
            "100001 files",
            |b| {
                let parts = b.run().join("parts");
                (0..100_001).for_each(|part| drop(File::create(parts.join(part.to_string())).expect("a file")));
            },
            Finding("over-limit", "parts/**/*", "at most 100000 files looked at in all"),
            3,
        )
        .of_many_files(),
        row(
            G,
            "directories 70 deep",
            |b| b.evidence(&format!("parts/{}x", "d/".repeat(70)), "x"),
            Finding("over-limit", "", "at most 64 levels of directories"),
            3,
        ),
    ]
}
