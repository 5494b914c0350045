//! The signaling socket: opened, greeted, lost and tried again.

use maju_protocol::{ClientMessage, VERSION};

use crate::{Command, Moment, Signaling, SocketCommand};

/// The waiting times between tries, in milliseconds: doubled from the first to the last.
const FIRST_WAIT: u64 = 500;
const LAST_WAIT: u64 = 16_000;

/// The socket's state.
///
/// ```text
///   Opening ──Opened──▶ Greeting ──hello──▶ Ready
///     ▲  │                  │                 │
///     │  └──────────────────┴──── Closed ─────┤
///     └── the wait is over ── Waiting ◀───────┘        Shut: not wanted
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Shut,
    Opening,
    Greeting,
    Ready,
    Waiting { until: Moment },
}

/// The socket, from the call's point of view.
#[derive(Debug)]
pub(crate) struct Socket {
    state: State,
    tries: u32,
    random: u64,
}

impl Socket {
    pub(crate) fn new(random: u64) -> Self {
        Self {
            state: State::Shut,
            tries: 0,
            random,
        }
    }

    pub(crate) fn view(&self) -> Signaling {
        match self.state {
            State::Ready => Signaling::Ready,
            State::Opening | State::Greeting if self.tries == 0 => Signaling::Connecting,
            State::Shut => Signaling::Connecting,
            State::Opening | State::Greeting | State::Waiting { .. } => Signaling::Lost,
        }
    }

    pub(crate) fn ready(&self) -> bool {
        self.state == State::Ready
    }

    pub(crate) fn open(&mut self, out: &mut Vec<Command>) {
        self.state = State::Opening;
        out.push(Command::Socket(SocketCommand::Open));
    }

    /// Opens it if it was shut.
    pub(crate) fn reopen(&mut self, out: &mut Vec<Command>) {
        if self.state == State::Shut {
            self.open(out);
        }
    }

    pub(crate) fn shut(&mut self, out: &mut Vec<Command>) {
        self.state = State::Shut;
        self.tries = 0;
        out.push(Command::Socket(SocketCommand::Close));
    }

    pub(crate) fn opened(&mut self, out: &mut Vec<Command>) {
        if self.state == State::Opening {
            self.state = State::Greeting;
            let hello = ClientMessage::Hello {
                versions: vec![VERSION],
            };
            out.push(Command::Socket(SocketCommand::Send(hello)));
        }
    }

    pub(crate) fn greeted(&mut self) {
        if self.state == State::Greeting {
            self.state = State::Ready;
            self.tries = 0;
        }
    }

    pub(crate) fn closed(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.state == State::Shut {
            return;
        }
        let wait = (FIRST_WAIT << self.tries.min(10)).min(LAST_WAIT);
        self.tries += 1;
        // Between a half and the whole of the wait (xorshift): a restarted server is not stormed by all at once.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let until = now + wait / 2 + self.random % (wait / 2 + 1);
        self.state = State::Waiting { until };
        out.push(Command::Wake(until));
    }

    pub(crate) fn tick(&mut self, now: Moment, out: &mut Vec<Command>) {
        if let State::Waiting { until } = self.state {
            if now >= until {
                self.open(out);
            } else {
                out.push(Command::Wake(until));
            }
        }
    }
}
