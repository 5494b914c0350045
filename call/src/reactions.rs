//! What people show for a moment.

use std::collections::VecDeque;
use std::sync::Arc;

use maju_protocol::REACTIONS;

use crate::clock::Deadline;
use crate::{Moment, ReactionView, Whose};

/// How long one is shown, in milliseconds.
const SHOWN: u64 = 5000;
/// How many of one person are shown at a time, and how many in all; the oldest go, so that the pictures stay in sight.
const MAX_OF_ONE: usize = 3;
const MAX_SHOWN: usize = 8;

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
        let theirs = |view: &ReactionView| view.whose == whose;
        if self.views.iter().filter(|view| theirs(view)).count() >= MAX_OF_ONE {
            self.remove(self.views.iter().position(theirs).unwrap_or_default());
        } else if self.views.len() >= MAX_SHOWN {
            self.remove(0);
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
            self.remove(0);
        }
    }

    fn remove(&mut self, at: usize) {
        self.until.remove(at);
        let views = Arc::make_mut(&mut self.views);
        if at < views.len() {
            views.remove(at);
        }
    }
}

/// The reaction of that text, if it is one.
pub(crate) fn known(emoji: &str) -> Option<&'static str> {
    REACTIONS.into_iter().find(|known| *known == emoji)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maju_protocol::PeerId;

    #[test]
    fn the_newest_few_of_each_and_of_all_are_shown() {
        let mut reactions = Reactions::default();
        let shown = |reactions: &Reactions| -> Vec<u32> {
            let views = reactions.views().iter();
            views.map(|view| view.id).collect()
        };
        for now in 1..=5 {
            reactions.show(now, Whose::Mine, REACTIONS[0]);
        }
        assert_eq!(shown(&reactions), [3, 4, 5]);
        for now in 6..=11 {
            let whose = Whose::Peer(PeerId::new(format!("p{now}")));
            reactions.show(now, whose, REACTIONS[0]);
        }
        assert_eq!(shown(&reactions), [4, 5, 6, 7, 8, 9, 10, 11]);
        // Of those that are shown the oldest own one goes, and each goes at its time.
        for now in 12..=13 {
            reactions.show(now, Whose::Mine, REACTIONS[0]);
        }
        assert_eq!(shown(&reactions), [6, 7, 8, 9, 10, 11, 12, 13]);
        reactions.tick(SHOWN + 7);
        assert_eq!(shown(&reactions), [8, 9, 10, 11, 12, 13]);
    }
}
