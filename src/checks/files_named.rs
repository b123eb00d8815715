//! Asserts that files are named by one pattern, and that those which belong together are all there.
//!
//! `files` is a listing; `pattern` is a regular expression that must match the whole path of every file in it, with named groups:
//! `(?<name>...)`. Files that agree in all groups of `once` are the same thing twice. With `role`, files that agree in the groups of `of`
//! belong together, and every one of `roles` must be among them. A file in which none of these groups takes part belongs to all of them: a log
//! beside the directories of several runs is that of each.
//!
//! With `required`, each of its texts must be what the group `named` finds in at least one file.
//!
//! ```toml
//! [evidence.cases]
//! path = "repo:*/test/e2e/TS-*/TC-*"
//! format = "listing"
//!
//! [[check]]
//! kind = "files-named"
//! files = "cases"
//! pattern = '[a-z-]+/test/e2e/(?<scenario>TS-[A-Z]+-[0-9]{3}-[a-z0-9-]+)/(?<case>TC-[0-9]{3})-(?<slug>[a-z0-9-]+)\.(?<role>runner|verify)\.md'
//! once = ["scenario", "case", "role"]
//! role = "role"
//! roles = ["runner", "verify"]
//! of = ["scenario", "case", "slug"]
//! named = "scenario"
//! required = ["TS-CART-001-checkout"]
//! ```
//!
//! Findings: `misnamed-file`, `named-twice` (with both files), `missing-file` (a role that nothing has), `missing-member`. Errors: there are no files.

use super::tally::Tally;
use super::values::{Given, admit};
use crate::definition::{Keys, Kind, Raw, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Outcome, Where};
use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `files-named`.
pub static FILES_NAMED: CheckKind = CheckKind {
    id: "files-named",
    about: "files are named by one pattern, and those which belong together are all there",
    docs: include_str!("files_named.rs"),
    parse,
};

/// Which files belong together.
struct Together {
    /// The group that tells a file's role.
    role: String,
    /// Every role there must be.
    roles: Vec<String>,
    /// The groups in which the files agree.
    of: Vec<String>,
}

struct FilesNamed {
    files: EvidenceId,
    pattern: Regex,
    /// As the definition writes it.
    written: String,
    once: Vec<String>,
    together: Option<Together>,
    /// The group, and the values of it that there must be.
    required: Option<(String, Given<Vec<String>>)>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("files", Stricter::Unclear),
        ("pattern", Stricter::Unclear),
        ("once", Stricter::Given),
        ("role", Stricter::Unclear),
        ("roles", Stricter::More),
        ("of", Stricter::Unclear),
        ("named", Stricter::Unclear),
        ("required", Stricter::More),
    ]);
    let files = keys.required("files", "The files, as a listing.");
    let doc = "The regular expression that matches the whole path of each file.";
    let pattern = keys.custom("pattern", true, Kind::Pattern("\\S", "a regular expression"), doc, pattern);
    let once: Vec<String> = keys.optional("once", "The groups whose values together occur once.").unwrap_or_default();
    let role: Option<String> = keys.optional("role", "The group that tells the role of a file.");
    let roles: Option<Vec<String>> = keys.optional("roles", "The roles that must all be there.");
    let of: Option<Vec<String>> = keys.optional("of", "The groups in which files that belong together agree.");
    let named: Option<String> = keys.optional("named", "The group whose values `required` speaks of.");
    let doc = "The values of that group that there must be: texts, or a parameter of the policy.";
    let required = keys.optional::<Given<Vec<String>>>("required", doc);
    let refused = required.is_none() && keys.span("required") != keys.here();
    let (pattern, written) = pattern?;
    let known: BTreeSet<&str> = pattern.capture_names().flatten().collect();
    let groups = [
        ("once", once.as_slice()),
        ("role", role.as_slice()),
        ("of", of.as_deref().unwrap_or_default()),
        ("named", named.as_slice()),
    ];
    let mut sound = !refused;
    for (key, groups) in groups {
        for group in groups.iter().filter(|group| !known.contains(group.as_str())) {
            keys.refuse(key, Refusal::new(format!("the pattern has no group `{group}`")).code(Code::EXPRESSION));
            sound = false;
        }
    }
    let together = match (role, roles, of) {
        (Some(role), Some(roles), Some(of)) if !roles.is_empty() => Some(Together { role, roles, of }),
        (None, None, None) => None,
        (_, _, _) => {
            keys.refuse("files", Refusal::new("`role`, `roles` and `of` need each other, and at least one role"));
            return None;
        }
    };
    let required = match (named, required) {
        (Some(named), Some(required)) => Some((named, required)),
        (None, None) => None,
        (_, _) => {
            keys.refuse("files", Refusal::new("`named` and `required` need each other"));
            return None;
        }
    };
    sound.then_some(Box::new(FilesNamed { files: files?, pattern, written, once, together, required }))
}

fn pattern(raw: Raw<'_>) -> Result<(Regex, String), Vec<Refusal>> {
    let text = raw.string("a regular expression").map_err(|e| vec![e])?;
    // Anchored here, so that no author forgets it.
    let regex = Regex::new(&format!("^(?:{text})$")).map_err(|error| {
        let message = error.to_string();
        let fact = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        vec![Refusal::new(format!("not a regular expression: {fact}")).code(Code::EXPRESSION)]
    })?;
    if regex.is_match("") {
        return Err(vec![Refusal::new("the pattern matches the empty text").code(Code::VACUOUS)]);
    }
    Ok((regex, text.to_owned()))
}

/// The values of groups.
fn values(captures: &Captures<'_>, groups: &[String]) -> Vec<String> {
    groups.iter().map(|group| captures.name(group).map_or("", |found| found.as_str()).to_owned()).collect()
}

impl FilesNamed {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.files])?;
        let required = self.required.as_ref().map(|(group, values)| Ok((group, values.texts(evidence.context)?)));
        let required: Option<(&String, Vec<String>)> = required.transpose()?;
        let (mut tally, mut there) = (Tally::default(), BTreeSet::new());
        let (mut seen, mut groups) = (BTreeMap::new(), BTreeMap::<Vec<String>, (Where, BTreeSet<String>)>::new());
        for path in self.paths(evidence)? {
            let at = Where::file(&path);
            let Some(captures) = self.pattern.captures(&path) else {
                let message = format!("`{path}` is named like none of the files that belong here (`-v` shows the pattern)");
                let finding = Finding::new("misnamed-file", format!("a path like `{}`", self.written), "another");
                tally.find(finding.saying(message).at(at));
                continue;
            };
            tally.examined();
            if let Some((group, _)) = &required {
                there.extend(captures.name(group).map(|found| found.as_str().to_owned()));
            }
            if !self.once.is_empty() {
                let own = values(&captures, &self.once);
                if let Some(first) = seen.insert(own.clone(), path.clone()) {
                    let expected = format!("one file of `{}`", own.join(" "));
                    let message = format!("`{}` has two files: `{first}` and `{path}`", own.join(" "));
                    let finding = Finding::new("named-twice", expected, format!("`{first}` too")).saying(message);
                    tally.find(finding.at(at.clone()));
                }
            }
            if let Some(together) = &self.together {
                let role = values(&captures, std::slice::from_ref(&together.role)).remove(0);
                let (_, roles) = groups.entry(values(&captures, &together.of)).or_insert((at, BTreeSet::new()));
                roles.insert(role);
            }
        }
        for (group, value) in required.iter().flat_map(|(group, values)| values.iter().map(move |value| (group, value))) {
            if !there.contains(value) {
                let has = there.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                tally.find(Finding::new(
                    "missing-member",
                    format!("files of the {group} `{value}`"),
                    format!("only {has}"),
                ));
            }
        }
        // What belongs to nobody in particular belongs to everybody, if there is anybody.
        let common = groups.keys().find(|name| name.iter().all(String::is_empty)).cloned();
        let common = common.filter(|_| groups.len() > 1).and_then(|name| groups.remove(&name));
        for (name, (at, there)) in &groups {
            let roles = self.together.iter().flat_map(|together| &together.roles);
            let common = |role: &&String| common.as_ref().is_some_and(|(_, roles)| roles.contains(*role));
            for role in roles.filter(|role| !there.contains(*role) && !common(role)) {
                let has: Vec<&str> = there.iter().map(String::as_str).collect();
                let expected = format!("a file with the role `{role}` for `{}`", name.join(" "));
                let message = format!("`{}` has no file `{role}`, only {}", name.join(" "), has.join(", "));
                let finding = Finding::new("missing-file", expected, format!("only {}", has.join(", "))).saying(message);
                tally.find(finding.at(at.clone()));
            }
        }
        Ok(tally.finish(|| ("at least one file".to_owned(), Where::file(self.files.to_string()))))
    }

    fn paths(&self, evidence: &Admitted<'_>) -> Result<Vec<String>, Refused> {
        let mut paths = Vec::new();
        for artifact in evidence.artifacts(&self.files)? {
            match &artifact.content {
                Ok(Content::Listing(names)) => paths.extend(names.iter().map(ToString::to_string)),
                Ok(_) => {
                    paths.push(artifact.path.rel.to_string());
                }
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            }
        }
        Ok(paths)
    }
}

impl Check for FilesNamed {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.files.clone(), Use::Whole)]
    }

    fn parameters(&self) -> Vec<String> {
        self.required.iter().filter_map(|(_, values)| values.parameter()).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};
    use crate::model::GapKind;

    const CHECK: &str = r"kind = 'files-named'
files = 'f'
pattern = '(?<dir>[a-z]+)/TC-(?<case>[0-9]{3})-(?<slug>[a-z]+)\.(?<role>runner|verify)\.md'
once = ['dir', 'case', 'role']
role = 'role'
roles = ['runner', 'verify']
of = ['dir', 'case', 'slug']";

    fn told(files: &[&str]) -> Vec<String> {
        Bench::new(CHECK).listing("f", files).told()
    }

    #[test]
    fn pairs_are_whole() {
        assert_eq!(told(&["a/TC-001-x.runner.md", "a/TC-001-x.verify.md"]), ["pass 2"]);
        assert_eq!(
            told(&["a/TC-001-x.runner.md", "a/TC-001-x.verify.md", "b/TC-001-x.runner.md"]),
            ["missing-file b/TC-001-x.runner.md: a file with the role `verify` for `b 001 x` | only runner"]
        );
    }

    #[test]
    fn names_fit_and_are_there_once() {
        let twice = told(&["a/TC-001-x.runner.md", "a/TC-001-x.verify.md", "a/TC-001-y.runner.md", "a/TC-001-y.verify.md"]);
        assert_eq!(twice[0], "named-twice a/TC-001-y.runner.md: one file of `a 001 runner` | `a/TC-001-x.runner.md` too");
        assert_eq!(twice.len(), 2);
        let misnamed =
            told(&["a/TC-001-x.runner.md", "a/TC-001-x.verify.md", "a/TC-1-x.runner.md", "z/a/TC-001-x.runner.md"]);
        assert!(misnamed.len() == 2 && misnamed.iter().all(|line| line.starts_with("misnamed-file ")), "{misnamed:?}");
    }

    #[test]
    fn required_names_are_there() {
        let check = |required: &str| format!("{CHECK}\nnamed = 'slug'\nrequired = {required}");
        let pair = ["a/TC-001-x.runner.md", "a/TC-001-x.verify.md"];
        assert_eq!(Bench::new(&check("['x']")).listing("f", &pair).told(), ["pass 2"]);
        let told = Bench::new(&check("'policy.all'")).listing("f", &pair).parameter("all", "[\"x\", \"z\"]").told();
        assert_eq!(told, ["missing-member: files of the slug `z` | only `x`"]);
        let none = Bench::new(&check("'policy.all'")).listing("f", &pair).told();
        assert!(none[0].starts_with("error invalid policy bench#/all"), "{none:?}");
        assert!(refused(&format!("{CHECK}\nnamed = 'slug'"), &["f"])[0].contains("need each other"));
        assert!(refused(&check("['x']").replace("'slug'\nreq", "'slog'\nreq"), &["f"])[0].contains("no group `slog`"));
    }

    #[test]
    fn what_belongs_to_nobody_belongs_to_all() {
        let check = r"kind = 'files-named'
files = 'f'
pattern = '(?:runs/(?<run>[0-9]+)/)?(?:[a-z]+/)*(?<role>test|server)\.log'
role = 'role'
roles = ['server']
of = ['run']";
        let told = |files: &[&str]| Bench::new(check).listing("f", files).told();
        assert_eq!(told(&["runs/1/test.log", "runs/1/server.log"]), ["pass 2"]);
        assert_eq!(told(&["runs/1/test.log", "runs/2/test.log", "logs/server.log"]), ["pass 3"]);
        assert_eq!(told(&["test.log", "server.log"]), ["pass 2"]);
        let lacking = |files: &[&str]| told(files).iter().filter(|line| line.starts_with("missing-file ")).count();
        assert_eq!(lacking(&["runs/1/test.log", "runs/2/test.log", "runs/1/server.log"]), 1);
        assert_eq!((lacking(&["test.log"]), lacking(&["runs/1/test.log", "test.log"])), (1, 1));
    }

    #[test]
    fn no_files_are_an_error() {
        assert_eq!(told(&[]), ["error empty f: at least one file | nothing to examine"]);
        assert_eq!(Bench::new(CHECK).gap("f", GapKind::Missing).told(), ["error missing f: a file | nothing"]);
    }
}
