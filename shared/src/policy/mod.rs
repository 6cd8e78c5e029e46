//! What a user agent does with a cookie: RFC 6265bis sections 5.1, 5.7 and 5.8 as pure functions.
