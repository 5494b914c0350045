use serde::{Deserialize, Serialize};

use crate::Signal;

/// The label of the data channel that the offerer of a link opens before its first offer: ordered, reliable.
pub const CHANNEL_LABEL: &str = "maju";

/// The longest chat message, in Unicode scalar values.
pub const MAX_CHAT_CHARS: usize = 4000;

/// What two clients tell each other on the data channel between them. The server never sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChannelMessage {
    /// A chat message to everybody in the room, sent once on each data channel.
    Chat {
        /// Counts the sender's messages from 1. One that is not higher than the last is a repetition.
        seq: u32,
        /// What was written: 1 to [`MAX_CHAT_CHARS`] characters, plain text.
        text: String,
    },
    /// What the sender's microphone and camera do, sent when the channel opens and at each change.
    Status {
        /// Whether sound is being sent.
        microphone: bool,
        /// Whether a picture is being sent.
        camera: bool,
    },
    /// What otherwise goes into `relay`, while the way by the server is shut.
    Signal(Signal),
    /// The sender leaves the room: the connection is about to be closed, and is not to be healed.
    Leave {},
}
