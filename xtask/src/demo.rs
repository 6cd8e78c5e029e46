//! `cargo xtask demo`: the browser package, the demo server, and the page at the URL it prints.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, wasm, workspace};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Builds the server with full optimisation: a longer first start, for load tests.
    #[arg(long)]
    release: bool,
    /// Arguments for the server, after `--`: for example `-- --listen 127.0.0.1:9000`, or `-- --help`.
    #[arg(last = true, value_name = "SERVER ARGUMENTS")]
    server: Vec<OsString>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    wasm::build()?;
    build_server(options.release)?;
    let folder = if options.release { "release" } else { "debug" };
    let mut server = Command::new(workspace::binary(folder, "twinjar-server"));
    server.args(&options.server);
    hand_over(server)
}

/// The debug build is the default: it is there soonest.
pub(crate) fn build_server(release: bool) -> Result<()> {
    let mut build = process::cargo("build --package twinjar-server --bin twinjar-server");
    build.args(["--features", "demo"]);
    if release {
        build.arg("--release");
    }
    process::run("Building the demo server", build)?;
    Ok(())
}

/// Turns this process into the server: Ctrl-C, signals and the exit code are the server's own, and nothing outlives it.
#[cfg(unix)]
pub(crate) fn hand_over(mut server: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let program = server.get_program().to_string_lossy().into_owned();
    Err(server.exec()).with_context(|| format!("cannot start {program}"))
}

#[cfg(not(unix))]
pub(crate) fn hand_over(mut server: Command) -> Result<()> {
    let status = server.status().context("cannot start the demo server")?;
    std::process::exit(status.code().unwrap_or(1));
}
