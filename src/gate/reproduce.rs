//! The commands that make a gate's evidence again: steps in their order, with the run's own names filled in.
//!
//! In: text of a definition. `{run}` is the run's directory (a step that names it is taken once for each shard of a run in shards), `{run.id}`
//! its id, `{baseline}` the directory of the run that it is compared with, `{evidence.NAME}` each file of that evidence, one command for each;
//! `{--option evidence.NAME}` is that option with each file, all in one command, and nothing where there is none. Out: commands in which
//! each of these is one word of a shell. A step whose names are not known is left out, and where none is left those of `reproduce_otherwise`
//! stand. Other braces are the shell's own.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::model::{EvidenceId, shell_path, shell_word};

/// What a place in a command stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Run,
    RunId,
    Baseline,
    File(EvidenceId),
    Option(String, EvidenceId),
}

/// One step: a command with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    text: String,
    parts: Vec<Part>,
}

/// What the places are filled in from.
pub struct Facts<'a> {
    /// The run's directory, or those of its shards.
    pub runs: Vec<&'a str>,
    /// The run's id.
    pub run_id: Option<&'a str>,
    /// The directory of the run that it is compared with.
    pub baseline: Option<&'a str>,
    /// The files of the gate's evidence.
    pub files: &'a dyn Fn(&EvidenceId) -> Vec<String>,
}

impl Command {
    /// The command as the definition has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is complete as it stands.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The evidence whose files it names.
    pub fn evidence(&self) -> impl Iterator<Item = &EvidenceId> {
        self.parts.iter().filter_map(|part| match part {
            Part::File(id) | Part::Option(_, id) => Some(id),
            Part::Text(_) | Part::Run | Part::RunId | Part::Baseline => None,
        })
    }

    fn parse(text: &str) -> Result<Self, Refusal> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find('{') {
            let (before, braced) = rest.split_at(at);
            plain.push_str(before);
            let word = braced[1..].split_once('}').map(|(word, _)| word);
            // `${run}` is a variable of the shell.
            match word.filter(|_| !before.ends_with('$')).map(part).transpose()?.flatten() {
                Some(part) => {
                    // What is filled in brings its own quotes.
                    let quoted = |quote: char| text[..text.len() - braced.len()].matches(quote).count() % 2 == 1;
                    if quoted('\'') || quoted('"') {
                        let refusal = Refusal::new(format!("`{{{}}}` stands between quotes", word.unwrap_or_default()));
                        return Err(refusal.help("take it out of them: what is filled in is one quoted word by itself"));
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(part);
                    rest = &braced[word.map_or(1, str::len) + 2..];
                }
                None => {
                    plain.push('{');
                    rest = &braced[1..];
                }
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The command with its places filled in, once for each run and each file that it names; none where one of its names is not known.
    fn fill(&self, facts: &Facts<'_>) -> Vec<String> {
        let mut made = vec![String::new()];
        let runs: Vec<String> = if self.parts.contains(&Part::Run) {
            facts.runs.iter().filter_map(|run| shell_path(run.trim_end_matches('/'))).collect()
        } else {
            vec![String::new()]
        };
        for part in &self.parts {
            if let Part::Option(option, id) = part {
                let words: Vec<String> = (facts.files)(id).iter().filter_map(|path| shell_path(path)).collect();
                let all = words.iter().map(|word| format!("{option} {word}")).collect::<Vec<_>>().join(" ");
                let put = |begun: &String| match all.is_empty() {
                    true => begun.trim_end().to_owned(),
                    false => format!("{begun}{all}"),
                };
                made = made.iter().map(put).collect();
                continue;
            }
            let words: Vec<String> = match part {
                Part::Text(text) => vec![text.clone()],
                // Filled in at the end, so that it is the same run wherever the step names it.
                Part::Run => vec!["\0".to_owned()],
                Part::RunId => facts.run_id.and_then(shell_word).into_iter().collect(),
                Part::Baseline => {
                    facts.baseline.and_then(|path| shell_path(path.trim_end_matches('/'))).into_iter().collect()
                }
                Part::Option(..) => Vec::new(),
                Part::File(id) => (facts.files)(id).iter().filter_map(|path| shell_path(path)).collect(),
            };
            made = made.iter().flat_map(|begun| words.iter().map(move |word| format!("{begun}{word}"))).collect();
        }
        runs.iter().flat_map(|run| made.iter().map(move |command| command.replace('\0', run))).collect()
    }
}

/// What the word between two braces stands for; `None` where the braces are the shell's.
fn part(word: &str) -> Result<Option<Part>, Refusal> {
    Ok(match word {
        "run" => Some(Part::Run),
        "run.id" => Some(Part::RunId),
        "baseline" => Some(Part::Baseline),
        _ => {
            let (option, place) = match word.split_once(' ') {
                Some((option, place)) if option.starts_with("--") => (Some(option), place),
                Some(_) | None => (None, word),
            };
            let Some(name) = place.strip_prefix("evidence.") else { return Ok(None) };
            let id = EvidenceId::try_from(name).map_err(|_| Refusal::new(format!("`{name}` is no name of evidence")))?;
            Some(option.map_or_else(|| Part::File(id.clone()), |option| Part::Option(option.to_owned(), id.clone())))
        }
    })
}

impl Read for Command {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = String::read(raw)?;
        Self::parse(&text).map_err(|refusal| vec![refusal])
    }

    fn kind() -> Kind {
        Kind::Pattern("\\S", "a command; `{run}`, `{run.id}`, `{baseline}` and `{evidence.NAME}` are filled in")
    }
}

/// The commands of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduce {
    /// The steps, in their order; at least one.
    pub steps: Vec<Command>,
    /// What is run where no step can be filled in.
    pub otherwise: Option<String>,
}

impl Reproduce {
    /// One command as it stands.
    pub fn plain(command: &str) -> Self {
        let parts = vec![Part::Text(command.to_owned())];
        Self { steps: vec![Command { text: command.to_owned(), parts }], otherwise: None }
    }

    /// The steps with the run's own names.
    pub fn commands(&self, facts: &Facts<'_>) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        for command in self.steps.iter().flat_map(|step| step.fill(facts)).filter(|command| !command.trim().is_empty()) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        if commands.is_empty() { self.otherwise.iter().cloned().collect() } else { commands }
    }

    /// The steps as the definition has them, in one line.
    pub fn text(&self) -> String {
        self.steps.iter().map(Command::text).collect::<Vec<_>>().join("; ")
    }
}

/// One command, or a list of them.
pub struct Steps(pub Vec<Command>);

impl Read for Steps {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        if raw.get().is_array() { Vec::read(raw).map(Steps) } else { Command::read(raw).map(|one| Steps(vec![one])) }
    }

    fn kind() -> Kind {
        Kind::Either(vec![Command::kind(), Kind::List(Box::new(Command::kind()))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(steps: &[&str], otherwise: Option<&str>, runs: &[&str], baseline: Option<&str>) -> Vec<String> {
        let steps = steps.iter().map(|text| Command::parse(text).expect("sound")).collect();
        let reproduce = Reproduce { steps, otherwise: otherwise.map(str::to_owned) };
        let files = |id: &EvidenceId| {
            if id.as_str() == "audit" { vec!["docs/a.json".to_owned(), "docs/b c.json".to_owned()] } else { Vec::new() }
        };
        reproduce.commands(&Facts { runs: runs.to_vec(), run_id: Some("r-1"), baseline, files: &files })
    }

    #[test]
    fn steps_are_filled_in_from_the_run() {
        let rerun = "x --rerun-from {run}/summary.json";
        assert_eq!(filled(&[rerun], None, &["e2e/r"], None), ["x --rerun-from e2e/r/summary.json"]);
        assert_eq!(filled(&[rerun, "y"], None, &["a b"], None), ["x --rerun-from 'a b'/summary.json", "y"]);
        assert_eq!(
            filled(&[rerun], None, &["s1", "-s2"], None),
            ["x --rerun-from s1/summary.json", "x --rerun-from ./-s2/summary.json"]
        );
        assert_eq!(filled(&["d {baseline}/s {run.id}"], None, &["r"], Some("b/")), ["d b/s r-1"]);
        assert_eq!(
            filled(&["c {--text evidence.audit} {--text evidence.none} --out x"], None, &[], None),
            ["c --text docs/a.json --text 'docs/b c.json' --out x"]
        );
        assert_eq!(filled(&["p {evidence.audit}"], None, &[], None), ["p docs/a.json", "p 'docs/b c.json'"]);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(filled(&["d {baseline}", "x {run}"], None, &["r"], None), ["x r"]);
        assert_eq!(filled(&["d {baseline}"], Some("full"), &["r"], None), ["full"]);
        assert_eq!(filled(&["x {run}"], Some("full"), &["a\nb"], None), ["full"]);
        assert!(filled(&["x {run}", "p {evidence.none}"], None, &[], None).is_empty());
    }

    #[test]
    fn other_braces_are_the_shells() {
        let shell = "for n in {1,2}; do echo ${run} '{\"a\": 1}' {word}; done";
        assert_eq!(filled(&[shell], None, &["r"], None), [shell]);
        assert!(Command::parse(shell).expect("sound").is_plain());
        assert!(Command::parse("bash -c 'x {run}'").is_err() && Command::parse("bash -c 'x' {run}").is_ok());
    }
}
