//! A small shop with a `make e2e` that really runs its stages (`tests/it/support/shop`).

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
