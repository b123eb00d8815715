//! Where findings lie in source files: the names that evidence spells, held against the work tree.
//!
//! A report names the source of a test as the machine saw it that ran the test: relative to where the runner was started, absolute on
//! that machine, or below the path of a package. A finding keeps its source only where exactly one file of the repository answers to the
//! name; a guess would lead people to the wrong file. It never reads a file and decides nothing.

use crate::model::{Base, RelPath, Verdict, Where};
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Most directories above the report that a relative name may start from.
const ABOVE_MOST: usize = 6;

/// Finds the source of every finding in the repository, or takes it away.
pub fn sources(verdict: &mut Verdict, workspace: &dyn Workspace) {
    let mut known: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    for finding in verdict.gates.iter_mut().flat_map(|gate| &mut gate.findings) {
        let Some(spelled) = finding.source.take() else { continue };
        // A place below the run alone is in no repository.
        let in_repository = |path: &&str| !Base::ALL.iter().any(|base| path.starts_with(&format!("{}:", base.word())));
        let report = finding.at.as_ref().map(|at| at.path.as_str()).filter(in_repository).unwrap_or_default();
        let above = report.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
        let found = known.entry((spelled.path.clone(), above)).or_insert_with_key(|(path, above)| {
            let is_file = |path: &str| {
                let path = RelPath::parse(path).ok()?;
                workspace.open(Base::Repo, &path).is_ok().then(|| path.to_string())
            };
            one_file(path, above, &is_file)
        });
        finding.source = found.as_ref().map(|path| Where { path: path.clone(), ..spelled });
    }
}

/// The one file that answers to a name.
fn one_file(spelled: &str, above: &str, is_file: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let spelled = spelled.strip_prefix("file://").unwrap_or(spelled).replace('\\', "/");
    let drive = spelled.as_bytes().get(1) == Some(&b':');
    let relative = !spelled.starts_with('/') && !drive;
    if relative {
        let directories = std::iter::successors(Some(above), |above| (!above.is_empty()).then(|| parent(above)));
        let mut found: Vec<String> =
            directories.take(ABOVE_MOST).chain([""]).filter_map(|above| is_file(&format!("./{above}/{spelled}"))).collect();
        found.sort();
        found.dedup();
        match found.len() {
            0 => {}
            1 => return found.pop(),
            _ => return None,
        }
    }
    // The end of the path that the repository has: another machine has it elsewhere.
    let parts: Vec<&str> = spelled.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // The path of a package begins with a host, and may be that of the whole repository.
    let package = relative && parts.first().is_some_and(|first| first.trim_matches('.').contains('.'));
    let shortest = if package { 0 } else { 1 };
    let ends = (1..parts.len().saturating_sub(shortest)).map(|from| parts[from..].join("/"));
    ends.into_iter().find_map(|end| is_file(&end))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_one_file_that_answers_to_it() {
        let files =
            ["src/cart.test.ts", "web/src/cart.test.ts", "web/src/till.test.ts", "api/cart/cart_test.go", "setup.py"];
        let is_file = |path: &str| {
            let path = RelPath::parse(path).ok()?.to_string();
            files.contains(&path.as_str()).then_some(path)
        };
        let cases: [(&str, &str, Option<&str>); 14] = [
            ("src/cart.test.ts", "", Some("src/cart.test.ts")),
            ("./src/cart.test.ts", "build", Some("src/cart.test.ts")),
            ("src\\cart.test.ts", "", Some("src/cart.test.ts")),
            ("src/till.test.ts", "web/build/reports", Some("web/src/till.test.ts")),
            // Two answer to it.
            ("src/cart.test.ts", "web/build", None),
            ("/builds/shop/web/src/till.test.ts", "", Some("web/src/till.test.ts")),
            ("file:///builds/shop/src/cart.test.ts", "", Some("src/cart.test.ts")),
            ("D:\\a\\shop\\web\\src\\cart.test.ts", "", Some("web/src/cart.test.ts")),
            ("example.com/shop/api/cart/cart_test.go", "", Some("api/cart/cart_test.go")),
            // One name alone is no end of a path.
            ("/usr/lib/python3/setup.py", "", None),
            ("../src/cart.test.ts", "", Some("src/cart.test.ts")),
            ("example.com/shop/setup.py", "", Some("setup.py")),
            ("src/none.test.ts", "", None),
            ("", "", None),
        ];
        let mut looked_at = 0;
        for (spelled, above, expected) in cases {
            assert_eq!(one_file(spelled, above, &is_file).as_deref(), expected, "{spelled} from `{above}`");
            looked_at += 1;
        }
        assert_eq!(looked_at, 14);
    }
}
