//! `cargo xtask express-demo`: an Express application and a twinjar server on one Redis, behind one address.

use std::process::Command;

use anyhow::Result;

use crate::{demo, provision, wasm, workspace};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port of the page; 0 takes a free one.
    #[arg(long, default_value_t = 8082)]
    port: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let node = provision::node()?;
    provision::require([provision::REDIS])?;
    let project = workspace::path("tests/express");
    provision::npm_ci(&project)?;
    wasm::build()?;
    demo::build_server(false)?;
    let mut demo = Command::new(node);
    demo.arg(project.join("demo/demo.mjs")).env("PORT", options.port.to_string());
    demo.env("TWINJAR_SERVER", workspace::binary("debug", "twinjar-server"));
    demo::hand_over(demo)
}
