//! Programs in Python, in an environment of their own below the target folder.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Tool, apt, tool};
use crate::{process, workspace};

const PYTHON: Tool = tool("Python 3", &["python3"], &["python3", "python3-venv"]);

/// Schemathesis, of the version that `tests/api/requirements.txt` names.
///
/// # Errors
///
/// Where it cannot be installed: a sentence with the one command to run.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    let requirements = workspace::path("tests/api/requirements.txt");
    let root = workspace::target().join("tools").join("schemathesis");
    let program = root.join("bin").join("schemathesis");
    // A copy of the list that is installed.
    let installed = root.join("requirements.txt");
    let wanted = std::fs::read(&requirements)?;
    if program.is_file() && std::fs::read(&installed).is_ok_and(|list| list == wanted) {
        return Ok(program);
    }
    let [python] = super::require([PYTHON])?;
    let make = || {
        let mut command = Command::new(&python);
        command.args(["-m", "venv", "--clear"]).arg(&root);
        process::run("Making a Python environment", command)
    };
    // Debian has what this takes in a package of its own.
    if make().is_err() {
        apt::install(&[PYTHON])?;
        make()?;
    }
    let mut install = Command::new(root.join("bin").join("pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements);
    process::run("Installing schemathesis", install).with_context(|| {
        format!(
            "run this once, then try again: {0}/bin/pip install -r {1}",
            root.display(),
            requirements.display()
        )
    })?;
    std::fs::write(installed, wanted)?;
    Ok(program)
}
