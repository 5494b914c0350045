//! How much one peer may ask of this client. Far more than anybody honest does; whoever exceeds it is cut off.

use crate::{Moment, Offence};

/// What a peer may do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Send any signal.
    Signal,
    /// Offer.
    Offer,
    /// Begin a new connection.
    Link,
    /// Say something on the data channel.
    Message,
    /// Send what means nothing, or a description that cannot be set.
    Nonsense,
}

/// What one peer has left of each.
///
/// It hashes as nothing: what is left changes nothing until it is used up, which nobody honest comes near.
#[derive(Clone, Debug)]
pub(crate) struct Budget([Bucket; 5]);

/// Holds at most `capacity` acts, and gets one back every `refill` milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    capacity: u64,
    refill: u64,
    /// Used up, in milliseconds of refilling.
    used: u64,
    at: Moment,
}

impl Budget {
    pub(crate) fn new(now: Moment) -> Self {
        let bucket = |capacity, refill| Bucket::new(now, capacity, refill);
        // In the order of `Act`.
        Self([
            bucket(500, 50),
            bucket(30, 2000),
            bucket(10, 10_000),
            bucket(300, 50),
            bucket(50, 2000),
        ])
    }

    /// Takes one act in; an offence if there is nothing left for it.
    pub(crate) fn spend(&mut self, now: Moment, act: Act) -> Result<(), Offence> {
        if self.0[act as usize].spend(now) {
            return Ok(());
        }
        Err(match act {
            Act::Signal | Act::Message => Offence::Flood,
            Act::Offer | Act::Link => Offence::Renegotiation,
            Act::Nonsense => Offence::Nonsense,
        })
    }
}

impl Bucket {
    /// For reactions: beyond these they are passed over.
    pub(crate) fn of_reactions(now: Moment) -> Self {
        Self::new(now, 8, 500)
    }

    /// For questions for what was written: beyond these they are not answered.
    pub(crate) fn of_questions(now: Moment) -> Self {
        Self::new(now, 4, 15_000)
    }

    fn new(at: Moment, capacity: u64, refill: u64) -> Self {
        Self {
            capacity,
            refill,
            used: 0,
            at,
        }
    }

    /// Takes one act in. False, and nothing is taken, if there is nothing left for it.
    pub(crate) fn spend(&mut self, now: Moment) -> bool {
        let used = self.used.saturating_sub(now.saturating_sub(self.at)) + self.refill;
        self.at = now;
        let left = used <= self.capacity * self.refill;
        self.used = if left { used } else { used - self.refill };
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_steady_rate() {
        let mut budget = Budget::new(0);
        for _ in 0..30 {
            assert_eq!(budget.spend(0, Act::Offer), Ok(()));
        }
        assert_eq!(budget.spend(0, Act::Offer), Err(Offence::Renegotiation));
        assert_eq!(budget.spend(0, Act::Signal), Ok(()), "each has its own");
        let mut steady = Budget::new(0);
        for second in 0..1000 {
            assert_eq!(steady.spend(second * 2000, Act::Offer), Ok(()));
        }
    }
}
