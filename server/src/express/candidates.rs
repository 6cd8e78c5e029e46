//! The ids that a request's cookies carry.

use smallvec::SmallVec;
use twinjar_shared::signature::KeyRing;

use super::ExpressId;
use crate::cookies::CookieHeaders;

/// Ids of one request that are looked up. A browser has a few at most: one for each path and domain.
const MOST: usize = 8;

/// The ids with a good signature, each once, in the cookies' order: a browser sends all the cookies of a name that it
/// has.
pub(super) fn candidates<'a>(
    cookies: &'a CookieHeaders,
    name: &'a str,
    keys: &'a KeyRing,
) -> impl Iterator<Item = ExpressId> {
    let mut seen = SmallVec::<[ExpressId; 1]>::new();
    let signed = cookies.get_all(name).filter_map(move |value| {
        let text = value.unquoted().decode();
        let id = keys.verify_cookie(&text)?.value;
        if id.is_empty() || seen.iter().any(|seen| seen.as_str() == id) {
            return None;
        }
        let id = ExpressId::new(id);
        seen.push(id.clone());
        Some(id)
    });
    signed.take(MOST)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::*;
    use crate::Secrets;

    #[test]
    fn each_id_counts_once_and_few_count_at_all() {
        let secrets = Secrets::insecure_of_any_length(["keyboard cat"]).expect("secrets");
        let keys = secrets.ring();
        let signed = |id: &str| format!("sid={}; ", keys.sign_cookie(id).as_str());
        let (stale, forged) =
            (signed("stale").repeat(20), "sid=s%3Aforged.x; sid=plain; other=1; ".repeat(20));
        let many: String = (0..20).map(|number| signed(&number.to_string())).collect();
        for (row, header, expected) in [
            ("none", forged.clone(), &[][..]),
            ("the same again", [&*stale, &*forged, &*signed("good")].concat(), &["stale", "good"]),
            ("no id", [signed(""), signed("good")].concat(), &["good"]),
            ("too many", many, &["0", "1", "2", "3", "4", "5", "6", "7"]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::try_from(header).expect("a header"));
            let cookies = CookieHeaders::of(&headers);
            let ids: Vec<_> = candidates(&cookies, "sid", keys).collect();
            assert!(ids.iter().map(ExpressId::as_str).eq(expected.iter().copied()), "{row}");
        }
    }
}
