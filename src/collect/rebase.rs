//! Paths that evidence names, brought home: relative ones as they are, absolute ones of another machine by the directory in
//! which the run says that it was recorded.
//!
//! In: a string of a document. Out: a base and a path below it, or the phrase why there is none. It never looks at the disk,
//! and a path that cannot be brought home is refused, not guessed.

use crate::model::{Base, RelPath};

/// What is known about the machine that recorded the run.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The run's directory there, as components.
    run: Option<Vec<String>>,
    /// Whether the run's directory was recorded as an absolute path.
    absolute: bool,
    /// The repository there, as components: the recorded directory without the way from repository to run.
    repo: Option<Vec<String>>,
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect()
}

fn below<'p>(path: &[&'p str], directory: Option<&Vec<String>>) -> Option<Vec<&'p str>> {
    let directory = directory?;
    let inside = path.len() > directory.len() && directory.iter().zip(path).all(|(own, part)| own == part);
    inside.then(|| path[directory.len()..].to_vec())
}

impl Recorded {
    /// `artifact_dir` as the run states it; `run_in_repo` is where the run lies below this repository, if it does.
    pub(super) fn new(artifact_dir: Option<&str>, run_in_repo: Option<&str>) -> Self {
        let Some(directory) = artifact_dir else { return Self::default() };
        let run: Vec<String> = parts(directory).into_iter().map(str::to_owned).collect();
        // The root of a file system or a path with `..` tells nothing.
        if run.is_empty() || run.iter().any(|part| part == "..") {
            return Self::default();
        }
        let absolute = directory.starts_with('/');
        let way = run_in_repo.map(parts).filter(|_| absolute);
        let repo = way.and_then(|way| {
            let ends =
                run.len() > way.len() && run[run.len() - way.len()..].iter().zip(&way).all(|(own, part)| own == part);
            ends.then(|| run[..run.len() - way.len()].to_vec())
        });
        Self { run: Some(run), absolute, repo }
    }

    /// Where a path that a document names lies here; `base` is what relative paths start from.
    pub(super) fn bring_home(&self, base: Base, path: &str) -> Result<(Base, RelPath), String> {
        let safe = |text: &str| RelPath::parse(text).map_err(|unsafe_path| unsafe_path.to_string());
        if !path.starts_with('/') {
            let rel = safe(path)?;
            // A run that was recorded under a relative directory names its files from the same starting point.
            let own_way = base == Base::Run && !self.absolute;
            return match below(&parts(rel.as_str()), self.run.as_ref().filter(|_| own_way)) {
                Some(home) => Ok((base, safe(&home.join("/"))?)),
                None => Ok((base, rel)),
            };
        }
        let given = parts(path);
        let homes = [(Base::Run, self.run.as_ref().filter(|_| self.absolute)), (Base::Repo, self.repo.as_ref())];
        for (base, directory) in homes {
            if let Some(home) = below(&given, directory) {
                return Ok((base, safe(&home.join("/"))?));
            }
        }
        Err(match &self.run {
            Some(run) if self.absolute => {
                format!("`{path}` is absolute and does not lie under `/{}`, where the run was recorded", run.join("/"))
            }
            Some(_) | None => {
                format!("`{path}` is absolute, and the run does not say under which absolute directory it was recorded")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(recorded: &Recorded, base: Base, path: &str) -> Option<String> {
        recorded.bring_home(base, path).ok().map(|(base, rel)| format!("{}:{rel}", base.word()))
    }

    #[test]
    fn foreign_paths_come_home() {
        let recorded = Recorded::new(Some("/builds/proj/results/one/"), Some("results/one"));
        let cases = [
            (Base::Run, "unit/a.json", Some("run:unit/a.json")),
            (Base::Repo, "docs/a.md", Some("repo:docs/a.md")),
            (Base::Run, "/builds/proj/results/one/a.json", Some("run:a.json")),
            (Base::Repo, "/builds/proj//results/./one/a.json", Some("run:a.json")),
            (Base::Run, "/builds/proj/docs/a.md", Some("repo:docs/a.md")),
            (Base::Run, "/builds/proj/results/ones/a.json", Some("repo:results/ones/a.json")),
            (Base::Run, "/builds/proj/results/one", Some("repo:results/one")),
            (Base::Run, "/builds/proj", None),
            (Base::Run, "/builds/other/a.json", None),
            (Base::Run, "/etc/passwd", None),
            (Base::Run, "/builds/proj/results/one/../../../x", None),
            (Base::Run, "../x", None),
            (Base::Run, "", None),
            (Base::Run, "C:\\x", None),
        ];
        let mut tried = 0;
        for (base, path, expected) in cases {
            assert_eq!(home(&recorded, base, path).as_deref(), expected, "{path}");
            tried += 1;
        }
        assert_eq!(tried, 14);
    }

    #[test]
    fn what_was_not_recorded_is_not_guessed() {
        let elsewhere = Recorded::new(Some("/builds/proj/results/one"), None);
        assert_eq!(home(&elsewhere, Base::Run, "/builds/proj/results/one/a").as_deref(), Some("run:a"));
        assert_eq!(home(&elsewhere, Base::Run, "/builds/proj/docs/a"), None);
        let renamed = Recorded::new(Some("/builds/proj/results/one"), Some("results/two"));
        assert_eq!(home(&renamed, Base::Run, "/builds/proj/docs/a"), None);
        let mut refused = 0;
        for directory in [None, Some(""), Some("/"), Some("/a/../b")] {
            let nothing = Recorded::new(directory, Some("results/one"));
            assert_eq!(home(&nothing, Base::Run, "/a/b"), None, "{directory:?}");
            assert_eq!(home(&nothing, Base::Run, "a/b").as_deref(), Some("run:a/b"));
            refused += 1;
        }
        assert_eq!(refused, 4);
        let relative = Recorded::new(Some("results/one"), Some("results/one"));
        assert_eq!(home(&relative, Base::Run, "results/one/a").as_deref(), Some("run:a"));
        assert_eq!(home(&relative, Base::Run, "unit/a").as_deref(), Some("run:unit/a"));
        assert_eq!(home(&relative, Base::Repo, "results/one/a").as_deref(), Some("repo:results/one/a"));
        assert_eq!(home(&relative, Base::Run, "/results/one/a"), None);
        // The run is the repository itself.
        let same = Recorded::new(Some("/w/run"), Some(""));
        assert_eq!(home(&same, Base::Repo, "/w/run/a").as_deref(), Some("run:a"));
    }
}
