//! Times and counts as databases keep them: signed integers of 64 bits.

use std::time::Duration;

use crate::UnixMillis;

/// Beyond this range of time is the end of time.
pub(super) fn millis(moment: UnixMillis) -> i64 {
    integer(moment.as_millis())
}

pub(super) fn from_millis(millis: i64) -> UnixMillis {
    u64::try_from(millis).map_or(UnixMillis::default(), |millis| {
        if millis == i64::MAX.unsigned_abs() { UnixMillis::MAX } else { UnixMillis::new(millis) }
    })
}

pub(super) fn span(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn from_span(millis: i64) -> Duration {
    if millis == i64::MAX { Duration::MAX } else { Duration::from_millis(millis.unsigned_abs()) }
}

pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stay_in_order_to_the_end() {
        let moments = [0, 1, 1_800_000_000_000, i64::MAX.unsigned_abs() - 1, u64::MAX].map(UnixMillis::new);
        let stored = moments.map(millis);
        assert!(stored.is_sorted(), "{stored:?}");
        assert_eq!(stored.map(from_millis), moments);
        assert_eq!(from_millis(-5), UnixMillis::default());
        for duration in
            [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(1 << 40), Duration::MAX]
        {
            assert_eq!(from_span(span(duration)), duration);
        }
    }
}
