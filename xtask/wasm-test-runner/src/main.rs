//! Runs the wasm crate's tests in a browser: wasm-bindgen's own runner as a program of this workspace, so that its
//! version is the glue's and nothing is installed by hand. Cargo calls it, see `.cargo/config.toml`.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
