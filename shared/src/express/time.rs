//! Dates as JavaScript's `Date.prototype.toISOString` writes them.

use alloc::format;
use alloc::string::String;

use crate::cookie::date;

/// `2026-01-01T00:00:00.000Z`, in UTC. `None` outside the years 0 to 9999.
///
/// ```
/// assert_eq!(twinjar_shared::express::iso_date(1_767_225_600_007).as_deref(), Some("2026-01-01T00:00:00.007Z"));
/// ```
#[must_use]
pub fn iso_date(epoch_millis: i64) -> Option<String> {
    let seconds = date::format_iso(epoch_millis.div_euclid(1000))?;
    Some(format!("{seconds}.{:03}Z", epoch_millis.rem_euclid(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_javascript_does() {
        for (millis, expected) in [
            (0, Some("1970-01-01T00:00:00.000Z")),
            (-1, Some("1969-12-31T23:59:59.999Z")),
            (951_782_399_123, Some("2000-02-28T23:59:59.123Z")),
            (951_868_799_999, Some("2000-02-29T23:59:59.999Z")),
            (253_402_300_799_999, Some("9999-12-31T23:59:59.999Z")),
            (253_402_300_800_000, None),
            (-62_167_219_200_001, None),
        ] {
            assert_eq!(iso_date(millis).as_deref(), expected, "{millis}");
        }
    }
}
