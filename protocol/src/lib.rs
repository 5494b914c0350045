//! What travels between Maju's clients and its server, and between two clients.
//!
//! Every message is a JSON object with exactly one member; the member's name says what the message is.
//! There are four vocabularies, one for each direction:
//!
//! | type | from | to | how |
//! |---|---|---|---|
//! | [`ClientMessage`] | client | server | WebSocket |
//! | [`ServerMessage`] | server | client | WebSocket |
//! | [`Signal`] | client | client | the payload of `relay`, which the server does not read |
//! | [`ChannelMessage`] | client | client | data channel |
//!
//! `docs/protocol.md` is the normative description; a test fails when it and these types part ways.

mod channel;
mod client;
mod error;
mod ice;
mod name;
mod secret;
mod server;
mod signal;

pub use channel::{
    CHANNEL_LABEL, ChannelMessage, ChatError, HistoryLine, MAX_CHAT_CHARS, MAX_HISTORY, Pictures, REACTIONS,
    Status, check_chat,
};
pub use client::{ClientMessage, Join, NewRules};
pub use error::ErrorCode;
pub use ice::IceServer;
pub use name::{MAX_NAME_CHARS, NameError, check_name, check_room};
pub use secret::Secret;
pub use server::{LeaveReason, PeerId, Person, Role, Rules, ServerMessage, Welcome};
pub use signal::{Candidate, Signal};

/// The one version of the wire that this crate describes.
pub const VERSION: u32 = 1;

/// The longest message that a server relays or reads, in bytes of UTF-8. A longer one is answered with
/// [`ErrorCode::TooLarge`]; the socket stays open.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The longest password of a room, in Unicode scalar values.
pub const MAX_PASSWORD_CHARS: usize = 128;
