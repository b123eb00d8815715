//! `gatekeeper inspect`: how evidence files are read, as JSON, one object a file.

use super::args::Inspect;
use super::{Console, Exit, told};
use crate::model::{Base, Limits, RelPath, shown_path};
use crate::report::wire::document;
use crate::report::wire::v1::commands::{Gap, inspection as wire};
use crate::workspace::Disk;
use crate::{collect, diagnostic};
use std::path::Path;

/// Runs the command. A file that cannot be admitted is printed with its gap, and the command exits as for a gap.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Inspect, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("json"), console)?;
    let format = match &args.format {
        None => None,
        Some(wanted) => Some(collect::FORMATS.iter().copied().find(|format| format.id == wanted).ok_or_else(|| {
            let help = diagnostic::did_you_mean(wanted, collect::FORMATS.iter().map(|format| format.id));
            console.say(&format!("error: there is no evidence format `{wanted}`; {help}"));
            Exit::Usage
        })?),
    };
    let mut all = Vec::new();
    for file in &args.files {
        let read = inspect(file, format).map_err(|phrase| {
            console.say(&format!("error: {}: {phrase}", shown_path(file)));
            Exit::Usage
        })?;
        all.push(read);
    }
    let make = |form: &str| match form {
        "text" => all.iter().map(text).collect::<String>(),
        _ => all.iter().map(document).collect(),
    };
    printer.print(&make, console)?;
    Ok(if all.iter().any(|read| read.gap.is_some()) { Exit::Gap } else { Exit::Pass })
}

/// The file's own directory stands for the run, so the same containment holds as in a judgement.
fn inspect(file: &Path, format: Option<&'static crate::gate::Format>) -> Result<wire::Inspection, String> {
    let name = file.file_name().and_then(|name| name.to_str()).ok_or("its name is not UTF-8 text")?;
    let name = RelPath::parse(name).map_err(|unsafe_path| unsafe_path.to_string())?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let workspace = Disk::new(directory, Some(directory), None, None)?;
    let read = collect::inspect(&workspace, Base::Run, &name, format, &Limits::default());

    Ok(wire::Inspection {
        schema: wire::SCHEMA,
        path: file.to_string_lossy().into_owned(),
        format: read.format.to_string(),
        sha256: read.sha256.map(|digest| digest.to_string()),
        size: read.size,
        fields: read.fields.into_iter().map(|(at, value)| wire::Field { at, value }).collect(),
        records: read.records,
        tests: read.tests.map(|totals| totals.entries().into()),
        measurements: read.measurements.map(|totals| totals.entries().into()),
        coverage: read.coverage.map(|totals| totals.entries().into()),
        faults: read.faults,
        cut_short: read.cut_short,
        contradictions: read.contradictions,
        gap: read.gap.as_ref().map(Gap::from),
    })
}

/// The same for people: the file, what it is read as, and each count.
fn text(read: &wire::Inspection) -> String {
    let mut out = format!("{}: {}, {}\n", told::safe(&read.path), read.format, told::count_of(read.size, "byte"));
    for field in &read.fields {
        out.push_str(&format!("  {}: {}\n", told::safe(&field.at), told::safe(&field.value)));
    }
    if let Some(records) = read.records {
        out.push_str(&format!("  {}\n", told::count_of(records, "record")));
    }
    for (what, counts) in [("tests", &read.tests), ("measurements", &read.measurements), ("coverage", &read.coverage)] {
        let counts = counts.iter().flatten().map(|(word, count)| format!("{word} {count}"));
        let counts: Vec<String> = counts.collect();
        if !counts.is_empty() {
            out.push_str(&format!("  {what}: {}\n", counts.join(", ")));
        }
    }
    for (what, all) in [("fault", &read.faults), ("cut short", &read.cut_short), ("contradiction", &read.contradictions)] {
        all.iter().for_each(|one| out.push_str(&format!("  {what}: {}\n", told::safe(one))));
    }
    if let Some(Gap { kind, expected, actual, .. }) = &read.gap {
        out.push_str(&format!("  no evidence: {kind}: expected {}, found {}\n", told::safe(expected), told::safe(actual)));
    }
    out
}
