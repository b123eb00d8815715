//! `[secret.<name>]`: a shape of secrets that a policy or a configuration adds to the built-in ones.

use crate::definition::{Keys, Kind, Raw, Refusal, choice};
use crate::model::{Alphabet, SecretShape, Sure};

/// What the tables are for.
pub(super) const ABOUT: &str =
    "Shapes of secrets beside the built-in ones: looked for by `no-secrets`, and hidden in every output.";

/// Fewest characters of a beginning and of what follows: less occurs everywhere.
const BEGINS_LEAST: usize = 3;
const LEAST: usize = 8;

/// Reads one table: a row for each beginning.
pub(super) fn read(name: &str, keys: &mut Keys<'_>) -> Option<Vec<SecretShape>> {
    let begins = keys.required::<Vec<String>>("begins", "How such secrets begin: `acme_`.");
    let words = Alphabet::ALL.map(|(word, _)| word).to_vec();
    let doc = "The characters that follow: `alphanumeric`, `word` (with `_` and `-`), `capitals` and `small` (each with digits), `hex`, or `token` \
               (with `_ - . ~ + / =`).";
    let of = keys.custom("characters", true, Kind::Choice(words), doc, |raw: Raw<'_>| choice(raw, &Alphabet::ALL));
    let least = keys.required::<u64>("least", "How many characters follow at least.");
    let class =
        keys.optional::<String>("title", "What they are called where they are found. By default the name of the table.");
    let begins = begins?;
    if begins.is_empty()
        || begins.iter().any(|begin| begin.len() < BEGINS_LEAST || !begin.bytes().all(|b| b.is_ascii_graphic()))
    {
        let refusal =
            Refusal::new(format!("each beginning takes at least {BEGINS_LEAST} characters of ASCII, and no blanks"));
        keys.refuse("begins", refusal);
        return None;
    }
    let (of, least) = (of?, usize::try_from(least?).unwrap_or(usize::MAX));
    if !(LEAST..=512).contains(&least) {
        keys.refuse("least", Refusal::new(format!("it takes {LEAST} to 512 characters to tell a secret from a word")));
        return None;
    }
    let class = class.unwrap_or_else(|| name.to_owned());
    let shape = |begins: String| SecretShape {
        class: class.clone().into(),
        begins: begins.into(),
        of,
        least,
        most: usize::MAX,
        sure: Sure::Plain,
    };
    Some(begins.into_iter().map(shape).collect())
}
