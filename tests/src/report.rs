//! What tests bring along and what they tell.

use std::io::Write;
use std::path::PathBuf;

/// Says what a test has measured, also when it passes: the test runner keeps to itself what tests print.
pub fn report(measured: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "measured: {measured}");
}

/// The script of axe-core, which judges a page's accessibility: the file that `TWINJAR_AXE` names, or the one that npm
/// has put into `tests/axe`.
///
/// # Panics
///
/// Where there is none.
#[must_use]
pub fn axe() -> String {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/axe/node_modules/axe-core/axe.min.js");
    let file = std::env::var_os("TWINJAR_AXE").map_or_else(|| PathBuf::from(installed), PathBuf::from);
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}: run `npm ci` in tests/axe, or `cargo xtask test --only browser`", file.display())
    })
}
