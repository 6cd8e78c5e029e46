//! What a user agent stores differently from what was asked for.

use core::fmt;

use crate::reason::reasons;

reasons! {
    /// Something that a user agent ignores or changes in a cookie that it stores.
    pub enum Note {
        /// A `Path` that is empty or relative: the default path took its place.
        PathDefaulted = "path_defaulted", "RFC 6265bis section 5.6.4",
            "Begin Path with a slash: it was ignored, and the page's own path taken.",
        /// The URL is not within `Path`: the cookie is stored, but requests to this URL do not carry it.
        PathElsewhere = "path_elsewhere", "RFC 6265bis section 5.1.4",
            "Expect the cookie below its Path alone: this URL is not.",
        /// `Domain` is the host, and that is a public suffix or an IP address: it was ignored.
        DomainIgnored = "domain_ignored", "RFC 6265bis section 5.7, step 9",
            "Leave Domain out: the host is a public suffix or an address, so the cookie is kept to it.",
        /// The lifetime was longer than 400 days and was cut to that.
        LifetimeClamped = "lifetime_clamped", "RFC 6265bis section 5.5",
            "Ask for at most 400 days: the rest was cut.",
        /// An attribute's value is longer than 1,024 octets: the attribute was ignored.
        AttributeTooLong = "attribute_too_long", "RFC 6265bis section 5.6, step 6",
            "Shorten the attribute to 1,024 octets.",
        /// An attribute that user agents do not know was ignored.
        AttributeUnknown = "attribute_unknown", "RFC 6265bis section 5.6, step 7",
            "Check the attribute's spelling: user agents ignore it. A semicolon in the value begins an attribute.",
        /// An attribute was given more than once; the last one counts.
        AttributeRepeated = "attribute_repeated", "RFC 6265bis section 4.1.1",
            "Give each attribute once: user agents take the last one.",
        /// `SameSite` has an unknown value: the default applies, which is Lax in most browsers.
        SameSiteUnknown = "same_site_unknown", "RFC 6265bis section 5.6.7",
            "Write SameSite as Strict, Lax or None: the default was taken.",
        /// `Expires` is not a date: it was ignored.
        ExpiresInvalid = "expires_invalid", "RFC 6265bis section 5.6.1",
            "Write Expires like Wed, 09 Jun 2027 10:18:14 GMT: it was ignored.",
        /// `Max-Age` is not a number of seconds: it was ignored.
        MaxAgeInvalid = "max_age_invalid", "RFC 6265bis section 5.6.2",
            "Write Max-Age as a whole number of seconds: it was ignored.",
        /// `Expires` was ignored because there is `Max-Age`.
        ExpiresOverridden = "expires_overridden", "RFC 6265bis section 5.7, step 6",
            "Give either Max-Age or Expires the time you mean: Max-Age counts.",
        /// The cookie has no name.
        Nameless = "nameless", "RFC 6265bis section 4.1.1",
            "Give the cookie a name: without one it is sent as its bare value.",
    }
}

/// A set of [`Note`]s.
///
/// ```
/// use twinjar_shared::policy::{Note, Notes};
///
/// let mut notes = Notes::NONE;
/// notes.insert(Note::LifetimeClamped);
/// assert!(notes.contains(Note::LifetimeClamped));
/// assert_eq!(notes.iter().map(Note::code).collect::<Vec<_>>(), ["lifetime_clamped"]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Notes(u16);

impl Notes {
    /// No note.
    pub const NONE: Self = Self(0);

    /// Adds a note.
    pub const fn insert(&mut self, note: Note) {
        self.0 |= bit(note);
    }

    /// Whether `note` is among them.
    #[must_use]
    pub const fn contains(self, note: Note) -> bool {
        self.0 & bit(note) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The notes, in the order of [`Note::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::ALL.iter().copied().filter(move |&note| self.contains(note))
    }

    pub(crate) const fn insert_if(&mut self, condition: bool, note: Note) {
        if condition {
            self.insert(note);
        }
    }
}

const fn bit(note: Note) -> u16 {
    1 << note as u16
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
