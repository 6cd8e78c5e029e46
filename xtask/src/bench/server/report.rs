//! The tables: medians over the rounds, and ratios to bare axum taken within each round.

use std::time::Duration;

use super::contender::{BASE, Cpu};
use super::load::Outcome;
use super::side::{INCREMENTS, Side, WAYS};

/// One load of one server on one route.
pub(in crate::bench) struct Sample {
    pub(in crate::bench) outcome: Outcome,
    pub(in crate::bench) spent: Cpu,
}

pub(in crate::bench) struct Report {
    // In the order they came: every server's first round before any server's second.
    samples: Vec<(&'static str, &'static str, Sample)>,
    sides: Vec<(&'static str, Side)>,
}

/// Two servers that are set in relation.
pub(in crate::bench) struct Pair<const ROUTES: usize> {
    pub(in crate::bench) one: &'static str,
    pub(in crate::bench) other: &'static str,
    /// How many times as many requests a second the one is meant to answer, or how many times as much time it may
    /// take, on each route; 0: as may be.
    pub(in crate::bench) goals: [f64; ROUTES],
}

impl Sample {
    fn rate(&self) -> f64 {
        self.count() / self.outcome.elapsed.as_secs_f64()
    }

    fn user(&self) -> f64 {
        self.each(self.spent.user)
    }

    fn system(&self) -> f64 {
        self.each(self.spent.system)
    }

    fn count(&self) -> f64 {
        self.outcome.requests as f64
    }

    // Microseconds for each request.
    fn each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.count()
    }
}

impl Report {
    pub(in crate::bench) const fn new() -> Self {
        Self { samples: Vec::new(), sides: Vec::new() }
    }

    pub(in crate::bench) fn add(&mut self, route: &'static str, server: &'static str, sample: Sample) {
        self.samples.push((route, server, sample));
    }

    pub(super) fn add_side(&mut self, server: &'static str, side: Side) {
        self.sides.push((server, side));
    }

    /// A table for each route.
    pub(in crate::bench) fn print_load(&self) {
        for route in distinct(self.samples.iter().map(|(route, _, _)| *route)) {
            println!(
                "\n{route:<30} {:>10} {:>8} {:>9} {:>9} {:>11} {:>9} {:>9}",
                "req/s", "x axum", "user us", "sys us", "user +axum", "p50 us", "p99 us"
            );
            let base = self.of(route, BASE);
            for server in distinct(self.samples.iter().map(|(_, server, _)| *server)) {
                let own = self.of(route, server);
                let within = |compare: fn(&Sample, &Sample) -> f64| {
                    median(own.iter().zip(&base).map(|(own, base)| compare(own, base)))
                };
                println!(
                    "  {server:<28} {:>10.0} {:>8.3} {:>9.2} {:>9.2} {:>+11.2} {:>9.0} {:>9.0}",
                    median(own.iter().map(|sample| sample.rate())),
                    within(|own, base| own.rate() / base.rate()),
                    median(own.iter().map(|sample| sample.user())),
                    median(own.iter().map(|sample| sample.system())),
                    within(|own, base| own.user() - base.user()),
                    median(own.iter().map(|sample| sample.outcome.median.as_micros() as f64)),
                    median(own.iter().map(|sample| sample.outcome.p99.as_micros() as f64)),
                );
            }
        }
    }

    /// How much faster one server is than another, of each pair, beside its goal; the median of the rounds.
    pub(in crate::bench) fn print_ratios<const ROUTES: usize>(&self, pairs: &[Pair<ROUTES>]) {
        self.print_pairs("Requests a second, in relation; in brackets, the goal", pairs, Sample::rate);
    }

    /// How much more of the processor's time one server takes than another, of each pair, beside its limit.
    pub(in crate::bench) fn print_costs<const ROUTES: usize>(&self, pairs: &[Pair<ROUTES>]) {
        let cost = |sample: &Sample| sample.user() + sample.system();
        self.print_pairs("Processor time, in relation; in brackets, the limit", pairs, cost);
    }

    fn print_pairs<const ROUTES: usize>(
        &self,
        title: &str,
        pairs: &[Pair<ROUTES>],
        measure: impl Fn(&Sample) -> f64,
    ) {
        let routes = distinct(self.samples.iter().map(|(route, _, _)| *route));
        print!("\n{title:<58}");
        routes.iter().for_each(|route| print!(" {route:>16}"));
        println!();
        for Pair { one, other, goals } in pairs {
            print!("  {:<56}", format!("{one} / {other}"));
            for (route, goal) in routes.iter().zip(goals) {
                let (one, other) = (self.of(route, one), self.of(route, other));
                let ratios = one.iter().zip(&other).map(|(one, other)| measure(one) / measure(other));
                let goal = if *goal > 0.0 { format!("({goal:.1})") } else { String::new() };
                print!(" {:>9.2} {goal:>6}", median(ratios));
            }
            println!();
        }
    }

    /// Memory and lost updates.
    pub(super) fn print_side(&self, sessions: u32) {
        println!("\nResident memory for each of {sessions} sessions, in bytes");
        for (server, side) in &self.sides {
            println!("  {server:<28} {:>10}", side.bytes);
        }
        println!("\nLost of {INCREMENTS} parallel increments{:>9} {:>12} {:>12}", WAYS[0], WAYS[1], WAYS[2]);
        for (server, side) in &self.sides {
            let line = |name: &str, lost: [u32; 3]| {
                println!("  {name:<30} {:>7} {:>12} {:>12}", lost[0], lost[1], lost[2]);
            };
            line(server, side.lost);
            if let Some(lost) = side.lost_in_turns {
                line(&format!("{server}, exclusive"), lost);
            }
        }
    }

    fn of(&self, route: &str, server: &str) -> Vec<&Sample> {
        let wanted = |(at, of, sample)| (at == route && of == server).then_some(sample);
        self.samples.iter().map(|(at, of, sample)| (*at, *of, sample)).filter_map(wanted).collect()
    }
}

fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => f64::midpoint(values[len / 2 - 1], values[len / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }
}
