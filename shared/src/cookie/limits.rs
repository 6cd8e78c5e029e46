//! The limits that every user agent applies.

/// The most octets that a cookie's name and value may have together (RFC 6265bis section 5.6).
pub const MAX_NAME_VALUE: usize = 4096;

/// The most octets that an attribute's value may have; a longer attribute is ignored (RFC 6265bis section 5.6).
pub const MAX_ATTRIBUTE: usize = 1024;

/// 400 days in seconds: the longest life that a user agent grants (RFC 6265bis section 5.5).
pub const MAX_LIFETIME_SECONDS: i64 = 400 * 24 * 60 * 60;
