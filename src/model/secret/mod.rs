//! What looks like a secret in a text, and the text without it.
//!
//! In: any text. Out: where something has the shape of a token, a key or a password, and of which class; never the value itself. It knows
//! shapes, not secrets: it cannot tell whether a token is still valid, and what has no shape is not seen. Texts that stand for a value
//! (`${TOKEN}`, `<token>`, `***`, `example`) are none. The text is looked at as it is and as its reader sees it, with escapes undone and
//! colours taken out. Time is linear in the text.

mod beginnings;
mod decode;
mod scan;
mod shapes;
mod value;

pub use shapes::{Alphabet, SHAPES, Shape, Sure};

use scan::Finder;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its class in words: `GitHub token`.
    pub class: Cow<'static, str>,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// What is looked for: the shapes that are built in, and those that a policy adds.
#[derive(Clone)]
pub struct Shapes {
    own: Vec<Shape>,
    finder: Arc<Finder>,
}

static BUILT_IN: LazyLock<Arc<Finder>> = LazyLock::new(|| Arc::new(Finder::new(&[])));

impl Default for Shapes {
    fn default() -> Self {
        Shapes { own: Vec::new(), finder: BUILT_IN.clone() }
    }
}

impl std::fmt::Debug for Shapes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Shapes").field(&self.own).finish()
    }
}

impl PartialEq for Shapes {
    fn eq(&self, other: &Self) -> bool {
        self.own == other.own
    }
}

impl Shapes {
    /// The built-in shapes and these.
    pub fn with(own: Vec<Shape>) -> Self {
        match own.is_empty() {
            true => Shapes::default(),
            false => Shapes { finder: Arc::new(Finder::new(&own)), own },
        }
    }

    /// The shapes that are not built in.
    pub fn own(&self) -> &[Shape] {
        &self.own
    }

    /// Everything in the text that looks like a secret, in the order of the text; no two overlap.
    pub fn secrets(&self, text: &str) -> Vec<Secret> {
        self.finder.secrets(text, false)
    }

    /// Whether anything in these bytes may look like a secret: never a no for a text in which [`Shapes::secrets`] finds one.
    pub fn may_be_in(&self, text: &[u8]) -> bool {
        self.finder.may_be_in(text)
    }

    /// The text with every secret, whole or cut off, replaced by its class.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self.finder.secrets(text, true);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut shown, mut from) = (String::with_capacity(text.len()), 0);
        for secret in found {
            shown.push_str(&text[from..secret.range.start]);
            shown.push_str(&format!("[redacted: {}]", secret.class));
            from = secret.range.end;
        }
        shown.push_str(&text[from..]);
        Cow::Owned(shown)
    }
}

/// Everything in the text that has a built-in shape, in the order of the text.
pub fn secrets(text: &str) -> Vec<Secret> {
    BUILT_IN.secrets(text, false)
}

/// The text with every secret of a built-in shape, whole or cut off, replaced by its class.
pub fn redact(text: &str) -> Cow<'_, str> {
    Shapes::default().redact(text)
}

#[cfg(test)]
mod tests;
