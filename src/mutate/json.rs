//! JSON with the bytes of every value. What is not sound JSON is no tree; its evidence format says what is wrong with it.

use super::tree::{Kind, Node, Step};

/// Deepest nesting that is looked at, as for evidence.
const DEEPEST: usize = 128;

/// The one value of a text, with white space around it.
pub(super) fn parse(bytes: &[u8]) -> Option<Node> {
    std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader { bytes, at: 0 };
    reader.space();
    let node = reader.value(Step::Root, DEEPEST)?;
    reader.space();
    (reader.at == bytes.len()).then_some(node)
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, step: Step, room: usize) -> Option<Node> {
        let room = room.checked_sub(1)?;
        let start = self.at;
        let kind = match self.peek()? {
            b'{' => Kind::Map(self.inner(b'}', room, true)?),
            b'[' => Kind::List(self.inner(b']', room, false)?),
            b'"' => Kind::Text(self.text()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        let range = start..self.at;
        Some(Node { step, entry: range.clone(), range, key: None, kind })
    }

    fn inner(&mut self, end: u8, room: usize, keyed: bool) -> Option<Vec<Node>> {
        self.at += 1;
        let mut inner = Vec::new();
        self.space();
        if self.take(end).is_some() {
            return Some(inner);
        }
        loop {
            self.space();
            let start = self.at;
            let key = if keyed {
                let text = self.text()?;
                let range = start..self.at;
                self.space();
                self.take(b':')?;
                self.space();
                Some((text, range))
            } else {
                None
            };
            let step = key.as_ref().map_or(Step::Index(inner.len()), |(text, _)| Step::Key(text.clone()));
            let mut node = self.value(step, room)?;
            node.entry = start..node.range.end;
            node.key = key.map(|(_, range)| range);
            inner.push(node);
            self.space();
            if self.take(end).is_some() {
                return Some(inner);
            }
            self.take(b',')?;
        }
    }

    fn word(&mut self) -> Option<Kind> {
        let rest = &self.bytes[self.at..];
        let words = [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))];
        let (word, kind) = words.into_iter().find(|(word, _)| rest.starts_with(word.as_bytes()))?;
        self.at += word.len();
        Some(kind)
    }

    fn number(&mut self) -> Option<Kind> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        text.parse::<f64>().ok()?;
        Some(Kind::Number(text.to_owned()))
    }

    fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return String::from_utf8(text).ok();
                }
                b'\\' => {
                    self.at += 1;
                    let escape = self.peek()?;
                    self.at += 1;
                    match escape {
                        b'n' => text.push(b'\n'),
                        b't' => text.push(b'\t'),
                        b'r' => text.push(b'\r'),
                        b'b' => text.push(8),
                        b'f' => text.push(12),
                        b'u' => text.extend_from_slice(self.unit()?.encode_utf8(&mut [0; 4]).as_bytes()),
                        b'"' | b'\\' | b'/' => text.push(escape),
                        _ => return None,
                    }
                }
                byte if byte < 0x20 => return None,
                byte => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// A character behind `\u`, of two units where it takes two.
    fn unit(&mut self) -> Option<char> {
        let mut four = || {
            let digits = std::str::from_utf8(self.bytes.get(self.at..self.at + 4)?).ok()?;
            self.at += 4;
            u16::from_str_radix(digits, 16).ok()
        };
        let first = four()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first.into());
        }
        self.take(b'\\')?;
        self.take(b'u')?;
        let digits = std::str::from_utf8(self.bytes.get(self.at..self.at + 4)?).ok()?;
        self.at += 4;
        let second = u16::from_str_radix(digits, 16).ok()?;
        char::decode_utf16([first, second]).next()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_bytes() {
        let text = " {\"a\": [1, -2.5e3, \"x\\u00e9\\n\"],\n \"b/c\": {\"d\": null}, \"e\": true} \n";
        let root = parse(text.as_bytes()).expect("JSON");
        let mut seen = Vec::new();
        let mut left = vec![&root];
        while let Some(node) = left.pop() {
            seen.push((&text[node.range.clone()], &text[node.entry.clone()]));
            left.extend(node.inner());
        }
        assert_eq!(seen.len(), 8);
        assert!(seen.contains(&("-2.5e3", "-2.5e3")) && seen.contains(&("null", "\"d\": null")));
        assert!(seen.contains(&("{\"d\": null}", "\"b/c\": {\"d\": null}")));
        let Kind::Text(text) = &root.inner()[0].inner()[2].kind else { panic!("a text") };
        assert_eq!(text, "xé\n");
    }

    #[test]
    fn what_is_no_json_is_no_tree() {
        let mut refused = 0;
        for text in ["", "{", "[1,]", "{\"a\" 1}", "1 2", "\"a", "nul", "{a: 1}", "\"\\x\"", "-"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
            refused += 1;
        }
        assert_eq!(refused, 10);
        assert_eq!(parse("[".repeat(1_000).as_bytes()), None);
    }
}
