//! `cargo xtask fmt`, `lint` and `ci`: what a change must pass before it lands.

use anyhow::Result;

use crate::{process, provision};

/// The workspace, and the packages that are workspaces of their own.
const MANIFESTS: [&str; 4] = [
    "Cargo.toml",
    "client-wasm/examples/Cargo.toml",
    "shared/fuzz/Cargo.toml",
    "tests/bench/peers/Cargo.toml",
];

/// Formats every Rust file.
pub(crate) fn format() -> Result<()> {
    provision::component("rustfmt")?;
    for manifest in MANIFESTS {
        process::run(
            &format!("Formatting {manifest}"),
            process::cargo(&format!("fmt --all --manifest-path {manifest}")),
        )?;
    }
    Ok(())
}

/// Formatting, lints and documentation, warnings denied.
pub(crate) fn lint() -> Result<()> {
    provision::component("rustfmt")?;
    provision::component("clippy")?;
    provision::wasm_target()?;
    for manifest in MANIFESTS {
        let check = process::cargo(&format!("fmt --all --check --manifest-path {manifest}"));
        process::run(&format!("Checking the format of {manifest}"), check)?;
    }
    clippy("Linting the workspace", "--workspace --all-targets --all-features")?;
    // Each feature of the server library works without the others.
    for features in ["", "sqlite", "redis", "postgres", "near-cache", "express"] {
        clippy(
            &format!("Linting the server library with no feature but \"{features}\""),
            &format!("--package twinjar-server --lib --no-default-features --features={features}"),
        )?;
    }
    // Half of the browser package's code exists only for the browser.
    clippy(
        "Linting the browser package",
        "--package twinjar-client --target wasm32-unknown-unknown --all-targets --features session",
    )?;
    for module in ["package", "inspector"] {
        let what = format!("--no-default-features --features dist,{module}");
        clippy(
            &format!("Linting the browser {module} as it is shipped"),
            &format!("--package twinjar-client --target wasm32-unknown-unknown {what}"),
        )?;
    }
    clippy(
        "Linting the examples for Leptos, Yew and Dioxus",
        "--manifest-path client-wasm/examples/Cargo.toml --target wasm32-unknown-unknown --target-dir target",
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
