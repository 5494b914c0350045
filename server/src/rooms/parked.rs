//! What is kept for somebody who is away.

use std::collections::VecDeque;

use maju_protocol::ServerMessage;

/// Messages for somebody who is away, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parked<P> {
    max: usize,
    pub(super) messages: VecDeque<ServerMessage<P>>,
}

impl<P> Parked<P> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            messages: VecDeque::new(),
        }
    }

    /// Keeps what the next welcome does not say by itself. It lists who is there, so a newcomer need not be
    /// announced; but who left and came back has lost the connection, and must be seen to do both. It tells roles, rules
    /// and who waits as they are by then.
    pub(super) fn keep(&mut self, message: ServerMessage<P>) {
        let kept = match &message {
            ServerMessage::Relay { .. } | ServerMessage::Left { .. } | ServerMessage::Mute { .. } => true,
            ServerMessage::Joined { person } => self
                .messages
                .iter()
                .any(|message| matches!(message, ServerMessage::Left { peer, .. } if *peer == person.id)),
            // What waited before it was of another room.
            ServerMessage::Welcome(_) => {
                self.messages.clear();
                false
            }
            _ => false,
        };
        if kept {
            self.messages.push_back(message);
        }
        while self.messages.len() > self.max {
            self.messages.pop_front();
        }
    }
}
