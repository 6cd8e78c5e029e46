//! A cookie's declaration.

use alloc::string::String;
use core::fmt;

use super::codec::{Boolean, Codec, DecodeError, EncodeError, Integer, Text};
use crate::cookie::limits::{MAX_ATTRIBUTE, MAX_NAME_VALUE};
use crate::cookie::{
    CookieAttributes, CookieHeader, CookieName, CookieValue, Domain, Path, Prefix, Priority, RawValue,
    SameSite, SetCookie, percent,
};

/// A cookie's name, type, codec, attributes and size limit, declared once as a `const`.
///
/// # Defaults
///
/// - `Path=/`, `Secure`, `SameSite=Lax`
/// - a cookie of the browser session: no `Max-Age`
/// - readable by scripts, unless the name begins with `__Http-` or `__Host-Http-`
/// - not partitioned; for this host alone
/// - 4,096 octets of name and value
///
/// # Panics
///
/// The `const` functions panic, and so fail the build of a `const` item, on a name, attribute or combination
/// that a user agent would not accept.
///
/// ```
/// use twinjar_shared::contract::CookieKey;
///
/// const TRIES: CookieKey<u8> = CookieKey::integer("__Host-tries").max_age(600).http_only();
///
/// assert_eq!(
///     TRIES.set_cookie(&3)?.build()?,
///     "__Host-tries=3; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax"
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct CookieKey<T> {
    name: CookieName<'static>,
    encode: fn(&T) -> Result<String, EncodeError>,
    decode: fn(&str) -> Result<T, DecodeError>,
    max_bytes: usize,
    attributes: CookieAttributes<'static>,
}

impl CookieKey<String> {
    /// A text.
    #[must_use]
    pub const fn string(name: &'static str) -> Self {
        Self::with_codec::<Text>(name)
    }
}

impl CookieKey<bool> {
    /// `true` or `false`.
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::with_codec::<Boolean>(name)
    }
}

impl<T> CookieKey<T> {
    /// An integer of at most 64 bits.
    #[must_use]
    pub const fn integer(name: &'static str) -> Self
    where
        Integer: Codec<T>,
    {
        Self::with_codec::<Integer>(name)
    }

    /// JSON (feature `json`).
    #[cfg(feature = "json")]
    #[must_use]
    pub const fn json(name: &'static str) -> Self
    where
        super::codec::Json: Codec<T>,
    {
        Self::with_codec::<super::codec::Json>(name)
    }

    /// Any other text form.
    #[must_use]
    pub const fn with_codec<C: Codec<T>>(name: &'static str) -> Self {
        let Ok(name) = CookieName::new(name) else { panic!("a cookie's name is a token of RFC 9110") };
        let attributes = CookieAttributes {
            path: Some(Path::ROOT),
            secure: true,
            same_site: Some(SameSite::Lax),
            http_only: matches!(name.prefix(), Some(Prefix::Http | Prefix::HostHttp)),
            ..CookieAttributes::NONE
        };
        Self { name, encode: C::encode, decode: C::decode, max_bytes: MAX_NAME_VALUE, attributes }
    }

    /// The lifetime in seconds: from 1 second to 400 days.
    #[must_use]
    pub const fn max_age(mut self, seconds: u32) -> Self {
        assert!(0 < seconds && seconds <= 400 * 24 * 60 * 60, "Max-Age is from 1 second to 400 days");
        self.attributes.max_age = Some(seconds as i64);
        self
    }

    /// The path below which requests carry the cookie.
    #[must_use]
    pub const fn path(mut self, path: &'static str) -> Self {
        let Ok(valid) = Path::new(path) else { panic!("a path begins with a slash and has no semicolon") };
        assert!(path.len() <= MAX_ATTRIBUTE, "a path has at most 1,024 octets");
        assert!(valid.is_root() || !self.is_host_only(), "this prefix asks for Path=/");
        self.attributes.path = Some(valid);
        self
    }

    /// The hosts that get the cookie: this domain and all below it.
    #[must_use]
    pub const fn domain(mut self, domain: &'static str) -> Self {
        let Ok(domain) = Domain::new(domain) else { panic!("a domain is a host name without a leading dot") };
        assert!(!self.is_host_only(), "this prefix forbids Domain");
        self.attributes.domain = Some(domain);
        self
    }

    /// Which requests from other sites carry the cookie.
    #[must_use]
    pub const fn same_site(mut self, same_site: SameSite) -> Self {
        assert!(self.attributes.secure || !matches!(same_site, SameSite::None), "SameSite=None needs Secure");
        self.attributes.same_site = Some(same_site);
        self
    }

    /// Hides the cookie from scripts.
    #[must_use]
    pub const fn http_only(mut self) -> Self {
        self.attributes.http_only = true;
        self
    }

    /// Sends the cookie over plain `http` too, where others can read and change it.
    #[must_use]
    pub const fn insecure(mut self) -> Self {
        assert!(self.name.prefix().is_none(), "this prefix asks for Secure");
        assert!(!self.attributes.partitioned, "Partitioned needs Secure");
        assert!(!matches!(self.attributes.same_site, Some(SameSite::None)), "SameSite=None needs Secure");
        self.attributes.secure = false;
        self
    }

    /// Gives an embedded page a jar of its own under each top-level site.
    #[must_use]
    pub const fn partitioned(mut self) -> Self {
        assert!(self.attributes.secure, "Partitioned needs Secure");
        self.attributes.partitioned = true;
        self
    }

    /// Which cookies a browser with full storage drops last.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.attributes.priority = Some(priority);
        self
    }

    /// The most octets that name and encoded value may have together: at most 4,096.
    #[must_use]
    pub const fn max_bytes(mut self, octets: usize) -> Self {
        assert!(octets <= MAX_NAME_VALUE, "name and value have at most 4,096 octets");
        assert!(self.name.as_str().len() <= octets, "the name alone is longer");
        self.max_bytes = octets;
        self
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> CookieName<'static> {
        self.name
    }

    /// Whether scripts cannot see the cookie.
    #[must_use]
    pub const fn is_http_only(&self) -> bool {
        self.attributes.http_only
    }

    /// The value of the first cookie with this name, if there is one.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not of the key's type.
    pub fn get(&self, header: CookieHeader<'_>) -> Result<Option<T>, DecodeError> {
        header.get(self.name.as_str()).map(|raw| self.decode(raw)).transpose()
    }

    /// The value that a raw cookie value stands for: without one outer pair of quotes, percent-decoded.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not of the key's type.
    pub fn decode<'a>(&self, raw: impl Into<RawValue<'a>>) -> Result<T, DecodeError> {
        let text = percent::decode_bytes(raw.into().unquoted().as_bytes()).ok_or(DecodeError::NotText)?;
        (self.decode)(&text)
    }

    /// The cookie value that stands for `value`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the codec has no text for it, or one that is too long.
    pub fn encode(&self, value: &T) -> Result<CookieValue<'static>, EncodeError> {
        let text = (self.encode)(value)?;
        let encoded = CookieValue::encode(&text).into_owned();
        if self.name.as_str().len() + encoded.as_str().len() > self.max_bytes {
            return Err(EncodeError::TooLarge);
        }
        Ok(encoded)
    }

    /// The cookie to set for `value`, with the key's attributes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the codec has no text for it, or one that is too long.
    pub fn set_cookie(&self, value: &T) -> Result<SetCookie<'static>, EncodeError> {
        Ok(SetCookie::with_attributes(self.name, self.encode(value)?, self.attributes))
    }

    /// The cookie that removes this one.
    pub fn removal(&self) -> SetCookie<'static> {
        SetCookie::with_attributes(self.name, CookieValue::EMPTY, self.attributes).removal()
    }

    const fn is_host_only(&self) -> bool {
        matches!(self.name.prefix(), Some(Prefix::Host | Prefix::HostHttp))
    }
}

impl<T> Clone for CookieKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for CookieKey<T> {}

impl<T> fmt::Debug for CookieKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieKey")
            .field("name", &self.name)
            .field("max_bytes", &self.max_bytes)
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use alloc::borrow::ToOwned;

    use super::*;
    use crate::cookie::ReceivedCookie;

    const NOTE: CookieKey<String> = CookieKey::string("note");
    const COUNT: CookieKey<i64> = CookieKey::integer("count");
    const CONSENT: CookieKey<bool> = CookieKey::boolean("consent");

    fn round_trip<T: Clone>(key: &CookieKey<T>, value: &T) -> T {
        let line = key.set_cookie(value).unwrap().build().unwrap();
        key.decode(ReceivedCookie::parse(line.as_bytes()).unwrap().value).unwrap()
    }

    #[test]
    fn values_survive_the_wire() {
        for text in ["", "dark", "a;b=c, \"d\"", "\"quoted\"", " spaced ", "100%", "Köln\n"] {
            assert_eq!(round_trip(&NOTE, &text.to_owned()), text);
        }
        for number in [0, 7, -7, i64::MAX, i64::MIN] {
            assert_eq!(round_trip(&COUNT, &number), number);
        }
        assert!(round_trip(&CONSENT, &true) && !round_trip(&CONSENT, &false));
    }

    #[test]
    fn values_of_another_type_are_refused() {
        let rows = [
            ("text", "seven", DecodeError::WrongType),
            ("plus", "%2B7", DecodeError::WrongType),
            ("fraction", "7.0", DecodeError::WrongType),
            ("space", "%207", DecodeError::WrongType),
            ("too large", "9223372036854775808", DecodeError::WrongType),
            ("malformed", "7%", DecodeError::NotText),
            ("not UTF-8", "%ff", DecodeError::NotText),
        ];
        for (row, raw, error) in rows {
            assert_eq!(COUNT.decode(raw.as_bytes()), Err(error), "{row}");
        }
        assert_eq!(CONSENT.decode(b"True"), Err(DecodeError::WrongType));
    }

    #[test]
    fn the_budget_counts_name_and_encoded_value() {
        const TIGHT: CookieKey<String> = CookieKey::string("note").max_bytes(8);
        assert_eq!(TIGHT.encode(&"abcd".to_owned()).unwrap().as_str(), "abcd");
        assert_eq!(TIGHT.encode(&"ab ".to_owned()), Err(EncodeError::TooLarge));
    }

    #[test]
    fn a_removal_passes_its_own_prefix() {
        const ID: CookieKey<String> = CookieKey::string("__Host-Http-id");
        assert_eq!(
            ID.removal().build().unwrap(),
            "__Host-Http-id=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; \
             HttpOnly; Secure; SameSite=Lax"
        );
    }

    #[test]
    #[should_panic(expected = "Max-Age is from 1 second")]
    fn a_lifetime_is_never_over() {
        let _ = CookieKey::string("id").max_age(0);
    }

    #[test]
    #[should_panic(expected = "this prefix forbids Domain")]
    fn host_prefix_forbids_domain() {
        let _ = CookieKey::string("__Host-id").domain("shop.example");
    }

    #[test]
    #[should_panic(expected = "SameSite=None needs Secure")]
    fn same_site_none_needs_secure() {
        let _ = CookieKey::string("id").insecure().same_site(SameSite::None);
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_cookies() {
        const CART: CookieKey<alloc::collections::BTreeMap<String, u32>> = CookieKey::json("cart");
        let cart = [("täa".to_owned(), 2)].into();
        assert_eq!(round_trip(&CART, &cart), cart);
        assert_eq!(CART.decode(b"[1"), Err(DecodeError::WrongType));
    }
}
