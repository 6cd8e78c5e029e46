//! What every store that hears of others' changes has to do, behind a near cache.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{create, done, key, now, put, value};
use crate::store::{NearCache, News, SessionStore};

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// The share of logouts that have to be seen within [`SEEN_WITHIN`], in percent.
const SEEN_SHARE: usize = 99;
/// Ten times what is promised: tests share their processors with others.
const SEEN_WITHIN: Duration = Duration::from_millis(500);

/// How long it took.
pub(in crate::store) async fn until(condition: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "it does not come about");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}

pub(in crate::store) async fn until_current(store: &impl SessionStore) -> Duration {
    until(|| store.news().is_some_and(News::is_current)).await
}

pub(in crate::store) async fn until_lapsed(store: &impl SessionStore) -> Duration {
    until(|| !store.news().is_some_and(News::is_current)).await
}

/// Until the value `n` of a session is read.
pub(in crate::store) async fn until_value(
    store: &impl SessionStore,
    number: u64,
    expected: Option<&str>,
) -> Duration {
    let start = Instant::now();
    while value(store, number).await.unwrap().as_deref() != expected {
        assert!(start.elapsed() < PATIENCE, "the change is not seen");
        tokio::task::yield_now().await;
    }
    start.elapsed()
}

/// Reads a session until the cache keeps it: the word of an earlier change may come after the first answer, and undo
/// it.
pub(in crate::store) async fn until_kept<S: SessionStore>(store: &NearCache<S>, number: u64) {
    let start = Instant::now();
    while store.is_empty() {
        assert!(start.elapsed() < PATIENCE, "nothing is kept");
        value(store, number).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Logs out elsewhere, again and again, and measures until it is honoured here.
pub(in crate::store) async fn honours_logouts<S: SessionStore>(
    here: &NearCache<S>,
    there: &impl SessionStore,
) {
    const LOGOUTS: u64 = 200;
    let mut times = Vec::new();
    for number in 0..LOGOUTS {
        assert!(create(there, number).await.unwrap());
        until_value(here, number, Some("0")).await;
        assert!(there.delete(&key(number), now()).await.unwrap());
        times.push(until_value(here, number, None).await);
    }
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("a logout elsewhere is honoured after {:?} (median), {:?} (99 %)", at(50), at(SEEN_SHARE));
    assert!(at(SEEN_SHARE) < SEEN_WITHIN, "{:?}", at(SEEN_SHARE));
}

/// Writes elsewhere while several read here: nobody reads something older than before, and the last word is read.
pub(in crate::store) async fn follows_writers<S: SessionStore>(
    here: NearCache<S>,
    there: &impl SessionStore,
) {
    const WRITES: u64 = 300;
    let here = Arc::new(here);
    assert!(create(there, 1).await.unwrap());
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let here = Arc::clone(&here);
            tokio::spawn(async move {
                let mut last = 0;
                while last < WRITES {
                    let n: u64 = value(&*here, 1).await.unwrap().unwrap().parse().unwrap();
                    assert!(n >= last, "{n} was read after {last}");
                    last = n;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for n in 1..=WRITES {
        done(&put(there, 1, &n.to_string()).await);
    }
    for reader in readers {
        tokio::time::timeout(PATIENCE, reader).await.expect("a change was overlooked").unwrap();
    }
}
