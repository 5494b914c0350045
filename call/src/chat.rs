//! What people write to each other.

use std::sync::Arc;

use maju_protocol::MAX_CHAT_CHARS;

use crate::{ChatLine, Moment};

/// The lines kept; older ones go.
const MAX_LINES: usize = 1000;

/// What was said while this person was here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chat {
    lines: Arc<Vec<Arc<ChatLine>>>,
    shown: u32,
    /// How many messages were written here.
    sent: u32,
}

impl Chat {
    pub(crate) fn lines(&self) -> &Arc<Vec<Arc<ChatLine>>> {
        &self.lines
    }

    /// Takes in what the person wrote. Gives the number and the text to send, or nothing for what is not fit to
    /// be sent: only blanks, or too long.
    pub(crate) fn write(&mut self, at: Moment, name: &str, text: &str) -> Option<(u32, String)> {
        let text = fit(text)?.to_owned();
        self.sent += 1;
        self.add(at, true, name, text.clone());
        Some((self.sent, text))
    }

    /// Takes in what somebody else wrote. False if it is not fit to be shown.
    pub(crate) fn receive(&mut self, at: Moment, name: &str, text: &str) -> bool {
        let Some(text) = fit(text) else { return false };
        self.add(at, false, name, text.to_owned());
        true
    }

    fn add(&mut self, at: Moment, mine: bool, name: &str, text: String) {
        self.shown += 1;
        let lines = Arc::make_mut(&mut self.lines);
        if lines.len() == MAX_LINES {
            lines.remove(0);
        }
        lines.push(Arc::new(ChatLine {
            id: self.shown,
            at,
            mine,
            name: name.to_owned(),
            text,
        }));
    }
}

fn fit(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_CHAT_CHARS).then_some(text)
}
