//! What the outside world reports to a call.

use maju_protocol::{Candidate, ChannelMessage, PeerId, Pictures, Secret, ServerMessage, Signal};

use crate::{Levels, LinkId, Traits, Wishes};

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Event {
    /// A person pressed or typed something.
    User(UserEvent),
    /// The signaling socket.
    Socket(SocketEvent),
    /// Devices and what they capture.
    Media(MediaEvent),
    /// The machine's way to the network.
    Network(NetworkEvent),
    /// One peer connection. Events of a connection that is no longer the pair's are dropped.
    Link(LinkId, LinkEvent),
    /// How loud everybody is, some times a second while [`MediaCommand::Listen`](crate::MediaCommand::Listen) wants it.
    Levels(Levels),
    /// The time asked for by [`Command::Wake`](crate::Command::Wake) has come.
    Tick,
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserEvent {
    /// Changes the name. In the room the server has to agree: the view follows its word.
    Rename(String),
    /// Wants to be in the room. Carried out as soon as the question of devices is answered and the server is there.
    Join,
    /// Does not want to wait any longer for what [`UserEvent::Join`] waits for: goes back to the lobby.
    Cancel,
    /// Leaves the room. While waiting to be let in: goes back to the lobby.
    Leave,
    /// Goes back in after leaving.
    Rejoin,
    /// Pressed the button of the microphone, the camera or the screen: what is on goes off; what is off, for whichever
    /// reason, is wanted on. A screen is shared in a call only.
    Toggle(Kind),
    /// Shares moving pictures, which are to be smooth, rather than text, which is to be sharp.
    Motion(bool),
    /// Picks a device.
    Choose(DeviceKind, String),
    /// Set something about what is captured, sent and received.
    Wish(Wishes),
    /// Looks at what the devices bring while in the room, or no longer: the microphone's loudness is reported meanwhile.
    TryDevices(bool),
    /// With push to talk: holds down what lets them talk, or let go of it.
    Talk(bool),
    /// Does not want the device of that kind that [`Notice::NewDevice`](crate::Notice::NewDevice) offers.
    Decline(DeviceKind),
    /// Writes to everybody, or to one person who is here.
    SendChat {
        /// What.
        text: String,
        /// To whom alone.
        to: Option<PeerId>,
    },
    /// Is typing a message, or stopped. May be told at each key.
    Typing {
        /// Whether they are.
        on: bool,
        /// To whom alone.
        to: Option<PeerId>,
    },
    /// Raises the hand, or lowers it.
    Hand(bool),
    /// Shows one of [`REACTIONS`](crate::REACTIONS) for a moment.
    React(String),
    /// As a host: has everybody look at somebody, or where they want again.
    Spotlight(Option<PeerId>),
    /// Wants the others to send these pictures.
    Pictures(Pictures),
    /// Typed the room's password, before joining; empty for none.
    Password(Secret),
    /// Does what only a host may do.
    Host(HostAct),
    /// As a host: lets everybody in who waits.
    AdmitAll,
    /// As a host: has the microphone of everybody else turned off who is not known to have it off.
    MuteAll,
    /// Has read what a host did, or what could not be done for them: the notice goes.
    Dismiss,
    /// Wants nobody to learn the own address, or does not mind.
    HideAddress(bool),
    /// Lets sound play after the browser refused to start it by itself.
    AllowPlayback,
}

/// What only a host may do. The server decides whether this person may.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostAct {
    /// To let nobody new in, or to do so again.
    Lock(bool),
    /// To let those wait who come, or not.
    LetWait(bool),
    /// To ask those who come for a password; empty for none.
    Password(Secret),
    /// To let somebody in who waits.
    Admit(PeerId),
    /// To send somebody away who waits.
    Refuse(PeerId),
    /// To have somebody's microphone turned off.
    Mute(PeerId),
    /// To take somebody's seat away.
    Remove(PeerId),
    /// To make somebody else the host.
    HandOver(PeerId),
}

/// What the signaling socket reports.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// The server said something. What a peer had relayed may be no signal: then the reason stands in its place.
    Message(ServerMessage<Result<Signal, Misread>>),
    /// The server said something that is no message of the wire, for this reason.
    Nonsense(String),
    /// It closed, or could not be opened.
    Closed,
}

/// What the page learns of the machine's network and of its own sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkEvent {
    /// `offline`: there is no network.
    Offline,
    /// `online`: there is one again.
    Online,
    /// `NetworkInformation.type` changed: from a cable to radio, say.
    Changed,
    /// The page is shown again, or the machine woke up: timers may have slept.
    Shown,
}

/// Why something that another client sent could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Misread {
    /// The reason, for the log.
    pub reason: String,
    /// Whether it is a message of a name that is not known. A later version may have it, so it is no offence.
    pub unknown: bool,
}

/// What devices report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaEvent {
    /// The answer to [`MediaCommand::Capture`](crate::MediaCommand::Capture): a track of each kind asked for. And to
    /// [`MediaCommand::CaptureScreen`](crate::MediaCommand::CaptureScreen): one or two tracks.
    Captured(RequestId, Vec<Captured>),
    /// The other answer: why there is none, and which kinds may be asked for by themselves now without putting
    /// the same question to the person twice.
    Refused(RequestId, MediaError, Vec<Kind>),
    /// The track that this request captured ended by itself: the device was unplugged or its permission taken.
    /// With what is known of the permission since.
    Ended(RequestId, Kind, Permission),
    /// The system holds the sound or picture of the track that this request captured back, or lets it flow again:
    /// the track's `mute` and `unmute`.
    Interrupted(RequestId, Kind, bool),
    /// What the track that this request captured is like: once it is in use, and each time that it may have changed.
    Treated(RequestId, Kind, Traits),
    /// Devices of that kind may be used from now on without a question to the person.
    Permitted(Kind),
    /// The devices there are, at the start and at each change.
    Devices(Vec<Device>),
    /// The speaker of this id could not be used.
    SpeakerRefused(String),
    /// The browser refused to play remote sound before a press.
    PlaybackRefused,
    /// Remote sound plays.
    PlaybackAllowed,
}

/// What one peer connection reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LinkEvent {
    /// `negotiationneeded` fired.
    NegotiationNeeded,
    /// An offer was made and is being set as the local description.
    OfferMade(String),
    /// A remote offer was set, and an answer to it was made and is being set as the local description.
    AnswerMade(String),
    /// A remote answer was set.
    AnswerTaken,
    /// The description at hand could not be made or set.
    DescriptionFailed(String),
    /// A local candidate was found.
    Candidate(Candidate),
    /// `connectionState` changed.
    Connection(ConnectionState),
    /// Another state changed: which (`signaling`, `ICE`, `gathering`), and to what. Shown in the log only.
    State(&'static str, String),
    /// A remote track arrived.
    Track(Kind),
    /// The data channel opened.
    ChannelOpened,
    /// The data channel brought a message, or something that is none, for the reason given.
    ChannelMessage(Result<ChannelMessage, Misread>),
    /// The data channel closed, by whichever end, or was given up because too much waited in it.
    ChannelClosed,
}

/// `RTCPeerConnectionState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Nothing was tried yet.
    New,
    /// Candidates are being tried.
    Connecting,
    /// Media can flow.
    Connected,
    /// Nothing arrives; it may come back by itself.
    Disconnected,
    /// No way was found.
    Failed,
    /// The connection was closed.
    Closed,
}

/// What can be captured and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Sound.
    Microphone,
    /// Picture.
    Camera,
    /// A screen, a window or a tab.
    Screen,
    /// What sounds there.
    ScreenSound,
}

impl Kind {
    /// All kinds, in the order of their transceivers.
    pub const ALL: [Self; 4] = [Self::Microphone, Self::Camera, Self::Screen, Self::ScreenSound];

    /// The kinds that come from devices, in the order in which they are asked for.
    pub const DEVICES: [Self; 2] = [Self::Microphone, Self::Camera];

    /// Whether it is what is shared, and comes from no device.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Screen | Self::ScreenSound)
    }
}

/// What can be picked from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// `audioinput`.
    Microphone,
    /// `videoinput`.
    Camera,
    /// `audiooutput`.
    Speaker,
}

/// `MediaDeviceInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    /// What it is for.
    pub kind: DeviceKind,
    /// The browser's id for it on this site.
    pub id: String,
    /// Its name; empty until a permission was given.
    pub label: String,
    /// `groupId`: the same for all that is one thing to the person, such as a headset, and for second names of one
    /// device. May be empty.
    pub group: String,
    /// Of a camera: whether it looks away from the person, where the browser tells before it is in use.
    pub away: Option<bool>,
}

/// Whether devices of a kind may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Yes, without a question to the person.
    Granted,
    /// No.
    Denied,
    /// The browser does not tell, or would ask the person.
    Unknown,
}

/// Numbers the questions to the devices, so that an answer that comes too late is known by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// A track that was captured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Captured {
    /// What it carries.
    pub kind: Kind,
    /// The device that it comes from; empty where the browser does not tell.
    pub device: String,
}

/// Why nothing could be captured (W3C Media Capture and Streams, section 10.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaError {
    /// `NotAllowedError`: the person, the system or a policy refused.
    Denied,
    /// The person did not pick anything to share.
    Cancelled,
    /// `NotFoundError`: there is no such device.
    NotFound,
    /// `NotReadableError`: the device is in use or broken.
    Busy,
    /// `OverconstrainedError`: the device that was asked for is gone.
    Overconstrained,
    /// There is no `mediaDevices`: the page came over plain HTTP.
    Insecure,
    /// It worked and then stopped by itself: unplugged, or its permission taken.
    Ended,
    /// Anything else, in the browser's words.
    Other(String),
}
