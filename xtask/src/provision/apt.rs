//! Debian's package manager, where it is there and may be used.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs packages, as root or through `sudo -n`; otherwise fails with the command to run. Services that
/// come with them are stopped again.
pub(super) fn install(titles: &str, packages: &[&str], services: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if process::ask("apt-get", &["--version"]).is_none() {
        bail!("not installed: {titles}; install what Debian has as: {wanted}");
    }
    let by_hand = format!("sudo apt-get install --yes {wanted}");
    let Some(prefix) = privilege() else {
        bail!("not installed: {titles}; run: {by_hand}");
    };
    refresh(prefix).with_context(|| format!("not installed: {titles}; run: {by_hand}"))?;
    let mut command = apt_get(prefix);
    command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    process::run(&format!("Installing {titles}"), command).with_context(|| format!("run: {by_hand}"))?;
    for service in services {
        let mut stop = with(prefix, "service");
        stop.args([service, "stop"]);
        // Where there is no manager of services, nothing was started.
        let _ = stop.output();
    }
    Ok(())
}

/// The words before `apt-get` that make this user root; `None` where that needs a password.
fn privilege() -> Option<&'static [&'static str]> {
    if process::ask("id", &["-u"]).is_some_and(|id| id == "0") {
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
