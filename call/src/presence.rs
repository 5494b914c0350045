//! Whether somebody is there: what the server says of them, and whether the connection to them carries.

use crate::Moment;
use crate::clock::Deadline;

/// How long a connection may be down before somebody whom the server lost counts as gone, in milliseconds.
const DOWN: u64 = 2000;
/// How long somebody whom the server did not name may take to come back to it, as after its restart.
const MISSING: u64 = 10_000;

/// Decides who is taken off the screen, and when.
///
/// | the server says | the connection carries | it does not |
/// |---|---|---|
/// | here: they have a seat | shown | shown and healed |
/// | nothing: it did not name them when the own seat was taken again | shown | shown; after 10 s taken for lost |
/// | lost: nothing was heard of them | shown | gone once it has been down for 2 s |
/// | left | gone | gone |
///
/// Somebody who says on the data channel that they leave is gone at once, too.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Presence {
    said: Said,
    /// Whether the connection carries.
    carried: bool,
    /// From when on a connection that does not carry counts as down.
    down: Deadline,
}

/// What the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Said {
    Here,
    /// Until then they may come back.
    Nothing(Deadline),
    Lost,
}

impl Presence {
    /// Somebody whom the server named.
    pub(crate) fn new() -> Self {
        Self {
            said: Said::Here,
            carried: false,
            down: Deadline::default(),
        }
    }

    /// The server named them.
    pub(crate) fn named(&mut self) {
        self.said = Said::Here;
    }

    /// The server named others, and not them.
    pub(crate) fn not_named(&mut self, now: Moment) {
        if self.said == Said::Here {
            self.said = Said::Nothing(Deadline::at(now + MISSING));
        }
    }

    /// The server lost them.
    pub(crate) fn lost(&mut self) {
        self.said = Said::Lost;
    }

    /// The connection carries, or does not.
    pub(crate) fn carries(&mut self, now: Moment, carries: bool) {
        if self.carried && !carries {
            self.down.set(now + DOWN);
        }
        self.carried = carries;
    }

    /// Whether the server can reach them.
    pub(crate) fn is_here(&self) -> bool {
        self.said == Said::Here
    }

    pub(crate) fn is_gone(&self, now: Moment) -> bool {
        let down = self.down.moment().is_none_or(|since| now >= since);
        self.said == Said::Lost && !self.carried && down
    }

    /// When something about them changes by itself.
    pub(crate) fn deadline(&self) -> Deadline {
        match self.said {
            Said::Nothing(until) => until,
            Said::Lost if !self.carried => self.down,
            Said::Here | Said::Lost => Deadline::default(),
        }
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, now: Moment) {
        if let Said::Nothing(mut until) = self.said
            && until.take(now)
        {
            self.said = Said::Lost;
        }
    }
}
