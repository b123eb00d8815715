//! Pages about what is compiled in: check kinds, formats, diagnostics, exit codes, schemas.

use super::bless::Pages;
use gatekeeper::cli::EXITS;
use gatekeeper::definition::markdown;
use gatekeeper::diagnostic::CODES;
use gatekeeper::{checks, collect, load, pipeline, report};

/// The first line of every generated page.
pub const NOTE: &str = "<!-- Generated: change what it is made from, then run `GATEKEEPER_BLESS=1 cargo test`. -->\n";

/// A page for each entry and an index.
fn room(folder: &str, title: &str, about: &str, entries: Vec<(&str, &str, String)>) -> Pages {
    let mut index = format!("{NOTE}\n# {title}\n\n{about}\n\n| name | about |\n|---|---|\n");
    let mut pages = Pages::new();
    for (id, line, body) in entries {
        index.push_str(&format!("| [`{id}`]({id}.md) | {} |\n", line.replace('|', "\\|")));
        pages.insert(format!("{folder}/{id}.md"), format!("{NOTE}\n# `{id}`\n\n{}\n", body.trim_end()));
    }
    pages.insert(format!("{folder}/README.md"), index);
    pages
}

/// `docs/checks/`.
pub fn checks() -> Pages {
    let entries = checks::CHECKS.iter().map(|kind| {
        let keys = markdown(&load::check_kind_keys(kind));
        (kind.id, kind.about, format!("{}\n## Keys\n\n{keys}", kind.page()))
    });
    let about = "A check asserts one fact over admitted evidence. Read each kind behind \"this gate requires\".";
    room("checks", "Check kinds", about, entries.collect())
}

/// `docs/evidence/`.
pub fn evidence() -> Pages {
    let entries = collect::FORMATS.iter().map(|format| {
        let endings: Vec<String> = format.extensions.iter().map(|ending| format!("`.{ending}`")).collect();
        let endings = match endings.as_slice() {
            [] => "Never taken by default: name it with `format`.".to_owned(),
            some => format!("Taken by default for {}.", some.join(", ")),
        };
        (format.id, format.about, format!("{}\n{endings}", format.page()))
    });
    let about = "How the bytes of an artifact are read: `format` of an evidence need, or by the file's extension.";
    room("evidence", "Evidence formats", about, entries.collect())
}

/// `docs/formats/`.
pub fn formats() -> Pages {
    let entries = report::FORMATS.iter().map(|format| {
        let written = match format.file {
            Some(file) => format!("Written to `{file}` in the output directory without being asked for."),
            None => "Written only when asked for.".to_owned(),
        };
        let schema = format.schema.map(|_| format!(" Schema: [{0}.json](../schemas/{0}.json).", format.id));
        let ask = format!("`-o {0}` writes it to standard output, `-o {0}=PATH` to a file.", format.id);
        (format.id, format.about, format!("{}\n{written} {ask}{}", format.page(), schema.unwrap_or_default()))
    });
    let about = "How a verdict is written down. The exit code never depends on the format.";
    room("formats", "Output formats", about, entries.collect())
}

/// `docs/diagnostics.md`.
pub fn diagnostics() -> Pages {
    let mut page = format!(
        "{NOTE}\n# Diagnostics\n\nProblems in definitions: gates, policies, configuration, ledger. All problems of one load are \
         reported together, and nothing is judged (exit code 2). Problems in evidence are findings and gaps instead.\n\n"
    );
    for code in CODES {
        page.push_str(&format!("## `{}`\n\n{}\n\n", code.name, code.about));
    }
    [("diagnostics.md".to_owned(), format!("{}\n", page.trim_end()))].into()
}

/// `docs/exit-codes.md`.
pub fn exit_codes() -> Pages {
    let mut page = format!("{NOTE}\n# Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, about) in EXITS {
        page.push_str(&format!("| {} | {about} |\n", exit.number()));
    }
    [("exit-codes.md".to_owned(), page)].into()
}

/// `docs/schemas/`.
pub fn schemas() -> Pages {
    let inputs = load::schemas(&pipeline::registry()).into_iter().map(|(name, text)| (name.to_owned(), text));
    let outputs = report::FORMATS.iter().filter_map(|format| Some((format.id.to_owned(), format.schema?())));
    let others = report::other_schemas().into_iter().map(|(name, text)| (name.to_owned(), text));
    let mut pages = Pages::new();
    for (name, text) in inputs.chain(outputs).chain(others) {
        let twice = pages.insert(format!("schemas/{name}.json"), text);
        assert!(twice.is_none(), "two schemas are called `{name}`");
    }
    pages
}
