//! `cargo xtask wasm`: the npm package, built into `www/pkg`, and the demo page's inspector, into `www/inspector`.
//!
//! The crate becomes a module (`compile`), gets its glue (`bindgen`) and is optimised with tools from npm where npm is
//! there (`tools`); `package` lays it out with the JavaScript and the types of `client-wasm/js`. A run whose inputs
//! are those of the last one (`stamp`) stops after cargo has had its look.

mod bindgen;
mod bundles;
mod compile;
mod formats;
mod inspector;
mod package;
mod stamp;
mod tools;

use anyhow::Result;

use crate::{provision, workspace};

/// Builds the package into `www/pkg` where anything it is made of has changed.
///
/// # Errors
///
/// Where a step fails; its output has been shown. The package of the last run is left as it was.
pub(crate) fn build() -> Result<()> {
    let folder = workspace::path("www/pkg");
    provision::wasm_target()?;
    let module = compile::module("package")?;
    let tools = tools::Tools::find()?;
    let inputs = stamp::Inputs::of("npm-package", &module, tools.is_some(), &package::sources()?)?;
    if !inputs.unchanged(&folder) {
        let module = bindgen::bind_numbers("twinjar", module)?;
        let files = package::write(&module, tools.as_ref(), &folder)?;
        inputs.keep(files)?;
    }
    inspector::build(tools.as_ref())
}
