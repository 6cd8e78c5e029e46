//! `cargo bench -p twinjar-shared --bench ratios`: how many times faster than its peer each case is, as a table.
//!
//! Rounds of both sides alternate, so that what slows the machine down slows both. Medians are shown.
//! Ends with status 1 if a target is missed.

#![allow(missing_docs)]

mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use support::Case;

/// How many times faster than its peer a task has to be.
const TARGETS: [(&str, f64); 4] = [
    ("parse a header of 20 cookies", 4.0),
    ("find one name among 20", 10.0),
    ("build a Set-Cookie value", 3.0),
    ("verify a signed value", 1.0 / 1.3),
];

const ROUNDS: usize = 101;
const ROUND: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    println!("| task | twinjar | peer | peer's | times faster | at least |");
    println!("|---|---|---|---|---|---|");
    let mut reached = true;
    for case in support::cases() {
        let (ours, theirs, ratio) = measure(&case);
        let target = TARGETS.iter().find(|(name, _)| *name == case.name).map(|&(_, target)| target);
        reached &= target.is_none_or(|target| ratio >= target);
        println!(
            "| {} | {ours:.0} ns | {} | {theirs:.0} ns | {ratio:.2} | {} |",
            case.name,
            case.peer,
            target.map_or("–".to_owned(), |target| format!("{target:.2}")),
        );
    }
    if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The median times of both sides in nanoseconds, and the median of the rounds' ratios.
fn measure(case: &Case) -> (f64, f64, f64) {
    let (our_turns, their_turns) = (turns(&case.ours), turns(&case.theirs));
    let rounds: Vec<_> =
        (0..ROUNDS).map(|_| (time(&case.ours, our_turns), time(&case.theirs, their_turns))).collect();
    (
        median(rounds.iter().map(|round| round.0).collect()),
        median(rounds.iter().map(|round| round.1).collect()),
        median(rounds.iter().map(|(ours, theirs)| theirs / ours).collect()),
    )
}

/// How often a task fits into a round.
fn turns(task: &dyn Fn()) -> u32 {
    let start = Instant::now();
    let mut turns = 0;
    while start.elapsed() < ROUND {
        task();
        turns += 1;
    }
    turns
}

fn time(task: &dyn Fn(), turns: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..turns {
        task();
    }
    start.elapsed().as_nanos() as f64 / f64::from(turns)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
