//! Cookies whose signature was found right a moment ago, so that the next request of a page need not compute it again.
//!
//! What is kept is no secret: a SipHash-2-4 tag of the cookie's value under a key of this process, and the SHA-256 that a
//! store sees. Only the very same bytes have the same tag, but for a chance of 2⁻¹²⁸, which the attacker cannot improve
//! without the key. An entry never becomes wrong: a layer's secrets do not change while it lives.

use std::hash::Hasher;
use std::sync::{Mutex, PoisonError};

use siphasher::sip128::{Hasher128, SipHasher24};

use super::StoreKey;

/// A quarter of a megabyte for each layer. A cookie that finds its place taken takes it over.
const PLACES: usize = 4096;

pub(super) struct RecentSignatures {
    hasher: SipHasher24,
    places: Box<[Mutex<Option<Place>>]>,
}

#[derive(Clone, Copy)]
struct Place {
    tag: u128,
    found: Found,
}

/// What a right signature was found to stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: StoreKey,
    pub(super) key_index: usize,
}

/// Stands for the bytes of one cookie.
#[derive(Clone, Copy)]
pub(super) struct Tag(u128);

impl RecentSignatures {
    pub(super) fn new() -> Self {
        let places = (0..PLACES).map(|_| Mutex::default()).collect();
        Self { hasher: SipHasher24::new_with_key(&rand::random()), places }
    }

    pub(super) fn tag(&self, value: &[u8]) -> Tag {
        let mut hasher = self.hasher;
        hasher.write(value);
        Tag(hasher.finish128().as_u128())
    }

    pub(super) fn get(&self, tag: Tag) -> Option<Found> {
        let place = *self.place(tag).lock().unwrap_or_else(PoisonError::into_inner);
        place.filter(|place| place.tag == tag.0).map(|place| place.found)
    }

    pub(super) fn put(&self, tag: Tag, found: Found) {
        *self.place(tag).lock().unwrap_or_else(PoisonError::into_inner) = Some(Place { tag: tag.0, found });
    }

    fn place(&self, tag: Tag) -> &Mutex<Option<Place>> {
        &self.places[(tag.0 % PLACES as u128) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(byte: u8) -> Found {
        Found { key: StoreKey::from_bytes([byte; 32]), key_index: byte.into() }
    }

    #[test]
    fn only_the_same_bytes_are_found() {
        let recent = RecentSignatures::new();
        let value = b"an id and its signature";
        recent.put(recent.tag(value), found(1));
        assert_eq!(recent.get(recent.tag(value)), Some(found(1)));
        for index in 0..value.len() {
            let mut other = *value;
            other[index] ^= 1;
            assert_eq!(recent.get(recent.tag(&other)), None, "bit {index}");
        }
        assert_eq!(
            recent.get(RecentSignatures::new().tag(value)),
            None,
            "tags of another process mean nothing"
        );
    }

    #[test]
    fn a_taken_place_is_taken_over() {
        let recent = RecentSignatures::new();
        let (first, second) = (Tag(7), Tag(7 + PLACES as u128));
        recent.put(first, found(1));
        recent.put(second, found(2));
        assert_eq!((recent.get(first), recent.get(second)), (None, Some(found(2))));
    }
}
