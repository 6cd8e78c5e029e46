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

/// The last line: how many lines of sessions stand between. What lacks it has been cut short.
fn trailer(sessions: u64) -> String {
    format!(r#"{{"sessions":{sessions}}}"#)
}

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
    let exported = progress.finish();
    writeln!(output, "{}", trailer(exported))?;
    output.flush()?;
    eprintln!("{exported} sessions were exported");
    Ok(())
}

pub(super) async fn import(store: &dyn Transfer, from: Option<&Path>) -> Result<()> {
    let (input, mut progress): (Box<dyn BufRead>, _) = match from {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            let progress = Progress::through("read", file.metadata()?.len());
            (Box::new(BufReader::new(file)), progress)
        }
        None => (Box::new(BufReader::new(std::io::stdin())), Progress::start("read")),
    };
    let mut lines = input.lines();
    let header = lines.next().transpose()?;
    if header.as_deref() != Some(HEADER) {
        anyhow::bail!("the first line is not that of an export: {HEADER}");
    }
    let (mut imported, mut taken, mut ended) = (0_u64, 0_u64, 0_u64);
    let mut outcomes = stream::iter(sessions(lines))
        .map_ok(|(session, bytes)| async move {
            let now = SystemClock.now();
            if !session.record.is_live(now) {
                return Ok((Outcome::Ended, bytes));
            }
            let restored = store.restore(&session, now).await?;
            anyhow::Ok((if restored { Outcome::Imported } else { Outcome::Taken }, bytes))
        })
        .try_buffer_unordered(AT_ONCE);
    let mut stopped = Ok(());
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok((outcome, bytes)) => {
                match outcome {
                    Outcome::Imported => imported += 1,
                    Outcome::Taken => taken += 1,
                    Outcome::Ended => ended += 1,
                }
                progress.add_of(1, bytes);
            }
            Err(error) => {
                stopped = Err(error);
                break;
            }
        }
    }
    progress.finish();
    eprintln!("{imported} sessions were imported, {taken} were there already, {ended} had ended");
    stopped.context("the import stopped; it can be run again")
}

/// The sessions of the lines after the first, each with its bytes; the last item is an error where the last line is not
/// that of an export.
fn sessions(
    lines: impl Iterator<Item = std::io::Result<String>>,
) -> impl Iterator<Item = Result<(StoredSession, u64)>> {
    let mut lines = (2_u64..).zip(lines);
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let Some((number, line)) = lines.next() else {
            ended = true;
            return Some(Err(anyhow::anyhow!("the export has been cut short: its last line is missing")));
        };
        let read = line.map_err(anyhow::Error::from).and_then(|line| {
            if line == trailer(number - 2) {
                ended = true;
                return Ok(None);
            }
            Ok(Some((StoredSession::from_line(&line)?, line.len() as u64 + 1)))
        });
        read.with_context(|| format!("line {number}")).transpose()
    })
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
    let file = options.open(path)?;
    // One that was there already may have been readable for others.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}
