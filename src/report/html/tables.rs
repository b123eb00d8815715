//! The tables of the page: gates, exceptions, what weakens the verdict, evidence.

use super::words::{Cell, Row, badge, code, count, instant, links, sentence, table, text};
use super::{failures, share};
use crate::model::{
    Entry, GateResult, Limit, Measure, Number, Quarantine, Reason, Standing, Validity, Verdict, WaiverUse, show_span,
};
use crate::report::wire::v1::exception::{problems, validity_word};

/// Every gate, in the policy's order.
pub(super) fn gates(verdict: &Verdict) -> String {
    if verdict.gates.is_empty() {
        return "<p>No gate was judged.</p>\n".to_owned();
    }
    let failed: Vec<_> = verdict.cascade().into_iter().filter(|(depth, _)| *depth == 0).map(|(_, gate)| &gate.id).collect();
    let failed: std::collections::BTreeSet<_> = failed.into_iter().collect();
    let rows = verdict.gates.iter().map(|gate| {
        let id = &gate.id;
        let name = if failed.contains(id) {
            format!("<a href=\"#gate-{id}\"><code>{id}</code></a>")
        } else {
            format!("<code>{id}</code>")
        };
        Row {
            attributes: format!(" id=\"row-{id}\" data-result=\"{}\"", gate.standing.word()),
            cells: vec![
                Cell("name", name),
                Cell("", badge(gate)),
                Cell("", if gate.terms.blocking { "yes" } else { "no" }.to_owned()),
                Cell("text", story(gate, failed.contains(id))),
                Cell("", text(&gate.owner)),
                Cell("", links(&gate.needs)),
            ],
        }
    });
    table("Gates", &["Gate", "Result", "Blocking", "Detail", "Owner", "Needs"], rows.collect())
}

/// A gate in a line, and folded what its checks said. The findings of a waived gate stand nowhere else.
fn story(gate: &GateResult, told_above: bool) -> String {
    let title = text(&gate.title);
    let line = if told_above { String::new() } else { format!(": {}", sentence(&gate.detail)) };
    let checks: String = gate
        .checks
        .iter()
        .map(|check| {
            let looked = if check.examined > 0 { format!(" ({} examined)", check.examined) } else { String::new() };
            format!("<li>{}: <code>{}</code>, {}{looked}</li>\n", check.outcome, text(check.kind), sentence(&check.expect))
        })
        .collect();
    let notes: String =
        gate.notes.iter().map(|note| format!("<li>{}: {}</li>\n", note.about, sentence(&note.text))).collect();
    let mut folded = String::new();
    if gate.standing == Standing::Waived {
        folded += &failures::findings(gate);
        folded += &failures::to_do(gate);
    }
    if !checks.is_empty() {
        folded += &format!("<ul>\n{checks}</ul>\n");
    }
    if !notes.is_empty() {
        folded += &format!("<p>Notes:</p>\n<ul>\n{notes}</ul>\n");
    }
    if folded.is_empty() {
        return format!("{title}{line}");
    }
    let more = count(gate.checks.len(), "check", "checks");
    format!("{title}{line}\n<details><summary>{more}</summary>\n{folded}</details>")
}

/// Rows of values that a page can hold and still be read.
const VALUES_MAX: usize = 2_000;

/// What checks measured, with the limits; `None` where nothing was.
pub(super) fn measured(verdict: &Verdict) -> Option<String> {
    let all: Vec<_> = verdict.gates.iter().flat_map(|gate| gate.measured.iter().map(move |one| (gate, one))).collect();
    if all.is_empty() {
        return None;
    }
    let rows = all.iter().take(VALUES_MAX).map(|(gate, one)| Row {
        attributes: String::new(),
        cells: vec![
            Cell("name", links(std::slice::from_ref(&gate.id))),
            Cell("text", sentence(&one.to_string())),
            Cell("", limit(one)),
        ],
    });
    let mut told = table("Measured values", &["Gate", "Value and limit", "How close"], rows.collect());
    if let more @ 1.. = all.len().saturating_sub(VALUES_MAX) {
        told += &format!("<p>{more} more in <code>full_suite_verdict.json</code>.</p>\n");
    }
    Some(told)
}

/// As near as a picture needs it.
fn float(number: Number) -> f64 {
    match number {
        Number::Int(int) => int as f64,
        Number::Float(float) => float,
    }
}

/// A bar of the value with a mark at its limit. The row says both in words.
fn limit(measure: &Measure) -> String {
    let (limit, good) = match measure.limit {
        Some(Limit::AtMost(most)) => (float(most), float(measure.value) <= float(most)),
        Some(Limit::AtLeast(least)) => (float(least), float(measure.value) >= float(least)),
        None => return String::new(),
    };
    let value = float(measure.value);
    let whole = value.max(limit);
    if !(value >= 0.0 && limit >= 0.0 && whole > 0.0 && whole.is_finite()) {
        return String::new();
    }
    let part = |of: f64| (of / whole * 1_000.0).round();
    let (class, used, mark) = (if good { "pass" } else { "fail" }, part(value), part(limit).min(994.0));
    format!(
        "<svg class=\"bar {class}\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"all\" \
         width=\"1000\" height=\"10\"/><rect class=\"used\" width=\"{used}\" height=\"10\"/><rect class=\"mark\" x=\"{mark}\" width=\"12\" \
         height=\"10\"/></svg>"
    )
}

/// Waivers and quarantined tests; `None` where there are none.
pub(super) fn exceptions(verdict: &Verdict) -> Option<String> {
    let used = &verdict.exceptions;
    let mut told = String::new();
    if !used.waivers.is_empty() {
        let header = ["Waived gate", "State", "Days", "Covers a failure", "Owner", "Reason or problems", "Ends when"];
        told += "<h3>Waivers</h3>\n";
        told += &table("Waivers", &header, used.waivers.iter().map(waiver).collect());
    }
    if !used.quarantine.is_empty() {
        let header = ["Quarantined test", "State", "Days", "Excused a failure", "Owner", "Reason or problems", "Ends when"];
        let rows = used
            .quarantine
            .iter()
            .map(|(entry, validity)| quarantine(entry, validity.as_ref(), used.excused.contains(&entry.name)));
        told += "<h3>Quarantined tests</h3>\n";
        told += &table("Quarantined tests", &header, rows.collect());
    }
    if !used.unused.is_empty() {
        let names: String = used.unused.iter().map(|name| format!("<li>{}</li>\n", sentence(name))).collect();
        told += &format!("<p>In force, and without effect:</p>\n<ul>\n{names}</ul>\n");
    }
    (!told.is_empty()).then_some(told)
}

fn waiver(waiver: &WaiverUse) -> Row {
    let read = waiver.entry.read.as_ref().ok();
    let span = read.map(|read| (read.days(), read.expires.to_string()));
    exception(
        &waiver.entry,
        waiver.validity.as_ref(),
        waiver.used,
        span,
        read.map(|read| [&*read.owner, &*read.reason, &*read.exit_criterion]),
    )
}

fn quarantine(entry: &Entry<Quarantine>, validity: Option<&Validity>, excused: bool) -> Row {
    let read = entry.read.as_ref().ok();
    let span = read.map(|read| (read.days(), read.expires.to_string()));
    exception(entry, validity, excused, span, read.map(|read| [&*read.owner, &*read.reason, &*read.exit_criterion]))
}

fn exception<T>(
    entry: &Entry<T>,
    validity: Option<&Validity>,
    used: bool,
    span: Option<(i64, String)>,
    told: Option<[&str; 3]>,
) -> Row {
    let wrong: Vec<String> = problems(entry, validity).into_iter().map(|problem| text(&problem.detail)).collect();
    let [owner, reason, ends] = told.unwrap_or_default();
    let class = match validity {
        Some(Validity::InForce { .. }) => "pass",
        Some(Validity::Expiring { .. }) => "warn",
        Some(Validity::Expired { .. } | Validity::Unsound(_)) | None => "fail",
    };
    Row {
        attributes: String::new(),
        cells: vec![
            Cell("name", code(&entry.name)),
            Cell("", format!("<span class=\"badge {class}\">{}</span>", validity_word(validity))),
            Cell("", days(validity, span, class)),
            Cell("", if used { "yes" } else { "no" }.to_owned()),
            Cell("", text(owner)),
            Cell("text", if wrong.is_empty() { text(reason) } else { wrong.join("; ") }),
            Cell("", text(ends)),
        ],
    }
}

/// The days that are left, and a bar of those that are over.
fn days(validity: Option<&Validity>, span: Option<(i64, String)>, class: &str) -> String {
    let (words, left) = match validity {
        Some(Validity::InForce { days_left } | Validity::Expiring { days_left }) => {
            (count(usize::try_from(*days_left).unwrap_or(0), "day left, until", "days left, until"), *days_left)
        }
        Some(Validity::Expired { days }) => {
            (format!("ended {} ago, on", count(usize::try_from(*days).unwrap_or(0), "day", "days")), 0)
        }
        Some(Validity::Unsound(_)) | None => return String::new(),
    };
    let Some((all, last)) = span else { return String::new() };
    let whole = usize::try_from(all).unwrap_or(0).max(1);
    let over = whole.saturating_sub(usize::try_from(left).unwrap_or(0));
    format!(
        "{words} {last}<svg class=\"bar {class}\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{over} of {} over\"><rect class=\"all\" width=\"1000\" height=\"10\"/><rect class=\"used\" width=\"{}\" \
         height=\"10\"/></svg>",
        count(whole, "day", "days"),
        share(over, whole),
    )
}

/// `None` where nothing does.
pub(super) fn weakened(verdict: &Verdict) -> Option<String> {
    let line = |w: &crate::model::Weakening| format!("<li><strong>{}</strong>: {}</li>\n", w.switch, sentence(&w.detail));
    let lines: String = verdict.weakened_by.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("<ul>\n{lines}</ul>\n"))
}

/// Every artifact that was looked for.
pub(super) fn evidence(verdict: &Verdict) -> String {
    if verdict.evidence.is_empty() {
        return "<p>No artifact was looked for.</p>\n".to_owned();
    }
    let rows = verdict.evidence.iter().map(|row| {
        let state = match row.gap {
            Some(gap) => format!("<span class=\"badge warn\">{}</span>", Reason::Gap(gap).word()),
            None => "read".to_owned(),
        };
        let instead =
            row.instead.as_ref().map(|path| format!(" (not judged: {} is there)", code(path))).unwrap_or_default();
        let age = row.made.map(|made| {
            let age = show_span((verdict.generated_at - made).num_seconds().max(0));
            format!("{age}<br><span class=\"soft\">{}</span>", instant(made))
        });
        Row {
            attributes: String::new(),
            cells: vec![
                Cell("name", code(&row.path.shown) + &instead),
                Cell("", state),
                Cell("number", row.size.to_string()),
                Cell("", age.unwrap_or_default()),
                Cell("digest", row.digest.map(|digest| format!("<code>{digest}</code>")).unwrap_or_default()),
                Cell("", links(&row.gates)),
            ],
        }
    });
    table("Evidence", &["Artifact", "State", "Bytes", "Age", "SHA-256", "Gates"], rows.collect())
}
