//! Firefox's WebDriver. Debian has no package of it: it comes from crates.io, into a folder below cargo's target.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{CXX, Tool, on_path, tool};
use crate::{process, workspace};

/// One that knows today's Firefox ESR.
const VERSION: &str = "0.37.1";

const GECKODRIVER: Tool =
    Tool { variable: Some("GECKODRIVER"), ..tool("geckodriver", &["geckodriver"], &[]) };

/// The program that `GECKODRIVER` names, the one on the search path, or our own, built once.
///
/// # Errors
///
/// Where it cannot be built: a sentence with the one command to run.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    if GECKODRIVER.named().is_some() || GECKODRIVER.find().is_some() {
        return GECKODRIVER.found();
    }
    let root = workspace::target().join("tools");
    let program = root.join("bin").join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        return Ok(program);
    }
    // Crates that are built on the way need a linker, which comes with a compiler.
    if on_path("cc").is_none() {
        super::require([CXX])?;
    }
    let mut install = process::cargo(&format!("install geckodriver --version {VERSION} --locked"));
    install.arg("--root").arg(&root).arg("--target-dir").arg(root.join("build"));
    process::run("Building geckodriver", install)
        .context("run this once, then try again: cargo install geckodriver --locked")?;
    // A hundred megabytes that nobody needs again.
    let _ = std::fs::remove_dir_all(root.join("build"));
    if !program.is_file() {
        bail!("geckodriver was not installed; run: cargo install geckodriver --locked");
    }
    Ok(program)
}
