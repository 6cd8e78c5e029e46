//! Files that cannot be used, or not any more: a typed error, and nothing is lost or overwritten.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::place::Place;
use crate::store::sqlite::file::File;
use crate::store::sqlite::transaction::Transaction;
use crate::store::test_support::{LIFE, create, done, fill, key, kind, now, put, record, value};
use crate::store::{SessionStore, SqliteStore, StoreErrorKind, Synchronous};

fn open_error(path: &Path) -> (StoreErrorKind, String) {
    let error = SqliteStore::open(path).unwrap_err();
    (error.kind(), error.source().map(ToString::to_string).unwrap_or_default())
}

#[test]
fn what_is_no_database_is_left_alone() {
    let place = Place::new();
    for content in [&b"Dear diary, this is a text of mine.\n"[..], &[0xFF; 5_000]] {
        fs::write(place.file(), content).unwrap();
        assert_eq!(open_error(&place.file()).0, StoreErrorKind::Incompatible);
        assert_eq!(fs::read(place.file()).unwrap(), content, "it was written to");
    }
}

#[test]
fn the_database_of_another_application_is_left_alone() {
    let place = Place::new();
    place.sqlite().execute_batch("CREATE TABLE photos (name TEXT); PRAGMA user_version = 1;").unwrap();
    let before = fs::read(place.file()).unwrap();
    let (kind, why) = open_error(&place.file());
    assert_eq!(kind, StoreErrorKind::Incompatible);
    assert!(why.contains("another application"), "{why}");
    assert_eq!(fs::read(place.file()).unwrap(), before, "it was written to");
}

#[test]
fn a_newer_schema_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    place.sqlite().pragma_update(None, "user_version", 9_999).unwrap();
    let (kind, why) = open_error(&place.file());
    assert_eq!(kind, StoreErrorKind::Incompatible);
    assert!(why.contains("9999"), "{why}");
}

#[test]
fn a_place_without_a_directory_is_named() {
    let place = Place::new();
    let path = place.directory().join("missing/sessions.sqlite");
    let (kind, why) = open_error(&path);
    assert_eq!(kind, StoreErrorKind::Unavailable);
    assert!(why.contains("missing/sessions.sqlite"), "{why}");
    assert_eq!(open_error(place.directory()).0, StoreErrorKind::Unavailable, "a directory");
}

#[test]
fn names_with_a_meaning_to_sqlite_are_plain_names() {
    for name in [":memory:", "file:sessions?mode=memory"] {
        let file = File::new(Path::new(name), Synchronous::Full, LIFE, None).unwrap();
        assert!(file.path().is_absolute() && file.path().ends_with(name), "{file:?}");
    }
    let place = Place::new();
    drop(SqliteStore::open(place.directory().join("a b?c#d%20.sqlite")).unwrap());
    assert!(place.directory().join("a b?c#d%20.sqlite").is_file());
}

#[cfg(unix)]
#[tokio::test]
async fn links_lead_to_the_same_locks() {
    let place = Place::new();
    let link = place.directory().join("link.sqlite");
    std::os::unix::fs::symlink(place.file(), &link).unwrap();
    let (store, linked) = (place.open(), SqliteStore::open(&link).unwrap());
    let held = store.lock(&key(1)).await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(100), linked.lock(&key(1))).await;
    assert!(waiting.is_err(), "the lock is given twice");
    drop(held);
    let _ = linked.lock(&key(1)).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open();
    assert!(create(&store, 1).await.unwrap());
    let lock = store.lock(&key(1)).await.unwrap();
    let mut seen = 0;
    let locks = place.directory().join("sessions.sqlite-locks");
    for directory in [place.directory(), &locks] {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{} is open to others", entry.path().display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "the database, its log, the locks and one of them");
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_reported_and_kept() {
    let place = Place::new();
    {
        let store = place.open();
        for number in 0..200 {
            assert!(store.create(&key(number), record(&wide(number)).into(), now()).await.unwrap());
        }
    }
    place.give_up_the_log().await;
    let mut bytes = fs::read(place.file()).unwrap();
    let middle = bytes.len() / 2..bytes.len() - 4096;
    bytes[middle].fill(0xA5);
    fs::write(place.file(), &bytes).unwrap();

    let store = place.open();
    let mut corrupt = 0;
    for number in 0..200 {
        match store.load(&key(number), now()).await {
            Ok(_) => {}
            Err(error) if error.kind() == StoreErrorKind::Corrupt => corrupt += 1,
            Err(error) => panic!("{error}: {:?}", error.source()),
        }
    }
    assert!(corrupt > 0, "nobody has noticed");
    fn wide(number: u64) -> String {
        format!(r#"{{"number":{number},"text":"{}"}}"#, "x".repeat(1_000))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_is_reported_and_takes_no_other_with_it() {
    let place = Place::new();
    let store = place.open();
    for number in 0..10 {
        assert!(create(&store, number).await.unwrap());
    }
    let damage = "UPDATE sessions SET data = '{\"n\":' WHERE key = ?";
    place.sqlite().execute(damage, [key(3).as_bytes()]).unwrap();
    // All at once, so that they share a transaction.
    let changes: Vec<_> = (0..10)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { (number, put(&store, number, "1").await) })
        })
        .collect();
    for change in changes {
        let (number, outcome) = change.await.unwrap();
        match number {
            3 => assert_eq!(kind(outcome), StoreErrorKind::Corrupt),
            _ => drop(outcome.unwrap()),
        }
    }
    assert_eq!(kind(store.load(&key(3), now()).await), StoreErrorKind::Corrupt);
    let kept: String = place
        .sqlite()
        .query_row("SELECT data FROM sessions WHERE key = ?", [key(3).as_bytes()], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, r#"{"n":"#, "the damaged record was changed");
    assert!(store.delete(&key(3), now()).await.unwrap(), "it can be deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_refuses_and_loses_nothing() {
    let place = Place::new();
    let store = SqliteStore::builder().max_bytes(400 << 10).open(place.file()).unwrap();
    let created = fill(&store, 4_000).await;
    assert!(created > 10);
    for number in 0..created {
        assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
    }
    assert_eq!(value(&store, created).await.unwrap(), None, "a refused session is there");
    // Whoever logs out is logged out, and makes room.
    for number in 0..5 {
        assert!(store.delete(&key(number), now()).await.unwrap());
    }
    done(&put(&store, 5, "7").await);
    assert!(create(&store, created).await.unwrap());
    assert!(fs::metadata(place.file()).unwrap().len() <= 400 << 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_can_be_read() {
    let place = Place::new();
    let store = place.open();
    assert!(create(&store, 1).await.unwrap());
    let refuse_writes = |database: &Transaction<'_>| database.pragma_update(None, "query_only", true);
    store.0.writer.run(refuse_writes).await.unwrap();
    assert_eq!(kind(create(&store, 2).await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(store.delete(&key(1), now()).await), StoreErrorKind::ReadOnly);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_is_not_written_to() {
    let place = Place::new();
    let store = place.open();
    assert!(create(&store, 1).await.unwrap());
    let moved = place.directory().join("moved.sqlite");
    fs::rename(place.file(), &moved).unwrap();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(value(&store, 1).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.ping().await), StoreErrorKind::Unavailable);
    fs::write(place.file(), "").unwrap();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    fs::rename(&moved, place.file()).unwrap();
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swept_file_becomes_smaller() {
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(60_000));
    for number in 0..200 {
        assert!(store.create(&key(number), record(&data).into(), now()).await.unwrap());
    }
    let pages = || place.sqlite().pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).unwrap();
    let before = pages();
    for _ in 0..20 {
        store.sweep(now() + LIFE * 2).await.unwrap();
    }
    let after = pages();
    assert!(after < before / 4, "{before} pages became {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_short_beside_a_busy_writer() {
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    for number in 0..4 {
        let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(30_000));
        assert!(store.create(&key(number), record(&data).into(), now()).await.unwrap());
    }
    // Each writes eight pages and more: four times as many in all as the log may ever have.
    let mut longest = 0;
    for n in 0..8_000_u32 {
        done(&put(&store, u64::from(n % 4), &n.to_string()).await);
        if n % 100 == 0 {
            let log = place.directory().join("sessions.sqlite-wal");
            longest = longest.max(fs::metadata(log).unwrap().len());
        }
    }
    assert!(longest > 4 << 20, "{longest} bytes");
    assert!(longest < 72 << 20, "{longest} bytes");
}
