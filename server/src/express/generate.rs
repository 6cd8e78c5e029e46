//! New ids, and the names that this library has for a session beside its id.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use twinjar_shared::signature::KeyRing;

use super::ExpressId;
use crate::id::SessionId;
use crate::{Handle, StoreKey};

/// Makes ids, as the option `genid` does.
pub(super) type Generate = Arc<dyn Fn() -> String + Send + Sync>;

/// As express-session makes them: 24 random bytes in unpadded base64url.
pub(super) fn default_generator() -> Generate {
    Arc::new(|| SessionId::generate().as_str().to_owned())
}

/// Derives names from ids; nobody turns them back.
pub(super) struct Names {
    handles: KeyRing,
    ids: KeyRing,
}

impl Names {
    pub(super) fn new(cookie_name: &str, keys: &KeyRing) -> Self {
        let ring_for = |purpose: &[u8]| keys.derive(&[b"twinjar express", cookie_name.as_bytes(), purpose]);
        Self { handles: ring_for(b"handle"), ids: ring_for(b"id") }
    }

    /// The public name.
    pub(super) fn handle(&self, id: &ExpressId) -> Handle {
        Handle::from_mac(&self.handles.mac(&[id.as_str().as_bytes()]))
    }

    /// What CSRF tokens are bound to.
    pub(super) fn session_id(&self, id: &ExpressId) -> SessionId {
        SessionId::from_mac(&self.ids.mac(&[id.as_str().as_bytes()]))
    }
}

/// The name of the session's lock.
pub(super) fn lock_key(id: &ExpressId) -> StoreKey {
    StoreKey::from_bytes(Sha256::digest(id.as_str()).into())
}
