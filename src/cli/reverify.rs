//! `gatekeeper reverify`: does a verdict still hold? Signature, evidence, commit, policy, and the same judgement made again.

use super::attest::{Unread, VERDICT_MAX, place, read};
use super::demand::Demand;
use super::printing::Printing;
use super::{Console, Exit, again, keys, told};
use crate::attest::{self, Difference, ENVELOPE_MAX, Envelope, Kind, Maker, Stated, Verdict};
use crate::collect;
use crate::model::{Document, RelPath, Where, shown_path};
use crate::report::wire::document;
use crate::report::wire::v1::commands::reverification::{Reverification, SCHEMA};
use crate::workspace::Disk;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  gatekeeper reverify verdict.intoto.json --key signing.pub --require pass
  gatekeeper reverify ENVELOPE --key a.pub --key b.pub --threshold 2 --root . --run downloaded/run
  gatekeeper reverify ENVELOPE --key a.pub --require pass --allow waiver --policy-ref origin/main
  gatekeeper reverify build/verdict/full_suite_verdict.json           a verdict without a signature

A verdict that failed and still holds is no reason to complain: a release asks with `--require` for one that passes, by the policy
of the repository or the one behind `--policy`, of lane full or the one behind `--lane`, and weakened by nothing but what `--allow` names.
Exit codes: 0 everything holds, 1 something does not match, 2 usage, keys or definitions, 3 verdict, run or evidence missing.";

/// `gatekeeper reverify`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// An envelope that `attest` wrote, or a verdict.
    #[arg(value_name = "VERDICT|ENVELOPE")]
    pub file: PathBuf,

    /// A public key that may have signed, in PEM. May be given several times; an envelope needs one.
    #[arg(long, value_name = "PUB.pem")]
    pub key: Vec<PathBuf>,

    /// How many of the keys must have signed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threshold: usize,

    /// The verdict of an envelope. Default: the file beside the envelope that the first subject names.
    #[arg(long, value_name = "FILE")]
    pub verdict: Option<PathBuf>,

    /// The verifier that the envelope must name.
    #[arg(long, value_name = "URI")]
    pub verifier: Option<String>,

    /// The resource that the envelope must name.
    #[arg(long, value_name = "URI")]
    pub resource: Option<String>,

    #[command(flatten)]
    pub demand: Demand,

    #[command(flatten)]
    pub definitions: super::args::Definitions,

    /// The run directory. Default: the one that the verdict names, if it lies in the repository.
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,

    /// The run to compare with, where the judgement had one by `--baseline`.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<PathBuf>,

    /// Earlier runs, where the judgement had some.
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub history: Vec<PathBuf>,

    #[command(flatten)]
    pub printing: Printing,
}

/// Most differences that are printed.
const SHOWN: usize = 12;

/// What a verdict says that holds, and who signed it.
struct Held {
    verdict: String,
    signed_by: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// The exit code of what does not hold, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], None, console)?;
    let mut said = Vec::new();
    let held = {
        let (shapes, mut out) = (console.shapes.clone(), Vec::new());
        let (environment, width, volume, live) = (console.environment, console.width, console.volume, console.live);
        let mut aside = Console { out: &mut out, err: &mut said, colour: false, width, environment, shapes, volume, live };
        let held = check(args, &mut aside);
        console.shapes = aside.shapes;
        held
    };
    let said = String::from_utf8_lossy(&said).into_owned();
    if !printer.shows("text") && !said.is_empty() {
        console.say(said.trim_end());
    }
    let exit = held.as_ref().map_or_else(|exit| *exit, |_| Exit::Pass);
    let (verdict, signed_by) = held.map_or((None, Vec::new()), |held| (Some(held.verdict), held.signed_by));
    let reverification = Reverification {
        schema: SCHEMA,
        file: args.file.to_string_lossy().into_owned(),
        holds: exit == Exit::Pass,
        exit_code: exit.number(),
        verdict,
        signed_by,
        said: said.lines().map(str::to_owned).collect(),
    };
    printer.print(&|form| if form == "json" { document(&reverification) } else { said.clone() }, console)?;
    Ok(exit)
}

fn check(args: &Arguments, console: &mut Console<'_>) -> Result<Held, Exit> {
    let mut usage = |phrase: String| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    };
    let (directory, name) = place(&args.file).map_err(&mut usage)?;
    args.demand.sound(console)?;
    let mut usage = |phrase: String| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    };
    let beside = Disk::new(directory, None, None, None).map_err(&mut usage)?;
    let keys = keys::public(&args.key, &beside, console)?;
    let bytes = file(&beside, &name, VERDICT_MAX, console)?;
    let document = parsed(&bytes, &args.file, console)?;
    let (verdict, signed) = if Envelope::meant(document.root()) {
        if bytes.len() as u64 > ENVELOPE_MAX {
            return Err(mismatch(&format!("the envelope has more than {ENVELOPE_MAX} bytes"), console));
        }
        let (verdict, keys) = envelope(args, &document, &keys, &beside, console)?;
        (verdict, keys)
    } else {
        if !keys.is_empty()
            || args.threshold != 1
            || args.verdict.is_some()
            || args.verifier.is_some()
            || args.resource.is_some()
        {
            console.say("error: this is a verdict without a signature, and not an envelope that a key could have signed");
            return Err(Exit::Usage);
        }
        (sound(document, &bytes, &name, console)?, Vec::new())
    };
    if verdict.judged.incomplete() {
        return Err(mismatch("the verdict is incomplete: nothing was judged, so nothing can hold", console));
    }
    again::judge(args, &verdict, !signed.is_empty(), console)?;
    let word = verdict.text(None, "verdict").unwrap_or_default().to_owned();
    match &*signed {
        [] => console
            .note("signature: none; anybody could have written this verdict, and all that is known is that it is right"),
        keys => console.note(&format!("signed by: {}", keys.join(", "))),
    }
    console.note(&format!("holds: the verdict is `{}`: {}", told::safe(&word), told::safe(&verdict.judged.reason)));
    Ok(Held { verdict: word, signed_by: signed })
}

/// Says what does not match.
pub fn mismatch(phrase: &str, console: &mut Console<'_>) -> Exit {
    console.say(&format!("mismatch: {phrase}"));
    Exit::Failed
}

/// Says where two documents differ.
pub fn differ(what: &str, found: &[Difference], words: (&str, &str), console: &mut Console<'_>) -> Exit {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), told::safe);
    for one in found.iter().take(SHOWN) {
        let at = if one.at.as_str().is_empty() { "the whole".to_owned() } else { told::safe(one.at.as_str()) };
        console.say(&format!("differs: {at}: {} {}, {} {}", words.0, value(&one.first), words.1, value(&one.second)));
    }
    if found.len() > SHOWN {
        console.say(&format!("differs: and {} more", found.len() - SHOWN));
    }
    mismatch(what, console)
}

fn file(beside: &Disk, name: &RelPath, max: u64, console: &mut Console<'_>) -> Result<Vec<u8>, Exit> {
    read(beside, name, max).map_err(|unread| match unread {
        Unread::Missing => {
            console.say(&format!("missing: there is no file `{}`", told::safe(name.as_str())));
            Exit::Gap
        }
        Unread::Other(phrase) => mismatch(&format!("`{}`: {phrase}", told::safe(name.as_str())), console),
    })
}

fn parsed(bytes: &[u8], path: &Path, console: &mut Console<'_>) -> Result<Document, Exit> {
    collect::json(bytes, &Where::file(shown_path(path))).map_err(|gap| {
        console.say(told::gaps(&[gap]).trim_end());
        mismatch("the file is no sound JSON", console)
    })
}

fn sound(document: Document, bytes: &[u8], name: &RelPath, console: &mut Console<'_>) -> Result<Verdict, Exit> {
    Verdict::of(document, bytes, &Where::file(name.as_str())).map_err(|gap| {
        console.say(told::gaps(&[gap]).trim_end());
        mismatch("this is no verdict, or one that contradicts its own gates", console)
    })
}

/// Checks an envelope, and gives the verdict that it is about with the ids of the keys that signed it.
fn envelope(
    args: &Arguments,
    document: &Document,
    keys: &[attest::Public],
    beside: &Disk,
    console: &mut Console<'_>,
) -> Result<(Verdict, Vec<String>), Exit> {
    if args.threshold == 0 || args.threshold > keys.len() {
        let (threshold, keys) = (args.threshold, told::count(keys.len(), "key"));
        console.say(&match args.key.is_empty() {
            true => "error: an envelope proves nothing without a key that you trust; give it with `--key`".to_owned(),
            false => format!("error: `--threshold {threshold}` cannot be asked of {keys}"),
        });
        return Err(Exit::Usage);
    }
    let refuse =
        |phrase: String, console: &mut Console<'_>| mismatch(&format!("the envelope: {}", told::safe(&phrase)), console);
    let envelope = Envelope::read(document.root()).map_err(|phrase| refuse(phrase, console))?;
    let signers = envelope.signers(keys);
    if signers.keys.len() < args.threshold {
        for phrase in signers.refused.iter().take(SHOWN) {
            console.say(&format!("unsigned: {}", told::safe(phrase)));
        }
        let (asked, count) = (args.threshold, signers.keys.len());
        return Err(mismatch(
            &format!("the envelope is signed by {count} of the keys given, and {asked} must have"),
            console,
        ));
    }
    // From here on the payload is what the holders of the keys said; whether it is true is another matter.
    let payload = envelope.statement().map_err(|phrase| refuse(phrase, console))?;
    let stated = Stated::read(payload.root()).map_err(|phrase| refuse(phrase, console))?;
    let path = match &args.verdict {
        Some(path) => path.clone(),
        None => PathBuf::from(&stated.verdict),
    };
    let bytes = match (&args.verdict, RelPath::parse(&stated.verdict)) {
        (Some(path), _) => {
            let usage = |phrase: String, console: &mut Console<'_>| {
                console.say(&format!("error: {phrase}"));
                Exit::Usage
            };
            let (directory, name) = place(path).map_err(|phrase| usage(phrase, console))?;
            let door = Disk::new(directory, None, None, None).map_err(|phrase| usage(phrase, console))?;
            file(&door, &name, VERDICT_MAX, console)?
        }
        (None, Ok(name)) if !name.as_str().contains('/') => {
            file(beside, &name, VERDICT_MAX, console).inspect_err(|exit| {
                if matches!(exit, Exit::Gap) {
                    console.say("it is looked for beside the envelope; where else it lies is said with `--verdict`");
                }
            })?
        }
        (None, _) => return Err(refuse(format!("its first subject `{}` is no name of a file", stated.verdict), console)),
    };
    let name = RelPath::parse("verdict.json").expect("a sound path");
    let verdict = sound(parsed(&bytes, &path, console)?, &bytes, &name, console)?;
    let resource = args.resource.as_deref().or(stated.resource.as_deref());
    let verifier = args.verifier.as_deref().unwrap_or(&stated.verifier);
    let maker = Maker { verifier, resource: resource.filter(|_| stated.kind == Kind::Vsa), name: &stated.verdict };
    if args.resource.is_some() && stated.kind == Kind::Svr {
        return Err(mismatch("an SVR names no resource, so it cannot name the one of `--resource`", console));
    }
    let own = attest::statement(&verdict, stated.kind, &maker).map_err(|phrase| refuse(phrase, console))?;
    let own = collect::json(&own, &Where::file("statement")).expect("what we say is sound JSON");
    let lacking = attest::lacking(own.root(), payload.root());
    if !lacking.is_empty() {
        let what = "the envelope says something else than the verdict beside it";
        return Err(differ(what, &lacking, ("the verdict makes it", "signed is"), console));
    }
    console.note(&format!("statement: {}, verifier {}", stated.kind.uri(), told::safe(&stated.verifier)));
    Ok((verdict, signers.keys))
}
