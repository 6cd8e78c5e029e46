//! The npm package's folder: the hand-written JavaScript and types, the module in three forms, `package.json`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::tools::Tools;
use super::{bundles, formats};
use crate::workspace;

/// A file that is copied into the package.
pub(crate) struct Source {
    pub(crate) from: PathBuf,
    /// Its place in the package.
    pub(crate) to: PathBuf,
}

/// The module's file, for the entries that fetch or read it.
const WASM: &str = "twinjar.wasm";

/// What npm shows and the licences ask for.
const EXTRAS: [(&str, &str); 3] = [
    ("client-wasm/README.md", "README.md"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
];

/// Everything that is copied: `client-wasm/js` as it is, the README and the licences.
pub(crate) fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    collect(&workspace::path("client-wasm/js"), Path::new(""), &mut sources)?;
    for (from, to) in EXTRAS {
        sources.push(Source { from: workspace::path(from), to: to.into() });
    }
    sources.sort_by(|a, b| a.to.cmp(&b.to));
    Ok(sources)
}

/// Writes the package beside its place, then puts it there. Gives its files, relative to the folder.
pub(crate) fn write(module: &[u8], tools: Option<&Tools>, folder: &Path) -> Result<Vec<PathBuf>> {
    let draft = workspace::target().join("npm-package");
    clear(&draft)?;
    for Source { from, to } in sources()? {
        put(&draft.join(to), &fs::read(from)?)?;
    }
    let wasm = draft.join(WASM);
    put(&wasm, module)?;
    put(&draft.join("lib/reasons.js"), formats::reasons().as_bytes())?;
    put(&draft.join("lib/companion-name.js"), formats::companion_name().as_bytes())?;
    if let Some(tools) = tools {
        tools.optimise(&wasm)?;
    }
    put(&draft.join("lib/inlined.js"), inlined(&fs::read(&wasm)?).as_bytes())?;
    put(&draft.join("package.json"), manifest()?.as_bytes())?;
    write_fetching_entries(&draft)?;
    write_common_js_types(&draft)?;
    let modules = files(&draft)?.into_iter().filter(|file| is(file, "js")).collect::<Vec<_>>();
    if let Some(tools) = tools {
        bundles::write(tools, &draft)?;
        let (annotated, plain) =
            modules.into_iter().partition::<Vec<_>, _>(|module| is_annotated(&draft.join(module)));
        tools.minify(&draft, &plain)?;
        tools.minify_annotated(&draft, &annotated)?;
    }
    let files = files(&draft)?;
    clear(folder)?;
    for file in &files {
        put(&folder.join(file), &fs::read(draft.join(file))?)?;
    }
    Ok(files)
}

/// The entries whose module is a file of its own: `index.js` with another engine, one for browsers and one for Node.
fn write_fetching_entries(draft: &Path) -> Result<()> {
    let entry = fs::read_to_string(draft.join("index.js"))?;
    for (name, engine) in [("fetch.js", "fetched-engine"), ("fetch.node.js", "read-engine")] {
        put(&draft.join(name), entry.replacen("inlined-engine", engine, 1).as_bytes())?;
    }
    Ok(())
}

/// The types for `require`: the same declarations, importing each other under their CommonJS names.
fn write_common_js_types(draft: &Path) -> Result<()> {
    for file in files(draft)? {
        let Some(stem) = file.to_str().and_then(|name| name.strip_suffix(".d.ts")) else { continue };
        let types = fs::read_to_string(draft.join(&file))?;
        // A module whose only value is its default export is that value itself.
        let types = types.replace(".js\"", ".cjs\"").replace("export default ", "export = ");
        put(&draft.join(format!("{stem}.d.cts")), types.as_bytes())?;
    }
    Ok(())
}

/// The module as text, for the entries that are ready at once: one character a byte, which `lib/inlined-engine.js`
/// turns back. It compresses a sixth better than base64; each byte is moved up by one because wasm is full of zeros,
/// which need four characters, and nothing outside ASCII is written because a page may be of any encoding.
fn inlined(wasm: &[u8]) -> String {
    let mut js = String::from("export const wasm = \"");
    for byte in wasm.iter().map(|byte| byte.wrapping_add(1)) {
        match byte {
            b'"' | b'\\' => js.extend(['\\', char::from(byte)]),
            b' '..=b'~' => js.push(char::from(byte)),
            _ => {
                let _ = write!(js, "\\x{byte:02x}");
            }
        }
    }
    js.push_str("\";\n");
    js
}

/// `client-wasm/js/package.json` with the workspace's version. As text: the order of conditions in it has a meaning.
fn manifest() -> Result<String> {
    let path = workspace::path("client-wasm/js/package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.replacen("0.0.0", env!("CARGO_PKG_VERSION"), 1))
}

fn collect(folder: &Path, place: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), place.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            collect(&from, &to, sources)?;
        } else {
            sources.push(Source { from, to });
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    collect(folder, Path::new(""), &mut sources)?;
    let mut files = sources.into_iter().map(|source| source.to).collect::<Vec<_>>();
    files.sort();
    Ok(files)
}

fn is_annotated(module: &Path) -> bool {
    fs::read_to_string(module).is_ok_and(|code| code.contains("@__PURE__"))
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn put(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_character() {
        let js = inlined(&[0, 1, 9, 33, 91, 64, 125, 126, 255]);
        assert_eq!(js, "export const wasm = \"\\x01\\x02\\x0a\\\"\\\\A~\\x7f\\x00\";\n");
    }
}
