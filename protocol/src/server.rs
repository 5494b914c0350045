use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, IceServer};

/// What the server tells a client. `P` is the relayed payload, as in [`ClientMessage`](crate::ClientMessage).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerMessage<P> {
    /// The answer to `hello`: the version that both will speak.
    Hello {
        /// One of the versions offered.
        version: u32,
        /// How often the server sends `beat`, in milliseconds; 0, or absent, when it sends none.
        #[serde(default)]
        beat: u32,
    },
    /// Says that the server is there, when nothing else does. Browsers do not show WebSocket's own pings to a page.
    Beat {
        /// A newer token for the seat, when it is time for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
    /// The answer to `join`: the seat is taken.
    Welcome {
        /// The id that the server gave to this client.
        you: PeerId,
        /// The room's name as the server holds it: trimmed and in Unicode's normal form C.
        room: String,
        /// Who was there before, longest present first, those whose seats are kept for them among them. Each of them
        /// sends an offer, unless this seat was `kept` or there is a connection that works.
        people: Vec<Person>,
        /// The STUN and TURN servers to use, as `RTCConfiguration.iceServers` wants them. May be empty.
        ice_servers: Vec<IceServer>,
        /// Takes the same seat again after the socket was lost, as the `resume` of `join`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
        /// Whether the seat had been kept: nobody was told of an absence, so nobody will offer. Whom the client
        /// does not know came meanwhile and waits for its offer.
        #[serde(default)]
        kept: bool,
    },
    /// Somebody took a seat in the room. Who gets this message sends the newcomer an offer, unless there is a
    /// connection to them that works: then they only took their seat again too late to be unnoticed.
    Joined {
        /// The newcomer.
        person: Person,
    },
    /// Somebody's seat is free again.
    Left {
        /// Who left.
        peer: PeerId,
        /// Why.
        reason: LeaveReason,
    },
    /// A payload from a person of the same room.
    Relay {
        /// Who sent it. The server writes this; a sender cannot.
        from: PeerId,
        /// What was sent, as it was sent.
        payload: P,
    },
    /// Something that the client sent was refused. Nothing else changed.
    Error {
        /// What went wrong, for programs.
        code: ErrorCode,
        /// What went wrong, for people, in English.
        text: String,
        /// The name of the refused message (`join`, `relay`, …) where it was understood that far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        /// The person that the refused message was meant for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<PeerId>,
    },
    /// The server is about to close this socket. Calls that are set up go on without it.
    Closing {
        /// Why, for people, in English.
        text: String,
    },
}

impl<P> ServerMessage<P> {
    /// The same message with what `read` makes of its payload.
    pub fn map<Q>(self, read: impl FnOnce(P) -> Q) -> ServerMessage<Q> {
        match self {
            Self::Hello { version, beat } => ServerMessage::Hello { version, beat },
            Self::Beat { resume } => ServerMessage::Beat { resume },
            Self::Welcome {
                you,
                room,
                people,
                ice_servers,
                resume,
                kept,
            } => ServerMessage::Welcome {
                you,
                room,
                people,
                ice_servers,
                resume,
                kept,
            },
            Self::Joined { person } => ServerMessage::Joined { person },
            Self::Left { peer, reason } => ServerMessage::Left { peer, reason },
            Self::Relay { from, payload } => ServerMessage::Relay {
                from,
                payload: read(payload),
            },
            Self::Error {
                code,
                text,
                about,
                peer,
            } => ServerMessage::Error {
                code,
                text,
                about,
                peer,
            },
            Self::Closing { text } => ServerMessage::Closing { text },
        }
    }
}

/// Names one seat in one room. The server makes it up and gives it to nobody else; its text means nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PeerId(String);

impl PeerId {
    /// Takes the text of an id as it came over the wire.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Who it is for programs.
    pub id: PeerId,
    /// Who it is for people. Two persons may bear the same name.
    pub name: String,
}

/// Why a seat became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveReason {
    /// The person left, or their page went away.
    Left,
    /// Nothing was heard of the person for too long. The connection to them may still work; whoever has one that
    /// does keeps it. Reasons of later versions count as this one.
    #[serde(other)]
    Lost,
}
