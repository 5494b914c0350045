//! The time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long ago 1970 began (UTC); no time at all where this machine's clock is before that.
pub(crate) fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
