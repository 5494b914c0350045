//! A world without browsers: several calls, a server, and a network that delivers in whichever order it is told,
//! loses, parts and comes back.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]
#![allow(dead_code, reason = "each file of tests uses a part of it")]

mod connection;
mod hosts;
mod server;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};

use maju_call::{
    Call, Captured, Command, ConnectionState, Event, Kind, LinkCommand, LinkEvent, LinkId, MediaCommand,
    MediaEvent, Misread, NetworkEvent, PeerId, PersonState, Phase, Setup, SocketCommand, SocketEvent,
    UserEvent, View,
};
use maju_protocol::{ChannelMessage, ClientMessage, Secret, ServerMessage, Signal};

pub(crate) use connection::Connection;
use server::Server;

/// Something written to everybody.
pub(crate) fn says(text: &str) -> UserEvent {
    UserEvent::SendChat {
        text: text.to_owned(),
        to: None,
    }
}

/// All people, the server, and all that is under way between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) people: Vec<Someone>,
    /// Relayed signals that have not arrived.
    pub(crate) relays: Vec<Relay>,
    /// Relayed signals may overtake each other.
    pub(crate) reorder: bool,
    /// Data channels swallow what is said on them.
    pub(crate) deaf: bool,
    pub(crate) server: Server,
    /// Those between whom there is no way now, the smaller number first.
    parted: BTreeSet<(usize, usize)>,
    now: u64,
    /// How many descriptions browsers refused.
    refused: u32,
}

/// One person: the call and its simulated browser.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Someone {
    pub(crate) call: Call,
    pub(crate) connections: BTreeMap<LinkId, Connection>,
    /// Under which id the others know them.
    id: Option<PeerId>,
    name: String,
    room: String,
    /// How many ids they had.
    ids: u32,
    /// Whether there is a socket that the server knows too.
    socket: bool,
    /// Whether there is no way to the server.
    isolated: bool,
    /// The token is not taken.
    stranger: bool,
    /// Vanished without a word.
    crashed: bool,
    wake: Wake,
    events: VecDeque<Event>,
    /// What makes them the host, as their browser keeps it.
    pub(crate) kept: Vec<Secret>,
}

/// When time is to be reported. It hashes by whether it is.
#[derive(Clone, Copy, Debug, Default)]
struct Wake(Option<u64>);

impl Hash for Wake {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.is_some().hash(state);
    }
}

impl Someone {
    /// A browser fires `negotiationneeded` only if a negotiation is still needed at that time.
    fn is_outdated(&self, event: &Event) -> bool {
        let Event::Link(link, LinkEvent::NegotiationNeeded) = event else {
            return false;
        };
        self.connections.get(link).is_some_and(Connection::is_negotiating)
    }

    fn report(&mut self, link: &LinkId, events: Vec<LinkEvent>) {
        self.events
            .extend(events.into_iter().map(|event| Event::Link(link.clone(), event)));
    }
}

/// A signal on its way.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Relay {
    pub(crate) from: PeerId,
    pub(crate) to: PeerId,
    pub(crate) signal: Signal,
}

/// Something that can happen next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// What was reported to somebody is taken in.
    Event(usize),
    /// A browser does the next thing with a connection.
    Operation(usize, LinkId),
    /// A relayed signal arrives.
    Relay(usize),
    /// What was said on a data channel arrives.
    Said(usize, LinkId),
    /// A connection finds its way.
    Connect(usize, LinkId),
    /// A connection that lost its way notices; at first for a while, then for good.
    Lose(usize, LinkId),
}

impl World {
    /// An empty world in which relayed signals may overtake each other, or not.
    pub(crate) fn new(reorder: bool) -> Self {
        Self {
            reorder,
            ..Self::default()
        }
    }

    /// A call of these people, who came one after the other and send nothing.
    pub(crate) fn of(names: &[&str]) -> Self {
        let mut world = Self::new(false);
        for name in names {
            world.join(name, false);
            world.settle();
        }
        world
    }

    /// Opens the lobby of a room for somebody, who wants both microphone and camera, or neither.
    pub(crate) fn arrive(&mut self, room: &str, name: &str, media: bool) -> usize {
        let who = self.people.len();
        let setup = Setup {
            room: room.to_owned(),
            name: name.to_owned(),
            microphone: media,
            camera: media,
            random: 7 + who as u64,
            ..Setup::default()
        };
        let (call, commands) = Call::new(self.now, setup);
        self.people.push(Someone {
            call,
            connections: BTreeMap::new(),
            id: None,
            name: name.to_owned(),
            room: room.to_owned(),
            ids: 0,
            socket: false,
            isolated: false,
            stranger: false,
            crashed: false,
            wake: Wake::default(),
            events: VecDeque::new(),
            kept: Vec::new(),
        });
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
        if self.people[who].crashed {
            return;
        }
        self.now += 1;
        let commands = self.people[who].call.update(self.now, event);
        self.carry_out(who, commands);
    }

    pub(crate) fn view(&self, who: usize) -> &View {
        self.people[who].call.view()
    }

    pub(crate) fn id(&self, who: usize) -> PeerId {
        self.people[who].id.clone().expect("a seat")
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
        let mut steps = self.steps();
        if steps.is_empty() {
            return false;
        }
        let step = steps.swap_remove(pick % steps.len());
        self.happen(step);
        true
    }

    /// Lets so much time pass, and all that is due in it.
    pub(crate) fn wait(&mut self, time: u64) {
        let end = self.now + time;
        for round in 0.. {
            assert!(round < 100_000, "time does not pass");
            self.settle();
            let expiry = self.server.next_expiry();
            let due = self.people.iter().filter(|someone| !someone.crashed);
            let due = due.filter_map(|someone| someone.wake.0).chain(expiry).min();
            let Some(due) = due.filter(|due| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.expire(self.now);
            for who in 0..self.people.len() {
                if self.people[who].wake.0.is_some_and(|at| at <= self.now) {
                    self.tick(who);
                }
            }
        }
        self.now = end;
    }

    /// Whether somebody is in the call.
    pub(crate) fn is_in_call(&self, who: usize) -> bool {
        !self.people[who].crashed && self.view(who).phase == Phase::InCall
    }

    /// Whether somebody has a socket that works.
    pub(crate) fn has_socket(&self, who: usize) -> bool {
        self.people[who].socket
    }

    /// How many descriptions browsers refused.
    pub(crate) fn refused(&self) -> u32 {
        self.refused
    }

    /// Whether anybody was cut off for what they sent.
    pub(crate) fn anybody_offends(&self) -> bool {
        let mut shown = self
            .people
            .iter()
            .flat_map(|someone| someone.call.view().people.iter());
        shown.any(|person| person.offence.is_some())
    }

    /// The time has come for whatever somebody waits for.
    pub(crate) fn tick(&mut self, who: usize) {
        if let Some(at) = self.people[who].wake.0.take() {
            self.now = self.now.max(at);
            self.update(who, Event::Tick);
        }
    }

    /// Whether somebody waits for time to pass.
    pub(crate) fn waits(&self, who: usize) -> bool {
        !self.people[who].crashed && self.people[who].wake.0.is_some()
    }

    /// All that can happen next without time passing.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (who, someone) in self.people.iter().enumerate().filter(|(_, one)| !one.crashed) {
            if !someone.events.is_empty() {
                steps.push(Step::Event(who));
            }
            for (link, connection) in &someone.connections {
                if !connection.operations.is_empty() {
                    steps.push(Step::Operation(who, link.clone()));
                }
                let other = self.other_end(who, link);
                let way = other.is_some_and(|(other, _)| !self.are_parted(who, other));
                match (connection.state, other) {
                    (ConnectionState::Connected, Some((_, end))) if way => {
                        let hears = end.state == ConnectionState::Connected;
                        if !connection.said.is_empty() && hears {
                            steps.push(Step::Said(who, link.clone()));
                        }
                    }
                    (ConnectionState::Connected | ConnectionState::Disconnected, _) if !way => {
                        steps.push(Step::Lose(who, link.clone()));
                    }
                    (_, Some((_, end))) if way && connection.meets(end) => {
                        steps.push(Step::Connect(who, link.clone()));
                    }
                    _ => {}
                }
            }
        }
        for (index, relay) in self.relays.iter().enumerate() {
            let first = |other: &Relay| other.from == relay.from && other.to == relay.to;
            if self.reorder || self.relays.iter().position(first) == Some(index) {
                steps.push(Step::Relay(index));
            }
        }
        steps
    }

    /// Lets that happen.
    pub(crate) fn happen(&mut self, step: Step) {
        match step {
            Step::Event(who) => {
                let event = self.people[who].events.pop_front().expect("an event");
                if !self.people[who].is_outdated(&event) {
                    self.update(who, event);
                }
            }
            Step::Operation(who, link) => self.change(who, &link, Connection::operate),
            Step::Connect(who, link) => self.change(who, &link, Connection::connect),
            Step::Lose(who, link) => self.change(who, &link, Connection::lose),
            Step::Said(who, link) => {
                let connection = self.people[who].connections.get_mut(&link).expect("a connection");
                let message = connection.said.pop_front().expect("a message");
                self.hear(who, &link, message);
            }
            Step::Relay(index) => {
                let relay = self.relays.remove(index);
                self.deliver(relay);
            }
        }
    }

    /// Lets a signal arrive now.
    pub(crate) fn deliver(&mut self, Relay { from, to, signal }: Relay) {
        let message = ServerMessage::Relay {
            from,
            payload: Ok(signal),
        };
        self.hand_on(&to, message);
    }

    /// From now on there is no way between these two, or there is one again.
    pub(crate) fn part(&mut self, one: usize, other: usize, parted: bool) {
        let pair = (one.min(other), one.max(other));
        if parted {
            self.parted.insert(pair);
        } else {
            self.parted.remove(&pair);
        }
    }

    /// Takes away somebody's way to the server alone, or gives it back.
    pub(crate) fn lose_server_of(&mut self, who: usize, lost: bool) {
        self.people[who].isolated = lost;
        if lost {
            self.lose_socket(who);
        }
    }

    /// The socket breaks, and the token that would take the seat again does not hold any more.
    pub(crate) fn forget_token(&mut self, who: usize) {
        self.people[who].stranger = true;
        self.lose_socket(who);
    }

    /// Takes somebody's network away, silently, or gives it back.
    pub(crate) fn isolate(&mut self, who: usize, isolated: bool) {
        self.people[who].isolated = isolated;
        for other in 0..self.people.len() {
            if other != who {
                self.part(who, other, isolated);
            }
        }
        if isolated {
            self.lose_socket(who);
        }
    }

    /// The socket breaks.
    pub(crate) fn lose_socket(&mut self, who: usize) {
        if std::mem::take(&mut self.people[who].socket) {
            self.people[who]
                .events
                .push_back(Event::Socket(SocketEvent::Closed));
            self.server_lost(who);
        }
    }

    /// Whether somebody has a data channel that is open.
    pub(crate) fn has_channel(&self, who: usize) -> bool {
        self.people[who]
            .connections
            .values()
            .any(|connection| connection.channel)
    }

    /// The data channel of somebody's first connection that has one closes.
    pub(crate) fn break_channel(&mut self, who: usize) {
        let mut open = self.people[who]
            .connections
            .values_mut()
            .filter(|connection| connection.channel);
        if let Some(connection) = open.next() {
            connection.channel = false;
            connection.broken = true;
            connection.said.clear();
            let link = connection.id.clone();
            self.people[who].report(&link, vec![LinkEvent::ChannelClosed]);
        }
    }

    /// The tab is gone without a word.
    pub(crate) fn crash(&mut self, who: usize) {
        self.people[who].crashed = true;
        self.people[who].connections.clear();
        self.people[who].events.clear();
        if std::mem::take(&mut self.people[who].socket) {
            self.server_lost(who);
        }
    }

    /// The machine's network is another one.
    pub(crate) fn network(&mut self, who: usize, event: NetworkEvent) {
        self.update(who, Event::Network(event));
    }

    fn are_parted(&self, one: usize, other: usize) -> bool {
        self.parted.contains(&(one.min(other), one.max(other)))
    }

    /// The other end of a connection, if it is there.
    fn other_end(&self, who: usize, link: &LinkId) -> Option<(usize, &Connection)> {
        let connection = self.people[who].connections.get(link)?;
        let back = LinkId {
            peer: connection.me.clone(),
            number: link.number,
        };
        let there = self.people.iter().enumerate().filter(|(_, one)| !one.crashed);
        let mut ends = there.filter_map(|(other, one)| Some((other, one.connections.get(&back)?)));
        ends.find(|(_, end)| end.me == link.peer)
    }

    fn change(&mut self, who: usize, link: &LinkId, act: fn(&mut Connection) -> Vec<LinkEvent>) {
        let connection = self.people[who].connections.get_mut(link).expect("a connection");
        let events = act(connection);
        let refusal = |event: &&LinkEvent| matches!(event, LinkEvent::DescriptionFailed(_));
        self.refused += u32::try_from(events.iter().filter(refusal).count()).unwrap_or(u32::MAX);
        self.people[who].report(link, events);
    }

    /// What was said on a link arrives at its other end.
    fn hear(&mut self, who: usize, link: &LinkId, message: ChannelMessage) {
        let Some((other, end)) = self.other_end(who, link).filter(|(_, end)| end.channel) else {
            return;
        };
        let back = end.id.clone();
        self.people[other].report(&back, vec![LinkEvent::ChannelMessage(Ok(message))]);
    }

    fn tell(&mut self, who: usize, message: ServerMessage<Result<Signal, Misread>>) {
        let someone = &mut self.people[who];
        if someone.socket && !someone.isolated {
            someone
                .events
                .push_back(Event::Socket(SocketEvent::Message(message)));
        }
    }

    fn carry_out(&mut self, who: usize, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Socket(command) => self.socket(who, command),
                Command::Media(command) => self.media(who, command),
                Command::Link(link, command) => self.link(who, &link, command),
                Command::Keep(secret) => self.people[who].kept.push(secret),
                Command::Wake(at) => self.people[who].wake = Wake(Some(at)),
            }
        }
    }

    fn socket(&mut self, who: usize, command: SocketCommand) {
        match command {
            SocketCommand::Open | SocketCommand::OpenIfThere => {
                self.drop_socket(who);
                let reached = self.server.is_up && !self.people[who].isolated;
                self.people[who].socket = reached;
                let event = if reached {
                    SocketEvent::Opened
                } else {
                    SocketEvent::Closed
                };
                self.people[who].events.push_back(Event::Socket(event));
            }
            SocketCommand::Close => self.drop_socket(who),
            SocketCommand::Send(message) => {
                if self.people[who].socket {
                    self.said_to_server(who, message);
                }
            }
        }
    }

    fn drop_socket(&mut self, who: usize) {
        // What a socket had to report is not reported after its end.
        self.people[who]
            .events
            .retain(|event| !matches!(event, Event::Socket(_)));
        if std::mem::take(&mut self.people[who].socket) {
            self.server_lost(who);
        }
    }

    fn said_to_server(&mut self, who: usize, message: ClientMessage<Signal>) {
        match message {
            ClientMessage::Hello { .. } => {
                let hello = ServerMessage::Hello {
                    version: 1,
                    beat: 0,
                    turn: false,
                };
                self.tell(who, hello);
            }
            ClientMessage::Join(mut join) => {
                if std::mem::take(&mut self.people[who].stranger) {
                    self.expire_one(who);
                    join.resume = None;
                }
                self.asked_for_seat(who, &join);
            }
            ClientMessage::Leave {} => self.vacate_by_leave(who),
            ClientMessage::Relay { to, payload } => self.relay(who, to, payload),
            ClientMessage::Rename { name } => self.rename(who, &name),
            act => self.host_act(who, act),
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
        } else if let MediaCommand::CaptureScreen(request) = command {
            let tracks = [Kind::Screen, Kind::ScreenSound].map(|kind| Captured {
                kind,
                device: String::new(),
            });
            let event = Event::Media(MediaEvent::Captured(request, tracks.to_vec()));
            self.people[who].events.push_back(event);
        }
    }

    fn link(&mut self, who: usize, id: &LinkId, command: LinkCommand) {
        match command {
            LinkCommand::Open {
                offerer,
                ice,
                sending,
            } => {
                let me = self.view(who).me.clone().expect("a seat");
                let (connection, events) = Connection::open(me, id.clone(), offerer, ice, sending);
                self.people[who].connections.insert(id.clone(), connection);
                self.people[who].report(id, events);
            }
            LinkCommand::Close => {
                // What was said before gets out where there is a way.
                let way = self
                    .other_end(who, id)
                    .map(|(other, _)| !self.are_parted(who, other));
                let said = self.people[who]
                    .connections
                    .get_mut(id)
                    .map(|c| std::mem::take(&mut c.said));
                for message in said.into_iter().flatten().filter(|_| way == Some(true)) {
                    self.hear(who, id, message);
                }
                self.people[who].connections.remove(id);
                // A closed connection reports nothing more.
                self.people[who]
                    .events
                    .retain(|event| !matches!(event, Event::Link(link, _) if link == id));
            }
            // It is for the browser alone.
            LinkCommand::Limit(_) => {}
            LinkCommand::Say(_) if self.deaf => {}
            LinkCommand::Say(message) => {
                let connection = self.people[who].connections.get_mut(id);
                let connection = connection.expect("a connection to speak on");
                // What is said on a channel that is closed is lost, also before the close is reported.
                if connection.channel {
                    connection.said.push_back(message);
                }
            }
            command => {
                let connection = self.people[who].connections.get_mut(id);
                let connection = connection.expect("a command for a connection that is there");
                connection.operations.push_back(command);
            }
        }
    }

    /// What must be so when everything has come to rest: everybody who is in a room sees the others of it, and
    /// both ends of each pair are stable and agree on what each of them sends.
    pub(crate) fn check(&self) {
        for flaw in [
            Self::someone_waits,
            Self::someone_disagrees,
            Self::someone_is_a_ghost,
        ] {
            if let Some(reason) = flaw(self) {
                panic!("{reason}");
            }
        }
    }

    /// Who is not where they want to be, or not connected to somebody who is there too.
    pub(crate) fn someone_waits(&self) -> Option<String> {
        self.alive().find_map(|(who, someone)| {
            let (name, phase) = (&someone.name, self.view(who).phase);
            let Some(me) = self.seat_of(who) else {
                let out = matches!(phase, Phase::Lobby | Phase::Ended);
                return (!out).then(|| format!("{name} is {phase:?} without a seat"));
            };
            if phase != Phase::InCall {
                return Some(format!("{name} is {phase:?} with a seat"));
            }
            let others = self.seated(&someone.room).into_iter().filter(|id| *id != me);
            others.into_iter().find_map(|other| {
                let mut people = self.view(who).people.iter();
                let state = people
                    .find(|person| person.id == other)
                    .map(|person| person.state);
                (state != Some(PersonState::Connected)).then(|| format!("{name} has {other} as {state:?}"))
            })
        })
    }

    /// Which pair has different ideas of what connects them.
    pub(crate) fn someone_disagrees(&self) -> Option<String> {
        self.alive().find_map(|(who, someone)| {
            someone.connections.keys().find_map(|link| {
                let name = &someone.name;
                let Some((_, end)) = self.other_end(who, link) else {
                    return Some(format!("{name} has a connection without another end: {link:?}"));
                };
                let agreed = someone.connections[link].agrees_with(end);
                agreed
                    .err()
                    .map(|reason| format!("{name} and {}: {reason}", link.peer))
            })
        })
    }

    /// Who is shown, or has a connection kept, without being there.
    pub(crate) fn someone_is_a_ghost(&self) -> Option<String> {
        self.alive().find_map(|(who, someone)| {
            let seated = self
                .seat_of(who)
                .map(|_| self.seated(&someone.room))
                .unwrap_or_default();
            let mut shown = self.view(who).people.iter().map(|person| &person.id);
            let ghost = shown.find(|id| !seated.contains(id)).or_else(|| {
                let mut ends = someone.connections.keys().map(|link| &link.peer);
                ends.find(|id| !seated.contains(id))
            });
            let in_call = self.view(who).phase == Phase::InCall;
            ghost
                .filter(|_| in_call)
                .map(|ghost| format!("{} sees {ghost}, who is gone", someone.name))
        })
    }

    /// Whose connection is not the first one of the pair.
    pub(crate) fn someone_began_anew(&self) -> Option<String> {
        self.alive().find_map(|(_, someone)| {
            let anew = someone.connections.keys().find(|link| link.number > 1);
            anew.map(|link| format!("{} has {link:?}", someone.name))
        })
    }

    fn alive(&self) -> impl Iterator<Item = (usize, &Someone)> {
        self.people
            .iter()
            .enumerate()
            .filter(|(_, someone)| !someone.crashed)
    }
}

/// All that decides what can happen next; of times only their order. Whatever overtakes nothing has no order.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.people, &self.server, &self.parted).hash(state);
        let mut wakes: Vec<_> = self
            .alive()
            .filter_map(|(who, one)| Some((one.wake.0?, who)))
            .collect();
        wakes.sort_unstable();
        wakes.iter().for_each(|(_, who)| who.hash(state));
        let mut relays: Vec<_> = self.relays.iter().collect();
        relays.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        relays.hash(state);
    }
}
