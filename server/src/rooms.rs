//! Who is in which room, and who is to be told what. Pure: an [`Action`] in, the [`Delivery`]s out.
//!
//! There are no sockets, no clock and no randomness in here; ids and names come in ready-made.

use std::collections::{HashMap, VecDeque};

use maju_protocol::{ErrorCode, IceServer, LeaveReason, PeerId, Person, ServerMessage};

/// How many messages are kept for somebody who is away, at most.
pub const MAX_PARKED: usize = 128;

/// All rooms that have somebody in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooms<P> {
    max_people: usize,
    max_parked: usize,
    ice_servers: Vec<IceServer>,
    rooms: HashMap<RoomKey, Room>,
    seats: HashMap<PeerId, Seat<P>>,
    away: usize,
}

/// Something that a client wants, or that happened to it.
#[derive(Clone, Debug)]
pub enum Action<P> {
    /// To take a seat.
    Join {
        /// The seat's id: never used before, or the one of a token for this room.
        peer: PeerId,
        /// Which room.
        room: RoomName,
        /// The person's name, checked. A seat that is held keeps its name.
        name: String,
        /// Whether a token says that the seat is the client's, so that it is taken over when it is held.
        resuming: bool,
        /// The token to hand out.
        token: Option<String>,
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
    /// The socket is gone and may be followed by another: the seat is kept, and what is for the person with it.
    Away {
        /// Whose seat.
        peer: PeerId,
        /// What was delivered and not sent any more, oldest first.
        unsent: Vec<ServerMessage<P>>,
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
    /// The id has no seat, or is away from it.
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
    /// Longest present first, those who are away among them.
    people: Vec<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat<P> {
    room: RoomKey,
    /// What is kept for the person, while they are away.
    parked: Option<Parked<P>>,
}

impl<P> Rooms<P> {
    /// No rooms yet. Each will hold at most `max_people`; at most `max_parked` messages are kept for each who is
    /// away, and never more than [`MAX_PARKED`]; every newcomer is told of `ice_servers`.
    pub fn new(max_people: usize, max_parked: usize, ice_servers: Vec<IceServer>) -> Self {
        Self {
            max_people,
            max_parked: max_parked.min(MAX_PARKED),
            ice_servers,
            rooms: HashMap::new(),
            seats: HashMap::new(),
            away: 0,
        }
    }

    /// Carries the action out and tells who is to learn what, in this order. What is for somebody who is away is kept
    /// instead. A refusal changes nothing.
    pub fn act(&mut self, action: Action<P>) -> Result<Vec<Delivery<P>>, Refusal> {
        let deliveries = match action {
            Action::Join {
                peer,
                room,
                name,
                resuming,
                token,
            } => match self.seats.get(&peer) {
                None => self.join(peer, room, name, token),
                Some(seat) if resuming && seat.room == room.key => Ok(self.resume(&peer, token)),
                Some(_) => Err(Refusal::AlreadyJoined),
            },
            Action::Relay { from, to, payload } => self.relay(from, to, payload),
            Action::Away { peer, unsent } => self.leave_for_now(&peer, unsent),
            Action::Leave { peer, reason } => self.leave(&peer, reason),
        }?;
        Ok(self.park(deliveries))
    }

    /// How many rooms have somebody in them.
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether nobody is in any room.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// How many people are in that room, those who are away among them.
    pub fn people(&self, key: &RoomKey) -> usize {
        self.rooms.get(key).map_or(0, |room| room.people.len())
    }

    /// The room that this person is in, or away from.
    pub fn room_of(&self, peer: &PeerId) -> Option<&RoomKey> {
        self.seats.get(peer).map(|seat| &seat.room)
    }

    /// Whether the person has a seat and is away from it.
    pub fn is_away(&self, peer: &PeerId) -> bool {
        self.seats.get(peer).is_some_and(|seat| seat.parked.is_some())
    }

    /// How many people are away, in all rooms.
    pub fn away(&self) -> usize {
        self.away
    }

    fn join(
        &mut self,
        peer: PeerId,
        name: RoomName,
        person: String,
        token: Option<String>,
    ) -> Result<Vec<Delivery<P>>, Refusal> {
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
                resume: token,
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
        let seat = Seat {
            room: name.key,
            parked: None,
        };
        self.seats.insert(peer, seat);
        Ok(deliveries)
    }

    /// Gives a seat that is held to another socket. Nobody else is told.
    fn resume(&mut self, peer: &PeerId, token: Option<String>) -> Vec<Delivery<P>> {
        let Some(seat) = self.seats.get_mut(peer) else {
            return Vec::new();
        };
        let parked = seat.parked.take();
        self.away -= usize::from(parked.is_some());
        let (shown, people) = match self.rooms.get(&seat.room) {
            Some(room) => (room.shown.clone(), room.people.clone()),
            None => return Vec::new(),
        };
        let welcome = ServerMessage::Welcome {
            you: peer.clone(),
            room: shown,
            people: people.into_iter().filter(|person| person.id != *peer).collect(),
            ice_servers: self.ice_servers.clone(),
            resume: token,
            kept: true,
        };
        let parked = parked.into_iter().flat_map(|parked| parked.messages);
        std::iter::once(welcome)
            .chain(parked)
            .map(|message| Delivery {
                to: peer.clone(),
                message,
            })
            .collect()
    }

    fn relay(&self, from: PeerId, to: PeerId, payload: P) -> Result<Vec<Delivery<P>>, Refusal> {
        let present = |seat: &&Seat<P>| seat.parked.is_none();
        let seat = self.seats.get(&from).filter(present).ok_or(Refusal::NotJoined)?;
        if self.room_of(&to) != Some(&seat.room) {
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
    ) -> Result<Vec<Delivery<P>>, Refusal> {
        let seat = self.seats.get_mut(peer).ok_or(Refusal::NotJoined)?;
        if seat.parked.is_some() {
            return Err(Refusal::NotJoined);
        }
        let mut parked = Parked::new(self.max_parked);
        unsent.into_iter().for_each(|message| parked.keep(message));
        seat.parked = Some(parked);
        self.away += 1;
        Ok(Vec::new())
    }

    fn leave(&mut self, peer: &PeerId, reason: LeaveReason) -> Result<Vec<Delivery<P>>, Refusal> {
        let seat = self.seats.remove(peer).ok_or(Refusal::NotJoined)?;
        self.away -= usize::from(seat.parked.is_some());
        let Some(room) = self.rooms.get_mut(&seat.room) else {
            return Ok(Vec::new());
        };
        room.people.retain(|person| person.id != *peer);
        if room.people.is_empty() {
            self.rooms.remove(&seat.room);
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

/// What is kept for somebody who is away, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parked<P> {
    max: usize,
    messages: VecDeque<ServerMessage<P>>,
}

impl<P> Parked<P> {
    fn new(max: usize) -> Self {
        Self {
            max,
            messages: VecDeque::new(),
        }
    }

    /// Keeps what the next welcome does not say by itself. It lists who is there, so a newcomer need not be
    /// announced; but who left and came back has lost the connection, and must be seen to do both.
    fn keep(&mut self, message: ServerMessage<P>) {
        let kept = match &message {
            ServerMessage::Relay { .. } | ServerMessage::Left { .. } => true,
            // What waited before it was of another room.
            ServerMessage::Welcome { .. } => {
                self.messages.clear();
                false
            }
            ServerMessage::Joined { person } => self
                .messages
                .iter()
                .any(|message| matches!(message, ServerMessage::Left { peer, .. } if *peer == person.id)),
            _ => false,
        };
        if kept {
            self.messages.push_back(message);
        }
        while self.messages.len() > self.max {
            self.messages.pop_front();
        }
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
