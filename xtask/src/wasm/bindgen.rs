//! Modules as wasm-bindgen makes them, by wasm-bindgen as a library.

use anyhow::{Context, Result, ensure};
use walrus::ModuleConfig;
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

/// A module that is ready to be instantiated, and the JavaScript that does its string passing.
pub(crate) struct Bound {
    pub(crate) wasm: Vec<u8>,
    /// An ES module: the exports as functions, and `__wbg_set_wasm`, which is given the instance.
    pub(crate) glue: String,
}

/// The bundler target's glue: unlike the web target's it brings no loader of its own, the entries have theirs.
pub(crate) fn bind(name: &str, module: Vec<u8>) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes(name, module)
        .bundler(true)?
        .typescript(false)
        // Every browser of the last years has it.
        .encode_into(EncodeInto::Always)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen cannot read the module")?;
    // In this mode `js` is the loader that bundlers understand, and `start` the glue itself.
    let glue = output.start().context("wasm-bindgen made no glue")?.clone();
    for name in UNUSED_EXPORTS {
        // An export that this version of wasm-bindgen does not make needs no removal.
        let _ = output.wasm_mut().exports.remove(name);
    }
    Ok(Bound { wasm: output.wasm_mut().emit_wasm(), glue })
}

/// A module whose exports take and give numbers alone: JavaScript calls them as they are, without any glue.
///
/// # Errors
///
/// Where wasm-bindgen cannot read the module, or the module needs glue after all.
pub(crate) fn bind_numbers(name: &str, module: Vec<u8>) -> Result<Vec<u8>> {
    let mut module =
        ModuleConfig::new().generate_producers_section(false).parse(&bind(name, module)?.wasm)?;
    // It would make room for JavaScript objects.
    module.start = None;
    walrus::passes::gc::run(&mut module);
    let imports = module.imports.iter().map(|import| import.name.as_str()).collect::<Vec<_>>();
    ensure!(
        imports.is_empty(),
        "the module imports {imports:?}: its exports may take and give numbers alone"
    );
    Ok(module.emit_wasm())
}

/// The table of JavaScript objects and its start, of which no function here has any, and what tells of a lost instance.
const UNUSED_EXPORTS: [&str; 4] =
    ["__wbindgen_start", "__wbindgen_externrefs", "__abort_handler", "__instance_terminated"];
