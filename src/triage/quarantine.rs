//! An entry for the ledger's quarantine, ready to paste but for what only a person knows.
//!
//! In: what was seen of a test. Out: a TOML table with the nine fields. Owner and bead are left blank, and so are the category and
//! the command where nothing tells them: the ledger refuses blank fields, so an entry that nobody has filled in covers nothing.

use crate::model::{Quarantine, redact};
use crate::report::sanitise;

/// What an entry says.
pub(super) struct Fields<'a> {
    /// The test's id; untrusted.
    pub test: &'a str,
    /// The proposed category, and why.
    pub category: Option<(&'a str, &'a str)>,
    /// What happened; untrusted.
    pub reason: &'a str,
    /// First day, as `2026-01-31`.
    pub since: &'a str,
    /// Last day.
    pub expires: &'a str,
    /// Where it was seen; untrusted.
    pub evidence: &'a str,
    /// The command that runs the test alone.
    pub reproduce: Option<&'a str>,
    /// When the entry may go.
    pub exit_criterion: &'a str,
}

/// Text as a TOML string on one line. What steers or deceives is escaped, so the value is exact and the line is safe to show.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if sanitise::deceives(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The entry; `None` if the test's own name holds a secret, which an entry would spread.
pub(super) fn entry(fields: &Fields<'_>) -> Option<String> {
    if redact(fields.test) != fields.test {
        return None;
    }
    let plain = |text: &str| string(&sanitise::excerpt(&redact(text), 400));
    let (category, because) = match fields.category {
        Some((category, why)) => {
            (category, format!("proposed: {}", sanitise::terminal(&sanitise::excerpt(&redact(why), 120))))
        }
        None => ("", format!("nothing points anywhere: look, and choose {}", Quarantine::CATEGORIES.join(", "))),
    };
    let reproduce = match fields.reproduce {
        Some(command) => string(command),
        None => "\"\" # the command that runs this test alone".to_owned(),
    };
    Some(format!(
        "[quarantine.{}]\ncategory       = {} # {because}\nowner          = \"\" # who answers for it\nbead           = \"\" # the issue that tracks it\n\
         reason         = {}\nsince          = {}\nexpires        = {}\nevidence       = {}\nreproduce      = {reproduce}\nexit_criterion = {}\n",
        string(fields.test),
        string(category),
        plain(fields.reason),
        fields.since,
        fields.expires,
        plain(fields.evidence),
        plain(fields.exit_criterion),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_toml_and_exact() {
        let hostile = "a::\"t\" \\ x\u{202e}\u{1b}[2J\n[waiver.g]";
        let fields = Fields {
            test: hostile,
            category: Some(("FLAKE-NET", "x\ny = 1")),
            reason: "token ghp_0123456789abcdefghijklmnopqrstuvwxyz was refused",
            since: "2026-03-02",
            expires: "2026-03-12",
            evidence: "r1\nr2",
            reproduce: None,
            exit_criterion: "mended",
        };
        let text = entry(&fields).expect("an entry");
        assert_eq!(text.lines().count(), 10, "{text}");
        let table: toml::Table = toml::from_str(&text).expect("TOML");
        let quarantine = table["quarantine"].as_table().expect("a table");
        let own = quarantine.get(hostile).and_then(toml::Value::as_table).expect("under the exact name");
        assert_eq!((table.len(), quarantine.len(), own.len()), (1, 1, 9));
        assert_eq!((own["category"].as_str(), own["owner"].as_str()), (Some("FLAKE-NET"), Some("")));
        assert!(!text.contains("ghp_0123"), "{text}");
        assert!(entry(&Fields { test: "ghp_0123456789abcdefghijklmnopqrstuvwxyz", ..fields }).is_none());
    }
}
