//! The npm project of `tests/express`: an Express application and the server crate's testbed on one Redis
//! and one PostgreSQL.

use anyhow::Result;

use super::host::CRATES;
use super::tally::Row;
use crate::{process, provision, workspace};

pub(super) fn run() -> Result<Vec<Row>> {
    provision::node()?;
    provision::require([provision::REDIS, provision::POSTGRES])?;
    let project = workspace::path("tests/express");
    provision::npm_ci(&project)?;
    // Chosen as for the Rust tests, which have then built the same already.
    let build = format!("build {CRATES} --example testbed --bin twinjar-server");
    process::run("Building the servers under test", process::cargo(&build))?;
    let mut command = provision::npm(&project);
    command.arg("test").env("TWINJAR_TESTBED", workspace::binary("debug/examples", "testbed"));
    command.env("TWINJAR_SERVER", workspace::binary("debug", "twinjar-server"));
    Ok(vec![Row::run("Express and twinjar", &command)?])
}
