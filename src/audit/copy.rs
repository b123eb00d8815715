//! Whether a file is the audit again: a copy of it, laid out anew, with a word more, wrapped in another document or quoted in a text; and whether a
//! file holds nothing at all.
//!
//! In: the document of the audit, and the bytes of a file. Out: yes or no. A file that is larger than the limit is neither; its own reader says so.

use crate::collect;
use crate::model::{Base, Document, Limits, Node, RelPath, Where};
use crate::workspace::Workspace;
use std::io::Read;

/// The claims of an audit; whoever repeats these repeats it.
const CLAIMS: &str = "requirements";

/// Objects that are looked into, one in the other.
const DEPTH: usize = 32;

/// Whether a file says again what the audit says.
pub(super) fn is_copy(bytes: &[u8], own: &Document) -> bool {
    let Some(from) = bytes.iter().position(|byte| *byte == b'{') else { return false };
    let Some(to) = bytes.iter().rposition(|byte| *byte == b'}').filter(|to| *to > from) else { return false };
    let read = |bytes: &[u8]| collect::json(bytes, &Where::file("")).ok();
    let whole = read(&bytes[from..=to]);
    // Several documents, one a line.
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.trim_ascii_start().first() == Some(&b'{'));
    whole.map_or_else(
        || lines.filter_map(read).any(|document| holds(document.root(), own.root(), DEPTH)),
        |document| holds(document.root(), own.root(), DEPTH),
    )
}

fn claims<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    node.get(CLAIMS).filter(|claims| claims.items().next().is_some())
}

fn holds(node: Node<'_>, own: Node<'_>, depth: usize) -> bool {
    let same = match (claims(&node), claims(&own)) {
        (Some(other), Some(own)) => other == own,
        (None, None) => node == own,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let below = || node.items().chain(node.entries().map(|(_, value)| value));
    same || (depth > 0 && below().any(|child| holds(child, own, depth - 1)))
}

/// Whether there is nothing but white space and zeros.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0)
}

/// The bytes of a file below the repository; `None` if it cannot be read, or is larger than a document may be.
pub(super) fn bytes(around: &dyn Workspace, path: &RelPath, limits: &Limits) -> Option<Vec<u8>> {
    let opened = around.open(Base::Repo, path).ok()?;
    let mut bytes = Vec::new();
    opened.reader.take(limits.file_max + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limits.file_max).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"{"requirements": [{"id": "A", "evidence": ["x"]}], "push": {"commit": "1"}}"#;

    #[test]
    fn the_audit_is_known_again() {
        let own = collect::json(OWN.as_bytes(), &Where::file("")).expect("JSON");
        let copies = [
            OWN.to_owned(),
            format!("  {OWN}\n\n"),
            r#"{"push": {"commit": "2"}, "note": 1, "requirements": [{"evidence": ["x"], "id": "A"}]}"#.to_owned(),
            format!(r#"{{"audit": {OWN}}}"#),
            format!(r#"[1, [{OWN}]]"#),
            format!("# Done\n\n```json\n{OWN}\n```\n"),
            format!("{{\"a\": 1}}\n{OWN}\n"),
        ];
        let others = [
            "",
            "{}",
            "all is well",
            r#"{"requirements": []}"#,
            r#"{"requirements": [{"id": "B", "evidence": ["x"]}]}"#,
            r#"{"tests": [{"id": "A", "evidence": ["x"]}]}"#,
            "fn a() { b() }",
        ];
        assert_eq!((copies.len(), others.len()), (7, 7));
        for copy in copies {
            assert!(is_copy(copy.as_bytes(), &own), "{copy}");
        }
        for other in others {
            assert!(!is_copy(other.as_bytes(), &own), "{other}");
        }
    }

    #[test]
    fn blanks_and_zeros_are_nothing() {
        for (bytes, blank) in [(&b""[..], true), (b" \n\t", true), (&[0; 40], true), (b"0", false), (b"\xff", false)] {
            assert_eq!(is_blank(bytes), blank, "{bytes:?}");
        }
    }
}
