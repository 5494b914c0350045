//! What this person shows and wants besides sound and pictures: a raised hand, reactions, that they write.

use maju_protocol::{ChannelMessage, PeerId, Pictures};

use crate::Moment;
use crate::budget::Bucket;

/// How often it is said that somebody writes, in milliseconds.
const TYPING_EVERY: u64 = 3000;

/// The own ones.
#[derive(Clone, Debug)]
pub(crate) struct Gestures {
    pub(crate) hand: Option<u32>,
    pub(crate) pictures: Pictures,
    /// Whom everybody is to look at, by this person's will as a host.
    pub(crate) spotlight: Option<PeerId>,
    /// To whom it was said last that the person writes, and when.
    typing: Option<(Moment, Option<PeerId>)>,
    reactions: Bucket,
}

impl Gestures {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            hand: None,
            pictures: Pictures::All,
            spotlight: None,
            typing: None,
            reactions: Bucket::of_reactions(now),
        }
    }

    /// The person leaves. What they want to be sent stays their wish.
    pub(crate) fn leave(&mut self) {
        self.hand = None;
        self.spotlight = None;
        self.typing = None;
    }

    /// Whether they may react once more.
    pub(crate) fn reacts(&mut self, now: Moment) -> bool {
        self.reactions.spend(now)
    }

    /// The person writes to somebody, or to everybody, or does not any more: what is to be said, and to whom.
    pub(crate) fn types(
        &mut self,
        now: Moment,
        on: bool,
        to: Option<PeerId>,
    ) -> Vec<(Option<PeerId>, ChannelMessage)> {
        let said = |on, to: Option<PeerId>| {
            let private = to.is_some();
            (to, ChannelMessage::Typing { on, private })
        };
        let before = self.typing.take();
        if !on {
            return before.into_iter().map(|(_, to)| said(false, to)).collect();
        }
        let mut out = Vec::new();
        match before {
            Some((at, whom)) if whom == to && now < at + TYPING_EVERY => {
                self.typing = Some((at, to));
                return out;
            }
            Some((_, whom)) if whom != to => out.push(said(false, whom)),
            _ => {}
        }
        self.typing = Some((now, to.clone()));
        out.push(said(true, to));
        out
    }

    /// The message is sent, which says it.
    pub(crate) fn wrote(&mut self) {
        self.typing = None;
    }
}
