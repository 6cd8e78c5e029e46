//! `twinjar-server store …`: what an operator does with a store of sessions.

mod lines;
mod progress;
mod stats;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use twinjar_server::store::StoreUrl;
use twinjar_server::store::transfer::Transfer;
use twinjar_server::{Clock, SystemClock};

use self::progress::Progress;
use crate::cli::StoreChoice;

/// Commands for the store that `--store` names.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Creates the store, or brings it to the form of this version. Servers do the same when they start.
    Migrate,
    /// Removes all sessions that have ended. Servers do the same, little by little.
    Sweep,
    /// Counts sessions, their bytes and their users.
    Stats,
    /// Writes all sessions as lines of JSON. It holds what users have in their sessions, and no secret: keys are
    /// digests. Sessions that change meanwhile may be left out; stop the servers before a move.
    Export {
        /// The file to write, readable for its owner alone; standard output without it.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Reads lines that `export` has written, of whichever store. Nobody is logged out; what is there already stays as
    /// it is.
    Import {
        /// The file to read; standard input without it.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

pub(crate) async fn run(command: Command, choice: Option<&StoreChoice>) -> Result<()> {
    let url = crate::store::choose(choice)?;
    let store = open(&url).await?;
    match command {
        Command::Migrate => {
            store.ping().await?;
            println!("{url} is ready");
            Ok(())
        }
        Command::Sweep => sweep(&*store).await,
        Command::Stats => stats::print(&*store).await,
        Command::Export { to } => lines::export(&*store, to.as_deref()).await,
        Command::Import { from } => lines::import(&*store, from.as_deref()).await,
    }
}

async fn open(url: &StoreUrl) -> Result<Arc<dyn Transfer>> {
    match url.open_transfer().await.with_context(|| format!("cannot open {url}"))? {
        Some(store) => Ok(store),
        None => bail!("sessions in memory end with their server; name another store with --store"),
    }
}

async fn sweep(store: &dyn Transfer) -> Result<()> {
    let mut progress = Progress::start("swept");
    loop {
        match store.sweep(SystemClock.now()).await? {
            0 => break,
            swept => progress.add(swept),
        }
    }
    println!("{} sessions had ended", progress.finish());
    Ok(())
}
