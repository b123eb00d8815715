//! YAML with the bytes of every value, and front matter, whose YAML stands between two lines of dashes.

use super::json;
use super::tree::{Kind, Node, Step};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::collections::BTreeMap;

/// Longest text that is looked at, as for evidence.
const LONGEST: usize = 1_000_000;

const DEEPEST: usize = 128;

/// The one document of a text.
pub(super) fn parse(bytes: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)?;
    // The parser counts characters.
    let places: BTreeMap<usize, usize> =
        text.char_indices().map(|(at, _)| at).chain([text.len()]).enumerate().filter(|_| !text.is_ascii()).collect();
    let mut reader = Reader { text, events: Parser::new_from_str(text), places };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_), _) => {}
            (event, span) => {
                let node = reader.value(Step::Root, event, &span, DEEPEST)?;
                return matches!(node.kind, Kind::List(_) | Kind::Map(_)).then_some(node);
            }
        }
    }
}

/// The YAML at the head of a Markdown text.
pub(super) fn front_matter(bytes: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(bytes).ok()?;
    let below = text.strip_prefix("---\n")?;
    let end = below.find("\n---\n")?;
    let mut node = parse(&below.as_bytes()[..=end])?;
    node.shift(4);
    Some(node)
}

struct Reader<'t> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    places: BTreeMap<usize, usize>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.events.next_event()?.ok()
    }

    fn byte(&self, character: usize) -> usize {
        self.places.get(&character).copied().unwrap_or(character)
    }

    fn value(&mut self, step: Step, event: Event<'t>, span: &Span, room: usize) -> Option<Node> {
        let room = room.checked_sub(1)?;
        let start = self.byte(span.start.index());
        let mut end = self.byte(span.end.index());
        let flow = self.text[start..].starts_with(['[', '{']);
        let kind = match event {
            Event::Scalar(text, style, 0, None) => {
                end = start + self.text.get(start..end)?.trim_end().len();
                scalar(&text, style)
            }
            Event::SequenceStart(0, None) => {
                let mut items: Vec<Node> = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        end = self.closed(flow, &span, items.last(), end);
                        break Kind::List(items);
                    }
                    items.push(self.value(Step::Index(items.len()), event, &span, room)?);
                }
            }
            Event::MappingStart(0, None) => {
                let mut entries: Vec<Node> = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        end = self.closed(flow, &span, entries.last(), end);
                        break Kind::Map(entries);
                    }
                    let key = self.value(Step::Root, event, &span, room)?;
                    let word = self.text.get(key.range.clone())?.trim_matches(['"', '\'']).to_owned();
                    let (event, span) = self.next()?;
                    let mut node = self.value(Step::Key(word), event, &span, room)?;
                    node.entry = key.range.start..node.range.end.max(key.range.end);
                    node.key = Some(key.range);
                    entries.push(node);
                }
            }
            _ => return None,
        };
        // A block begins where its first entry does.
        let start = match &kind {
            Kind::Map(inner) if !flow => inner.first().map_or(start, |first| first.entry.start),
            _ => start,
        };
        let range = start..end.max(start);
        Some(Node { step, entry: range.clone(), range, key: None, kind })
    }

    /// Where a collection ends: behind its bracket, or with the last value in it.
    fn closed(&self, flow: bool, span: &Span, last: Option<&Node>, end: usize) -> usize {
        if flow { self.byte(span.end.index()) } else { last.map_or(end, |last| last.entry.end) }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.to_owned());
    }
    match json::parse(text.as_bytes()).map(|node| node.kind) {
        Some(kind @ (Kind::Null | Kind::Bool(_) | Kind::Number(_))) => kind,
        Some(_) | None if text.is_empty() || text == "~" => Kind::Null,
        Some(_) | None => Kind::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, root: &Node) -> Vec<String> {
        let mut seen = Vec::new();
        let mut left = vec![root];
        while let Some(node) = left.pop() {
            seen.push(text[node.entry.clone()].to_owned());
            left.extend(node.inner().iter().rev());
        }
        seen
    }

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "name: é one\nlist:\n  - a\n  - {b: 2, c: [x, y]}\nlast: \"q\"\n";
        let root = parse(text.as_bytes()).expect("YAML");
        let seen = all(text, &root);
        for part in
            ["name: é one", "list:\n  - a\n  - {b: 2, c: [x, y]}", "a", "{b: 2, c: [x, y]}", "c: [x, y]", "last: \"q\""]
        {
            assert!(seen.contains(&part.to_owned()), "{part}: {seen:?}");
        }
        assert_eq!(parse(b"a: *b"), None);
        assert_eq!(parse(b"just text"), None);
    }

    #[test]
    fn front_matter_is_yaml_behind_dashes() {
        let text = "---\nid: x\n---\n# Title\n";
        let root = front_matter(text.as_bytes()).expect("front matter");
        assert_eq!(all(text, &root), ["id: x", "id: x"]);
        assert_eq!(front_matter(b"# Title\n"), None);
    }
}
