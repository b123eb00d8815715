//! A small shop with a `make e2e` that really runs its stages (`tests/it/support/shop`), and gatekeeper over what it records.

use gatekeeper::cli::{self, Console, Exit};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The clock of the recorded runs under `fixtures/repos/pipeline`.
pub const NOW: &str = "2026-11-21T18:00:00Z";

/// A recorded run.
pub fn fixture(run: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/pipeline/artifacts/e2e").join(run)
}

/// A shop of its own, as if on a machine of its own.
pub struct Shop(tempfile::TempDir);

impl Shop {
    /// Sets one up below a directory of this name.
    pub fn new(name: &str) -> Self {
        let shop = Self(tempfile::Builder::new().prefix(name).tempdir().expect("a directory"));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/shop");
        for file in ["Makefile", "e2e.py", "shop.py", "test_shop.py"] {
            std::fs::copy(sources.join(file), shop.0.path().join(file)).expect("a file of the shop");
        }
        shop
    }

    /// Where the shop is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the stages; whether all succeeded, and where the run is recorded.
    pub fn e2e(&self, id: &str, environment: &[(&str, &str)]) -> (bool, PathBuf) {
        let mut python = Command::new("python3");
        python.arg("e2e.py").current_dir(self.path()).env("RUN_ID", id).env_remove("SHOP_RATE");
        let ended = python.envs(environment.iter().copied()).output().expect("python3 runs");
        let run = self.path().join("artifacts/e2e").join(id);
        assert!(run.join("manifest.json").is_file(), "{}", String::from_utf8_lossy(&ended.stderr));
        (ended.status.success(), run)
    }
}

/// Runs a command line with these variables: exit, standard output, what was said.
pub fn gatekeeper(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let environment = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let mut console = Console { out: &mut out, err: &mut err, colour: false, width: None, environment: &environment };
    let arguments = std::iter::once("gatekeeper").chain(arguments.iter().copied()).map(Into::into);
    let exit = cli::run(arguments, &mut console);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (exit, text(out), text(err))
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
