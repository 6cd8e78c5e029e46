//! twinjar-server: the demo page, its session API, and everything that a session server of one's own needs.

mod accounts;
mod app;
mod assets;
mod cli;
mod device;
mod echo;
mod limits;
mod login;
mod maintenance;
mod metrics;
mod openapi;
mod page;
mod preferences;
mod secret;
mod serve;
mod sessions;
mod stop;
mod store;
mod wire;

use std::future::IntoFuture;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::net::TcpListener;

use crate::app::App;
use crate::cli::{Command, Options};
use crate::sessions::Sessions;

#[tokio::main]
async fn main() -> ExitCode {
    let mut options = Options::parse();
    start_log();
    let done = match options.command.take() {
        Some(Command::Store { command }) => maintenance::run(command, options.store.as_ref()).await,
        None => serve(options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("twinjar-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<()> {
    let stop = stop::signal().context("cannot listen for signals")?;
    let url = store::choose(options.store.as_ref())?;
    let store = Sessions::open(&url, &options).await?;
    let secrets = secret::read(&options, &url)?;
    let App { router, metrics, sessions } = app::app(store, &secrets, &options)?;
    let listener = bind(options.listen, "--listen").await?;
    if let Some(address) = options.metrics_listen {
        let listener = bind(address, "--metrics-listen").await?;
        println!("twinjar metrics: http://{}/metrics", listener.local_addr()?);
        tokio::spawn(axum::serve(listener, metrics).into_future());
    }
    println!("twinjar sessions: {url}");
    println!("twinjar demo: http://{}/", listener.local_addr()?);
    let stopping = async move {
        stop.await;
        sessions.end_event_streams();
    };
    serve::serve(listener, router, options.max_connections as usize, stopping).await;
    Ok(())
}

async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("{address} is in use; choose another address with {flag} 127.0.0.1:PORT")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}

/// What is logged is chosen as usual by `RUST_LOG`; colours only where a person reads.
fn start_log() {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
}
