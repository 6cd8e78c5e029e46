//! Servers that refuse: a typed error, and nothing is lost.

use std::error::Error;
use std::time::{Duration, Instant};

use super::server::Postgres;
use super::{address, connect};
use crate::store::test_support::{create, done, key, kind, now, put, record, rotate, value};
use crate::store::{PostgresStore, SessionStore, StoreError, StoreErrorKind};

async fn refused(url: &str) -> StoreError {
    PostgresStore::connect(url.parse().unwrap()).await.expect_err(url)
}

fn said(error: &StoreError) -> String {
    format!("{error} {error:?} {:?}", error.source().map(ToString::to_string))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let server = Postgres::start_with_password("right-password", &[]);
    let place = format!("127.0.0.1:{}/postgres", server.port());
    for (case, user) in
        [("wrong", "postgres:hunter2@"), ("missing", "postgres@"), ("of nobody", "nobody:hunter2@")]
    {
        let error = refused(&format!("postgres://{user}{place}")).await;
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{case}: {}", said(&error));
        assert!(!said(&error).contains("hunter2"), "{}", said(&error));
    }
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    assert!(!format!("{store:?}").contains("right-password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_not_waited_for() {
    let mut server = Postgres::start(&[]);
    let missing = format!("postgres://postgres@127.0.0.1:{}/missing", server.port());
    let error = refused(&missing).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(said(&error).contains("does not exist"), "{}", said(&error));
    server.kill();
    let start = Instant::now();
    let error = refused(&server.url().replace("postgres@", "alice:hunter2@")).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!said(&error).contains("hunter2"));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_can_be_read() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    let _ = server.sql("ALTER DATABASE postgres SET default_transaction_read_only = on");
    let store = connect(&server).await;
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(create(&store, 2).await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(store.delete(&key(1), now()).await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(store.ping().await), StoreErrorKind::ReadOnly);
    let error = PostgresStore::builder().schema("new").connect(address(&server)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_loses_nothing() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    // What a server says whose disk is full.
    let _ = server.sql(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'; \
         CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON twinjar.sessions EXECUTE FUNCTION full_disk()",
    );
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Full);
    assert_eq!(kind(rotate(&store, 1, 2).await), StoreErrorKind::Full);
    assert_eq!(kind(create(&store, 3).await), StoreErrorKind::Full);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert_eq!(value(&store, 3).await.unwrap(), None, "a refused session is there");
    assert!(store.delete(&key(1), now()).await.unwrap(), "sessions can be ended");
    let _ = server.sql("DROP TRIGGER full_disk ON twinjar.sessions");
    assert!(create(&store, 3).await.unwrap());
    done(&put(&store, 3, "1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_row_holds_stays_out_of_errors() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    let _ = server.sql("ALTER TABLE twinjar.sessions ADD CHECK (octet_length(data) < 100)");
    let data = format!(r#"{{"n":"hunter2 {}"}}"#, "x".repeat(100));
    let error = store.create(&key(1), record(&data).into(), now()).await.unwrap_err();
    assert!(said(&error).contains("check constraint"), "{}", said(&error));
    assert!(
        !said(&error).contains("hunter2") && !said(&error).contains("68756e74657232"),
        "{}",
        said(&error)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_needs_the_tables_and_not_the_right_to_make_them() {
    let server = Postgres::start(&[]);
    let _ = server.sql("CREATE ROLE shop LOGIN");
    let url = server.url().replace("postgres@", "shop@");
    let error = refused(&url).await;
    assert_eq!(error.kind(), StoreErrorKind::Denied, "may not create: {}", said(&error));
    drop(connect(&server).await);
    let error = refused(&url).await;
    assert_eq!(error.kind(), StoreErrorKind::Denied, "may not read: {}", said(&error));
    let _ = server.sql(
        "GRANT USAGE ON SCHEMA twinjar TO shop; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA twinjar TO shop",
    );
    let store = PostgresStore::connect(url.parse().unwrap()).await.unwrap();
    assert!(create(&store, 1).await.unwrap());
    done(&rotate(&store, 1, 2).await);
    assert!(store.delete(&key(1), now()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tables_and_newer_ones_are_left_alone() {
    let server = Postgres::start(&[]);
    let _ = server.sql("CREATE SCHEMA twinjar; CREATE TABLE twinjar.sessions (mine text)");
    assert_eq!(refused(&server.url()).await.kind(), StoreErrorKind::Incompatible);
    assert_eq!(server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'twinjar'"), "1");
    let _ = server.sql("DROP SCHEMA twinjar CASCADE");
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    let _ = server.sql("INSERT INTO twinjar.migrations VALUES (1000)");
    assert_eq!(refused(&server.url()).await.kind(), StoreErrorKind::Incompatible);
    let _ = server.sql("DELETE FROM twinjar.migrations WHERE version = 1000; DROP TABLE twinjar.aliases");
    assert_eq!(kind(value(&store, 2).await), StoreErrorKind::Incompatible);
}
