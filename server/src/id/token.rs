//! The session cookie's value: the id and its signature.

use twinjar_shared::signature::KeyRing;

use super::recent::{Found, RecentSignatures};
use super::{ID_LENGTH, SessionId, StoreKey};

/// How a layer writes and reads its session cookie: `id.mac`, signed by a key for this cookie name alone.
pub(crate) struct TokenForm {
    name: Box<str>,
    ids: KeyRing,
    recent: RecentSignatures,
    successors: KeyRing,
    csrf: KeyRing,
}

/// An id that this server, or one that shares its secrets, has issued.
pub(crate) struct Verified {
    pub(crate) id: SessionId,
    /// Where a store has it.
    pub(crate) key: StoreKey,
    /// 0 when the first key signed it.
    pub(crate) key_index: usize,
}

impl TokenForm {
    /// The length of a cookie's value: the id, a dot, and 43 base64 characters.
    pub(crate) const LENGTH: usize = ID_LENGTH + 1 + 43;

    pub(crate) fn new(name: &str, keys: &KeyRing) -> Self {
        let ring_for = |purpose: &[u8]| keys.derive(&[b"twinjar session", name.as_bytes(), purpose]);
        Self {
            name: name.into(),
            ids: ring_for(b"id"),
            recent: RecentSignatures::new(),
            successors: ring_for(b"successor"),
            csrf: ring_for(b"csrf token"),
        }
    }

    /// The cookie's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Appends the cookie's value for an id.
    pub(crate) fn write(&self, id: &SessionId, out: &mut String) {
        self.ids.sign_into(id.as_str(), out);
    }

    /// The id in a cookie's value. Neither a client's own invention nor a forged one is an id.
    pub(crate) fn verify(&self, value: &[u8]) -> Option<Verified> {
        if value.len() != Self::LENGTH {
            return None;
        }
        let id = SessionId::parse(&value[..ID_LENGTH])?;
        let tag = self.recent.tag(value);
        if let Some(Found { key, key_index }) = self.recent.get(tag) {
            return Some(Verified { id, key, key_index });
        }
        let (_, key_index) = self.ids.verify_bytes(value)?;
        let key = id.store_key();
        self.recent.put(tag, Found { key, key_index });
        Some(Verified { id, key, key_index })
    }

    /// The id that takes over from `id`: whoever lost the answer and still holds `id` can be told it again, while a
    /// store, which has the nonce alone, cannot compute it.
    pub(crate) fn successor(&self, id: &SessionId, nonce: &[u8; 16]) -> SessionId {
        SessionId::from_mac(&self.successors.mac(&[id.as_bytes(), nonce]))
    }

    /// The same, for a rotation that another key may have made; checked against the key it has led to.
    pub(crate) fn find_successor(
        &self,
        id: &SessionId,
        nonce: &[u8; 16],
        key: &StoreKey,
    ) -> Option<SessionId> {
        let parts: [&[u8]; 2] = [id.as_bytes(), nonce];
        let mut candidates = self.successors.macs(&parts).map(|mac| SessionId::from_mac(&mac));
        candidates.find(|successor| successor.store_key() == *key)
    }

    /// The CSRF token of the session with this id.
    pub(crate) fn csrf_token(&self, id: &SessionId) -> String {
        let mut token = [0; 32];
        super::base64url(&self.csrf.mac(&[id.as_bytes()])[..24], &mut token);
        token.iter().copied().map(char::from).collect()
    }

    /// Whether `token` is the session's CSRF token by any key, in constant time.
    pub(crate) fn verify_csrf_token(&self, id: &SessionId, token: &[u8]) -> bool {
        self.csrf.macs(&[id.as_bytes()]).any(|mac| {
            let mut expected = [0; 32];
            super::base64url(&mac[..24], &mut expected);
            bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..], token))
        })
    }
}

impl std::fmt::Debug for TokenForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenForm").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, secrets: &[&str]) -> TokenForm {
        TokenForm::new(name, &KeyRing::from_secrets(secrets).expect("secrets"))
    }

    fn value_of(form: &TokenForm, id: &SessionId) -> String {
        let mut value = String::new();
        form.write(id, &mut value);
        value
    }

    #[test]
    fn what_is_written_is_read() {
        let (form, id) = (form("sid", &["a secret"]), SessionId::generate());
        let value = value_of(&form, &id);
        for again in [false, true] {
            let verified = form.verify(value.as_bytes()).expect("signed here");
            let expected = (id, id.store_key(), 0);
            assert_eq!((verified.id, verified.key, verified.key_index), expected, "again: {again}");
        }
    }

    #[test]
    fn nothing_else_is_accepted() {
        let (ours, id) = (form("sid", &["a secret"]), SessionId::generate());
        let good = value_of(&ours, &id);
        let other_name = value_of(&form("other", &["a secret"]), &id);
        let other_secret = value_of(&form("sid", &["another"]), &id);
        let mut forged = good.clone().into_bytes();
        *forged.last_mut().expect("not empty") ^= 1;
        let bare = id.as_bytes().to_vec();
        // Whatever is remembered of the genuine one.
        assert!(ours.verify(good.as_bytes()).is_some());
        for (case, value) in [
            ("another cookie's", other_name.into_bytes()),
            ("another secret's", other_secret.into_bytes()),
            ("one bit off", forged),
            ("unsigned", bare),
            ("empty", Vec::new()),
            ("not UTF-8", vec![0xFF; 76]),
            ("longer", format!("{good}A").into_bytes()),
        ] {
            assert!(ours.verify(&value).is_none(), "{case}");
            assert!(ours.verify(&value).is_none(), "{case}, again");
        }
    }

    #[test]
    fn secrets_can_be_replaced() {
        let id = SessionId::generate();
        let old = form("sid", &["old"]);
        let both = form("sid", &["new", "old"]);
        assert_eq!(both.verify(value_of(&old, &id).as_bytes()).expect("an old cookie").key_index, 1);
        let token = old.csrf_token(&id);
        assert!(both.verify_csrf_token(&id, token.as_bytes()));
        let successor = old.successor(&id, &[7; 16]);
        assert_eq!(both.find_successor(&id, &[7; 16], &successor.store_key()), Some(successor));
    }

    #[test]
    fn csrf_tokens_belong_to_one_session() {
        let form = form("sid", &["a secret"]);
        let (a, b) = (SessionId::generate(), SessionId::generate());
        assert!(form.verify_csrf_token(&a, form.csrf_token(&a).as_bytes()));
        assert!(!form.verify_csrf_token(&b, form.csrf_token(&a).as_bytes()));
        assert!(!form.verify_csrf_token(&a, b""));
    }
}
