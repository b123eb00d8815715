//! The small pieces of the page: escaped text, badges, links, tables.

use crate::model::{GateId, GateResult, Instant, Reason, Standing, show_instant};
use crate::report::sanitise::{excerpt, xml};

/// Characters of one text from outside before it is cut.
const TEXT_MAX: usize = 2_000;

/// A text from outside, for a place between tags or in an attribute.
pub(super) fn text(text: &str) -> String {
    xml(&excerpt(text, TEXT_MAX))
}

/// A text from outside as code; a blank one says that it is.
pub(super) fn code(given: &str) -> String {
    if given.trim().is_empty() { "<em>blank</em>".to_owned() } else { format!("<code>{}</code>", text(given)) }
}

/// A sentence of ours with `names` in backticks, which become code.
pub(super) fn sentence(given: &str) -> String {
    let parts: Vec<&str> = given.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(given);
    }
    let part = |(at, part): (usize, &&str)| if at.is_multiple_of(2) { text(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// The same at the beginning of a paragraph.
pub(super) fn opening(given: &str) -> String {
    let mut letters = given.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    sentence(&first.into_iter().chain(letters).collect::<String>())
}

/// A time, for people and for programs.
pub(super) fn instant(at: Instant) -> String {
    let shown = text(&show_instant(at));
    format!("<time datetime=\"{shown}\">{shown}</time>")
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// How a result looks. The sign and the word say it too, for whom no colour does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It makes the verdict fail.
    Fail,
    /// It is to be looked at.
    Warn,
    /// Nothing was judged.
    Idle,
    /// It passed.
    Pass,
}

impl Tone {
    /// The class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Tone::Fail => "fail",
            Tone::Warn => "warn",
            Tone::Idle => "idle",
            Tone::Pass => "pass",
        }
    }

    /// A sign beside the word.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Tone::Fail => "\u{2715}",
            Tone::Warn => "!",
            Tone::Idle => "\u{2013}",
            Tone::Pass => "\u{2713}",
        }
    }
}

/// How a standing looks.
pub(super) const fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Fail => Tone::Fail,
        Standing::Waived | Standing::Advisory => Tone::Warn,
        Standing::Blocked | Standing::Skipped | Standing::NotEvaluated => Tone::Idle,
        Standing::Pass => Tone::Pass,
    }
}

/// What a gate counts as, with the reason where the word does not say it.
pub(super) fn badge(gate: &GateResult) -> String {
    let tone = tone(gate.standing);
    let reason = match gate.reason {
        Some(Reason::Gap(kind)) => format!(": {}", kind.word()),
        Some(Reason::Incomplete) => ": incomplete".to_owned(),
        Some(Reason::Finding | Reason::Blocked | Reason::Absent | Reason::NotEvaluated) | None => String::new(),
    };
    format!(
        "<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}{reason}</span>",
        tone.class(),
        tone.sign(),
        gate.standing.word(),
    )
}

/// Names of gates, each a link to its row.
pub(super) fn links(ids: &[GateId]) -> String {
    let link = |id: &GateId| format!("<a href=\"#row-{id}\"><code>{id}</code></a>");
    ids.iter().map(link).collect::<Vec<_>>().join(", ")
}

/// One cell: its class, and what stands in it.
pub(super) struct Cell(pub(super) &'static str, pub(super) String);

/// One row: its attributes, and its cells.
pub(super) struct Row {
    pub(super) attributes: String,
    pub(super) cells: Vec<Cell>,
}

/// A table. Where the page is narrow each row is a block, so that every part says what it is.
pub(super) fn table(caption: &str, header: &[&str], rows: Vec<Row>) -> String {
    let heads: String = header.iter().map(|name| format!("<th role=\"columnheader\" scope=\"col\">{name}</th>")).collect();
    let mut told = format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n<table class=\"wide\" role=\"table\" \
         aria-label=\"{caption}\">\n<thead role=\"rowgroup\"><tr role=\"row\">{heads}</tr></thead>\n<tbody role=\"rowgroup\">\n"
    );
    for row in rows {
        told += &format!("<tr role=\"row\"{}>", row.attributes);
        for (Cell(class, cell), name) in row.cells.into_iter().zip(header) {
            told += &format!("<td role=\"cell\" class=\"{class}\" data-label=\"{name}\">{cell}</td>");
        }
        told += "</tr>\n";
    }
    told + "</tbody>\n</table>\n</div>\n"
}
