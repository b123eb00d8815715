//! Paths as definitions write them: `repo:tests/suite.toml`, `run:*/result.json`.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::diagnostic::Code;
use crate::model::{Base, RelPath};

/// One file or directory below a base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Located(pub Base, pub RelPath);

/// A path that may hold `*`, `?`, `[...]` and `{a,b}`, below a base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What it starts from.
    pub base: Base,
    /// The pattern, folded like every path.
    pub path: RelPath,
}

/// The base of this word.
fn base(word: &str) -> Option<Base> {
    Base::ALL.into_iter().find(|base| base.word() == word)
}

fn split(raw: Raw<'_>) -> Result<(Base, RelPath), Refusal> {
    let text = raw.string("a path like `repo:tests/report.json`")?;
    let words: Vec<String> = Base::ALL.iter().map(|base| format!("`{}:`", base.word())).collect();
    let help = format!("begin the path with {}: what it is relative to", words.join(", "));
    let Some((word, rest)) = text.split_once(':') else {
        return Err(Refusal::new(format!("`{text}` does not say what it is relative to")).help(help));
    };
    let base = base(word).ok_or_else(|| Refusal::new(format!("`{word}:` is not a base of paths")).help(help))?;
    let path = RelPath::parse(rest).map_err(|error| Refusal::new(error.to_string()))?;
    Ok((base, path))
}

impl Read for Located {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        split(raw).map(|(base, path)| Located(base, path)).map_err(|refusal| vec![refusal])
    }

    fn kind() -> Kind {
        Kind::Pattern("^(repo|run|baseline|history):[^/\\\\]", "a path with its base: `repo:tests/suite.toml`")
    }
}

/// Where outputs go: a path with its base, and nothing of git's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs(pub Base, pub RelPath);

impl Read for Outputs {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let (base, path) = split(raw).map_err(|refusal| vec![refusal])?;
        if path.as_str().split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
            let refusal = Refusal::new(format!("`{path}` lies in git's own directory, where nothing of ours belongs"));
            return Err(vec![refusal.help("write outputs to a directory of their own: `repo:build/verdict`")]);
        }
        Ok(Outputs(base, path))
    }

    fn kind() -> Kind {
        Located::kind()
    }
}

impl Read for Pattern {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let (base, path) = split(raw).map_err(|refusal| vec![refusal])?;
        if base == Base::History && !path.as_str().contains('/') {
            let refusal = Refusal::new(format!("`history:{path}` names a run's directory and no file in it"));
            return Err(vec![refusal.help(format!("write `history:*/{path}`: the first component is the run"))]);
        }
        match globset::GlobBuilder::new(path.as_str()).literal_separator(true).build() {
            Ok(_) => Ok(Pattern { base, path }),
            Err(error) => Err(vec![Refusal::new(format!("`{path}` is not a sound pattern: {}", error.kind()))]),
        }
    }

    fn kind() -> Kind {
        Kind::Pattern("^(repo|run|baseline|history):[^/\\\\]", "a path or glob with its base: `run:*/result.json`")
    }
}

/// A pattern of files that commits may change: below a directory, or a file, that it names at the top of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spared(pub RelPath);

impl Read for Spared {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let Pattern { base, path } = Pattern::read(raw)?;
        if base != Base::Repo {
            let refusal =
                Refusal::new(format!("`{}:` is not in git by itself: only files of the repository are", base.word()));
            return Err(vec![refusal.help("begin the pattern with `repo:`")]);
        }
        let top = path.as_str().split('/').next().unwrap_or_default();
        if top.contains(['*', '?', '[', '{']) {
            let refusal = Refusal::new(format!("`{path}` is too wide: it reaches the whole repository, sources included"));
            let help = "begin with the name of a directory that holds evidence and nothing else: `repo:docs/evidence/**`";
            return Err(vec![refusal.code(Code::VACUOUS).help(help)]);
        }
        Ok(Spared(path))
    }

    fn kind() -> Kind {
        Kind::Pattern("^repo:[^/\\\\*?\\[{]+(/|$)", "a pattern below a named directory: `repo:docs/evidence/**`")
    }
}

/// Whether one of these patterns fits a path.
pub(super) fn fits(patterns: &[RelPath], path: &str) -> bool {
    let mut globs = patterns.iter().filter_map(|pattern| {
        globset::GlobBuilder::new(pattern.as_str()).literal_separator(true).backslash_escape(false).build().ok()
    });
    globs.any(|glob| glob.compile_matcher().is_match(path))
}
