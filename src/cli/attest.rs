//! `gatekeeper attest`: a statement about a verdict, signed.

use super::{Console, Exit, keys, refused, told};
use crate::attest::{self, Kind, Maker, Verdict};
use crate::model::{Base, RelPath, shown_path};
use crate::workspace::{Denied, Disk, Workspace};
use clap::{Args, ValueEnum};
use std::io::Read as _;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  openssl genpkey -algorithm ed25519 -out signing.pem       a key; the public half: openssl pkey -in signing.pem -pubout -out signing.pub
  gatekeeper attest build/verdict/full_suite_verdict.json --key signing.pem --out verdict.intoto.json
  gatekeeper attest VERDICT --key-env GATEKEEPER_SIGNING_KEY --predicate vsa --resource https://example.com/app/1.4

Attest in the job that judged, right after `verify`. A failing verdict is attested as failing; an incomplete one, and one that
contradicts its own gates, is refused. The same verdict and the same key give the same bytes.
Exit codes: 0 attested (also a failing verdict), 2 usage or key, 3 the verdict is missing, damaged or incomplete, 4 not written.";

/// `gatekeeper attest`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The verdict: a `full_suite_verdict.json`.
    #[arg(value_name = "VERDICT")]
    pub verdict: PathBuf,

    /// The private key: Ed25519 or ECDSA P-256, PKCS#8 in PEM, not encrypted.
    #[arg(long, value_name = "KEY.pem")]
    pub key: Option<PathBuf>,

    /// The environment variable that holds the private key in PEM.
    #[arg(long, value_name = "NAME", conflicts_with = "key")]
    pub key_env: Option<String>,

    /// What is said: an in-toto Simple Verification Result, or a SLSA Verification Summary.
    #[arg(long, value_enum, default_value_t = Predicate::Svr)]
    pub predicate: Predicate,

    /// Who verified, as a URI that consumers pair with the key.
    #[arg(long, value_name = "URI", default_value = VERIFIER)]
    pub verifier: String,

    /// What was verified, as a URI. Of a VSA only. Default: the verdict's commit, as `swh:1:rev:<commit>`.
    #[arg(long, value_name = "URI")]
    pub resource: Option<String>,

    /// Where the envelope is written. Default: standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The verifier's URI where none is given.
const VERIFIER: &str = "urn:gatekeeper";

/// Most bytes of a verdict.
pub const VERDICT_MAX: u64 = 64 << 20;

/// The word for a predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Predicate {
    /// in-toto Simple Verification Result: the properties that hold.
    Svr,
    /// SLSA Verification Summary: PASSED or FAILED by a policy.
    Vsa,
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from attesting, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    // An older envelope is not about this verdict.
    if let Some(path) = args.out.as_deref() {
        refused::empty(path, console);
    }
    let mut usage = |phrase: String| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    };
    let (directory, name) = place(&args.verdict).map_err(&mut usage)?;
    let door = Disk::new(directory, None, None, None).map_err(&mut usage)?;
    for uri in std::iter::once(&args.verifier).chain(&args.resource) {
        if !attest::uri(uri) {
            return Err(usage(format!("`{uri}` is no URI")));
        }
    }
    let kind = match args.predicate {
        Predicate::Svr if args.resource.is_some() => {
            return Err(usage("an SVR names no resource; `--resource` belongs to `--predicate vsa`".to_owned()));
        }
        Predicate::Svr => Kind::Svr,
        Predicate::Vsa => Kind::Vsa,
    };
    let key = keys::private(args.key.as_deref(), args.key_env.as_deref(), &door, console)?;
    let mut refuse = |phrase: String| {
        console.say(&format!("error: `{}`: {phrase}; nothing is attested", shown_path(&args.verdict)));
        Exit::Gap
    };
    let bytes = read(&door, &name, VERDICT_MAX).map_err(|unread| refuse(unread.phrase()))?;
    let verdict = match Verdict::read(&bytes, name.as_str()) {
        Ok(verdict) => verdict,
        Err(gap) => {
            console.say(told::gaps(&[gap]).trim_end());
            console.say("error: the verdict is damaged or contradicts itself; nothing is attested");
            return Err(Exit::Gap);
        }
    };
    let maker = Maker { verifier: &args.verifier, resource: args.resource.as_deref(), name: name.as_str() };
    let statement = attest::statement(&verdict, kind, &maker).map_err(refuse)?;
    let envelope = attest::seal(&statement, &key).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Internal
    })?;
    match &args.out {
        None => console.hand_over(&envelope)?,
        Some(path) => door.publish(path, &envelope).map_err(|error| {
            console.say(&format!("error: cannot write `{}`: {error}", shown_path(path)));
            Exit::Internal
        })?,
    }
    let public = key.public();
    let word = if verdict.judged.fails { "FAILED" } else { "PASSED" };
    console.note(&format!("attested: {word}, as {}", kind.uri()));
    console.note(&format!("signed by: {} ({})", public.id(), public.algorithm()));
    if let Some(path) = &args.out {
        console.note(&format!("wrote: {}", shown_path(path)));
    }
    Ok(Exit::Pass)
}

/// The directory of a file that the operator named, and the file in it.
///
/// # Errors
/// A phrase.
pub fn place(path: &Path) -> Result<(&Path, RelPath), String> {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    let name = name.ok_or_else(|| format!("`{}` names no file", shown_path(path)))?;
    Ok((path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")), name))
}

/// Why a file was not read.
pub enum Unread {
    /// It is not there.
    Missing,
    /// It is there and is too large, or no file.
    Other(String),
}

impl Unread {
    /// The same in words.
    pub fn phrase(self) -> String {
        match self {
            Unread::Missing => "there is no such file".to_owned(),
            Unread::Other(phrase) => phrase,
        }
    }
}

/// A file beside others, up to so many bytes.
///
/// # Errors
/// Why not.
pub fn read(door: &Disk, name: &RelPath, max: u64) -> Result<Vec<u8>, Unread> {
    let opened = door.open(Base::Repo, name).map_err(|denied| match denied {
        Denied::Missing => Unread::Missing,
        Denied::Irregular(phrase) | Denied::Refused(phrase) => Unread::Other(phrase),
    })?;
    let mut bytes = Vec::new();
    opened.reader.take(max + 1).read_to_end(&mut bytes).map_err(|error| Unread::Other(error.to_string()))?;
    if bytes.len() as u64 > max {
        return Err(Unread::Other(format!("it has more than {max} bytes, which are not read")));
    }
    Ok(bytes)
}
