//! Who is in which room, what they may do there, and who is to be told what. Pure: an [`Action`] in, the
//! [`Delivery`]s out.
//!
//! There are no sockets, no clock and no randomness in here; ids, names, secrets and what they stand for come in
//! ready-made.

mod action;
mod charter;
mod hosting;
mod parked;
mod refusal;
mod restoring;
mod room;

use std::collections::HashMap;

use maju_protocol::{ErrorCode, LeaveReason, PeerId, Role, Secret, ServerMessage, Welcome};

pub use action::{Action, Delivery, Entry, Founding, HostAct, Papers, Resumed, RoomKey, RoomName, Vacancy};
use charter::Gate;
pub use charter::{Charter, Mark, Marks};
use parked::Parked;
pub use refusal::Refusal;
use refusal::turned_away;
use room::Room;

/// How many messages are kept for somebody who is away, at most.
pub const MAX_PARKED: usize = 128;

/// All rooms that have somebody in them, or had a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooms<P> {
    limits: Limits,
    rooms: HashMap<RoomKey, Room>,
    seats: HashMap<PeerId, Seat<P>>,
    /// Who waits to be let in, and where.
    knocks: HashMap<PeerId, RoomKey>,
    away: usize,
}

/// How much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many people one room holds, those who wait to be let in not counted; as many may wait.
    pub people: usize,
    /// How many rooms there may be.
    pub rooms: usize,
    /// How many messages are kept for each who is away; never more than [`MAX_PARKED`].
    pub parked: usize,
    /// How many bytes of payloads are kept for each who is away.
    pub parked_bytes: usize,
}

/// What is relayed. The rooms know nothing of it but how long it is.
pub trait Relayed {
    /// Its length in bytes.
    fn bytes(&self) -> usize;
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat<P> {
    room: RoomKey,
    papers: Papers,
    /// The host's secret, if it was made for this person. It is told again at each return.
    secret: Option<Secret>,
    /// Whether the person did not just find the door open: they were in this life of the room before, or a host let
    /// them in.
    known: bool,
    /// What is kept for the person, while they are away.
    parked: Option<Parked<P>>,
}

/// What somebody finds who comes to a room that is there.
struct Approach<'a> {
    /// What holds for them: the room's charter, or the newer one that they bring.
    charter: &'a Charter,
    /// Whether that is the one that they bring.
    restores: bool,
    /// Whether they were in this life of the room before.
    known: bool,
    role: Role,
}

impl<P: Relayed> Rooms<P> {
    /// No rooms yet.
    pub fn new(limits: Limits) -> Self {
        let parked = limits.parked.min(MAX_PARKED);
        Self {
            limits: Limits { parked, ..limits },
            rooms: HashMap::new(),
            seats: HashMap::new(),
            knocks: HashMap::new(),
            away: 0,
        }
    }

    /// Carries the action out and tells who is to learn what, in this order. What is for somebody who is away is kept
    /// instead. A refusal changes nothing.
    pub fn act(&mut self, action: Action<P>) -> Result<Vec<Delivery<P>>, Refusal> {
        let (key, mut deliveries) = match action {
            Action::Join(entry) => (entry.room.key.clone(), self.enter(entry)?),
            Action::Relay { from, to, payload } => {
                return self.relay(from, to, payload).map(|one| self.park(one));
            }
            Action::Rename { peer, name } => {
                let key = self.present(&peer)?.clone();
                let room = self.rooms.get_mut(&key).ok_or(Refusal::NotJoined)?;
                let deliveries = room.rename(&peer, &name);
                return Ok(self.park(deliveries));
            }
            Action::Away { peer, unsent } => self.leave_for_now(&peer, unsent)?,
            Action::Leave { peer, reason } => self.leave(&peer, reason)?,
            Action::Host { by, act } => {
                let key = self.host(&by)?;
                let deliveries = self.host_act(&key, by, act)?;
                (key, deliveries)
            }
            Action::Forget { room, vacancy } => {
                let deliveries = self.forget(&room, &vacancy);
                (room, deliveries)
            }
        };
        self.tell_who_waits(&key, &mut deliveries);
        Ok(self.park(deliveries))
    }

    /// How many rooms there are.
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether there are no rooms.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// How many people have seats, in all rooms.
    pub fn seated(&self) -> usize {
        self.seats.len()
    }

    /// How many people wait to be let in, in all rooms.
    pub fn knocking(&self) -> usize {
        self.knocks.len()
    }

    /// The people in that room, those who are away among them.
    pub fn people(&self, key: &RoomKey) -> impl ExactSizeIterator<Item = &PeerId> {
        let people = self.rooms.get(key).map(|room| room.people.as_slice());
        people.unwrap_or_default().iter().map(|person| &person.id)
    }

    /// The charter of that room, while it lives.
    pub fn charter(&self, key: &RoomKey) -> Option<&Charter> {
        self.rooms.get(key).map(|room| &room.charter)
    }

    /// Since when nobody is in that room, if it lives and that is so.
    pub fn vacancy(&self, key: &RoomKey) -> Option<Vacancy> {
        let room = self.rooms.get(key).filter(|room| room.people.is_empty())?;
        Some(Vacancy {
            life: room.charter.life.clone(),
            seatings: room.seatings,
        })
    }

    /// What the password of somebody is to be checked against, if that decides on whether they come in.
    pub fn password(&self, entry: &Entry) -> Option<&str> {
        let held = self.seats.contains_key(&entry.peer) || self.knocks.contains_key(&entry.peer);
        let approach = self
            .rooms
            .get(&entry.room.key)
            .filter(|_| !held)?
            .approached_by(entry);
        if approach.known || approach.role == Role::Host || approach.charter.locked {
            return None;
        }
        approach.charter.bans(&entry.papers.marks.person).ok()?;
        self.charter(&entry.room.key)?.password.as_deref()
    }

    /// The room that this person is in, or away from.
    pub fn room_of(&self, peer: &PeerId) -> Option<&RoomKey> {
        self.seats.get(peer).map(|seat| &seat.room)
    }

    /// What the person is called who is in a room, or away from it.
    pub fn name_of(&self, peer: &PeerId) -> Option<&str> {
        let room = self.rooms.get(self.room_of(peer)?)?;
        room.person(peer).map(|person| person.name.as_str())
    }

    /// Whether the person has a seat or waits for one.
    pub fn knows(&self, peer: &PeerId) -> bool {
        self.seats.contains_key(peer) || self.knocks.contains_key(peer)
    }

    /// Whether the person has a seat and is away from it.
    pub fn is_away(&self, peer: &PeerId) -> bool {
        self.seats.get(peer).is_some_and(|seat| seat.parked.is_some())
    }

    /// How many people are away, in all rooms.
    pub fn away(&self) -> usize {
        self.away
    }

    fn enter(&mut self, entry: Entry) -> Result<Vec<Delivery<P>>, Refusal> {
        if let Some(seat) = self.seats.get(&entry.peer) {
            return if entry.resumed.is_some() && seat.room == entry.room.key {
                Ok(self.resume(&entry.peer))
            } else {
                Err(Refusal::AlreadyJoined)
            };
        }
        if self.knocks.contains_key(&entry.peer) {
            return Err(Refusal::AlreadyJoined);
        }
        let key = entry.room.key.clone();
        let Some(room) = self.rooms.get_mut(&key) else {
            return self.found(entry);
        };
        let Approach {
            charter,
            restores,
            known,
            role,
        } = room.approached_by(&entry);
        let gate = match role {
            Role::Host => Gate::Open,
            // Whoever was in this life of the room is let in again, but for those who were removed from it.
            Role::Guest if known => charter.bans(&entry.papers.marks.person).map(|()| Gate::Open)?,
            Role::Guest => charter.gate(&entry.papers)?,
        };
        if gate == Gate::Knock {
            let mut deliveries = self.make_way(&key, &entry.papers.marks.address)?;
            self.knocks.insert(entry.peer.clone(), key.clone());
            let room = self.rooms.get_mut(&key);
            deliveries.extend(room.map_or_else(Vec::new, |room| room.knock(entry)));
            return Ok(deliveries);
        }
        let restored = entry.resumed.as_ref().filter(|_| restores);
        let charter = restored.map(|resumed| resumed.charter.clone());
        let outsiders = charter
            .as_ref()
            .map_or_else(Vec::new, |charter| self.outsiders(&key, charter));
        let people = self.people(&key).len() - outsiders.len();
        if people >= self.limits.people {
            return Err(Refusal::RoomFull(people));
        }
        let mut deliveries = charter.map_or_else(Vec::new, |charter| self.restore(&key, charter, outsiders));
        deliveries.extend(self.sit(entry, known, None));
        if restores {
            deliveries.extend(self.admit_who_may(&key));
        }
        Ok(deliveries)
    }

    /// Sees to it that one more may wait who comes from that address. Where as many wait as may, the newest goes of the address
    /// from which most came: nobody fills a waiting room alone.
    fn make_way(&mut self, key: &RoomKey, address: &Mark) -> Result<Vec<Delivery<P>>, Refusal> {
        let Some(room) = self
            .rooms
            .get(key)
            .filter(|room| room.knocks.len() >= self.limits.people)
        else {
            return Ok(Vec::new());
        };
        let from = |address: &Mark| {
            let same = |entry: &&Entry| entry.papers.marks.address == *address;
            room.knocks.iter().filter(same).count()
        };
        let most = room
            .knocks
            .iter()
            .max_by_key(|entry| from(&entry.papers.marks.address));
        let most = most.filter(|entry| from(&entry.papers.marks.address) > from(address) + 1);
        let newest = most.ok_or(Refusal::TooManyKnocks)?.peer.clone();
        self.turn_away(key, &newest, ErrorCode::RoomFull, &Refusal::TooManyKnocks.text())
    }

    /// Begins a room, or goes on with one whose server was restarted.
    fn found(&mut self, mut entry: Entry) -> Result<Vec<Delivery<P>>, Refusal> {
        if self.rooms.len() >= self.limits.rooms {
            return Err(Refusal::TooManyRooms);
        }
        let (key, shown) = (entry.room.key.clone(), entry.room.shown.clone());
        if let Some(Resumed { charter, .. }) = entry.resumed.take() {
            if charter.role_of(&entry.papers) == Role::Guest {
                charter.bans(&entry.papers.marks.person)?;
            }
            self.rooms.insert(key, Room::restored(shown, charter));
            return Ok(self.sit(entry, true, None));
        }
        let Founding {
            life,
            begun,
            secret,
            mark,
        } = entry.founding.clone();
        let mut charter = Charter {
            life,
            begun,
            ..Charter::default()
        };
        let mut told = None;
        if entry.papers.role.is_none() {
            // Whoever was the host of an earlier life keeps the secret, lest it be lost when this turns out not to be over.
            if entry.papers.host.is_none() {
                entry.papers.host = Some(mark);
                told = Some(secret);
            }
            charter.host.clone_from(&entry.papers.host);
        }
        self.rooms.insert(key, Room::new(shown, charter));
        Ok(self.sit(entry, false, told))
    }

    /// Gives a seat to somebody who may have it.
    fn sit(&mut self, entry: Entry, known: bool, secret: Option<Secret>) -> Vec<Delivery<P>> {
        let Entry {
            peer,
            room: name,
            name: called,
            papers,
            ..
        } = entry;
        let Some(room) = self.rooms.get_mut(&name.key) else {
            return Vec::new();
        };
        let role = room.charter.role_of(&papers);
        let deliveries = room.seat(&peer, called, role, secret.clone());
        let seat = Seat {
            room: name.key,
            papers,
            secret,
            known,
            parked: None,
        };
        self.seats.insert(peer, seat);
        deliveries
    }

    /// Gives a seat that is held to another socket. Nobody else is told.
    fn resume(&mut self, peer: &PeerId) -> Vec<Delivery<P>> {
        let Some(seat) = self.seats.get_mut(peer) else {
            return Vec::new();
        };
        let parked = seat.parked.take();
        self.away -= usize::from(parked.is_some());
        let Some(room) = self.rooms.get(&seat.room) else {
            return Vec::new();
        };
        let mut welcome: Welcome = room.welcome(peer);
        welcome.kept = true;
        if welcome.role == Role::Host {
            welcome.host.clone_from(&seat.secret);
        }
        let parked = parked.into_iter().flat_map(Parked::into_messages);
        std::iter::once(ServerMessage::Welcome(welcome))
            .chain(parked)
            .map(|message| Delivery {
                to: peer.clone(),
                message,
            })
            .collect()
    }

    fn relay(&self, from: PeerId, to: PeerId, payload: P) -> Result<Vec<Delivery<P>>, Refusal> {
        let key = self.present(&from)?;
        if self.room_of(&to) != Some(key) {
            return Err(Refusal::UnknownPeer);
        }
        Ok(vec![Delivery {
            to,
            message: ServerMessage::Relay { from, payload },
        }])
    }

    fn leave_for_now(
        &mut self,
        peer: &PeerId,
        unsent: Vec<ServerMessage<P>>,
    ) -> Result<(RoomKey, Vec<Delivery<P>>), Refusal> {
        if self.knocks.contains_key(peer) {
            return self.leave(peer, LeaveReason::Lost);
        }
        let key = self.present(peer)?.clone();
        let mut parked = Parked::new(self.limits);
        unsent.into_iter().for_each(|message| parked.keep(message));
        if let Some(seat) = self.seats.get_mut(peer) {
            seat.parked = Some(parked);
            self.away += 1;
        }
        Ok((key, Vec::new()))
    }

    fn leave(&mut self, peer: &PeerId, reason: LeaveReason) -> Result<(RoomKey, Vec<Delivery<P>>), Refusal> {
        if let Some(key) = self.knocks.remove(peer) {
            let room = self.rooms.get_mut(&key);
            let told = room.and_then(|room| room.unknock(peer));
            return Ok((key, told.map_or_else(Vec::new, |(_, told)| told)));
        }
        let seat = self.seats.remove(peer).ok_or(Refusal::NotJoined)?;
        self.away -= usize::from(seat.parked.is_some());
        let key = seat.room;
        let room = self.rooms.get_mut(&key);
        let mut deliveries = room.map_or_else(Vec::new, |room| room.unseat(peer, reason));
        deliveries.extend(self.admit_who_may(&key));
        let over =
            |room: &Room| room.people.is_empty() && reason != LeaveReason::Lost && !room.charter.is_strict();
        if self.rooms.get(&key).is_some_and(over) {
            self.rooms.remove(&key);
        }
        Ok((key, deliveries))
    }

    fn forget(&mut self, key: &RoomKey, vacancy: &Vacancy) -> Vec<Delivery<P>> {
        if self.vacancy(key).as_ref() != Some(vacancy) {
            return Vec::new();
        }
        let knocks = self.rooms.remove(key).map(|room| room.knocks).unwrap_or_default();
        let gone = |entry: Entry| {
            self.knocks.remove(&entry.peer);
            turned_away(entry.peer, ErrorCode::Refused, "Everybody has left the room.")
        };
        knocks.into_iter().map(gone).collect()
    }

    /// Tells those who wait when there is somebody to let them in, and when there is nobody any more.
    fn tell_who_waits(&mut self, key: &RoomKey, deliveries: &mut Vec<Delivery<P>>) {
        let Some(room) = self.rooms.get_mut(key) else {
            return;
        };
        let present = |peer: &PeerId| self.seats.get(peer).is_some_and(|seat| seat.parked.is_none());
        deliveries.extend(room.attend(present));
    }

    /// The room in which the person is, and not away.
    fn present(&self, peer: &PeerId) -> Result<&RoomKey, Refusal> {
        let seat = self.seats.get(peer).ok_or(Refusal::NotJoined)?;
        if seat.parked.is_some() {
            return Err(Refusal::NotJoined);
        }
        Ok(&seat.room)
    }

    /// Keeps what is for those who are away and returns the rest.
    fn park(&mut self, deliveries: Vec<Delivery<P>>) -> Vec<Delivery<P>> {
        let mut rest = Vec::with_capacity(deliveries.len());
        for Delivery { to, message } in deliveries {
            match self.seats.get_mut(&to).and_then(|seat| seat.parked.as_mut()) {
                Some(parked) => parked.keep(message),
                None => rest.push(Delivery { to, message }),
            }
        }
        rest
    }
}

/// The role of whoever has that seat.
fn role_by<P>(charter: &Charter, seat: Option<&Seat<P>>) -> Role {
    seat.map_or(Role::Guest, |seat| charter.role_of(&seat.papers))
}

impl Room {
    fn approached_by<'a>(&'a self, entry: &'a Entry) -> Approach<'a> {
        let resumed = entry.resumed.as_ref();
        let newer = resumed.filter(|resumed| self.is_superseded_by(resumed));
        let charter = newer.map_or(&self.charter, |resumed| &resumed.charter);
        Approach {
            charter,
            restores: newer.is_some(),
            known: resumed.is_some_and(|resumed| resumed.charter.life == charter.life),
            role: charter.role_of(&entry.papers),
        }
    }
}

#[cfg(test)]
mod tests;
