//! What a load does not show: memory for each session, and updates lost between parallel requests.

use anyhow::{Context, Result, ensure};

use super::contender::{Contender, Running};
use super::curl::curl;

/// Parallel increments of one session's counter.
pub(super) const INCREMENTS: u32 = 200;

const WARM_UP: u32 = 2000;

/// The ways to add one: at once; by get and insert; by get, a pause and insert.
pub(super) const WAYS: [&str; 3] = ["/write", "/naive-write", "/slow-write"];

pub(super) struct Side {
    /// Growth of resident memory for each session.
    pub(super) bytes: u64,
    /// Lost updates, for each of [`WAYS`].
    pub(super) lost: [u32; 3],
    /// The same where the requests of a session take turns; `None` for servers that cannot do that.
    pub(super) lost_in_turns: Option<[u32; 3]>,
}

pub(super) fn measure(contender: &Contender, sessions: u32) -> Result<Side> {
    let server = contender.start()?;
    create(&server, WARM_UP)?;
    let before = server.memory()?;
    create(&server, sessions)?;
    let bytes = server.memory()?.saturating_sub(before) / u64::from(sessions);
    let lost = lost_updates(&server)?;
    let lost_in_turns = if contender.name() == "twinjar" {
        Some(lost_updates(&contender.start_with(&[("LOCKING", "exclusive")])?)?)
    } else {
        None
    };
    Ok(Side { bytes, lost, lost_in_turns })
}

fn create(server: &Running, count: u32) -> Result<()> {
    curl(&["--output", "/dev/null", "--request", "POST", &server.url(&format!("/new?[1-{count}]"))])?;
    Ok(())
}

fn lost_updates(server: &Running) -> Result<[u32; 3]> {
    let mut lost = [0; 3];
    for (lost, way) in lost.iter_mut().zip(WAYS) {
        let cookie = server.session()?;
        let before = counter(server, &cookie)?;
        let parallel = INCREMENTS.to_string();
        let url = server.url(&format!("{way}?[1-{INCREMENTS}]"));
        let all_at_once = ["--parallel", "--parallel-immediate", "--parallel-max", &parallel];
        curl(
            &[&all_at_once[..], &["--output", "/dev/null", "--cookie", &cookie, "--request", "POST", &url]]
                .concat(),
        )?;
        let counted = counter(server, &cookie)?.checked_sub(before).context("the counter went back")?;
        ensure!(counted <= INCREMENTS, "{}: {way} counted more than was asked", server.name());
        *lost = INCREMENTS - counted;
    }
    Ok(lost)
}

fn counter(server: &Running, cookie: &str) -> Result<u32> {
    let url = server.url("/read");
    let text = curl(&["--cookie", cookie, &url])?;
    let answer: serde_json::Value = serde_json::from_str(&text)?;
    answer["n"].as_u64().and_then(|n| n.try_into().ok()).with_context(|| format!("no counter in {text}"))
}
