use serde::{Deserialize, Serialize};

use crate::{PeerId, Signal};

/// The label of the data channel that the offerer of a link opens before its first offer: ordered, reliable.
pub const CHANNEL_LABEL: &str = "maju";

/// The longest chat message, in Unicode scalar values.
pub const MAX_CHAT_CHARS: usize = 4000;

/// The most lines in one answer to `askHistory`, all its messages together.
pub const MAX_HISTORY: usize = 200;

/// What can be reacted with.
pub const REACTIONS: [&str; 8] = ["👍", "👏", "💖", "😂", "🎉", "😮", "😢", "🤔"];

/// What two clients tell each other on the data channel between them. The server never sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChannelMessage {
    /// A chat message: to everybody in the room, sent once on each data channel, or to one person.
    Chat {
        /// Counts the sender's messages from 1, private ones too. One that is not higher than the last is a repetition.
        seq: u32,
        /// The message's place among those of everybody: one more than the highest that the sender had seen.
        #[serde(default)]
        order: u32,
        /// What was written: 1 to [`MAX_CHAT_CHARS`] characters, plain text.
        text: String,
        /// How long ago it was written, in seconds.
        #[serde(default, skip_serializing_if = "is_zero")]
        age: u32,
        /// Whether it is for the receiver alone.
        #[serde(default, skip_serializing_if = "is_false")]
        private: bool,
    },
    /// Asks for what was written before the sender came.
    AskHistory {},
    /// Answers `askHistory`, in one message or several.
    History {
        /// What the sender has, oldest first; no private messages.
        lines: Vec<HistoryLine>,
    },
    /// The sender began to write, still writes, or does not any more.
    Typing {
        /// Whether they write.
        on: bool,
        /// Whether it is for the receiver alone.
        #[serde(default, skip_serializing_if = "is_false")]
        private: bool,
    },
    /// Shows for a moment what the sender feels.
    Reaction {
        /// One of [`REACTIONS`].
        emoji: String,
    },
    /// What the sender does and wants, sent when the channel opens and at each change.
    Status(Status),
    /// What otherwise goes into `relay`, while the way by the server is shut.
    Signal(Signal),
    /// The sender leaves the room: the connection is about to be closed, and is not to be healed.
    Leave {},
}

/// What somebody does and wants, as they tell the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether sound is being sent.
    pub microphone: bool,
    /// Whether a picture is being sent.
    pub camera: bool,
    /// Whether a screen is being sent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub screen: bool,
    /// The number of the raised hand: one more than the highest that the sender had seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand: Option<u32>,
    /// Which pictures the sender wants to be sent.
    #[serde(default, skip_serializing_if = "Pictures::are_all")]
    pub pictures: Pictures,
    /// Whom everybody is to look at. Heeded from hosts only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spotlight: Option<PeerId>,
}

/// Which pictures somebody wants to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Pictures {
    /// None: only sound.
    None,
    /// Small ones.
    Small,
    /// All there are. Wishes of later versions count as this one.
    #[default]
    #[serde(other)]
    All,
}

impl Pictures {
    fn are_all(&self) -> bool {
        *self == Self::All
    }
}

/// A chat message as somebody else has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLine {
    /// Who wrote it.
    pub author: PeerId,
    /// What they were called.
    pub name: String,
    /// The author's number of it.
    pub seq: u32,
    /// Its place among those of everybody.
    pub order: u32,
    /// How long ago it was written, in seconds.
    pub age: u32,
    /// What was written.
    pub text: String,
}

/// Trims a chat message and tells whether it can be sent: 1 to [`MAX_CHAT_CHARS`] characters.
pub fn check_chat(text: &str) -> Result<&str, ChatError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ChatError::Empty),
        length if length > MAX_CHAT_CHARS => Err(ChatError::TooLong(length - MAX_CHAT_CHARS)),
        _ => Ok(text),
    }
}

/// Why a chat message cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatError {
    /// Nothing but blanks.
    Empty,
    /// Too long by so many characters.
    TooLong(usize),
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn is_false(value: &bool) -> bool {
    !value
}
