//! The keys that pages may see.

use std::fmt;

use twinjar_shared::session::{Problem, ProblemCode};

use super::SessionApi;
use crate::session::ReadKey;

/// A key, whether pages may write it, and whether a JSON text is of its type.
pub(super) struct Exposed {
    pub(super) name: Box<str>,
    writable: bool,
    size_limit: usize,
    check: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Exposed {
    pub(super) fn new<T>(key: impl ReadKey<T> + Send + Sync + 'static, writable: bool) -> Self {
        let (name, size_limit) = (key.name().into(), key.size_limit());
        Self { name, writable, size_limit, check: Box::new(move |json| key.decode(json).is_ok()) }
    }

    /// Whether `json` may become the value.
    pub(super) fn accepts(&self, json: &str) -> Result<(), Problem> {
        if json.len() > self.size_limit {
            let detail = format!("The key {:?} takes at most {} bytes of JSON.", self.name, self.size_limit);
            return Err(Problem::new(ProblemCode::ValueTooLarge, detail));
        }
        if (self.check)(json) {
            return Ok(());
        }
        let detail = format!("The value is not of the type that the key {:?} has.", self.name);
        Err(Problem::new(ProblemCode::ValueRejected, detail))
    }
}

impl SessionApi {
    /// The keys that pages may read.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.exposed.iter().map(|exposed| &*exposed.name)
    }

    pub(super) fn readable(&self, key: &str) -> Result<&Exposed, Problem> {
        self.exposed.iter().find(|exposed| *exposed.name == *key).ok_or_else(|| {
            Problem::new(ProblemCode::KeyNotExposed, "The application does not expose this key to pages.")
        })
    }

    pub(super) fn writable(&self, key: &str) -> Result<&Exposed, Problem> {
        let exposed = self.readable(key)?;
        if exposed.writable {
            return Ok(exposed);
        }
        Err(Problem::new(ProblemCode::KeyReadOnly, format!("The key {key:?} is for reading alone.")))
    }
}

impl fmt::Debug for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exposed")
            .field("name", &self.name)
            .field("writable", &self.writable)
            .finish_non_exhaustive()
    }
}
