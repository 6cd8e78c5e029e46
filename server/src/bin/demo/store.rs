//! Which store the server keeps its sessions in.

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Result;
use twinjar_server::store::{MemoryStore, SessionStore};

/// A store by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    Memory,
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "memory" => Ok(Self::Memory),
            // The text itself may hold a password and is not repeated.
            _ => Err("this store is not known; use `memory`".to_owned()),
        }
    }
}

impl StoreUrl {
    pub(crate) fn open(&self) -> Result<Arc<dyn SessionStore>> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
        }
    }
}
