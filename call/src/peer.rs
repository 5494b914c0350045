//! Somebody else in the room, and the link to them.

mod link;
mod signals;
mod talk;

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use maju_protocol::{ChannelMessage, HistoryLine, Person, Role, Status};

use crate::budget::{Bucket, Budget};
use crate::chat::Said;
use crate::clock::{Deadline, Dice};
use crate::gestures::Gestures;
use crate::healing::Healing;
use crate::negotiation::Negotiation;
use crate::presence::Presence;
use crate::{
    Command, ConnectionState, Direction, Ice, LinkCommand, LinkId, Moment, Offence, PeerId, PersonState,
    PersonView, Sending,
};

pub(crate) use talk::MAX_SAID;

/// How long whoever is to begin the first link may take, in milliseconds.
const EXPECTED: u64 = 6000;

/// Somebody else.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    person: Person,
    presence: Presence,
    /// The number of the current link, and whether it is open.
    number: u32,
    open: bool,
    polite: bool,
    negotiation: Negotiation,
    healing: Healing,
    budget: Budget,
    offence: Option<Offence>,
    connection: ConnectionState,
    channel_open: bool,
    /// What was said to them and when it was written, newest last.
    said: VecDeque<(i64, ChannelMessage)>,
    /// The number of the newest chat message heard.
    heard: u32,
    /// What they do and want, once they said so.
    status: Option<Status>,
    /// Until when they count as writing.
    typing: Deadline,
    reactions: Bucket,
    questions: Bucket,
}

/// What is known of somebody who is not here, should they come back under the same id.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Trace {
    pub(crate) id: PeerId,
    number: u32,
    heard: u32,
    offence: Option<Offence>,
}

/// What a peer needs to know of the call when something happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own<'a> {
    pub(crate) now: Moment,
    /// Whether the server can be asked to relay.
    pub(crate) seated: bool,
    pub(crate) sending: Sending,
    pub(crate) microphone_on: bool,
    pub(crate) camera_on: bool,
    pub(crate) gestures: &'a Gestures,
    pub(crate) ice: &'a Ice,
}

/// What a peer wants done or noted. The roster hands it on.
#[derive(Debug)]
pub(crate) enum Output {
    Command(Command),
    Log(Direction, &'static str, String),
    /// A chat message to be shown.
    Chat(Said),
    /// They tell what was written before.
    History(Vec<HistoryLine>),
    /// They ask for what was written before.
    HistoryAsked,
    /// A reaction to be shown.
    Reaction(&'static str),
    /// The number of a hand that they raised.
    Hand(u32),
    /// They said that they leave.
    Left,
}

impl Output {
    /// Whether it is about more than this peer.
    pub(crate) fn is_wider(&self) -> bool {
        matches!(
            self,
            Self::Hand(_) | Self::History(_) | Self::HistoryAsked | Self::Left
        )
    }
}

impl Peer {
    /// Somebody came, or was there before. `offerer` tells whether the first offer comes from here; `trace` what is
    /// known of them from before.
    pub(crate) fn new(
        person: Person,
        me: &PeerId,
        offerer: bool,
        trace: Option<Trace>,
        own: Own<'_>,
        dice: Dice,
        out: &mut Vec<Output>,
    ) -> Self {
        let polite = *me > person.id;
        let (before, heard, offence) =
            trace.map_or((0, 0, None), |trace| (trace.number, trace.heard, trace.offence));
        let mut peer = Self {
            person,
            presence: Presence::new(),
            number: before,
            open: false,
            polite,
            negotiation: Negotiation::new(before, polite),
            healing: Healing::new(polite, dice),
            budget: Budget::new(own.now),
            offence,
            connection: ConnectionState::New,
            channel_open: false,
            said: VecDeque::new(),
            heard,
            status: None,
            typing: Deadline::default(),
            reactions: Bucket::of_reactions(own.now),
            questions: Bucket::of_questions(own.now),
        };
        match (offerer, before) {
            _ if peer.offence.is_some() => {}
            (_, 0) => peer.open(1, offerer, own, out),
            (true, _) => peer.open(peer.next_number(), true, own, out),
            // The number is for the other end to choose.
            (false, _) => peer.healing.expected(own.now, EXPECTED),
        }
        peer
    }

    pub(crate) fn id(&self) -> &PeerId {
        &self.person.id
    }

    /// They have another name.
    pub(crate) fn renamed(&mut self, name: String) {
        self.person.name = name;
    }

    /// They have another role.
    pub(crate) fn became(&mut self, role: Role) {
        self.person.role = role;
    }

    pub(crate) fn person(&self) -> &Person {
        &self.person
    }

    pub(crate) fn trace(&self) -> Trace {
        Trace {
            id: self.person.id.clone(),
            number: self.number,
            heard: self.heard,
            offence: self.offence,
        }
    }

    pub(crate) fn view(&self) -> PersonView {
        let state = if self.offence.is_some() {
            PersonState::Failed
        } else if self.connection == ConnectionState::Connected {
            PersonState::Connected
        } else if self.healing.is_hopeless() {
            PersonState::Failed
        } else if self.healing.carried() {
            PersonState::Reconnecting
        } else {
            PersonState::Connecting
        };
        PersonView {
            id: self.person.id.clone(),
            name: self.person.name.clone(),
            role: self.person.role,
            state,
            microphone: self.status.as_ref().map(|status| status.microphone),
            camera: self.status.as_ref().map(|status| status.camera),
            screen: self.offence.is_none() && self.status.as_ref().is_some_and(|status| status.screen),
            hand: self
                .status
                .as_ref()
                .and_then(|status| status.hand.filter(|_| self.offence.is_none())),
            typing: self.typing.is_set(),
            offence: self.offence,
        }
    }

    /// The times at which something is due.
    pub(crate) fn deadlines(&self) -> [Deadline; 4] {
        let (presence, typing) = (self.presence.deadline(), self.typing);
        if self.offence.is_some() {
            return [presence, typing, Deadline::default(), Deadline::default()];
        }
        [
            presence,
            typing,
            self.healing.deadline(),
            self.negotiation.deadline(),
        ]
    }

    /// The server named them again.
    pub(crate) fn named(&mut self, person: Person) {
        self.presence.named();
        self.person = person;
    }

    /// The server did not name them when the own seat was taken again.
    pub(crate) fn not_named(&mut self, now: Moment) {
        self.presence.not_named(now);
    }

    /// The server lost them.
    pub(crate) fn lost(&mut self) {
        self.presence.lost();
    }

    pub(crate) fn is_gone(&self, now: Moment) -> bool {
        self.presence.is_gone(now)
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        self.presence.tick(own.now);
        let _over = self.typing.take(own.now);
        let mut steps = Vec::new();
        self.negotiation.tick(own.now, &mut steps);
        self.carry_out(steps, own, out);
        self.heal(own, out);
    }

    fn command(&self, command: LinkCommand) -> Output {
        let link = LinkId {
            peer: self.person.id.clone(),
            number: self.number,
        };
        Output::Command(Command::Link(link, command))
    }
}

/// What decides what comes next; not what was said, nor the times. A field that is left out here makes the model check
/// take different states for the same.
impl Hash for Peer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.person.id.hash(state);
        self.presence.hash(state);
        (self.number, self.open, self.offence).hash(state);
        self.negotiation.hash(state);
        self.healing.hash(state);
        (self.connection, self.channel_open).hash(state);
        (&self.status, self.typing).hash(state);
    }
}

fn note(what: &'static str) -> Output {
    Output::Log(Direction::Local, what, String::new())
}
