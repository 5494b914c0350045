//! What people show for a moment.

use std::collections::VecDeque;
use std::sync::Arc;

use maju_protocol::REACTIONS;

use crate::clock::Deadline;
use crate::{Moment, ReactionView, Whose};

/// How long one is shown, in milliseconds.
const SHOWN: u64 = 5000;
/// How many are shown at a time; the oldest go.
const MAX_SHOWN: usize = 40;

/// Those that are shown now, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reactions {
    views: Arc<Vec<ReactionView>>,
    until: VecDeque<Moment>,
    count: u32,
}

impl Reactions {
    pub(crate) fn views(&self) -> &Arc<Vec<ReactionView>> {
        &self.views
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.until
            .front()
            .map_or_else(Deadline::default, |at| Deadline::at(*at))
    }

    pub(crate) fn show(&mut self, now: Moment, whose: Whose, emoji: &'static str) {
        if self.until.len() == MAX_SHOWN {
            self.drop_oldest();
        }
        self.count = self.count.wrapping_add(1);
        self.until.push_back(now + SHOWN);
        Arc::make_mut(&mut self.views).push(ReactionView {
            id: self.count,
            whose,
            emoji,
        });
    }

    pub(crate) fn tick(&mut self, now: Moment) {
        while self.until.front().is_some_and(|until| *until <= now) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        self.until.pop_front();
        let views = Arc::make_mut(&mut self.views);
        if !views.is_empty() {
            views.remove(0);
        }
    }
}

/// The reaction of that text, if it is one.
pub(crate) fn known(emoji: &str) -> Option<&'static str> {
    REACTIONS.into_iter().find(|known| *known == emoji)
}
