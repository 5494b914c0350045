//! What a person does for the others to see: writing, a raised hand, reactions, another name.

use maju_protocol::{ChannelMessage, ClientMessage, PeerId, Person, Pictures, Role};

use super::Call;
use crate::membership::Seat;
use crate::reactions::known;
use crate::{Command, Direction, Moment, Phase, SocketCommand, Whose};

impl Call {
    /// Changes the name: at once where nobody knows it yet, else as soon as the server agrees.
    pub(super) fn rename(&mut self, name: String, out: &mut Vec<Command>) {
        match self.phase {
            Phase::Lobby => self.name = name,
            Phase::InCall => {
                self.membership.dismiss();
                self.renaming = Some(name).filter(|name| *name != self.name);
                self.ask_for_name(out);
            }
            Phase::Joining | Phase::Waiting | Phase::Ended => {}
        }
    }

    /// Asks the server for the name that is wanted. Without a seat it is asked for with the next one.
    pub(super) fn ask_for_name(&mut self, out: &mut Vec<Command>) {
        if let Some(name) = &self.renaming
            && self.membership.seat() == Seat::Held
        {
            let name = name.clone();
            out.push(Command::Socket(SocketCommand::Send(ClientMessage::Rename {
                name,
            })));
        }
    }

    /// The server says what somebody is called.
    pub(super) fn renamed(&mut self, now: Moment, id: &PeerId, name: String) {
        self.log
            .write(now, None, Direction::Received, "renamed", name.clone());
        if self.roster.me() == Some(id) {
            self.name = name;
            self.renaming = None;
        } else {
            self.roster.renamed(id, name);
        }
    }

    pub(super) fn write(&mut self, now: Moment, text: &str, to: Option<&PeerId>, out: &mut Vec<Command>) {
        let Some(me) = self.me() else { return };
        let to_name = to.and_then(|to| self.roster.name(to)).map(str::to_owned);
        // Who is gone cannot be written to, and nobody else is to read it.
        if to.is_some() && to_name.is_none() {
            return;
        }
        if let Some(message) = self.chat.write(now, &me, text, to_name) {
            self.gestures.wrote();
            let (roster, room) = self.roster(now, out);
            roster.say(to, &message, room);
        }
    }

    pub(super) fn types(&mut self, now: Moment, on: bool, to: Option<PeerId>, out: &mut Vec<Command>) {
        if self.phase == Phase::InCall {
            for (to, message) in self.gestures.types(now, on, to) {
                let (roster, room) = self.roster(now, out);
                roster.mention(to.as_ref(), &message, room);
            }
        }
    }

    pub(super) fn raise_hand(&mut self, now: Moment, raised: bool, out: &mut Vec<Command>) {
        if self.phase != Phase::InCall || raised == self.gestures.hand.is_some() {
            return;
        }
        self.gestures.hand = raised.then(|| self.roster.next_hand());
        self.say_status(now, out);
    }

    pub(super) fn react(&mut self, now: Moment, emoji: &str, out: &mut Vec<Command>) {
        let Some(emoji) = known(emoji).filter(|_| self.phase == Phase::InCall) else {
            return;
        };
        if self.gestures.reacts(now) {
            self.reactions.show(now, Whose::Mine, emoji);
            let emoji = emoji.to_owned();
            let (roster, room) = self.roster(now, out);
            roster.mention(None, &ChannelMessage::Reaction { emoji }, room);
        }
    }

    pub(super) fn put_in_spotlight(&mut self, now: Moment, whom: Option<PeerId>, out: &mut Vec<Command>) {
        if self.phase == Phase::InCall && self.membership.role() == Role::Host {
            self.gestures.spotlight = whom;
            self.say_status(now, out);
        }
    }

    pub(super) fn want_pictures(&mut self, now: Moment, pictures: Pictures, out: &mut Vec<Command>) {
        if pictures != self.gestures.pictures {
            self.gestures.pictures = pictures;
            self.say_status(now, out);
        }
    }

    /// This person is no host any more: what they wanted everybody to look at counts no longer.
    pub(super) fn lose_spotlight(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.gestures.spotlight.take().is_some() {
            self.say_status(now, out);
        }
    }

    fn say_status(&mut self, now: Moment, out: &mut Vec<Command>) {
        let (roster, room) = self.roster(now, out);
        roster.say_status(room);
    }

    /// This person, while in the call.
    fn me(&self) -> Option<Person> {
        let id = self.roster.me().filter(|_| self.phase == Phase::InCall)?;
        Some(Person {
            id: id.clone(),
            name: self.name.clone(),
            role: self.membership.role(),
        })
    }
}
