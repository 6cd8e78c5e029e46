//! The fuzz targets of `shared/fuzz`, each for a short time: long enough to notice what a change has broken.

use std::ffi::OsStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};

use super::tally::{Count, Row};
use crate::{process, provision, workspace};

pub(super) fn run(seconds: u32) -> Result<Vec<Row>> {
    provision::require([provision::CXX])?;
    let folder = workspace::path("shared/fuzz");
    // The flags that instrument the code count only below that folder.
    let cargo = |arguments: &str| {
        let mut command = process::cargo(arguments);
        command.current_dir(&folder);
        command
    };
    process::run("Building the fuzz targets", cargo("build --release --bins"))?;
    std::fs::create_dir_all(folder.join("artifacts"))?;

    let (targets, next, started) = (targets()?, AtomicUsize::new(0), Instant::now());
    let fuzz = |target: &String| -> Result<bool> {
        let found = folder.join("target/found").join(target);
        std::fs::create_dir_all(&found)?;
        let mut command = cargo(&format!("run --quiet --release --bin {target} --"));
        command.arg(format!("-max_total_time={seconds}")).arg("-artifact_prefix=artifacts/");
        command.arg(found).arg(folder.join("corpus").join(target));
        Ok(process::watch(&format!("Fuzzing {target}"), command)?.success)
    };
    // As many at once as the machine has processors.
    let work = || {
        let mine = std::iter::from_fn(|| targets.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(fuzz).collect::<Result<Vec<_>>>()
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let outcomes = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker panics")).collect::<Result<Vec<_>>>()
    })?;
    let mut count = Count::default();
    for success in outcomes.into_iter().flatten() {
        *if success { &mut count.passed } else { &mut count.failed } += 1;
    }
    let (title, elapsed) = ("Fuzz targets".to_owned(), started.elapsed());
    Ok(vec![Row { title, count, elapsed, failures: String::new() }])
}

/// The targets' names: those of their files.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::path("shared/fuzz/targets");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("rs")) {
            names.extend(path.file_stem().and_then(OsStr::to_str).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}
