//! What a folder of `www` was made of, so that a run with the same inputs leaves it alone.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::package::Source;
use crate::workspace;

/// A digest of everything that a folder is made of.
pub(crate) struct Inputs {
    digest: u64,
    /// Where the digest of the last run is kept.
    stamp: PathBuf,
}

impl Inputs {
    /// Those of the folder that is called `name`: a module, optimised or as it is, and files.
    pub(crate) fn of(name: &str, module: &[u8], optimised: bool, sources: &[Source]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        module.hash(&mut hasher);
        optimised.hash(&mut hasher);
        // This program lays the folder out.
        std::env::current_exe()?.metadata()?.modified()?.hash(&mut hasher);
        for source in sources {
            source.to.hash(&mut hasher);
            std::fs::read(&source.from)?.hash(&mut hasher);
        }
        let stamp = workspace::target().join(format!("{name}.stamp"));
        Ok(Self { digest: hasher.finish(), stamp })
    }

    /// Whether the last folder was made of the same and all its files are still there.
    pub(crate) fn unchanged(&self, folder: &Path) -> bool {
        let Ok(stamp) = std::fs::read_to_string(&self.stamp) else { return false };
        let mut lines = stamp.lines();
        lines.next() == Some(self.line().as_str()) && lines.all(|file| folder.join(file).is_file())
    }

    /// Remembers the files that were just made.
    pub(crate) fn keep(&self, files: Vec<PathBuf>) -> Result<()> {
        let mut stamp = self.line();
        for file in files {
            stamp.push('\n');
            stamp.push_str(&file.to_string_lossy());
        }
        Ok(std::fs::write(&self.stamp, stamp)?)
    }

    fn line(&self) -> String {
        format!("{:016x}", self.digest)
    }
}
