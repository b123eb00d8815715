//! XML for readers of reports: one walk over a document, strict about what could be understood in two ways or never end.
//!
//! Malformed are: a document type with declarations of its own, entities beyond the five of XML and numeric ones, an XML declaration
//! elsewhere than at the beginning, nesting beyond [`DEPTH_MOST`], more than [`ATTRIBUTES_MOST`] attributes or one that is there twice,
//! a second root, text outside the root, an end without its start. Nothing outside the file is ever looked up. Text is
//! borrowed from the file, so that what a visitor does not want is never copied.

use super::malformed;
use crate::model::{Gap, Where};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;

/// How deep elements may be nested.
pub(super) const DEPTH_MOST: usize = 64;

/// Room for as many attributes as most elements have.
const ATTRIBUTES_USUAL: usize = 8;

/// How many attributes an element may have.
pub(super) const ATTRIBUTES_MOST: usize = 64;

/// Most bytes of an attribute's value. Longer ones are no names, and cutting names could make two tests one.
pub(super) const VALUE_MOST: usize = 64 << 10;

/// What looks at a document while it is walked over. An error is a phrase: what is wrong at this place.
pub(super) trait Visitor {
    /// An element begins. Lines count from 1.
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String>;

    /// A piece of text inside the innermost open element; one text may come in several pieces.
    fn text(&mut self, text: &str);

    /// The innermost open element ends.
    fn close(&mut self) -> Result<(), String>;

    /// A comment; what few tools say in one.
    fn comment(&mut self, _text: &str, _line: u64) {}
}

/// The attributes of one element.
pub(super) struct Attributes<'a>(Vec<(&'a str, Cow<'a, str>)>);

impl Attributes<'_> {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| &**value)
    }

    /// All of them, with their names.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }
}

/// Walks over a whole document.
///
/// # Errors
/// A gap that names the line.
pub(super) fn walk(text: &str, at: &Where, expected: &str, visitor: &mut dyn Visitor) -> Result<(), Gap> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk { open: 0, begun: false, rooted: false };
    let mut lines = Lines { text: text.as_bytes(), offset: 0, line: 1 };
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event();
        let step = match &event {
            Err(error) => Err(error.to_string()),
            Ok(Event::Eof) if walk.open > 0 => Err("the document ends inside an element".to_owned()),
            Ok(Event::Eof) if !walk.rooted => Err("no element at all".to_owned()),
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => walk.step(event, visitor, || lines.at(start)),
        };
        if let Err(phrase) = step {
            let line = lines.at(if event.is_err() { reader.error_position() } else { start });
            let phrase: String = phrase.chars().take(300).collect();
            return Err(malformed(at, usize::try_from(line).ok(), expected, format!("{phrase} (line {line})")));
        }
    }
}

/// Counts lines as far as they are asked for; positions only grow, except for that of an error.
struct Lines<'t> {
    text: &'t [u8],
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, position: u64) -> u64 {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        if position < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let passed = self.text[self.offset..position].iter().filter(|byte| **byte == b'\n').count();
        (self.offset, self.line) = (position, self.line + passed as u64);
        self.line
    }
}

struct Walk {
    open: usize,
    /// Something but blanks was there.
    begun: bool,
    rooted: bool,
}

impl Walk {
    fn step(&mut self, event: &Event<'_>, visitor: &mut dyn Visitor, line: impl FnOnce() -> u64) -> Result<(), String> {
        let begun = self.begun;
        self.begun |= !matches!(event, Event::Text(_));
        match event {
            Event::Start(start) => self.start(start, visitor, line()),
            Event::Empty(start) => {
                self.start(start, visitor, line())?;
                self.end(visitor)
            }
            Event::End(_) => self.end(visitor),
            Event::Text(text) if self.open == 0 => outside(text),
            Event::Text(text) => {
                visitor.text(utf8(text)?);
                Ok(())
            }
            Event::CData(text) if self.open > 0 => {
                visitor.text(utf8(text)?);
                Ok(())
            }
            Event::GeneralRef(reference) if self.open > 0 => resolve(reference, visitor),
            Event::CData(_) | Event::GeneralRef(_) => Err("text outside the root element".to_owned()),
            Event::DocType(_) if self.rooted => Err("a document type behind the root element".to_owned()),
            Event::DocType(text) if text.contains(&b'[') => Err("a document type with declarations of its own".to_owned()),
            // What it says of the encoding was looked at where the bytes became text, which looks at the beginning only.
            Event::Decl(_) if begun => Err("an XML declaration behind the beginning".to_owned()),
            Event::Comment(text) => {
                visitor.comment(utf8(text)?, line());
                Ok(())
            }
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, visitor: &mut dyn Visitor, line: u64) -> Result<(), String> {
        if self.open == 0 && self.rooted {
            return Err("a second root element".to_owned());
        }
        self.open += 1;
        self.rooted = true;
        if self.open > DEPTH_MOST {
            return Err(format!("elements nested more than {DEPTH_MOST} deep"));
        }
        let mut attributes: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(ATTRIBUTES_USUAL);
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attributes.len() == ATTRIBUTES_MOST {
                return Err(format!("an element with more than {ATTRIBUTES_MOST} attributes"));
            }
            if attribute.value.len() > VALUE_MOST {
                return Err(format!("an attribute of more than {VALUE_MOST} bytes"));
            }
            let key = utf8(attribute.key.into_inner())?;
            if attributes.iter().any(|(own, _)| *own == key) {
                return Err(format!("a duplicate attribute `{}`", key.chars().take(40).collect::<String>()));
            }
            let value = match &attribute.value {
                Cow::Borrowed(plain) if is_plain(plain) => Cow::Borrowed(utf8(plain)?),
                _ => attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?,
            };
            attributes.push((key, value));
        }
        visitor.open(utf8(start.local_name().as_ref())?, &Attributes(attributes), line)
    }

    fn end(&mut self, visitor: &mut dyn Visitor) -> Result<(), String> {
        self.open = self.open.checked_sub(1).ok_or("an end without its start")?;
        visitor.close()
    }
}

/// Whether a value stands for itself: no reference, and no blank that is to become a space. Every byte is looked at, because a loop
/// without an early end is done many bytes at a time.
fn is_plain(value: &[u8]) -> bool {
    !value.iter().fold(false, |special, byte| special | (*byte == b'&') | (*byte < b' '))
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "bytes that are not UTF-8".to_owned())
}

fn outside(text: &[u8]) -> Result<(), String> {
    if text.iter().all(u8::is_ascii_whitespace) { Ok(()) } else { Err("text outside the root element".to_owned()) }
}

fn resolve(reference: &BytesRef<'_>, visitor: &mut dyn Visitor) -> Result<(), String> {
    match reference.resolve_char_ref().map_err(|error| error.to_string())? {
        Some(one) => visitor.text(one.encode_utf8(&mut [0; 4])),
        None => {
            let name = utf8(reference)?;
            let text = resolve_predefined_entity(name)
                .ok_or_else(|| format!("the entity `{}`", name.chars().take(40).collect::<String>()))?;
            visitor.text(text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(String);

    impl Visitor for Told {
        fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
            self.0 += &format!("<{name}@{line}{}", attributes.get("a").map_or(String::new(), |a| format!(" a={a}")));
            if name == "refused" { Err("refused".to_owned()) } else { Ok(()) }
        }

        fn text(&mut self, text: &str) {
            self.0 += text.trim();
        }

        fn close(&mut self) -> Result<(), String> {
            self.0.push('>');
            Ok(())
        }
    }

    fn told(text: &str) -> Result<String, (Option<u64>, String)> {
        let mut told = Told::default();
        match walk(text, &Where::file("a.xml"), "XML", &mut told) {
            Ok(()) => Ok(told.0),
            Err(gap) => Err((gap.at.line, gap.actual)),
        }
    }

    #[test]
    fn sound_documents_are_walked() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE r SYSTEM \"r.dtd\">\n<!-- c --><r a='&lt;&#x41;'>\n<x:b/>t&amp;<![CDATA[<&]]></r>\n";
        assert_eq!(told(text), Ok("<r@3 a=<A<b@4>t&<&>".to_owned()));
        assert!(told(&("<a>".repeat(DEPTH_MOST) + &"</a>".repeat(DEPTH_MOST))).is_ok());
    }

    #[test]
    fn everything_else_is_malformed() {
        let deep = "<a>".repeat(DEPTH_MOST + 1);
        let wide = format!("<a {}/>", (0..=ATTRIBUTES_MOST).map(|at| format!("a{at}=''")).collect::<Vec<_>>().join(" "));
        let long = format!("<a b='{}'/>", "x".repeat(VALUE_MOST + 1));
        let laughs = "<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;\">]><a>&m;</a>";
        let cases: [(&str, &str); 21] = [
            ("", "no element at all"),
            ("{}", "text outside"),
            ("<a>\n<b></a>", "(line 2)"),
            ("<a>", "ends inside"),
            ("<a></a></a>", "(line 1)"),
            ("<a/><b/>", "a second root element"),
            ("<a/>x", "text outside"),
            ("x<a/>", "text outside"),
            ("<a/>&amp;", "text outside"),
            ("<a b='1' b='2'/>", "duplicate"),
            ("<a b=1/>", ""),
            ("<a>&nbsp;</a>", "the entity `nbsp`"),
            ("<a b='&xxe;'/>", "xxe"),
            ("<a>&#0;</a>", ""),
            ("<!-- c --><?xml version='1.0' encoding='latin1'?><a/>", "declaration behind"),
            ("<a><?xml version='1.0'?></a>", "declaration behind"),
            (laughs, "declarations of its own"),
            ("<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY x SYSTEM 'y'>]><a/>", "declarations of its own"),
            (&deep, "nested more than"),
            (&wide, "more than 64 attributes"),
            (&long, "an attribute of more than"),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let (line, actual) = told(text).expect_err(text);
            assert!(actual.contains(phrase) && line.is_some(), "{}: {actual}", &text[..text.len().min(40)]);
            refused += 1;
        }
        assert_eq!(refused, 21);
        assert_eq!(told("<a>\n\n<refused/></a>"), Err((Some(3), "refused (line 3)".to_owned())));
    }
}
