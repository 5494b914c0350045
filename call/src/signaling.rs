//! The signaling socket: opened, greeted, lost and tried again.

use maju_protocol::{ClientMessage, VERSION};

use crate::clock::{Deadline, Dice, Tries};
use crate::{Command, Moment, Signaling, SocketCommand};

/// The waiting time before the second try, in milliseconds; it is doubled from try to try.
const FIRST_WAIT: u64 = 250;
/// Up to which time it is doubled, by the number of tries: whoever lost the server lately asks often, for it is mostly
/// back soon. These are about a minute and a half, then about eight minutes, then for ever.
const LONGEST_WAITS: [(u32, u64); 3] = [(60, 2000), (220, 4000), (u32::MAX, 16_000)];
/// How long the server may take to open and greet. A packet that got lost in the handshake is sent again after one
/// and three seconds; a fresh try after that comes sooner than the next repetition. Each fourth try has longer, for
/// those whose way is very slow.
const OPENING: u64 = 4000;
const LONG_OPENING: u64 = 16_000;
/// After so many tries in a row it is asked first whether the server is there.
const BLIND_TRIES: u32 = 4;
/// A socket that lived that long was a good one.
const STEADY: u64 = 5000;
/// How long the server may be away before anybody is told.
const UNTOLD: u64 = 2500;

/// The socket's state.
///
/// ```text
///   Opening ──Opened──▶ Greeting ──hello──▶ Ready
///     ▲  │                  │                 │
///     │  └──────────────────┴── Closed, or ───┤
///     │                       due and silent  │
///     └── the wait is over ── Waiting ◀───────┘        Shut: not wanted
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Shut,
    Opening,
    Greeting,
    Ready,
    Waiting,
}

/// The socket, from the call's point of view.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Socket {
    state: State,
    /// When the server has been silent for too long, or the wait is over.
    due: Deadline,
    tries: Tries,
    /// From when on the socket counts as a good one.
    steady: Deadline,
    /// How often the server says that it is there, in milliseconds; 0 if it does not.
    beat: u64,
    /// When a loss is to be told.
    worry: Deadline,
    worried: bool,
    dice: Dice,
}

impl Socket {
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            state: State::Shut,
            due: Deadline::default(),
            tries: Tries::default(),
            steady: Deadline::default(),
            beat: 0,
            worry: Deadline::default(),
            worried: false,
            dice,
        }
    }

    pub(crate) fn view(&self) -> Signaling {
        match self.state {
            State::Ready => Signaling::Ready,
            _ if self.worried => Signaling::Lost,
            _ => Signaling::Connecting,
        }
    }

    pub(crate) fn ready(&self) -> bool {
        self.state == State::Ready
    }

    pub(crate) fn deadlines(&self) -> [Deadline; 2] {
        [self.due, self.worry]
    }

    pub(crate) fn open(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.state = State::Opening;
        self.due.set(now + self.opening());
        out.push(Command::Socket(if self.tries.0 < BLIND_TRIES {
            SocketCommand::Open
        } else {
            SocketCommand::OpenIfThere
        }));
    }

    /// Opens it if it was shut.
    pub(crate) fn reopen(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.state == State::Shut {
            self.open(now, out);
        }
    }

    pub(crate) fn shut(&mut self, out: &mut Vec<Command>) {
        self.state = State::Shut;
        self.due.clear();
        self.tries = Tries::default();
        self.calm();
        out.push(Command::Socket(SocketCommand::Close));
    }

    pub(crate) fn opened(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.state == State::Opening {
            self.state = State::Greeting;
            self.due.set(now + self.opening());
            let hello = ClientMessage::Hello {
                versions: vec![VERSION],
            };
            out.push(Command::Socket(SocketCommand::Send(hello)));
        }
    }

    /// The server greeted, and says every `beat` milliseconds that it is there.
    pub(crate) fn greeted(&mut self, now: Moment, beat: u32) {
        if self.state == State::Greeting {
            self.state = State::Ready;
            self.beat = beat.into();
            self.steady.set(now + STEADY);
            self.calm();
            self.heard(now);
        }
    }

    /// The server said something.
    pub(crate) fn heard(&mut self, now: Moment) {
        if self.state != State::Ready {
            return;
        }
        if self.beat == 0 {
            self.due.clear();
        } else {
            // Two and a half beats: one may be late and the next may be lost.
            self.due.set(now + self.beat * 5 / 2);
        }
    }

    /// It closed, or could not be opened.
    pub(crate) fn closed(&mut self, now: Moment) {
        if self.state == State::Shut {
            return;
        }
        if self.steady.take(now) {
            self.tries = Tries::default();
        }
        self.steady.clear();
        self.state = State::Waiting;
        let longest = LONGEST_WAITS.iter().find(|(tries, _)| self.tries.0 < *tries);
        let wait = self
            .tries
            .double(FIRST_WAIT, longest.map_or(FIRST_WAIT, |(_, wait)| *wait));
        self.tries.count(u32::MAX - 1);
        self.due.set(now + self.dice.shorten(wait));
        if !self.worried && !self.worry.is_set() {
            self.worry.set(now + UNTOLD);
        }
    }

    /// There may be a way again, or another one: tries at once what would wait. A socket that is `stale` hangs on
    /// a way that is gone.
    pub(crate) fn hurry(&mut self, now: Moment, stale: bool, out: &mut Vec<Command>) {
        match self.state {
            State::Waiting => self.open(now, out),
            State::Opening | State::Greeting | State::Ready if stale => self.open(now, out),
            State::Ready if self.beat > 0 => {
                // Timers may have slept: the next beat decides.
                let soon = now + self.beat * 5 / 4;
                if self.due.moment().is_none_or(|due| due > soon) {
                    self.due.set(soon);
                }
            }
            State::Shut | State::Opening | State::Greeting | State::Ready => {}
        }
    }

    /// The time for something has come. True if the socket is given up.
    pub(crate) fn tick(&mut self, now: Moment, out: &mut Vec<Command>) -> bool {
        self.worried |= self.worry.take(now);
        if !self.due.take(now) {
            return false;
        }
        match self.state {
            State::Waiting => self.open(now, out),
            State::Opening | State::Greeting | State::Ready => {
                // It is silent, but there.
                out.push(Command::Socket(SocketCommand::Close));
                self.closed(now);
                return true;
            }
            State::Shut => {}
        }
        false
    }

    fn opening(&self) -> u64 {
        if self.tries.0 % 4 == 3 {
            LONG_OPENING
        } else {
            OPENING
        }
    }

    fn calm(&mut self) {
        self.worry.clear();
        self.worried = false;
    }
}
