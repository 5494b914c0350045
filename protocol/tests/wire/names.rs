//! The names of everything on the wire. A new variant without a name here does not compile.

use maju_protocol::{
    ChannelMessage, ClientMessage, ErrorCode, LeaveReason, Pictures, Role, ServerMessage, Signal,
};

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
    ClientMessage::Join(_) => "join",
    ClientMessage::IceServers { .. } => "iceServers",
    ClientMessage::Relay { .. } => "relay",
    ClientMessage::Leave {} => "leave",
    ClientMessage::Rename { .. } => "rename",
    ClientMessage::Rules(_) => "rules",
    ClientMessage::Admit { .. } => "admit",
    ClientMessage::Refuse { .. } => "refuse",
    ClientMessage::Mute { .. } => "mute",
    ClientMessage::Remove { .. } => "remove",
    ClientMessage::HandOver { .. } => "handOver",
});

names!(SERVER, server, ServerMessage<Signal> {
    ServerMessage::Hello { .. } => "hello",
    ServerMessage::Beat { .. } => "beat",
    ServerMessage::Welcome(_) => "welcome",
    ServerMessage::Waiting { .. } => "waiting",
    ServerMessage::Joined { .. } => "joined",
    ServerMessage::Left { .. } => "left",
    ServerMessage::Renamed { .. } => "renamed",
    ServerMessage::Relay { .. } => "relay",
    ServerMessage::Error { .. } => "error",
    ServerMessage::Rules(_) => "rules",
    ServerMessage::Role { .. } => "role",
    ServerMessage::Knock { .. } => "knock",
    ServerMessage::Unknock { .. } => "unknock",
    ServerMessage::Mute { .. } => "mute",
    ServerMessage::Removed {} => "removed",
    ServerMessage::IceServers { .. } => "iceServers",
    ServerMessage::Closing { .. } => "closing",
});

names!(SIGNALS, signal, Signal {
    Signal::Offer { .. } => "offer",
    Signal::Answer { .. } => "answer",
    Signal::Candidate { .. } => "candidate",
});

names!(CHANNEL, channel, ChannelMessage {
    ChannelMessage::Chat { .. } => "chat",
    ChannelMessage::AskHistory {} => "askHistory",
    ChannelMessage::History { .. } => "history",
    ChannelMessage::Typing { .. } => "typing",
    ChannelMessage::Reaction { .. } => "reaction",
    ChannelMessage::Status(_) => "status",
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
    ErrorCode::NameGiven => "name-given",
    ErrorCode::AlreadyJoined => "already-joined",
    ErrorCode::NotJoined => "not-joined",
    ErrorCode::UnknownPeer => "unknown-peer",
    ErrorCode::RoomFull => "room-full",
    ErrorCode::Locked => "locked",
    ErrorCode::PasswordNeeded => "password-needed",
    ErrorCode::WrongPassword => "wrong-password",
    ErrorCode::BadPassword => "bad-password",
    ErrorCode::Refused => "refused",
    ErrorCode::Banned => "banned",
    ErrorCode::NotHost => "not-host",
    ErrorCode::TokenNeeded => "token-needed",
    ErrorCode::BadToken => "bad-token",
    ErrorCode::TooFast => "too-fast",
    ErrorCode::ServerFull => "server-full",
    ErrorCode::Other => "other",
});

names!(REASONS, reason, LeaveReason {
    LeaveReason::Left => "left",
    LeaveReason::Removed => "removed",
    LeaveReason::Lost => "lost",
});

names!(PICTURES, pictures, Pictures {
    Pictures::All => "all",
    Pictures::Small => "small",
    Pictures::None => "none",
});

names!(ROLES, role, Role {
    Role::Host => "host",
    Role::Guest => "guest",
});
