//! Tells somebody who talks while muted that nobody hears them.

use crate::Moment;

/// After so much speech, in milliseconds.
const SPEECH: u64 = 600;
/// How long it is told, in milliseconds.
const TOLD: u64 = 6000;
/// How long it is not told again, in milliseconds: who keeps talking means somebody beside them.
const REST: u64 = 60_000;

/// Whether it is told now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reminder {
    until: Option<Moment>,
    rests_until: Moment,
}

impl Reminder {
    pub(crate) fn is_told(self) -> bool {
        self.until.is_some()
    }

    /// Somebody who is muted has been heard to speak for so long.
    pub(crate) fn hear(&mut self, now: Moment, speech: u64) {
        if self.until.is_some() {
            self.until.take_if(|until| now >= *until);
        } else if speech >= SPEECH && now >= self.rests_until {
            self.until = Some(now + TOLD);
            self.rests_until = now + TOLD + REST;
        }
    }

    /// They are heard again, or nobody is there to hear them.
    pub(crate) fn end(&mut self) {
        self.until = None;
    }
}
