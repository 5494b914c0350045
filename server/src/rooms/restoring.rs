//! What becomes of a room when somebody brings a newer charter of the time before the server's restart.

use maju_protocol::{ErrorCode, LeaveReason, PeerId, Role};

use super::{Charter, Delivery, Gate, Refusal, Relayed, RoomKey, Rooms, refusal::turned_away, role_by};

/// Somebody who would not have been let in, and why.
pub(super) struct Outsider {
    peer: PeerId,
    /// None if a host would have decided.
    refusal: Option<Refusal>,
}

impl<P: Relayed> Rooms<P> {
    /// Those in the room who are there only because the rules of this charter were not known when they came.
    pub(super) fn outsiders(&self, key: &RoomKey, charter: &Charter) -> Vec<Outsider> {
        let Some(room) = self.rooms.get(key) else {
            return Vec::new();
        };
        let same_life = room.charter.life == charter.life;
        let people = room.people.iter().filter_map(|person| {
            let seat = self.seats.get(&person.id)?;
            if charter.role_of(&seat.papers) == Role::Host {
                return None;
            }
            let gate = if seat.known && same_life {
                charter.bans(&seat.papers.marks.person).map(|()| Gate::Open)
            } else {
                charter.gate(&seat.papers)
            };
            let refusal = match gate {
                Ok(Gate::Open) => return None,
                Ok(Gate::Knock) => None,
                Err(refusal) => Some(refusal),
            };
            let peer = person.id.clone();
            Some(Outsider { peer, refusal })
        });
        people.collect()
    }

    /// Goes on with that charter, without the outsiders.
    pub(super) fn restore(
        &mut self,
        key: &RoomKey,
        charter: Charter,
        outsiders: Vec<Outsider>,
    ) -> Vec<Delivery<P>> {
        let Some(room) = self.rooms.get_mut(key) else {
            return Vec::new();
        };
        let mut deliveries = Vec::new();
        for Outsider { peer, refusal } in outsiders {
            let parked = self.seats.remove(&peer).and_then(|seat| seat.parked);
            self.away -= usize::from(parked.is_some());
            deliveries.extend(room.unseat(&peer, LeaveReason::Removed));
            let (code, text) = match refusal {
                Some(refusal) => (refusal.code(), refusal.text()),
                None => (
                    ErrorCode::Refused,
                    "The people whose room this is came back. A host lets people in here.".into(),
                ),
            };
            deliveries.push(turned_away(peer, code, text));
        }
        let same_life = room.charter.life == charter.life;
        deliveries.extend(room.adopt(charter));
        let charter = room.charter.clone();
        deliveries.extend(room.assign(|peer| role_by(&charter, self.seats.get(peer)), None));
        for person in &room.people {
            if let Some(seat) = self.seats.get_mut(&person.id) {
                seat.known &= same_life;
            }
        }
        deliveries
    }
}
