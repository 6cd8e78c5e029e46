//! What a store holds.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use twinjar_server::store::UserId;
use twinjar_server::store::transfer::Transfer;
use twinjar_server::{Clock, SystemClock};

use super::progress::Progress;

pub(super) async fn print(store: &dyn Transfer) -> Result<()> {
    let mut progress = Progress::start("counted");
    let mut seen = HashSet::new();
    let mut of_user: HashMap<UserId, u64> = HashMap::new();
    let (mut bytes, mut largest, mut aliases) = (0, 0, 0);
    let mut from = None;
    loop {
        let page = store.page(from.as_ref(), SystemClock.now()).await?;
        for session in page.sessions.into_iter().filter(|session| seen.insert(session.key)) {
            let size = session.record.data.as_str().len();
            bytes += size;
            largest = largest.max(size);
            aliases += session.aliases.len();
            if let Some(identity) = &session.record.meta.identity {
                *of_user.entry(identity.user.clone()).or_default() += 1;
            }
            progress.add(1);
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    let sessions = progress.finish();
    let logged_in: u64 = of_user.values().sum();
    println!("sessions                 {sessions}");
    println!("  of users               {logged_in}");
    println!("  of nobody              {}", sessions - logged_in);
    println!("users                    {}", of_user.len());
    println!("most sessions of a user  {}", of_user.values().max().unwrap_or(&0));
    println!("former keys              {aliases}");
    println!("bytes of data            {bytes}");
    println!("  of the largest         {largest}");
    Ok(())
}
