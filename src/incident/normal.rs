//! Lines of a failure without what differs from machine to machine and from run to run.
//!
//! In: text that a stage wrote. Out: its first lines, without secrets, with a word in brackets for each path, timestamp, duration, id, process
//! and address. What is left tells one failure from another. The rules are tried in their order, each over the whole line; a change of any
//! rule changes keys that are out in the world, so the table of the tests holds them fast.

use crate::model::redact;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// How many lines of a failure count.
pub const LINES: usize = 20;

/// Longest line that is looked at, in characters: the rest of a longer one is left out.
const LINE_MOST: usize = 2_000;

/// What takes the place of a match.
enum With {
    /// A text, in which `$1` stands for a group.
    Text(&'static str),
    /// What is left of it.
    Left(fn(&str) -> String),
}

/// What is sought, and what takes its place.
const RULES: &[(&str, With)] = &[
    // Colours, and whatever a progress bar overwrote.
    (r"\x1b\[[0-9;?]*[ -/]*[@-~]", With::Text("")),
    (r"^.*\r", With::Text("")),
    // The directory of a run, whatever it is called.
    (r"\b(artifacts/e2e/)[^/\s:]+", With::Text("$1<run>")),
    // Ids that are told by their form, before times: a UUID can hold a year.
    (r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b", With::Text("<id>")),
    (r"\b0[xX][0-9A-Fa-f]+\b", With::Text("<id>")),
    (r"([A-Za-z]@)[0-9a-f]{5,8}\b", With::Text("$1<id>")),
    // Times as names hold them: `2026-03-02_10-15-00`, `20260302T101500Z`, `20260302-101500`, `20260302`.
    (
        r"(\b|_)20[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])[-_T][0-9]{2}[-_]?[0-9]{2}(?:[-_]?[0-9]{2})?(?:Z|\b|_)",
        With::Text("$1<time>"),
    ),
    (r"(\b|_)20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\b", With::Text("$1<time>")),
    // Of glog: `I0302 10:15:00.123456   812 shop.go:7]`.
    (
        r"\b([IWEF])(?:0[1-9]|1[0-2])[0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)? +[0-9]+ ",
        With::Text("$1<time> <id> "),
    ),
    // Of web servers: `02/Mar/2026:10:15:00 +0000`.
    (r"\b[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}(?: [+-][0-9]{4})?", With::Text("<time>")),
    // `3/2/2026, 10:15:00 AM`, `02.03.2026 10:15`.
    (
        r"\b[0-9]{1,2}([/.])[0-9]{1,2}[/.][0-9]{4}(?:,? +[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp]\.?[Mm]\b)?)?",
        With::Text("<time>"),
    ),
    // Times: `2026-03-02T10:15:00.123+01:00`, `2026/03/02 10:15:00`, `Mar  2 10:15:00`, `March 2, 2026`, `10:15:00`, `4:15 PM`.
    (
        r"\b[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?(?:Z\b| ?[+-][0-9]{2}:?[0-9]{2}\b| UTC\b)?",
        With::Text("<time>"),
    ),
    (
        r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:[0-9]{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +(?:[0-9]{1,2}(?:,? [0-9]{4})?|[0-9]{4})(?:,? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?(?: ?[AaPp][Mm]\b)?)(?: (?:UTC|GMT|[A-Z]{3,4}|[+-][0-9]{4}))?(?: [0-9]{4}\b)?(?: [+-][0-9]{4}\b)?",
        With::Text("<time>"),
    ),
    (
        r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* [0-9]{4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* [0-9]{1,2}, [0-9]{4})\b",
        With::Text("<time>"),
    ),
    (r"\b[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)? ?[AaPp][Mm]\b", With::Text("<time>")),
    (r"\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?Z?\b", With::Text("<time>")),
    // Seconds, and parts of a second, since 1970.
    (r"\b1[0-9]{9}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:\.[0-9]+)?\b", With::Text("<id>")),
    // Addresses, with the port that the system chose.
    (r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?\b", With::Text("<address>")),
    (r"\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\](?::[0-9]{1,5})?", With::Text("<address>")),
    (r"\b(localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+):[0-9]{4,5}\b", With::Text("$1:<port>")),
    (r"(^|[\s(=\x22'])(:|\*:)[0-9]{4,5}\b", With::Text("$1$2<port>")),
    // Machines that CI lends.
    (r"\bip-[0-9]{1,3}(?:-[0-9]{1,3}){3}(?:\.[a-z0-9-]+)*", With::Text("<host>")),
    (r"\bfv-az[0-9]+-?[0-9]*\b", With::Text("<host>")),
    (r"(?i)\b[a-z0-9-]*runner[a-z]*[-_][a-z0-9_-]*[0-9][a-z0-9_-]*\b", With::Text("<host>")),
    (r"(?i)\b(?:ci|build|builder|worker|agent|vm|pod|host)-(?:[a-z0-9]+-)*[0-9][a-z0-9]*\b", With::Text("<host>")),
    (r"\b[a-z0-9-]*[0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:internal|local|lan)\b", With::Text("<host>")),
    (
        r#"(?i)\b(host(?:[ _-]?name)?|machine|runner(?:[ _-]?name)?)("?\s*[=:]\s*"?)[a-z0-9._-]*[0-9][a-z0-9._-]*"#,
        With::Text("$1$2<host>"),
    ),
    (
        r"\b(root|runner|ubuntu|ci|jenkins|user|build|builder|vsts|circleci|app)@[A-Za-z0-9][A-Za-z0-9.-]*",
        With::Text("$1@<host>"),
    ),
    (r"\b([a-z][a-z0-9]*(?:-[a-z]+)*)-[0-9a-f]{8,10}-[a-z0-9]{5}\b", With::Text("$1-<id>")),
    // Paths of at least two components, and where checkouts lie.
    (r#"(?:file://|\B)(?:~|/[^/\s"'`()\[\]{}<>,;:|]+)(?:/[^/\s"'`()\[\]{}<>,;:|]*)+"#, With::Left(path)),
    (r"\B/(?:workspaces?|src|app|builds?|work|code|repo|project|checkout|tmp|github|__w)\b", With::Text("<path>")),
    (r#"\b[A-Za-z]:\\[^\s"'`()<>,;:|]*"#, With::Left(path)),
    (r"\b(?:tmp|temp)[-_.]?[A-Za-z0-9_]*[0-9][A-Za-z0-9_]*\b", With::Text("<path>")),
    // Numbers of processes and threads, and values whose name says that they are ids or seeds.
    (r"(?i)\b(p?pid|tid|process|thread|port|goroutine)((?: id)?\s*[=:#(]?\s*)[0-9]+\b", With::Text("$1$2<id>")),
    (r"\b((?:[A-Za-z]*(?:Thread|Worker|Process)|pool|thread|gw)-?)[0-9]+(-thread-[0-9]+)?\b", With::Text("$1<id>")),
    (r#"(?i)\b([a-z_-]*seed)("?(?:\s*[=:]\s*|\s+)"?)[0-9]+\b"#, With::Text("$1$2<seed>")),
    (
        r#"\b((?:[A-Za-z0-9]+[_.-])*(?i:id|[ugorstce]id|uuid|guid)|[A-Za-z]*[a-z]I[dD])("?\s*[=:]\s*"?)[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*"#,
        With::Text("$1$2<id>"),
    ),
    (r"(thread '[^']*' \()[0-9]+\)", With::Text("$1<id>)")),
    (r"\[[0-9]{3,}\]", With::Text("[<id>]")),
    // `12.3 MB/s`, `45 req/s`.
    (
        r"\b[0-9]+(?:[.,][0-9]+)* ?(?:[kKMGT]i?)?(?:B|b|bits?|bytes?|req|requests|it|ops|rows|tests?|items?)(?:/s(?:ec)?|ps)\b",
        With::Text("<rate>"),
    ),
    // Durations: `4.36s`, `120 ms`, `1,034 ms`, `1.2e-05s`, `1m30s`, `2 minutes`, `PT1.5S`.
    (
        r"\b(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? ?(?:milliseconds?|microseconds?|nanoseconds?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|ns|us|µs|μs|ms|s|m|h)){1,4}\b",
        With::Text("<duration>"),
    ),
    (r"\bPT(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?\b", With::Text("<duration>")),
    // Digests, object names, counters since 1970.
    (r"\b[0-9A-Fa-f]{7,}\b", With::Left(hex)),
];

/// A path is what its file is called; a directory, or a file that is a temporary one, is any. What lies in a directory of the system is
/// called the same on every machine.
fn path(found: &str) -> String {
    let name = found.trim_end_matches('.').rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let temporary = (stem.starts_with("tmp") || stem.starts_with("temp"))
        && (stem.bytes().any(|b| b.is_ascii_digit()) || stem.len() <= 4);
    let file = ending.is_some_and(|ending| {
        !stem.is_empty() && !temporary && ending.starts_with(|c: char| c.is_ascii_alphabetic()) && ending.len() <= 10
    });
    let system = ["/etc/", "/usr/", "/bin/", "/sbin/", "/lib", "/dev/", "/run/", "/var/run/", "/var/lib/", "/var/log/"];
    let of_system = system.iter().any(|start| found.starts_with(start))
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().filter(u8::is_ascii_digit).count() < 3;
    if file || of_system { format!("<path>/{name}") } else { "<path>".to_owned() }
}

/// A word of hex digits is an id if no word is spelled so, and a number if it is too long to count anything.
fn hex(found: &str) -> String {
    let digits = found.bytes().filter(u8::is_ascii_digit).count();
    let id = digits > 1 && digits < found.len() || digits >= 9;
    if id { "<id>".to_owned() } else { found.to_owned() }
}

static COMPILED: LazyLock<Vec<(Regex, &'static With)>> =
    LazyLock::new(|| RULES.iter().map(|(pattern, with)| (Regex::new(pattern).expect("a sound pattern"), with)).collect());

/// One line, without secrets already.
fn line(text: &str) -> String {
    // A carriage return at the end belongs to the line break; any other one is where a line was written over.
    let mut line: String = text.trim_end().chars().take(LINE_MOST).collect();
    for (pattern, with) in COMPILED.iter() {
        let replaced = match with {
            With::Text(text) => pattern.replace_all(&line, *text),
            With::Left(left) => pattern.replace_all(&line, |found: &Captures<'_>| left(&found[0])),
        };
        if let std::borrow::Cow::Owned(replaced) = replaced {
            line = replaced;
        }
    }
    line.trim_end().to_owned()
}

/// The first lines of a text, normal. `own` is the id of the run that wrote it, which no other run has.
pub fn lines(text: &str, own: Option<&str>) -> Vec<String> {
    // Secrets first, and in the whole text: a private key has many lines.
    let text = redact(text);
    let id = own.filter(|id| id.len() >= 4 && id.bytes().any(|byte| byte.is_ascii_digit()));
    let first = text.lines().take(LINES);
    first.map(|text| id.map_or_else(|| line(text), |id| line(&text.replace(id, "<run>")))).collect()
}

#[cfg(test)]
#[path = "normal_pairs.rs"]
mod pairs;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_between_runs_is_taken_out() {
        let table = [
            ("\u{1b}[31;1mFAILED\u{1b}[0m", "FAILED"),
            (" 10%\r 90%\rdone\r", "done"),
            ("at 2026-03-02T10:15:00.123Z: no", "at <time>: no"),
            ("2026-03-02 10:15:00,512 ERROR x", "<time> ERROR x"),
            ("2026/03/02 10:15:00 x", "<time> x"),
            ("2026-03-02T10:15:00+01:00 x", "<time> x"),
            ("run 20260302T101500Z of 2026-03-02", "run <time> of <time>"),
            ("Mar  2 10:15:00 ci shop[812]: gone", "<time> ci shop[<id>]: gone"),
            ("Mon, 02 Mar 2026 10:15:00 +0000 x", "<time> x"),
            ("after 0:00:12.5 it", "after <time> it"),
            ("dial tcp 10.0.0.7:54321: refused", "dial tcp <address>: refused"),
            ("dial [::1]:8080", "dial <address>"),
            ("http://127.0.0.1:42939/prices", "http://<address>/prices"),
            ("nats.internal:42222 and localhost:8080", "nats.internal:<port> and localhost:<port>"),
            ("File \"/builds/shop/test_shop.py\", line 9", "File \"<path>/test_shop.py\", line 9"),
            ("/usr/bin/docker: not found", "<path>/docker: not found"),
            ("in /work/ab/src/x.rs:3:7", "in <path>/x.rs:3:7"),
            ("read /tmp/tmp48op447a/prices.json.", "read <path>/prices.json"),
            ("wrote /var/folders/x1/T/tmp48op447a.json", "wrote <path>"),
            ("file:///srv/a/b.html and ~/x/y.toml", "<path>/b.html and <path>/y.toml"),
            (r"C:\Users\ci\shop\app.py(3)", "<path>/app.py(3)"),
            ("left tmp8f3k2l behind", "left <path> behind"),
            ("tests/shop/test_a.py and/or GET /prices", "tests/shop/test_a.py and/or GET /prices"),
            ("<Server object at 0x7f7c64f66e10>", "<Server object at <id>>"),
            ("id 6e20efac-fa84-4ab3-8131-1bfe5e6c833e", "id <id>"),
            ("commit 196187d63450d9f4c3d286562ad9e4d9bd7563f7 (196187d)", "commit <id> (<id>)"),
            ("worker pid 28000, PID=7, process 12", "worker pid <id>, PID=<id>, process <id>"),
            ("trace_id=abc12 request-id: 77 \"job_id\": \"j-9\"", "trace_id=<id> request-id: <id> \"job_id\": \"<id>\""),
            ("thread 'main' (12345) panicked", "thread 'main' (<id>) panicked"),
            ("took 4.36s, 120 ms, 1m30s, 2 minutes", "took <duration>, <duration>, <duration>, <duration>"),
            ("epoch 1772446500 of deadbeef", "epoch <id> of deadbeef"),
            ("AssertionError: 120 != 119", "AssertionError: 120 != 119"),
            ("exit code 101; 3 failed of 40", "exit code 101; 3 failed of 40"),
            ("left: [1, 2], right: [12]  ", "left: [1, 2], right: [12]"),
            ("DB_PASSWORD=hunter22-and-more", "DB_PASSWORD=[redacted: value of a secret name]"),
        ];
        let wrong: Vec<_> =
            table.iter().map(|row| (lines(row.0, None), row)).filter(|(made, row)| *made != [row.1]).collect();
        assert!(wrong.is_empty() && table.len() == 35, "{wrong:#?}");
    }

    #[test]
    fn only_the_first_lines_count() {
        let text: String = (0..30).map(|at| format!("line {at}\r\n")).collect();
        let lines = lines(&text, None);
        assert_eq!((lines.len(), lines[0].as_str(), lines[19].as_str()), (LINES, "line 0", "line 19"));
        assert_eq!(super::lines("", None), [""; 0]);
        assert_eq!(super::lines(&"x".repeat(3_000), None)[0].len(), LINE_MOST);
    }

    proptest! {
        /// The same failure at another place and time is the same failure.
        #[test]
        fn place_time_and_ids_make_no_difference(
            home in "/[a-z]{1,8}/[a-z]{1,8}(/[a-z0-9_]{1,8}){0,3}", pid in 1_u32..4_000_000, port in 1024_u16..65535,
            hex in "[0-9a-f]{8,12}", second in 0_u32..60, millis in 1_u32..100_000,
        ) {
            let told = |home: &str, pid, port, hex: &str, second, millis| {
                format!(
                    "2026-03-02T10:15:{second:02}Z worker pid {pid} at http://127.0.0.1:{port}/prices\n\
                     File \"{home}/shop/app.py\", line 9, object at 0x{hex} after {millis}ms\napple costs 119, not 120\n"
                )
            };
            let here = told(&home, pid, port, &hex, second, millis);
            let there = told("/builds", 812, 8080, "7f7c64f66e10", 0, 4);
            prop_assert_eq!(lines(&here, None), lines(&there, None));
        }

        #[test]
        fn any_text_is_survived(text in any::<String>()) {
            prop_assert!(lines(&text, Some("r-1234")).len() <= LINES);
        }
    }
}
