//! The world's server: seats, kept for a while after their socket is gone, and lost with the server but for the
//! tokens that take them again.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{Hash, Hasher};

use maju_call::{Misread, PeerId, Role};
use maju_protocol::{LeaveReason, Person, Secret, ServerMessage, Signal, Welcome};

use super::hosts::House;
use super::{Relay, World};

/// How long a seat is kept for somebody who is away.
const KEPT: u64 = 12_000;

type Message = ServerMessage<Result<Signal, Misread>>;

#[derive(Clone, Debug, Hash)]
pub(crate) struct Server {
    pub(crate) is_up: bool,
    /// Whether rooms belong to their first people.
    pub(crate) hosted: bool,
    pub(super) houses: BTreeMap<String, House>,
    /// In the order of coming.
    seats: Vec<Seat>,
}

#[derive(Clone, Debug, Hash)]
struct Seat {
    id: PeerId,
    who: usize,
    name: String,
    room: String,
    role: Role,
    away: Option<Away>,
}

/// Since when somebody is away, and what was sent to them meanwhile.
#[derive(Clone, Debug)]
struct Away {
    since: u64,
    parked: VecDeque<Message>,
}

impl Hash for Away {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parked.hash(state);
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            is_up: true,
            hosted: false,
            houses: BTreeMap::new(),
            seats: Vec::new(),
        }
    }
}

impl Server {
    pub(super) fn set_role(&mut self, peer: &PeerId, role: Role) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.id == *peer) {
            seat.role = role;
        }
    }

    /// When the next seat is lost.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        let away = self.seats.iter().filter_map(|seat| seat.away.as_ref());
        away.map(|away| away.since + KEPT).min()
    }

    /// Who is away.
    pub(crate) fn away(&self) -> impl Iterator<Item = usize> {
        self.seats
            .iter()
            .filter(|seat| seat.away.is_some())
            .map(|seat| seat.who)
    }
}

impl World {
    /// The server dies, and with it all that it knew.
    pub(crate) fn kill_server(&mut self) {
        self.server.is_up = false;
        self.server.seats.clear();
        self.relays.clear();
        for who in 0..self.people.len() {
            self.lose_socket(who);
        }
    }

    pub(crate) fn start_server(&mut self) {
        self.server.is_up = true;
    }

    /// Those who have been away for too long by then lose their seats.
    pub(crate) fn expire(&mut self, now: u64) {
        let late = |seat: &Seat| seat.away.as_ref().is_some_and(|away| away.since + KEPT <= now);
        while let Some(index) = self.server.seats.iter().position(late) {
            self.lose_seat(index);
        }
    }

    /// Somebody who is away loses the seat.
    pub(crate) fn expire_one(&mut self, who: usize) {
        let gone = |seat: &Seat| seat.who == who && seat.away.is_some();
        if let Some(index) = self.server.seats.iter().position(gone) {
            self.lose_seat(index);
        }
    }

    pub(super) fn seat_of(&self, who: usize) -> Option<PeerId> {
        let seat = self.server.seats.iter().rfind(|seat| seat.who == who)?;
        Some(seat.id.clone())
    }

    pub(super) fn seated(&self, room: &str) -> Vec<PeerId> {
        let seats = self.server.seats.iter().filter(|seat| seat.room == room);
        seats.map(|seat| seat.id.clone()).collect()
    }

    /// The hosts of a room who are there.
    pub(super) fn hosts(&self, room: &str) -> Vec<PeerId> {
        let hosts = self.server.seats.iter();
        let hosts = hosts.filter(|seat| seat.room == room && seat.role == Role::Host && seat.away.is_none());
        hosts.map(|seat| seat.id.clone()).collect()
    }

    /// The room of which somebody is the host, and who they are there.
    pub(super) fn host_of(&self, who: usize) -> Option<(PeerId, String)> {
        let seat = self.server.seats.iter().rfind(|seat| seat.who == who)?;
        (seat.role == Role::Host).then(|| (seat.id.clone(), seat.room.clone()))
    }

    pub(super) fn seat(
        &mut self,
        who: usize,
        room: &str,
        name: &str,
        resume: Option<String>,
        role: Role,
        secret: Option<Secret>,
    ) {
        let kept = resume.as_ref().and_then(|token| {
            let mine = |seat: &Seat| seat.id.as_str() == token;
            self.server.seats.iter().position(mine)
        });
        let you = match (kept, resume) {
            (Some(index), _) => self.server.seats[index].id.clone(),
            (None, Some(token)) => PeerId::new(token),
            (None, None) => self.new_id(who, name),
        };
        self.people[who].id = Some(you.clone());
        let others: Vec<_> = self
            .server
            .seats
            .iter()
            .filter(|seat| seat.room == room && seat.id != you)
            .collect();
        let people = others.iter().map(|seat| seat.person()).collect();
        let others: Vec<_> = others.iter().map(|seat| seat.id.clone()).collect();
        let role = kept.map_or(role, |index| self.server.seats[index].role);
        let (rules, knocking) = self.house_of(room);
        let welcome = ServerMessage::Welcome(Welcome {
            you: you.clone(),
            room: room.to_owned(),
            people,
            resume: Some(Secret::new(you.as_str())),
            kept: kept.is_some(),
            role,
            host: secret,
            rules,
            knocking: knocking.into_iter().filter(|_| role == Role::Host).collect(),
            ..Welcome::default()
        });
        self.tell(who, welcome);
        if let Some(index) = kept {
            let away = self.server.seats[index].away.take();
            for message in away.into_iter().flat_map(|away| away.parked) {
                self.tell(who, message);
            }
            return;
        }
        let seat = Seat {
            id: you,
            who,
            name: name.to_owned(),
            room: room.to_owned(),
            role,
            away: None,
        };
        let person = seat.person();
        self.server.seats.push(seat);
        for other in others {
            let person = person.clone();
            self.hand_on(&other, ServerMessage::Joined { person });
        }
    }

    /// The order of the ids decides who is polite; it is not the order of arrival.
    pub(super) fn new_id(&mut self, who: usize, name: &str) -> PeerId {
        self.people[who].ids += 1;
        let side = if who.is_multiple_of(2) { "b" } else { "a" };
        PeerId::new(format!("{side}-{name}-{}", self.people[who].ids))
    }

    pub(super) fn vacate_seat(&mut self, peer: &PeerId, reason: LeaveReason) {
        if let Some(index) = self.server.seats.iter().position(|seat| seat.id == *peer) {
            self.vacate(index, reason);
        }
    }

    pub(super) fn vacate_by_leave(&mut self, who: usize) {
        self.gave_up_waiting(who);
        if let Some(index) = self.server.seats.iter().rposition(|seat| seat.who == who) {
            self.vacate(index, LeaveReason::Left);
            self.people[who].id = None;
        }
    }

    /// The server notices that somebody's socket is gone.
    pub(super) fn server_lost(&mut self, who: usize) {
        self.gave_up_waiting(who);
        let since = self.now;
        // One whose welcome never arrived may still have an older seat.
        let attached = |seat: &&mut Seat| seat.who == who && seat.away.is_none();
        if let Some(seat) = self.server.seats.iter_mut().find(attached) {
            seat.away = Some(Away {
                since,
                parked: VecDeque::new(),
            });
        }
    }

    pub(super) fn rename(&mut self, who: usize, name: &str) {
        let seat = self.server.seats.iter_mut().rfind(|seat| seat.who == who);
        let Some(seat) = seat else { return };
        name.clone_into(&mut seat.name);
        let (id, room) = (seat.id.clone(), seat.room.clone());
        for other in self.seated(&room) {
            let (id, name) = (id.clone(), name.to_owned());
            self.hand_on(&other, ServerMessage::Renamed { id, name });
        }
    }

    pub(super) fn relay(&mut self, who: usize, to: PeerId, signal: Signal) {
        if let Some(from) = self.seat_of(who) {
            self.relays.push(Relay { from, to, signal });
        }
    }

    /// Gives a message to whoever has that seat, now or when they are back.
    pub(super) fn hand_on(&mut self, to: &PeerId, message: Message) {
        let Some(seat) = self.server.seats.iter_mut().find(|seat| seat.id == *to) else {
            return;
        };
        match &mut seat.away {
            Some(away) => away.parked.push_back(message),
            None => {
                let who = seat.who;
                self.tell(who, message);
            }
        }
    }

    fn lose_seat(&mut self, index: usize) {
        self.vacate(index, LeaveReason::Lost);
    }

    fn vacate(&mut self, index: usize, reason: LeaveReason) {
        let seat = self.server.seats.remove(index);
        self.relays.retain(|relay| relay.to != seat.id);
        for other in self.seated(&seat.room) {
            let peer = seat.id.clone();
            self.hand_on(&other, ServerMessage::Left { peer, reason });
        }
    }
}

impl Seat {
    fn person(&self) -> Person {
        Person {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
        }
    }
}
