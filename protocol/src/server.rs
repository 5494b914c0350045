use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, IceServer, Secret};

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
        /// Whether there are TURN servers, so that somebody can hide their address behind one.
        #[serde(default, skip_serializing_if = "is_false")]
        turn: bool,
    },
    /// Says that the server is there, when nothing else does. Browsers do not show WebSocket's own pings to a page.
    Beat {
        /// A newer token for the seat, when it is time for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<Secret>,
    },
    /// The answer to `join`: the seat is taken.
    Welcome(Welcome),
    /// The other answer to `join`: a host is to decide. `welcome` follows, or the error `refused`. Comes again when
    /// `attended` changes.
    Waiting {
        /// Whether a host is there who could.
        attended: bool,
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
    /// Somebody is called something else now.
    Renamed {
        /// Who.
        id: PeerId,
        /// What they are called.
        name: String,
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
        /// How long to wait before trying again, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u32>,
    },
    /// The rules of the room are others now.
    Rules(Rules),
    /// Somebody has another role now, or a host another secret.
    Role {
        /// Who.
        peer: PeerId,
        /// Which.
        role: Role,
        /// What restores the role after a reload: only to who is made the host of a room that belongs to nobody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<Secret>,
    },
    /// Somebody waits to be let in. To hosts only.
    Knock {
        /// Who.
        person: Person,
    },
    /// Somebody waits no longer: they were let in, sent away, or went. To hosts only.
    Unknock {
        /// Who.
        peer: PeerId,
    },
    /// A host asks that the microphone be turned off.
    Mute {
        /// The host.
        by: PeerId,
    },
    /// A host took the seat away. The others get `left`.
    Removed {},
    /// STUN and TURN servers to use from now on, as credentials end.
    IceServers {
        /// As in [`Welcome`].
        ice_servers: Vec<IceServer>,
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
            Self::Hello { version, beat, turn } => ServerMessage::Hello { version, beat, turn },
            Self::Beat { resume } => ServerMessage::Beat { resume },
            Self::Welcome(welcome) => ServerMessage::Welcome(welcome),
            Self::Waiting { attended } => ServerMessage::Waiting { attended },
            Self::Joined { person } => ServerMessage::Joined { person },
            Self::Left { peer, reason } => ServerMessage::Left { peer, reason },
            Self::Renamed { id, name } => ServerMessage::Renamed { id, name },
            Self::Relay { from, payload } => ServerMessage::Relay {
                from,
                payload: read(payload),
            },
            Self::Error {
                code,
                text,
                about,
                peer,
                wait,
            } => ServerMessage::Error {
                code,
                text,
                about,
                peer,
                wait,
            },
            Self::Rules(rules) => ServerMessage::Rules(rules),
            Self::Role { peer, role, host } => ServerMessage::Role { peer, role, host },
            Self::Knock { person } => ServerMessage::Knock { person },
            Self::Unknock { peer } => ServerMessage::Unknock { peer },
            Self::Mute { by } => ServerMessage::Mute { by },
            Self::Removed {} => ServerMessage::Removed {},
            Self::IceServers { ice_servers } => ServerMessage::IceServers { ice_servers },
            Self::Closing { text } => ServerMessage::Closing { text },
        }
    }
}

/// What somebody learns who takes a seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The id that the server gave to this client.
    pub you: PeerId,
    /// The room's name as the server holds it: trimmed and in Unicode's normal form C.
    pub room: String,
    /// Who was there before, longest present first, those whose seats are kept for them among them. Each of them
    /// sends an offer, unless this seat was `kept` or there is a connection that works.
    pub people: Vec<Person>,
    /// The STUN and TURN servers to use, as `RTCConfiguration.iceServers` wants them. May be empty.
    pub ice_servers: Vec<IceServer>,
    /// Whether only TURN servers are to be used, as `RTCConfiguration.iceTransportPolicy` has it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub relay_only: bool,
    /// Takes the same seat again after the socket was lost, as the `resume` of `join`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Secret>,
    /// Whether the seat had been kept: nobody was told of an absence, so nobody will offer. Whom the client
    /// does not know came meanwhile and waits for its offer.
    #[serde(default)]
    pub kept: bool,
    /// What this person may do.
    #[serde(default, skip_serializing_if = "Role::is_guest")]
    pub role: Role,
    /// What restores the role of the host after a reload, as the `host` of `join`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Secret>,
    /// The rules of the room.
    #[serde(default)]
    pub rules: Rules,
    /// Who waits to be let in, for hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub knocking: Vec<Person>,
}

/// How a room lets people in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    /// Whether nobody new comes in.
    pub locked: bool,
    /// Whether who comes has to wait until a host lets them in.
    pub waiting: bool,
    /// Whether who comes has to know a password.
    pub password: bool,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sets the rules, lets people in, and takes seats away.
    Host,
    /// Takes part. Roles of later versions count as this one.
    #[default]
    #[serde(other)]
    Guest,
}

impl Role {
    /// Whether it is that of a guest.
    pub fn is_guest(&self) -> bool {
        *self == Self::Guest
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Names one seat in one room. The server makes it up and gives it to nobody else; its text means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// What they may do.
    #[serde(default, skip_serializing_if = "Role::is_guest")]
    pub role: Role,
}

/// Why a seat became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveReason {
    /// The person left, or their page went away.
    Left,
    /// A host took the seat away.
    Removed,
    /// Nothing was heard of the person for too long. The connection to them may still work; whoever has one that
    /// does keeps it. Reasons of later versions count as this one.
    #[serde(other)]
    Lost,
}
