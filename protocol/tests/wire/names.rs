//! The names of everything on the wire. A new variant without a name here does not compile.

use maju_protocol::{ChannelMessage, ClientMessage, ErrorCode, LeaveReason, ServerMessage, Signal};

/// A function from a value to its name, and the list of all names.
macro_rules! names {
    ($list:ident, $function:ident, $type:ty { $($pattern:pat => $name:literal),+ $(,)? }) => {
        pub(crate) const $list: &[&str] = &[$($name),+];

        pub(crate) fn $function(value: &$type) -> &'static str {
            match value {
                $($pattern => $name),+
            }
        }
    };
}

names!(CLIENT, client, ClientMessage<Signal> {
    ClientMessage::Hello { .. } => "hello",
    ClientMessage::Join { .. } => "join",
    ClientMessage::Relay { .. } => "relay",
    ClientMessage::Leave {} => "leave",
});

names!(SERVER, server, ServerMessage<Signal> {
    ServerMessage::Hello { .. } => "hello",
    ServerMessage::Beat { .. } => "beat",
    ServerMessage::Welcome { .. } => "welcome",
    ServerMessage::Joined { .. } => "joined",
    ServerMessage::Left { .. } => "left",
    ServerMessage::Relay { .. } => "relay",
    ServerMessage::Error { .. } => "error",
    ServerMessage::Closing { .. } => "closing",
});

names!(SIGNALS, signal, Signal {
    Signal::Offer { .. } => "offer",
    Signal::Answer { .. } => "answer",
    Signal::Candidate { .. } => "candidate",
});

names!(CHANNEL, channel, ChannelMessage {
    ChannelMessage::Chat { .. } => "chat",
    ChannelMessage::Status { .. } => "status",
    ChannelMessage::Signal(_) => "signal",
    ChannelMessage::Leave {} => "leave",
});

// `other` is what an unknown code is read as; it is never sent.
names!(CODES, code, ErrorCode {
    ErrorCode::Malformed => "malformed",
    ErrorCode::Invalid => "invalid",
    ErrorCode::TooLarge => "too-large",
    ErrorCode::HelloFirst => "hello-first",
    ErrorCode::AlreadyGreeted => "already-greeted",
    ErrorCode::UnsupportedVersion => "unsupported-version",
    ErrorCode::BadRoom => "bad-room",
    ErrorCode::BadName => "bad-name",
    ErrorCode::AlreadyJoined => "already-joined",
    ErrorCode::NotJoined => "not-joined",
    ErrorCode::UnknownPeer => "unknown-peer",
    ErrorCode::RoomFull => "room-full",
    ErrorCode::Other => "other",
});

names!(REASONS, reason, LeaveReason {
    LeaveReason::Left => "left",
    LeaveReason::Lost => "lost",
});
