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
///  Out ─────────▶ Asked ───────────▶ Knocking        From anywhere back to Out: the socket is gone,
///                   │ welcome           │ welcome     the server refuses, or the person leaves.
///                   ▼                   │
///                  Held ◀───────────────┘
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
    /// Whether the room wanted a password, before this person had a seat.
    asks_password: bool,
    /// Whether the room wants it though there was a seat before: the token that takes it again did not do.
    proves: bool,
    /// What came with the link.
    token: Option<Secret>,
    role: Role,
    rules: Rules,
    rules_told: u32,
    waiters: Arc<Vec<Waiter>>,
    /// Whether somebody is there who could let this person in.
    attended: bool,
    /// Why there is no seat.
    refusal: Option<Refusal>,
    /// What was not done for a host.
    not_done: Option<Refusal>,
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
            asks_password: false,
            proves: false,
            token,
            role: Role::Guest,
            rules: Rules::default(),
            rules_told: 0,
            waiters: Arc::default(),
            attended: true,
            refusal: None,
            not_done: None,
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

    pub(crate) fn rules_told(&self) -> u32 {
        self.rules_told
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

    pub(crate) fn not_done(&self) -> Option<&Refusal> {
        self.not_done.as_ref()
    }

    pub(crate) fn asks_password(&self) -> bool {
        self.asks_password
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

    /// The question for a seat. Whoever had one needs no password, and checking one is work for the server, which has
    /// enough of it when everybody comes back at once.
    pub(crate) fn ask(&mut self, room: &str, name: &str) -> ClientMessage<Signal> {
        self.seat = Seat::Asked;
        let tells = self.resume.is_none() || self.proves;
        ClientMessage::Join(Join {
            room: room.to_owned(),
            name: name.to_owned(),
            resume: self.resume.clone(),
            host: self.host.clone(),
            password: self.password.clone().filter(|_| tells),
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
        self.asks_password = false;
        self.proves = false;
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
        self.rules_told = self.rules_told.wrapping_add(1);
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

    /// The server refused a seat. In a call it is asked for again, after `wait` milliseconds at the soonest: somebody may
    /// leave.
    pub(crate) fn refused(&mut self, refusal: Refusal, wait: Option<u32>, in_call: bool, now: Moment) {
        let code = refusal.code;
        let known = self.password.is_some();
        if code == ErrorCode::WrongPassword {
            self.password = None;
        }
        if in_call && code == ErrorCode::PasswordNeeded && known && !self.proves {
            self.proves = true;
            self.seat = Seat::Out;
            return;
        }
        self.refusal = Some(refusal);
        if in_call {
            let wait = wait.map_or(ASK_AGAIN, |wait| ASK_AGAIN.max(wait.into()));
            self.ask_again.set(now + wait);
        } else {
            self.asks_password |= matches!(code, ErrorCode::PasswordNeeded | ErrorCode::WrongPassword);
            self.seat = Seat::Out;
        }
    }

    /// The server did not do what this person wanted as a host. That somebody went meanwhile goes without saying.
    pub(crate) fn refused_act(&mut self, refusal: Refusal) {
        self.not_done = Some(refusal).filter(|refusal| refusal.code != ErrorCode::UnknownPeer);
    }

    /// The person has read it, or does the next thing.
    pub(crate) fn dismiss(&mut self) {
        self.not_done = None;
    }

    /// The socket is gone, and the seat with it until it is taken again.
    pub(crate) fn unseated(&mut self) {
        self.seat = Seat::Out;
    }

    /// The seat is given up for good.
    pub(crate) fn leave(&mut self) {
        self.seat = Seat::Out;
        self.resume = None;
        self.proves = false;
        self.ask_again.clear();
        self.role = Role::Guest;
        self.rules = Rules::default();
        self.waiters = Arc::default();
        self.not_done = None;
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
        (self.seat, &self.resume, self.proves, self.ask_again).hash(state);
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
