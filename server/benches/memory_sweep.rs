//! How long sweeping expired sessions out of the memory store keeps a request waiting.
//!
//! `cargo bench -p twinjar-server --bench memory_sweep -- 10000000` fills a store with as many sessions (default: a
//! million), lets them all expire at once, and sweeps. Between two steps of a sweep, requests have their turn: no lock
//! is held for longer than the longest step. Meanwhile another thread loads sessions and notes the slowest.
//!
//! Where other programs use the machine, they take it away from a step or a load for a while. On Linux, the longest step is
//! also given by the processor's time it took, which leaves that out.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use twinjar_server::store::{MemoryLimits, MemoryStore, Meta, Record, SessionData, SessionStore};
use twinjar_server::{Handle, StoreKey, UnixMillis};

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const LIFE: Duration = Duration::from_secs(1800);

fn main() {
    let sessions = sessions_asked_for();
    let store = MemoryStore::with_limits(MemoryLimits { sessions, data_bytes: usize::MAX });
    let filling = Instant::now();
    let keys: Vec<StoreKey> = (0..sessions).map(|_| StoreKey::from_bytes(rand::random())).collect();
    for key in &keys {
        assert!(ready(store.create(key, record().into(), NOW)));
    }
    println!("{sessions} sessions, made in {:?}", filling.elapsed());

    let done = Arc::new(AtomicBool::new(false));
    let reader = std::thread::spawn({
        let (store, done) = (store.clone(), Arc::clone(&done));
        move || load_until(&store, &keys, &done)
    });
    let mut steps = Vec::new();
    let mut busy = Vec::new();
    let mut swept = 0;
    while swept < sessions as u64 {
        swept += sweep(&store, &mut steps, &mut busy);
    }
    done.store(true, Ordering::Relaxed);
    let mut loads = reader.join().expect("the reader ends");
    steps.sort();
    busy.sort();
    loads.sort();
    println!(
        "sweep: {} steps, half of them within {:?}, the longest {:?}",
        steps.len(),
        at(&steps, 0.5),
        at(&steps, 1.0)
    );
    println!(
        "of the processor's time: 99.9 % within {:?}, the longest {:?}",
        at(&busy, 0.999),
        at(&busy, 1.0)
    );
    println!(
        "loads meanwhile: {}, 99.9 % within {:?}, the slowest {:?}",
        loads.len(),
        at(&loads, 0.999),
        at(&loads, 1.0)
    );
    assert!(store.is_empty());
}

/// Benchmarks get `--bench`; without it this is a test run, and a few will do.
fn sessions_asked_for() -> usize {
    let mut arguments = std::env::args().skip(1);
    let number = arguments.find_map(|argument| argument.parse().ok());
    let measured = std::env::args().any(|argument| argument == "--bench");
    number.unwrap_or(if measured { 1_000_000 } else { 10_000 })
}

fn record() -> Record {
    let meta = Meta {
        handle: Handle::generate(),
        created_at: NOW,
        absolute_deadline: NOW + LIFE * 24,
        idle_timeout: LIFE,
        persistent: false,
        identity: None,
    };
    let data = SessionData::parse(r#"{"n":1}"#).expect("an object");
    Record { data, revision: 1, deadline: NOW + LIFE, seen_at: NOW, meta }
}

/// One call, step by step.
fn sweep(store: &MemoryStore, steps: &mut Vec<Duration>, busy: &mut Vec<Duration>) -> u64 {
    let mut context = Context::from_waker(Waker::noop());
    let mut sweeping = pin!(store.sweep(NOW + LIFE));
    loop {
        let (start, worked) = (Instant::now(), processor_time());
        let step = sweeping.as_mut().poll(&mut context);
        busy.push(processor_time().saturating_sub(worked));
        steps.push(start.elapsed());
        if let Poll::Ready(swept) = step {
            return swept.expect("memory does not fail");
        }
    }
}

/// Of this thread.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().expect("no clock goes back")
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}

fn load_until(store: &MemoryStore, keys: &[StoreKey], done: &AtomicBool) -> Vec<Duration> {
    let mut loads = Vec::new();
    for key in keys.iter().cycle().step_by(7919) {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let start = Instant::now();
        let loaded = ready(store.load(key, NOW));
        loads.push(start.elapsed());
        std::hint::black_box(&loaded);
    }
    loads
}

fn ready<T, E: std::fmt::Debug>(future: impl Future<Output = Result<T, E>>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(outcome) => outcome.expect("memory does not fail"),
        Poll::Pending => panic!("memory does not wait"),
    }
}

/// The value below which this share of a sorted row lies.
fn at(sorted: &[Duration], share: f64) -> Duration {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let index = (share * (sorted.len() - 1) as f64).round() as usize;
    sorted[index]
}
