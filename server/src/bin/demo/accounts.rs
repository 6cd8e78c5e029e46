//! The demo's accounts. Their passwords are for everybody to read; they are checked as if they were not.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use tokio::sync::Semaphore;

/// Somebody who may log in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: &'static str,
    /// To be shown. A server of one's own has the hash alone.
    pub(crate) password: &'static str,
    hash: &'static str,
}

/// All accounts. The hashes are Argon2id with the parameters that the OWASP password storage cheat sheet asks for.
pub(crate) const ACCOUNTS: [Account; 2] = [
    Account {
        username: "alice",
        password: "wonderland",
        hash: "$argon2id$v=19$m=19456,t=2,p=1$oKESkPIaoEMQoD8jbOCJHA$2l7oItVfAg5iMdsSPwqJwLVaXPs9FrejHOk6pIMwHr8",
    },
    Account {
        username: "bob",
        password: "builder",
        hash: "$argon2id$v=19$m=19456,t=2,p=1$XQLvrJ+DnI+lgT6+41r53A$b1lfOMwZtxdPrdSSK2c92SIEN8+vLndgQuG5jFkG7dU",
    },
];

/// Of a random password that nobody knows: what a user that does not exist is checked against.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$MS50csUrN5REssd7NxLesg$YRBbVC4drPb3NYtHKwemaVOMf9ZWvtQPa9D119oueK0";

/// A check takes 19 MiB and a core, so no more than there are cores run at a time; others wait.
static CHECKS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)))
});

/// Somebody at the end of such a queue would wait for seconds.
const MAX_WAITING: usize = 64;
static WAITING: Semaphore = Semaphore::const_new(MAX_WAITING);

/// Why nobody has logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such user, or the password is another one.
    Wrong,
    /// Too many others are being checked.
    Busy,
}

/// The account that these are the credentials of. It takes as long for a user that does not exist.
pub(crate) async fn verify(username: String, password: String) -> Result<&'static Account, Refusal> {
    verify_in(&WAITING, username, password).await
}

async fn verify_in(
    places: &Semaphore,
    username: String,
    password: String,
) -> Result<&'static Account, Refusal> {
    let _place = places.try_acquire().map_err(|_| Refusal::Busy)?;
    check(username, password).await.ok_or(Refusal::Wrong)
}

async fn check(username: String, password: String) -> Option<&'static Account> {
    const TABLE: &[Account] = &ACCOUNTS;
    let permit = Arc::clone(&CHECKS).acquire_owned().await.ok()?;
    let check = tokio::task::spawn_blocking(move || {
        // Held to the end, even if the client hangs up before.
        let _permit = permit;
        let account = TABLE.iter().find(|account| account.username == username);
        let hash = PasswordHash::new(account.map_or(NOBODY, |account| account.hash)).ok()?;
        Argon2::default().verify_password(password.as_bytes(), &hash).ok()?;
        account
    });
    check.await.ok()?
}

/// What `--help` says of them.
pub(crate) fn help() -> String {
    let accounts = ACCOUNTS.map(|Account { username, password, .. }| format!("{username} / {password}"));
    format!("Demo accounts (user name / password): {}", accounts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_password_of_an_account_is_its_own() {
        let verify = async |username: &str, password: &str| verify(username.into(), password.into()).await;
        for account in &ACCOUNTS {
            assert_eq!(verify(account.username, account.password).await, Ok(account));
        }
        for (username, password) in [("alice", "builder"), ("alice", ""), ("Alice", "wonderland"), ("", "")] {
            assert_eq!(verify(username, password).await, Err(Refusal::Wrong), "{username}/{password}");
        }
    }

    #[tokio::test]
    async fn a_queue_has_an_end() {
        let full = Semaphore::new(0);
        let refused = verify_in(&full, "alice".into(), "wonderland".into()).await;
        assert_eq!(refused, Err(Refusal::Busy));
    }

    #[test]
    fn an_unknown_user_costs_the_same_work() {
        let cost = |hash: &'static str| {
            let hash = PasswordHash::new(hash).expect("a hash");
            (hash.algorithm.to_string(), hash.version, hash.params.to_string())
        };
        for account in &ACCOUNTS {
            assert_eq!(cost(account.hash), cost(NOBODY));
        }
    }
}
