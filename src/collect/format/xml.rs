//! XML for readers of reports: one walk over a document, strict about what could be understood in two ways or never end.
//!
//! Malformed are: a document type with declarations of its own, entities beyond the five of XML and numeric ones, an XML declaration
//! elsewhere than at the beginning, nesting beyond [`DEPTH_MOST`], more than [`ATTRIBUTES_MOST`] attributes or one that is there twice,
//! a second root, text outside the root, an end without its start. Nothing outside the file is ever looked up. Text is
//! borrowed from the file, so that what a visitor does not want is never copied.

use super::malformed;
use super::xml_token::{self, Token, Written};
use crate::model::{Gap, Where};
use quick_xml::XmlVersion;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::QName;
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

    /// Where to go on if everything from this byte up to there is known already. Only elements that are whole, and text that is not wanted, may
    /// be passed over so; it is asked between two events inside an element.
    fn known(&mut self, _position: usize) -> Option<usize> {
        None
    }

    /// A comment; what few tools say in one.
    fn comment(&mut self, _text: &str, _line: u64) {}
}

/// The attributes of one element.
pub(super) struct Attributes<'a>(&'a [(&'a str, Cow<'a, str>)]);

impl<'a> Attributes<'a> {
    /// These.
    pub(super) fn of(settled: &'a [(&'a str, Cow<'a, str>)]) -> Self {
        Self(settled)
    }

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
    // A mark of the encoding is no text.
    let position = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let lines = Lines { text: text.as_bytes(), offset: 0, line: 1 };
    let mut walk = Walk { text, position, lines, open: Vec::new(), begun: false, rooted: false };
    let mut attributes = Vec::with_capacity(ATTRIBUTES_USUAL);
    while walk.position < text.len() {
        let start = walk.position;
        if (1..DEPTH_MOST).contains(&walk.open.len())
            && let Some(end) = visitor.known(start)
        {
            walk.position = end;
            continue;
        }
        let step = match xml_token::next(text, start, &mut attributes) {
            Some((token, end)) => {
                walk.position = end;
                walk.token(&token, &mut attributes, start, visitor).map_err(|phrase| (phrase, start))
            }
            None => walk.event(start, visitor),
        };
        if let Err((phrase, position)) = step {
            return Err(walk.refused(at, expected, &phrase, position));
        }
    }
    let phrase = match (walk.open.len(), walk.rooted) {
        (1.., _) => "the document ends inside an element",
        (0, false) => "no element at all",
        (0, true) => return Ok(()),
    };
    Err(walk.refused(at, expected, phrase, text.len()))
}

/// Counts lines as far as they are asked for; positions only grow, except for that of an error.
struct Lines<'t> {
    text: &'t [u8],
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, position: usize) -> u64 {
        let position = position.min(self.text.len());
        if position < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let passed = self.text[self.offset..position].iter().filter(|byte| **byte == b'\n').count();
        (self.offset, self.line) = (position, self.line + passed as u64);
        self.line
    }
}

struct Walk<'t> {
    text: &'t str,
    /// Everything before it was looked at.
    position: usize,
    lines: Lines<'t>,
    /// The names of the open elements.
    open: Vec<Cow<'t, str>>,
    /// Something but blanks was there.
    begun: bool,
    rooted: bool,
}

impl<'t> Walk<'t> {
    fn refused(&mut self, at: &Where, expected: &str, phrase: &str, position: usize) -> Gap {
        let line = self.lines.at(position);
        let phrase: String = phrase.chars().take(300).collect();
        malformed(at, usize::try_from(line).ok(), expected, format!("{phrase} (line {line})"))
    }

    /// One of the usual forms.
    fn token(
        &mut self,
        token: &Token<'t>,
        attributes: &mut Written<'t>,
        start: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<(), String> {
        match *token {
            Token::Text(text) => self.text(text, visitor),
            Token::Start { name, closed } => {
                self.begin(Cow::Borrowed(name))?;
                settle(attributes)?;
                let line = self.lines.at(start);
                visitor.open(local(name), &Attributes(attributes), line)?;
                if closed { self.close(visitor) } else { Ok(()) }
            }
            Token::End(name) => self.end(name, visitor),
        }
    }

    /// Whatever else stands at this byte. An error has its place.
    fn event(&mut self, start: usize, visitor: &mut dyn Visitor) -> Result<(), (String, usize)> {
        let mut reader = Reader::from_str(&self.text[start..]);
        // One event knows of no elements around it; their names are compared here.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        let position = |offset: u64| start + usize::try_from(offset).unwrap_or(usize::MAX - start);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err((error.to_string(), position(reader.error_position()))),
        };
        self.position = if event == Event::Eof { self.text.len() } else { position(reader.buffer_position()) };
        self.step(&event, start, visitor).map_err(|phrase| (phrase, start))
    }

    fn step(&mut self, event: &Event<'t>, start: usize, visitor: &mut dyn Visitor) -> Result<(), String> {
        let begun = self.begun;
        self.begun |= !matches!(event, Event::Text(_));
        match event {
            Event::Start(tag) => self.start(tag, start, visitor),
            Event::Empty(tag) => {
                self.start(tag, start, visitor)?;
                self.close(visitor)
            }
            Event::End(tag) => self.end(utf8(tag.name().as_ref())?, visitor),
            Event::Text(text) => self.text(utf8(text)?, visitor),
            Event::CData(text) if !self.open.is_empty() => {
                visitor.text(utf8(text)?);
                Ok(())
            }
            Event::GeneralRef(reference) if !self.open.is_empty() => resolve(reference, visitor),
            Event::CData(_) | Event::GeneralRef(_) => Err("text outside the root element".to_owned()),
            Event::DocType(_) if self.rooted => Err("a document type behind the root element".to_owned()),
            Event::DocType(text) if text.contains(&b'[') => Err("a document type with declarations of its own".to_owned()),
            // What it says of the encoding was looked at where the bytes became text, which looks at the beginning only.
            Event::Decl(_) if begun => Err("an XML declaration behind the beginning".to_owned()),
            Event::Comment(text) => {
                visitor.comment(utf8(text)?, self.lines.at(start));
                Ok(())
            }
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    /// A start tag that is not of the usual form.
    fn start(&mut self, tag: &BytesStart<'_>, start: usize, visitor: &mut dyn Visitor) -> Result<(), String> {
        let name = utf8(tag.name().into_inner())?.to_owned();
        self.begin(Cow::Owned(name.clone()))?;
        let mut attributes: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(ATTRIBUTES_USUAL);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key = utf8(attribute.key.into_inner())?;
            sound(&attributes, key, attribute.value.len())?;
            let value = match &attribute.value {
                Cow::Borrowed(plain) if is_plain(plain) => Cow::Borrowed(utf8(plain)?),
                _ => attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?,
            };
            attributes.push((key, value));
        }
        let line = self.lines.at(start);
        visitor.open(local(&name), &Attributes(&attributes), line)
    }

    /// An element begins.
    fn begin(&mut self, name: Cow<'t, str>) -> Result<(), String> {
        self.begun = true;
        if self.open.is_empty() && self.rooted {
            return Err("a second root element".to_owned());
        }
        self.rooted = true;
        if self.open.len() == DEPTH_MOST {
            return Err(format!("elements nested more than {DEPTH_MOST} deep"));
        }
        self.open.push(name);
        Ok(())
    }

    fn text(&mut self, text: &str, visitor: &mut dyn Visitor) -> Result<(), String> {
        if self.open.is_empty() {
            return outside(text.as_bytes());
        }
        visitor.text(text);
        Ok(())
    }

    /// An end tag of this name.
    fn end(&mut self, name: &str, visitor: &mut dyn Visitor) -> Result<(), String> {
        self.begun = true;
        let wrong = match self.open.last() {
            Some(open) if *open == name => return self.close(visitor),
            Some(open) => IllFormedError::MismatchedEndTag { expected: open.to_string(), found: name.to_owned() },
            None => IllFormedError::UnmatchedEndTag(name.to_owned()),
        };
        Err(quick_xml::Error::IllFormed(wrong).to_string())
    }

    /// The innermost open element ends.
    fn close(&mut self, visitor: &mut dyn Visitor) -> Result<(), String> {
        self.open.pop();
        visitor.close()
    }
}

/// The name of an element without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// Makes of attributes as they are written what they say.
pub(super) fn settle(attributes: &mut Written<'_>) -> Result<(), String> {
    for at in 0..attributes.len() {
        let (before, own) = attributes.split_at_mut(at);
        let (key, value) = &mut own[0];
        sound(before, key, value.len())?;
        if !is_plain(value.as_bytes()) {
            *value = normalised(key, value)?;
        }
    }
    Ok(())
}

/// Whether an element may have an attribute of this name and length beside those before it.
fn sound(before: &[(&str, Cow<'_, str>)], key: &str, length: usize) -> Result<(), String> {
    if before.len() == ATTRIBUTES_MOST {
        return Err(format!("an element with more than {ATTRIBUTES_MOST} attributes"));
    }
    if length > VALUE_MOST {
        return Err(format!("an attribute of more than {VALUE_MOST} bytes"));
    }
    if before.iter().any(|(own, _)| *own == key) {
        return Err(format!("a duplicate attribute `{}`", key.chars().take(40).collect::<String>()));
    }
    Ok(())
}

/// The value of an attribute with its references resolved and its blanks as spaces.
fn normalised(key: &str, value: &str) -> Result<Cow<'static, str>, String> {
    let attribute = Attribute { key: QName(key.as_bytes()), value: Cow::Borrowed(value.as_bytes()) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
    Ok(Cow::Owned(value.into_owned()))
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
#[path = "xml_tests.rs"]
mod tests;
