//! `cargo xtask fmt`, `lint` and `ci`: what a change must pass before it lands.

use anyhow::Result;

use crate::{process, provision};

/// Formats every Rust file of the workspace.
pub(crate) fn format() -> Result<()> {
    provision::component("rustfmt")?;
    process::run("Formatting", process::cargo("fmt --all"))?;
    Ok(())
}

/// Formatting, lints and documentation, warnings denied.
pub(crate) fn lint() -> Result<()> {
    provision::component("rustfmt")?;
    provision::component("clippy")?;
    provision::wasm_target()?;
    process::run("Checking the format", process::cargo("fmt --all --check"))?;
    clippy("Linting the workspace", "--workspace --all-targets --all-features")?;
    // Half of the browser package's code exists only for the browser.
    clippy(
        "Linting the browser package",
        "--package twinjar-client --target wasm32-unknown-unknown --all-targets",
    )?;
    let mut documentation = process::cargo("doc --workspace --no-deps --all-features");
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    process::run("Building the documentation", documentation)?;
    Ok(())
}

fn clippy(title: &str, what: &str) -> Result<()> {
    process::run(title, process::cargo(&format!("clippy {what} -- -D warnings")))?;
    Ok(())
}
