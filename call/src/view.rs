//! What a person is shown, derived from the call's state.

use std::sync::Arc;

use maju_protocol::{ErrorCode, PeerId, Pictures, Role, Rules};

use crate::{Device, LogLine, MediaError, Setup, Traits, Wishes};

/// All that the ui shows of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Where the person is.
    pub phase: Phase,
    /// How the signaling socket is.
    pub signaling: Signaling,
    /// The room's name.
    pub room: String,
    /// The own id, once in the room.
    pub me: Option<PeerId>,
    /// The own name.
    pub name: String,
    /// The own microphone.
    pub microphone: SourceView,
    /// The own camera.
    pub camera: SourceView,
    /// The own screen, or what of it is shared. It is on while it is interrupted, too.
    pub screen: SourceView,
    /// How it is shared.
    pub sharing: Sharing,
    /// The devices that can be picked.
    pub devices: Arc<Vec<Device>>,
    /// The devices that are picked.
    pub chosen: Chosen,
    /// What is set about what is captured, sent and received.
    pub wishes: Wishes,
    /// What the person may do in the room.
    pub role: Role,
    /// How the room lets people in.
    pub rules: Rules,
    /// How often the server told the rules: also where they read the same as before, as with another password.
    pub rules_told: u32,
    /// Who waits to be let in, longest waiting first; only for hosts.
    pub waiters: Arc<Vec<Waiter>>,
    /// While waiting to be let in: whether somebody is there who could.
    pub attended: bool,
    /// Before the call: whether the server asked for the room's password.
    pub asks_password: bool,
    /// After the call: whether a host ended it for this person.
    pub removed: bool,
    /// Whether the others learn the own address.
    pub hiding: Hiding,
    /// The number of the own raised hand, in the order of everybody's.
    pub hand: Option<u32>,
    /// Whom everybody is to look at, by a host's will: somebody who is here, perhaps this person.
    pub spotlight: Option<PeerId>,
    /// The host who wants it.
    pub spotlight_by: Option<PeerId>,
    /// Which pictures this person wants to be sent.
    pub pictures: Pictures,
    /// What people show for a moment, oldest first.
    pub reactions: Arc<Vec<ReactionView>>,
    /// The others in the room, longest present first.
    pub people: Arc<Vec<PersonView>>,
    /// Who speaks now, oneself too: the main speaker first if they do.
    pub speaking: Arc<Vec<Whose>>,
    /// Whom to look at: who spoke last, clearly and for a while. They may be silent now. Never oneself.
    pub main_speaker: Option<Whose>,
    /// What was written while this person was here, and what they were told of the time before, in the order that
    /// everybody has. Each line has its own `Arc`, so that a new one does not copy the old ones.
    pub chat: Arc<Vec<Arc<ChatLine>>>,
    /// How the connections were set up, oldest first.
    pub log: Arc<Vec<Arc<LogLine>>>,
    /// What the person has to know now.
    pub notices: Vec<Notice>,
}

impl View {
    /// What is shown before anything happened.
    pub fn of(setup: &Setup) -> Self {
        Self {
            phase: Phase::Lobby,
            signaling: Signaling::Connecting,
            room: setup.room.clone(),
            me: None,
            name: setup.name.clone(),
            microphone: SourceView::default(),
            camera: SourceView::default(),
            screen: SourceView::default(),
            sharing: Sharing {
                possible: setup.can_share,
                ..Sharing::default()
            },
            devices: Arc::default(),
            chosen: Chosen::default(),
            wishes: setup.wishes,
            role: Role::Guest,
            rules: Rules::default(),
            rules_told: 0,
            waiters: Arc::default(),
            attended: true,
            asks_password: false,
            removed: false,
            hiding: Hiding {
                wanted: setup.relay_only,
                ..Hiding::default()
            },
            hand: None,
            spotlight: None,
            spotlight_by: None,
            pictures: Pictures::All,
            reactions: Arc::default(),
            people: Arc::default(),
            speaking: Arc::default(),
            main_speaker: None,
            chat: Arc::default(),
            log: Arc::default(),
            notices: Vec::new(),
        }
    }
}

/// Where the person is.
///
/// ```text
///  Lobby ──Join──▶ Joining ──welcome──▶ InCall ──Leave, removed──▶ Ended
///    ▲              │ │  ▲                ▲                          │
///    │◀───refused───┘ │  └───Rejoin───────┼──────────────────────────┘
///    │             waiting             welcome
///    │                ▼                   │
///    └─refused,─── Waiting ───────────────┘
///       Leave
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before the room: preview and devices.
    Lobby,
    /// Pressed Join; waiting for the devices, the server or its welcome.
    Joining,
    /// Asked to be let in; a host is to decide.
    Waiting,
    /// In the room.
    InCall,
    /// Out of the room again.
    Ended,
}

/// How the signaling socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signaling {
    /// Being opened, or opened and not yet greeted.
    Connecting,
    /// Ready.
    Ready,
    /// Lost; it is tried again by itself.
    Lost,
}

/// The own microphone or camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceView {
    /// Whether it is on: sound or picture is being captured and carried.
    pub on: bool,
    /// Whether a change is under way.
    pub pending: bool,
    /// Whether it would be on, but the system holds it back, as during a phone call. It comes back by itself.
    pub interrupted: bool,
    /// Why it could not be turned on, until it could.
    pub problem: Option<MediaError>,
    /// What its track is like.
    pub traits: Traits,
}

/// How the own screen is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Whether the browser can at all.
    pub possible: bool,
    /// Whether its sound is shared, too.
    pub sound: bool,
    /// Whether it is treated as moving pictures rather than as text.
    pub motion: bool,
}

/// The devices that are picked; empty where the browser picks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The microphone's id: of the track that is, else of the one that is wanted.
    pub microphone: String,
    /// The camera's id, likewise.
    pub camera: String,
    /// The speaker's id.
    pub speaker: String,
}

/// Somebody else in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// Who, for programs.
    pub id: PeerId,
    /// Who, for people.
    pub name: String,
    /// What they may do in the room.
    pub role: Role,
    /// How the connection to them is.
    pub state: PersonState,
    /// Whether they send sound; unknown until they said so.
    pub microphone: Option<bool>,
    /// Whether they send a picture; unknown until they said so.
    pub camera: Option<bool>,
    /// Whether they share their screen.
    pub screen: bool,
    /// The number of their raised hand. Hands are in the order of their numbers, and of the ids of those who raised them.
    pub hand: Option<u32>,
    /// Whether they write to everybody, or to this person.
    pub typing: bool,
    /// Why they were cut off, if they were: the state is then failed, and nothing is taken from them any more.
    pub offence: Option<Offence>,
}

/// Somebody who waits to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Who, for programs.
    pub id: PeerId,
    /// Who, for people.
    pub name: String,
}

/// Whether the others in the room learn this machine's address on the network. They do not when all ways to it lead over
/// TURN servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hiding {
    /// Whether the server has TURN servers.
    pub offered: bool,
    /// Whether the person wants it hidden.
    pub wanted: bool,
    /// Whether the server has everybody hide it.
    pub forced: bool,
}

/// Why the server did not do what the person wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: ErrorCode,
    /// For people, in English.
    pub text: String,
}

/// What somebody's program did so that the connection to them was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offence {
    /// Sent more than anybody honest does.
    Flood,
    /// Sent what means nothing, again and again.
    Nonsense,
    /// Began new connections or negotiations without end.
    Renegotiation,
}

/// How the connection to somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// Being set up for the first time.
    Connecting,
    /// Up.
    Connected,
    /// Was up; nothing arrives now.
    Reconnecting,
    /// No way was found.
    Failed,
}

impl PersonState {
    /// The state's name, as the page's `data-state` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Failed => "failed",
        }
    }
}

/// Whom a `<video>` shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The person at this browser. Never heard.
    Mine,
    /// The same once more, beside the lists of devices.
    Preview,
    /// Somebody else.
    Peer(PeerId),
    /// The own screen, as far as it is shared. Never heard.
    MyScreen,
    /// The screen that somebody else shares.
    Screen(PeerId),
}

/// A chat message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    /// Counts the lines as they came, from 1; a key for lists.
    pub id: u32,
    /// When it was written. Below zero for what is older than the page.
    pub at: i64,
    /// Whether that was before this person came.
    pub before: bool,
    /// Whether the person wrote it.
    pub mine: bool,
    /// Who wrote it, for programs.
    pub author: PeerId,
    /// The author's number of it.
    pub seq: u32,
    /// Its place among those of everybody; where it is the same, that of the lesser id is first.
    pub order: u32,
    /// Who wrote it.
    pub name: String,
    /// What was written; plain text.
    pub text: String,
    /// Whether it is between two people alone.
    pub private: bool,
    /// For a private one of the person's own: to whom.
    pub to: String,
    /// Who told of it, if its author did not say it themselves; else empty.
    pub told_by: String,
}

/// What somebody shows for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionView {
    /// Counts them, from 1; a key for lists.
    pub id: u32,
    /// Who.
    pub whose: Whose,
    /// What: one of [`REACTIONS`](crate::REACTIONS).
    pub emoji: &'static str,
}

/// Something that the person has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The server cannot be reached. In a call: the call goes on, but nobody new can come.
    ServerLost,
    /// The same, and the browser says that there is no network at all: the others are out of reach, too.
    Offline,
    /// The server announced that it closes the socket. Told outside of a call only, for in it nobody need notice.
    ServerClosing,
    /// The server did not let the person in, or refused the name.
    Refused(Refusal),
    /// The server did not do what the person wanted as a host. [`UserEvent::Dismiss`](crate::UserEvent::Dismiss) puts
    /// the notice away, as the next thing that a host does.
    NotDone(Refusal),
    /// A host of this name, empty if unknown, had the own microphone turned off. It goes when the microphone is on
    /// again, or by [`UserEvent::Dismiss`](crate::UserEvent::Dismiss).
    Muted(String),
    /// The person talks and the own microphone is off. It goes by itself.
    TalkingMuted,
    /// Sound does not play until the person presses something.
    PlaybackBlocked,
    /// This device came while the call ran. [`UserEvent::Choose`](crate::UserEvent::Choose) takes it,
    /// [`UserEvent::Decline`](crate::UserEvent::Decline) puts the notice away.
    NewDevice(Device),
}
