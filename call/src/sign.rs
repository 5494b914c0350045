//! What a small sign on the browser's tab says of the call.

use crate::{Phase, View};

/// The one thing to know of a call that runs in another tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The others hear this microphone.
    Live,
    /// They do not.
    Muted,
    /// Somebody wrote something that was not read yet.
    Unread,
}

impl Sign {
    /// The sign for a call in which so many messages are unread; nothing outside of a call.
    pub fn of(view: &View, unread: usize) -> Option<Self> {
        if view.phase != Phase::InCall {
            return None;
        }
        Some(match (unread, view.microphone.on) {
            (1.., _) => Self::Unread,
            (0, true) => Self::Live,
            (0, false) => Self::Muted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Setup;

    #[test]
    fn what_was_written_comes_before_how_the_microphone_is() {
        let mut view = View::of(&Setup::default());
        assert_eq!(Sign::of(&view, 3), None);
        view.phase = Phase::InCall;
        assert_eq!(Sign::of(&view, 0), Some(Sign::Muted));
        view.microphone.on = true;
        assert_eq!(Sign::of(&view, 0), Some(Sign::Live));
        assert_eq!(Sign::of(&view, 1), Some(Sign::Unread));
        view.phase = Phase::Ended;
        assert_eq!(Sign::of(&view, 1), None);
    }
}
