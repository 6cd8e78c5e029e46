//! What the operating system refuses: to write, to write more, and to let another process go.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::other::{Other, role, role_file};
use super::place::Place;
use crate::store::test_support::{create, done, key, kind, now, put, record, value};
use crate::store::{SessionStore, SqliteStore, StoreErrorKind};

#[tokio::test]
async fn a_file_that_may_not_be_written_is_not_opened() {
    if let Some(file) = role_file() {
        let error = SqliteStore::open(&file).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error:?}");
        return;
    }
    let place = Place::new();
    let store = place.open();
    assert!(create(&store, 1).await.unwrap());
    drop(store);
    place.give_up_the_log().await;
    place.sqlite().pragma_update(None, "journal_mode", "WAL").unwrap();
    let before = fs::read(place.file()).unwrap();
    // Nobody is kept from writing by a mode who is the superuser.
    let is_superuser = fs::metadata(place.file()).unwrap().uid() == 0;
    let somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    for mode in [0o555, 0o777] {
        fs::set_permissions(place.file(), Permissions::from_mode(0o444)).unwrap();
        fs::set_permissions(place.directory(), Permissions::from_mode(mode)).unwrap();
        let command = if is_superuser { &somebody[..] } else { &[] };
        let test = "a_file_that_may_not_be_written_is_not_opened";
        Other::start_under(command, module_path!(), test, &place).succeed();
        assert_eq!(fs::read(place.file()).unwrap(), before);
    }
    fs::set_permissions(place.directory(), Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(place.file(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(value(&place.open(), 1).await.unwrap().as_deref(), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_file_may_grow_nothing_that_was_acknowledged_is_lost() {
    if let Some(store) = role() {
        let mut created = 0;
        let refused = loop {
            let data = format!(r#"{{"n":{created},"text":"{}"}}"#, "x".repeat(10_000));
            match store.create(&key(created), record(&data).into(), now()).await {
                Ok(inserted) => assert!(inserted),
                Err(error) => break error,
            }
            created += 1;
            assert!(created < 1_000, "there is no limit");
        };
        assert!(matches!(refused.kind(), StoreErrorKind::Full | StoreErrorKind::Unavailable), "{refused:?}");
        assert!(created > 10, "{refused:?}");
        for number in 0..created {
            assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
        }
        assert_eq!(value(&store, created).await.unwrap(), None, "a refused session is there");
        println!("acknowledged {created}");
        return std::future::pending().await;
    }
    let place = Place::new();
    drop(place.open());
    // 512 bytes each; and no signal, so that the call that writes fails.
    let limit = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"";
    let test = "where_no_file_may_grow_nothing_that_was_acknowledged_is_lost";
    let mut other = Other::start_under(&["sh", "-c", limit], module_path!(), test, &place);
    let acknowledged = |line: String| line.rsplit_once("acknowledged ")?.1.parse::<u64>().ok();
    let created = other.lines().find_map(acknowledged).expect("a refusal");
    other.kill();
    // Where files grow again, all goes on.
    let store = place.open();
    for number in 0..created {
        assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
    }
    assert!(create(&store, created).await.unwrap());
    let ok: String = place.sqlite().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(ok, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stands_still_in_a_transaction_is_not_waited_for_without_end() {
    if let Some(file) = role_file() {
        let connection = Connection::open(file).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE; UPDATE sessions SET seen_at = 0").unwrap();
        println!("locked");
        return std::future::pending().await;
    }
    let place = Place::new();
    let timeout = Duration::from_millis(300);
    let store = SqliteStore::builder().timeout(timeout).open(place.file()).unwrap();
    assert!(create(&store, 1).await.unwrap());
    let test = "a_process_that_stands_still_in_a_transaction_is_not_waited_for_without_end";
    let mut other = Other::start(module_path!(), test, &place);
    assert!(other.lines().any(|line| line.contains("locked")));
    other.stop();
    let start = Instant::now();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < timeout * 20, "{:?}", start.elapsed());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"), "reads go on");
    other.kill();
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
}

/// Runs a command on a disk of its own, of 4 MB, which no other process sees: for the superuser, for who may be one in a
/// namespace, or for who is lent the rights.
#[cfg(target_os = "linux")]
const ON_A_SMALL_DISK: &str = r#"
    if [ "$(id -u)" = 0 ]; then apart='unshare --mount'
    elif unshare --user --map-root-user --mount true 2>/dev/null; then apart='unshare --user --map-root-user --mount'
    else apart='sudo -n --preserve-env=TWINJAR_TEST_SQLITE_FILE unshare --mount'; fi
    disk='mount -t tmpfs -o size=4m tmpfs "${TWINJAR_TEST_SQLITE_FILE%/*}" && exec "$0" "$@"'
    exec $apart sh -c "$disk" "$0" "$@""#;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_that_was_acknowledged_is_lost() {
    if let Some(file) = role_file() {
        return fill_the_disk(&file).await;
    }
    let place = Place::new();
    drop(place.open());
    let test = "on_a_full_disk_nothing_that_was_acknowledged_is_lost";
    Other::start_under(&["sh", "-c", ON_A_SMALL_DISK], module_path!(), test, &place).succeed();
}

#[cfg(target_os = "linux")]
async fn fill_the_disk(file: &Path) {
    let reserve = file.with_file_name("reserve");
    fs::write(&reserve, [0; 1 << 20]).unwrap();
    let store = SqliteStore::open(file).unwrap();
    let data = |number: u64| format!(r#"{{"n":{number},"text":"{}"}}"#, "x".repeat(10_000));
    let mut created = 0;
    let refused = loop {
        match store.create(&key(created), record(&data(created)).into(), now()).await {
            Ok(inserted) => assert!(inserted),
            Err(error) => break error,
        }
        created += 1;
        assert!(created < 1_000, "the disk has no end");
    };
    assert_eq!(refused.kind(), StoreErrorKind::Full, "{refused:?}");
    assert!(created > 10, "{refused:?}");
    for number in 0..created {
        assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
    }
    assert_eq!(value(&store, created).await.unwrap(), None, "a refused session is there");
    fs::remove_file(reserve).unwrap();
    assert!(create(&store, created).await.unwrap(), "there is room again");
    done(&put(&store, 0, "7").await);
    drop(store);
    let reopened = SqliteStore::open(file).unwrap();
    assert_eq!(value(&reopened, 0).await.unwrap().as_deref(), Some("7"));
    for number in 1..created {
        assert_eq!(value(&reopened, number).await.unwrap(), Some(number.to_string()));
    }
}
