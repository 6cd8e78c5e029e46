//! `cargo bench -p twinjar-shared --bench formats`: every case with criterion, ours and the peer's.

#![allow(missing_docs)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};

fn formats(criterion: &mut Criterion) {
    for case in support::cases() {
        let mut group = criterion.benchmark_group(case.name);
        group.bench_function("twinjar", |bencher| bencher.iter(&case.ours));
        group.bench_function(case.peer, |bencher| bencher.iter(&case.theirs));
        group.finish();
    }
}

criterion_group!(benches, formats);
criterion_main!(benches);
