//! Debian's package manager, where it is there and may be used.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use super::{Tool, on_path};
use crate::process;

/// Installs tools, as root or through `sudo -n`; otherwise fails with the commands to run. Services that come with them
/// are stopped again.
pub(super) fn install(tools: &[Tool]) -> Result<()> {
    let titles = join(", ", tools.iter().map(|tool| tool.title));
    let packages: Vec<&str> = tools.iter().flat_map(|tool| tool.packages).copied().collect();
    let wanted = packages.join(" ");
    if process::ask("apt-get", &["--version"]).is_none() {
        bail!("not installed: {titles}; install what Debian has as: {wanted}");
    }
    let by_hand = for_root(&["apt-get update", &format!("apt-get install --yes {wanted}")]);
    let prefix = privilege();
    if let Some(prefix) = prefix {
        refresh(prefix).with_context(|| format!("not installed: {titles}; run: {by_hand}"))?;
    }
    if prefix.is_some() || has_lists() {
        check(tools)?;
    }
    let Some(prefix) = prefix else {
        bail!("not installed: {titles}; run: {by_hand}");
    };
    let mut command = apt_get(prefix);
    command.args(["install", "--yes", "--no-install-recommends"]).args(&packages);
    process::run(&format!("Installing {titles}"), command).with_context(|| format!("run: {by_hand}"))?;
    for service in tools.iter().filter_map(|tool| tool.service) {
        let mut stop = with(prefix, "service");
        stop.args([service, "stop"]);
        // Where there is no manager of services, nothing was started.
        let _ = stop.output();
    }
    Ok(())
}

/// Commands for root as this user types them, in one line.
pub(super) fn for_root(commands: &[&str]) -> String {
    if is_root() {
        return commands.join(" && ");
    }
    if on_path("sudo").is_some() {
        return join(" && ", commands.iter().map(|command| format!("sudo {command}")));
    }
    format!("su -c '{}'", commands.join(" && "))
}

/// The major version that a version begins with.
pub(super) fn major(version: &str) -> Option<u32> {
    // What stands before a colon is Debian's epoch.
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    version.split(['.', '-', '+', '~']).next()?.parse().ok()
}

/// Fails, with the commands to run, where apt has no package of a tool, or one that is too old.
fn check(tools: &[Tool]) -> Result<()> {
    let lacking: Vec<&Tool> = tools.iter().filter(|tool| tool.otherwise.is_some() && !has(tool)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut commands = vec!["apt-get update"];
    for command in lacking.iter().filter_map(|tool| tool.otherwise).flatten() {
        if !commands.contains(command) {
            commands.push(command);
        }
    }
    let titles = join(", ", lacking.iter().map(|tool| tool.title));
    let variables = join(", ", lacking.iter().filter_map(|tool| tool.variable));
    let or =
        if variables.is_empty() { String::new() } else { format!("name what you have in {variables}, or ") };
    bail!("apt does not have: {titles}; {or}run this once, then try again: {}", for_root(&commands))
}

/// Whether apt would install what the tool needs.
fn has(tool: &Tool) -> bool {
    let enough = |version: String| tool.oldest == 0 || major(&version).is_some_and(|it| it >= tool.oldest);
    tool.packages.iter().all(|package| candidate(package).is_some_and(enough))
}

/// Whether apt knows packages at all: a fresh container's does not, before its first update.
fn has_lists() -> bool {
    let mut lists = std::fs::read_dir("/var/lib/apt/lists").into_iter().flatten().flatten();
    lists.any(|list| list.file_name().to_string_lossy().contains("_Packages"))
}

/// The version that apt would install.
fn candidate(package: &str) -> Option<String> {
    let answer = process::ask("env", &["LC_ALL=C", "apt-cache", "policy", package])?;
    chosen(&answer).map(str::to_owned)
}

fn chosen(policy: &str) -> Option<&str> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then_some(version)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The words before `apt-get` that make this user root; `None` where that needs a password.
fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    process::ask("sudo", &["-n", "true"]).map(|_| ["sudo", "-n"].as_slice())
}

// Once a run: an old list names packages that are gone.
fn refresh(prefix: &[&str]) -> Result<()> {
    static REFRESHED: OnceLock<()> = OnceLock::new();
    if REFRESHED.get().is_none() {
        let mut command = apt_get(prefix);
        command.arg("update");
        process::run("Updating the package lists", command)?;
        let _ = REFRESHED.set(());
    }
    Ok(())
}

fn apt_get(prefix: &[&str]) -> Command {
    let mut command = with(prefix, "env");
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

fn with(prefix: &[&str], program: &str) -> Command {
    let mut words = prefix.iter().chain([&program]);
    let mut command = Command::new(words.next().unwrap_or(&program));
    command.args(words);
    command
}

fn join<T: AsRef<str>>(separator: &str, words: impl Iterator<Item = T>) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(word.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::{CURL, FIREFOX, NODE, REDIS};

    #[test]
    fn the_version_that_apt_would_install_is_read() {
        let debian = "nodejs:\n  Installed: (none)\n  Candidate: 18.20.4+dfsg-1~deb12u1\n  Version table:\n";
        assert_eq!(chosen(debian), Some("18.20.4+dfsg-1~deb12u1"));
        assert_eq!(chosen("chromium-browser:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(chosen(""), None);
    }

    #[test]
    fn a_major_version_is_what_stands_before_the_first_point() {
        let versions = ["18.20.4+dfsg-1~deb12u1", "5:7.0.15-1", "153.7.0esr-1", "22", "", "x"];
        assert_eq!(versions.map(major), [Some(18), Some(7), Some(153), Some(22), None, None]);
    }

    #[test]
    fn what_apt_lacks_is_told_with_commands_before_anything_is_installed() {
        const NOWHERE: &[&str] = &["twinjar-no-such-package"];
        let unknown = Tool { packages: NOWHERE, ..FIREFOX };
        let old = Tool { oldest: 1000, ..NODE };
        let told = check(&[CURL, unknown, unknown, old]).expect_err("nobody has these").to_string();
        assert!(told.contains("Firefox") && told.contains("Node.js") && !told.contains("curl"), "{told}");
        for command in ["ppa:mozillateam/ppa", "--no-install-recommends npm", "npm install --global node@22"]
        {
            assert_eq!(told.matches(command).count(), 1, "{told}");
        }
        assert!(told.contains("name what you have in FIREFOX"), "{told}");
        // Without other commands than apt's, apt itself says what it lacks.
        assert!(check(&[Tool { packages: NOWHERE, ..REDIS }]).is_ok());
    }
}
