//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A path below the repository's root.
pub(crate) fn path(relative: impl AsRef<Path>) -> PathBuf {
    root().join(relative)
}

/// Cargo's target directory: `CARGO_TARGET_DIR` where it is set, as cargo itself does.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| path("target"), |directory| path(PathBuf::from(directory)))
}

/// A binary that cargo built for this machine, in the given folder of the target directory.
pub(crate) fn binary(folder: &str, name: &str) -> PathBuf {
    target().join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
