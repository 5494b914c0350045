//! Times at which something is due, and the chance in waiting times.

use std::hash::{Hash, Hasher};

use crate::Moment;

/// When something is due, if it is.
///
/// It hashes by whether it is set: for whoever explores what calls can do, two calls that differ in nothing but
/// times are alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deadline(Option<Moment>);

impl Deadline {
    pub(crate) fn at(moment: Moment) -> Self {
        Self(Some(moment))
    }

    pub(crate) fn moment(self) -> Option<Moment> {
        self.0
    }

    pub(crate) fn is_set(self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn set(&mut self, moment: Moment) {
        self.0 = Some(moment);
    }

    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }

    /// Whether the time has come. True once: it is then no longer set.
    pub(crate) fn take(&mut self, now: Moment) -> bool {
        self.0.take_if(|at| now >= *at).is_some()
    }
}

impl Hash for Deadline {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.is_some().hash(state);
    }
}

/// Picks waiting times, so that many clients do not come back in the same moment (xorshift). It hashes as nothing,
/// for it only shapes times.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// Dice of one's own for somebody.
    pub(crate) fn split(&mut self) -> Self {
        self.roll();
        Self(self.0)
    }

    /// Something between a half and the whole of that time.
    pub(crate) fn shorten(&mut self, wait: u64) -> u64 {
        self.roll();
        wait / 2 + self.0 % (wait / 2 + 1)
    }

    fn roll(&mut self) {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
    }
}

impl Hash for Dice {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// How often something was tried. It hashes as nothing, for it only shapes times and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tries(pub(crate) u32);

impl Tries {
    /// Doubles a time once for each try, up to a limit.
    pub(crate) fn double(self, time: u64, limit: u64) -> u64 {
        (time << self.0.min(16)).min(limit)
    }

    /// One more, up to a limit.
    pub(crate) fn count(&mut self, limit: u32) {
        self.0 = (self.0 + 1).min(limit);
    }
}

impl Hash for Tries {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
