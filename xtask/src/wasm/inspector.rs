//! The demo page's inspector: the module with the whole rule book, and its glue.

use std::fs;

use anyhow::Result;

use super::stamp::Inputs;
use super::tools::Tools;
use super::{bindgen, compile};
use crate::workspace;

const GLUE: &str = "glue.js";
const WASM: &str = "inspector.wasm";

/// Builds it into `www/inspector` where anything it is made of has changed.
pub(crate) fn build(tools: Option<&Tools>) -> Result<()> {
    let folder = workspace::path("www/inspector");
    let module = compile::module("inspector")?;
    let inputs = Inputs::of("inspector", &module, tools.is_some(), &[])?;
    if inputs.unchanged(&folder) {
        return Ok(());
    }
    let bound = bindgen::bind("twinjar_inspector", module)?;
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(GLUE), &bound.glue)?;
    fs::write(folder.join(WASM), &bound.wasm)?;
    if let Some(tools) = tools {
        tools.optimise(&folder.join(WASM))?;
        tools.minify(&folder, &[GLUE.into()])?;
    }
    inputs.keep(vec![GLUE.into(), WASM.into()])
}
