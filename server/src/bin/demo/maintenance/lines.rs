//! Sessions as lines of JSON, out of a store and into another.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use twinjar_server::store::transfer::{StoredSession, Transfer};
use twinjar_server::{Clock, SystemClock};

use super::progress::Progress;

/// Sessions on their way at the same time: a store that waits for its disk does so once for many.
const AT_ONCE: usize = 64;

/// The first line: what follows, in which form.
const HEADER: &str = r#"{"format":"twinjar sessions","version":1}"#;

pub(super) async fn export(store: &dyn Transfer, to: Option<&Path>) -> Result<()> {
    let mut output: BufWriter<Box<dyn Write>> = BufWriter::new(match to {
        Some(path) => Box::new(create(path).with_context(|| format!("cannot create {}", path.display()))?),
        None => Box::new(std::io::stdout()),
    });
    let mut progress = Progress::start("exported");
    writeln!(output, "{HEADER}")?;
    let mut seen = HashSet::new();
    let mut from = None;
    loop {
        let page = store.page(from.as_ref(), SystemClock.now()).await?;
        for session in page.sessions.into_iter().filter(|session| seen.insert(session.key)) {
            writeln!(output, "{}", session.to_line())?;
            progress.add(1);
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    output.flush()?;
    eprintln!("{} sessions were exported", progress.finish());
    Ok(())
}

pub(super) async fn import(store: &dyn Transfer, from: Option<&Path>) -> Result<()> {
    let input: Box<dyn BufRead> = match from {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            Box::new(BufReader::new(file))
        }
        None => Box::new(BufReader::new(std::io::stdin())),
    };
    let mut lines = input.lines();
    let header = lines.next().transpose()?;
    if header.as_deref() != Some(HEADER) {
        anyhow::bail!("the first line is not that of an export: {HEADER}");
    }
    let mut progress = Progress::start("read");
    let (mut imported, mut taken, mut ended) = (0_u64, 0_u64, 0_u64);
    let sessions = (2_usize..).zip(lines).map(|(number, line)| {
        let line = line.with_context(|| format!("line {number}"))?;
        StoredSession::from_line(&line).with_context(|| format!("line {number}"))
    });
    let mut outcomes = stream::iter(sessions)
        .map_ok(|session| async move {
            let now = SystemClock.now();
            if !session.record.is_live(now) {
                return Ok(Outcome::Ended);
            }
            let restored = store.restore(&session, now).await?;
            anyhow::Ok(if restored { Outcome::Imported } else { Outcome::Taken })
        })
        .try_buffer_unordered(AT_ONCE);
    let mut stopped = Ok(());
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(Outcome::Imported) => imported += 1,
            Ok(Outcome::Taken) => taken += 1,
            Ok(Outcome::Ended) => ended += 1,
            Err(error) => {
                stopped = Err(error);
                break;
            }
        }
        progress.add(1);
    }
    progress.finish();
    eprintln!("{imported} sessions were imported, {taken} were there already, {ended} had ended");
    stopped.context("the import stopped; it can be run again")
}

enum Outcome {
    Imported,
    Taken,
    Ended,
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
