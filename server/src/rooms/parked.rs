//! What is kept for somebody who is away.

use std::collections::VecDeque;

use maju_protocol::{PeerId, ServerMessage};

use super::{Limits, Relayed};

/// Messages for somebody who is away, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parked<P> {
    limits: Limits,
    /// The payloads among the messages.
    bytes: usize,
    messages: VecDeque<ServerMessage<P>>,
}

impl<P: Relayed> Parked<P> {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            bytes: 0,
            messages: VecDeque::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> &VecDeque<ServerMessage<P>> {
        &self.messages
    }

    pub(super) fn into_messages(self) -> VecDeque<ServerMessage<P>> {
        self.messages
    }

    /// Keeps what the next welcome does not say by itself. It lists who is there, so a newcomer need not be
    /// announced; but who left and came back has lost the connection, and must be seen to do both. It tells roles, rules
    /// and who waits as they are by then.
    pub(super) fn keep(&mut self, message: ServerMessage<P>) {
        if let ServerMessage::Renamed { id, name } = &message {
            self.rename(id, name);
        }
        let kept = match &message {
            ServerMessage::Relay { .. } | ServerMessage::Left { .. } | ServerMessage::Mute { .. } => true,
            ServerMessage::Joined { person } => self
                .messages
                .iter()
                .any(|message| matches!(message, ServerMessage::Left { peer, .. } if *peer == person.id)),
            // What waited before it was of another room.
            ServerMessage::Welcome(_) => {
                self.messages.clear();
                self.bytes = 0;
                false
            }
            _ => false,
        };
        if kept {
            self.bytes += bytes(&message);
            self.messages.push_back(message);
        }
        while self.is_too_much() {
            let oldest = self.messages.pop_front();
            self.bytes -= oldest.as_ref().map_or(0, bytes);
        }
    }

    /// The next welcome says what everybody is called, but what is kept comes after it.
    fn rename(&mut self, id: &PeerId, new: &str) {
        for message in &mut self.messages {
            if let ServerMessage::Joined { person } = message
                && person.id == *id
            {
                new.clone_into(&mut person.name);
            }
        }
    }

    fn is_too_much(&self) -> bool {
        self.messages.len() > self.limits.parked || self.bytes > self.limits.parked_bytes
    }
}

fn bytes<P: Relayed>(message: &ServerMessage<P>) -> usize {
    match message {
        ServerMessage::Relay { payload, .. } => payload.bytes(),
        _ => 0,
    }
}
