//! The glue between the module and JavaScript, by wasm-bindgen as a library.

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// A module that is ready to be instantiated, and the JavaScript that does its string passing.
pub(crate) struct Bound {
    pub(crate) wasm: Vec<u8>,
    /// An ES module: the exports as functions, and `__wbg_set_wasm`, which is given the instance.
    pub(crate) glue: String,
}

/// The bundler target's glue: unlike the web target's it brings no loader of its own, the entries have theirs.
pub(crate) fn bind(module: Vec<u8>) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes("twinjar", module)
        .bundler(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen cannot read the module")?;
    // In this mode `js` is the loader that bundlers understand, and `start` the glue itself.
    let glue = output.start().context("wasm-bindgen made no glue")?.clone();
    Ok(Bound { wasm: output.wasm_mut().emit_wasm(), glue })
}
