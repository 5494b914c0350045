use serde::{Deserialize, Serialize};

/// Why the server refused a message. The codes are stable; the texts that come with them are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// Not JSON text.
    Malformed,
    /// JSON, but no message of the chosen version: an unknown name, a missing member or a wrong type.
    Invalid,
    /// Longer than [`MAX_MESSAGE_BYTES`](crate::MAX_MESSAGE_BYTES).
    TooLarge,
    /// A message before `hello`.
    HelloFirst,
    /// A second `hello`.
    AlreadyGreeted,
    /// None of the offered versions is spoken here. The server closes the socket.
    UnsupportedVersion,
    /// The room's name is empty, too long or not text that can be shown.
    BadRoom,
    /// The person's name is empty, too long or not text that can be shown.
    BadName,
    /// A `join` while already in a room.
    AlreadyJoined,
    /// A `relay` or `leave` without a seat.
    NotJoined,
    /// The addressee is not, or no longer, in the room. Relays to people of other rooms get the same answer.
    UnknownPeer,
    /// The room has as many people as the server allows.
    RoomFull,
    /// A code of a later version of the wire.
    #[serde(other)]
    Other,
}
