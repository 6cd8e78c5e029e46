//! The suite that every store runs, also one of your own: what [`SessionStore`] asks for, case by case.
//!
//! ```no_run
//! # #[derive(Clone)] struct MyStore;
//! # use twinjar_server::store::MemoryStore;
//! # impl MyStore { async fn with_empty_table() -> MemoryStore { MemoryStore::new() } }
//! # macro_rules! run { ($future:expr) => { drop($future) } }
//! use twinjar_server::store::conformance;
//!
//! // In a test of yours, under `#[tokio::test(flavor = "multi_thread")]`:
//! # run!(async {
//! conformance::check(|| MyStore::with_empty_table()).await;
//! # });
//! ```

mod data;
mod fixture;
mod locks;
mod model;
mod races;
mod records;
mod rotations;
mod steps;
mod sweeps;
#[cfg(test)]
mod tests;
mod users;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use self::fixture::Subject;
use super::SessionStore;

/// A case that has not ended by then hangs.
const TIME_LIMIT: Duration = Duration::from_secs(120);

type Case = (&'static str, fn(Subject) -> Pin<Box<dyn Future<Output = ()> + Send>>);

macro_rules! cases {
    ($($module:ident { $($case:ident),+ $(,)? })+) => {
        &[$($((
            concat!(stringify!($module), "::", stringify!($case)),
            |subject| Box::pin($module::$case(subject)),
        )),+),+]
    };
}

const CASES: &[Case] = cases! {
    records {
        create_inserts_only,
        what_is_created_is_loaded,
        nothing_is_under_an_unused_key,
        commits_merge_key_by_key,
        commits_remove_and_clear,
        an_expected_revision_is_held_to,
        new_meta_replaces_the_old,
        commits_move_nothing_back,
        a_shortened_life_stays_short,
        a_record_ends_at_its_deadline,
        an_ended_record_makes_room,
        visits_move_forward_only,
        visits_leave_the_data_alone,
        what_is_destroyed_stays_away,
    }
    rotations {
        a_rotation_moves_the_record,
        the_old_key_leads_to_the_session,
        an_alias_is_no_record,
        confirmation_retires_the_old_key,
        confirmation_is_not_postponed,
        confirming_nothing_does_nothing,
        chains_lead_to_the_end,
        confirmation_retires_the_whole_chain,
        a_late_confirmation_spares_later_aliases,
        a_taken_key_is_a_conflict,
        a_wrong_revision_is_a_conflict,
        without_an_alias_the_old_key_is_dead,
        without_an_alias_earlier_aliases_are_dead,
        a_missing_key_is_gone,
        aliases_end_with_their_session,
        deletion_follows_aliases,
        a_dead_key_deletes_nothing,
        a_peek_sees_what_a_load_sees,
    }
    races {
        increments_by_revision_lose_nothing,
        patches_of_different_keys_all_survive,
        visits_lose_no_commit,
        one_creator_wins,
        one_rotation_wins,
        one_session_gets_a_contested_key,
        deletion_wins_against_commits,
        deletion_wins_against_visits,
        deletion_wins_against_rotations,
        deletion_of_all_catches_moving_sessions,
    }
    steps {
        every_order_of_two_requests_is_right,
        random_steps_end_as_the_model_says,
    }
    users {
        a_users_live_sessions_are_listed,
        the_index_follows_the_session,
        ended_sessions_are_not_listed,
        all_sessions_of_a_user_are_deleted,
        the_excepted_session_is_spared,
        names_are_told_apart_byte_by_byte,
    }
    locks {
        one_holder_at_a_time,
        keys_are_locked_apart,
        a_lock_is_released_on_drop,
        a_cancelled_waiter_leaves_no_trace,
        a_panic_releases_the_lock,
    }
    sweeps {
        what_is_due_goes_and_nothing_else,
        each_ended_session_is_told_once,
        aliases_go_with_their_session,
        an_empty_store_can_be_swept,
    }
    data {
        text_is_kept_as_it_is,
        all_of_unicode_is_kept,
        large_values_are_kept,
        deep_values_are_kept,
        times_and_flags_are_kept,
        the_store_answers_a_ping,
    }
};

/// Runs every case, each against a fresh store from `make`.
///
/// # Panics
/// Some case fails: the message names each of them, and what it found. Also on a runtime with one thread: races need
/// several.
pub async fn check<S, F, R>(make: F)
where
    S: SessionStore,
    F: Fn() -> R,
    R: Future<Output = S>,
{
    let flavor = Handle::current().runtime_flavor();
    assert!(flavor == RuntimeFlavor::MultiThread, "the suite needs a runtime with several threads");
    let failures = failures(make, |_| true).await;
    assert!(failures.is_empty(), "the store breaks its contract:{}", failures.concat());
}

/// What is found by the chosen cases, each in a line of its own.
async fn failures<S, F, R>(make: F, chosen: impl Fn(&str) -> bool) -> Vec<String>
where
    S: SessionStore,
    F: Fn() -> R,
    R: Future<Output = S>,
{
    let mut failures = Vec::new();
    for &(name, case) in CASES.iter().filter(|(name, _)| chosen(name)) {
        let subject = Subject::new(Arc::new(make().await));
        if let Err(found) = run(case(subject)).await {
            failures.push(format!("\n  {name}: {found}"));
        }
    }
    failures
}

/// In a task of its own, so that one failure does not hide the next.
async fn run(case: impl Future<Output = ()> + Send + 'static) -> Result<(), String> {
    let task = tokio::spawn(tokio::time::timeout(TIME_LIMIT, case));
    match task.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(format!("has not ended after {} seconds", TIME_LIMIT.as_secs())),
        Err(panicked) => {
            let payload = panicked.into_panic();
            let message = payload.downcast_ref::<String>().map(String::as_str);
            Err(message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("panicked").to_owned())
        }
    }
}
