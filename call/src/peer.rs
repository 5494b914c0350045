//! Somebody else in the room, and the link to them.

use std::collections::VecDeque;

use maju_protocol::{CHANNEL_LABEL, ChannelMessage, ClientMessage, IceServer, Person, Signal};

use crate::log::{describe_candidate, describe_sdp};
use crate::negotiation::{Negotiation, Offer, Step};
use crate::{
    Command, ConnectionState, Direction, Kind, LinkCommand, LinkEvent, LinkId, PeerId, PersonState,
    PersonView, Sending, SocketCommand,
};

/// Chat messages that are said again on a new data channel: an old one may have died with some of them.
const MAX_SAID: usize = 100;
/// How often a connection that failed is made anew.
const MAX_REBUILDS: u32 = 3;
/// How often they may begin a new connection.
const MAX_RENEWALS: u32 = 50;

/// Somebody else.
#[derive(Debug)]
pub(crate) struct Peer {
    person: Person,
    /// The number of the current link.
    number: u32,
    polite: bool,
    negotiation: Negotiation,
    state: PersonState,
    connected_before: bool,
    rebuilds: u32,
    renewals: u32,
    channel_open: bool,
    /// What was said to them, newest last.
    said: VecDeque<ChannelMessage>,
    /// The number of the newest chat message heard.
    heard: u32,
    microphone: Option<bool>,
    camera: Option<bool>,
}

/// What a peer needs to know of the call when something happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own<'a> {
    pub(crate) sending: Sending,
    pub(crate) microphone_on: bool,
    pub(crate) camera_on: bool,
    pub(crate) ice_servers: &'a [IceServer],
}

/// What a peer wants done or noted. The roster hands it on.
#[derive(Debug)]
pub(crate) enum Output {
    Command(Command),
    Log(Direction, &'static str, String),
    /// A chat message to be shown.
    Chat(String),
}

impl Peer {
    /// Somebody came, or was there before; the link to them is opened. `offerer` tells whether the first offer
    /// comes from here.
    pub(crate) fn new(
        person: Person,
        me: &PeerId,
        offerer: bool,
        own: Own<'_>,
        out: &mut Vec<Output>,
    ) -> Self {
        let polite = *me > person.id;
        let mut peer = Self {
            person,
            number: 1,
            polite,
            negotiation: Negotiation::new(1, polite),
            state: PersonState::Connecting,
            connected_before: false,
            rebuilds: 0,
            renewals: 0,
            channel_open: false,
            said: VecDeque::new(),
            heard: 0,
            microphone: None,
            camera: None,
        };
        peer.open(1, offerer, own, out);
        peer
    }

    pub(crate) fn id(&self) -> &PeerId {
        &self.person.id
    }

    pub(crate) fn person(&self) -> &Person {
        &self.person
    }

    pub(crate) fn view(&self) -> PersonView {
        PersonView {
            id: self.person.id.clone(),
            name: self.person.name.clone(),
            state: self.state,
            microphone: self.microphone,
            camera: self.camera,
            offence: None,
        }
    }

    /// They relayed a signal.
    pub(crate) fn receive(&mut self, signal: Signal, own: Own<'_>, out: &mut Vec<Output>) {
        let (Signal::Offer { link, .. } | Signal::Answer { link, .. } | Signal::Candidate { link, .. }) =
            signal;
        if link < self.number {
            return out.push(note("a message of an earlier connection, dropped"));
        }
        if link > self.number {
            if !matches!(signal, Signal::Offer { .. }) || self.renewals == MAX_RENEWALS {
                return out.push(note("a message of a connection that is not there, dropped"));
            }
            self.renewals += 1;
            out.push(Output::Log(
                Direction::Received,
                "new connection",
                format!("number {link}"),
            ));
            self.close(out);
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
            } => {
                self.negotiation
                    .receive_offer(Offer { seq, answered, sdp }, &mut steps);
            }
            Signal::Answer {
                seq, answered, sdp, ..
            } => {
                self.negotiation.receive_answer(seq, answered, sdp, &mut steps);
            }
            Signal::Candidate { seq, candidate, .. } => {
                self.negotiation.receive_candidate(seq, candidate, &mut steps);
            }
        }
        self.carry_out(steps, out);
    }

    /// The link reported something.
    pub(crate) fn link_event(&mut self, number: u32, event: LinkEvent, own: Own<'_>, out: &mut Vec<Output>) {
        if number != self.number {
            return;
        }
        let mut steps = Vec::new();
        match event {
            LinkEvent::NegotiationNeeded => {
                out.push(note("negotiation needed"));
                self.negotiation.needed(&mut steps);
            }
            LinkEvent::OfferMade(sdp) => self.negotiation.offer_made(sdp, &mut steps),
            LinkEvent::AnswerMade(sdp) => self.negotiation.answer_made(sdp, &mut steps),
            LinkEvent::AnswerTaken => self.negotiation.answer_taken(&mut steps),
            LinkEvent::DescriptionFailed(reason) => {
                out.push(Output::Log(Direction::Local, "description failed", reason));
                self.negotiation.failed(&mut steps);
            }
            LinkEvent::Candidate(candidate) => self.negotiation.found_candidate(candidate, &mut steps),
            LinkEvent::Connection(state) => self.connection_changed(state, own, out),
            LinkEvent::State(what, to) => out.push(Output::Log(Direction::Local, what, to)),
            LinkEvent::Track(kind) => {
                let kind = match kind {
                    Kind::Microphone => "audio",
                    Kind::Camera => "video",
                };
                out.push(Output::Log(Direction::Received, "track", kind.to_owned()));
            }
            LinkEvent::ChannelOpened => self.channel_opened(own, out),
            LinkEvent::ChannelClosed => {
                self.channel_open = false;
                out.push(Output::Log(Direction::Local, "data channel", "closed".to_owned()));
            }
            LinkEvent::ChannelMessage(message) => self.hear(message, out),
        }
        self.carry_out(steps, out);
    }

    /// Sends a chat message, now or when the channel opens.
    pub(crate) fn say(&mut self, message: ChannelMessage, out: &mut Vec<Output>) {
        if self.channel_open {
            out.push(self.command(LinkCommand::Say(message.clone())));
        }
        if self.said.len() == MAX_SAID {
            self.said.pop_front();
        }
        self.said.push_back(message);
    }

    /// The own microphone or camera changed.
    pub(crate) fn own_changed(&mut self, kind: Kind, own: Own<'_>, out: &mut Vec<Output>) {
        let on = match kind {
            Kind::Microphone => own.sending.microphone,
            Kind::Camera => own.sending.camera,
        };
        out.push(self.command(LinkCommand::Send(kind, on)));
        if self.channel_open {
            out.push(self.command(LinkCommand::Say(status(own))));
        }
    }

    /// Closes the link.
    pub(crate) fn close(&mut self, out: &mut Vec<Output>) {
        out.push(self.command(LinkCommand::Close));
    }

    fn open(&mut self, number: u32, offerer: bool, own: Own<'_>, out: &mut Vec<Output>) {
        self.number = number;
        self.negotiation = Negotiation::new(number, self.polite);
        self.channel_open = false;
        self.state = if self.connected_before {
            PersonState::Reconnecting
        } else {
            PersonState::Connecting
        };
        let (ice_servers, sending) = (own.ice_servers.to_vec(), own.sending);
        let role = if offerer {
            "opened, will offer"
        } else {
            "opened, waits for an offer"
        };
        out.push(Output::Log(Direction::Local, "connection", role.to_owned()));
        out.push(self.command(LinkCommand::Open {
            offerer,
            ice_servers,
            sending,
        }));
        if offerer {
            // A new connection needs a negotiation; there is no use in waiting for the browser to say so.
            let mut steps = Vec::new();
            self.negotiation.needed(&mut steps);
            self.carry_out(steps, out);
        }
    }

    fn connection_changed(&mut self, state: ConnectionState, own: Own<'_>, out: &mut Vec<Output>) {
        out.push(Output::Log(
            Direction::Local,
            "connection",
            format!("{state:?}").to_ascii_lowercase(),
        ));
        self.state = match state {
            ConnectionState::Connected => {
                self.connected_before = true;
                self.rebuilds = 0;
                PersonState::Connected
            }
            ConnectionState::Failed => PersonState::Failed,
            ConnectionState::Disconnected => PersonState::Reconnecting,
            ConnectionState::New | ConnectionState::Connecting | ConnectionState::Closed => self.state,
        };
        // One side alone makes it anew, or both would at once.
        if state == ConnectionState::Failed && !self.polite && self.rebuilds < MAX_REBUILDS {
            self.rebuilds += 1;
            self.close(out);
            self.open(self.number.saturating_add(1), true, own, out);
        }
    }

    fn channel_opened(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        self.channel_open = true;
        out.push(Output::Log(
            Direction::Local,
            "data channel",
            format!("{CHANNEL_LABEL}: open"),
        ));
        out.push(self.command(LinkCommand::Say(status(own))));
        // What they have heard already they know by its number.
        out.extend(
            self.said
                .iter()
                .map(|message| self.command(LinkCommand::Say(message.clone()))),
        );
    }

    fn hear(&mut self, message: Result<ChannelMessage, String>, out: &mut Vec<Output>) {
        match message {
            Ok(ChannelMessage::Status { microphone, camera }) => {
                self.microphone = Some(microphone);
                self.camera = Some(camera);
            }
            Ok(ChannelMessage::Chat { seq, text }) if seq > self.heard => {
                self.heard = seq;
                out.push(Output::Chat(text));
            }
            Ok(ChannelMessage::Signal(_) | ChannelMessage::Leave {}) => {}
            Ok(ChannelMessage::Chat { .. }) => out.push(note("a repeated chat message, dropped")),
            Err(reason) => out.push(Output::Log(Direction::Received, "not understood", reason)),
        }
    }

    fn carry_out(&self, steps: Vec<Step>, out: &mut Vec<Output>) {
        for step in steps {
            match step {
                Step::Do(command) => out.push(self.command(command)),
                Step::Note(what) => out.push(note(what)),
                Step::Tell(signal) => {
                    let (what, detail) = describe(&signal);
                    out.push(Output::Log(Direction::Sent, what, detail));
                    let message = ClientMessage::Relay {
                        to: self.person.id.clone(),
                        payload: signal,
                    };
                    out.push(Output::Command(Command::Socket(SocketCommand::Send(message))));
                }
            }
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

fn status(own: Own<'_>) -> ChannelMessage {
    ChannelMessage::Status {
        microphone: own.microphone_on,
        camera: own.camera_on,
    }
}

/// A signal as the log tells of it, sent or received.
fn describe(signal: &Signal) -> (&'static str, String) {
    match signal {
        Signal::Offer { seq, sdp, .. } => ("offer", format!("#{seq}: {}", describe_sdp(sdp))),
        Signal::Answer {
            seq, answered, sdp, ..
        } => ("answer", format!("#{seq} to #{answered}: {}", describe_sdp(sdp))),
        Signal::Candidate { candidate, .. } => ("candidate", describe_candidate(&candidate.candidate)),
    }
}

fn note(what: &'static str) -> Output {
    Output::Log(Direction::Local, what, String::new())
}
