//! What PostgreSQL tells, and what happens when it does not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::server::Postgres;
use super::{address, connect};
use crate::store::test_support::hearing::{
    follows_writers, honours_logouts, until, until_current, until_kept, until_lapsed, until_value,
};
use crate::store::test_support::{RoundRobin, create, done, key, now, put, value};
use crate::store::{NearCache, NearCacheLimits, News, PostgresStore, SessionStore, conformance};

async fn listening(server: &Postgres, schema: &str) -> NearCache<PostgresStore> {
    let store = PostgresStore::builder().schema(schema).news(true).connect(address(server)).await.unwrap();
    let store = NearCache::new(store, NearCacheLimits::default());
    until_current(&store).await;
    store
}

fn listener(server: &Postgres) -> String {
    server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'twinjar news'")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_behind_caches() {
    let server = Postgres::start(&["fsync=off"]);
    let next = AtomicU64::new(0);
    conformance::check(|| async {
        let schema = format!("case {}", next.fetch_add(1, Ordering::Relaxed));
        // One at a time: the second finds the tables that the first has made.
        RoundRobin::new(vec![listening(&server, &schema).await], ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_sessions_are_read_without_a_round_trip() {
    let server = Postgres::start(&[]);
    let store = listening(&server, "twinjar").await;
    assert!(create(&store, 1).await.unwrap());
    until_kept(&store, 1).await;
    // Nobody else can read it.
    let _ = server.sql("ALTER TABLE twinjar.sessions RENAME TO elsewhere");
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert!(store.load(&key(2), now()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_elsewhere_is_honoured_within_milliseconds() {
    let server = Postgres::start(&[]);
    honours_logouts(&listening(&server, "twinjar").await, &connect(&server).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_elsewhere_are_never_overlooked() {
    let server = Postgres::start(&["fsync=off"]);
    follows_writers(listening(&server, "twinjar").await, &connect(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_breaks_empties_the_cache_and_is_opened_anew() {
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    for round in 1..4 {
        until_kept(&here, 1).await;
        let pid = listener(&server);
        assert_eq!(server.sql(&format!("SELECT pg_terminate_backend({pid})")), "t");
        done(&put(&there, 1, &round.to_string()).await);
        let late = until_value(&here, 1, Some(&round.to_string())).await;
        assert!(late < Duration::from_secs(5), "{late:?}");
        until_current(&here).await;
        assert_ne!(listener(&server), pid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_stands_still_is_not_trusted_for_longer_than_a_second() {
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    until_kept(&here, 1).await;
    let pid = listener(&server);
    let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    done(&put(&there, 1, "1").await);
    let lapsed = until_lapsed(&here).await;
    assert!(lapsed < Duration::from_secs(3), "{lapsed:?}");
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"), "read from PostgreSQL itself");
    kill_process(pid, Signal::CONT).unwrap();
    until_current(&here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_emptied_empties_the_cache() {
    let server = Postgres::start(&[]);
    let here = listening(&server, "twinjar").await;
    assert!(create(&here, 1).await.unwrap());
    until_kept(&here, 1).await;
    let _ = server.sql("TRUNCATE twinjar.sessions CASCADE");
    until_value(&here, 1, None).await;
    until_current(&here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn triggers_that_somebody_turns_off_are_missed_and_turned_on_again() {
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    for (round, trigger) in [(1, "tell_of_changes"), (2, "tell_of_truncation")] {
        until_kept(&here, 1).await;
        let _ = server.sql(&format!("ALTER TABLE twinjar.sessions DISABLE TRIGGER {trigger}"));
        done(&put(&there, 1, &round.to_string()).await);
        let late = until_value(&here, 1, Some(&round.to_string())).await;
        assert!(late < Duration::from_secs(5), "{late:?}");
        let told = format!("SELECT tgenabled FROM pg_trigger WHERE tgname = '{trigger}'");
        until(|| server.sql(&told) == "O").await;
        until_current(&here).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_unless_somebody_asks() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(store.news().is_none());
    let told = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'tell_of_changes'";
    assert_eq!(server.sql(told), "D");
    drop(listening(&server, "twinjar").await);
    assert_eq!(server.sql(told), "O");
    // A user who may not turn it on is told nothing, and reads everything from PostgreSQL.
    let _ = server.sql(
        "ALTER TABLE twinjar.sessions DISABLE TRIGGER tell_of_changes; CREATE ROLE shop LOGIN; \
         GRANT USAGE ON SCHEMA twinjar TO shop; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA twinjar TO shop",
    );
    let url = server.url().replace("postgres@", "shop@");
    let shop = PostgresStore::builder().news(true).connect(url.parse().unwrap()).await.unwrap();
    let shop = NearCache::new(shop, NearCacheLimits::default());
    assert!(create(&shop, 1).await.unwrap());
    for n in 0..20 {
        done(&put(&store, 1, &n.to_string()).await);
        assert_eq!(value(&shop, 1).await.unwrap(), Some(n.to_string()));
        assert!(!shop.news().is_some_and(News::is_current));
    }
}
