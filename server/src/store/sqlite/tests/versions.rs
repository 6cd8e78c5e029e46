//! Files of earlier versions, and copies: what they hold is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::params;

use super::place::Place;
use crate::store::test_support::{LIFE, create, done, key, now, put, value};
use crate::store::{Loaded, SessionStore, SqliteStore, UserId};

#[tokio::test]
async fn a_file_of_the_first_version_keeps_what_it_holds() {
    let place = Place::new();
    let (now, later) = (now(), now() + LIFE);
    {
        let database = place.sqlite();
        database.execute_batch(include_str!("../../../../migrations/sqlite/0001_sessions.sql")).unwrap();
        let insert = "INSERT INTO sessions VALUES (?, ?, 1, 7, ?, ?, ?, ?, 3600000, 0, ?, 'alice', ?, ?)";
        for number in 1..=2_i64 {
            let (key, data) = (key(number.unsigned_abs()), format!(r#"{{"n":{number}}}"#));
            let [now, later] = [now, later].map(|time| i64::try_from(time.as_millis()).unwrap());
            let handle = format!("handle0123456{number:03}");
            database
                .execute(insert, params![number, key.as_bytes(), later, now, now, later, handle, now, data])
                .unwrap();
        }
        let alias = "INSERT INTO aliases VALUES (1, ?, 1, NULL, NULL)";
        database.execute(alias, [key(9).as_bytes()]).unwrap();
        database.pragma_update(None, "application_id", i32::from_be_bytes(*b"twjr")).unwrap();
        database.pragma_update(None, "user_version", 1).unwrap();
    }
    let store = place.open();
    for number in 1..=2 {
        assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
    }
    assert!(matches!(store.load(&key(9), now).await.unwrap(), Some(Loaded::Alias(_))));
    done(&put(&store, 1, "5").await);
    assert_eq!(value(&place.open(), 1).await.unwrap().as_deref(), Some("5"));
    assert_eq!(store.delete_all_of(&UserId::new("alice"), None, now).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_made_beside_writers_is_whole() {
    let place = Place::new();
    let store = place.open();
    let created = Arc::new(AtomicU64::new(0));
    let writer = tokio::spawn({
        let (store, created) = (store.clone(), Arc::clone(&created));
        async move {
            for number in 0.. {
                assert!(create(&store, number).await.unwrap());
                created.store(number + 1, Ordering::SeqCst);
            }
        }
    });
    while created.load(Ordering::SeqCst) < 50 {
        tokio::task::yield_now().await;
    }
    let before = created.load(Ordering::SeqCst);
    let copy = place.directory().join("copy.sqlite");
    place.sqlite().execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
    writer.abort();
    let copied = SqliteStore::open(copy).unwrap();
    for number in 0..before {
        assert_eq!(value(&copied, number).await.unwrap().as_deref(), Some("0"), "{number} of {before}");
    }
    done(&put(&copied, 0, "1").await);
    assert_eq!(value(&store, 0).await.unwrap().as_deref(), Some("0"), "the copy is another file");
}
