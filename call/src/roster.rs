//! Who else is in the room, and the links to them.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use maju_protocol::{ChannelMessage, HistoryLine, IceServer, LeaveReason, Person, Role, Signal, Welcome};

use crate::chat::{Chat, time};
use crate::clock::{Deadline, Dice};
use crate::gestures::Gestures;
use crate::highest::Highest;
use crate::log::Log;
use crate::past::Past;
use crate::peer::{MAX_SAID, Output, Own, Peer, Trace};
use crate::reactions::Reactions;
use crate::{
    Command, ConnectionState, Direction, Hiding, Ice, Kind, LinkEvent, LinkId, Misread, Moment, PeerId,
    PersonView, Whose,
};

/// How many of those who are gone are remembered, should they come back under the same id.
const MAX_TRACES: usize = 100;

/// The others, longest present first.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    me: Option<PeerId>,
    ice: Ice,
    hiding: Hiding,
    peers: Vec<Peer>,
    /// Those who are gone, the latest last.
    traces: VecDeque<Trace>,
    views: Arc<Vec<PersonView>>,
    /// The highest number of a hand.
    hands: Highest,
    past: Past,
    dice: Dice,
}

/// What of the call is changed when something happens to a peer.
pub(crate) struct Room<'a> {
    pub(crate) at: Moment,
    pub(crate) own: OwnMedia,
    /// Whether the server can be asked to relay.
    pub(crate) seated: bool,
    pub(crate) gestures: &'a Gestures,
    pub(crate) reactions: &'a mut Reactions,
    pub(crate) chat: &'a mut Chat,
    pub(crate) log: &'a mut Log,
    pub(crate) out: &'a mut Vec<Command>,
}

/// The own microphone and camera, as the others are to know of them.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct OwnMedia {
    pub(crate) sending: crate::Sending,
    pub(crate) microphone_on: bool,
    pub(crate) camera_on: bool,
}

impl Roster {
    pub(crate) fn new(dice: Dice, relay_only: bool) -> Self {
        Self {
            me: None,
            ice: Ice {
                servers: Vec::new(),
                relay_only,
            },
            hiding: Hiding {
                wanted: relay_only,
                ..Hiding::default()
            },
            peers: Vec::new(),
            traces: VecDeque::new(),
            views: Arc::default(),
            hands: Highest::default(),
            past: Past::default(),
            dice,
        }
    }

    pub(crate) fn me(&self) -> Option<&PeerId> {
        self.me.as_ref()
    }

    pub(crate) fn views(&self) -> &Arc<Vec<PersonView>> {
        &self.views
    }

    /// The times at which something is due.
    pub(crate) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        let peers = self.peers.iter().flat_map(Peer::deadlines);
        peers.chain([self.past.deadline()])
    }

    /// The seat is taken. A new one: links to all who are there are opened, and they will offer. The same one as
    /// before: everybody who is still there stays as they are.
    pub(crate) fn welcome(&mut self, welcome: Welcome, mut room: Room<'_>) {
        let Welcome {
            you: me,
            people,
            ice_servers,
            relay_only,
            kept,
            ..
        } = welcome;
        let same = self.me.as_ref() == Some(&me);
        if !same {
            self.clear(&mut room);
        }
        self.me = Some(me);
        self.hiding.forced = relay_only;
        self.configure(ice_servers, &mut room);
        for peer in &mut self.peers {
            if people.iter().any(|person| person.id == *peer.id()) {
                continue;
            }
            room.log_line(peer.person(), Direction::Received, "presence", "not named");
            peer.not_named(room.at);
            let own = room.own(&self.ice);
            // They may be reached by the data channel.
            room.with(peer, |peer, out| peer.signaling_opened(own, out));
        }
        if !same {
            room.chat.came(room.at);
            self.past.came(people.iter().map(|person| person.id.clone()));
        }
        for person in people {
            self.is_here(person, same && kept, "was here before", &mut room);
        }
        self.sweep(&mut room);
    }

    /// Somebody came: the first offer goes to them from here, unless they are known.
    pub(crate) fn joined(&mut self, person: Person, mut room: Room<'_>) {
        if self.me.is_some() {
            self.is_here(person, true, "joined", &mut room);
            self.publish();
        }
    }

    /// The server gave somebody's seat away.
    pub(crate) fn left(&mut self, id: &PeerId, reason: LeaveReason, mut room: Room<'_>) {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == id) else {
            return;
        };
        match reason {
            LeaveReason::Left => self.remove(id, "left", &mut room),
            LeaveReason::Removed => self.remove(id, "removed", &mut room),
            LeaveReason::Lost => {
                room.log_line(peer.person(), Direction::Received, "presence", "lost");
                peer.lost();
                self.sweep(&mut room);
            }
        }
    }

    /// The seat is given up, or another one is taken: all links are closed.
    pub(crate) fn clear(&mut self, room: &mut Room<'_>) {
        for mut peer in std::mem::take(&mut self.peers) {
            let now = room.at;
            room.with(&mut peer, |peer, out| peer.leave(now, out));
        }
        self.me = None;
        self.hands = Highest::default();
        self.past = Past::default();
        self.traces.clear();
        self.publish();
    }

    /// Somebody relayed a signal, or something that is none.
    pub(crate) fn receive(&mut self, from: &PeerId, payload: Result<Signal, Misread>, room: Room<'_>) {
        self.with(from, room, |peer, own, out| peer.receive(payload, own, out));
    }

    /// A link reported something. True if it tells that the network works.
    pub(crate) fn link_event(&mut self, link: &LinkId, event: LinkEvent, room: Room<'_>) -> bool {
        let works = event == LinkEvent::Connection(ConnectionState::Connected);
        self.with(&link.peer, room, |peer, own, out| {
            peer.link_event(link.number, event, own, out);
        });
        works
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, mut room: Room<'_>) {
        for peer in &mut self.peers {
            let own = room.own(&self.ice);
            room.with(peer, |peer, out| peer.tick(own, out));
        }
        self.sweep(&mut room);
        self.ask_past(&mut room);
    }

    /// This machine's network is another one.
    pub(crate) fn network_changed(&mut self, mut room: Room<'_>) {
        for peer in &mut self.peers {
            let own = room.own(&self.ice);
            room.with(peer, |peer, out| peer.network_changed(own, out));
        }
        self.publish();
    }

    /// TURN credentials were renewed. Ways that are there go on; those that are looked for next are looked for with them.
    pub(crate) fn ice_servers(&mut self, servers: Vec<IceServer>, mut room: Room<'_>) {
        self.configure(servers, &mut room);
    }

    /// Whether the others learn the own address.
    pub(crate) fn hiding(&self) -> Hiding {
        self.hiding
    }

    /// Whether the server has TURN servers.
    pub(crate) fn offer_hiding(&mut self, offered: bool) {
        self.hiding.offered = offered;
    }

    /// The person wants to hide the own address, or does not mind: other ways are looked for.
    pub(crate) fn hide_address(&mut self, hidden: bool, mut room: Room<'_>) {
        self.hiding.wanted = hidden;
        let servers = self.ice.servers.clone();
        self.configure(servers, &mut room);
    }

    /// Takes over how ways are to be looked for, and has all links do so.
    fn configure(&mut self, servers: Vec<IceServer>, room: &mut Room<'_>) {
        let relay_only = self.hiding.wanted || self.hiding.forced;
        let ice = Ice { servers, relay_only };
        if ice == self.ice {
            return;
        }
        let were_relay_only = std::mem::replace(&mut self.ice, ice).relay_only;
        for peer in &mut self.peers {
            let own = room.own(&self.ice);
            room.with(peer, |peer, out| peer.configure(were_relay_only, own, out));
        }
        self.publish();
    }

    /// What somebody is called.
    pub(crate) fn name(&self, id: &PeerId) -> Option<&str> {
        let peer = self.peers.iter().find(|peer| peer.id() == id)?;
        Some(&peer.person().name)
    }

    /// Somebody has another name.
    pub(crate) fn renamed(&mut self, id: &PeerId, name: String) {
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == id) {
            peer.renamed(name);
        }
        self.publish();
    }

    /// Somebody has another role.
    pub(crate) fn became(&mut self, id: &PeerId, role: Role) {
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == id) {
            peer.became(role);
        }
        self.publish();
    }

    /// What is sent of the own changed.
    pub(crate) fn own_changed(&mut self, kind: Kind, mut room: Room<'_>) {
        for peer in &mut self.peers {
            let own = room.own(&self.ice);
            room.with(peer, |peer, out| peer.own_changed(kind, own, out));
        }
    }

    /// Sends a chat message to everybody, or to one person.
    pub(crate) fn say(&mut self, to: Option<&PeerId>, message: &ChannelMessage, mut room: Room<'_>) {
        let at = time(room.at);
        for peer in self.peers.iter_mut().filter(|peer| is_meant(peer, to)) {
            room.with(peer, |peer, out| peer.say(at, message.clone(), out));
        }
    }

    /// Says something that is of no use later, to everybody or to one person.
    pub(crate) fn mention(&mut self, to: Option<&PeerId>, message: &ChannelMessage, mut room: Room<'_>) {
        for peer in self.peers.iter_mut().filter(|peer| is_meant(peer, to)) {
            room.with(peer, |peer, out| peer.mention(message.clone(), out));
        }
    }

    /// Tells everybody what this person does and wants, which is something else now.
    pub(crate) fn say_status(&mut self, mut room: Room<'_>) {
        for peer in &mut self.peers {
            let own = room.own(&self.ice);
            room.with(peer, |peer, out| peer.say_status(own, out));
        }
    }

    /// The number for a hand that is raised now.
    pub(crate) fn next_hand(&mut self) -> u32 {
        let number = self.hands.next();
        self.hands.see(number)
    }

    /// The host whose id is the least of those who want everybody to look at somebody who is here, and at whom.
    pub(crate) fn spotlight(&self, own_role: Role, own: Option<&PeerId>) -> Option<(&PeerId, &PeerId)> {
        let me = self.me.as_ref();
        let hosts = self.peers.iter().filter(|peer| peer.person().role == Role::Host);
        let wishes = hosts.filter_map(|peer| Some((peer.id(), peer.spotlight()?)));
        let own_wish = me.zip(self.here(own)).filter(|_| own_role == Role::Host);
        let here = wishes.filter_map(|(host, whom)| Some((host, self.here(Some(whom))?)));
        here.chain(own_wish).min_by_key(|(host, _)| *host)
    }

    /// The id, if it is of somebody who is here.
    fn here(&self, id: Option<&PeerId>) -> Option<&PeerId> {
        let mut ids = self.me.iter().chain(self.peers.iter().map(Peer::id));
        ids.find(|here| Some(*here) == id)
    }

    /// Asks the next one for what was written before, if somebody is to be asked.
    fn ask_past(&mut self, room: &mut Room<'_>) {
        let peers = &mut self.peers;
        let open = |id: &PeerId| peers.iter().any(|peer| peer.id() == id && peer.is_reachable());
        if let Some(id) = self.past.next(room.at, open)
            && let Some(peer) = peers.iter_mut().find(|peer| *peer.id() == id)
        {
            room.with(peer, |peer, out| peer.mention(ChannelMessage::AskHistory {}, out));
        }
    }

    /// Somebody asks for what was written before they came. While it is being asked for here there is nothing to tell.
    fn tell_past(&mut self, to: &PeerId, room: &mut Room<'_>) {
        let pieces = if self.past.is_waiting() {
            vec![Vec::new()]
        } else {
            room.chat.history(room.at)
        };
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == to) {
            for lines in pieces {
                room.with(peer, |peer, out| {
                    peer.mention(ChannelMessage::History { lines }, out)
                });
            }
        }
    }

    /// Somebody tells what was written before this person came.
    fn hear_past(&mut self, from: &PeerId, lines: Vec<HistoryLine>, room: &mut Room<'_>) {
        let lines = self.past.told(from, lines);
        let peer = self.peers.iter().find(|peer| peer.id() == from);
        let (Some(peer), Some(me)) = (peer, &self.me) else {
            return;
        };
        for line in lines {
            if !room.chat.told(room.at, &peer.person().name, me, line) {
                let what = "an unfit line of the chat's history";
                room.log_line(peer.person(), Direction::Received, "not understood", what);
            }
        }
    }

    /// What somebody's doings mean for more than themselves.
    fn notice(&mut self, id: &PeerId, output: Output, room: &mut Room<'_>) {
        match output {
            Output::Hand(number) => {
                let number = self.hands.see(number);
                if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id() == id) {
                    peer.count_hand(number);
                }
            }
            Output::History(lines) => self.hear_past(id, lines, room),
            Output::HistoryAsked => self.tell_past(id, room),
            Output::Left => self.remove(id, "left", room),
            _ => {}
        }
    }

    /// The server named somebody. Who is new gets a link; `offerer` tells whether the first offer comes from here.
    fn is_here(&mut self, person: Person, offerer: bool, how: &str, room: &mut Room<'_>) {
        let Some(me) = &self.me else { return };
        if *me == person.id {
            return;
        }
        let own = room.own(&self.ice);
        if let Some(peer) = self.peers.iter_mut().find(|peer| *peer.id() == person.id) {
            peer.named(person);
            return room.with(peer, |peer, out| peer.signaling_opened(own, out));
        }
        room.log_line(&person, Direction::Received, "presence", how);
        let known = self.traces.iter().position(|trace| trace.id == person.id);
        let trace = known.and_then(|index| self.traces.remove(index));
        let mut outputs = Vec::new();
        let said = room.chat.own(me, MAX_SAID);
        let mut peer = Peer::new(person, me, offerer, trace, own, self.dice.split(), &mut outputs);
        peer.owe(said);
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
        let own = room.own(&self.ice);
        let mut outputs = Vec::new();
        act(peer, own, &mut outputs);
        let (wider, outputs): (Vec<_>, Vec<_>) = outputs.into_iter().partition(Output::is_wider);
        room.hand_on(peer, outputs);
        for output in wider {
            self.notice(id, output, &mut room);
        }
        self.sweep(&mut room);
        self.ask_past(&mut room);
    }

    /// Takes those off the list who are gone.
    fn sweep(&mut self, room: &mut Room<'_>) {
        let gone = |peer: &&Peer| peer.is_gone(room.at);
        let gone: Vec<_> = self
            .peers
            .iter()
            .filter(gone)
            .map(|peer| peer.id().clone())
            .collect();
        for id in gone {
            self.remove(&id, "gone", room);
        }
        self.publish();
    }

    fn remove(&mut self, id: &PeerId, how: &'static str, room: &mut Room<'_>) {
        let Some(index) = self.peers.iter().position(|peer| peer.id() == id) else {
            return;
        };
        let mut peer = self.peers.remove(index);
        let now = room.at;
        room.with(&mut peer, |peer, out| {
            out.push(Output::Log(Direction::Received, "presence", how.to_owned()));
            peer.close(now, out);
        });
        if self.traces.len() == MAX_TRACES {
            self.traces.pop_front();
        }
        self.traces.push_back(peer.trace());
        self.past.gone(id);
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

/// What decides what comes next: see the hash of a peer.
impl Hash for Roster {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.me, &self.peers, &self.traces, &self.past).hash(state);
    }
}

impl<'r> Room<'r> {
    fn own<'a>(&self, ice: &'a Ice) -> Own<'a>
    where
        'r: 'a,
    {
        Own {
            now: self.at,
            seated: self.seated,
            sending: self.own.sending,
            microphone_on: self.own.microphone_on,
            camera_on: self.own.camera_on,
            gestures: self.gestures,
            ice,
        }
    }

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
                Output::Chat(said) => {
                    let person = peer.person();
                    if !self.chat.receive(self.at, person, &said) {
                        self.log_line(
                            person,
                            Direction::Received,
                            "not understood",
                            "an unfit chat message",
                        );
                    }
                }
                Output::Reaction(emoji) => {
                    let whose = Whose::Peer(peer.id().clone());
                    self.reactions.show(self.at, whose, emoji);
                }
                // The roster looks at them.
                Output::Hand(_) | Output::History(_) | Output::HistoryAsked | Output::Left => {}
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

/// Whether something to that person, or to everybody, is for this one.
fn is_meant(peer: &Peer, to: Option<&PeerId>) -> bool {
    to.is_none_or(|to| to == peer.id())
}
