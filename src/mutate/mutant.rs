//! The ways in which evidence is damaged, each with its word, and one damage to one file.

use super::tree::{Literal, Node, Step, Syntax};
use crate::model::Pointer;
use std::ops::Range;

/// What is done to a file or to a value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutator {
    /// The file is gone.
    Delete,
    /// The file has no bytes.
    Empty,
    /// The second half of the file is gone.
    Half,
    /// The last line of the file is gone.
    LastLine,
    /// Bytes that are no document stand in place of the file.
    Garbage,
    /// A document of another kind stands in place of the file: a list for an object, an object for a list.
    OtherRoot,
    /// Two files that a gate reads in the same way have changed places.
    Swap,
    /// The time that the document states lies further back than its gate allows.
    Stale,
    /// The commit that the document is bound to is another one.
    ForeignCommit,
    /// The run that the document is bound to is another one.
    ForeignRun,
    /// The first key of an object stands there twice.
    RepeatKey,
    /// A value, with its key, is gone; of a text a line, of XML an attribute or element.
    Remove,
    /// A value is null; of XML an empty text.
    Null,
    /// A value has another type.
    Type,
    /// A boolean or a word for success is its opposite.
    Flip,
    /// A number is one more.
    Increment,
    /// A number is one less.
    Decrement,
    /// A number has the other sign.
    Negate,
    /// A text differs in one character; a time by a second.
    Change,
    /// An item of a list, or a line, stands there twice.
    Repeat,
    /// A list has no items.
    Clear,
    /// The key of a value is another one.
    Rename,
}

impl Mutator {
    /// Every mutator, those of whole files first.
    pub const ALL: [Mutator; 22] = [
        Mutator::Delete,
        Mutator::Empty,
        Mutator::Half,
        Mutator::LastLine,
        Mutator::Garbage,
        Mutator::OtherRoot,
        Mutator::Swap,
        Mutator::Stale,
        Mutator::ForeignCommit,
        Mutator::ForeignRun,
        Mutator::RepeatKey,
        Mutator::Remove,
        Mutator::Null,
        Mutator::Type,
        Mutator::Flip,
        Mutator::Increment,
        Mutator::Decrement,
        Mutator::Negate,
        Mutator::Change,
        Mutator::Repeat,
        Mutator::Clear,
        Mutator::Rename,
    ];

    /// Its word in reports and in lists of survivors.
    pub const fn word(self) -> &'static str {
        match self {
            Mutator::Delete => "delete",
            Mutator::Empty => "empty",
            Mutator::Half => "half",
            Mutator::LastLine => "last-line",
            Mutator::Garbage => "garbage",
            Mutator::OtherRoot => "other-root",
            Mutator::Swap => "swap",
            Mutator::Stale => "stale",
            Mutator::ForeignCommit => "foreign-commit",
            Mutator::ForeignRun => "foreign-run",
            Mutator::RepeatKey => "repeat-key",
            Mutator::Remove => "remove",
            Mutator::Null => "null",
            Mutator::Type => "type",
            Mutator::Flip => "flip",
            Mutator::Increment => "increment",
            Mutator::Decrement => "decrement",
            Mutator::Negate => "negate",
            Mutator::Change => "change",
            Mutator::Repeat => "repeat",
            Mutator::Clear => "clear",
            Mutator::Rename => "rename",
        }
    }

    /// What it does, in a line.
    pub const fn about(self) -> &'static str {
        match self {
            Mutator::Delete => "the file is gone",
            Mutator::Empty => "the file has no bytes",
            Mutator::Half => "the second half of the file is gone",
            Mutator::LastLine => "the last line of the file is gone",
            Mutator::Garbage => "bytes that are no document stand in place of the file",
            Mutator::OtherRoot => "a list stands in place of an object, or an object in place of a list",
            Mutator::Swap => "two files that a gate reads in the same way have changed places",
            Mutator::Stale => "the stated time lies further back than `max_age` allows",
            Mutator::ForeignCommit => "the bound commit is another one",
            Mutator::ForeignRun => "the bound run is another one",
            Mutator::RepeatKey => "the first key of an object stands there twice",
            Mutator::Remove => "a value with its key, a line, an attribute or an element is gone",
            Mutator::Null => "a value is null; of XML an empty text",
            Mutator::Type => "a value has another type",
            Mutator::Flip => "a boolean, or a word for success or failure, is its opposite",
            Mutator::Increment => "a number is one more",
            Mutator::Decrement => "a number is one less",
            Mutator::Negate => "a number has the other sign",
            Mutator::Change => "a text differs in one character, a time by a second",
            Mutator::Repeat => "an item of a list, or a line, stands there twice",
            Mutator::Clear => "a list has no items",
            Mutator::Rename => "the key of a value is another one",
        }
    }

    /// Whether what was there is gone or cannot be read, so that a gate that names it has nothing to judge. All others leave something
    /// that can be read and says something else.
    pub const fn loses(self) -> bool {
        match self {
            Mutator::Delete
            | Mutator::Empty
            | Mutator::Half
            | Mutator::LastLine
            | Mutator::Garbage
            | Mutator::OtherRoot
            | Mutator::Stale
            | Mutator::ForeignCommit
            | Mutator::ForeignRun
            | Mutator::RepeatKey
            | Mutator::Remove
            | Mutator::Null
            | Mutator::Type
            | Mutator::Rename => true,
            Mutator::Swap
            | Mutator::Flip
            | Mutator::Increment
            | Mutator::Decrement
            | Mutator::Negate
            | Mutator::Change
            | Mutator::Repeat
            | Mutator::Clear => false,
        }
    }
}

/// What becomes of the bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// There is no such file.
    Delete,
    /// These bytes instead.
    Bytes(Vec<u8>),
    /// Other bytes in place of some; the ranges do not meet, and stand in their order.
    Splice(Vec<(Range<usize>, Vec<u8>)>),
    /// A value of a TOML document, which keeps its layout.
    Toml(Vec<Step>, Act),
    /// The bytes of another file, by its position, which gets those of this one.
    Swap(usize),
}

/// What is done to a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Remove,
    Set(Literal),
    Repeat,
    Rename(String),
}

/// One damage to one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutant {
    /// The file, by its position among those that are damaged.
    pub file: usize,
    /// What is done.
    pub mutator: Mutator,
    /// The line of a record or of a text.
    pub line: Option<u64>,
    /// The value in the document or record; `None` for the file as a whole.
    pub at: Option<Pointer>,
    /// The same with `*` for each position in a list, or the class of a line; empty for the file as a whole.
    pub field: String,
    pub(super) change: Change,
}

/// The bytes with splices made.
pub(super) fn splice(bytes: &[u8], splices: &[(Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (range, new) in splices {
        out.extend_from_slice(&bytes[at..range.start]);
        out.extend_from_slice(new);
        at = range.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// What an act does to the bytes of the value at `at` inside of `outer`.
pub(super) fn render(syntax: Syntax, bytes: &[u8], outer: &Node, at: usize, act: &Act) -> Option<Change> {
    let inner = outer.inner();
    let node = &inner[at];
    let one = |range: Range<usize>, new: &[u8]| Some(Change::Splice(vec![(range, new.to_vec())]));
    match act {
        Act::Set(literal) => one(node.range.clone(), syntax.write(literal).as_bytes()),
        Act::Rename(key) => {
            let written = if syntax == Syntax::Xml { key.clone() } else { syntax.write(&Literal::Text(key.clone())) };
            one(node.key.clone()?, written.as_bytes())
        }
        Act::Remove if syntax == Syntax::Xml => one(node.entry.clone(), b""),
        Act::Repeat if syntax == Syntax::Xml => one(node.entry.end..node.entry.end, &bytes[node.entry.clone()]),
        // With what separates it from its neighbour.
        Act::Remove => match (at.checked_sub(1).map(|before| &inner[before]), inner.get(at + 1)) {
            (_, Some(next)) => one(node.entry.start..next.entry.start, b""),
            (Some(before), None) => one(before.entry.end..node.entry.end, b""),
            (None, None) => {
                let map = matches!(outer.kind, super::tree::Kind::Map(_));
                one(outer.range.clone(), syntax.write(&Literal::Nothing(map)).as_bytes())
            }
        },
        Act::Repeat => match (at.checked_sub(1).map(|before| &inner[before]), inner.get(at + 1)) {
            (_, Some(next)) => one(next.entry.start..next.entry.start, &bytes[node.entry.start..next.entry.start]),
            (Some(before), None) => one(node.entry.end..node.entry.end, &bytes[before.entry.end..node.entry.end]),
            (None, None) if syntax == Syntax::Json => {
                let twice = [b",", &bytes[node.entry.clone()]].concat();
                one(node.entry.end..node.entry.end, &twice)
            }
            (None, None) => None,
        },
    }
}
