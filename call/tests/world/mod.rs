//! A world without browsers: several calls, a server, and a network that delivers in whichever order it is told.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]
#![allow(dead_code, reason = "each file of tests uses a part of it")]

mod connection;

use std::collections::{BTreeMap, VecDeque};

use maju_call::{
    Call, Captured, Command, Event, Kind, LinkCommand, LinkEvent, LinkId, MediaCommand, MediaEvent, PeerId,
    Phase, Setup, SocketCommand, SocketEvent, UserEvent, View,
};
use maju_protocol::{ClientMessage, LeaveReason, Person, ServerMessage, Signal};

pub(crate) use connection::Connection;

/// All people, and all that is under way between them.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) people: Vec<Someone>,
    /// Relayed signals that have not arrived.
    pub(crate) relays: Vec<Relay>,
    /// Relayed signals may overtake each other.
    pub(crate) reorder: bool,
    /// Data channels swallow what is said on them.
    pub(crate) deaf: bool,
    now: u64,
}

/// One person: the call and its simulated browser.
pub(crate) struct Someone {
    pub(crate) call: Call,
    pub(crate) connections: BTreeMap<LinkId, Connection>,
    seat: Option<PeerId>,
    name: String,
    room: String,
    events: VecDeque<Event>,
}

impl Someone {
    /// A browser fires `negotiationneeded` only if a negotiation is still needed at that time.
    fn is_outdated(&self, event: &Event) -> bool {
        let Event::Link(link, LinkEvent::NegotiationNeeded) = event else {
            return false;
        };
        self.connections.get(link).is_some_and(Connection::is_negotiating)
    }
}

/// A signal on its way.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    pub(crate) from: PeerId,
    pub(crate) to: PeerId,
    pub(crate) signal: Signal,
}

/// Something that can happen next.
#[derive(Clone, Debug)]
enum Step {
    Event(usize),
    Operation(usize, LinkId),
    Relay(usize),
}

impl World {
    /// An empty world in which relayed signals may overtake each other, or not.
    pub(crate) fn new(reorder: bool) -> Self {
        Self {
            reorder,
            ..Self::default()
        }
    }

    /// Opens the lobby of a room for somebody, who wants both microphone and camera, or neither.
    pub(crate) fn arrive(&mut self, room: &str, name: &str, media: bool) -> usize {
        let setup = Setup {
            room: room.to_owned(),
            name: name.to_owned(),
            join: false,
            microphone: media,
            camera: media,
            random: 7,
        };
        let (call, commands) = Call::new(self.now, setup);
        self.people.push(Someone {
            call,
            connections: BTreeMap::new(),
            seat: None,
            name: name.to_owned(),
            room: room.to_owned(),
            events: VecDeque::new(),
        });
        let who = self.people.len() - 1;
        self.carry_out(who, commands);
        who
    }

    /// Arrives and presses Join.
    pub(crate) fn join(&mut self, name: &str, media: bool) -> usize {
        let who = self.arrive("room", name, media);
        self.act(who, UserEvent::Join);
        who
    }

    /// Somebody presses or types something.
    pub(crate) fn act(&mut self, who: usize, event: UserEvent) {
        self.update(who, Event::User(event));
    }

    /// Something happens to somebody.
    pub(crate) fn update(&mut self, who: usize, event: Event) {
        self.now += 1;
        let commands = self.people[who].call.update(self.now, event);
        self.carry_out(who, commands);
    }

    pub(crate) fn view(&self, who: usize) -> &View {
        self.people[who].call.view()
    }

    pub(crate) fn id(&self, who: usize) -> PeerId {
        self.people[who].seat.clone().expect("a seat")
    }

    /// The newest connection from one to the other.
    pub(crate) fn connection(&self, from: usize, to: usize) -> &Connection {
        let to = self.id(to);
        self.people[from]
            .connections
            .values()
            .rfind(|connection| connection.id.peer == to)
            .expect("a connection")
    }

    /// Lets everything that is under way come to its end, the oldest first.
    pub(crate) fn settle(&mut self) {
        for _ in 0..20_000 {
            if !self.step(0) {
                return;
            }
        }
        panic!("the world does not come to rest");
    }

    /// Lets one thing happen, picked from all that can. False if nothing can.
    pub(crate) fn step(&mut self, pick: usize) -> bool {
        let mut steps: Vec<Step> = Vec::new();
        for (who, someone) in self.people.iter().enumerate() {
            if !someone.events.is_empty() {
                steps.push(Step::Event(who));
            }
            let busy = someone
                .connections
                .values()
                .filter(|connection| !connection.operations.is_empty());
            steps.extend(busy.map(|connection| Step::Operation(who, connection.id.clone())));
        }
        for (index, relay) in self.relays.iter().enumerate() {
            let first = |other: &Relay| other.from == relay.from && other.to == relay.to;
            if self.reorder || self.relays.iter().position(first) == Some(index) {
                steps.push(Step::Relay(index));
            }
        }
        if steps.is_empty() {
            return false;
        }
        match steps.swap_remove(pick % steps.len()) {
            Step::Event(who) => {
                let event = self.people[who].events.pop_front().expect("an event");
                if !self.people[who].is_outdated(&event) {
                    self.update(who, event);
                }
            }
            Step::Operation(who, link) => {
                let someone = &mut self.people[who];
                let connection = someone.connections.get_mut(&link).expect("a connection");
                let events = connection.operate();
                someone
                    .events
                    .extend(events.into_iter().map(|event| Event::Link(link.clone(), event)));
            }
            Step::Relay(index) => {
                let relay = self.relays.remove(index);
                self.deliver(relay);
            }
        }
        true
    }

    /// Lets a signal arrive now.
    pub(crate) fn deliver(&mut self, Relay { from, to, signal }: Relay) {
        if let Some(who) = self
            .people
            .iter()
            .position(|someone| someone.seat.as_ref() == Some(&to))
        {
            self.tell(
                who,
                ServerMessage::Relay {
                    from,
                    payload: Ok(signal),
                },
            );
        }
    }

    fn tell(&mut self, who: usize, message: ServerMessage<Result<Signal, String>>) {
        self.people[who]
            .events
            .push_back(Event::Socket(SocketEvent::Message(message)));
    }

    fn carry_out(&mut self, who: usize, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Socket(command) => self.socket(who, command),
                Command::Media(command) => self.media(who, command),
                Command::Link(link, command) => self.link(who, &link, command),
                Command::Wake(_) => {}
            }
        }
    }

    fn socket(&mut self, who: usize, command: SocketCommand) {
        match command {
            SocketCommand::Open => self.people[who]
                .events
                .push_back(Event::Socket(SocketEvent::Opened)),
            SocketCommand::Close => self.vacate(who, LeaveReason::Lost),
            SocketCommand::Send(ClientMessage::Hello { .. }) => {
                self.tell(who, ServerMessage::Hello { version: 1, beat: 0 })
            }
            SocketCommand::Send(ClientMessage::Join { room, name, .. }) => self.seat(who, &room, &name),
            SocketCommand::Send(ClientMessage::Leave {}) => self.vacate(who, LeaveReason::Left),
            SocketCommand::Send(ClientMessage::Relay { to, payload }) => {
                let from = self.id(who);
                self.relays.push(Relay {
                    from,
                    to,
                    signal: payload,
                });
            }
        }
    }

    fn seat(&mut self, who: usize, room: &str, name: &str) {
        // The order of the ids decides who is polite; it is not the order of arrival.
        let you = PeerId::new(format!(
            "{}-{name}",
            if who.is_multiple_of(2) { "b" } else { "a" }
        ));
        let person = Person {
            id: you.clone(),
            name: name.to_owned(),
        };
        let others: Vec<usize> = (0..self.people.len())
            .filter(|i| self.people[*i].seat.is_some() && self.people[*i].room == room)
            .collect();
        let people = others
            .iter()
            .map(|other| Person {
                id: self.id(*other),
                name: self.people[*other].name.clone(),
            })
            .collect();
        for other in others {
            self.tell(
                other,
                ServerMessage::Joined {
                    person: person.clone(),
                },
            );
        }
        self.people[who].seat = Some(you.clone());
        let welcome = ServerMessage::Welcome {
            you,
            room: room.to_owned(),
            people,
            ice_servers: Vec::new(),
            resume: None,
            kept: false,
        };
        self.tell(who, welcome);
    }

    fn vacate(&mut self, who: usize, reason: LeaveReason) {
        let Some(peer) = self.people[who].seat.take() else {
            return;
        };
        self.relays.retain(|relay| relay.to != peer);
        let room = self.people[who].room.clone();
        for other in 0..self.people.len() {
            if self.people[other].seat.is_some() && self.people[other].room == room {
                self.tell(
                    other,
                    ServerMessage::Left {
                        peer: peer.clone(),
                        reason,
                    },
                );
            }
        }
    }

    fn media(&mut self, who: usize, command: MediaCommand) {
        if let MediaCommand::Capture {
            request,
            microphone,
            camera,
        } = command
        {
            let captured = |kind, wanted: bool| {
                wanted.then(|| Captured {
                    kind,
                    device: String::new(),
                })
            };
            let tracks = captured(Kind::Microphone, microphone.is_some())
                .into_iter()
                .chain(captured(Kind::Camera, camera.is_some()))
                .collect();
            self.people[who]
                .events
                .push_back(Event::Media(MediaEvent::Captured(request, tracks)));
        }
    }

    fn link(&mut self, who: usize, id: &LinkId, command: LinkCommand) {
        let someone = &mut self.people[who];
        match command {
            LinkCommand::Open { offerer, sending, .. } => {
                let (connection, events) = Connection::open(id.clone(), offerer, sending);
                someone.connections.insert(id.clone(), connection);
                someone
                    .events
                    .extend(events.into_iter().map(|event| Event::Link(id.clone(), event)));
            }
            LinkCommand::Close => {
                someone.connections.remove(id);
            }
            LinkCommand::Say(_) if self.deaf => {}
            LinkCommand::Say(message) => {
                let me = self.id(who);
                let other = self
                    .people
                    .iter_mut()
                    .find(|someone| someone.seat.as_ref() == Some(&id.peer));
                if let Some(other) = other {
                    let link = LinkId {
                        peer: me,
                        number: id.number,
                    };
                    let event = LinkEvent::ChannelMessage(Ok(message));
                    other.events.push_back(Event::Link(link, event));
                }
            }
            command => {
                let connection = someone
                    .connections
                    .get_mut(id)
                    .expect("a command for a connection that is there");
                connection.operations.push_back(command);
            }
        }
    }

    /// What must be so when everything has come to rest: everybody who is in a room sees the others of it, and
    /// both ends of each pair are stable and agree on what each of them sends.
    pub(crate) fn check(&self) {
        for (who, someone) in self.people.iter().enumerate() {
            let Some(me) = &someone.seat else {
                assert!(
                    someone.connections.is_empty(),
                    "{} left and keeps no connection",
                    someone.name
                );
                continue;
            };
            assert_eq!(self.view(who).phase, Phase::InCall);
            let others = self
                .people
                .iter()
                .filter(|other| other.seat.is_some() && other.room == someone.room);
            let mut there: Vec<PeerId> = others
                .filter_map(|other| other.seat.clone())
                .filter(|id| id != me)
                .collect();
            let mut shown: Vec<PeerId> = self
                .view(who)
                .people
                .iter()
                .map(|person| person.id.clone())
                .collect();
            there.sort();
            shown.sort();
            assert_eq!(shown, there, "{} sees who is there", someone.name);
            assert_eq!(
                someone.connections.len(),
                there.len(),
                "one connection for each pair"
            );
            for connection in someone.connections.values() {
                let other = self
                    .people
                    .iter()
                    .find(|other| other.seat.as_ref() == Some(&connection.id.peer));
                let link = LinkId {
                    peer: me.clone(),
                    number: connection.id.number,
                };
                connection.check_against(&other.expect("the other").connections[&link]);
            }
        }
    }
}
