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
            "Percent-encode tabs: browsers refuse them within names and values.",
        /// The name has `=` or `;`, or another part has `;`: the user agent would cut it there.
        Separator = "separator", "RFC 6265bis section 5.6",
            "Percent-encode semicolons, and equals signs in the name: the cookie would be cut there.",
        /// `Domain` is not ASCII.
        DomainNotAscii = "domain_not_ascii", "RFC 6265bis section 5.7, step 8",
            "Write internationalised labels of Domain as A-labels (xn--…).",
        /// `Domain` has a port.
        DomainPort = "domain_port", "RFC 6265bis section 5.7, step 10",
            "Leave the port out of Domain: cookies are shared by all ports of a host.",
        /// `Domain` ends in a dot that the host does not have.
        DomainTrailingDot = "domain_trailing_dot", "RFC 6265bis section 5.7, step 10",
            "Remove the dot at the end of Domain.",
        /// `Domain` is below the host.
        DomainChild = "domain_child", "RFC 6265bis section 5.7, step 10",
            "Set the cookie from that host itself, or give Domain this host or a domain above it.",
        /// `Domain` is neither the host nor a domain above it.
        DomainForeign = "domain_foreign", "RFC 6265bis section 5.7, step 10",
            "Give Domain this host or a domain above it, or leave Domain out.",
        /// `Domain` is a public suffix.
        DomainPublicSuffix = "domain_public_suffix", "RFC 6265bis section 5.7, step 9",
            "Give Domain a name that you registered: a public suffix such as com belongs to everybody.",
        /// `Secure` over a connection that is not.
        SecureOverInsecure = "secure_over_insecure", "RFC 6265bis section 5.7, step 13",
            "Serve the page over https, or leave Secure out on plain http.",
        /// `HttpOnly` from a script.
        HttpOnlyFromScript = "http_only_from_script", "RFC 6265bis section 5.7, step 15",
            "Leave HttpOnly out, or let the server set the cookie.",
        /// A cookie without `Secure`, over an insecure connection, would cover a `Secure` one.
        SecureOverlay = "secure_overlay", "RFC 6265bis section 5.7, step 16",
            "Set the cookie over https: a Secure cookie of this name exists, which plain http must leave alone.",
        /// Set in a cross-site context without `SameSite=None`.
        CrossSite = "cross_site", "RFC 6265bis section 5.7, step 18",
            "Set SameSite=None and Secure where the page is embedded in, or called from, another site.",
        /// `SameSite=None` without `Secure`.
        SameSiteNoneWithoutSecure = "same_site_none_without_secure", "RFC 6265bis section 5.7, step 19",
            "Add Secure: SameSite=None needs it.",
        /// `Partitioned` without `Secure`.
        PartitionedWithoutSecure = "partitioned_without_secure", "CHIPS; not in RFC 6265bis",
            "Add Secure: Partitioned needs it.",
        /// The name begins with `__Secure-`, and there is no `Secure`.
        SecurePrefix = "secure_prefix", "RFC 6265bis section 5.7, step 20",
            "Add Secure: a name that begins with __Secure- needs it.",
        /// The name begins with `__Host-`, and `Secure` or `Path=/` is missing, or there is `Domain`.
        HostPrefix = "host_prefix", "RFC 6265bis section 5.7, step 21",
            "Set Secure and Path=/ and leave Domain out: a name that begins with __Host- needs that.",
        /// The name begins with `__Http-`, and `Secure` or `HttpOnly` is missing.
        HttpPrefix = "http_prefix", "draft-ietf-httpbis-layered-cookies section 4.1.3",
            "Set Secure and HttpOnly, which only a server can: a name that begins with __Http- needs that.",
        /// The name begins with `__Host-Http-`, and what `__Host-` or `__Http-` needs is missing.
        HostHttpPrefix = "host_http_prefix", "draft-ietf-httpbis-layered-cookies section 4.1.3",
            "Set Secure, HttpOnly and Path=/ on the server and leave Domain out: a name that begins with __Host-Http- needs that.",
        /// A nameless cookie whose value begins with one of the prefixes.
        NamelessPrefix = "nameless_prefix", "RFC 6265bis section 5.7, step 22",
            "Give the cookie a name: its value begins like a name with a prefix.",
        /// A nameless cookie whose value has `=`, which RFC 6265bis allows and browsers refuse.
        NamelessEquals = "nameless_equals", "browsers; RFC 6265bis section 5.7 allows it",
            "Give the cookie a name: its value has an equals sign and would read as another cookie.",
        /// A script would replace an `HttpOnly` cookie.
        HttpOnlyOverwrite = "http_only_overwrite", "RFC 6265bis section 5.7, step 23",
            "Use another name: an HttpOnly cookie has this name, domain and path, and only the server can change it.",
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
