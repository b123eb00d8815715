//! Links and paths in Markdown pages: do they lead anywhere?

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Paths in backticks are checked when they begin like one of ours. Customers' paths look different, or stand in generated
/// pages, where only links count.
const OURS: &[&str] = &["src/", "fixtures/", "policies/", "gates/", "tests/it/", ".ci/", ".github/"];

/// How many links and paths were seen in README.md and `docs/`, and those that lead nowhere.
pub fn dead(root: &Path, generated: &BTreeSet<&str>) -> (usize, Vec<String>) {
    let (mut checked, mut faults) = (0, Vec::new());
    let mut pages = Vec::new();
    collect(root, "docs", &mut pages);
    if root.join("README.md").exists() {
        pages.push("README.md".to_owned());
    }
    for page in pages.iter().filter(|page| page.ends_with(".md")) {
        let text = fs::read_to_string(root.join(page)).expect("UTF-8 Markdown");
        let folder = Path::new(page).parent().expect("a page lies in a folder");
        let made = generated.iter().any(|place| page.strip_prefix("docs/").is_some_and(|page| page.starts_with(place)));
        for (link, anchor) in links(&text) {
            checked += 1;
            let target = if link.is_empty() { root.join(page) } else { root.join(folder).join(&link) };
            if !target.exists() {
                faults.push(format!("{page}: the link `{link}`"));
            } else if let Some(anchor) = anchor
                && !anchors(&fs::read_to_string(&target).unwrap_or_default()).contains(&anchor)
            {
                faults.push(format!("{page}: the place `{link}#{anchor}`"));
            }
        }
        for path in paths(&text).into_iter().filter(|_| !made) {
            checked += 1;
            if !root.join(&path).exists() {
                faults.push(format!("{page}: the path `{path}`"));
            }
        }
    }
    (checked, faults)
}

fn collect(root: &Path, folder: &str, pages: &mut Vec<String>) {
    for name in super::names(&root.join(folder)) {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() { collect(root, &path, pages) } else { pages.push(path) }
    }
}

/// The targets of relative links, with the places in them that they name.
fn links(text: &str) -> Vec<(String, Option<String>)> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let relative = targets.filter(|target| !target.contains("://") && !target.starts_with('<'));
    let parts = |target: &str| match target.split_once('#') {
        Some((link, anchor)) => (link.to_owned(), Some(anchor.to_owned())),
        None => (target.to_owned(), None),
    };
    relative.map(parts).collect()
}

/// The places of a page: its headings, as code hosts and mdBook name them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for heading in text.split("```").step_by(2).flat_map(str::lines).filter(|line| line.starts_with('#')) {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let other = (1..).map(|number| format!("{name}-{number}")).find(|other| !found.contains(other));
        if !found.insert(name) {
            found.extend(other);
        }
    }
    found
}

/// The paths in backticks that are ours and hold no placeholder.
fn paths(text: &str) -> Vec<String> {
    let outside_fences = text.split("```").step_by(2);
    let quoted = outside_fences.flat_map(|part| part.split('`').skip(1).step_by(2));
    let ours = quoted.filter(|path| OURS.iter().any(|start| path.starts_with(start)));
    let whole = ours.filter(|path| !path.contains(['<', '*', '{', ' ', '$', '\n']));
    whole.map(|path| path.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_paths_are_found() {
        let text = "[a](b/c.md#d) [e](https://f) [g](#h)\n`src/lib.rs` `src/<x>.rs` `tests/perf/x.json`\n```\n`src/no.rs`\n```\n`gates/a:3`";
        let link = |link: &str, anchor: &str| (link.to_owned(), Some(anchor.to_owned()));
        assert_eq!(links(text), [link("b/c.md", "d"), link("", "h")]);
        let page = "# A `b-c`: d\n```\n# no\n```\n## E\n## E\n";
        assert_eq!(anchors(page).into_iter().collect::<Vec<_>>(), ["a-b-c-d", "e", "e-1"]);
        assert_eq!(paths(text), ["src/lib.rs", "gates/a"]);
    }

    #[test]
    fn dead_ones_are_told() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("docs/gates")).expect("folders");
        fs::write(root.path().join("docs/a.md"), "# A\n[x](b.md) [y](a.md#a) [z](#b) `src/gone.rs`").expect("written");
        fs::write(root.path().join("docs/gates/g.md"), "`src/elsewhere.rs` [up](../a.md) [no](no.md)").expect("written");
        let (checked, faults) = dead(root.path(), &BTreeSet::from(["gates"]));
        assert_eq!(checked, 6);
        let places = [
            "a.md: the link `b.md`",
            "a.md: the place `#b`",
            "a.md: the path `src/gone.rs`",
            "gates/g.md: the link `no.md`",
        ];
        assert_eq!(faults, places.map(|fault| format!("docs/{fault}")));
    }
}
