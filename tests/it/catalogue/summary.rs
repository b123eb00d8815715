//! `docs/SUMMARY.md`, the table of contents of the book, and the index of decisions. Lines at the margin are written by hand; below a line
//! that leads to the `README.md` of a folder stand all other pages of that folder.

use super::bless::Pages;
use super::pages::NOTE;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn docs() -> PathBuf {
    super::root().join("docs")
}

/// The pages below a folder of `docs/`, as links from `docs/`, sorted.
pub fn below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in super::names(&docs().join(folder)) {
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if docs().join(&path).is_dir() {
            found.extend(below(&path));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found
}

/// The first heading of a page, without code marks.
fn title(page: &str) -> String {
    let text = fs::read_to_string(docs().join(page)).expect("a page");
    let heading = text.lines().find_map(|line| line.strip_prefix("# ")).expect("a page has a heading");
    heading.replace(['`', '[', ']'], "")
}

/// The targets of the links of a table of contents.
pub fn targets(summary: &str) -> Vec<String> {
    let links = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.map(str::to_owned).collect()
}

/// `docs/SUMMARY.md`.
pub fn summary() -> Pages {
    let old = fs::read_to_string(docs().join("SUMMARY.md")).expect("a table of contents");
    let own: Vec<&str> = old.lines().filter(|line| !line.starts_with("  ")).collect();
    let listed: BTreeSet<String> = targets(&own.join("\n")).into_iter().collect();
    let mut lines: Vec<String> = Vec::new();
    for line in own {
        lines.push(line.to_owned());
        let index = targets(line).pop().filter(|_| line.starts_with("- "));
        let Some(folder) = index.as_deref().and_then(|page| page.strip_suffix("/README.md")) else { continue };
        let others = below(folder).into_iter().filter(|page| !listed.contains(page));
        lines.extend(others.map(|page| format!("  - [{}]({page})", title(&page))));
    }
    Pages::from([("SUMMARY.md".to_owned(), lines.join("\n") + "\n")])
}

/// `docs/decisions/README.md`.
pub fn decisions() -> Pages {
    let mut page =
        format!("{NOTE}\n# Decisions\n\nWhy things are as they are, one page each.\n\n| page | of |\n|---|---|\n");
    for one in below("decisions").iter().filter(|page| !page.ends_with("README.md")) {
        let name = one.trim_start_matches("decisions/");
        page += &format!("| [{name}]({name}) | {} |\n", title(one));
    }
    Pages::from([("decisions/README.md".to_owned(), page)])
}
