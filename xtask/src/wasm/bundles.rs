//! The package's builds in one file: for `require`, and for `<script src>`.

use std::path::Path;

use anyhow::Result;

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

/// Builds for `require` alone. The second reads the module's file, from where `lib/read-engine.js` does.
const COMMON_JS: [[&str; 2]; 2] = [["session.js", "session.cjs"], ["fetch.node.js", "lib/fetch.cjs"]];

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
    for [from, to] in COMMON_JS {
        let banner = format!("--banner:js={address}");
        let options = ["--format=cjs", "--platform=node", "--define:import.meta.url=moduleUrl", &banner];
        tools.bundle(folder, from, to, &options)?;
    }
    Ok(())
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
