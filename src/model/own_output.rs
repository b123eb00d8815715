//! Which test reports are outputs of ours: a verdict that was written as JUnit or CTRF tells of gates and not of tests, and no run is judged by
//! what was said of an earlier one.
//!
//! Both name themselves by a digest over all the rest of what they say. What only begins like one of ours, was put together from one, or
//! was changed since, is a report like any other, and so it is judged. Line ends may change on the way through a checkout. The digest is
//! no signature: whoever can write a report can write a green one too.

use super::digest::Digest;

/// How the digest of a JUnit document stands in it. No quoted text can hold it: what is quoted is escaped there.
const IN_XML: &str = "<property name=\"output.sha256\" value=\"";

/// How the digest of a CTRF document stands in it.
const IN_JSON: &str = "\"output_sha256\": \"";

/// Within how many bytes a document of ours names us: what does not is looked at no further.
const NAMED_WITHIN: usize = 256;

/// What stands in the place of the digest while it is made.
pub const UNBOUND: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The names under which a JUnit property and a CTRF member hold the digest.
pub const OUTPUT_DIGEST: [&str; 2] = ["output.sha256", "output_sha256"];

/// A document of ours that holds [`UNBOUND`], with its digest instead.
#[must_use]
pub fn bound(text: String) -> String {
    match digest_place(&text) {
        Some(at) if text[at..].starts_with(UNBOUND) => {
            let digest = Digest::of(text.as_bytes()).to_string();
            format!("{}{digest}{}", &text[..at], &text[at + digest.len()..])
        }
        Some(_) | None => text,
    }
}

/// Whether a test report is a verdict of ours, whole and unchanged.
#[must_use]
pub fn is_own_output(text: &str) -> bool {
    let head = &text.as_bytes()[..text.len().min(NAMED_WITHIN)];
    if !head.windows(10).any(|word| word == b"gatekeeper") {
        return false;
    }
    let Some(at) = digest_place(text) else { return false };
    let Some(stated) = text.get(at..at + UNBOUND.len()) else { return false };
    let unbound = format!("{}{UNBOUND}{}", &text[..at], &text[at + UNBOUND.len()..]);
    Digest::of(unbound.replace("\r\n", "\n").as_bytes()).to_string() == stated
}

/// Where the digest begins; nowhere, if it is not said exactly once.
fn digest_place(text: &str) -> Option<usize> {
    let sign = if text.starts_with('<') { IN_XML } else { IN_JSON };
    let (before, behind) = text.split_once(sign)?;
    (!behind.contains(sign)).then_some(before.len() + sign.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> [String; 2] {
        [
            format!("<?xml?>\n<testsuites name=\"gatekeeper\">\n{IN_XML}{UNBOUND}\"/>\n</testsuites>\n"),
            format!("{{\n  \"a\": \"gatekeeper\",\n  {IN_JSON}{UNBOUND}\"\n}}\n"),
        ]
    }

    #[test]
    fn what_is_bound_is_ours_until_a_byte_of_it_changes() {
        let mut changed = 0;
        for document in documents() {
            let own = bound(document.clone());
            assert!(own != document && own.len() == document.len() && is_own_output(&own), "{own}");
            assert!(is_own_output(&own.replace('\n', "\r\n")), "{own}");
            assert_eq!(bound(own.clone()), own, "it is bound once");
            for at in 0..own.len() {
                let other = format!("{}~{}", &own[..at], &own[at + 1..]);
                assert!(!is_own_output(&other) && !is_own_output(&own[..at]), "{other}");
                changed += 1;
            }
            for more in [format!("{own}\n"), format!(" {own}"), own.replace("\"/>", "\"/><a/>") + "x", own.repeat(2)] {
                assert!(!is_own_output(&more), "{more}");
                changed += 1;
            }
            assert!(!is_own_output(&document), "nothing is bound by zeros");
        }
        assert!(changed > 200, "{changed}");
    }

    #[test]
    fn what_states_no_digest_is_not_ours() {
        let [xml, json] = documents();
        for text in [
            "",
            "<a/>",
            "{}",
            &xml.replace(IN_XML, ""),
            &json.replace(IN_JSON, ""),
            &format!("<{IN_XML}"),
            &format!("{{{IN_JSON}ä"),
        ] {
            assert!(!is_own_output(text) && bound(text.to_owned()) == *text, "{text}");
        }
    }
}
