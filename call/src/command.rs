//! What a call wants done.

use maju_protocol::{Candidate, ChannelMessage, ClientMessage, IceServer, PeerId, Pictures, Secret, Signal};

use crate::{DeviceKind, Kind, Moment, RequestId, Treatment};

/// Something to do. Commands are carried out in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// On the signaling socket.
    Socket(SocketCommand),
    /// With the devices.
    Media(MediaCommand),
    /// With one peer connection. Links are independent of each other; on one link the order counts.
    Link(LinkId, LinkCommand),
    /// Keep what makes this person the room's host, beyond the life of the page: for [`Setup::host`](crate::Setup::host).
    Keep(Secret),
    /// Report [`Event::Tick`](crate::Event::Tick) at that time. Replaces an earlier wish.
    Wake(Moment),
}

/// One peer connection of those that a pair has had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId {
    /// Whom it leads to.
    pub peer: PeerId,
    /// Which of the pair's connections it is, from 1.
    pub number: u32,
}

/// What the signaling socket is to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SocketCommand {
    /// Open it, closing an earlier one without a further event from that one.
    Open,
    /// The same once the server answers a plain request; `Closed` if it does not. Browsers hold back sockets to a host
    /// that refused several, for seconds at a time; they do not hold back requests.
    OpenIfThere,
    /// Send a message.
    Send(ClientMessage<Signal>),
    /// Close it, after what was sent before; no further event.
    Close,
}

/// What the devices are to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaCommand {
    /// Ask for one track of each kind that is given, in one question to the person. Answered with
    /// [`MediaEvent::Captured`](crate::MediaEvent::Captured), the tracks being kept until `Use` or `Discard`, or with
    /// [`MediaEvent::Refused`](crate::MediaEvent::Refused).
    Capture {
        /// The number that the answer bears.
        request: RequestId,
        /// The microphone wanted, if any.
        microphone: Option<Want>,
        /// The camera wanted, if any.
        camera: Option<Want>,
    },
    /// Ask the person what to share of their screen; called in the moment of a press, outside of which browsers do not ask.
    /// Answered as `Capture` is.
    CaptureScreen(RequestId),
    /// Treat what is shared as moving pictures, or as text, from now on.
    Motion(bool),
    /// Capture like this from now on, and change the current tracks as far as they can be changed. Answered with
    /// [`MediaEvent::Treated`](crate::MediaEvent::Treated) for each that was to be changed.
    Treat(Treatment),
    /// Make the captured tracks the current ones of their kinds; stop those that they replace.
    Use(RequestId),
    /// Stop the captured tracks: nobody waits for them any more.
    Discard(RequestId),
    /// Stop the current track of that kind, so that its light goes out.
    Release(Kind),
    /// Let the current track of that kind carry sound or picture, or silence and darkness.
    Enable(Kind, bool),
    /// Report how loud the microphone is, or stop doing so.
    Meter(bool),
    /// Report how loud everybody is with [`Event::Levels`](crate::Event::Levels), or stop doing so.
    Listen(bool),
    /// Play remote sound on that speaker; on the browser's choice if empty.
    Speaker(String),
    /// Try again to play remote sound; called in the moment of a press.
    Play,
}

/// Which device is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// Whichever the browser picks.
    Any,
    /// The device with this id and no other.
    Device(String),
    /// Whichever the browser picks, with no wish about sizes, rates or the treatment of sound.
    Plain,
}

impl DeviceKind {
    /// What a device of this kind captures; nothing for a speaker.
    pub fn captures(self) -> Option<Kind> {
        match self {
            Self::Microphone => Some(Kind::Microphone),
            Self::Camera => Some(Kind::Camera),
            Self::Speaker => None,
        }
    }
}

/// How ways are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ice {
    /// `RTCConfiguration.iceServers`.
    pub servers: Vec<IceServer>,
    /// Whether `RTCConfiguration.iceTransportPolicy` is `relay`.
    pub relay_only: bool,
}

/// Which of the current tracks a link sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sending {
    /// The microphone's.
    pub microphone: bool,
    /// The camera's.
    pub camera: bool,
    /// The shared screen's.
    pub screen: bool,
    /// Its sound's.
    pub screen_sound: bool,
}

impl Sending {
    /// Whether a track of that kind is sent.
    pub fn has(self, kind: Kind) -> bool {
        match kind {
            Kind::Microphone => self.microphone,
            Kind::Camera => self.camera,
            Kind::Screen => self.screen,
            Kind::ScreenSound => self.screen_sound,
        }
    }

    /// Has a track of that kind be sent, or none.
    pub fn set(&mut self, kind: Kind, on: bool) {
        match kind {
            Kind::Microphone => self.microphone = on,
            Kind::Camera => self.camera = on,
            Kind::Screen => self.screen = on,
            Kind::ScreenSound => self.screen_sound = on,
        }
    }
}

/// What one peer connection is to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LinkCommand {
    /// Make the connection. Who offers first also makes the data channel and a transceiver of each kind, in the order of
    /// [`Kind::ALL`]; who answers takes over those that the offer brings: the first of sound is the microphone's, the
    /// second the shared screen's, and the pictures likewise.
    Open {
        /// Whether the first offer comes from here.
        offerer: bool,
        /// How to look for ways.
        ice: Ice,
        /// What to send from the start.
        sending: Sending,
    },
    /// Make an offer while stable and set it as the local description. Answered with `OfferMade` or
    /// `DescriptionFailed`.
    MakeOffer,
    /// `setRemoteDescription(offer)`, which takes an own offer back; then make an answer and set it.
    /// Answered with `AnswerMade` or `DescriptionFailed`.
    TakeOffer(String),
    /// `setRemoteDescription(answer)`. Answered with `AnswerTaken` or `DescriptionFailed`.
    TakeAnswer(String),
    /// `addIceCandidate`. A candidate that does not fit is of no consequence.
    AddCandidate(Candidate),
    /// `setConfiguration`: the next time that ways are looked for, by whichever end's wish, look for them like this.
    Configure(Ice),
    /// `restartIce`: the next offer looks for new ways while the old one, if it still carries, goes on. `MakeOffer`
    /// follows.
    Restart,
    /// Send the current track of that kind from now on, or none. The first track of a kind turns the
    /// transceiver's direction and so makes a negotiation needed; later ones only replace the track.
    Send(Kind, bool),
    /// Send no better pictures than these, and no more of them, from now on.
    Limit(Pictures),
    /// Send on the data channel, which is open.
    Say(ChannelMessage),
    /// Close the connection and forget it; no further event.
    Close,
}
