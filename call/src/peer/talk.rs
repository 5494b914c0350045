//! What is said on the data channel, apart from signals.

use maju_protocol::{CHANNEL_LABEL, ChannelMessage, Pictures, Status};

use super::{Output, Own, Peer, note};
use crate::budget::Act;
use crate::chat::{Said, age};
use crate::reactions::known;
use crate::{ConnectionState, Direction, LinkCommand, Misread, Offence, PeerId};

/// Chat messages that are said again on a new data channel: an old one may have died with some of them.
pub(crate) const MAX_SAID: usize = 100;
/// For how long somebody counts as writing who said so, in milliseconds.
const TYPING: u64 = 5000;

impl Peer {
    /// What they are to be told when the channel opens: messages with the time at which they were written.
    pub(crate) fn owe(&mut self, said: Vec<(i64, ChannelMessage)>) {
        self.said = said.into();
    }

    /// Sends a chat message, now or when the channel opens.
    pub(crate) fn say(&mut self, at: i64, message: ChannelMessage, out: &mut Vec<Output>) {
        self.mention(message.clone(), out);
        if self.said.len() == MAX_SAID {
            self.said.pop_front();
        }
        self.said.push_back((at, message));
    }

    /// Says something that is of no use later: now or never.
    pub(crate) fn mention(&self, message: ChannelMessage, out: &mut Vec<Output>) {
        if self.channel_open {
            out.push(self.command(LinkCommand::Say(message)));
        }
    }

    /// Says what this person does and wants.
    pub(crate) fn say_status(&self, own: Own<'_>, out: &mut Vec<Output>) {
        self.mention(status(own), out);
    }

    /// Whether they can be told something.
    pub(crate) fn is_reachable(&self) -> bool {
        self.channel_open
    }

    /// Which pictures they want to be sent.
    pub(super) fn pictures(&self) -> Pictures {
        self.status
            .as_ref()
            .map(|status| status.pictures)
            .unwrap_or_default()
    }

    /// Whom they want everybody to look at.
    pub(crate) fn spotlight(&self) -> Option<&PeerId> {
        let status = self.status.as_ref().filter(|_| self.offence.is_none())?;
        status.spotlight.as_ref()
    }

    /// The number that their hand counts as.
    pub(crate) fn count_hand(&mut self, number: u32) {
        if let Some(status) = &mut self.status {
            status.hand = Some(number);
        }
    }

    pub(super) fn channel_opened(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        self.channel_open = true;
        if self.connection == ConnectionState::Connected {
            self.healing.well();
        }
        out.push(Output::Log(
            Direction::Local,
            "data channel",
            format!("{CHANNEL_LABEL}: open"),
        ));
        self.say_status(own, out);
        // What they have heard already they know by its number.
        for (at, message) in &self.said {
            let mut message = message.clone();
            if let ChannelMessage::Chat { age: told, .. } = &mut message {
                *told = age(own.now, *at);
            }
            self.mention(message, out);
        }
    }

    pub(super) fn hear(
        &mut self,
        message: Result<ChannelMessage, Misread>,
        own: Own<'_>,
        out: &mut Vec<Output>,
    ) {
        match message {
            Ok(ChannelMessage::Status(status)) => self.take_status(status, out),
            Ok(ChannelMessage::Chat {
                seq,
                order,
                text,
                age,
                private,
            }) if seq > self.heard => {
                self.heard = seq;
                self.typing.clear();
                out.push(Output::Chat(Said {
                    seq,
                    order,
                    text,
                    age,
                    private,
                }));
            }
            Ok(ChannelMessage::Chat { .. }) => out.push(note("a repeated chat message, dropped")),
            Ok(ChannelMessage::AskHistory {}) => {
                if self.questions.spend(own.now) {
                    out.push(Output::HistoryAsked);
                }
            }
            Ok(ChannelMessage::History { lines }) => out.push(Output::History(lines)),
            Ok(ChannelMessage::Typing { on: true, .. }) => self.typing.set(own.now + TYPING),
            Ok(ChannelMessage::Typing { .. }) => self.typing.clear(),
            Ok(ChannelMessage::Reaction { emoji }) => {
                if self.reactions.spend(own.now) {
                    out.extend(known(&emoji).map(Output::Reaction));
                }
            }
            Ok(ChannelMessage::Signal(signal)) => self.receive(Ok(signal), own, out),
            Ok(ChannelMessage::Leave {}) => out.push(Output::Left),
            Err(misread) => self.not_understood(misread, own, out),
        }
    }

    fn take_status(&mut self, mut status: Status, out: &mut Vec<Output>) {
        let before = self.status.take().unwrap_or_default();
        match status.hand {
            // What the own side made of the number that they say.
            Some(_) if before.hand.is_some() => status.hand = before.hand,
            Some(number) => out.push(Output::Hand(number)),
            None => {}
        }
        if status.pictures != before.pictures && self.open {
            out.push(self.command(LinkCommand::Limit(status.pictures)));
        }
        self.status = Some(status);
    }

    pub(super) fn not_understood(&mut self, misread: Misread, own: Own<'_>, out: &mut Vec<Output>) {
        out.push(Output::Log(Direction::Received, "not understood", misread.reason));
        if !misread.unknown {
            // Whatever follows from it follows in there.
            let _allowed = self.may(Act::Nonsense, own, out);
        }
    }

    /// Whether they may still do that; if not, they are cut off.
    pub(super) fn may(&mut self, act: Act, own: Own<'_>, out: &mut Vec<Output>) -> bool {
        let Err(offence) = self.budget.spend(own.now, act) else {
            return true;
        };
        let what = match offence {
            Offence::Flood => "they sent too much",
            Offence::Nonsense => "they sent too much that means nothing",
            Offence::Renegotiation => "they renegotiated without end",
        };
        out.push(Output::Log(Direction::Local, "cut off", what.to_owned()));
        self.offence = Some(offence);
        self.close(own.now, out);
        false
    }
}

pub(super) fn status(own: Own<'_>) -> ChannelMessage {
    ChannelMessage::Status(Status {
        microphone: own.microphone_on,
        camera: own.camera_on,
        screen: own.sending.screen,
        hand: own.gestures.hand,
        pictures: own.gestures.pictures,
        spotlight: own.gestures.spotlight.clone(),
    })
}
