//! `gatekeeper check-claims` from the command line, on the repository of the pack `claims` and on this repository's own texts.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NOW: &str = "2026-03-02T11:30:00Z";
const CONTRACT: &str = "docs/franken-node-claim-gating-contract.json";
const RELEASE: &str = "tests/full_suite_gate/claim_evidence/full_suite_verdict.json";
const RECORDED: &str = "tests/full_suite_gate/franken_node_claim_verdict.json";

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the repository.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a directory");
    crate::support::copy(&home().join("fixtures/repos/claims"), copy.path());
    copy
}

fn run(at: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.arg("check-claims").args(arguments).args(["--now", NOW]).current_dir(at).output().expect("gatekeeper runs")
}

/// The exit code, what people read, and the claim verdict.
fn check(at: &Path, texts: &[&str], release: bool) -> (i32, String, Value) {
    let mut arguments = vec!["--contract", CONTRACT, "--json", "--text"];
    arguments.extend(texts);
    if release {
        arguments.extend(["--verdict", RELEASE]);
    }
    let done = run(at, &arguments);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let verdict = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("no JSON: {error}: {said}"));
    (done.status.code().unwrap_or(-1), said, verdict)
}

fn append(at: &Path, file: &str, text: &str) {
    let path = at.join(file);
    let before = fs::read_to_string(&path).expect("a text");
    fs::write(path, before + text).expect("the copy can be changed");
}

#[test]
fn the_recorded_claim_verdict_is_what_the_command_writes() {
    let copy = copy();
    let recorded = fs::read_to_string(copy.path().join(RECORDED)).expect("the recorded one");
    let texts = ["README.md", "docs/releases/1.2.0.md"];
    let arguments = ["--contract", CONTRACT, "--verdict", RELEASE, "--out", RECORDED, "--text", texts[0], texts[1]];
    fs::remove_file(copy.path().join(RECORDED)).expect("it was there");
    let done = run(copy.path(), &arguments);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(0), 0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(fs::read_to_string(copy.path().join(RECORDED)).expect("it is written"), recorded);
    let verdict: Value = serde_json::from_str(&recorded).expect("JSON");
    assert_eq!(verdict["tier"], "TIER-2-TARGETED-RUNTIME-PARITY");
    assert_eq!((&verdict["decision"], verdict["evidence"].as_array().map(Vec::len)), (&"allowed".into(), Some(4)));
    assert_eq!(verdict["run_id"], "run-20260302-101500-7c1e");
}

#[test]
fn a_claim_beyond_the_tier_fails_with_file_line_and_tier() {
    let copy = copy();
    append(copy.path(), "README.md", "\nThe first **drop-in\nrepl\u{AD}acement** <i>for</i> NODE.\n");
    let (code, said, verdict) = check(copy.path(), &["README.md"], true);
    assert_eq!(code, 1, "{said}");
    let expected = serde_json::json!([{ "file": "README.md", "first_line": 10, "last_line": 11,
        "phrase": "drop-in replacement for Node", "allowed_by": "TIER-3-FULL-NODE-BUN-REPLACEMENT" }]);
    assert_eq!(verdict["findings"], expected);
    assert_eq!((&verdict["decision"], verdict["blocking_reasons"].as_array().map(Vec::len)), (&"blocked".into(), Some(1)));
    let line = "README.md:10-11: claims `drop-in replacement for Node`; the tier `TIER-3-FULL-NODE-BUN-REPLACEMENT` would";
    assert!(said.contains(line), "{said}");
}

#[test]
fn without_evidence_nothing_may_be_claimed() {
    let copy = copy();
    let (code, said, verdict) = check(copy.path(), &["README.md"], false);
    // Without a release verdict it is not known whether the texts claim too much.
    assert_eq!((code, &verdict["tier"]), (3, &"none".into()), "{said}");
    assert!(said.contains("README.md:3: whether `runs extensions` may be claimed is not known"), "{said}");
    assert_eq!(verdict["findings"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_verdict_of_another_commit_or_a_damaged_one_is_no_evidence() {
    let copy = copy();
    fs::write(copy.path().join("plain.md"), "Franken is a program.\n").expect("a text");
    let path = copy.path().join(RELEASE);
    let release = fs::read_to_string(&path).expect("the release verdict");
    let commit = "\"commit\": \"c55381bc9dca0e697c37c0701b75065fbc69916e\"";
    let damaged = [
        release.replacen("\"commit\": null", commit, 1),
        release.replace("\"standing\": 2", "\"standing\": 3"),
        release.replacen("\"verdict\": \"fail\"", "\"verdict\": \"pass\"", 1),
        release[..release.len() / 2].to_owned(),
        "{}".to_owned(),
        String::new(),
    ];
    let mut looked = 0;
    for text in damaged {
        assert_ne!(text, release);
        fs::write(&path, &text).expect("the copy can be damaged");
        let (code, said, verdict) = check(copy.path(), &["plain.md"], true);
        let told = (code, &verdict["tier"], &verdict["decision"]);
        assert_eq!(told, (3, &"none".into(), &"blocked".into()), "{said}");
        let (code, ..) = check(copy.path(), &["README.md"], true);
        assert!(code == 1 || code == 3, "a claim never passes whatever is damaged: {code}");
        looked += 1;
    }
    assert_eq!(looked, 6);
}

#[test]
fn what_is_missing_or_empty_is_a_gap_and_never_allowed() {
    let copy = copy();
    fs::write(copy.path().join("blank.md"), " \n").expect("a text");
    let mut looked = 0;
    for texts in [&["absent.md"][..], &["README.md", "absent.md"], &["blank.md"], &["docs"]] {
        let (code, said, verdict) = check(copy.path(), texts, true);
        assert_eq!((code, &verdict["decision"]), (3, &"blocked".into()), "{texts:?}: {said}");
        looked += 1;
    }
    assert_eq!(looked, 4);
    let contract = copy.path().join(CONTRACT);
    for text in ["{\"claim_tiers\": []}", "{", ""] {
        fs::write(&contract, text).expect("the copy can be damaged");
        let (code, said, verdict) = check(copy.path(), &["README.md"], true);
        assert_eq!((code, &verdict["decision"]), (3, &"blocked".into()), "{said}");
        looked += 1;
    }
    assert_eq!(looked, 7);
    let done = run(copy.path(), &["--contract", CONTRACT]);
    assert_eq!(done.status.code(), Some(2), "a text must be named");
}

#[test]
fn the_texts_of_this_repository_claim_no_more_than_its_contract_allows() {
    let texts = ["README.md", "docs/architecture.md", "docs/changelog.md", "docs/packs/claims.md"];
    let arguments = ["--contract", "docs/claims.json", "--root", ".", "--json", "--text"];
    let done = run(&home(), &[&arguments[..], &texts].concat());
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let verdict: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(verdict["tier"], "FAILS-CLOSED-ON-ITS-FIXTURES");
    // And it bites: the same words, claimed without a fence.
    let copy = tempfile::tempdir().expect("a directory");
    let boast = copy.path().join("boast.md");
    fs::write(&boast, "gatekeeper is\n*battle*-tested.\n").expect("a text");
    let done = run(&home(), &["--contract", "docs/claims.json", "--root", ".", "--text", &boast.to_string_lossy()]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("boast.md:2: claims `battle-tested`; the tier `PROVEN-IN-USE` would allow it"), "{said}");
}

/// One claim, set in every way in which a reader still reads it: look-alike letters, entities, markup, what nobody sees, other lines.
const SET: &[&str] = &[
    "drop-in replacement for Node",
    "DROP-IN REPLACEMENT FOR NODE",
    "Drop-In Replacement For NODE",
    "drop-in replace\u{ad}ment for Node",
    "drop-in re\u{200b}placement for Node",
    "drop-in replacement for No\u{200c}de",
    "drop-in replacement for N\u{200d}ode",
    "drop-in replacement for No\u{2060}de",
    "drop-in replacement for No\u{feff}de",
    "drop-in\u{a0}replacement\u{a0}for\u{a0}Node",
    "drop-in\u{2009}replacement\u{2009}for\u{2009}Node",
    "drop-in\u{3000}replacement\u{3000}for\u{3000}Node",
    "drop-in\u{1680}replacement\u{1680}for\u{1680}Node",
    "drop-in  replacement  for  Node",
    "drop-in\treplacement\tfor\tNode",
    "drop\u{2011}in replacement for Node",
    "drop\u{2013}in replacement for Node",
    "drop\u{2212}in replacement for Node",
    "drop\u{2043}in replacement for Node",
    "drop\u{ff0d}in replacement for Node",
    "drop\u{2010}in replacement for Node",
    "dr\u{43e}p-in replacement f\u{43e}r N\u{43e}de",
    "drop-in r\u{435}plac\u{435}m\u{435}nt for Nod\u{435}",
    "dr\u{3bf}p-in replacement f\u{3bf}r N\u{3bf}de",
    "\u{ff24}\u{ff52}\u{ff4f}\u{ff50}-in replacement for Node",
    "\u{1d41d}\u{1d42b}\u{1d428}\u{1d429}-in replacement for \u{1d40d}\u{1d428}\u{1d41d}\u{1d41e}",
    "drop-in replacement for \u{1d4a9}\u{2134}\u{1d4b9}\u{212f}",
    "drop-in replacement for \u{24c3}\u{24de}\u{24d3}\u{24d4}",
    "drop-in replacement for \u{1f13d}\u{1f13e}\u{1f133}\u{1f134}",
    "drop-in replacement for \u{1f17d}\u{1f17e}\u{1f173}\u{1f174}",
    "drop-in replacement for \u{24a9}\u{24aa}\u{249f}\u{24a0}",
    "drop-in replacement for \u{274}\u{1d0f}\u{1d05}\u{1d07}",
    "drop-in replacement for N\u{1d52}\u{1d48}\u{1d49}",
    "drop-in replacement for No\u{301}de",
    "drop-in replacement for N\u{336}o\u{336}d\u{336}e\u{336}",
    "drop-in replacement for N\u{20dd}o\u{20dd}d\u{20dd}e",
    "drop-in replacement for N\u{a4f3}dE",
    "drop-in replacement for N\u{585}de",
    "\u{13a0}ROP-IN replacement for Node",
    "drop-\u{131}n replacement for Node",
    "drop-\u{2170}n replacement for Node",
    "drop-in replacement for \u{1f1f3}\u{1f1f4}\u{1f1e9}\u{1f1ea}",
    "drop-in replacement for N&#111;de",
    "drop-in replacement for N&#x6F;de",
    "drop-in&nbsp;replacement&nbsp;for&nbsp;Node",
    "drop-in replacement for No&shy;de",
    "drop-in replacement for No&zwnj;de",
    "drop-in replacement for &Nopf;ode",
    "drop-in replacement for N&ocy;de",
    "drop-in replace&af;ment for Node",
    "drop&hyphen;in replacement for Node",
    "drop&dash;in replacement for Node",
    "drop-in **replacement** for Node",
    "drop-in re**place**ment for Node",
    "drop-in re*place*ment for Node",
    "drop-in __replacement__ for Node",
    "drop-in ~~re~~placement for Node",
    "drop-in <i>re</i>placement for Node",
    "drop-in replacement for N<span style=\"color:red\">o</span>de",
    "drop-in replace<wbr>ment for Node",
    "drop-in replacement<br>for Node",
    "drop-in replacement<br/>\nfor Node",
    "drop-in replacement for No<!-- x -->de",
    "drop-in replacement <!-- not --> for Node",
    "drop-in replacement <!-- a\n\nb --> for Node",
    "drop-in replacement <script>x()</script> for Node",
    "drop-in replacement <style>p{}</style> for Node",
    "drop-in replacement <span hidden>never a</span> for Node",
    "drop-in replacement <span style=\"display:none\">never</span> for Node",
    "drop-in replacement <template>never</template> for Node",
    "drop-in replacement\nfor Node",
    "drop-in\nreplacement\nfor\nNode",
    "drop-in replacement\r\nfor Node",
    "drop-in replacement\rfor Node",
    "drop-in replacement  \nfor Node",
    "drop-in replacement\\\nfor Node",
    "> drop-in replacement\n> for Node",
    "- drop-in replacement\n  for Node",
    "# A drop-in replacement for Node",
    "drop-in replacement for Node\n=====",
    "| a | b |\n|---|---|\n| drop-in replacement for Node | x |",
    "a [drop-in replacement](https://x.y/z) for Node",
    "a [drop-in](u \"a (b) title\") replacement for Node",
    "a [drop-in replacement][r] for Node\n\n[r]: https://x",
    "![drop-in replacement for Node](x.png)",
    "<img alt=\"drop-in replacement for Node\" src=x>",
    "drop-in replacement [for](<a b>) Node",
    "drop-in replacement[^1] for Node\n\n[^1]: x",
    "a[^1]\n\n[^1]: It is a drop-in replacement for Node",
    "<a title=\"drop-in replacement for Node\" href=x>y</a>",
    "a `drop-in replacement for Node` is",
    "a drop-in `replacement` for Node",
    "```\ndrop-in replacement for Node\n```",
    "    drop-in replacement for Node",
    "drop\\-in replacement for Node",
    "---\ntitle: drop-in replacement for Node\n---\nx",
    "drop-in replacement for \u{202e}edoN\u{202c}",
    "drop-in replacement for <bdo dir=\"rtl\">edoN</bdo>",
    "drop-in replacement for N\u{200e}ode",
    "drop-in replacement for \u{2066}Node\u{2069}",
    "drop-in replacement<sup>1</sup> for Node",
    "drop-in replacement for <kbd>N</kbd>ode",
    "drop-in replacement for <ruby>Node<rt>x</rt></ruby>",
    "<details><summary>drop-in replacement</summary>for Node</details>",
    "drop-in replacement for $Node$",
    "drop-in replacement&nbsp;\nfor Node",
    "drop\u{b7}in replacement for Node",
    "drop-in replacement for No\u{e0061}de",
    "drop-in replacement for No\u{fe0f}de",
    "drop-in replacement for No\u{34f}de",
    "drop-in replacement\u{3164}for Node",
    "drop-in replacement\u{2800}for Node",
    "drop-in replacement for No<b\nclass=\"x\">de</b>",
    "drop-in replacement <![CDATA[ x ]]> for Node",
    "drop-in replacement <?php x ?> for Node",
    "drop-in replacement <!X y> for Node",
    "drop-in replacement for Node's API",
    "drop--in replacement for Node",
    "drop in replacement for Node",
    "dropin replacement for Node",
    "\u{201c}drop-in replacement\u{201d} for Node",
    "(drop-in) replacement for Node",
    "drop-in, replacement for Node",
    "drop-in _replacement_ for _Node_",
    "drop-in replacement \u{1f680} for Node",
    "* a\n  * drop-in\n    replacement for Node",
    "<dl><dt>drop-in</dt><dd>replacement for Node</dd></dl>",
];

/// What has the letters of the claim, and does not make it.
const OTHERS: &[&str] = &[
    "drop the replacement for the node",
    "a replacement for Nodes of a tree that we drop in",
    "drop-in replacement for Noder",
    "backdrop-in replacement for Node",
    "not even a drop",
    "drop-in. Replacement for Node",
    "<!-- gatekeeper: claims off: quotes a claim of others -->drop-in replacement for Node<!-- gatekeeper: claims on -->",
    "drop-in replacement for Deno",
    "drop-in replacement for anode",
    "an inn drops a replacement for Node",
    "drop-in replacement f\u{f4}rmer Node",
    "no drop-in repla cement for Node",
    "drop-in replacement for N\u{f6}del",
    "drop-in replacement for the worse Node",
];

#[test]
fn a_claim_is_found_however_it_is_set_and_nothing_else_is() {
    let copy = copy();
    let file = |text: &str| match text.starts_with(|c: char| c.is_alphanumeric()) {
        true => format!("It is a {text} .\n"),
        false => format!("{text}\n"),
    };
    for (texts, found) in [(SET, SET.len()), (OTHERS, 0)] {
        let names: Vec<String> = (0..texts.len()).map(|at| format!("{at}.md")).collect();
        for (name, text) in names.iter().zip(texts) {
            fs::write(copy.path().join(name), file(text)).expect("written");
        }
        let (code, said, verdict) = check(copy.path(), &names.iter().map(String::as_str).collect::<Vec<_>>(), true);
        let files: Vec<&str> =
            verdict["findings"].as_array().expect("a list").iter().filter_map(|row| row["file"].as_str()).collect();
        let wrong: Vec<&str> = names
            .iter()
            .zip(texts)
            .filter(|(name, _)| files.contains(&name.as_str()) == (found == 0))
            .map(|(_, text)| *text)
            .collect();
        assert_eq!((wrong, code), (Vec::new(), i32::from(found > 0)), "{said}");
    }
    assert_eq!((SET.len(), OTHERS.len()), (127, 14));
}
