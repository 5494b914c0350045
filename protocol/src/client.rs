use serde::{Deserialize, Serialize};

use crate::{PeerId, Secret};

/// What a client tells the server. `P` is the relayed payload: [`Signal`](crate::Signal) in a client,
/// unparsed text in the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientMessage<P> {
    /// The first message on a socket: which versions of the wire the client speaks.
    /// Answered with `hello` or with the error `unsupported-version`.
    Hello {
        /// All versions that the client can speak, in any order.
        versions: Vec<u32>,
    },
    /// Asks for a seat in a room, which exists from its first person on. Answered with `welcome`, or with `waiting`
    /// and later `welcome`.
    Join(Join),
    /// Asks for the STUN and TURN servers without taking a seat, to see whether they can be reached. Answered with
    /// `iceServers`.
    IceServers {
        /// As in [`Join`]; one for any room will do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Secret>,
    },
    /// Gives a payload to one person of the same room.
    Relay {
        /// Who is to get it.
        to: PeerId,
        /// What the server hands on as it is.
        payload: P,
    },
    /// Gives the seat up, at once. The socket stays open and may join again. Without it, a seat is kept for a while
    /// for a socket that closed.
    Leave {},
    /// Changes the sender's name. Answered with `renamed`.
    Rename {
        /// The new one, 1 to 64 characters; see [`check_name`](crate::check_name).
        name: String,
    },
    /// Changes the rules of the room. Hosts only.
    Rules(NewRules),
    /// Lets somebody in who waits. Hosts only.
    Admit {
        /// Who waits.
        peer: PeerId,
    },
    /// Sends somebody away who waits. Hosts only.
    Refuse {
        /// Who waits.
        peer: PeerId,
    },
    /// Asks somebody's client to turn its microphone off. Hosts only.
    Mute {
        /// Whose microphone.
        peer: PeerId,
    },
    /// Takes somebody's seat away for as long as the room lives. Hosts only.
    Remove {
        /// Whose seat.
        peer: PeerId,
    },
    /// Makes somebody else the host in place of the sender. Hosts only.
    HandOver {
        /// Who is to be the host.
        peer: PeerId,
    },
}

/// What a client says of who it is and what it knows when it asks for a seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Join {
    /// The room's name, 1 to 64 characters; see [`check_room`](crate::check_room).
    pub room: String,
    /// The person's name, 1 to 64 characters; see [`check_name`](crate::check_name).
    pub name: String,
    /// The newest token that `welcome` or `beat` gave to this client: asks for the same seat again. One that
    /// does not hold, or not for this room, is ignored, and the seat is a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Secret>,
    /// The secret of the room's host that `welcome` or `role` gave to this browser. One that is not the room's is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Secret>,
    /// The room's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// What the operator's own system signed for this person (RFC 7519), where the server asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// Rules to be changed; those that are absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewRules {
    /// Whether nobody new comes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Whether who comes has to wait until a host lets them in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<bool>,
    /// What who comes has to know, 1 to [`MAX_PASSWORD_CHARS`](crate::MAX_PASSWORD_CHARS) characters; empty for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}
