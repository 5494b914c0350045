//! Who is in which room, and who is to be told what. Pure: an [`Action`] in, the [`Delivery`]s out.
//!
//! There are no sockets, no clock and no randomness in here; ids and names come in ready-made.

use std::collections::HashMap;

use maju_protocol::{ErrorCode, IceServer, LeaveReason, PeerId, Person, ServerMessage};

/// All rooms that have somebody in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooms {
    max_people: usize,
    ice_servers: Vec<IceServer>,
    rooms: HashMap<RoomKey, Room>,
    seats: HashMap<PeerId, RoomKey>,
}

/// Something that a client wants.
#[derive(Clone, Debug)]
pub enum Action<P> {
    /// To take a seat.
    Join {
        /// The new seat's id, never used before.
        peer: PeerId,
        /// Which room.
        room: RoomName,
        /// The person's name, checked.
        name: String,
    },
    /// To give a payload to somebody in the same room.
    Relay {
        /// Whose socket it came from.
        from: PeerId,
        /// Who is to get it.
        to: PeerId,
        /// What to hand on.
        payload: P,
    },
    /// To give the seat up.
    Leave {
        /// Whose seat.
        peer: PeerId,
        /// What the others are told.
        reason: LeaveReason,
    },
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
    /// The id has no seat.
    NotJoined,
    /// The addressee is not in the sender's room.
    UnknownPeer,
    /// The room has this many people, and no more are allowed.
    RoomFull(usize),
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
struct Room {
    /// The name as the first person wrote it.
    shown: String,
    /// Longest present first.
    people: Vec<Person>,
}

impl Rooms {
    /// No rooms yet. Each will hold at most `max_people`; every newcomer is told of `ice_servers`.
    pub fn new(max_people: usize, ice_servers: Vec<IceServer>) -> Self {
        Self {
            max_people,
            ice_servers,
            rooms: HashMap::new(),
            seats: HashMap::new(),
        }
    }

    /// Carries the action out and tells who is to learn what, in this order. A refusal changes nothing.
    pub fn act<P>(&mut self, action: Action<P>) -> Result<Vec<Delivery<P>>, Refusal> {
        match action {
            Action::Join { peer, room, name } => self.join(peer, room, name),
            Action::Relay { from, to, payload } => self.relay(from, to, payload),
            Action::Leave { peer, reason } => self.leave(&peer, reason),
        }
    }

    /// How many rooms have somebody in them.
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether nobody is in any room.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// How many people are in that room.
    pub fn people(&self, key: &RoomKey) -> usize {
        self.rooms.get(key).map_or(0, |room| room.people.len())
    }

    /// The room that this person is in.
    pub fn room_of(&self, peer: &PeerId) -> Option<&RoomKey> {
        self.seats.get(peer)
    }

    fn join<P>(&mut self, peer: PeerId, name: RoomName, person: String) -> Result<Vec<Delivery<P>>, Refusal> {
        if self.seats.contains_key(&peer) {
            return Err(Refusal::AlreadyJoined);
        }
        let present = self.people(&name.key);
        if present >= self.max_people {
            return Err(Refusal::RoomFull(present));
        }
        let room = self.rooms.entry(name.key.clone()).or_insert_with(|| Room {
            shown: name.shown,
            people: Vec::new(),
        });
        let newcomer = Person {
            id: peer.clone(),
            name: person,
        };
        let mut deliveries = vec![Delivery {
            to: peer.clone(),
            message: ServerMessage::Welcome {
                you: peer.clone(),
                room: room.shown.clone(),
                people: room.people.clone(),
                ice_servers: self.ice_servers.clone(),
                resume: None,
                kept: false,
            },
        }];
        deliveries.extend(room.people.iter().map(|other| Delivery {
            to: other.id.clone(),
            message: ServerMessage::Joined {
                person: newcomer.clone(),
            },
        }));
        room.people.push(newcomer);
        self.seats.insert(peer, name.key);
        Ok(deliveries)
    }

    fn relay<P>(&self, from: PeerId, to: PeerId, payload: P) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.seats.get(&from).ok_or(Refusal::NotJoined)?;
        if self.seats.get(&to) != Some(room) {
            return Err(Refusal::UnknownPeer);
        }
        Ok(vec![Delivery {
            to,
            message: ServerMessage::Relay { from, payload },
        }])
    }

    fn leave<P>(&mut self, peer: &PeerId, reason: LeaveReason) -> Result<Vec<Delivery<P>>, Refusal> {
        let key = self.seats.remove(peer).ok_or(Refusal::NotJoined)?;
        let Some(room) = self.rooms.get_mut(&key) else {
            return Ok(Vec::new());
        };
        room.people.retain(|person| person.id != *peer);
        if room.people.is_empty() {
            self.rooms.remove(&key);
            return Ok(Vec::new());
        }
        Ok(room
            .people
            .iter()
            .map(|other| Delivery {
                to: other.id.clone(),
                message: ServerMessage::Left {
                    peer: peer.clone(),
                    reason,
                },
            })
            .collect())
    }
}

impl Refusal {
    /// The code that the wire has for it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::AlreadyJoined => ErrorCode::AlreadyJoined,
            Self::NotJoined => ErrorCode::NotJoined,
            Self::UnknownPeer => ErrorCode::UnknownPeer,
            Self::RoomFull(_) => ErrorCode::RoomFull,
        }
    }

    /// The reason for people.
    pub fn text(self) -> String {
        match self {
            Self::AlreadyJoined => "You are in a room already; leave it first.".into(),
            Self::NotJoined => "You are not in a room; join one first.".into(),
            Self::UnknownPeer => "Nobody of that id is in the room, or not any longer.".into(),
            Self::RoomFull(people) => {
                format!("The room is full: {people} people are in it, and no more are allowed.")
            }
        }
    }
}

#[cfg(test)]
#[path = "rooms_tests.rs"]
mod tests;
