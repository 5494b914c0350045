//! Somebody else in the room, and the link to them.

mod talk;

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use maju_protocol::{ChannelMessage, ClientMessage, HistoryLine, Person, Role, Signal, Status};

use crate::budget::{Act, Bucket, Budget};
use crate::chat::Said;
use crate::clock::{Deadline, Dice};
use crate::gestures::Gestures;
use crate::healing::{Healing, Remedy};
use crate::log::describe;
use crate::negotiation::{Negotiation, Offer, Step};
use crate::presence::Presence;
use crate::{
    Command, ConnectionState, Direction, Ice, Kind, LinkCommand, LinkEvent, LinkId, Misread, Moment, Offence,
    PeerId, PersonState, PersonView, Pictures, Sending, SocketCommand,
};

pub(crate) use talk::MAX_SAID;

/// How far a number of a new link may be above the highest seen: numbers that are made up must not use them all up.
const MAX_LEAP: u32 = 1000;
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

    /// They relayed a signal.
    pub(crate) fn receive(&mut self, signal: Result<Signal, Misread>, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_some() || !self.may(Act::Signal, own, out) {
            return;
        }
        match signal {
            Ok(signal) => self.take_signal(signal, own, out),
            Err(misread) => self.not_understood(misread, own, out),
        }
    }

    fn take_signal(&mut self, signal: Signal, own: Own<'_>, out: &mut Vec<Output>) {
        let is_offer = matches!(signal, Signal::Offer { .. });
        if is_offer && !self.may(Act::Offer, own, out) {
            return;
        }
        let (Signal::Offer { link, .. } | Signal::Answer { link, .. } | Signal::Candidate { link, .. }) =
            signal;
        if link < self.number || (link == self.number && !self.open) {
            return out.push(note("a message of an earlier connection, dropped"));
        }
        if link > self.number {
            if !is_offer || link - self.number > MAX_LEAP {
                return out.push(note("a message of a connection that is not there, dropped"));
            }
            if !self.may(Act::Link, own, out) {
                return;
            }
            out.push(Output::Log(
                Direction::Received,
                "new connection",
                format!("number {link}"),
            ));
            self.open(link, false, own, out);
        }
        let flooding = matches!(signal, Signal::Candidate { .. }) && self.negotiation.flooded();
        if !flooding {
            let (what, detail) = describe(&signal);
            out.push(Output::Log(Direction::Received, what, detail));
        }
        let mut steps = Vec::new();
        match signal {
            Signal::Offer {
                seq, answered, sdp, ..
            } => self
                .negotiation
                .receive_offer(Offer { seq, answered, sdp }, &mut steps),
            Signal::Answer {
                seq, answered, sdp, ..
            } => self.negotiation.receive_answer(seq, answered, sdp, &mut steps),
            Signal::Candidate { seq, candidate, .. } => {
                self.negotiation.receive_candidate(seq, candidate, &mut steps);
            }
        }
        self.carry_out(steps, own, out);
    }

    /// The link reported something.
    pub(crate) fn link_event(&mut self, number: u32, event: LinkEvent, own: Own<'_>, out: &mut Vec<Output>) {
        if number != self.number || !self.open {
            return;
        }
        let mut steps = Vec::new();
        match event {
            LinkEvent::NegotiationNeeded => {
                out.push(note("negotiation needed"));
                self.negotiation.needed(&mut steps);
            }
            LinkEvent::OfferMade(sdp) => self.negotiation.offer_made(own.now, sdp, &mut steps),
            LinkEvent::AnswerMade(sdp) => {
                self.negotiation.answer_made(sdp, &mut steps);
                self.healing.negotiated(own.now);
            }
            LinkEvent::AnswerTaken => {
                self.negotiation.answer_taken(&mut steps);
                self.healing.negotiated(own.now);
            }
            LinkEvent::DescriptionFailed(reason) => {
                out.push(Output::Log(Direction::Local, "description failed", reason));
                if self.negotiation.is_about_theirs() && !self.may(Act::Nonsense, own, out) {
                    return;
                }
                self.negotiation.failed(own.now, &mut steps);
            }
            LinkEvent::Candidate(candidate) => self.negotiation.found_candidate(candidate, &mut steps),
            LinkEvent::Connection(state) => self.connection_changed(state, own, out),
            LinkEvent::State(what, to) => out.push(Output::Log(Direction::Local, what, to)),
            LinkEvent::Track(kind) => {
                let kind = match kind {
                    Kind::Microphone => "audio",
                    Kind::Camera => "video",
                    Kind::Screen => "screen",
                    Kind::ScreenSound => "screen's sound",
                };
                out.push(Output::Log(Direction::Received, "track", kind.to_owned()));
            }
            LinkEvent::ChannelOpened => {
                self.channel_opened(own, out);
                if !self.is_by_server(own) {
                    self.negotiation.signaling_opened(own.now, &mut steps);
                }
            }
            LinkEvent::ChannelClosed => {
                self.channel_open = false;
                self.healing.channel_lost(own.now);
                out.push(Output::Log(Direction::Local, "data channel", "closed".to_owned()));
            }
            LinkEvent::ChannelMessage(message) => {
                if self.may(Act::Message, own, out) {
                    self.hear(message, own, out);
                }
            }
        }
        self.carry_out(steps, own, out);
        self.heal(own, out);
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

    /// The own seat was taken again: what was sent meanwhile may be lost.
    pub(crate) fn signaling_opened(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        let mut steps = Vec::new();
        self.negotiation.signaling_opened(own.now, &mut steps);
        self.carry_out(steps, own, out);
        self.heal(own, out);
    }

    /// This machine's network is another one.
    pub(crate) fn network_changed(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_none() {
            self.healing.network_changed();
            self.heal(own, out);
        }
    }

    /// Ways are to be looked for in another manner from now on; at once, if those that are there will not do.
    pub(crate) fn configure(&mut self, were_relay_only: bool, own: Own<'_>, out: &mut Vec<Output>) {
        if self.open {
            out.push(self.command(LinkCommand::Configure(own.ice.clone())));
        }
        if own.ice.relay_only != were_relay_only && self.offence.is_none() {
            if own.ice.relay_only {
                self.healing.narrow();
            } else {
                self.healing.widen();
            }
            self.heal(own, out);
        }
    }

    /// What is sent of the own changed.
    pub(crate) fn own_changed(&mut self, kind: Kind, own: Own<'_>, out: &mut Vec<Output>) {
        if !self.open {
            return;
        }
        out.push(self.command(LinkCommand::Send(kind, own.sending.has(kind))));
        // Whether a screen has sound is not told.
        if self.channel_open && kind != Kind::ScreenSound {
            out.push(self.command(LinkCommand::Say(talk::status(own))));
        }
    }

    /// Says goodbye where that is possible, and closes the link.
    pub(crate) fn leave(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.channel_open {
            out.push(self.command(LinkCommand::Say(ChannelMessage::Leave {})));
        }
        self.close(now, out);
    }

    /// Closes the link.
    pub(crate) fn close(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.open {
            out.push(self.command(LinkCommand::Close));
        }
        self.open = false;
        self.channel_open = false;
        self.typing.clear();
        self.connection = ConnectionState::Closed;
        self.presence.carries(now, false);
    }

    /// Opens a link of that number in the place of the one that there may be.
    fn open(&mut self, number: u32, offerer: bool, own: Own<'_>, out: &mut Vec<Output>) {
        self.close(own.now, out);
        self.number = number;
        self.open = true;
        self.negotiation = Negotiation::new(number, self.polite);
        self.connection = ConnectionState::New;
        self.healing.opened(own.now);
        let (ice, sending) = (own.ice.clone(), own.sending);
        let role = if offerer {
            "opened, will offer"
        } else {
            "opened, waits for an offer"
        };
        out.push(Output::Log(Direction::Local, "connection", role.to_owned()));
        out.push(self.command(LinkCommand::Open {
            offerer,
            ice,
            sending,
        }));
        let limit = self.pictures();
        if limit != Pictures::All {
            out.push(self.command(LinkCommand::Limit(limit)));
        }
        if offerer {
            // A new connection needs a negotiation; there is no use in waiting for the browser to say so.
            let mut steps = Vec::new();
            self.negotiation.needed(&mut steps);
            self.carry_out(steps, own, out);
        }
    }

    /// The next number above all that were seen: odd ones are the impolite side's, even ones the polite side's, so
    /// that two links that are begun at once never bear the same.
    fn next_number(&self) -> u32 {
        let next = self.number.saturating_add(1);
        let mine = next.is_multiple_of(2) == self.polite;
        if mine { next } else { next.saturating_add(1) }
    }

    fn connection_changed(&mut self, state: ConnectionState, own: Own<'_>, out: &mut Vec<Output>) {
        out.push(Output::Log(
            Direction::Local,
            "connection",
            format!("{state:?}").to_ascii_lowercase(),
        ));
        self.connection = state;
        self.presence
            .carries(own.now, state == ConnectionState::Connected);
        match state {
            ConnectionState::Connected if self.channel_open => self.healing.well(),
            ConnectionState::Disconnected => self.healing.unsteady(own.now),
            ConnectionState::Failed => self.healing.failed(own.now),
            ConnectionState::Connected
            | ConnectionState::New
            | ConnectionState::Connecting
            | ConnectionState::Closed => {}
        }
    }

    /// Does what can be done about a link that does not carry.
    fn heal(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_some() {
            return;
        }
        let by_server = self.is_by_server(own);
        if by_server && self.negotiation.is_wedged() {
            self.healing.wedged(own.now);
        }
        let by_channel = self.channel_open;
        let carries = self.connection == ConnectionState::Connected && by_channel;
        let remedy = self.healing.tick(own.now, carries, |remedy| match remedy {
            Remedy::Restart => by_server || by_channel,
            Remedy::Rebuild => by_server,
        });
        match remedy {
            Some(Remedy::Restart) => {
                out.push(note("looking for a new way"));
                out.push(self.command(LinkCommand::Restart));
                let mut steps = Vec::new();
                self.negotiation.needed(&mut steps);
                self.carry_out(steps, own, out);
            }
            Some(Remedy::Rebuild) => {
                let number = self.next_number();
                self.open(number, true, own, out);
            }
            None => {}
        }
    }

    fn carry_out(&self, steps: Vec<Step>, own: Own<'_>, out: &mut Vec<Output>) {
        if !self.open {
            return;
        }
        for step in steps {
            match step {
                Step::Do(command) => out.push(self.command(command)),
                Step::Note(what) => out.push(note(what)),
                Step::Tell(signal) => self.tell(signal, own, out),
            }
        }
    }

    /// Whether signals go by the server.
    fn is_by_server(&self, own: Own<'_>) -> bool {
        own.seated && self.presence.is_here()
    }

    /// Sends a signal by the server, or by the data channel while the server is away. Without any way it is lost;
    /// what matters is sent again.
    fn tell(&self, signal: Signal, own: Own<'_>, out: &mut Vec<Output>) {
        let (what, detail) = describe(&signal);
        if self.is_by_server(own) {
            out.push(Output::Log(Direction::Sent, what, detail));
            let message = ClientMessage::Relay {
                to: self.person.id.clone(),
                payload: signal,
            };
            out.push(Output::Command(Command::Socket(SocketCommand::Send(message))));
        } else if self.channel_open {
            out.push(Output::Log(
                Direction::Sent,
                what,
                format!("{detail}, by the data channel"),
            ));
            out.push(self.command(LinkCommand::Say(ChannelMessage::Signal(signal))));
        }
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
