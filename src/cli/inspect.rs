//! `gatekeeper inspect`: how evidence files are read, as JSON, one object a file.

use super::args::Inspect;
use super::{Console, Exit, told};
use crate::model::{Base, Limits, RelPath, shown_path};
use crate::workspace::Disk;
use crate::{collect, diagnostic};
use serde_json::{Map, Value};
use std::path::Path;

/// Runs the command. A file that cannot be admitted is printed with its gap, and the command exits as for a gap.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Inspect, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let format = match &args.format {
        None => None,
        Some(wanted) => Some(collect::FORMATS.iter().copied().find(|format| format.id == wanted).ok_or_else(|| {
            let help = diagnostic::did_you_mean(wanted, collect::FORMATS.iter().map(|format| format.id));
            console.say(&format!("error: there is no evidence format `{wanted}`; {help}"));
            Exit::Usage
        })?),
    };
    let mut worst = Exit::Pass;
    for file in &args.files {
        let read = inspect(file, format).map_err(|phrase| {
            console.say(&format!("error: {}: {phrase}", shown_path(file)));
            Exit::Usage
        })?;
        if read.contains_key("gap") {
            worst = Exit::Gap;
        }
        told::print(Some(read.into()), "", console)?;
    }
    Ok(worst)
}

/// The file's own directory stands for the run, so the same containment holds as in a judgement.
fn inspect(file: &Path, format: Option<&'static crate::gate::Format>) -> Result<Map<String, Value>, String> {
    let name = file.file_name().and_then(|name| name.to_str()).ok_or("its name is not UTF-8 text")?;
    let name = RelPath::parse(name).map_err(|unsafe_path| unsafe_path.to_string())?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let workspace = Disk::new(directory, Some(directory), None, None)?;
    let read = collect::inspect(&workspace, Base::Run, &name, format, &Limits::default());

    let mut json = Map::new();
    json.insert("path".to_owned(), file.to_string_lossy().into());
    json.insert("format".to_owned(), read.format.into());
    json.insert("sha256".to_owned(), read.sha256.map_or(Value::Null, |digest| digest.to_string().into()));
    json.insert("size".to_owned(), read.size.into());
    if let Some(records) = read.records {
        json.insert("records".to_owned(), records.into());
    }
    let counts = [
        ("tests", read.tests.map(|totals| totals.entries().to_vec())),
        ("measurements", read.measurements.map(|totals| totals.entries().to_vec())),
        ("coverage", read.coverage.map(|totals| totals.entries().to_vec())),
    ];
    for (word, entries) in counts {
        if let Some(entries) = entries {
            let entries: Map<String, Value> =
                entries.into_iter().map(|(word, count)| (word.to_owned(), count.into())).collect();
            json.insert(word.to_owned(), entries.into());
        }
    }
    for (word, told) in [("faults", &read.faults), ("cut_short", &read.cut_short), ("contradictions", &read.contradictions)]
    {
        if !told.is_empty() {
            json.insert(word.to_owned(), told.as_slice().into());
        }
    }
    if let Some(gap) = &read.gap {
        let at = gap.at.to_string();
        let gap = serde_json::json!({ "kind": gap.kind.word(), "expected": gap.expected, "actual": gap.actual, "at": at });
        json.insert("gap".to_owned(), gap);
    }
    Ok(json)
}
