//! What is done about a link that does not carry, and when.

use crate::Moment;
use crate::clock::{Deadline, Dice, Tries};

/// How long a browser may look for the way back by itself before ICE is restarted, in milliseconds.
const UNSTEADY: u64 = 700;
/// How long a new connection may take.
const BUILDING: u64 = 12_000;
/// How long a restart may take: until it is answered, and after that.
const ANSWERING: u64 = 20_000;
const RESTARTING: u64 = 3000;
/// How long a data channel may be closed on a connection that carries. Somebody who leaves closes it first.
const CHANNELLESS: u64 = 3000;
/// The waits between tries: doubled from the first to the last.
const FIRST_REST: u64 = 1000;
const LAST_REST: u64 = 30_000;
/// From so many tries on the way is called lost; it is tried all the same.
const HOPELESS: u32 = 5;
/// The same for a way that was never found.
const HOPELESS_AT_FIRST: u32 = 2;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Remedy {
    /// Restart ICE: new ways are looked for, the connection stays.
    Restart,
    /// Make the connection anew.
    Rebuild,
}

/// One link's health.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Healing {
    state: State,
    due: Deadline,
    tries: Tries,
    /// Whether a restart that did not help was repeated: in the first moments on another network its addresses may
    /// not be known yet.
    repeated: bool,
    /// Whether it ever carried: else it was never healthy, and restarting makes no sense.
    carried: bool,
    /// Whether it goes ways that it must not go any more.
    exposed: bool,
    /// Whether this end waits longer, so that the other one acts first and both do not do the same.
    patient: bool,
    dice: Dice,
}

/// ```text
///             disconnected            due, or failed          a way to signal
///   Well ────────────────▶ Unsteady ────────────────▶ Wanting ───────────────▶ Trying
///    ▲                        │                        ▲   ▲                    │  │
///    └──────── connected ─────┴──── (from anywhere)    │   └── due ── Resting ◀─┘  │
///                                                      └────── restart in vain ────┘
/// ```
///
/// Resting also follows where the other end is to act first, where the data channel closed, and where an offer stays
/// without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    /// It carries.
    Well,
    /// Nothing arrives; the browser may find back by itself.
    Unsteady,
    /// That is to be done as soon as there is a way to signal.
    Wanting(Remedy),
    /// That was begun, here or at the other end.
    Trying(Remedy),
    /// It did not help. After a while comes that.
    Resting(Remedy),
}

impl Healing {
    /// A link that is not there yet.
    pub(crate) fn new(patient: bool, dice: Dice) -> Self {
        Self {
            state: State::Resting(Remedy::Rebuild),
            due: Deadline::default(),
            tries: Tries::default(),
            repeated: false,
            carried: false,
            exposed: false,
            patient,
            dice,
        }
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.due
    }

    /// Whether it carried at some time.
    pub(crate) fn carried(&self) -> bool {
        self.carried
    }

    /// Whether nothing helped so far.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.tries.0 >= if self.carried { HOPELESS } else { HOPELESS_AT_FIRST }
    }

    /// A new connection was begun, here or at the other end.
    pub(crate) fn opened(&mut self, now: Moment) {
        self.exposed = false;
        self.tries.count(HOPELESS);
        self.to(State::Trying(Remedy::Rebuild), now + self.patience(BUILDING));
    }

    /// Nobody began a connection yet, though the other end is to.
    pub(crate) fn expected(&mut self, now: Moment, within: u64) {
        self.to(State::Resting(Remedy::Rebuild), now + within);
    }

    /// Media and messages get through.
    pub(crate) fn well(&mut self) {
        self.due.clear();
        self.state = if self.exposed {
            State::Wanting(Remedy::Rebuild)
        } else {
            State::Well
        };
        self.tries = Tries::default();
        self.repeated = false;
        self.carried = true;
    }

    /// `disconnected`.
    pub(crate) fn unsteady(&mut self, now: Moment) {
        if self.state == State::Well {
            self.to(State::Unsteady, now + self.patience(UNSTEADY));
        }
    }

    /// `failed`.
    pub(crate) fn failed(&mut self, now: Moment) {
        match self.state {
            State::Well | State::Unsteady if self.carried && !self.patient => self.want(Remedy::Restart),
            State::Well | State::Unsteady if self.carried => {
                self.to(State::Resting(Remedy::Restart), now + UNSTEADY);
            }
            State::Trying(Remedy::Restart) => self.want(Remedy::Rebuild),
            State::Well | State::Unsteady | State::Trying(Remedy::Rebuild) => self.rest(now),
            State::Wanting(_) | State::Resting(_) => {}
        }
    }

    /// The data channel closed though the connection carries.
    pub(crate) fn channel_lost(&mut self, now: Moment) {
        if self.state == State::Well {
            self.to(State::Resting(Remedy::Rebuild), now + self.patience(CHANNELLESS));
        }
    }

    /// This machine's network is another one: what worked may not, though nothing shows it yet.
    pub(crate) fn network_changed(&mut self) {
        match self.state {
            State::Well | State::Unsteady | State::Trying(Remedy::Restart) => self.want(Remedy::Restart),
            State::Resting(remedy) => self.want(remedy),
            State::Trying(Remedy::Rebuild) if self.carried => self.want(Remedy::Rebuild),
            State::Trying(Remedy::Rebuild) | State::Wanting(_) => {}
        }
    }

    /// There may be better ways now than those that were allowed.
    pub(crate) fn widen(&mut self) {
        match self.state {
            State::Trying(Remedy::Rebuild) => self.want(Remedy::Rebuild),
            _ => self.network_changed(),
        }
    }

    /// Some ways are forbidden from now on. A restart would not do: browsers stay on the way that they have, as long as it
    /// carries better than a new one.
    pub(crate) fn narrow(&mut self) {
        self.exposed = true;
        self.want(Remedy::Rebuild);
    }

    /// An offer of this link was answered, here or there. A restart has to help soon now.
    pub(crate) fn negotiated(&mut self, now: Moment) {
        if self.state == State::Trying(Remedy::Restart) {
            self.to(self.state, now + self.patience(RESTARTING));
        }
    }

    /// An offer stays without an answer that can be used.
    pub(crate) fn wedged(&mut self, now: Moment) {
        if !matches!(self.state, State::Wanting(_) | State::Resting(_)) {
            self.rest(now);
        }
    }

    /// What is to be done now. `carries` tells whether the link carries at the moment, which it may do all through a
    /// restart; `ways` for each remedy whether there is a way to signal it.
    pub(crate) fn tick(
        &mut self,
        now: Moment,
        carries: bool,
        ways: impl Fn(Remedy) -> bool,
    ) -> Option<Remedy> {
        if self.due.take(now) {
            match self.state {
                State::Trying(Remedy::Restart) if carries => self.well(),
                State::Unsteady => self.want(Remedy::Restart),
                State::Trying(Remedy::Restart) if !self.repeated => {
                    self.repeated = true;
                    self.want(Remedy::Restart);
                }
                State::Trying(Remedy::Restart) => self.want(Remedy::Rebuild),
                State::Trying(Remedy::Rebuild) => self.rest(now),
                State::Resting(remedy) => self.want(remedy),
                State::Well | State::Wanting(_) => {}
            }
        }
        let State::Wanting(remedy) = self.state else {
            return None;
        };
        if !ways(remedy) {
            return None;
        }
        if remedy == Remedy::Restart {
            if !carries {
                self.tries.count(HOPELESS);
            }
            self.to(State::Trying(remedy), now + self.patience(ANSWERING));
        }
        Some(remedy)
    }

    fn want(&mut self, remedy: Remedy) {
        self.state = State::Wanting(remedy);
        self.due.clear();
    }

    fn rest(&mut self, now: Moment) {
        let rest = self.tries.double(FIRST_REST, LAST_REST);
        let rest = self.dice.shorten(self.patience(rest));
        self.to(State::Resting(Remedy::Rebuild), now + rest);
    }

    fn to(&mut self, state: State, due: Moment) {
        self.state = state;
        self.due.set(due);
    }

    fn patience(&self, time: u64) -> u64 {
        if self.patient { time * 3 / 2 } else { time }
    }
}
