//! Why a user agent refuses a cookie: one code for each rule.

use crate::cookie::IgnoreReason;
use crate::reason::reasons;

reasons! {
    /// Why a user agent does not store a cookie.
    pub enum Refusal {
        /// See [`IgnoreReason::ControlCharacter`].
        ControlCharacter = IgnoreReason::ControlCharacter.code(), IgnoreReason::ControlCharacter.section(),
            IgnoreReason::ControlCharacter.message(),
        /// See [`IgnoreReason::TooLarge`].
        TooLarge = IgnoreReason::TooLarge.code(), IgnoreReason::TooLarge.section(), IgnoreReason::TooLarge.message(),
        /// See [`IgnoreReason::Empty`].
        Empty = IgnoreReason::Empty.code(), IgnoreReason::Empty.section(), IgnoreReason::Empty.message(),
        /// A TAB within the name or the value, which RFC 6265bis allows and browsers refuse.
        Tab = "tab", "browsers; RFC 6265bis section 5.6 allows it",
            "Percent-encode tabs.",
        /// The name has `=` or `;`, or another part has `;`: the user agent would cut it there.
        Separator = "separator", "RFC 6265bis section 5.6",
            "Percent-encode semicolons, and equals signs in the name.",
        /// `Domain` is not ASCII.
        DomainNotAscii = "domain_not_ascii", "RFC 6265bis section 5.7, step 8",
            "Write Domain in ASCII, with A-labels (xn--).",
        /// `Domain` has a port.
        DomainPort = "domain_port", "RFC 6265bis section 5.7, step 10",
            "Leave the port out of Domain.",
        /// `Domain` ends in a dot that the host does not have.
        DomainTrailingDot = "domain_trailing_dot", "RFC 6265bis section 5.7, step 10",
            "Remove the dot at the end of Domain.",
        /// `Domain` is below the host.
        DomainChild = "domain_child", "RFC 6265bis section 5.7, step 10",
            "Give Domain this host or one above it, not below.",
        /// `Domain` is neither the host nor a domain above it.
        DomainForeign = "domain_foreign", "RFC 6265bis section 5.7, step 10",
            "Give Domain this host or one above it.",
        /// `Domain` is a public suffix.
        DomainPublicSuffix = "domain_public_suffix", "RFC 6265bis section 5.7, step 9",
            "Give Domain a registered name: this is a public suffix.",
        /// `Secure` over a connection that is not.
        SecureOverInsecure = "secure_over_insecure", "RFC 6265bis section 5.7, step 13",
            "Serve the page over https, or leave Secure out.",
        /// `HttpOnly` from a script.
        HttpOnlyFromScript = "http_only_from_script", "RFC 6265bis section 5.7, step 15",
            "Leave HttpOnly out, or set the cookie on the server.",
        /// A cookie without `Secure`, over an insecure connection, would cover a `Secure` one.
        SecureOverlay = "secure_overlay", "RFC 6265bis section 5.7, step 16",
            "Serve the page over https: a Secure cookie has this name.",
        /// Set in a cross-site context without `SameSite=None`.
        CrossSite = "cross_site", "RFC 6265bis section 5.7, step 18",
            "Add SameSite=None and Secure: another site embeds or calls the page.",
        /// `SameSite=None` without `Secure`.
        SameSiteNoneWithoutSecure = "same_site_none_without_secure", "RFC 6265bis section 5.7, step 19",
            "Add Secure: SameSite=None needs it.",
        /// `Partitioned` without `Secure`.
        PartitionedWithoutSecure = "partitioned_without_secure", "CHIPS; not in RFC 6265bis",
            "Add Secure: Partitioned needs it.",
        /// The name begins with `__Secure-`, and there is no `Secure`.
        SecurePrefix = "secure_prefix", "RFC 6265bis section 5.7, step 20",
            "Add Secure: the prefix __Secure- needs it.",
        /// The name begins with `__Host-`, and `Secure` or `Path=/` is missing, or there is `Domain`.
        HostPrefix = "host_prefix", "RFC 6265bis section 5.7, step 21",
            "Add Secure and Path=/ and leave Domain out: the prefix __Host- needs it.",
        /// The name begins with `__Http-`, and `Secure` or `HttpOnly` is missing.
        HttpPrefix = "http_prefix", "draft-ietf-httpbis-layered-cookies section 4.1.3",
            "Add Secure and HttpOnly on the server: the prefix __Http- needs it.",
        /// The name begins with `__Host-Http-`, and what `__Host-` or `__Http-` needs is missing.
        HostHttpPrefix = "host_http_prefix", "draft-ietf-httpbis-layered-cookies section 4.1.3",
            "Add Secure, HttpOnly and Path=/ on the server and leave Domain out: the prefix __Host-Http- needs it.",
        /// A nameless cookie whose value begins with one of the prefixes.
        NamelessPrefix = "nameless_prefix", "RFC 6265bis section 5.7, step 22",
            "Give the cookie a name: its value begins with a prefix.",
        /// A nameless cookie whose value has `=`, which RFC 6265bis allows and browsers refuse.
        NamelessEquals = "nameless_equals", "browsers; RFC 6265bis section 5.7 allows it",
            "Give the cookie a name: its value has an equals sign.",
        /// A script would replace an `HttpOnly` cookie.
        HttpOnlyOverwrite = "http_only_overwrite", "RFC 6265bis section 5.7, step 23",
            "Use another name: an HttpOnly cookie has this name.",
    }
}

impl From<IgnoreReason> for Refusal {
    fn from(reason: IgnoreReason) -> Self {
        match reason {
            IgnoreReason::ControlCharacter => Self::ControlCharacter,
            IgnoreReason::TooLarge => Self::TooLarge,
            IgnoreReason::Empty => Self::Empty,
        }
    }
}
