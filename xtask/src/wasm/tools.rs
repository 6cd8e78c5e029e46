//! The wasm optimiser and the JavaScript minifier, from npm, pinned by `xtask/npm/package-lock.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{process, provision, workspace};

/// What an optimiser may use: the features of every browser that the package supports.
const WASM_FEATURES: [&str; 6] = [
    "--enable-reference-types",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// The oldest JavaScript that is written: browsers of 2022.
const JS_TARGET: &str = "--target=es2022";

pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// The tools, installed where the lock file asks for others; `None`, with a notice, where there is no npm.
    pub(crate) fn find() -> Result<Option<Self>> {
        if provision::NPM.find().is_none() {
            eprintln!(
                "npm is not installed: the package is built larger, and without its CommonJS and classic scripts"
            );
            return Ok(None);
        }
        let folder = workspace::path("xtask/npm");
        provision::npm_ci(&folder)?;
        Ok(Some(Self { folder }))
    }

    /// Makes a module smaller.
    pub(crate) fn optimise(&self, wasm: &Path) -> Result<()> {
        let mut command = self.program("wasm-opt");
        // The lowest addresses are the end of the stack, which is never reached.
        command.args(["-Oz", "--converge", "--low-memory-unused", "--strip-target-features"]);
        command.args(WASM_FEATURES);
        command.arg(wasm).arg("--output").arg(wasm);
        process::run("Optimising the module", command)?;
        Ok(())
    }

    /// Minifies ES modules in place, each by itself.
    pub(crate) fn minify(&self, folder: &Path, modules: &[PathBuf]) -> Result<()> {
        self.rewrite("Minifying the JavaScript", folder, modules, &["--minify"])
    }

    /// Minifies but for the white space: with it the minifier removes the `@__PURE__` comments by which bundlers drop
    /// what is not used.
    pub(crate) fn minify_annotated(&self, folder: &Path, modules: &[PathBuf]) -> Result<()> {
        let options = ["--minify-identifiers", "--minify-syntax"];
        self.rewrite("Minifying the annotated JavaScript", folder, modules, &options)
    }

    fn rewrite(&self, title: &str, folder: &Path, modules: &[PathBuf], options: &[&str]) -> Result<()> {
        let mut command = self.program("esbuild");
        command.current_dir(folder).args(modules).args(options);
        command.args(["--format=esm", JS_TARGET, "--outdir=.", "--outbase=.", "--allow-overwrite"]);
        process::run(title, command)?;
        Ok(())
    }

    /// Makes one file of a module and all that it imports, with further options of esbuild.
    pub(crate) fn bundle(&self, folder: &Path, from: &str, to: &str, options: &[&str]) -> Result<()> {
        let mut command = self.program("esbuild");
        command.current_dir(folder).args([from, "--bundle", "--minify", JS_TARGET, "--log-level=error"]);
        command.arg(format!("--outfile={to}")).args(options);
        process::run(&format!("Bundling {to}"), command)?;
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("node_modules").join(".bin").join(name))
    }
}
