//! The tools that a step needs from outside cargo: found, installed where that is allowed, or asked for in one line.

mod apt;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program from the system's packages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// What it is called where it is asked for.
    title: &'static str,
    /// Set by a user who has it elsewhere.
    variable: &'static str,
    /// Its names on the search path, the usual one first.
    programs: &'static [&'static str],
    /// Debian's packages for it.
    packages: &'static [&'static str],
}

pub(crate) const CHROMIUM: Tool = Tool {
    title: "Chromium",
    variable: "CHROMIUM",
    programs: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    packages: &["chromium"],
};

pub(crate) const CHROMEDRIVER: Tool = Tool {
    title: "ChromeDriver",
    variable: "CHROMEDRIVER",
    programs: &["chromedriver"],
    packages: &["chromium-driver"],
};

pub(crate) const NODE: Tool = Tool {
    title: "Node.js 20 or later",
    variable: "NODE",
    programs: &["node", "nodejs"],
    packages: &["nodejs"],
};

pub(crate) const NPM: Tool = Tool { title: "npm", variable: "NPM", programs: &["npm"], packages: &["npm"] };

pub(crate) const CXX: Tool = Tool {
    title: "A C++ compiler",
    variable: "CXX",
    programs: &["c++", "g++", "clang++"],
    packages: &["g++"],
};

pub(crate) const CURL: Tool =
    Tool { title: "curl", variable: "CURL", programs: &["curl"], packages: &["curl"] };

pub(crate) const WRK: Tool = Tool { title: "wrk", variable: "WRK", programs: &["wrk"], packages: &["wrk"] };

pub(crate) const TASKSET: Tool =
    Tool { title: "taskset", variable: "TASKSET", programs: &["taskset"], packages: &["util-linux"] };

impl Tool {
    /// The program, where this machine has it.
    pub(crate) fn find(self) -> Option<PathBuf> {
        if let Some(path) = std::env::var_os(self.variable).map(PathBuf::from) {
            return path.is_file().then_some(path);
        }
        self.programs.iter().find_map(|program| on_path(program))
    }

    /// The program, installed first where it is missing and may be installed.
    ///
    /// # Errors
    ///
    /// Where it is missing and cannot be installed: a sentence with the command to run.
    pub(crate) fn require(self) -> Result<PathBuf> {
        if let Some(program) = self.find() {
            return Ok(program);
        }
        if let Some(path) = std::env::var_os(self.variable) {
            bail!("{} names {}, which is not a file", self.variable, Path::new(&path).display());
        }
        apt::install(self.title, self.packages, self.variable)?;
        self.find().with_context(|| {
            let packages = self.packages.join(" ");
            format!(
                "{} is still not on the search path after installing {packages}; set {}",
                self.title, self.variable
            )
        })
    }
}

/// Node.js of a version that runs the tests, and npm.
pub(crate) fn node() -> Result<()> {
    let node = NODE.require()?;
    let version = process::ask(&node, &["--version"]).context("node does not tell its version")?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node.js {version} is too old: install version 20 or later, or name it in the variable NODE");
    }
    NPM.require()?;
    Ok(())
}

/// npm in a project's folder.
pub(crate) fn npm(project: &Path) -> Command {
    let mut command = Command::new(NPM.find().unwrap_or_else(|| "npm".into()));
    command.current_dir(project);
    command
}

/// `npm ci`, unless what is installed is as new as the lock file.
pub(crate) fn npm_ci(project: &Path) -> Result<()> {
    let modified = |file: &str| project.join(file).metadata().and_then(|metadata| metadata.modified()).ok();
    let locked = modified("package-lock.json");
    if locked.is_some() && modified("node_modules/.package-lock.json") >= locked {
        return Ok(());
    }
    let mut command = npm(project);
    command.args(["ci", "--no-audit", "--no-fund"]);
    let name = project.file_name().unwrap_or_default().to_string_lossy();
    process::run(&format!("Installing the npm packages of {name}"), command)?;
    Ok(())
}

/// The compiler's standard library for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let installed = process::ask("rustc", &["--print", "target-libdir", "--target", WASM_TARGET])
        .is_some_and(|directory| Path::new(&directory).is_dir());
    if installed {
        return Ok(());
    }
    rustup("Installing the wasm32 target", &["target", "add", WASM_TARGET])
}

/// A component of the Rust toolchain: rustfmt or clippy.
pub(crate) fn component(name: &str) -> Result<()> {
    let subcommand = if name == "rustfmt" { "fmt" } else { name };
    let mut probe = process::cargo(&format!("{subcommand} --version"));
    if probe.output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    rustup(&format!("Installing {name}"), &["component", "add", name])
}

fn rustup(title: &str, arguments: &[&str]) -> Result<()> {
    let line = format!("rustup {}", arguments.join(" "));
    if on_path("rustup").is_none() {
        bail!("rustup is not installed; with it, run: {line}");
    }
    let mut command = Command::new("rustup");
    command.current_dir(workspace::root()).args(arguments);
    process::run(title, command).with_context(|| format!("run this once, then try again: {line}"))?;
    Ok(())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_search_path() {
        assert!(on_path("sh").is_some());
        assert!(on_path("twinjar-no-such-program").is_none());
    }
}
