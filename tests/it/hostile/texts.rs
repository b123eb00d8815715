//! Names and messages that want to be commands, markup or something that is not seen.

use super::Says::{Finding, Message, Nothing};
use super::bench::{Bench, Seen};
use super::{Row, row};

const G: &str = "texts";

/// A failing test of this name with this message, both as XML writes them.
fn failing(bench: &Bench, name: &str, message: &str) {
    let case = format!(
        "<testcase classname=\"wick\" name=\"{name}\"><failure message=\"{message}\">{message}</failure></testcase>"
    );
    bench.evidence(
        "junit/lantern.xml",
        format!("<testsuites><testsuite name=\"lantern\">{case}</testsuite></testsuites>\n"),
    );
}

/// What nobody wants in a page that is made of Markdown.
fn no_markup(_: &Bench, seen: &Seen) {
    let pages: Vec<&String> = seen
        .outputs
        .keys()
        .filter(|name| ["markdown", "step-summary"].contains(&name.as_str()) || name.ends_with(".md"))
        .collect();
    assert!(pages.len() >= 3, "{pages:?}");
    for page in pages {
        let text = std::str::from_utf8(&seen.outputs[page]).expect("UTF-8");
        for wanted in ["<script", "<img", "<details open", "<!-- x", "](http", "@everyone", "![", "javascript:"] {
            let live = text.lines().map(live).find(|line| line.contains(wanted));
            assert_eq!(live, None, "{page} holds {wanted}");
        }
    }
}

/// A line without its code spans, in which nothing is live, and without what is escaped.
fn live(line: &str) -> String {
    let (mut kept, mut rest) = (String::new(), line);
    while let Some(at) = rest.find(['`', '\\']) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\\') {
            rest = &rest[rest.chars().take(2).map(char::len_utf8).sum::<usize>()..];
            continue;
        }
        let fence = rest.len() - rest.trim_start_matches('`').len();
        let inside = &rest[fence..];
        let ends = inside.match_indices(&rest[..fence]).map(|(at, _)| at).find(|at| {
            let behind = &inside[at + fence..];
            !behind.starts_with('`') && !inside[..*at].ends_with('`')
        });
        if ends.is_none() {
            kept.push_str(&rest[..fence]);
        }
        rest = ends.map_or(inside, |at| &inside[at + fence..]);
    }
    kept + rest
}

#[test]
fn code_spans_are_not_live() {
    for (line, left) in
        [("a `b` c", "a  c"), ("`` `b` `` c", " c"), (r"\`b\` c", "b c"), ("a ``b` c", "a ``b` c"), (r"\[a\](b)", "a(b)")]
    {
        assert_eq!(live(line), left);
    }
}

const FAILED: super::Says = Finding("test-failed", "lantern.xml", "");

pub fn rows() -> Vec<Row> {
    vec![
        row(G, "a test called like a workflow command on a line of its own", |b| failing(b, "x&#13;&#10;::error file=a::b", "&#10;::set-output name=a::b"), FAILED, 1),
        row(G, "a message with %0A::error::", |b| failing(b, "x", "%0A::error::b%0D%25"), Finding("test-failed", "lantern.xml", "%0A::error::b"), 1)
            .besides(|_, seen| assert!(seen.stdout.contains("%250A::error::b%250D%2525"), "{}", seen.stdout)),
        row(G, "a message that stops the host's commands", |b| failing(b, "x", "&#10;::stop-commands::token&#10;##[endgroup]&#10;##[error]x"), FAILED, 1),
        row(G, "a message with the commands of another host", |b| failing(b, "x ##vso[task.complete result=Succeeded;]", "##vso[task.setvariable variable=a]b"), FAILED, 1),
        row(G, "a message with escapes for the terminal", |b| failing(b, "x", "\u{9b}2J&#x9b;31m&#x7f;&#9;done"), FAILED, 1),
        row(G, "a test whose name turns the text around and hides part of it", |b| failing(b, "\u{202e}gpj.\u{200b}\u{2066}x\u{feff}", "\u{2028}a\u{2029}"), FAILED, 1)
            .besides(|_, seen| assert!(seen.stderr.contains("\\u{202e}gpj"), "{}", seen.stderr)),
        row(G, "a test called like a shell command", |b| failing(b, "'; rm -rf ~ #", "$(id) `id` &amp;&amp; id"), Finding("test-failed", "lantern.xml", "'; rm -rf ~ #"), 1)
            .besides(|_, seen| {
                let verdict = seen.verdict().expect("a verdict");
                let commands: Vec<&str> = verdict["gates"].as_array().expect("gates").iter().filter_map(|gate| gate["reproduce_command"].as_str()).collect();
                assert!(commands.len() > 5 && commands.iter().all(|command| !command.contains("rm -rf")), "{commands:?}");
            }),
        row(G, "a message of HTML", |b| failing(b, "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;img src=x onerror=alert(1)&gt;&lt;details open&gt;&lt;!-- x"), FAILED, 1).besides(no_markup),
        row(G, "a message of Markdown", |b| failing(b, "[a](https://example.org) | ![b](https://example.org)", "```&#10;# verdict: PASS&#10;| a | b |&#10;@everyone fixes #1"), FAILED, 1).besides(no_markup),
        row(G, "a message that looks like the end of a table and a passing verdict", |b| failing(b, "x", "&#10;&#10;verdict: PASS&#10;| gate | pass |"), FAILED, 1)
            .besides(|_, seen| assert!(!seen.stderr.lines().any(|line| line.trim_start().starts_with("verdict: PASS")), "{}", seen.stderr)),
        row(G, "a message that ends a CDATA section and a JSON string", |b| failing(b, "]]&gt;&lt;/testcase&gt;", "&quot;}],&quot;verdict&quot;:&quot;pass&quot;"), FAILED, 1),
        row(G, "a message of a megabyte", |b| {
            let message = "&lt;".repeat(15_000);
            let text = "x".repeat(1 << 20);
            b.evidence("junit/lantern.xml", format!("<testsuites><testsuite name=\"lantern\"><testcase name=\"a\"><failure message=\"{message}\">{text}</failure></testcase></testsuite></testsuites>"));
        }, FAILED, 1).besides(|_, seen| {
            let most = seen.outputs.values().map(Vec::len).max().unwrap_or_default();
            assert!(most < 1 << 20, "an output of {most} bytes");
        }),
        row(G, "5000 failing tests", |b| {
            let cases: String = (0..5_000).map(|n| format!("<testcase name=\"a{n}\"><failure message=\"no\"/></testcase>")).collect();
            b.evidence("junit/lantern.xml", format!("<testsuites><testsuite name=\"lantern\">{cases}</testsuite></testsuites>"));
        }, FAILED, 1).besides(|_, seen| {
            let summary = seen.outputs.get("step-summary").expect("a summary").len();
            assert!(summary < 1 << 20, "a step summary of {summary} bytes, which GitHub would refuse");
        }),
        row(G, "a run id of escapes and Markdown", |b| {
            for file in ["environment.json", "summary.json", "manifest.json"] {
                b.twist(file, "r-0042", "\\u001b[31m\\u202e<b>@everyone</b>\\n::error::");
            }
        }, Nothing, 0).besides(no_markup),
        row(G, "a key of escapes in a document that is refused for it", |b| b.edit("docs/coverage.json", "\"line_pct\": 91.5", "\"\\u001b[2J\\n::error::\": 1, \"\\u001b[2J\\n::error::\": 2"), Finding("malformed", "coverage.json", "is there twice"), 3),
        row(G, "two tests whose names differ in composition only are two tests", |b| {
            let cases = "<testcase name=\"caf\u{e9}\"/><testcase name=\"cafe\u{301}\"><failure/></testcase>";
            b.evidence("junit/lantern.xml", format!("<testsuites><testsuite name=\"lantern\" tests=\"2\" failures=\"1\">{cases}</testsuite></testsuites>"));
        }, FAILED, 1),
        row(G, "a secret in a message", |b| failing(b, "x", "token ghp_0123456789abcdefghijABCDEFGHIJ012345"), FAILED, 1).besides(|_, seen| {
            let all: Vec<&str> = seen.outputs.values().map(|bytes| std::str::from_utf8(bytes).expect("UTF-8")).chain([&*seen.stderr, &*seen.stdout]).collect();
            assert!(all.iter().all(|text| !text.contains("ghp_0123456789")), "the secret is repeated");
        }),
        row(G, "a message of escapes, inspected", |b| failing(b, "x", "&#10;::error::\u{202e}"), Nothing, 0).with(&["inspect", "runs/20260302T110000Z/junit/lantern.xml"]),
        row(G, "a lane called like a workflow command", |_| {}, Message("the policy has no lane"), 2).with(&["--lane", "::error::x"]),
    ]
}
