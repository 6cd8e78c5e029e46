//! What Redis tells, and what happens when it does not.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::Server;
use crate::store::test_support::hearing::{
    follows_writers, honours_logouts, until, until_current, until_kept, until_lapsed, until_value,
};
use crate::store::test_support::{create, done, key, now, put, value};
use crate::store::{Loaded, NearCache, NearCacheLimits, RedisStore, SessionStore};

const PATIENCE: Duration = Duration::from_secs(20);

async fn cached(server: &Server) -> NearCache<RedisStore> {
    let store = NearCache::new(server.store().await, NearCacheLimits::default());
    until_current(&store).await;
    store
}

/// The clients of this server that hear what changes.
async fn listeners(server: &Server) -> Vec<String> {
    let clients: String = server.command(redis::cmd("CLIENT").arg("LIST")).await;
    let field = |line: &str, name: &str| {
        line.split(' ').find_map(|field| field.strip_prefix(name)).unwrap_or_default().to_owned()
    };
    let listening = clients.lines().filter(|line| field(line, "flags=").contains('t'));
    listening.map(|line| field(line, "id=")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_sessions_are_read_without_a_round_trip() {
    let server = Server::start(&[]);
    let store = cached(&server).await;
    assert!(create(&store, 1).await.unwrap());
    until_kept(&store, 1).await;
    let gets = || async {
        let stats: String = server.command(redis::cmd("INFO").arg("commandstats")).await;
        stats.lines().find(|line| line.starts_with("cmdstat_get:")).unwrap_or_default().to_owned()
    };
    let before = gets().await;
    for _ in 0..1000 {
        assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    }
    assert_eq!(gets().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_elsewhere_is_honoured_within_milliseconds() {
    let server = Server::start(&[]);
    honours_logouts(&cached(&server).await, &server.store().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_elsewhere_are_never_overlooked() {
    let server = Server::start(&[]);
    follows_writers(cached(&server).await, &server.store().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_channel_empties_the_cache_and_is_opened_anew() {
    let server = Server::start(&[]);
    let (here, there) = (cached(&server).await, server.store().await);
    assert!(create(&there, 1).await.unwrap());
    for round in 1..4 {
        until_kept(&here, 1).await;
        let listeners = listeners(&server).await;
        assert_eq!(listeners.len(), 1, "round {round}");
        let _: i64 = server.command(redis::cmd("CLIENT").arg("KILL").arg("ID").arg(&listeners[0])).await;
        done(&put(&there, 1, &round.to_string()).await);
        let late = until_value(&here, 1, Some(&round.to_string())).await;
        assert!(late < Duration::from_secs(5), "{late:?}");
        until_current(&here).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_channel_is_not_trusted_for_longer_than_a_second() {
    let server = Server::start(&[]);
    let relay = super::server::Relay::start(server.port()).await;
    // What is read and what is told come through the relay, which freezes; the writer does not.
    let store = RedisStore::builder().timeout(Duration::from_secs(5));
    let here = NearCache::new(store.connect(relay.address()).await.unwrap(), NearCacheLimits::default());
    let there = server.store().await;
    until_current(&here).await;
    assert!(create(&there, 1).await.unwrap());
    until_kept(&here, 1).await;
    relay.freeze(true);
    done(&put(&there, 1, "1").await);
    let frozen = Instant::now();
    let lapsed = until_lapsed(&here).await;
    assert!(lapsed < Duration::from_secs(3), "{lapsed:?}");
    // Reads pass on, and so wait, until it thaws.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        relay.freeze(false);
        tokio::time::sleep(PATIENCE).await;
    });
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"));
    println!("the freeze was noticed after {lapsed:?}; read right after {:?}", frozen.elapsed());
    until_current(&here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_noticed_and_comes_back() {
    let server = Server::start(&[]);
    let here = cached(&server).await;
    assert!(create(&here, 1).await.unwrap());
    until_kept(&here, 1).await;
    server.signal(Signal::STOP);
    until_lapsed(&here).await;
    assert!(here.load(&key(1), now()).await.is_err(), "nothing is answered from a doubtful cache");
    server.signal(Signal::CONT);
    until_current(&here).await;
    assert!(matches!(here.load(&key(1), now()).await, Ok(Some(Loaded::Live { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_server_empties_the_cache() {
    let server = Server::start(&[]);
    let here = cached(&server).await;
    assert!(create(&here, 1).await.unwrap());
    until_kept(&here, 1).await;
    let _: String = server.command(&redis::cmd("FLUSHALL")).await;
    until_value(&here, 1, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_where_nobody_wants_to_know() {
    let server = Server::start(&[]);
    let store = server.store().await;
    assert!(create(&store, 1).await.unwrap());
    assert!(listeners(&server).await.is_empty());
    let news = store.news().unwrap();
    until(|| news.is_current()).await;
    assert_eq!(listeners(&server).await.len(), 1);
    drop(store);
    let start = Instant::now();
    while !listeners(&server).await.is_empty() {
        assert!(start.elapsed() < PATIENCE, "the channel outlives the store");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
