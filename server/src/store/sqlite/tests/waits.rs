//! What happens while something else has the file, and when somebody stops waiting.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use super::place::Place;
use crate::store::test_support::{create, done, key, kind, now, put, value};
use crate::store::{SessionStore, SqliteStore, StoreErrorKind};

const SHORT: Duration = Duration::from_secs(1);

fn impatient(place: &Place) -> SqliteStore {
    SqliteStore::builder().timeout(SHORT).readers(NonZeroUsize::MIN).open(place.file()).unwrap()
}

#[tokio::test]
async fn a_busy_file_is_waited_for_and_not_for_ever() {
    let place = Place::new();
    let store = impatient(&place);
    assert!(create(&store, 1).await.unwrap());
    let other = place.sqlite();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let start = Instant::now();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.ping().await), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < SHORT * 10, "{:?}", start.elapsed());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"), "reads go on");

    // Released in time.
    let patient = SqliteStore::open(place.file()).unwrap();
    let waiting = tokio::spawn(async move { put(&patient, 1, "2").await });
    tokio::time::sleep(SHORT).await;
    other.execute_batch("ROLLBACK").unwrap();
    done(&waiting.await.unwrap());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_write_that_was_given_up_before_it_began_does_not_happen() {
    let place = Place::new();
    let store = impatient(&place);
    for number in 0..3 {
        assert!(create(&store, number).await.unwrap());
    }
    let other = place.sqlite();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The first has the writer wait; the others stand in the queue.
    let first = tokio::spawn({
        let store = store.clone();
        async move { put(&store, 0, "1").await }
    });
    tokio::time::sleep(SHORT / 10).await;
    let (third, deadline) = (key(2), now());
    let (given_up, logged_out) = tokio::join!(
        tokio::time::timeout(SHORT / 10, put(&store, 1, "1")),
        tokio::time::timeout(SHORT / 10, store.delete(&third, deadline)),
    );
    assert!(given_up.is_err() && logged_out.is_err());
    other.execute_batch("ROLLBACK").unwrap();
    done(&first.await.unwrap());
    store.ping().await.unwrap();
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert_eq!(value(&store, 2).await.unwrap(), None, "somebody has logged out and left");
}

#[tokio::test]
async fn the_runtime_does_not_wait_for_the_disk() {
    let place = Place::new();
    let store = impatient(&place);
    assert!(create(&store, 1).await.unwrap());
    let other = place.sqlite();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut ticks = 0;
    // The runtime's only thread.
    let ticking = async {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            ticks += 1;
        }
    };
    tokio::select! {
        () = ticking => {}
        outcome = put(&store, 1, "1") => assert_eq!(kind(outcome), StoreErrorKind::Unavailable),
    }
    assert!(ticks > 5, "the runtime stood still");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_more_operations_than_the_queue_holds() {
    let place = Place::new();
    let store = place.open();
    let creations: Vec<_> = (0..5_000)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, number).await })
        })
        .collect();
    for creation in creations {
        assert!(creation.await.unwrap().unwrap());
    }
    assert_eq!(place.count("sessions"), 5_000);
}
