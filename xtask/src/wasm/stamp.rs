//! What the package in `www/pkg` was made of, so that a run with the same inputs leaves it alone.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::package;
use crate::workspace;

/// A digest of everything that the package is made of.
pub(crate) struct Inputs(u64);

impl Inputs {
    pub(crate) fn of(module: &[u8], optimised: bool) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        module.hash(&mut hasher);
        optimised.hash(&mut hasher);
        // This program lays the package out.
        std::env::current_exe()?.metadata()?.modified()?.hash(&mut hasher);
        for source in package::sources()? {
            source.to.hash(&mut hasher);
            std::fs::read(&source.from)?.hash(&mut hasher);
        }
        Ok(Self(hasher.finish()))
    }

    /// Whether the last package was made of the same and all its files are still there.
    pub(crate) fn unchanged(&self, folder: &Path) -> bool {
        let Ok(stamp) = std::fs::read_to_string(path()) else { return false };
        let mut lines = stamp.lines();
        lines.next() == Some(self.line().as_str()) && lines.all(|file| folder.join(file).is_file())
    }

    /// Remembers the package that was just made.
    pub(crate) fn keep(&self, files: Vec<PathBuf>) -> Result<()> {
        let mut stamp = self.line();
        for file in files {
            stamp.push('\n');
            stamp.push_str(&file.to_string_lossy());
        }
        Ok(std::fs::write(path(), stamp)?)
    }

    fn line(&self) -> String {
        format!("{:016x}", self.0)
    }
}

fn path() -> PathBuf {
    workspace::target().join("npm-package.stamp")
}
