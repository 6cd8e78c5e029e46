//! What a visitor prefers: two cookies that the page's scripts write and the server reads, and what browsers say.

use http::{HeaderMap, header};
use twinjar_shared::contract::{Codec, CookieKey, DecodeError, EncodeError};
use twinjar_shared::cookie::CookieHeader;

const YEAR: u32 = 365 * 24 * 60 * 60;

const LANGUAGE: CookieKey<Language> = CookieKey::with_codec::<Language>("language").max_age(YEAR);
const THEME: CookieKey<Theme> = CookieKey::with_codec::<Theme>("theme").max_age(YEAR);

/// How the page is written for one visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) language: Language,
    /// `None`: as the visitor's system has it.
    pub(crate) theme: Option<Theme>,
}

impl Preferences {
    /// The cookies count first, then the languages that the browser asks for, then English.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let language = cookie(headers, &LANGUAGE).or_else(|| accepted(headers)).unwrap_or(Language::English);
        Self { language, theme: cookie(headers, &THEME) }
    }
}

/// What the page is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    Korean,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::German, Self::Korean];

    /// The tag of RFC 5646.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Korean => "ko",
        }
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

impl Codec<Self> for Language {
    fn encode(language: &Self) -> Result<String, EncodeError> {
        Ok(language.tag().to_owned())
    }

    fn decode(text: &str) -> Result<Self, DecodeError> {
        Self::of_tag(text).ok_or(DecodeError::WrongType)
    }
}

/// Light or dark paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The word in the cookie and in the page.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Codec<Self> for Theme {
    fn encode(theme: &Self) -> Result<String, EncodeError> {
        Ok(theme.word().to_owned())
    }

    fn decode(text: &str) -> Result<Self, DecodeError> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == text).ok_or(DecodeError::WrongType)
    }
}

/// A value that is not of the cookie's type is as good as none.
fn cookie<T>(headers: &HeaderMap, key: &CookieKey<T>) -> Option<T> {
    let mut values = headers.get_all(header::COOKIE).iter();
    values.find_map(|value| key.get(CookieHeader::new(value.as_bytes())).ok().flatten())
}

/// The language of the highest weight (RFC 9110 section 12.5.4); of equal ones, the first.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Language)> = None;
    for item in text.split(',') {
        let mut parts = item.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(Language::of_tag) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn preferences(cookie: &'static str, accept: &'static str) -> (&'static str, Option<Theme>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        let preferences = Preferences::of(&headers);
        (preferences.language.tag(), preferences.theme)
    }

    #[test]
    fn cookies_count_before_what_the_browser_asks_for() {
        for (cookie, accept, language) in [
            ("", "", "en"),
            ("", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
            ("", "fr, en;q=0.2, de-AT;q=0.8", "de"),
            ("", "de;q=0, fr", "en"),
            ("language=de", "ko", "de"),
            ("language=tlh", "ko", "ko"),
        ] {
            assert_eq!(preferences(cookie, accept).0, language, "{cookie:?} {accept:?}");
        }
    }

    #[test]
    fn a_theme_is_one_of_two_words() {
        assert_eq!(preferences("theme=dark; language=de", ""), ("de", Some(Theme::Dark)));
        assert_eq!(preferences("theme=light", "").1, Some(Theme::Light));
        assert_eq!(preferences("theme=DARK", "").1, None);
    }
}
