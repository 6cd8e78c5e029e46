//! The package's builds in one file: for `require`, and for `<script src>`.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use super::tools::Tools;

/// A module as a universal one: for CommonJS, AMD and, as a global variable, for classic scripts.
struct Universal {
    from: &'static str,
    to: [&'static str; 2],
    global: &'static str,
    /// What the module is, of its ES module's exports.
    value: &'static str,
}

/// The first name is for `require`, the second for `<script src>`; the content is the same.
const UNIVERSAL: [Universal; 2] = [
    Universal { from: "index.js", to: ["index.cjs", "twinjar.umd.js"], global: "twinjar", value: "exported" },
    Universal {
        from: "js-cookie.js",
        to: ["js-cookie.cjs", "js-cookie.umd.js"],
        global: "Cookies",
        value: "exported.default",
    },
];

/// A build for `require` alone.
struct CommonJs {
    from: &'static str,
    to: &'static str,
    /// A module that is not bundled but required under its CommonJS name, so that both have the same classes.
    shared: Option<[&'static str; 2]>,
}

/// The second is for Node alone: it reads the module's file, from where `lib/read-engine.js` does.
const COMMON_JS: [CommonJs; 2] = [
    CommonJs { from: "session.js", to: "session.cjs", shared: Some(["./index.js", "./index.cjs"]) },
    CommonJs { from: "fetch.node.js", to: "lib/fetch.cjs", shared: None },
];

/// Writes them beside the modules that they are made of.
pub(crate) fn write(tools: &Tools, folder: &Path) -> Result<()> {
    for Universal { from, to, global, value } in UNIVERSAL {
        let banner = format!("--banner:js={}", head(global));
        let footer = format!("--footer:js=return {value}}});");
        for to in to {
            tools.bundle(folder, from, to, &["--format=iife", "--global-name=exported", &banner, &footer])?;
        }
    }
    let address = "const moduleUrl=require(\"node:url\").pathToFileURL(__filename).href;";
    let banner = format!("--banner:js={address}");
    for CommonJs { from, to, shared } in COMMON_JS {
        let external = shared.map(|[module, _]| format!("--external:{module}"));
        let mut options = vec!["--format=cjs"];
        match external.as_deref() {
            Some(external) => options.push(external),
            None => options.extend(["--platform=node", "--define:import.meta.url=moduleUrl", &banner]),
        }
        tools.bundle(folder, from, to, &options)?;
        if let Some([module, required]) = shared {
            rename_required(&folder.join(to), module, required)?;
        }
    }
    Ok(())
}

/// A bundler keeps the name of what it leaves out, which is that of an ES module.
fn rename_required(bundle: &Path, from: &str, to: &str) -> Result<()> {
    let code = fs::read_to_string(bundle)?;
    let renamed = code.replace(&format!("require(\"{from}\")"), &format!("require(\"{to}\")"));
    ensure!(renamed != code, "{} does not require {from}", bundle.display());
    Ok(fs::write(bundle, renamed)?)
}

/// The beginning of a universal module. It begins with a semicolon, so that it may follow a script that ends without.
fn head(global: &str) -> String {
    format!(
        ";(function(root,make){{\
         if(typeof module===\"object\"&&module.exports)module.exports=make();\
         else if(typeof define===\"function\"&&define.amd)define(make);\
         else{{var before=root.{global},made=root.{global}=make();\
         made.noConflict=function(){{root.{global}=before;return made}}}}\
         }})(typeof globalThis!==\"undefined\"?globalThis:self,function(){{"
    )
}
