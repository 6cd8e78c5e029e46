//! The tools that a step needs from outside cargo: found, installed where that is allowed, or asked for in one line.

mod apt;
mod geckodriver;
mod python;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

pub(crate) use self::geckodriver::geckodriver;
pub(crate) use self::python::schemathesis;
use crate::{process, workspace};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program from the system's packages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// What it is called where it is asked for.
    title: &'static str,
    /// Its names on the search path, the usual one first.
    programs: &'static [&'static str],
    /// Debian's packages.
    packages: &'static [&'static str],
    /// Set by a user who has it elsewhere.
    variable: Option<&'static str>,
    /// What the packages start for everybody on the machine, and nobody here has asked for.
    service: Option<&'static str>,
    /// The oldest major version that will do; 0 where any does.
    oldest: u32,
    /// What brings it where apt has no package, or one that is too old: commands for root.
    otherwise: Option<&'static [&'static str]>,
}

// Without any font a browser shows no text.
const CHROMIUM_PACKAGES: &[&str] = &["chromium", "fonts-liberation"];
const FIREFOX_PACKAGES: &[&str] = &["firefox-esr", "fonts-liberation"];

// Ubuntu has browsers as snaps alone, which see neither the profiles nor the folders of a test.
const CHROMIUM_REPOSITORY: &[&str] =
    &["apt-get install --yes software-properties-common", "add-apt-repository --yes ppa:xtradeb/apps"];
const FIREFOX_REPOSITORY: &[&str] =
    &["apt-get install --yes software-properties-common", "add-apt-repository --yes ppa:mozillateam/ppa"];

pub(crate) const CHROMIUM: Tool = Tool {
    variable: Some("CHROMIUM"),
    otherwise: Some(CHROMIUM_REPOSITORY),
    ..tool(
        "Chromium",
        &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        CHROMIUM_PACKAGES,
    )
};
pub(crate) const CHROMEDRIVER: Tool = Tool {
    variable: Some("CHROMEDRIVER"),
    otherwise: Some(CHROMIUM_REPOSITORY),
    ..tool("ChromeDriver", &["chromedriver"], &["chromium-driver"])
};
pub(crate) const FIREFOX: Tool = Tool {
    variable: Some("FIREFOX"),
    otherwise: Some(FIREFOX_REPOSITORY),
    ..tool("Firefox", &["firefox-esr", "firefox"], FIREFOX_PACKAGES)
};
pub(crate) const NODE: Tool = Tool {
    oldest: 20,
    // An old npm brings a newer Node.js, which is found before the old one.
    otherwise: Some(&["apt-get install --yes --no-install-recommends npm", "npm install --global node@22"]),
    ..tool("Node.js 20 or later", &["node", "nodejs"], &["nodejs"])
};
// Debian's Node.js trusts what that package lists, and merely recommends it.
pub(crate) const NPM: Tool = tool("npm", &["npm"], &["npm", "ca-certificates"]);
pub(crate) const CXX: Tool = tool("a C++ compiler", &["c++", "g++", "clang++"], &["g++"]);
pub(crate) const CURL: Tool = tool("curl", &["curl"], &["curl"]);
pub(crate) const WRK: Tool = tool("wrk", &["wrk"], &["wrk"]);
pub(crate) const REDIS: Tool =
    Tool { service: Some("redis-server"), ..tool("Redis", &["redis-server"], &["redis-server"]) };
pub(crate) const POSTGRES: Tool =
    Tool { service: Some("postgresql"), ..tool("PostgreSQL", &["initdb"], &["postgresql"]) };
/// Gives a program a clock of its own.
pub(crate) const FAKETIME: Tool = tool("faketime", &["faketime"], &["faketime"]);
pub(crate) const OPENSSL: Tool = tool("OpenSSL", &["openssl"], &["openssl"]);
pub(crate) const TASKSET: Tool = tool("taskset", &["taskset"], &["util-linux"]);

const fn tool(
    title: &'static str,
    programs: &'static [&'static str],
    packages: &'static [&'static str],
) -> Tool {
    Tool { title, programs, packages, variable: None, service: None, oldest: 0, otherwise: None }
}

impl Tool {
    /// The program, where this machine has it.
    pub(crate) fn find(self) -> Option<PathBuf> {
        match self.named() {
            Some(path) => path.is_file().then_some(path),
            None => self.programs.iter().find_map(|program| on_path(program)),
        }
    }

    fn named(self) -> Option<PathBuf> {
        self.variable.and_then(std::env::var_os).map(PathBuf::from)
    }

    fn found(self) -> Result<PathBuf> {
        self.find().with_context(|| match (self.variable, self.named()) {
            (Some(variable), Some(path)) => {
                format!("{variable} names {}, which is not a file", path.display())
            }
            (Some(variable), None) => {
                format!("{} is not on the search path; name it in {variable}", self.title)
            }
            (None, _) => format!("{} is not on the search path", self.title),
        })
    }
}

/// The programs, after what is missing was installed where it may be.
///
/// # Errors
///
/// Where something is missing and cannot be installed: a sentence with the one command to run.
pub(crate) fn require<const N: usize>(tools: [Tool; N]) -> Result<[PathBuf; N]> {
    let missing: Vec<Tool> =
        tools.into_iter().filter(|tool| tool.named().is_none() && tool.find().is_none()).collect();
    if !missing.is_empty() {
        apt::install(&missing)?;
    }
    let mut programs = [const { PathBuf::new() }; N];
    for (program, tool) in programs.iter_mut().zip(tools) {
        *program = tool.found()?;
    }
    Ok(programs)
}

/// The servers that stores are tested against, and what those tests take besides.
pub(crate) fn store_servers() -> Result<()> {
    require([REDIS, POSTGRES, OPENSSL, FAKETIME])?;
    Ok(())
}

/// Node.js of a version that runs the tests, and npm.
pub(crate) fn node() -> Result<PathBuf> {
    let [node, _] = require([NODE, NPM])?;
    let version = process::ask(&node, &["--version"]).context("node does not tell its version")?;
    if apt::major(version.trim_start_matches('v')).is_none_or(|major| major < NODE.oldest) {
        let commands = apt::for_root(NODE.otherwise.unwrap_or_default());
        bail!("Node.js {version} is too old, version {} or later is needed; run: {commands}", NODE.oldest);
    }
    Ok(node)
}

/// npm in a project's folder.
pub(crate) fn npm(project: &Path) -> Command {
    let mut command = Command::new(NPM.find().unwrap_or_else(|| "npm".into()));
    command.current_dir(project);
    command
}

/// `npm ci`, unless what is installed is of the same lock file.
pub(crate) fn npm_ci(project: &Path) -> Result<()> {
    let wanted = std::fs::read(project.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", project.display()))?;
    // A copy of the lock file that the installed packages are of.
    let installed = project.join("node_modules").join("installed-package-lock.json");
    if std::fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut command = npm(project);
    command.args(["ci", "--no-audit", "--no-fund"]);
    let name = project.file_name().unwrap_or_default().to_string_lossy();
    process::run(&format!("Installing the npm packages of {name}"), command)?;
    // Without a single package there is no such folder.
    std::fs::create_dir_all(project.join("node_modules"))?;
    Ok(std::fs::write(installed, wanted)?)
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
        .chain(postgres_folders())
        .map(|directory| directory.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

/// Debian keeps PostgreSQL's programs off the search path, a folder for each version.
fn postgres_folders() -> impl Iterator<Item = PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin"))
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
