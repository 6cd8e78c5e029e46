//! Changes to a session's data, all or nothing: RFC 7396 merge patches and RFC 6902 JSON patches.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use json_patch::jsonptr::Pointer;
use json_patch::jsonptr::resolve::Resolve;
use json_patch::{PatchErrorKind, PatchOperation};
use serde_json::{Map, Value};

use super::problem::ProblemCode;
use crate::reason::reasons;

/// A patch of a session's data, which is a JSON object.
///
/// ```
/// use twinjar_shared::session::SessionPatch;
///
/// let mut data = serde_json::from_str(r#"{"cart":[7],"note":"old"}"#)?;
/// let body = br#"[{"op":"add","path":"/cart/-","value":9},{"op":"remove","path":"/note"}]"#;
/// let patch = SessionPatch::parse("application/json-patch+json", body)?;
/// patch.apply(&mut data, 65_536)?;
/// assert_eq!(serde_json::to_string(&data)?, r#"{"cart":[7,9]}"#);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// `Debug` prints the kind of patch, not its values.
#[derive(Clone)]
pub struct SessionPatch(Kind);

#[derive(Clone)]
enum Kind {
    Merge(Map<String, Value>),
    Operations(Vec<PatchOperation>),
}

/// What a patch does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Tests or copies it.
    Read,
    /// Changes it.
    Write,
}

reasons! {
    /// Why a patch cannot be read or applied.
    pub enum PatchError {
        /// The media type is of no patch.
        UnsupportedMediaType = "unsupported_media_type", "RFC 5789 section 2.2",
            "Send application/merge-patch+json or application/json-patch+json.",
        /// The body is not JSON.
        MalformedJson = "malformed_json", "RFC 8259", "Send JSON.",
        /// The body is JSON but no patch of this kind.
        MalformedPatch = "malformed_patch", "RFC 7396 section 1, RFC 6902 section 4",
            "Send an object as a merge patch, or an array of operations as a JSON patch.",
        /// The patch would replace the whole data.
        WholeDocument = "malformed_patch", "RFC 6902 section 4",
            "Name an entry of the session in every path: the data as a whole cannot be replaced.",
        /// A test failed.
        TestFailed = "patch_failed", "RFC 6902 section 4.6", "Read the data again: a test of the patch failed.",
        /// A path leads nowhere.
        PathNotFound = "patch_failed", "RFC 6902 section 4",
            "Read the data again: a path of the patch leads to nothing.",
        /// The copies are larger than allowed.
        TooLarge = "value_too_large", "RFC 6902 section 4.5", "Copy less: the patch makes the data too large.",
        /// The data would be nested too deeply to be read again.
        TooDeep = "value_rejected", "RFC 8259 section 9", "Nest less deeply: data may have 120 levels.",
    }
}

impl SessionPatch {
    /// The media type of an RFC 7396 patch.
    pub const MERGE: &'static str = "application/merge-patch+json";

    /// The media type of an RFC 6902 patch.
    pub const JSON: &'static str = "application/json-patch+json";

    /// Reads a patch of the kind that the `Content-Type` says; its parameters are ignored.
    ///
    /// # Errors
    ///
    /// [`PatchError`] if the type is of no patch, or the body is not one of that type.
    pub fn parse(content_type: &str, body: &[u8]) -> Result<Self, PatchError> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim_ascii();
        if media_type.eq_ignore_ascii_case(Self::MERGE) {
            match read(body)? {
                Value::Object(patch) => Ok(Self(Kind::Merge(patch))),
                _ => Err(PatchError::MalformedPatch),
            }
        } else if media_type.eq_ignore_ascii_case(Self::JSON) {
            let operations: Vec<PatchOperation> =
                serde_json::from_value(read(body)?).map_err(|_| PatchError::MalformedPatch)?;
            if operations.iter().any(|operation| paths(operation).any(|(path, _)| path.is_root())) {
                return Err(PatchError::WholeDocument);
            }
            Ok(Self(Kind::Operations(operations)))
        } else {
            Err(PatchError::UnsupportedMediaType)
        }
    }

    /// The entries that the patch reads or writes: an entry may be there once for each.
    #[must_use]
    pub fn accesses(&self) -> BTreeSet<(String, Access)> {
        match &self.0 {
            Kind::Merge(patch) => patch.keys().map(|key| (key.clone(), Access::Write)).collect(),
            Kind::Operations(operations) => operations
                .iter()
                .flat_map(paths)
                .filter_map(|(path, access)| Some((path.first()?.decoded().into_owned(), access)))
                .collect(),
        }
    }

    /// Applies the patch, or leaves `data` as it is. Copied values may have `max_copied_bytes` of JSON in all:
    /// copies of copies grow without bound otherwise.
    ///
    /// # Errors
    ///
    /// [`PatchError`] if a test fails, a path leads nowhere, or the copies are too large.
    pub fn apply(&self, data: &mut Map<String, Value>, max_copied_bytes: usize) -> Result<(), PatchError> {
        let mut document = Value::Object(data.clone());
        match &self.0 {
            Kind::Merge(patch) => json_patch::merge(&mut document, &Value::Object(patch.clone())),
            Kind::Operations(operations) => {
                let mut budget = max_copied_bytes;
                for operation in operations {
                    apply_one(&mut document, operation, &mut budget)?;
                }
            }
        }
        if let Value::Object(patched) = document {
            *data = patched;
        }
        Ok(())
    }
}

impl fmt::Debug for SessionPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Merge(patch) => write!(f, "SessionPatch(merge of {} entries)", patch.len()),
            Kind::Operations(operations) => write!(f, "SessionPatch({} operations)", operations.len()),
        }
    }
}

impl From<PatchError> for ProblemCode {
    fn from(error: PatchError) -> Self {
        Self::of(error.code())
    }
}

fn read(body: &[u8]) -> Result<Value, PatchError> {
    serde_json::from_slice(body).map_err(|_| PatchError::MalformedJson)
}

/// The one or two paths of an operation.
fn paths(operation: &PatchOperation) -> impl Iterator<Item = (&Pointer, Access)> {
    let (from, access) = match operation {
        PatchOperation::Move(op) => (Some((&*op.from, Access::Write)), Access::Write),
        PatchOperation::Copy(op) => (Some((&*op.from, Access::Read)), Access::Write),
        PatchOperation::Test(_) => (None, Access::Read),
        PatchOperation::Add(_) | PatchOperation::Remove(_) | PatchOperation::Replace(_) => {
            (None, Access::Write)
        }
    };
    from.into_iter().chain([(operation.path(), access)])
}

/// The levels of nesting that a patch may build. Parsers and `Drop` recurse, so the depth needs a bound.
const MAX_DEPTH: usize = 120;

fn apply_one(document: &mut Value, operation: &PatchOperation, budget: &mut usize) -> Result<(), PatchError> {
    let placed = match operation {
        PatchOperation::Add(op) => Some(&op.value),
        PatchOperation::Replace(op) => Some(&op.value),
        PatchOperation::Move(op) => Some(at(document, &op.from)?),
        PatchOperation::Copy(op) => {
            let copied = at(document, &op.from)?;
            let size = serde_json::to_vec(copied).map_err(|_| PatchError::TooLarge)?.len();
            *budget = budget.checked_sub(size).ok_or(PatchError::TooLarge)?;
            Some(copied)
        }
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    };
    if placed.is_some_and(|value| operation.path().count() + depth(value) > MAX_DEPTH) {
        return Err(PatchError::TooDeep);
    }
    json_patch::patch_unsafe(document, core::slice::from_ref(operation)).map_err(|error| match error.kind {
        PatchErrorKind::TestFailed => PatchError::TestFailed,
        _ => PatchError::PathNotFound,
    })
}

fn at<'a>(document: &'a Value, path: &Pointer) -> Result<&'a Value, PatchError> {
    document.resolve(path).map_err(|_| PatchError::PathNotFound)
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

#[cfg(test)]
mod tests;
