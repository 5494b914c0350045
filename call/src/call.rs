mod company;
mod server;
mod shown;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use maju_protocol::{ClientMessage, Role, Secret, check_name};

use crate::chat::Chat;
use crate::clock::{Deadline, Dice};
use crate::gestures::Gestures;
use crate::log::Log;
use crate::media::{Changed, Media};
use crate::membership::{Membership, Seat};
use crate::reactions::Reactions;
use crate::reminder::Reminder;
use crate::roster::{OwnMedia, Room, Roster};
use crate::signaling::Socket;
use crate::speaking::Speaking;
use crate::{
    Command, Device, Direction, Event, HostAct, Kind, Levels, MediaCommand, MediaEvent, Moment, NetworkEvent,
    PersonState, Phase, SocketCommand, SocketEvent, UserEvent, View, Wishes,
};

/// A whole call: see the crate's documentation.
#[derive(Clone, Debug)]
pub struct Call {
    phase: Phase,
    membership: Membership,
    room: String,
    name: String,
    /// The name that the person wants and the server did not agree to yet.
    renaming: Option<String>,
    socket: Socket,
    media: Media,
    /// Whether the microphone's loudness is being reported.
    metered: bool,
    /// Whether everybody's loudness is being reported.
    listening: bool,
    speaking: Speaking,
    reminder: Reminder,
    /// Whether the person looks at what the devices bring, in the call.
    trying: bool,
    roster: Roster,
    gestures: Gestures,
    reactions: Reactions,
    chat: Chat,
    log: Log,
    devices: Arc<Vec<Device>>,
    /// When the outside world was asked to report that time has passed.
    wake: Option<Moment>,
    closing: bool,
    /// Whether the browser says that there is no network.
    offline: bool,
    playback_blocked: bool,
    /// Who asked for the microphone to be off, until it is on again.
    muted_by: Option<String>,
    /// Whether a host took the seat away.
    removed: bool,
    view: View,
}

/// What a call starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Whether the browser can share a screen; phones cannot.
    pub can_share: bool,
    /// What makes this person the room's host, if they were it before in this browser.
    pub host: Option<Secret>,
    /// What the operator's own system signed for this person, if their link has it.
    pub token: Option<Secret>,
    /// What the person set about what is captured, sent and received.
    pub wishes: Wishes,
    /// Whether nobody is to learn this person's address: ways lead over TURN servers only.
    pub relay_only: bool,
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
            can_share: _,
            host,
            token,
            wishes,
            relay_only,
            random,
        } = setup;
        let mut dice = Dice::new(random);
        let mut call = Self {
            phase: Phase::Lobby,
            membership: Membership::new(host, token),
            room,
            name,
            renaming: None,
            socket: Socket::new(dice.split()),
            media: Media::new(microphone, camera, wishes),
            metered: false,
            listening: false,
            speaking: Speaking::default(),
            reminder: Reminder::default(),
            trying: false,
            roster: Roster::new(dice, relay_only),
            gestures: Gestures::new(now),
            reactions: Reactions::default(),
            chat: Chat::default(),
            log: Log::default(),
            devices: Arc::default(),
            wake: None,
            closing: false,
            offline: false,
            playback_blocked: false,
            muted_by: None,
            removed: false,
            view,
        };
        call.gestures.pictures = wishes.pictures();
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
            Event::Levels(levels) => self.hear(now, &levels),
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
            UserEvent::Rename(name) => self.rename(name, out),
            UserEvent::Join => {
                if self.phase == Phase::Lobby {
                    self.want_in();
                    self.socket.reopen(now, out);
                    self.hurry(now, false, out);
                }
            }
            UserEvent::Cancel => {
                if matches!(self.phase, Phase::Joining | Phase::Waiting) {
                    self.say_leave(now, out);
                    self.back(now, out);
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
            // A screen is shown to somebody or not at all.
            UserEvent::Toggle(kind) if kind.is_shared() && self.phase != Phase::InCall => {}
            UserEvent::Toggle(kind) => {
                let changed = self.media.toggle(now, kind, out);
                self.tell_changed(now, changed, out);
                // Who turns the camera on may want pictures again.
                self.want_pictures(now, self.media.wishes().pictures(), out);
            }
            UserEvent::Motion(motion) => {
                let changed = self.media.turn_screen(motion, out);
                self.tell_changed(now, changed, out);
            }
            UserEvent::Choose(kind, id) => {
                let changed = self.media.choose(kind, id, out);
                self.tell_changed(now, changed, out);
            }
            UserEvent::Wish(wishes) => {
                let changed = self.media.wish(wishes, out);
                self.tell_changed(now, changed, out);
                self.want_pictures(now, wishes.pictures(), out);
            }
            UserEvent::TryDevices(trying) => self.trying = trying,
            UserEvent::Talk(held) => {
                let changed = self.media.talk(held, out);
                self.tell_changed(now, changed, out);
            }
            UserEvent::Decline(kind) => self.media.decline(kind),
            UserEvent::SendChat { text, to } => self.write(now, &text, to.as_ref(), out),
            UserEvent::Typing { on, to } => self.types(now, on, to, out),
            UserEvent::Hand(raised) => self.raise_hand(now, raised, out),
            UserEvent::React(emoji) => self.react(now, &emoji, out),
            UserEvent::Spotlight(whom) => self.put_in_spotlight(now, whom, out),
            UserEvent::Pictures(pictures) => self.want_pictures(now, pictures, out),
            UserEvent::Password(password) => {
                if self.phase == Phase::Lobby {
                    self.membership.know(password);
                }
            }
            UserEvent::Host(act) => self.host_act(act, out),
            UserEvent::AdmitAll => self.admit_all(out),
            UserEvent::MuteAll => self.mute_all(out),
            UserEvent::Dismiss => {
                self.muted_by = None;
                self.membership.dismiss();
            }
            UserEvent::HideAddress(hidden) => {
                let (roster, room) = self.roster(now, out);
                roster.hide_address(hidden, room);
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

    fn media(&mut self, now: Moment, event: MediaEvent, out: &mut Vec<Command>) {
        match event {
            MediaEvent::Captured(request, tracks) => {
                let changed = self.media.captured(request, &tracks, out);
                self.tell_changed(now, changed, out);
            }
            MediaEvent::Refused(request, error, alone) => {
                let changed = self.media.refused(now, request, &error, &alone, out);
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
            MediaEvent::Treated(request, kind, traits) => {
                let changed = self.media.treated(request, kind, traits, out);
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
        self.membership.want();
        self.removed = false;
        if check_name(&self.name).is_ok() {
            self.phase = Phase::Joining;
        } else {
            self.phase = Phase::Lobby;
        }
    }

    fn leave(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.say_leave(now, out);
        match self.phase {
            Phase::Waiting => self.back(now, out),
            Phase::Joining | Phase::InCall => self.end(now, out),
            Phase::Lobby | Phase::Ended => {}
        }
    }

    fn say_leave(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.membership.seat() != Seat::Out {
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Leave {})));
            self.log.write(now, None, Direction::Sent, "leave", "");
        }
    }

    /// Back in the lobby, before anybody let the person in.
    fn back(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.membership.leave();
        self.phase = Phase::Lobby;
        // The welcome may be under way, and is not to be taken for the answer to a later question.
        self.socket.shut(out);
        self.socket.open(now, out);
    }

    fn end(&mut self, now: Moment, out: &mut Vec<Command>) {
        self.membership.leave();
        self.gestures.leave();
        self.renaming = None;
        self.socket.shut(out);
        let (roster, mut room) = self.roster(now, out);
        roster.clear(&mut room);
        self.media.stop(out);
        self.playback_blocked = false;
        self.muted_by = None;
        self.phase = Phase::Ended;
    }

    fn host_act(&mut self, act: HostAct, out: &mut Vec<Command>) {
        self.membership.dismiss();
        if self.membership.seat() == Seat::Held {
            out.push(Command::Socket(SocketCommand::Send(act.into())));
        }
    }

    fn admit_all(&mut self, out: &mut Vec<Command>) {
        let waiters = Arc::clone(self.membership.waiters());
        for waiter in waiters.iter() {
            self.host_act(HostAct::Admit(waiter.id.clone()), out);
        }
    }

    fn mute_all(&mut self, out: &mut Vec<Command>) {
        if self.membership.role() != Role::Host {
            return;
        }
        let people = Arc::clone(self.roster.views());
        for person in people.iter().filter(|person| person.microphone != Some(false)) {
            self.host_act(HostAct::Mute(person.id.clone()), out);
        }
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
            NetworkEvent::Offline => self.offline = true,
            NetworkEvent::Shown => self.hurry(now, false, out),
            NetworkEvent::Online | NetworkEvent::Changed => {
                self.offline &= event != NetworkEvent::Online;
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
        self.membership.tick(now);
        self.reactions.tick(now);
        let (roster, room) = self.roster(now, out);
        roster.tick(room);
    }

    /// Tries at once to reach the server where that would wait.
    fn hurry(&mut self, now: Moment, stale: bool, out: &mut Vec<Command>) {
        let asked = matches!(self.membership.seat(), Seat::Asked | Seat::Knocking);
        if stale && asked && !self.membership.can_resume() {
            // Without a token the seat that is perhaps on its way could not be taken again, and would be a ghost.
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Leave {})));
        }
        self.socket.hurry(now, stale, out);
        if !self.socket.ready() && self.membership.seat() != Seat::Out {
            self.unseated(now, "opened anew");
        }
    }

    /// The socket is gone, and the seat with it until it is taken again.
    fn unseated(&mut self, now: Moment, how: &str) {
        self.membership.unseated();
        self.log
            .write(now, None, Direction::Local, "signaling socket", how);
    }

    /// What follows from the state as it is now, whatever led there.
    fn settle(&mut self, now: Moment, out: &mut Vec<Command>) {
        let wanted = matches!(self.phase, Phase::Joining | Phase::Waiting | Phase::InCall);
        // Whoever is in the call asks for the seat again, whatever the devices are at.
        let prepared = self.phase == Phase::InCall || self.media.answered();
        if wanted && self.membership.asks() && self.socket.ready() && prepared {
            self.log
                .write(now, None, Direction::Sent, "join", self.room.clone());
            let join = self.membership.ask(&self.room, self.name.trim());
            out.push(Command::Socket(SocketCommand::Send(join)));
        }
        if self.media.on(Kind::Microphone) {
            self.muted_by = None;
        }
        let lobby = matches!(self.phase, Phase::Lobby | Phase::Joining | Phase::Waiting);
        let metered = (lobby || self.trying) && self.media.on(Kind::Microphone);
        if metered != self.metered {
            self.metered = metered;
            out.push(Command::Media(MediaCommand::Meter(metered)));
        }
        self.listen(out);
        self.ask_to_wake(out);
        self.publish();
    }

    /// Has the outside world listen while somebody is there to be heard, or to be spoken to.
    fn listen(&mut self, out: &mut Vec<Command>) {
        let people = self.roster.views();
        let listening =
            self.phase == Phase::InCall && people.iter().any(|person| person.state == PersonState::Connected);
        if listening != self.listening {
            self.listening = listening;
            self.speaking = Speaking::default();
            out.push(Command::Media(MediaCommand::Listen(listening)));
        }
        let on = self.media.on(Kind::Microphone);
        self.speaking.settle(on, people);
        // Who pushes to talk knows, and is muted nearly always.
        if on || !listening || self.media.wishes().push_to_talk {
            self.reminder.end();
        }
    }

    fn hear(&mut self, now: Moment, levels: &Levels) {
        let on = self.media.on(Kind::Microphone);
        self.speaking.hear(now, levels, on, self.roster.views());
        // Whom a host muted reads it already, and who pushes to talk knows.
        if !on && self.muted_by.is_none() && !self.media.wishes().push_to_talk {
            self.reminder.hear(now, self.speaking.own_speech());
        }
    }

    /// Has the outside world report when the next thing is due.
    fn ask_to_wake(&mut self, out: &mut Vec<Command>) {
        let call = self
            .socket
            .deadlines()
            .into_iter()
            .chain([self.membership.deadline(), self.reactions.deadline()]);
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

    fn own(&self) -> OwnMedia {
        OwnMedia {
            sending: self.media.sending(),
            microphone_on: self.media.on(Kind::Microphone),
            camera_on: self.media.on(Kind::Camera),
        }
    }

    fn roster<'a>(&'a mut self, at: Moment, out: &'a mut Vec<Command>) -> (&'a mut Roster, Room<'a>) {
        let (own, seated) = (self.own(), self.membership.seat() == Seat::Held);
        (
            &mut self.roster,
            Room {
                at,
                own,
                seated,
                gestures: &self.gestures,
                reactions: &mut self.reactions,
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
        (self.phase, &self.membership, self.closing).hash(state);
        (&self.socket, &self.roster, self.own()).hash(state);
        (
            &self.renaming,
            self.gestures.hand,
            self.gestures.pictures,
            &self.gestures.spotlight,
        )
            .hash(state);
    }
}
