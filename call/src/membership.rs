//! What this person is in the room: the seat, the role, what lets them in again, and what they decide on for others.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use maju_protocol::{
    ClientMessage, ErrorCode, Join, NewRules, PeerId, Person, Role, Rules, Secret, Signal, Welcome,
};

use crate::clock::Deadline;
use crate::{HostAct, Moment, Refusal, Waiter};

/// How long after a refusal a seat is asked for again, in milliseconds.
const ASK_AGAIN: u64 = 5000;

/// Whether this client has a seat on the socket that it has.
///
/// ```text
///         join             waiting
///  Out ─────────▶ Asked ───────────▶ Knocking
///   ▲               │ welcome           │ welcome
///   │               ▼                   │
///   └── lost ──── Held ◀────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Seat {
    /// Not asked for, or lost with the socket.
    Out,
    /// Asked for; not asked twice on one socket unless the person does.
    Asked,
    /// A host is to decide.
    Knocking,
    /// Welcomed.
    Held,
}

/// What the server knows this person as.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    seat: Seat,
    /// The newest token that takes the same seat again.
    resume: Option<Secret>,
    /// What makes this person the host of the room.
    host: Option<Secret>,
    /// What the person typed.
    password: Option<Secret>,
    /// What came with the link.
    token: Option<Secret>,
    role: Role,
    rules: Rules,
    waiters: Arc<Vec<Waiter>>,
    /// Whether somebody is there who could let this person in.
    attended: bool,
    refusal: Option<Refusal>,
    /// When to ask for a seat again that was refused in a call.
    ask_again: Deadline,
}

impl Membership {
    /// Somebody who has these from before.
    pub(crate) fn new(host: Option<Secret>, token: Option<Secret>) -> Self {
        Self {
            seat: Seat::Out,
            resume: None,
            host,
            password: None,
            token,
            role: Role::Guest,
            rules: Rules::default(),
            waiters: Arc::default(),
            attended: true,
            refusal: None,
            ask_again: Deadline::default(),
        }
    }

    pub(crate) fn seat(&self) -> Seat {
        self.seat
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    pub(crate) fn waiters(&self) -> &Arc<Vec<Waiter>> {
        &self.waiters
    }

    pub(crate) fn attended(&self) -> bool {
        self.attended
    }

    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.ask_again
    }

    /// Whether a seat that is perhaps on its way could be taken again.
    pub(crate) fn can_resume(&self) -> bool {
        self.resume.is_some()
    }

    /// Whether the seat is to be asked for, as far as nothing else has to come first.
    pub(crate) fn asks(&self) -> bool {
        self.seat == Seat::Out && !self.ask_again.is_set()
    }

    /// The question for a seat.
    pub(crate) fn ask(&mut self, room: &str, name: &str) -> ClientMessage<Signal> {
        self.seat = Seat::Asked;
        ClientMessage::Join(Join {
            room: room.to_owned(),
            name: name.to_owned(),
            resume: self.resume.clone(),
            host: self.host.clone(),
            password: self.password.clone(),
            token: self.token.clone(),
        })
    }

    /// The person wants in, anew.
    pub(crate) fn want(&mut self) {
        self.refusal = None;
    }

    /// The person typed a password.
    pub(crate) fn know(&mut self, password: Secret) {
        self.password = Some(password).filter(|password| !password.reveal().is_empty());
    }

    /// The seat is given. What makes this person the host, if it is new.
    pub(crate) fn welcome(&mut self, welcome: &Welcome) -> Option<Secret> {
        self.seat = Seat::Held;
        self.resume.clone_from(&welcome.resume);
        self.refusal = None;
        self.role = welcome.role;
        self.rules = welcome.rules;
        self.waiters = Arc::new(welcome.knocking.iter().map(Waiter::from).collect());
        self.promoted(welcome.host.clone())
    }

    /// A host is to decide.
    pub(crate) fn wait(&mut self, attended: bool) -> bool {
        if !matches!(self.seat, Seat::Asked | Seat::Knocking) {
            return false;
        }
        self.seat = Seat::Knocking;
        self.attended = attended;
        true
    }

    /// The server gave a newer token.
    pub(crate) fn renewed(&mut self, resume: Option<Secret>) {
        if resume.is_some() {
            self.resume = resume;
        }
    }

    pub(crate) fn ruled(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// This person's role is another one. What makes them the host, if it is new.
    pub(crate) fn became(&mut self, role: Role, host: Option<Secret>) -> Option<Secret> {
        self.role = role;
        if role == Role::Guest {
            self.waiters = Arc::default();
        }
        self.promoted(host)
    }

    /// Somebody waits to be let in.
    pub(crate) fn knocked(&mut self, person: &Person) {
        let waiters = Arc::make_mut(&mut self.waiters);
        waiters.retain(|waiter| waiter.id != person.id);
        waiters.push(person.into());
    }

    /// Somebody waits no longer.
    pub(crate) fn unknocked(&mut self, peer: &PeerId) {
        Arc::make_mut(&mut self.waiters).retain(|waiter| waiter.id != *peer);
    }

    /// The server refused a seat. In a call it is asked for again: somebody may leave.
    pub(crate) fn refused(&mut self, code: ErrorCode, text: String, in_call: bool, now: Moment) {
        if code == ErrorCode::WrongPassword {
            self.password = None;
        }
        self.refusal = Some(Refusal { code, text });
        if in_call {
            self.ask_again.set(now + ASK_AGAIN);
        } else {
            self.seat = Seat::Out;
        }
    }

    /// The socket is gone, and the seat with it until it is taken again.
    pub(crate) fn unseated(&mut self) {
        self.seat = Seat::Out;
    }

    /// The seat is given up for good.
    pub(crate) fn leave(&mut self) {
        self.seat = Seat::Out;
        self.resume = None;
        self.ask_again.clear();
        self.role = Role::Guest;
        self.waiters = Arc::default();
    }

    pub(crate) fn tick(&mut self, now: Moment) {
        if self.ask_again.take(now) {
            self.seat = Seat::Out;
        }
    }

    fn promoted(&mut self, host: Option<Secret>) -> Option<Secret> {
        if host.is_some() {
            self.host.clone_from(&host);
        }
        host
    }
}

/// What decides what comes next.
impl Hash for Membership {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.seat, &self.resume, self.ask_again).hash(state);
    }
}

impl From<HostAct> for ClientMessage<Signal> {
    fn from(act: HostAct) -> Self {
        match act {
            HostAct::Lock(locked) => Self::Rules(NewRules {
                locked: Some(locked),
                ..NewRules::default()
            }),
            HostAct::LetWait(waiting) => Self::Rules(NewRules {
                waiting: Some(waiting),
                ..NewRules::default()
            }),
            HostAct::Password(password) => Self::Rules(NewRules {
                password: Some(password),
                ..NewRules::default()
            }),
            HostAct::Admit(peer) => Self::Admit { peer },
            HostAct::Refuse(peer) => Self::Refuse { peer },
            HostAct::Mute(peer) => Self::Mute { peer },
            HostAct::Remove(peer) => Self::Remove { peer },
            HostAct::HandOver(peer) => Self::HandOver { peer },
        }
    }
}

impl From<&Person> for Waiter {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id.clone(),
            name: person.name.clone(),
        }
    }
}
