//! Who is asked for what was written before this person came.

use maju_protocol::{HistoryLine, MAX_HISTORY, PeerId};

use crate::Moment;
use crate::clock::Deadline;

/// How long an answer may take before somebody else is asked, in milliseconds.
const PATIENCE: u64 = 4000;

/// The asking.
///
/// ```text
///         came             a channel opened            an answer
///  Known ──────▶ Wanted ─────────────────────▶ Asked ───────────▶ Told
///    ▲             │ ▲                           │
///    └─nobody left─┘ └─no answer, an empty one,──┘
///                      or they went: the next
/// ```
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct Past {
    state: State,
    /// Who was here before and is not asked yet.
    left: Vec<PeerId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    /// There is nothing to ask for.
    #[default]
    Known,
    Wanted,
    Asked(PeerId, Deadline),
    /// By whom, and how many more lines they may tell.
    Told(PeerId, usize),
}

impl Past {
    /// This person came, and these were here before.
    pub(crate) fn came(&mut self, people: impl Iterator<Item = PeerId>) {
        self.left = people.collect();
        self.state = State::Wanted;
        self.end();
    }

    pub(crate) fn deadline(&self) -> Deadline {
        match self.state {
            State::Asked(_, until) => until,
            _ => Deadline::default(),
        }
    }

    /// Whether somebody else's answer is being waited for, or somebody to ask.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Wanted | State::Asked(..))
    }

    /// Who is to be asked now of those whose channels are open.
    pub(crate) fn next(&mut self, now: Moment, open: impl Fn(&PeerId) -> bool) -> Option<PeerId> {
        if let State::Asked(id, until) = &mut self.state
            && (until.take(now) || !open(id))
        {
            self.state = State::Wanted;
        }
        if self.state != State::Wanted {
            return None;
        }
        let Some(index) = self.left.iter().position(open) else {
            self.end();
            return None;
        };
        let id = self.left.remove(index);
        self.state = State::Asked(id.clone(), Deadline::at(now + PATIENCE));
        Some(id)
    }

    /// Somebody left.
    pub(crate) fn gone(&mut self, id: &PeerId) {
        self.left.retain(|left| left != id);
        self.end();
    }

    /// Somebody tells these lines. Gives those that are to be taken in: who was not asked is not listened to.
    pub(crate) fn told(&mut self, from: &PeerId, mut lines: Vec<HistoryLine>) -> Vec<HistoryLine> {
        let most = match &self.state {
            State::Asked(id, _) if id == from && lines.is_empty() => {
                self.state = State::Wanted;
                return lines;
            }
            State::Asked(id, _) if id == from => MAX_HISTORY,
            State::Told(id, most) if id == from => *most,
            _ => return Vec::new(),
        };
        lines.truncate(most);
        self.left.clear();
        self.state = match most - lines.len() {
            0 => State::Known,
            more => State::Told(from.clone(), more),
        };
        lines
    }

    fn end(&mut self) {
        if self.left.is_empty() && self.state == State::Wanted {
            self.state = State::Known;
        }
    }
}
