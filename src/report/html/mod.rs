//! `html`: the verdict as one page that needs nothing else, to be kept with the run, uploaded by CI and opened in any browser.
//!
//! First the ruling and why, then what failed: each cause with its findings, where they are, what was expected and found, the
//! command that shows it again, what to do, and what waits behind it. Then every gate, what was measured and how close it is to its
//! limit, exceptions with the days that are left, what weakens the verdict, which gate needs which as a picture, and every artifact with
//! its digest and age.
//!
//! The page is one file without links to others. All of it can be read without script; the only script filters, and is named by its
//! digest in a content security policy that forbids everything else. It follows the reader's light or dark setting, is used with the
//! keyboard and read by screen readers, and prints. Every text from outside is escaped, cut at two thousand characters with a note,
//! and without characters that deceive. Of a gate the first thousand findings are told, and how many more there are.

mod failures;
mod graph;
mod tables;
mod words;

use super::Format;
use super::wire::v1::Tool;
use crate::model::{Mode, Ruling, Summary, Verdict, show_instant, show_span};
use words::{Tone, count, instant, text};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "html",
    file: None,
    lane: None,
    about: "The verdict as one self-contained page for a browser.",
    docs: include_str!("mod.rs"),
    schema: None,
    write: |verdict, out| out.write_all(compose(verdict).as_bytes()),
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Of [`STYLE`] and [`SCRIPT`]: the content security policy lets nothing else in. A test says what they have to be.
const STYLE_DIGEST: &str = "sha256-md2JwJl5v8qwABD4E+b5ck6Ufp+vWpgO0S6lk6eQmQw=";
const SCRIPT_DIGEST: &str = "sha256-5VIjJkh05An56nKusRiDMTqIlfqlFuddNRqjMrB4xss=";

fn compose(verdict: &Verdict) -> String {
    let ruling = verdict.ruling().word().to_uppercase();
    let sections = sections(verdict);
    let links: String =
        sections.iter().map(|section| format!("<li><a href=\"#{}\">{}</a></li>", section.id, section.link)).collect();
    let body: String = sections
        .iter()
        .map(|section| {
            format!(
                "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
                section.id, section.title, section.body
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{STYLE_DIGEST}'; script-src \
         '{SCRIPT_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{ruling}: {policy}, gatekeeper</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to what was found</a>\n<header>\n{head}<nav aria-label=\"Parts of this page\"><ul>{links}</ul></nav>\n\
         </header>\n<main id=\"main\">\n{filter}{body}</main>\n{foot}<script>{SCRIPT}</script>\n</body>\n</html>\n",
        policy = text(verdict.policy.as_str()),
        head = head(verdict),
        filter = FILTER,
        foot = foot(verdict),
    )
}

/// Shown by the script, which is what makes it work.
const FILTER: &str = "\
<form id=\"filter\" role=\"search\" aria-label=\"Filter gates\" hidden>
<div><label for=\"words\">Show gates with these words</label><input id=\"words\" type=\"search\" autocomplete=\"off\"></div>
<div><label for=\"result\">and this result</label><select id=\"result\">
<option value=\"\">any</option><option value=\"not-pass\">anything but pass</option><option value=\"fail\">fail</option>
<option value=\"advisory\">advisory</option><option value=\"blocked\">blocked</option><option value=\"waived\">waived</option>
<option value=\"skipped\">skipped</option><option value=\"not-evaluated\">not evaluated</option><option value=\"pass\">pass</option>
</select></div>
<output id=\"told\" for=\"words result\" role=\"status\"></output>
</form>
";

/// One part of the page.
struct Section {
    id: &'static str,
    link: String,
    title: String,
    body: String,
}

fn sections(verdict: &Verdict) -> Vec<Section> {
    let section =
        |id, title: String, body: Option<String>| body.map(|body| Section { id, link: title.clone(), title, body });
    let exceptions = verdict.exceptions.waivers.len() + verdict.exceptions.quarantine.len();
    let parts = [
        section("failures", "What failed".to_owned(), failures::section(verdict)),
        section("next", "What to run next".to_owned(), next(verdict)),
        section("gates", format!("Gates ({})", verdict.gates.len()), Some(tables::gates(verdict))),
        section("measured", "Measured".to_owned(), tables::measured(verdict)),
        section("exceptions", format!("Exceptions ({exceptions})"), tables::exceptions(verdict)),
        section("weakened", "What weakens this verdict".to_owned(), tables::weakened(verdict)),
        section("graph", "Which gate needs which".to_owned(), graph::section(verdict)),
        section("evidence", format!("Evidence ({})", verdict.evidence.len()), Some(tables::evidence(verdict))),
    ];
    parts.into_iter().flatten().collect()
}

/// The commands to go on with, if there are any.
fn next(verdict: &Verdict) -> Option<String> {
    let commands = super::next::next(verdict);
    let told = |line: &String| format!("<li><pre><code>{}</code></pre></li>\n", super::sanitise::xml(line));
    (!commands.is_empty()).then(|| format!("<ol class=\"next\">\n{}</ol>\n", commands.iter().map(told).collect::<String>()))
}

fn head(verdict: &Verdict) -> String {
    let ruling = verdict.ruling();
    let class = match ruling {
        Ruling::Fail => "fail",
        Ruling::Warn => "warn",
        Ruling::Pass => "pass",
    };
    let mut told = format!(
        "<div class=\"ruling {class}\">\n<h1>Release verdict: {}</h1>\n<p>{}.</p>\n",
        ruling.word().to_uppercase(),
        words::opening(&verdict.cause()),
    );
    if let Some(excused) = verdict.excused() {
        told += &format!("<p>With {}.</p>\n", words::sentence(&excused));
    }
    if let Mode::Rollback { rationale, until } = &verdict.mode {
        let state =
            if verdict.rolled_back() { "this verdict fails and does not block" } else { "a failure would not block" };
        told += &format!("<p><strong>Rolled back until {}: {state}.</strong> {}</p>\n", instant(*until), text(rationale));
    }
    told += "</div>\n";
    told += &totals(verdict);
    let facts: String =
        facts(verdict).iter().map(|(name, fact)| format!("<div><dt>{name}</dt><dd>{fact}</dd></div>\n")).collect();
    told + &format!("<dl class=\"facts\">\n{facts}</dl>\n")
}

fn facts(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(run) = &verdict.run {
        facts.push(("Run", text(&run.path)));
        facts.extend(run.id.iter().map(|id| ("Run id", text(id))));
        if !run.shards.is_empty() {
            facts.push(("Shards", run.shards.iter().map(|shard| text(shard)).collect::<Vec<_>>().join(", ")));
        }
    }
    facts.extend(verdict.commit.iter().map(|commit| ("Commit", format!("<code>{}</code>", text(commit)))));
    facts.push(("Policy", format!("{}, lane {}", text(verdict.policy.as_str()), text(verdict.lane.as_str()))));
    if let Some(from) = &verdict.policy_ref {
        let ledger = if from.ledger { "the exceptions too" } else { "the exceptions from the work tree" };
        let commit = text(&from.commit);
        facts.push(("Definitions from", format!("{}, commit <code>{commit}</code>, {ledger}", text(&from.name))));
    }
    facts.push(("Judged at", instant(verdict.generated_at)));
    if let Some((row, made)) = verdict.oldest() {
        let age = show_span((verdict.generated_at - made).num_seconds().max(0));
        facts.push(("Oldest evidence", format!("{age}: <code>{}</code>", text(&row.path.shown))));
    }
    facts.push(("Definitions", format!("SHA-256 <code>{}</code>", verdict.policy_digest)));
    facts
}

/// A bar of the gates by result, and the same in words.
fn totals(verdict: &Verdict) -> String {
    let Summary { gates, passed, failed, warned, skipped, waived, blocked, blocking_standing, blocking_total, .. } =
        verdict.summary();
    let parts = [
        (failed, "failed", Tone::Fail),
        (blocked, "blocked", Tone::Idle),
        (warned, "advisory", Tone::Warn),
        (waived, "waived", Tone::Warn),
        (skipped, "skipped or not evaluated", Tone::Idle),
        (passed, "passed", Tone::Pass),
    ];
    let (mut bar, mut legend, mut from) = (String::new(), String::new(), 0);
    for (number, word, tone) in parts.into_iter().filter(|(number, ..)| *number > 0) {
        let class = tone.class();
        let (x, width) = (share(from, gates), share(number, gates));
        bar +=
            &format!("<rect class=\"{class}\" fill=\"currentColor\" x=\"{x}\" y=\"0\" width=\"{width}\" height=\"10\"/>");
        legend += &format!("<li><span class=\"{class}\" aria-hidden=\"true\">{}</span> {number} {word}</li>", tone.sign());
        from += number;
    }
    if gates == 0 {
        return String::new();
    }
    format!(
        "<svg class=\"counts\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{bar}</svg>\n\
         <ul class=\"legend\">{legend}<li>{blocking_standing} of {} passed</li></ul>\n",
        count(blocking_total, "blocking gate", "blocking gates"),
    )
}

/// A part of a whole, in thousandths.
fn share(part: usize, whole: usize) -> usize {
    part.saturating_mul(1_000) / whole.max(1)
}

fn foot(verdict: &Verdict) -> String {
    format!(
        "<footer>gatekeeper {}, judged at {}. For programs: <code>full_suite_verdict.json</code>.</footer>\n",
        Tool::US.version,
        text(&show_instant(verdict.generated_at)),
    )
}

#[cfg(test)]
mod tests;
