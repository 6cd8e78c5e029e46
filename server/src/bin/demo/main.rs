//! twinjar-server: the demo page, its session API, and everything that a session server of one's own needs.

mod app;
mod assets;
mod cli;
mod echo;
mod stop;
mod store;

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::net::TcpListener;

use crate::cli::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    start_log();
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("twinjar-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<()> {
    let stop = stop::signal().context("cannot listen for signals")?;
    let store = options.store.open()?;
    let app = app::router(store, &options)?;
    let listener = match TcpListener::bind(options.listen).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("{} is in use; choose another address with --listen 127.0.0.1:PORT", options.listen)
        }
        Err(error) => return Err(error).with_context(|| format!("cannot listen on {}", options.listen)),
    };
    println!("twinjar demo: http://{}/", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(stop).await.context("the server failed")
}

/// What is logged is chosen as usual by `RUST_LOG`; colours only where a person reads.
fn start_log() {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
}
