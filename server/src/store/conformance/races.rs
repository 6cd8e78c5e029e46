//! Many callers at once. What has to hold however they meet is checked; that they meet is left to the runtime, so
//! each race is run many times.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::fixture::{Subject, any_key, done, integer, set};
use crate::StoreKey;
use crate::store::{Committed, Loaded, MAX_ALIASES, Rotation, UserId};

const ROUNDS: usize = 40;
const CALLERS: usize = 8;

pub(super) async fn increments_by_revision_lose_nothing(subject: Subject) {
    const INCREMENTS: usize = 200;
    let key = subject.session(r#"{"n":0}"#).await;
    together(INCREMENTS, |_| {
        let subject = subject.clone();
        async move {
            loop {
                let before = subject.live(&key).await;
                let patch = set("n", &(integer(&before, "n") + 1).to_string());
                match subject.patch_at(&key, &patch, before.revision).await {
                    Committed::Done(_) => return,
                    Committed::Conflict => {}
                    Committed::Gone => panic!("the session is gone"),
                }
            }
        }
    })
    .await;
    let after = subject.live(&key).await;
    assert_eq!((integer(&after, "n"), after.revision), (200, 201));
}

pub(super) async fn patches_of_different_keys_all_survive(subject: Subject) {
    const PATCHES: usize = 64;
    let key = subject.session(r#"{"before":true}"#).await;
    together(PATCHES, |index| {
        let subject = subject.clone();
        async move {
            done(subject.patch(&key, &set(&format!("key{index}"), &index.to_string())).await);
        }
    })
    .await;
    let after = subject.live(&key).await;
    assert_eq!(after.data.get("before"), Some("true"));
    assert_eq!(after.revision, 1 + PATCHES as u64);
    for index in 0..PATCHES {
        assert_eq!(after.data.get(&format!("key{index}")), Some(&*index.to_string()), "a patch is lost");
    }
}

pub(super) async fn visits_lose_no_commit(subject: Subject) {
    const EACH: usize = 64;
    let key = subject.session("{}").await;
    together(2 * EACH, |index| {
        let subject = subject.clone();
        async move {
            if index % 2 == 0 {
                done(subject.patch(&key, &set(&format!("key{index}"), "1")).await);
            } else {
                let visit = subject.visit(Duration::from_secs(index as u64));
                assert!(subject.touch(&key, visit).await, "the session is there");
            }
        }
    })
    .await;
    let after = subject.live(&key).await;
    assert_eq!(after.revision, 1 + EACH as u64);
    assert_eq!(
        after.seen_at,
        subject.now + Duration::from_secs(2 * EACH as u64 - 1),
        "the last visit is lost"
    );
}

pub(super) async fn one_creator_wins(subject: Subject) {
    for round in 0..ROUNDS {
        let key = any_key();
        let outcomes = together(CALLERS, |index| {
            let subject = subject.clone();
            async move { subject.create(&key, subject.record(&format!(r#"{{"by":{index}}}"#))).await }
        })
        .await;
        let winners: Vec<_> = (0..CALLERS).filter(|&index| outcomes[index]).collect();
        assert_eq!(winners.len(), 1, "round {round}: creators that were told they made the record");
        assert_eq!(integer(&*subject.live(&key).await, "by"), winners[0] as u64, "round {round}");
    }
}

pub(super) async fn one_rotation_wins(subject: Subject) {
    for round in 0..ROUNDS {
        let key = subject.session("{}").await;
        let rotations: Vec<_> = (0..CALLERS).map(|_| subject.leaving_an_alias(&key)).collect();
        let outcomes = together(CALLERS, |index| {
            let (subject, rotation) = (subject.clone(), rotations[index]);
            async move { subject.rotate(&key, rotation).await }
        })
        .await;
        let mut moved_to = None;
        for (outcome, rotation) in outcomes.iter().zip(&rotations) {
            let loaded = subject.load(&rotation.to).await;
            match outcome {
                Committed::Done(_) => {
                    assert_eq!(moved_to.replace(rotation.to), None, "round {round}: moved twice");
                    assert!(matches!(loaded, Some(Loaded::Live { .. })), "round {round}: {loaded:?}");
                }
                Committed::Gone => assert_eq!(loaded, None, "round {round}: a loser has left a record"),
                Committed::Conflict => panic!("round {round}: no key was taken"),
            }
        }
        assert_eq!(Some(subject.alias(&key, subject.now).await.successor), moved_to, "round {round}");
    }
}

pub(super) async fn one_session_gets_a_contested_key(subject: Subject) {
    for round in 0..ROUNDS {
        let to = any_key();
        let mut keys = Vec::new();
        for index in 0..CALLERS {
            let key = subject.key_beside(&to);
            assert!(subject.create(&key, subject.record(&format!(r#"{{"of":{index}}}"#))).await);
            keys.push(key);
        }
        let outcomes = together(CALLERS, |index| {
            let (subject, key) = (subject.clone(), keys[index]);
            async move { subject.rotate(&key, Rotation { to, alias: Some([0; 16]) }).await }
        })
        .await;
        let mut winners = 0;
        for (index, outcome) in outcomes.iter().enumerate() {
            let session = if let Committed::Done(_) = outcome {
                winners += 1;
                to
            } else {
                assert_eq!(*outcome, Committed::Conflict, "round {round}");
                keys[index]
            };
            assert_eq!(integer(&*subject.live(&session).await, "of"), index as u64, "round {round}");
        }
        assert_eq!(winners, 1, "round {round}: sessions that got the key");
    }
}

pub(super) async fn deletion_wins_against_commits(subject: Subject) {
    deletion_wins(&subject, |subject, key| async move {
        match subject.patch(&key, &set("n", "1")).await {
            Committed::Done(_) => true,
            Committed::Gone => false,
            Committed::Conflict => panic!("no revision was expected"),
        }
    })
    .await;
}

pub(super) async fn deletion_wins_against_visits(subject: Subject) {
    deletion_wins(&subject, |subject, key| async move {
        subject.touch(&key, subject.visit(Duration::from_secs(1))).await
    })
    .await;
}

pub(super) async fn deletion_wins_against_rotations(subject: Subject) {
    deletion_wins(&subject, |subject, key| async move {
        // From wherever the session is by now.
        let (current, revision) = match subject.load(&key).await {
            Some(Loaded::Live { record, .. }) => (key, record.revision),
            Some(Loaded::Alias(alias)) => (alias.successor, alias.record.revision),
            Some(Loaded::Retired { .. }) => panic!("no rotation was confirmed"),
            None => return false,
        };
        if revision < MAX_ALIASES as u64 / 2 {
            // A parallel rotation may have been quicker, or the deletion: the next load will tell.
            let _ = subject.rotate(&current, subject.leaving_an_alias(&current)).await;
        }
        true
    })
    .await;
}

/// Runs `write` over and over from several callers until it finds the session gone, while another deletes it.
async fn deletion_wins<F, R>(subject: &Subject, write: F)
where
    F: Fn(Subject, StoreKey) -> R + Copy + Send + 'static,
    R: Future<Output = bool> + Send,
{
    let user = UserId::new("alice");
    for round in 0..ROUNDS {
        let key = subject.stored(subject.record_of(&user)).await;
        let deleted = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        for _ in 0..4 {
            let (subject, deleted) = (subject.clone(), Arc::clone(&deleted));
            writers.spawn(async move {
                loop {
                    let began_after = deleted.load(Ordering::SeqCst);
                    if !write(subject.clone(), key).await {
                        return;
                    }
                    assert!(!began_after, "a write succeeded after the session was deleted");
                    // A store that never waits would keep the thread, and the deletion from its turn.
                    tokio::task::yield_now().await;
                }
            });
        }
        // The writers get further from round to round before it is over.
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        assert!(subject.delete(&key).await, "round {round}: there was a session to delete");
        deleted.store(true, Ordering::SeqCst);
        assert_eq!(subject.load(&key).await, None, "round {round}: there right after the deletion");
        finish(writers).await;
        assert_eq!(subject.load(&key).await, None, "round {round}: brought back");
        assert_eq!(subject.keys_of(&user).await, [], "round {round}: lives on under another key");
    }
}

pub(super) async fn deletion_of_all_catches_moving_sessions(subject: Subject) {
    let (user, spared_user) = (UserId::new("alice"), UserId::new("bob"));
    let bystander = subject.stored(subject.record_of(&spared_user)).await;
    for round in 0..ROUNDS {
        let mut movers = JoinSet::new();
        for _ in 0..CALLERS {
            let (subject, mut key) = (subject.clone(), subject.stored(subject.record_of(&user)).await);
            movers.spawn(async move {
                loop {
                    let rotation = subject.leaving_nothing(&key);
                    match subject.rotate(&key, rotation).await {
                        Committed::Done(_) => key = rotation.to,
                        Committed::Gone => return,
                        Committed::Conflict => panic!("the key was not taken"),
                    }
                    tokio::task::yield_now().await;
                }
            });
        }
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        let deleted = subject.store.delete_all_of(&user, None, subject.now).await.expect("delete_all_of");
        assert_eq!(deleted, CALLERS as u64, "round {round}");
        assert_eq!(subject.keys_of(&user).await, [], "round {round}: a session has escaped");
        finish(movers).await;
    }
    subject.live(&bystander).await;
}

/// Runs as many callers at once; their outcomes, in order.
async fn together<T, R>(callers: usize, call: impl Fn(usize) -> R) -> Vec<T>
where
    R: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let tasks: Vec<_> = (0..callers).map(|index| tokio::spawn(call(index))).collect();
    let mut outcomes = Vec::with_capacity(callers);
    for task in tasks {
        outcomes.push(task.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic())));
    }
    outcomes
}

async fn finish(mut tasks: JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
    }
}
