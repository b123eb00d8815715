//! XML with the bytes of its elements and attributes. An element is an object: an attribute is `@name`, and elements of one name are a
//! list under it, so that a place reads `/testsuites/testsuite/0/testcase/3/@name`. Text between tags is `#text`.

use super::tree::{Kind, Node, Step};
use std::ops::Range;

const DEEPEST: usize = 128;

/// The root element of a text.
pub(super) fn parse(bytes: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader { text, at: 0 };
    reader.skip()?;
    let (name, element) = reader.element(DEEPEST)?;
    let range = element.range.clone();
    let root = Node { step: Step::Key(name), ..element };
    Some(Node { step: Step::Root, entry: range.clone(), range, key: None, kind: Kind::Map(vec![root]) })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Passes over what is no element: declarations, comments, white space.
    fn skip(&mut self) -> Option<()> {
        loop {
            self.at += self.rest().len() - self.rest().trim_start().len();
            let end = match self.rest() {
                rest if rest.starts_with("<?") => "?>",
                rest if rest.starts_with("<!--") => "-->",
                rest if rest.starts_with("<!") => return None,
                _ => return Some(()),
            };
            self.at += self.rest().find(end)? + end.len();
        }
    }

    fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=' | '<'))?;
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn element(&mut self, room: usize) -> Option<(String, Node)> {
        let room = room.checked_sub(1)?;
        let start = self.at;
        self.rest().strip_prefix('<')?;
        self.at += 1;
        let name = self.name()?.to_owned();
        let mut inner: Vec<Node> = Vec::new();
        loop {
            let before = self.at;
            self.at += self.rest().len() - self.rest().trim_start().len();
            if self.rest().starts_with("/>") {
                self.at += 2;
                return Some((name, node(start..self.at, inner)));
            }
            if self.rest().starts_with('>') {
                self.at += 1;
                break;
            }
            let key_start = self.at;
            let key = self.name()?;
            let key_range = key_start..self.at;
            self.rest().strip_prefix('=')?;
            let quote = self.rest().chars().nth(1).filter(|c| matches!(c, '"' | '\''))?;
            self.at += 2;
            let length = self.rest().find(quote)?;
            let range = self.at..self.at + length;
            self.at += length + 1;
            let kind = Kind::Text(plain(&self.text[range.clone()]));
            // The white space before an attribute goes with it.
            inner.push(Node {
                step: Step::Key(format!("@{key}")),
                entry: before..self.at,
                range,
                key: Some(key_range),
                kind,
            });
        }
        let mut elements: Vec<(String, Vec<Node>)> = Vec::new();
        loop {
            let from = self.at;
            self.at += self.rest().find('<')?;
            let written = &self.text[from..self.at];
            if !written.trim().is_empty() {
                let range = from..self.at;
                let kind = Kind::Text(plain(written));
                let step = Step::Key("#text".to_owned());
                if !inner.iter().any(|node| node.step == step) {
                    inner.push(Node { step, entry: range.clone(), range, key: None, kind });
                }
            }
            let rest = self.rest();
            if let Some(end) =
                ["<!--", "<![CDATA[", "<?"].iter().zip(["-->", "]]>", "?>"]).find(|(open, _)| rest.starts_with(**open))
            {
                self.at += rest.find(end.1)? + end.1.len();
            } else if rest.starts_with("</") {
                self.at += rest.find('>')? + 1;
                for (name, items) in elements {
                    let range = items.first()?.range.start..items.last()?.range.end;
                    inner.push(Node {
                        step: Step::Key(name),
                        entry: range.clone(),
                        range,
                        key: None,
                        kind: Kind::List(items),
                    });
                }
                return Some((name, node(start..self.at, inner)));
            } else {
                let (name, mut element) = self.element(room)?;
                let items = match elements.iter().position(|(known, _)| *known == name) {
                    Some(at) => &mut elements[at].1,
                    None => {
                        elements.push((name, Vec::new()));
                        &mut elements.last_mut()?.1
                    }
                };
                element.step = Step::Index(items.len());
                items.push(element);
            }
        }
    }
}

fn node(range: Range<usize>, inner: Vec<Node>) -> Node {
    Node { step: Step::Root, entry: range.clone(), range, key: None, kind: Kind::Map(inner) }
}

fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes_know_their_bytes() {
        let text = "<?xml version=\"1.0\"?>\n<suites n='2'>\n <!-- x --><suite name=\"a&amp;b\"><case/><case id=\"2\">out</case></suite>\n</suites>\n";
        let root = parse(text.as_bytes()).expect("XML");
        let mut seen = Vec::new();
        let mut left = vec![(String::new(), &root)];
        while let Some((at, node)) = left.pop() {
            for inner in node.inner() {
                let step = match &inner.step {
                    Step::Key(key) => key.clone(),
                    Step::Index(index) => index.to_string(),
                    Step::Root => String::new(),
                };
                left.push((format!("{at}/{step}"), inner));
            }
            seen.push((at, &text[node.entry.clone()]));
        }
        for (at, part) in [
            ("/suites/@n", " n='2'"),
            ("/suites/suite/0/@name", " name=\"a&amp;b\""),
            ("/suites/suite/0/case/0", "<case/>"),
            ("/suites/suite/0/case/1/@id", " id=\"2\""),
            ("/suites/suite/0/case/1/#text", "out"),
        ] {
            assert!(seen.contains(&(at.to_owned(), part)), "{at}: {seen:?}");
        }
        assert_eq!(parse(b"<a><b></a"), None);
        assert_eq!(parse(b"plain"), None);
    }
}
