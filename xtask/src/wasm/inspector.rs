//! The demo page's inspector: the module with the whole rule book, and its glue.

use std::fs;

use anyhow::{Context, Result};

use super::tools::Tools;
use super::{bindgen, compile};
use crate::workspace;

const GLUE: &str = "glue.js";
const WASM: &str = "inspector.wasm";

/// Builds it into `www/inspector` where its module has changed.
pub(crate) fn build(tools: Option<&Tools>) -> Result<()> {
    let folder = workspace::path("www/inspector");
    let module = compile::module("inspector")?;
    // The module as it was before the optimiser: the same one needs no second run.
    let stamp = workspace::target().join("inspector.stamp");
    let unchanged = fs::read(&stamp).is_ok_and(|last| last == module)
        && [GLUE, WASM].iter().all(|file| folder.join(file).is_file());
    if unchanged {
        return Ok(());
    }
    let bound = bindgen::bind("twinjar_inspector", module.clone())?;
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(GLUE), &bound.glue)?;
    fs::write(folder.join(WASM), &bound.wasm)?;
    if let Some(tools) = tools {
        tools.optimise(&folder.join(WASM))?;
        tools.minify(&folder, &[GLUE.into()])?;
    }
    fs::write(&stamp, module).with_context(|| format!("cannot write {}", stamp.display()))
}
