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
    /// The operator's token says what the person is called; they cannot change it.
    NameGiven,
    /// A `join` while already in a room.
    AlreadyJoined,
    /// Something that is done in a room, without a seat.
    NotJoined,
    /// The addressee is not, or no longer, in the room. Relays to people of other rooms get the same answer.
    UnknownPeer,
    /// The room has as many people as the server allows.
    RoomFull,
    /// Nobody new comes in: a host locked the room.
    Locked,
    /// The room wants a password, and `join` had none.
    PasswordNeeded,
    /// The password of a `join` was not the room's.
    WrongPassword,
    /// The new password is too long.
    BadPassword,
    /// A host did not let the person in.
    Refused,
    /// A host took the person's seat away, for as long as the room lives.
    Banned,
    /// Only hosts may do that.
    NotHost,
    /// The server lets nobody in without a token of the operator's system, and `join` had none.
    TokenNeeded,
    /// The token of a `join` does not hold: the text says why.
    BadToken,
    /// Too much in too short a time. `wait` says when to try again.
    TooFast,
    /// The server has as many rooms, or sockets of this address, as the operator allows.
    ServerFull,
    /// A code of a later version of the wire.
    #[serde(other)]
    Other,
}
