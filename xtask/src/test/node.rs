//! The npm projects of `tests/node`: each folder with a `package.json` is one. And the sizes that the benchmarks of the
//! browser package print, held against their limits.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::tally::Row;
use crate::{process, provision, wasm, workspace};

pub(super) fn run() -> Result<Vec<Row>> {
    provision::node()?;
    let [chromium, firefox] = provision::require([provision::CHROMIUM, provision::FIREFOX])?;
    wasm::build()?;
    let conformance = build_conformance()?;
    let mut rows = Vec::new();
    for project in projects()? {
        provision::npm_ci(&project)?;
        let mut command = provision::npm(&project);
        command
            .arg("test")
            .env("CHROMIUM", &chromium)
            .env("FIREFOX", &firefox)
            .env("TWINJAR_CONFORMANCE", &conformance)
            .env("TWINJAR_PACKAGE", workspace::path("www/pkg"));
        rows.push(Row::run(&format!("Node: {}", name(&project)), &command)?);
    }
    Ok(rows)
}

/// Speaks for the Rust side in comparisons with npm packages.
fn build_conformance() -> Result<PathBuf> {
    let mut build = process::cargo("build --release --package twinjar-shared --example conformance");
    build.arg("--all-features");
    process::run("Building the conformance program", build)?;
    Ok(workspace::binary("release/examples", "conformance"))
}

fn projects() -> Result<Vec<PathBuf>> {
    let folder = workspace::path("tests/node");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut projects = Vec::new();
    for entry in entries {
        let project = entry?.path();
        if project.join("package.json").is_file() {
            projects.push(project);
        }
    }
    projects.push(workspace::path("tests/bench/browser"));
    projects.sort();
    Ok(projects)
}

fn name(project: &Path) -> String {
    project.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
