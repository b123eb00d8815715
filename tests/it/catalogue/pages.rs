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
    let about = "A check asserts one fact over admitted evidence. Read each kind behind \"this gate requires\". What can be called in \
                 expressions: [functions](expressions.md).";
    let mut pages = room("checks", "Check kinds", about, entries.collect());
    pages.insert("checks/expressions.md".to_owned(), expressions());
    pages
}

/// `docs/checks/expressions.md`.
fn expressions() -> String {
    format!(
        "{NOTE}\n# Functions of expressions\n\nExpressions have the syntax of CEL. Their names are the gate's evidence, `policy`, `now`, `run`, and what a check \
         kind binds; [fields](../evidence/fields.md) lists those of reports. Operators: `&&`, `||`, `!`, `? :`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `+`, `-`, \
         `*`, `/`, `%`, `[..]`. A missing field, a wrong type and a text that is no number, time or version are findings, never true or \
         false.\n\n{}\nTexts compare by code point, in which `9.11.2` comes after `18.0.0`. `lint` doubts a literal that looks like a number or a version, and two \
         texts that look so and have another order as such are the finding `wrong-type`: write `version(a) >= version(b)` or `double(a) >= \
         double(b)`.\n",
        gatekeeper::expr::functions_page()
    )
}

/// `docs/glossary.md`.
pub fn glossary() -> Pages {
    Pages::from([("glossary.md".to_owned(), format!("{NOTE}\n{}", gatekeeper::cli::glossary_page()))])
}

/// `docs/evidence/`.
pub fn evidence() -> Pages {
    let entries = collect::FORMATS.iter().map(|format| {
        let endings: Vec<String> = format.extensions.iter().map(|ending| format!("`.{ending}`")).collect();
        let endings = match endings.as_slice() {
            [] => "Never taken by default: name it with `format`.".to_owned(),
            some => format!("Taken by default for {}.", some.join(", ")),
        };
        let fields = fields_of(format.about)
            .map(|(anchor, ..)| format!("\n\nWhat expressions and places can ask for: [fields](fields.md#{anchor})."));
        (format.id, format.about, format!("{}\n{endings}{}", format.page(), fields.unwrap_or_default()))
    });
    let about = "How the bytes of an artifact are read: `format` of an evidence need, or by the file's extension. What expressions and \
                 places can ask of test reports, benchmarks and coverage: [fields](fields.md).";
    let mut pages = room("evidence", "Evidence formats", about, entries.collect());
    pages.insert("evidence/fields.md".to_owned(), fields());
    pages
}

/// What has fields that no file shows: how its formats are described, its part of the page, and the source that tells the fields.
const FIELDS: [(&str, &str, &str, &str); 3] = [
    ("test results as ", "test-results", "Test results", include_str!("../../../src/model/test_view.rs")),
    ("benchmarks as ", "benchmarks", "Benchmarks", include_str!("../../../src/model/measurement.rs")),
    ("coverage as ", "coverage", "Coverage", include_str!("../../../src/model/coverage.rs")),
];

/// The part of the fields' page for a format of which this is said.
fn fields_of(about: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let like = |start: &str| {
        about.starts_with(start)
            || (start == "test results as " && about.starts_with("test results "))
            || (start == "benchmarks as " && (about.starts_with("results in the Bencher") || about.starts_with("budgets ")))
    };
    FIELDS.into_iter().find(|(start, ..)| like(start)).map(|(_, anchor, title, source)| (anchor, title, source))
}

/// `docs/evidence/fields.md`: the blocks in the headers of the views themselves.
fn fields() -> String {
    let mut page = format!(
        "{NOTE}\n# Fields\n\nWhatever tool wrote a report, expressions and places see these fields of it. `x[]` is a list, `?` may be missing; \
         `gatekeeper inspect` shows what a file comes to.\n"
    );
    for (_, _, title, source) in FIELDS {
        let header: Vec<&str> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let block = header.iter().skip_while(|line| line.trim() != "```text").take_while(|line| line.trim() != "```");
        let block: Vec<&str> = block.skip(1).map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        assert!(block.len() > 2, "{title}: the header of its view has no block of fields");
        page.push_str(&format!("\n## {title}\n\n```text\n{}\n```\n", block.join("\n")));
    }
    page.push_str(
        "\nFor example, that no test took longer than ten seconds, and that no file is without coverage:\n\n```toml\n[[check]]\nkind = \"each-holds\"\nin = \
         \"tests.cases\"\nthat = \"!has(item.seconds) || item.seconds <= 10.0\"\nabsence = \"Not every tool tells how long a test took.\"\n\n\
         [[check]]\nkind = \"each-holds\"\nin = \"coverage.files\"\nthat = \"item.lines_total == 0 || item.lines_covered > 0\"\n```\n",
    );
    page
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
