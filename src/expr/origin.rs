//! Where a value came from: the binding, the document and the way down to it.
//!
//! Kept as a shared chain of steps, so that following a field costs one small allocation and no text; the pointer is only
//! spelled out for trouble and operands.

use crate::model::Pointer;
use std::fmt;
use std::sync::Arc;

/// A place in the evidence that an expression was evaluated over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The name under which the document was bound: an evidence id.
    pub binding: String,
    /// Which of the documents bound under this name, from 0; always 0 for [`super::Scope::bind`].
    pub document: usize,
    /// The value in that document.
    pub pointer: Pointer,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.binding)?;
        if self.document > 0 {
            write!(f, "[{}]", self.document)?;
        }
        write!(f, "#{}", self.pointer)
    }
}

/// One key of an object or one position of a list.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Key(Arc<str>),
    Index(usize),
}

#[derive(Debug)]
enum Link {
    Root { binding: Arc<str>, document: usize, base: Pointer },
    Below(Origin, Step),
}

/// The way from a binding to a value in its document.
#[derive(Debug, Clone)]
pub(super) struct Origin(Arc<Link>);

impl Origin {
    /// The value that was bound, which lies at `base` in its document.
    pub(super) fn root(binding: &str, document: usize, base: Pointer) -> Self {
        Self(Arc::new(Link::Root { binding: binding.into(), document, base }))
    }

    /// One step further down.
    pub(super) fn below(&self, step: Step) -> Self {
        Self(Arc::new(Link::Below(self.clone(), step)))
    }

    /// The place spelled out.
    pub(super) fn at(&self) -> At {
        match &*self.0 {
            Link::Root { binding, document, base } => {
                At { binding: (**binding).to_owned(), document: *document, pointer: base.clone() }
            }
            Link::Below(parent, step) => {
                let mut at = parent.at();
                at.pointer = match step {
                    Step::Key(key) => at.pointer.key(key),
                    Step::Index(index) => at.pointer.index(*index),
                };
                at
            }
        }
    }
}
