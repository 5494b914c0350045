//! Who is in which room, what they may do there, and who is to be told what. Pure: an [`Action`] in, the
//! [`Delivery`]s out.
//!
//! There are no sockets, no clock and no randomness in here; ids, names, secrets and what they stand for come in
//! ready-made.

mod charter;
mod parked;
mod room;

use std::collections::HashMap;

use maju_protocol::{ErrorCode, LeaveReason, PeerId, Role, Secret, ServerMessage, Welcome};

use charter::Gate;
pub use charter::{Charter, Mark, Marks};
use parked::Parked;
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
}

/// Something that a client wants, or that happened to it.
#[derive(Clone, Debug)]
pub enum Action<P> {
    /// To take a seat.
    Join(Entry),
    /// To give a payload to somebody in the same room.
    Relay {
        /// Whose socket it came from.
        from: PeerId,
        /// Who is to get it.
        to: PeerId,
        /// What to hand on.
        payload: P,
    },
    /// The socket is gone and may be followed by another: the seat is kept, and what is for the person with it. Who
    /// waits to be let in waits no longer.
    Away {
        /// Whose seat.
        peer: PeerId,
        /// What was delivered and not sent any more, oldest first.
        unsent: Vec<ServerMessage<P>>,
    },
    /// To give the seat up, or to wait no longer.
    Leave {
        /// Whose seat.
        peer: PeerId,
        /// What the others are told.
        reason: LeaveReason,
    },
    /// What only a host may do.
    Host {
        /// Who wants it.
        by: PeerId,
        /// What.
        act: HostAct,
    },
    /// Nobody came back to an empty room in time: its life is over.
    Forget {
        /// Which room.
        room: RoomKey,
        /// Which life of it.
        life: String,
    },
}

/// What only a host may do.
#[derive(Clone, Debug)]
pub enum HostAct {
    /// To change the rules; what is `None` stays.
    Rules {
        /// Whether nobody new comes in.
        locked: Option<bool>,
        /// Whether who comes has to wait.
        waiting: Option<bool>,
        /// What passwords are checked against, or that there is none.
        password: Option<Option<String>>,
    },
    /// To let somebody in.
    Admit(PeerId),
    /// To send somebody away who waits.
    Refuse(PeerId),
    /// To ask for somebody's microphone to be turned off.
    Mute(PeerId),
    /// To take somebody's seat away for as long as the room lives.
    Remove(PeerId),
    /// To make somebody else the host, who gets this secret.
    HandOver(PeerId, Secret, Mark),
}

/// Somebody who wants a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The seat's id: never used before, or the one of a token for this room.
    pub peer: PeerId,
    /// Which room.
    pub room: RoomName,
    /// The person's name, checked. A seat that is held keeps its name.
    pub name: String,
    /// What a token says that gives this seat: the room's charter when it was signed.
    pub resumed: Option<Charter>,
    /// What the operator's own system says that they are. Without it, roles are the room's own matter.
    pub role: Option<Role>,
    /// Of the host's secret that they brought.
    pub host: Option<Mark>,
    /// What their password was found to match.
    pub password: Option<String>,
    /// What they are known by.
    pub marks: Marks,
    /// For the room, should it begin with them.
    pub founding: Founding,
}

/// What a room begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    /// Tells this life of the room from others. Random.
    pub life: String,
    /// For the host.
    pub secret: Secret,
    /// Of that secret.
    pub mark: Mark,
    /// Whether the server has just started: then this may be a room that lives already, and whose people are about to
    /// come back.
    pub early: bool,
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<P> {
    /// Who gets it.
    pub to: PeerId,
    /// What they get.
    pub message: ServerMessage<P>,
}

/// Why an action changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The id has a seat already.
    AlreadyJoined,
    /// The id has no seat, or is away from it.
    NotJoined,
    /// The addressee is not in the sender's room, or does not wait for it.
    UnknownPeer,
    /// The room has this many people, and no more are allowed.
    RoomFull(usize),
    /// There are as many rooms as are allowed.
    TooManyRooms,
    /// As many wait already as are allowed.
    TooManyKnocks,
    /// The room is locked.
    Locked,
    /// The room has a password, and it was not shown to be known.
    PasswordNeeded,
    /// A host took their seat away.
    Banned,
    /// Only hosts may.
    NotHost,
}

/// A room's name in its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomName {
    /// Equal for all ways of writing the same name.
    pub key: RoomKey,
    /// What people are shown.
    pub shown: String,
}

/// What rooms are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomKey(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat<P> {
    room: RoomKey,
    marks: Marks,
    /// What is kept for the person, while they are away.
    parked: Option<Parked<P>>,
}

impl<P> Rooms<P> {
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
            Action::Away { peer, unsent } => self.leave_for_now(&peer, unsent)?,
            Action::Leave { peer, reason } => self.leave(&peer, reason)?,
            Action::Host { by, act } => {
                let key = self.host(&by)?;
                let deliveries = self.host_act(&key, by, act)?;
                (key, deliveries)
            }
            Action::Forget { room, life } => {
                let deliveries = self.forget(&room, &life);
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

    /// How many people are in that room, those who are away among them.
    pub fn people(&self, key: &RoomKey) -> usize {
        self.rooms.get(key).map_or(0, |room| room.people.len())
    }

    /// The charter of that room, while it lives.
    pub fn charter(&self, key: &RoomKey) -> Option<&Charter> {
        self.rooms.get(key).map(|room| &room.charter)
    }

    /// The room that this person is in, or away from.
    pub fn room_of(&self, peer: &PeerId) -> Option<&RoomKey> {
        self.seats.get(peer).map(|seat| &seat.room)
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
        let Some(room) = self.rooms.get_mut(&entry.room.key) else {
            return self.found(entry);
        };
        let role = room.role_of(&entry);
        let mut deliveries = Vec::new();
        // Whoever was in this life of the room is let in again, but for those who were removed from it.
        let gate = match &entry.resumed {
            Some(charter) if room.is_of(charter) => {
                if role == Role::Guest {
                    charter.bans(&entry.marks.person)?;
                    room.charter.bans(&entry.marks.person)?;
                }
                Gate::Open
            }
            _ if role == Role::Host => Gate::Open,
            _ => room.charter.gate(&entry.marks, entry.password.as_deref())?,
        };
        match gate {
            Gate::Open if room.people.len() >= self.limits.people => {
                Err(Refusal::RoomFull(room.people.len()))
            }
            Gate::Open => {
                if let Some(charter) = entry.resumed.clone().filter(|charter| room.is_of(charter)) {
                    deliveries = room.take_over(charter);
                }
                let role = room.role_of(&entry);
                let key = entry.room.key.clone();
                deliveries.extend(room.seat(&entry, role, None));
                self.sit(entry.peer, key, entry.marks);
                Ok(deliveries)
            }
            Gate::Knock if room.knocks.len() >= self.limits.people => Err(Refusal::TooManyKnocks),
            Gate::Knock => {
                self.knocks.insert(entry.peer.clone(), entry.room.key.clone());
                Ok(room.knock(entry))
            }
        }
    }

    /// Begins a room, or goes on with one whose server was restarted.
    fn found(&mut self, mut entry: Entry) -> Result<Vec<Delivery<P>>, Refusal> {
        if self.rooms.len() >= self.limits.rooms {
            return Err(Refusal::TooManyRooms);
        }
        let shown = entry.room.shown.clone();
        let (room, role, secret) = match entry.resumed.take() {
            Some(charter) => {
                let room = Room::new(shown, charter, false);
                let role = room.role_of(&entry);
                if role == Role::Guest {
                    room.charter.bans(&entry.marks.person)?;
                }
                (room, role, None)
            }
            None => {
                let Founding {
                    life,
                    secret,
                    mark,
                    early,
                } = entry.founding.clone();
                let own = entry.role.is_none();
                let charter = Charter::new(life, own.then_some(mark));
                let role = entry.role.unwrap_or(Role::Host);
                (Room::new(shown, charter, early), role, own.then_some(secret))
            }
        };
        let room = self.rooms.entry(entry.room.key.clone()).or_insert(room);
        let deliveries = room.seat(&entry, role, secret);
        self.sit(entry.peer, entry.room.key, entry.marks);
        Ok(deliveries)
    }

    fn sit(&mut self, peer: PeerId, room: RoomKey, marks: Marks) {
        let parked = None;
        self.seats.insert(peer, Seat { room, marks, parked });
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
        let parked = parked.into_iter().flat_map(|parked| parked.messages);
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
        let mut parked = Parked::new(self.limits.parked);
        unsent.into_iter().for_each(|message| parked.keep(message));
        if let Some(seat) = self.seats.get_mut(peer) {
            seat.parked = Some(parked);
            self.away += 1;
        }
        Ok((key, Vec::new()))
    }

    fn leave(&mut self, peer: &PeerId, reason: LeaveReason) -> Result<(RoomKey, Vec<Delivery<P>>), Refusal> {
        if let Some(key) = self.knocks.remove(peer) {
            let deliveries = self
                .rooms
                .get_mut(&key)
                .map_or_else(Vec::new, |room| room.unknock(peer).1);
            return Ok((key, deliveries));
        }
        let seat = self.seats.remove(peer).ok_or(Refusal::NotJoined)?;
        self.away -= usize::from(seat.parked.is_some());
        let Some(room) = self.rooms.get_mut(&seat.room) else {
            return Ok((seat.room, Vec::new()));
        };
        let deliveries = room.unseat(peer, reason);
        let over = room.people.is_empty() && reason != LeaveReason::Lost && !room.charter.is_strict();
        if over {
            self.rooms.remove(&seat.room);
        }
        Ok((seat.room, deliveries))
    }

    fn forget(&mut self, key: &RoomKey, life: &str) -> Vec<Delivery<P>> {
        if !self
            .rooms
            .get(key)
            .is_some_and(|room| room.charter.life == life && room.people.is_empty())
        {
            return Vec::new();
        }
        let knocks = self.rooms.remove(key).map(|room| room.knocks).unwrap_or_default();
        let gone = |entry: Entry| {
            self.knocks.remove(&entry.peer);
            turned_away(entry.peer, "Everybody has left the room.")
        };
        knocks.into_iter().map(gone).collect()
    }

    fn host_act(&mut self, key: &RoomKey, by: PeerId, act: HostAct) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        match act {
            HostAct::Rules {
                locked,
                waiting,
                password,
            } => {
                let mut deliveries = room.set_rules(locked, waiting, password);
                for peer in room.no_longer_held() {
                    // Who does not fit in goes on waiting.
                    deliveries.extend(self.admit(key, &peer).unwrap_or_default());
                }
                Ok(deliveries)
            }
            HostAct::Admit(peer) => self.admit(key, &peer),
            HostAct::Refuse(peer) => {
                let (entry, mut deliveries) = room.unknock(&peer);
                let entry = entry.ok_or(Refusal::UnknownPeer)?;
                self.knocks.remove(&entry.peer);
                deliveries.push(turned_away(entry.peer, "The host did not let you in."));
                Ok(deliveries)
            }
            HostAct::Mute(peer) => {
                let to = room.person(&peer).ok_or(Refusal::UnknownPeer)?.id.clone();
                let message = ServerMessage::Mute { by };
                Ok(vec![Delivery { to, message }])
            }
            HostAct::Remove(peer) => {
                room.person(&peer)
                    .filter(|_| peer != by)
                    .ok_or(Refusal::UnknownPeer)?;
                if let Some(seat) = self.seats.get(&peer) {
                    room.charter.ban(&seat.marks);
                }
                let (_, mut deliveries) = self.leave(&peer, LeaveReason::Removed)?;
                let message = ServerMessage::Removed {};
                deliveries.push(Delivery { to: peer, message });
                Ok(deliveries)
            }
            HostAct::HandOver(peer, secret, mark) => {
                room.person(&peer).ok_or(Refusal::UnknownPeer)?;
                Ok(room.hand_over(&by, &peer, secret, mark))
            }
        }
    }

    fn admit(&mut self, key: &RoomKey, peer: &PeerId) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        if !room.knocks.iter().any(|entry| entry.peer == *peer) {
            return Err(Refusal::UnknownPeer);
        }
        if room.people.len() >= self.limits.people {
            return Err(Refusal::RoomFull(room.people.len()));
        }
        let (entry, mut deliveries) = room.unknock(peer);
        if let Some(entry) = entry {
            self.knocks.remove(peer);
            let role = room.role_of(&entry);
            deliveries.extend(room.seat(&entry, role, None));
            self.sit(entry.peer, key.clone(), entry.marks);
        }
        Ok(deliveries)
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

    /// The room in which the person is a host.
    pub fn host(&self, peer: &PeerId) -> Result<RoomKey, Refusal> {
        let key = self.present(peer)?;
        let person = self.rooms.get(key).and_then(|room| room.person(peer));
        match person {
            Some(person) if person.role == Role::Host => Ok(key.clone()),
            _ => Err(Refusal::NotHost),
        }
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

/// The refusal of a `join` that was not answered at once.
fn turned_away<P>(to: PeerId, text: &str) -> Delivery<P> {
    let message = ServerMessage::Error {
        code: ErrorCode::Refused,
        text: text.into(),
        about: Some("join".into()),
        peer: None,
        wait: None,
    };
    Delivery { to, message }
}

impl Refusal {
    /// The code that the wire has for it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::AlreadyJoined => ErrorCode::AlreadyJoined,
            Self::NotJoined => ErrorCode::NotJoined,
            Self::UnknownPeer => ErrorCode::UnknownPeer,
            Self::RoomFull(_) | Self::TooManyKnocks => ErrorCode::RoomFull,
            Self::TooManyRooms => ErrorCode::ServerFull,
            Self::Locked => ErrorCode::Locked,
            Self::PasswordNeeded => ErrorCode::PasswordNeeded,
            Self::Banned => ErrorCode::Banned,
            Self::NotHost => ErrorCode::NotHost,
        }
    }

    /// The reason for people.
    pub fn text(self) -> String {
        let text = match self {
            Self::AlreadyJoined => "You are in a room already; leave it first.",
            Self::NotJoined => "You are not in a room; join one first.",
            Self::UnknownPeer => "Nobody of that id is in the room, or not any longer.",
            Self::RoomFull(people) => {
                return format!("The room is full: {people} people are in it, and no more are allowed.");
            }
            Self::TooManyRooms => "This server has as many rooms as it can hold. Try again later.",
            Self::TooManyKnocks => "Too many people wait to be let in already. Try again later.",
            Self::Locked => "The room is locked: nobody new comes in until a host opens it.",
            Self::PasswordNeeded => "The room has a password.",
            Self::Banned => "A host removed you from this room.",
            Self::NotHost => "Only a host of the room may do that.",
        };
        text.into()
    }
}

#[cfg(test)]
mod tests;
