//! Small parts of an XML report, each as one value, while the report itself is only walked over.
//!
//! A reader says of every element whether it wants to hear of its begin and end, to have it whole, or to hear nothing of what is in it. Only
//! what is wanted whole is held, one at a time, so that a large report takes no more memory than its tests.

use super::decode;
use super::xml::{Attributes, VALUE_MOST, Visitor, walk};
use crate::model::{Gap, Spot, Where};

/// Most elements inside one that is held whole.
const HELD_MOST: usize = 100_000;

/// What a reader wants of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Its begin and its end, and to be asked about what is in it.
    Ends,
    /// All of it, at its end.
    Whole,
    /// Nothing.
    Nothing,
}

/// An element; its children are there only if it was wanted whole.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    /// Its own text, without that of its children; cut at [`VALUE_MOST`].
    text: String,
    pub(super) children: Vec<Element>,
    pub(super) line: u64,
}

impl Element {
    fn new(name: &str, attributes: &Attributes<'_>, line: u64) -> Self {
        let attributes = attributes.all().map(|(name, value)| (name.into(), value.into())).collect();
        Self { name: name.into(), attributes, line, ..Self::default() }
    }

    /// The element without what is in it.
    pub(super) fn own(&self) -> Self {
        Self { name: self.name.clone(), attributes: self.attributes.clone(), line: self.line, ..Self::default() }
    }

    /// The value of an attribute, if it has one that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| **own == *name).map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }

    /// The value of an attribute that must be there; it may be empty, as titles may.
    pub(super) fn must(&self, name: &str) -> Result<&str, String> {
        let value = self.attributes.iter().find(|(own, _)| **own == *name).map(|(_, value)| &**value);
        value.ok_or_else(|| format!("a `{}` without `{name}`", self.name))
    }

    /// Its text without the space around it.
    pub(super) fn said(&self) -> &str {
        self.text.trim()
    }

    /// The text as a name. A long one is refused: a cut could make two names one.
    pub(super) fn named(&self) -> Result<&str, String> {
        if self.text.len() >= VALUE_MOST {
            Err(format!("a `{}` of more than {VALUE_MOST} bytes", self.name))
        } else {
            Ok(self.said())
        }
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.all(name).next()
    }

    /// The children of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| &*child.name == name)
    }

    /// The text at the end of a path of children; empty if there is none.
    pub(super) fn text_at(&self, path: &[&str]) -> &str {
        path.iter().try_fold(self, |element, name| element.child(name)).map_or("", Element::said)
    }

    /// The sum of attributes that are counts; none if none of them is one.
    pub(super) fn count(&self, names: &[&str]) -> Option<u64> {
        let count = |name: &&str| self.get(name).and_then(|text| text.trim().parse::<u64>().ok());
        names.iter().filter_map(count).reduce(u64::saturating_add)
    }

    /// Where it begins.
    pub(super) fn spot(&self) -> Spot {
        Spot::Line(self.line)
    }
}

/// What makes something of the elements of a report. An error is a phrase: what is wrong at this place.
pub(super) trait Reader {
    /// What is wanted of an element of this name; `within` are the names of those around it, the root first.
    fn want(&self, name: &str, within: &[Box<str>]) -> Want;

    /// An element whose ends are wanted begins.
    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String>;

    /// An element that is wanted whole has ended.
    fn whole(&mut self, element: Element, within: &[Box<str>]) -> Result<(), String>;

    /// An element whose ends are wanted has ended.
    fn leave(&mut self, name: &str, within: &[Box<str>]) -> Result<(), String>;
}

/// Reads a whole document whose root has one of these names.
///
/// # Errors
/// A gap that names the line.
pub(super) fn read(bytes: &[u8], at: &Where, expected: &str, roots: &[&str], reader: &mut dyn Reader) -> Result<(), Gap> {
    let text = decode::xml(bytes, at)?;
    let mut visit = Visit { roots, reader, within: Vec::new(), held: Vec::new(), count: 0, passed: 0 };
    walk(&text, at, expected, &mut visit)
}

struct Visit<'r> {
    roots: &'r [&'r str],
    reader: &'r mut dyn Reader,
    /// The names of open elements that are not held.
    within: Vec<Box<str>>,
    /// The open elements of the one that is held whole, outermost first.
    held: Vec<Element>,
    count: usize,
    /// How many elements are open of which nothing is wanted.
    passed: usize,
}

impl Visitor for Visit<'_> {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        if self.passed > 0 {
            self.passed += 1;
            return Ok(());
        }
        if !self.held.is_empty() {
            self.count += 1;
            if self.count > HELD_MOST {
                return Err(format!("more than {HELD_MOST} elements in one `{}`", self.held[0].name));
            }
            self.held.push(Element::new(name, attributes, line));
            return Ok(());
        }
        if self.within.is_empty() && !self.roots.contains(&name) {
            return Err(format!("the root element `{}`", name.chars().take(40).collect::<String>()));
        }
        match self.reader.want(name, &self.within) {
            Want::Nothing => self.passed = 1,
            Want::Whole => {
                self.count = 0;
                self.held.push(Element::new(name, attributes, line));
            }
            Want::Ends => {
                self.reader.enter(&Element::new(name, attributes, line), &self.within)?;
                self.within.push(name.into());
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.held.last_mut() {
            let room = VALUE_MOST.saturating_sub(element.text.len());
            element.text.push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.passed > 0 {
            self.passed -= 1;
            return Ok(());
        }
        match (self.held.pop(), self.held.last_mut()) {
            (Some(element), Some(outer)) => outer.children.push(element),
            (Some(element), None) => self.reader.whole(element, &self.within)?,
            (None, _) => {
                let name = self.within.pop().unwrap_or_default();
                self.reader.leave(&name, &self.within)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(String);

    impl Reader for Told {
        fn want(&self, name: &str, _: &[Box<str>]) -> Want {
            match name {
                "whole" => Want::Whole,
                "no" => Want::Nothing,
                _ => Want::Ends,
            }
        }

        fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
            self.0 += &format!("<{}@{}{}", element.name, element.line, within.len());
            Ok(())
        }

        fn whole(&mut self, element: Element, within: &[Box<str>]) -> Result<(), String> {
            let (n, inner) = (element.count(&["n", "m"]), element.text_at(&["a", "b"]));
            self.0 += &format!("[{} {n:?} {inner} {} {}]", element.said(), element.all("a").count(), within.join("/"));
            element.must("n").map(|_| ())
        }

        fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
            self.0 += &format!("{name}>");
            Ok(())
        }
    }

    fn told(text: &str) -> Result<String, String> {
        let mut told = Told::default();
        let end = read(text.as_bytes(), &Where::file("a"), "XML", &["r"], &mut told);
        end.map(|()| told.0).map_err(|gap| gap.actual)
    }

    #[test]
    fn a_reader_gets_what_it_wants() {
        let text = "\u{feff}<r>\n<no><whole/><x/></no><s><whole n='1' m='2'>t<a><b> in </b></a><a/>u</whole></s></r>";
        assert_eq!(told(text).as_deref(), Ok("<r@10<s@21[tu Some(3) in 2 r/s]s>r>"));
        assert_eq!(told("<q/>"), Err("the root element `q` (line 1)".to_owned()));
        assert!(told("<r><whole/></r>").is_err_and(|phrase| phrase.contains("without `n`")));
        let many = format!("<r><whole n=''>{}</whole></r>", "<a/>".repeat(HELD_MOST + 1));
        assert!(told(&many).is_err_and(|phrase| phrase.contains("more than 100000 elements")));
    }

    #[test]
    fn a_long_text_is_cut_and_no_name() {
        let element = Element { text: "x".repeat(VALUE_MOST), ..Element::default() };
        assert!(element.named().is_err() && Element::default().named() == Ok(""));
    }
}
