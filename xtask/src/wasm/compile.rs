//! The crate as wasm modules, by cargo.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{process, workspace};

/// Compiles what a feature of the crate exports for browsers and reads the module.
///
/// The crate itself is an `rlib` only: declared as `cdylib` and `rlib` together it would lose link-time optimisation.
pub(crate) fn module(feature: &str) -> Result<Vec<u8>> {
    let path = output();
    let mut cargo = process::cargo("rustc --package twinjar-client --lib --crate-type cdylib");
    cargo.args(["--profile", "dist", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["--no-default-features", "--features", &format!("dist,{feature}")]);
    process::run(&format!("Compiling the browser {feature}"), cargo)?;
    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn output() -> PathBuf {
    workspace::target().join("wasm32-unknown-unknown").join("dist").join("twinjar_client.wasm")
}
