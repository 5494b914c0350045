//! What only a host may do.

use maju_protocol::{ErrorCode, LeaveReason, PeerId, Role, Secret, ServerMessage};

use super::{Delivery, HostAct, Mark, Refusal, Relayed, RoomKey, Rooms, refusal::turned_away, role_by};

/// What is told to whom a host did not let in.
const NOT_LET_IN: &str = "The host did not let you in.";

impl<P: Relayed> Rooms<P> {
    /// The room in which the person is a host.
    pub fn host(&self, peer: &PeerId) -> Result<RoomKey, Refusal> {
        let key = self.present(peer)?;
        let person = self.rooms.get(key).and_then(|room| room.person(peer));
        match person {
            Some(person) if person.role == Role::Host => Ok(key.clone()),
            _ => Err(Refusal::NotHost),
        }
    }

    pub(super) fn host_act(
        &mut self,
        key: &RoomKey,
        by: PeerId,
        act: HostAct,
    ) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        match act {
            HostAct::Rules {
                locked,
                waiting,
                password,
            } => {
                let mut deliveries = room.set_rules(locked, waiting, password);
                deliveries.extend(self.admit_who_may(key));
                Ok(deliveries)
            }
            HostAct::Admit(peer) => self.admit(key, &peer, true),
            HostAct::Refuse(peer) => self.turn_away(key, &peer, ErrorCode::Refused, NOT_LET_IN),
            HostAct::Mute(peer) => {
                let to = room.person(&peer).ok_or(Refusal::UnknownPeer)?.id.clone();
                let message = ServerMessage::Mute { by };
                Ok(vec![Delivery { to, message }])
            }
            HostAct::Remove(peer) => self.remove(key, &by, peer),
            HostAct::HandOver(peer, secret, mark) => self.hand_over(key, &by, &peer, &secret, mark),
        }
    }

    fn hand_over(
        &mut self,
        key: &RoomKey,
        by: &PeerId,
        to: &PeerId,
        secret: &Secret,
        mark: Mark,
    ) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        room.person(to).filter(|_| to != by).ok_or(Refusal::UnknownPeer)?;
        // Should they not come back, nobody would have the secret.
        if self.seats.get(to).is_some_and(|seat| seat.parked.is_some()) {
            return Err(Refusal::UnknownPeer);
        }
        let given = |peer| {
            self.seats
                .get(peer)
                .is_some_and(|seat| seat.papers.role.is_some())
        };
        if given(by) || given(to) {
            return Err(Refusal::RolesAreGiven);
        }
        if let Some(seat) = self.seats.get_mut(to) {
            seat.papers.host = Some(mark.clone());
            seat.secret = Some(secret.clone());
        }
        room.charter.changed();
        // Whoever has the former secret, in another window perhaps, is no host any more.
        room.charter.host = Some(mark);
        let charter = room.charter.clone();
        let role_of = |peer: &PeerId| role_by(&charter, self.seats.get(peer));
        Ok(room.assign(role_of, Some((to, secret))))
    }

    fn remove(&mut self, key: &RoomKey, by: &PeerId, peer: PeerId) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        room.person(&peer)
            .filter(|_| peer != *by)
            .ok_or(Refusal::UnknownPeer)?;
        if let Some(seat) = self.seats.get(&peer) {
            room.charter.ban(&seat.papers.marks);
        }
        // Perhaps the same human being waits to be let in as well.
        let banned = room
            .knocks
            .iter()
            .filter(|entry| room.charter.bans(&entry.papers.marks.person).is_err());
        let banned: Vec<_> = banned.map(|entry| entry.peer.clone()).collect();
        let (_, mut deliveries) = self.leave(&peer, LeaveReason::Removed)?;
        let message = ServerMessage::Removed {};
        deliveries.push(Delivery { to: peer, message });
        for peer in banned {
            let (code, text) = (Refusal::Banned.code(), Refusal::Banned.text());
            deliveries.extend(self.turn_away(key, &peer, code, &text).unwrap_or_default());
        }
        Ok(deliveries)
    }

    /// Lets in who waits; `looked_at` tells whether a host decided so.
    fn admit(&mut self, key: &RoomKey, peer: &PeerId, looked_at: bool) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        if !room.knocks.iter().any(|entry| entry.peer == *peer) {
            return Err(Refusal::UnknownPeer);
        }
        if room.people.len() >= self.limits.people {
            return Err(Refusal::RoomFull(room.people.len()));
        }
        let (entry, mut deliveries) = room.unknock(peer).ok_or(Refusal::UnknownPeer)?;
        self.knocks.remove(peer);
        deliveries.extend(self.sit(entry, looked_at, None));
        Ok(deliveries)
    }

    /// Lets in those who wait and need not any more, as far as there is room for them.
    pub(super) fn admit_who_may(&mut self, key: &RoomKey) -> Vec<Delivery<P>> {
        let free = self
            .rooms
            .get(key)
            .map_or_else(Vec::new, |room| room.no_longer_held());
        let admitted = free
            .iter()
            .flat_map(|peer| self.admit(key, peer, false).unwrap_or_default());
        admitted.collect()
    }

    pub(super) fn turn_away(
        &mut self,
        key: &RoomKey,
        peer: &PeerId,
        code: ErrorCode,
        text: &str,
    ) -> Result<Vec<Delivery<P>>, Refusal> {
        let room = self.rooms.get_mut(key).ok_or(Refusal::NotJoined)?;
        let (entry, mut deliveries) = room.unknock(peer).ok_or(Refusal::UnknownPeer)?;
        self.knocks.remove(&entry.peer);
        deliveries.push(turned_away(entry.peer, code, text));
        Ok(deliveries)
    }
}
