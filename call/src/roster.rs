//! Who else is in the room, and the links to them.

use std::sync::Arc;

use maju_protocol::{ChannelMessage, IceServer, Person, Signal};

use crate::chat::Chat;
use crate::log::Log;
use crate::peer::{Output, Own, Peer};
use crate::{Command, Direction, Kind, LinkEvent, LinkId, Moment, PeerId, PersonView};

/// The others, longest present first.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    me: Option<PeerId>,
    ice_servers: Vec<IceServer>,
    peers: Vec<Peer>,
    views: Arc<Vec<PersonView>>,
}

/// What of the call is changed when something happens to a peer.
pub(crate) struct Room<'a> {
    pub(crate) at: Moment,
    pub(crate) own: OwnMedia,
    pub(crate) chat: &'a mut Chat,
    pub(crate) log: &'a mut Log,
    pub(crate) out: &'a mut Vec<Command>,
}

/// The own microphone and camera, as the others are to know of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnMedia {
    pub(crate) sending: crate::Sending,
    pub(crate) microphone_on: bool,
    pub(crate) camera_on: bool,
}

impl Roster {
    pub(crate) fn me(&self) -> Option<&PeerId> {
        self.me.as_ref()
    }

    pub(crate) fn views(&self) -> &Arc<Vec<PersonView>> {
        &self.views
    }

    /// The seat is taken: links to all who are there are opened, and they will offer.
    pub(crate) fn welcome(
        &mut self,
        me: PeerId,
        people: Vec<Person>,
        ice: Vec<IceServer>,
        mut room: Room<'_>,
    ) {
        self.clear(&mut room);
        self.me = Some(me);
        self.ice_servers = ice;
        for person in people {
            room.log_line(&person, Direction::Received, "presence", "was here before");
            self.add(person, false, &mut room);
        }
        self.publish();
    }

    /// Somebody came: the first offer goes to them from here.
    pub(crate) fn joined(&mut self, person: Person, mut room: Room<'_>) {
        if self.me.is_none() || self.peers.iter().any(|peer| *peer.id() == person.id) {
            return;
        }
        room.log_line(&person, Direction::Received, "presence", "joined");
        self.add(person, true, &mut room);
        self.publish();
    }

    /// Somebody left.
    pub(crate) fn left(&mut self, id: &PeerId, mut room: Room<'_>) {
        let Some(index) = self.peers.iter().position(|peer| peer.id() == id) else {
            return;
        };
        let mut peer = self.peers.remove(index);
        room.with(&mut peer, |peer, out| {
            out.push(Output::Log(Direction::Received, "presence", "left".to_owned()));
            peer.close(out);
        });
        self.publish();
    }

    /// The seat is given up, or a new one is taken: all links are closed.
    pub(crate) fn clear(&mut self, room: &mut Room<'_>) {
        for mut peer in std::mem::take(&mut self.peers) {
            room.with(&mut peer, Peer::close);
        }
        self.me = None;
        self.publish();
    }

    /// Somebody relayed a signal, or something that is none.
    pub(crate) fn receive(&mut self, from: &PeerId, payload: Result<Signal, String>, room: Room<'_>) {
        self.with(from, room, |peer, own, out| match payload {
            Ok(signal) => peer.receive(signal, own, out),
            Err(reason) => out.push(Output::Log(Direction::Received, "not understood", reason)),
        });
    }

    /// A link reported something.
    pub(crate) fn link_event(&mut self, link: &LinkId, event: LinkEvent, room: Room<'_>) {
        self.with(&link.peer, room, |peer, own, out| {
            peer.link_event(link.number, event, own, out);
        });
    }

    /// The own microphone or camera changed.
    pub(crate) fn own_changed(&mut self, kind: Kind, mut room: Room<'_>) {
        for peer in &mut self.peers {
            let own = room.own.with(&self.ice_servers);
            room.with(peer, |peer, out| peer.own_changed(kind, own, out));
        }
    }

    /// Sends a message to everybody.
    pub(crate) fn say(&mut self, message: &ChannelMessage, mut room: Room<'_>) {
        for peer in &mut self.peers {
            room.with(peer, |peer, out| peer.say(message.clone(), out));
        }
    }

    fn add(&mut self, person: Person, offerer: bool, room: &mut Room<'_>) {
        let Some(me) = &self.me else { return };
        let mut outputs = Vec::new();
        let peer = Peer::new(
            person,
            me,
            offerer,
            room.own.with(&self.ice_servers),
            &mut outputs,
        );
        room.hand_on(&peer, outputs);
        self.peers.push(peer);
    }

    fn with(
        &mut self,
        id: &PeerId,
        mut room: Room<'_>,
        act: impl FnOnce(&mut Peer, Own<'_>, &mut Vec<Output>),
    ) {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == id) else {
            return;
        };
        let own = room.own.with(&self.ice_servers);
        room.with(peer, |peer, out| act(peer, own, out));
        self.publish();
    }

    /// Lists who is there anew, only if something changed: whoever holds the old list sees that it still holds.
    fn publish(&mut self) {
        let views: Vec<_> = self.peers.iter().map(Peer::view).collect();
        if views != *self.views {
            self.views = Arc::new(views);
        }
    }
}

impl OwnMedia {
    fn with(self, ice_servers: &[IceServer]) -> Own<'_> {
        Own {
            sending: self.sending,
            microphone_on: self.microphone_on,
            camera_on: self.camera_on,
            ice_servers,
        }
    }
}

impl Room<'_> {
    fn with(&mut self, peer: &mut Peer, act: impl FnOnce(&mut Peer, &mut Vec<Output>)) {
        let mut outputs = Vec::new();
        act(peer, &mut outputs);
        self.hand_on(peer, outputs);
    }

    fn hand_on(&mut self, peer: &Peer, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Command(command) => self.out.push(command),
                Output::Log(direction, what, detail) => self.log_line(peer.person(), direction, what, detail),
                Output::Chat(text) => {
                    let person = peer.person();
                    if !self.chat.receive(self.at, &person.name, &text) {
                        self.log_line(
                            person,
                            Direction::Received,
                            "not understood",
                            "an unfit chat message",
                        );
                    }
                }
            }
        }
    }

    fn log_line(
        &mut self,
        person: &Person,
        direction: Direction,
        what: &'static str,
        detail: impl Into<String>,
    ) {
        let who = Some((person.id.clone(), person.name.clone()));
        self.log.write(self.at, who, direction, what, detail);
    }
}
