use std::hash::{Hash, Hasher};
use std::sync::Arc;

use maju_protocol::{ChannelMessage, ClientMessage, ErrorCode, ServerMessage, Signal, check_name};

use crate::chat::Chat;
use crate::clock::{Deadline, Dice};
use crate::log::Log;
use crate::media::{Changed, Media};
use crate::roster::{OwnMedia, Room, Roster, Welcome};
use crate::signaling::Socket;
use crate::{
    Command, Device, Direction, Event, Kind, MediaCommand, MediaEvent, Misread, Moment, NetworkEvent, Notice,
    Phase, SocketCommand, SocketEvent, UserEvent, View,
};

/// How long after a refusal a seat is asked for again, in milliseconds.
const ASK_AGAIN: u64 = 5000;

/// Whether this client has a seat on the socket that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Seat {
    /// Not asked for, or lost with the socket.
    Out,
    /// Asked for; not asked twice on one socket unless the person does.
    Asked,
    /// Welcomed.
    Held,
}

/// A whole call: see the crate's documentation.
#[derive(Clone, Debug)]
pub struct Call {
    phase: Phase,
    seat: Seat,
    /// The newest token that takes the same seat again.
    resume: Option<String>,
    room: String,
    name: String,
    socket: Socket,
    media: Media,
    /// Whether the microphone's loudness is being reported.
    metered: bool,
    roster: Roster,
    chat: Chat,
    log: Log,
    devices: Arc<Vec<Device>>,
    /// When to ask for a seat again that was refused in a call.
    ask_again: Deadline,
    /// When the outside world was asked to report that time has passed.
    wake: Option<Moment>,
    closing: bool,
    refused: Option<(ErrorCode, String)>,
    playback_blocked: bool,
    view: View,
}

/// What a call starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The room's name.
    pub room: String,
    /// The person's name as far as it is known; may be empty.
    pub name: String,
    /// Whether to join without a further press.
    pub join: bool,
    /// Whether the microphone is wanted on.
    pub microphone: bool,
    /// Whether the camera is wanted on.
    pub camera: bool,
    /// Picks the waiting times, so that many clients do not come back in the same moment. Not zero.
    pub random: u64,
}

impl Call {
    /// A call in the lobby, and what to do first.
    pub fn new(now: Moment, setup: Setup) -> (Self, Vec<Command>) {
        let view = View::of(&setup);
        let Setup {
            room,
            name,
            join,
            microphone,
            camera,
            random,
        } = setup;
        let mut dice = Dice::new(random);
        let mut call = Self {
            phase: Phase::Lobby,
            seat: Seat::Out,
            resume: None,
            room,
            name,
            socket: Socket::new(dice.split()),
            media: Media::new(microphone, camera),
            metered: false,
            roster: Roster::new(dice),
            chat: Chat::default(),
            log: Log::default(),
            devices: Arc::default(),
            ask_again: Deadline::default(),
            wake: None,
            closing: false,
            refused: None,
            playback_blocked: false,
            view,
        };
        let mut out = Vec::new();
        call.socket.open(now, &mut out);
        // Nothing is sent yet, so there is nobody to tell of what changed.
        let _changed = call.media.start(&mut out);
        if join {
            call.want_in();
        }
        call.settle(now, &mut out);
        (call, out)
    }

    /// Takes one event in and tells what to do about it.
    pub fn update(&mut self, now: Moment, event: Event) -> Vec<Command> {
        let mut out = Vec::new();
        match event {
            Event::User(event) => self.user(now, event, &mut out),
            Event::Socket(event) => self.socket(now, event, &mut out),
            Event::Media(event) => self.media(now, event, &mut out),
            Event::Link(link, event) => {
                let (roster, room) = self.roster(now, &mut out);
                if roster.link_event(&link, event, room) {
                    // Where one way opened, the one to the server may have too.
                    self.hurry(now, false, &mut out);
                }
            }
            Event::Network(event) => self.network(now, event, &mut out),
            Event::Tick => self.tick(now, &mut out),
        }
        self.settle(now, &mut out);
        out
    }

    /// What a person is shown.
    pub fn view(&self) -> &View {
        &self.view
    }

    fn user(&mut self, now: Moment, event: UserEvent, out: &mut Vec<Command>) {
        match event {
            UserEvent::Rename(name) => {
                if self.phase == Phase::Lobby {
                    self.name = name;
                }
            }
            UserEvent::Join => {
                if self.phase == Phase::Lobby {
                    self.want_in();
                    self.socket.reopen(now, out);
                    self.hurry(now, false, out);
                }
            }
            UserEvent::Leave => self.leave(now, out),
            UserEvent::Rejoin => {
                if self.phase == Phase::Ended {
                    self.want_in();
                    self.socket.reopen(now, out);
                    let _changed = self.media.start(out);
                }
            }
            UserEvent::Toggle(kind) => {
                let changed = self.media.toggle(kind, out);
                self.tell_changed(now, changed, out);
            }
            UserEvent::Choose(kind, id) => {
                let changed = self.media.choose(kind, id, out);
                self.tell_changed(now, changed, out);
            }
            UserEvent::Decline(kind) => self.media.decline(kind),
            UserEvent::SendChat(text) => {
                if self.phase == Phase::InCall
                    && let Some((seq, text)) = self.chat.write(now, &self.name, &text)
                {
                    let (roster, room) = self.roster(now, out);
                    roster.say(&ChannelMessage::Chat { seq, text }, room);
                }
            }
            UserEvent::AllowPlayback => out.push(Command::Media(MediaCommand::Play)),
        }
    }

    fn socket(&mut self, now: Moment, event: SocketEvent, out: &mut Vec<Command>) {
        self.socket.heard(now);
        match event {
            SocketEvent::Opened => self.socket.opened(now, out),
            SocketEvent::Message(message) => self.server_said(now, message, out),
            SocketEvent::Nonsense(reason) => {
                self.log
                    .write(now, None, Direction::Received, "not understood", reason);
            }
            SocketEvent::Closed => {
                // What the server said of its going was about the end of a socket that worked.
                self.closing &= self.socket.ready();
                self.socket.closed(now);
                self.unseated(now, "closed");
            }
        }
    }

    fn server_said(
        &mut self,
        now: Moment,
        message: ServerMessage<Result<Signal, Misread>>,
        out: &mut Vec<Command>,
    ) {
        match message {
            ServerMessage::Beat { resume } => {
                if resume.is_some() {
                    self.resume = resume;
                }
            }
            ServerMessage::Hello { version, beat } => {
                self.socket.greeted(now, beat);
                self.closing = false;
                self.log.write(
                    now,
                    None,
                    Direction::Received,
                    "hello",
                    format!("version {version}"),
                );
            }
            ServerMessage::Welcome {
                you,
                room: name,
                people,
                ice_servers,
                resume,
                kept,
            } => {
                if self.seat != Seat::Asked {
                    return;
                }
                self.log.write(
                    now,
                    None,
                    Direction::Received,
                    "welcome",
                    format!("{} here before", people.len()),
                );
                self.seat = Seat::Held;
                self.resume = resume;
                self.phase = Phase::InCall;
                self.refused = None;
                self.room = name;
                let welcome = Welcome {
                    me: you,
                    people,
                    ice_servers,
                    kept,
                };
                let (roster, room) = self.roster(now, out);
                roster.welcome(welcome, room);
            }
            ServerMessage::Joined { person } => {
                let (roster, room) = self.roster(now, out);
                roster.joined(person, room);
            }
            ServerMessage::Left { peer, reason } => {
                let (roster, room) = self.roster(now, out);
                roster.left(&peer, reason, room);
            }
            ServerMessage::Relay { from, payload } => {
                let (roster, room) = self.roster(now, out);
                roster.receive(&from, payload, room);
            }
            ServerMessage::Error {
                code, text, about, ..
            } => {
                self.log
                    .write(now, None, Direction::Received, "error", text.clone());
                if code == ErrorCode::UnsupportedVersion {
                    self.socket.shut(out);
                }
                if about.as_deref() == Some("join") || code == ErrorCode::UnsupportedVersion {
                    self.refused = Some((code, text));
                    if self.phase == Phase::Joining {
                        self.seat = Seat::Out;
                        self.phase = Phase::Lobby;
                    } else if self.phase == Phase::InCall {
                        // Who lost the seat with the socket keeps on asking for it: somebody may leave.
                        self.ask_again.set(now + ASK_AGAIN);
                    }
                }
            }
            ServerMessage::Closing { text } => {
                self.closing = true;
                self.log.write(now, None, Direction::Received, "closing", text);
            }
        }
    }

    fn media(&mut self, now: Moment, event: MediaEvent, out: &mut Vec<Command>) {
        match event {
            MediaEvent::Captured(request, tracks) => {
                let changed = self.media.captured(request, &tracks, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::Refused(request, error, alone) => {
                let changed = self.media.refused(request, &error, &alone, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::SpeakerRefused(id) => self.media.speaker_refused(&id, out),
            MediaEvent::Ended(request, kind, permission) => {
                let changed = self.media.ended(request, kind, permission, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::Interrupted(request, kind, interrupted) => {
                let changed = self.media.interrupted(request, kind, interrupted);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::Permitted(kind) => {
                let changed = self.media.permitted(kind, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::Devices(devices) => {
                self.devices = Arc::new(devices);
                let changed = self.media.devices(&self.devices, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::PlaybackRefused => self.playback_blocked = true,
            MediaEvent::PlaybackAllowed => self.playback_blocked = false,
        }
    }

    fn want_in(&mut self) {
        self.refused = None;
        if check_name(&self.name).is_ok() {
            self.phase = Phase::Joining;
        } else {
            self.phase = Phase::Lobby;
        }
    }

    fn leave(&mut self, now: Moment, out: &mut Vec<Command>) {
        if !matches!(self.phase, Phase::Joining | Phase::InCall) {
            return;
        }
        if self.seat != Seat::Out {
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Leave {})));
            self.log.write(now, None, Direction::Sent, "leave", "");
        }
        self.seat = Seat::Out;
        self.resume = None;
        self.ask_again.clear();
        self.socket.shut(out);
        let (roster, mut room) = self.roster(now, out);
        roster.clear(&mut room);
        self.media.stop(out);
        self.playback_blocked = false;
        self.phase = Phase::Ended;
    }

    fn tell_changed(&mut self, now: Moment, changed: Vec<Changed>, out: &mut Vec<Command>) {
        for Changed(kind) in changed {
            let (roster, room) = self.roster(now, out);
            roster.own_changed(kind, room);
        }
    }

    fn network(&mut self, now: Moment, event: NetworkEvent, out: &mut Vec<Command>) {
        let what = format!("{event:?}").to_ascii_lowercase();
        self.log.write(now, None, Direction::Local, "network", what);
        match event {
            NetworkEvent::Offline => {}
            NetworkEvent::Shown => self.hurry(now, false, out),
            NetworkEvent::Online | NetworkEvent::Changed => {
                self.hurry(now, true, out);
                let (roster, room) = self.roster(now, out);
                roster.network_changed(room);
            }
        }
    }

    fn tick(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.wake = None;
        if self.socket.tick(now, out) {
            self.unseated(now, "silent");
        }
        if self.ask_again.take(now) {
            self.seat = Seat::Out;
        }
        let (roster, room) = self.roster(now, out);
        roster.tick(room);
    }

    /// Tries at once to reach the server where that would wait.
    fn hurry(&mut self, now: Moment, stale: bool, out: &mut Vec<Command>) {
        if stale && self.seat == Seat::Asked && self.resume.is_none() {
            // Without a token the seat that is perhaps on its way could not be taken again, and would be a ghost.
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Leave {})));
        }
        self.socket.hurry(now, stale, out);
        if !self.socket.ready() && self.seat != Seat::Out {
            self.unseated(now, "opened anew");
        }
    }

    /// The socket is gone, and the seat with it until it is taken again.
    fn unseated(&mut self, now: Moment, how: &str) {
        self.seat = Seat::Out;
        self.log
            .write(now, None, Direction::Local, "signaling socket", how);
    }

    /// What follows from the state as it is now, whatever led there.
    fn settle(&mut self, now: Moment, out: &mut Vec<Command>) {
        let seated_or_waiting = matches!(self.phase, Phase::Joining | Phase::InCall);
        // Whoever is in the call asks for the seat again, whatever the devices are at.
        let prepared = self.phase == Phase::InCall || self.media.answered();
        let asking = self.seat == Seat::Out && !self.ask_again.is_set();
        if seated_or_waiting && asking && self.socket.ready() && prepared {
            self.seat = Seat::Asked;
            self.log
                .write(now, None, Direction::Sent, "join", self.room.clone());
            let join = ClientMessage::Join {
                room: self.room.clone(),
                name: self.name.trim().to_owned(),
                resume: self.resume.clone(),
            };
            out.push(Command::Socket(SocketCommand::Send(join)));
        }
        let lobby = matches!(self.phase, Phase::Lobby | Phase::Joining);
        let metered = lobby && self.media.on(Kind::Microphone);
        if metered != self.metered {
            self.metered = metered;
            out.push(Command::Media(MediaCommand::Meter(metered)));
        }
        self.ask_to_wake(out);
        self.publish();
    }

    /// Has the outside world report when the next thing is due.
    fn ask_to_wake(&mut self, out: &mut Vec<Command>) {
        let call = self.socket.deadlines().into_iter().chain([self.ask_again]);
        let next = call
            .chain(self.roster.deadlines())
            .filter_map(Deadline::moment)
            .min();
        if let Some(next) = next
            && self.wake != Some(next)
        {
            self.wake = Some(next);
            out.push(Command::Wake(next));
        }
    }

    fn publish(&mut self) {
        let view = &mut self.view;
        view.phase.clone_from(&self.phase);
        view.signaling = self.socket.view();
        view.room.clone_from(&self.room);
        view.me = self.roster.me().cloned();
        view.name.clone_from(&self.name);
        view.microphone = self.media.view(Kind::Microphone);
        view.camera = self.media.view(Kind::Camera);
        view.devices.clone_from(&self.devices);
        view.chosen = self.media.chosen();
        view.people.clone_from(self.roster.views());
        view.chat.clone_from(self.chat.lines());
        view.log.clone_from(self.log.lines());
        let lost = view.signaling == crate::Signaling::Lost;
        view.notices.clear();
        if let Some((code, text)) = &self.refused {
            view.notices.push(Notice::Refused(*code, text.clone()));
        }
        if self.playback_blocked {
            view.notices.push(Notice::PlaybackBlocked);
        }
        let offers = self.media.offers().iter().cloned();
        view.notices.extend(offers.map(Notice::NewDevice));
        // A call notices a restart of the server only when it lasts.
        if self.closing && self.phase != Phase::InCall {
            view.notices.push(Notice::ServerClosing);
        } else if lost {
            view.notices.push(Notice::ServerLost);
        }
    }

    fn own(&self) -> OwnMedia {
        OwnMedia {
            sending: self.media.sending(),
            microphone_on: self.media.on(Kind::Microphone),
            camera_on: self.media.on(Kind::Camera),
        }
    }

    fn roster<'a>(&'a mut self, at: Moment, out: &'a mut Vec<Command>) -> (&'a mut Roster, Room<'a>) {
        let (own, seated) = (self.own(), self.seat == Seat::Held);
        (
            &mut self.roster,
            Room {
                at,
                own,
                seated,
                chat: &mut self.chat,
                log: &mut self.log,
                out,
            },
        )
    }
}

/// What decides what a call does next; not what was shown, said or logged, nor the times. A field that is left out here
/// makes the model check take different states for the same.
impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.phase, self.seat, &self.resume).hash(state);
        (&self.socket, &self.roster, self.own()).hash(state);
        (self.ask_again, self.closing).hash(state);
    }
}
