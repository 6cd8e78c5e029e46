//! What the JavaScript knows of the formats, written from their definition: text and constants are smaller there than
//! in the wasm module.

use std::fmt::Write;

use twinjar_shared::cookie::limits::MAX_LIFETIME_SECONDS;
use twinjar_shared::cookie::{NameError, PathError, ValueError};
use twinjar_shared::policy::{Note, Refusal};
use twinjar_shared::session::Companion;

/// `lib/reasons.js`: every reason in the order of `client-wasm/src/package.rs`, the places of those that browsers give,
/// and the notes that a check gives.
///
/// The reasons are one text, a line for each code and each sentence: that compresses better than a list.
pub(crate) fn reasons() -> String {
    let mut lines = Vec::new();
    macro_rules! list {
        ($($list:ident)*) => {
            $(for reason in $list::ALL {
                lines.extend([reason.code(), reason.message()]);
            })*
        };
    }
    list!(Refusal NameError ValueError PathError);
    lines.extend([Note::AttributeTooLong.code(), Note::AttributeTooLong.message()]);
    let mut js = format!("export const REASONS = {:?};\n\n", lines.join("\n"));
    for (place, refusal) in Refusal::ALL.iter().enumerate() {
        let _ = writeln!(js, "export const {} = {place};", refusal.code().to_uppercase());
    }
    js.push_str("\nexport const NOTES = {\n");
    for note in [Note::PathElsewhere, Note::LifetimeClamped] {
        let _ = writeln!(js, "  {}: {:?},", note.code(), note.message());
    }
    let _ = write!(js, "}};\n\n/** In seconds. */\nexport const MAX_LIFETIME = {MAX_LIFETIME_SECONDS};\n");
    js
}

/// `lib/companion-name.js`: what the companion cookie is called unless the application says otherwise.
pub(crate) fn companion_name() -> String {
    format!("export const COMPANION_NAME = {:?};\n", Companion::DEFAULT_NAME.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_literals_are_javascript_ones() {
        let module = reasons();
        assert!(module.contains("\\ntoo_large\\n"));
        assert!(module.contains("export const CONTROL_CHARACTER = 0;"));
        // The escapes that the languages do not share.
        assert!(!module.contains("\\u{") && !module.contains("\\'"), "{module}");
        assert_eq!(companion_name(), "export const COMPANION_NAME = \"__Host-session-state\";\n");
    }
}
