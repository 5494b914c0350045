//! Why somebody does not get what they want.

use maju_protocol::{ErrorCode, PeerId, ServerMessage};

use super::Delivery;

/// Why an action changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The id has a seat already.
    AlreadyJoined,
    /// The id has no seat, or is away from it.
    NotJoined,
    /// The addressee is not in the sender's room, or does not wait for it.
    UnknownPeer,
    /// The room has this many people, and no more are allowed.
    RoomFull(usize),
    /// There are as many rooms as are allowed.
    TooManyRooms,
    /// As many wait already as are allowed.
    TooManyKnocks,
    /// The room is locked.
    Locked,
    /// The room has a password, and it was not shown to be known.
    PasswordNeeded,
    /// A host took their seat away.
    Banned,
    /// Only hosts may.
    NotHost,
    /// The operator's own system says what the person is called.
    NameIsGiven,
    /// The operator's own system says who is a host here.
    RolesAreGiven,
}

impl Refusal {
    /// The code that the wire has for it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::AlreadyJoined => ErrorCode::AlreadyJoined,
            Self::NotJoined => ErrorCode::NotJoined,
            Self::UnknownPeer => ErrorCode::UnknownPeer,
            Self::RoomFull(_) | Self::TooManyKnocks => ErrorCode::RoomFull,
            Self::TooManyRooms => ErrorCode::ServerFull,
            Self::Locked => ErrorCode::Locked,
            Self::PasswordNeeded => ErrorCode::PasswordNeeded,
            Self::Banned => ErrorCode::Banned,
            Self::NameIsGiven => ErrorCode::NameGiven,
            Self::NotHost | Self::RolesAreGiven => ErrorCode::NotHost,
        }
    }

    /// The reason for people.
    pub fn text(self) -> String {
        let text = match self {
            Self::AlreadyJoined => "You are in a room already; leave it first.",
            Self::NotJoined => "You are not in a room; join one first.",
            Self::UnknownPeer => "Nobody of that id is in the room, or not any longer.",
            Self::RoomFull(people) => {
                return format!("The room is full: {people} people are in it, and no more are allowed.");
            }
            Self::TooManyRooms => "This server has as many rooms as it can hold. Try again later.",
            Self::TooManyKnocks => "Too many people wait to be let in already. Try again later.",
            Self::Locked => "The room is locked: nobody new comes in until a host opens it.",
            Self::PasswordNeeded => "The room has a password.",
            Self::Banned => "A host removed you from this room.",
            Self::NotHost => "Only a host of the room may do that.",
            Self::NameIsGiven => {
                "What you are called here is decided by those who invite, and cannot be changed."
            }
            Self::RolesAreGiven => "Who is a host here is decided by those who invite, and not handed over.",
        };
        text.into()
    }
}

/// The refusal of a `join` that was not answered at once, or that does not hold any more.
pub(super) fn turned_away<P>(to: PeerId, code: ErrorCode, text: impl Into<String>) -> Delivery<P> {
    let message = ServerMessage::Error {
        code,
        text: text.into(),
        about: Some("join".into()),
        peer: None,
        wait: None,
    };
    Delivery { to, message }
}
