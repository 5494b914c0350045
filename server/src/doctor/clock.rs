//! How far the clock of a TURN server is from this machine's.
//!
//! A user name of the shared secret begins with the second until which it holds, and the server accepts it as long as
//! that is not past on its own clock. So the earliest second that it accepts is its time:
//!
//! ```text
//!        refused          accepted
//!  ────────────────────┼───────────────────▶ until when a user name holds, from this machine's now
//!   a day ago   -30 s  │  +30 s     5 years
//!                its clock
//! ```

use std::time::Duration;

/// Clocks that differ by less are no matter.
const TOLERANCE: i64 = 30;
/// A user name that ended so long ago is tried last.
const DAY: i64 = 86_400;
/// No clock is further ahead. It is far less than 2³¹ s: coturn subtracts times in 32 bits.
const FAR: i64 = 5 * 365 * DAY;
/// How exactly a difference is found: to so many seconds, or to so much of it.
const EXACT: i64 = 10;
const SHARE: i64 = 20;

/// What a server's answers say of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// It differs by less than half a minute.
    InTime,
    /// It is ahead of this machine's by about that much.
    Ahead(Duration),
    /// It is behind this machine's by about that much.
    Behind(Duration),
    /// It is more than a day behind, or the server does not look at times.
    FarBehind,
    /// No time at all is accepted: the secret is another.
    WrongSecret,
}

/// A search for the earliest accepted second. All times are in seconds from now on this machine.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Search {
    /// The latest that is known to be refused.
    refused: Option<i64>,
    /// The earliest that is known to be accepted.
    accepted: Option<i64>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Learn whether a user name that holds until then is accepted.
    Try(i64),
    /// Nothing: this is it.
    Found(Clock),
}

impl Search {
    /// Notes what became of a user name that holds until then.
    pub(super) fn learn(&mut self, until: i64, accepted: bool) {
        if accepted {
            self.accepted = Some(self.accepted.map_or(until, |known| known.min(until)));
        } else {
            self.refused = Some(self.refused.map_or(until, |known| known.max(until)));
        }
    }

    pub(super) fn next(&self) -> Next {
        match (self.refused, self.accepted) {
            (Some(FAR..), _) => Next::Found(Clock::WrongSecret),
            (Some(TOLERANCE..), None) => Next::Try(FAR),
            (_, None) => Next::Try(TOLERANCE),
            (None, Some(accepted)) if accepted > TOLERANCE => Next::Try(TOLERANCE),
            (None, Some(accepted)) if accepted > -TOLERANCE => Next::Try(-TOLERANCE),
            (None, Some(accepted)) if accepted > -DAY => Next::Try(-DAY),
            (None, Some(_)) => Next::Found(Clock::FarBehind),
            (Some(refused), Some(accepted)) => between(refused, accepted),
        }
    }
}

fn between(refused: i64, accepted: i64) -> Next {
    let (refused, accepted) = (refused.max(-DAY), accepted.min(FAR));
    if refused >= -TOLERANCE && accepted <= TOLERANCE {
        return Next::Found(Clock::InTime);
    }
    // First on which side of now it is, then by how much.
    if refused < TOLERANCE && accepted > TOLERANCE {
        return Next::Try(TOLERANCE);
    }
    if refused < -TOLERANCE && accepted > -TOLERANCE {
        return Next::Try(-TOLERANCE);
    }
    let (near, far) = (
        refused.abs().min(accepted.abs()),
        refused.abs().max(accepted.abs()),
    );
    let middle = near + (far - near) / 2;
    if far - near <= EXACT.max(far / SHARE) {
        let about = Duration::from_secs(middle.unsigned_abs());
        return Next::Found(if accepted > 0 {
            Clock::Ahead(about)
        } else {
            Clock::Behind(about)
        });
    }
    // In the middle of their lengths, not of their difference: minutes and years are both found in a few steps.
    let middle = if far > 4 * near { near * 2 } else { middle };
    Next::Try(if accepted > 0 { middle } else { -middle })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks a server whose clock is ahead by that much, and counts.
    fn search(ahead: i64, mut search: Search) -> (Clock, usize) {
        for asked in 0..100 {
            match search.next() {
                Next::Try(until) => search.learn(until, until >= ahead),
                Next::Found(clock) => return (clock, asked),
            }
        }
        panic!("not found: {search:?}");
    }

    #[test]
    fn clocks_are_found_from_every_beginning() {
        for known in [None, Some(1), Some(20), Some(300), Some(14_400), Some(86_400)] {
            for ahead in -100_000_i64..200_000 {
                if ahead % 97 != 0 && ahead.abs() > 100 {
                    continue;
                }
                let mut beginning = Search::default();
                if let Some(until) = known {
                    beginning.learn(until, until >= ahead);
                }
                let (clock, asked) = search(ahead, beginning);
                assert!(asked < 25, "{ahead}: {asked}");
                let near = |about: Duration| {
                    let off = about.as_secs().abs_diff(ahead.unsigned_abs());
                    off <= 10 || off <= ahead.unsigned_abs() / 20
                };
                match clock {
                    Clock::InTime => assert!(ahead.abs() <= TOLERANCE, "{ahead}"),
                    Clock::Ahead(about) => assert!(ahead > 0 && near(about), "{ahead} {about:?}"),
                    Clock::Behind(about) => assert!(ahead < 0 && near(about), "{ahead} {about:?}"),
                    Clock::FarBehind => assert!(ahead <= -DAY, "{ahead}"),
                    Clock::WrongSecret => panic!("{ahead}"),
                }
            }
        }
    }

    #[test]
    fn a_server_that_accepts_nothing_has_another_secret_and_one_that_accepts_all_looks_at_no_times() {
        assert_eq!(search(i64::MAX, Search::default()), (Clock::WrongSecret, 2));
        assert_eq!(search(i64::MIN, Search::default()).0, Clock::FarBehind);
        assert_eq!(
            search(3 * 365 * DAY, Search::default()).0,
            search(3 * 365 * DAY, Search::default()).0
        );
    }
}
