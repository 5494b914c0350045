//! Numbers by which people put things into one order, each taking one more than the highest seen (a Lamport clock).

/// How far above the highest seen a number may be: those that are made up must not use them all up.
const MAX_LEAP: u32 = 10_000;
/// How high the first number seen may be.
const MAX_FIRST: u32 = 1 << 31;

/// The highest number seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Highest(u32);

impl Highest {
    /// The number for something new.
    pub(crate) fn next(self) -> u32 {
        self.0.saturating_add(1)
    }

    /// Takes a number of somebody else's in, and gives the one that counts: none, or one that is made up, becomes the
    /// next.
    pub(crate) fn see(&mut self, number: u32) -> u32 {
        let most = match self.0 {
            0 => MAX_FIRST,
            highest => highest.saturating_add(MAX_LEAP),
        };
        if number == 0 || number > most {
            return self.next();
        }
        self.0 = self.0.max(number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_counts_as_the_next_and_moves_nobody() {
        let mut highest = Highest::default();
        assert_eq!(highest.see(u32::MAX), 1);
        assert_eq!(highest.next(), 1);
        // A long talk, met in its midst.
        assert_eq!(highest.see(50_000), 50_000);
        assert_eq!(highest.see(3), 3);
        assert_eq!(highest.see(50_000 + MAX_LEAP + 1), 50_001);
        assert_eq!(highest.see(0), 50_001);
        assert_eq!(highest.see(50_001), 50_001);
        assert_eq!(highest.next(), 50_002);
    }
}
