//! The attempts at one test, in little memory: nearly every test has one, and a report tells of tests by the hundred thousand.

use super::test_case::Attempt;
use std::ops::{Deref, DerefMut};

/// The attempts at a test, oldest first. It is read as a slice.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Held);

#[derive(Debug, Clone)]
enum Held {
    /// The only one, which needs no room of its own.
    One(Attempt),
    Many(Vec<Attempt>),
}

impl Default for Held {
    fn default() -> Self {
        Held::Many(Vec::new())
    }
}

impl Attempts {
    /// Adds one at the end.
    pub fn push(&mut self, attempt: Attempt) {
        self.extend([attempt]);
    }
}

impl From<Attempt> for Attempts {
    fn from(attempt: Attempt) -> Self {
        Self(Held::One(attempt))
    }
}

impl From<Vec<Attempt>> for Attempts {
    fn from(mut attempts: Vec<Attempt>) -> Self {
        match (attempts.len(), attempts.pop()) {
            (1, Some(only)) => Self::from(only),
            (_, last) => {
                attempts.extend(last);
                Self(Held::Many(attempts))
            }
        }
    }
}

impl FromIterator<Attempt> for Attempts {
    fn from_iter<I: IntoIterator<Item = Attempt>>(attempts: I) -> Self {
        Vec::from_iter(attempts).into()
    }
}

impl Extend<Attempt> for Attempts {
    fn extend<I: IntoIterator<Item = Attempt>>(&mut self, attempts: I) {
        let mut all: Vec<Attempt> = std::mem::take(self).into_iter().collect();
        all.extend(attempts);
        *self = all.into();
    }
}

impl IntoIterator for Attempts {
    type Item = Attempt;
    type IntoIter = std::iter::Chain<std::option::IntoIter<Attempt>, std::vec::IntoIter<Attempt>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self.0 {
            Held::One(attempt) => (Some(attempt), Vec::new()),
            Held::Many(attempts) => (None, attempts),
        };
        one.into_iter().chain(many)
    }
}

impl Deref for Attempts {
    type Target = [Attempt];

    fn deref(&self) -> &[Attempt] {
        match &self.0 {
            Held::One(attempt) => std::slice::from_ref(attempt),
            Held::Many(attempts) => attempts,
        }
    }
}

impl DerefMut for Attempts {
    fn deref_mut(&mut self) -> &mut [Attempt] {
        match &mut self.0 {
            Held::One(attempt) => std::slice::from_mut(attempt),
            Held::Many(attempts) => attempts,
        }
    }
}

impl PartialEq for Attempts {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_case::AttemptStatus;
    use super::*;

    #[test]
    fn however_many_they_are_they_keep_their_order() {
        let attempt = |name: &str| Attempt::new(AttemptStatus::Failed, None, name);
        let told = |attempts: &Attempts| attempts.iter().map(|one| one.message.to_string()).collect::<Vec<_>>();
        let mut attempts = Attempts::default();
        let mut expected: Vec<String> = Vec::new();
        for name in ["a", "b", "c"] {
            assert_eq!(told(&attempts), expected);
            attempts.push(attempt(name));
            expected.push(name.to_owned());
        }
        assert_eq!((told(&attempts), attempts.len()), (expected, 3));
        assert_eq!(Attempts::from(vec![attempt("a")]), Attempts::from(attempt("a")));
        assert_eq!(Attempts::from(Vec::new()), Attempts::default());
        assert_eq!(attempts.clone().into_iter().collect::<Attempts>(), attempts);
        // A test of one attempt takes no more room than the attempt itself.
        assert_eq!(size_of::<Attempts>(), size_of::<Attempt>());
    }
}
