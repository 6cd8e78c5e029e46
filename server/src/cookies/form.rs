//! How a cookie's text stands in its value: plain, signed or encrypted.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use twinjar_shared::cookie::{CookieValue, RawValue};

use super::Secrets;

/// Octets of an XChaCha20-Poly1305 nonce.
const NONCE: usize = 24;

/// What is done to a cookie's text on its way into the value and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Percent-encoded: anybody can read and change it.
    Plain,
    /// Express' `s:text.mac`: anybody can read it, nobody can change it.
    Signed,
    /// Encrypted for this cookie name (XChaCha20-Poly1305): nobody can read or change it.
    Private,
}

impl Form {
    pub(super) fn write<'a>(self, secrets: &Secrets, name: &str, text: &'a str) -> CookieValue<'a> {
        match self {
            Self::Plain => CookieValue::encode(text),
            Self::Signed => secrets.ring().sign_cookie(text),
            Self::Private => {
                let nonce: [u8; NONCE] = rand::random();
                let key = private_keys(secrets, name).next().expect("a ring has a key");
                let payload = Payload { msg: text.as_bytes(), aad: name.as_bytes() };
                let sealed = key.encrypt(&XNonce::from(nonce), payload).expect("a cookie is short");
                CookieValue::encode(&base64url([&nonce[..], &sealed].concat())).into_owned()
            }
        }
    }

    /// `None`: the value is not of this form, or somebody has changed it.
    pub(super) fn read(self, secrets: &Secrets, name: &str, value: RawValue<'_>) -> Option<String> {
        let text = value.unquoted().decode();
        match self {
            Self::Plain => Some(text.into_owned()),
            Self::Signed => Some(secrets.ring().verify_cookie(&text)?.value.to_owned()),
            Self::Private => {
                let bytes = from_base64url(&text)?;
                let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
                let nonce = XNonce::try_from(nonce).ok()?;
                let payload = || Payload { msg: sealed, aad: name.as_bytes() };
                let opened =
                    private_keys(secrets, name).find_map(|key| key.decrypt(&nonce, payload()).ok())?;
                String::from_utf8(opened).ok()
            }
        }
    }
}

/// A key for each secret, for this cookie alone: what was encrypted for one name is nothing under another.
fn private_keys<'a>(secrets: &'a Secrets, name: &'a str) -> impl Iterator<Item = XChaCha20Poly1305> + 'a {
    let purpose: Vec<_> = secrets.ring().macs(&[b"twinjar private cookie", name.as_bytes()]).collect();
    purpose.into_iter().map(|key| XChaCha20Poly1305::new(&Key::from(key)))
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

fn from_base64url(text: &str) -> Option<Vec<u8>> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 3] = [Form::Plain, Form::Signed, Form::Private];

    fn secrets(list: &[&str]) -> Secrets {
        Secrets::insecure_of_any_length(list).expect("secrets")
    }

    #[test]
    fn what_is_written_is_read() {
        let secrets = secrets(&["one"]);
        for form in FORMS {
            for text in ["", "plain", "a.b.c", "s:mark", "\"quoted\"", "; , = %", "Köln 한국"] {
                let value = form.write(&secrets, "name", text);
                let read = form.read(&secrets, "name", RawValue::new(value.as_str().as_bytes()));
                assert_eq!(read.as_deref(), Some(text), "{form:?}");
            }
        }
    }

    #[test]
    fn express_reads_what_is_signed() {
        let value = Form::Signed.write(&secrets(&["keyboard cat"]), "connect.sid", "apple");
        assert_eq!(value.as_str(), "s%3Aapple.D8Y%2BpkTAmeR0PobOhY4G97PRW%2Bj7bUnP%2F5m6%2FOn1MCU");
    }

    #[test]
    fn changed_and_foreign_values_are_nothing() {
        let (ours, theirs) = (secrets(&["one"]), secrets(&["two"]));
        for form in [Form::Signed, Form::Private] {
            let value = form.write(&ours, "name", "text").as_str().to_owned();
            assert_eq!(form.read(&theirs, "name", RawValue::new(value.as_bytes())), None);
            for position in 0..value.len() {
                let mut changed = value.clone().into_bytes();
                changed[position] ^= 1;
                let read = form.read(&ours, "name", RawValue::new(&changed));
                assert_ne!(read.as_deref(), Some("another text"), "{form:?}");
                assert!(read.is_none_or(|text| text == "text"), "{form:?} at {position}");
            }
            assert_eq!(form.read(&ours, "name", RawValue::new(b"")), None);
            assert_eq!(form.read(&ours, "name", RawValue::new(b"text")), None);
        }
        let private = Form::Private.write(&ours, "name", "text").as_str().to_owned();
        assert_eq!(
            Form::Private.read(&ours, "other", RawValue::new(private.as_bytes())),
            None,
            "bound to its name"
        );
    }

    #[test]
    fn older_secrets_still_read() {
        for form in [Form::Signed, Form::Private] {
            let value = form.write(&secrets(&["old"]), "name", "text").as_str().to_owned();
            let read = form.read(&secrets(&["new", "old"]), "name", RawValue::new(value.as_bytes()));
            assert_eq!(read.as_deref(), Some("text"));
        }
    }

    #[test]
    fn what_is_private_is_not_seen() {
        let value = Form::Private.write(&secrets(&["one"]), "name", "visible?");
        assert!(!value.as_str().contains("visible"));
    }
}
