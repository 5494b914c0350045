use std::sync::Arc;

use maju_protocol::{ChannelMessage, ClientMessage, ErrorCode, ServerMessage, Signal, check_name};

use crate::chat::Chat;
use crate::log::Log;
use crate::media::{Changed, Media};
use crate::roster::{OwnMedia, Room, Roster};
use crate::signaling::Socket;
use crate::{
    Command, Device, Direction, Event, Kind, MediaCommand, MediaEvent, Moment, Notice, Phase, SocketCommand,
    SocketEvent, UserEvent, View,
};

/// How long after a refusal a seat is asked for again, in milliseconds.
const ASK_AGAIN: u64 = 5000;

/// A whole call: see the crate's documentation.
#[derive(Debug)]
pub struct Call {
    phase: Phase,
    /// Whether `join` was sent on this socket; not asked twice unless the person does.
    asked_in: bool,
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
    ask_again: Option<Moment>,
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
        let socket = Socket::new(random.max(1));
        let mut call = Self {
            phase: Phase::Lobby,
            asked_in: false,
            room,
            name,
            socket,
            media: Media::new(microphone, camera),
            metered: false,
            roster: Roster::default(),
            chat: Chat::default(),
            log: Log::default(),
            devices: Arc::default(),
            ask_again: None,
            closing: false,
            refused: None,
            playback_blocked: false,
            view,
        };
        let mut out = Vec::new();
        call.socket.open(&mut out);
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
                roster.link_event(&link, event, room);
            }
            Event::Network(_) => {}
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
                    self.socket.reopen(out);
                }
            }
            UserEvent::Leave => self.leave(now, out),
            UserEvent::Rejoin => {
                if self.phase == Phase::Ended {
                    self.want_in();
                    self.socket.reopen(out);
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
        match event {
            SocketEvent::Opened => self.socket.opened(out),
            SocketEvent::Message(message) => self.server_said(now, message, out),
            SocketEvent::Nonsense(reason) => {
                self.log
                    .write(now, None, Direction::Received, "not understood", reason);
            }
            SocketEvent::Closed => {
                // What the server said of its going was about the end of a socket that worked.
                self.closing &= self.socket.ready();
                self.asked_in = false;
                self.socket.closed(now, out);
                self.log
                    .write(now, None, Direction::Local, "signaling socket", "closed");
            }
        }
    }

    fn server_said(
        &mut self,
        now: Moment,
        message: ServerMessage<Result<Signal, String>>,
        out: &mut Vec<Command>,
    ) {
        match message {
            ServerMessage::Beat { .. } => {}
            ServerMessage::Hello { version, .. } => {
                self.socket.greeted();
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
                ..
            } => {
                if !self.asked_in {
                    return;
                }
                self.log.write(
                    now,
                    None,
                    Direction::Received,
                    "welcome",
                    format!("{} here before", people.len()),
                );
                self.phase = Phase::InCall;
                self.refused = None;
                self.room = name;
                let (roster, room) = self.roster(now, out);
                roster.welcome(you, people, ice_servers, room);
            }
            ServerMessage::Joined { person } => {
                let (roster, room) = self.roster(now, out);
                roster.joined(person, room);
            }
            ServerMessage::Left { peer, .. } => {
                let (roster, room) = self.roster(now, out);
                roster.left(&peer, room);
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
                        self.asked_in = false;
                        self.phase = Phase::Lobby;
                    } else if self.phase == Phase::InCall {
                        // Who lost the seat with the socket keeps on asking for it: somebody may leave.
                        let at = now + ASK_AGAIN;
                        self.ask_again = Some(at);
                        out.push(Command::Wake(at));
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
                let changed = self.media.devices(self.devices.clone(), out);
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
        if self.asked_in {
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Leave {})));
            self.log.write(now, None, Direction::Sent, "leave", "");
        }
        self.asked_in = false;
        self.ask_again = None;
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

    fn tick(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.socket.tick(now, out);
        match self.ask_again {
            Some(at) if now >= at => {
                self.ask_again = None;
                self.asked_in = false;
            }
            Some(at) if self.socket.ready() => out.push(Command::Wake(at)),
            _ => {}
        }
    }

    /// What follows from the state as it is now, whatever led there.
    fn settle(&mut self, now: Moment, out: &mut Vec<Command>) {
        let seated_or_waiting = matches!(self.phase, Phase::Joining | Phase::InCall);
        if seated_or_waiting && !self.asked_in && self.socket.ready() && self.media.answered() {
            self.asked_in = true;
            self.log
                .write(now, None, Direction::Sent, "join", self.room.clone());
            let join = ClientMessage::Join {
                room: self.room.clone(),
                name: self.name.trim().to_owned(),
                resume: None,
            };
            out.push(Command::Socket(SocketCommand::Send(join)));
        }
        let lobby = matches!(self.phase, Phase::Lobby | Phase::Joining);
        let metered = lobby && self.media.on(Kind::Microphone);
        if metered != self.metered {
            self.metered = metered;
            out.push(Command::Media(MediaCommand::Meter(metered)));
        }
        self.publish();
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
        if self.closing {
            view.notices.push(Notice::ServerClosing);
        } else if lost {
            view.notices.push(Notice::ServerLost);
        }
    }

    fn roster<'a>(&'a mut self, at: Moment, out: &'a mut Vec<Command>) -> (&'a mut Roster, Room<'a>) {
        let own = OwnMedia {
            sending: self.media.sending(),
            microphone_on: self.media.on(Kind::Microphone),
            camera_on: self.media.on(Kind::Camera),
        };
        (
            &mut self.roster,
            Room {
                at,
                own,
                chat: &mut self.chat,
                log: &mut self.log,
                out,
            },
        )
    }
}
