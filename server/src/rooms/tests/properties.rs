//! What holds whatever happens.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;

use super::{
    world::{Outcome, World, any_steps},
    *,
};

/// What people know who are told all that is delivered to them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Belief {
    people: BTreeMap<PeerId, Role>,
    role: Role,
    rules: Rules,
    knocking: BTreeSet<PeerId>,
}

/// Who acted, if it was anybody.
fn actor(action: &Action<u32>) -> Option<&PeerId> {
    match action {
        Action::Join(entry) => Some(&entry.peer),
        Action::Leave { peer, .. } | Action::Away { peer, .. } | Action::Rename { peer, .. } => Some(peer),
        Action::Relay { from, .. } => Some(from),
        Action::Host { by, .. } => Some(by),
        Action::Forget { .. } => None,
    }
}

/// The room that somebody is in, or waits for.
fn place<'a>(rooms: &'a Rooms<u32>, peer: &PeerId) -> Option<&'a RoomKey> {
    rooms.room_of(peer).or_else(|| rooms.knocks.get(peer))
}

/// The room that an action is about.
fn about(outcome: &Outcome) -> Option<RoomKey> {
    match &outcome.action {
        Action::Join(entry) => Some(entry.room.key.clone()),
        Action::Forget { room, .. } => Some(room.clone()),
        action => place(&outcome.before, actor(action)?).cloned(),
    }
}

fn role_in(rooms: &Rooms<u32>, peer: &PeerId) -> Option<Role> {
    let room = rooms.rooms.get(rooms.room_of(peer)?)?;
    room.person(peer).map(|person| person.role)
}

/// What somebody may be told who has a seat.
fn is_for_the_seated(
    rooms: &Rooms<u32>,
    outcome: &Outcome,
    to: &PeerId,
    message: &ServerMessage<u32>,
) -> bool {
    let host = role_in(rooms, to) == Some(Role::Host);
    match message {
        ServerMessage::Relay { from, .. } => {
            // What was kept comes with the return of the one it is for.
            Some(from) == actor(&outcome.action) || Some(to) == actor(&outcome.action)
        }
        ServerMessage::Welcome(welcome) => {
            welcome.you == *to && (host || (welcome.host.is_none() && welcome.knocking.is_empty()))
        }
        ServerMessage::Role {
            peer, host: secret, ..
        } => secret.is_none() || (host && peer == to),
        ServerMessage::Knock { .. } | ServerMessage::Unknock { .. } => host,
        ServerMessage::Joined { .. }
        | ServerMessage::Left { .. }
        | ServerMessage::Renamed { .. }
        | ServerMessage::Rules(_)
        | ServerMessage::Mute { .. } => true,
        _ => false,
    }
}

/// Whether a seat that was given is one that the room's rules gave, or a host, or an earlier time in the room.
fn is_rightly_seated(rooms: &Rooms<u32>, outcome: &Outcome, peer: &PeerId) -> bool {
    let Some(seat) = rooms.seats.get(peer) else {
        return false;
    };
    let charter = &rooms.rooms[&seat.room].charter;
    if charter.role_of(&seat.papers) == Role::Host || charter.gate(&seat.papers) == Ok(Gate::Open) {
        return true;
    }
    match &outcome.action {
        Action::Host {
            act: HostAct::Admit(admitted),
            ..
        } => admitted == peer,
        Action::Join(entry) => {
            let resumed = entry.resumed.as_ref();
            resumed.is_some_and(|resumed| resumed.charter.life == charter.life)
                && charter.bans(&seat.papers.marks.person).is_ok()
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn no_delivery_leaves_the_room(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            let Some(outcome) = world.step(step) else { continue };
            let Ok(deliveries) = &outcome.result else { continue };
            let here = about(&outcome);
            let mut gone = HashSet::new();
            for Delivery { to, message } in deliveries {
                prop_assert!(!world.rooms.is_away(to));
                prop_assert!(!gone.contains(to), "{to} was told already that it is over: {message:?}");
                if world.rooms.room_of(to).is_some() {
                    prop_assert_eq!(world.rooms.room_of(to), here.as_ref());
                    prop_assert!(is_for_the_seated(&world.rooms, &outcome, to, message), "{to}: {message:?}");
                } else if world.rooms.knocks.contains_key(to) {
                    prop_assert_eq!(world.rooms.knocks.get(to), here.as_ref());
                    prop_assert!(matches!(message, ServerMessage::Waiting { .. }), "{to}: {message:?}");
                } else {
                    // Who loses a place is told so, and before it perhaps that others did.
                    prop_assert_eq!(place(&outcome.before, to), here.as_ref());
                    match message {
                        ServerMessage::Removed {} | ServerMessage::Error { .. } => {
                            gone.insert(to.clone());
                        }
                        ServerMessage::Left { .. } => {
                            prop_assert!(outcome.before.room_of(to).is_some());
                        }
                        _ => prop_assert!(false, "{to}: {message:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_has_two_seats_or_a_seat_and_a_knock_and_all_that_is_counted_agrees(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            let rooms = &world.rooms;
            let mut seen = HashSet::new();
            prop_assert!(rooms.len() <= LIMITS.rooms);
            for (key, room) in &rooms.rooms {
                prop_assert!(room.people.len() <= LIMITS.people && room.knocks.len() <= LIMITS.people);
                for person in &room.people {
                    prop_assert!(seen.insert(person.id.clone()));
                    prop_assert_eq!(rooms.room_of(&person.id), Some(key));
                    let seat = &rooms.seats[&person.id];
                    prop_assert_eq!(person.role, room.charter.role_of(&seat.papers));
                }
                for entry in &room.knocks {
                    prop_assert!(seen.insert(entry.peer.clone()));
                    prop_assert_eq!(rooms.knocks.get(&entry.peer), Some(key));
                }
                let full = room.people.len() == LIMITS.people;
                prop_assert!(full || room.no_longer_held().is_empty(), "somebody waits for nothing");
            }
            prop_assert_eq!(seen.len(), rooms.seated() + rooms.knocking());
            let parked: Vec<_> = rooms.seats.values().filter_map(|seat| seat.parked.as_ref()).collect();
            for parked in &parked {
                let payload = |message: &ServerMessage<u32>| match message {
                    ServerMessage::Relay { payload, .. } => *payload as usize,
                    _ => 0,
                };
                let bytes: usize = parked.messages().iter().map(payload).sum();
                prop_assert!(bytes <= LIMITS.parked_bytes);
                prop_assert!(parked.messages().len() <= LIMITS.parked);
            }
            prop_assert_eq!(parked.len(), rooms.away());
        }
    }

    #[test]
    fn a_refusal_changes_nothing(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            if let Some(Outcome { before, result: Err(_), .. }) = world.step(step) {
                prop_assert!(world.rooms == before);
            }
        }
    }

    #[test]
    fn only_hosts_change_a_room_and_no_other_than_their_own(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            let Some(outcome) = world.step(step) else { continue };
            for (key, room) in &outcome.before.rooms {
                let Some(charter) = world.rooms.charter(key) else { continue };
                if *charter == room.charter {
                    continue;
                }
                match &outcome.action {
                    Action::Host { by, .. } => prop_assert_eq!(outcome.before.host(by), Ok(key.clone())),
                    // A room that goes on as it was before a restart.
                    Action::Join(Entry { resumed: Some(resumed), .. }) => {
                        prop_assert!(resumed.restoring && resumed.charter == *charter);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_room_seats_nobody_whom_its_rules_keep_out(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            let Some(outcome) = world.step(step) else { continue };
            for peer in world.rooms.seats.keys() {
                if outcome.before.seats.contains_key(peer) {
                    continue;
                }
                prop_assert!(is_rightly_seated(&world.rooms, &outcome, peer), "{peer}: {:?}", outcome.action);
            }
        }
    }

    #[test]
    fn when_a_room_goes_on_nobody_stays_in_it_whom_its_rules_keep_out(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            let Some(outcome) = world.step(step) else { continue };
            let Action::Join(Entry { room, resumed: Some(resumed), .. }) = &outcome.action else { continue };
            let before = outcome.before.charter(&room.key);
            if outcome.result.is_err() || world.rooms.charter(&room.key) == before {
                continue;
            }
            let same_life = before.is_some_and(|before| before.life == resumed.charter.life);
            for peer in world.rooms.people(&room.key) {
                let known = |rooms: &Rooms<u32>| rooms.seats.get(peer).is_some_and(|seat| seat.known);
                let stays = known(&outcome.before) && same_life;
                let papers = &world.rooms.seats[peer].papers;
                let gate = match resumed.charter.role_of(papers) {
                    Role::Guest if stays => resumed.charter.bans(&papers.marks.person).map(|()| Gate::Open),
                    Role::Guest if outcome.before.seats.contains_key(peer) => resumed.charter.gate(papers),
                    _ => Ok(Gate::Open),
                };
                prop_assert_eq!(gate, Ok(Gate::Open), "{}", peer);
            }
        }
    }

    #[test]
    fn who_was_removed_is_not_seated_again_but_by_a_role_that_was_given(steps in any_steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            for (peer, seat) in &world.rooms.seats {
                let charter = &world.rooms.rooms[&seat.room].charter;
                let banned = charter.bans(&seat.papers.marks.person).is_err();
                prop_assert!(!banned || charter.role_of(&seat.papers) == Role::Host, "{peer}");
            }
        }
    }

    /// Each client believes what it is told; what it believes must be so whenever its socket works.
    #[test]
    fn everybody_who_is_not_away_knows_who_is_there_and_what_the_rules_are(steps in any_steps()) {
        let mut world = World::new();
        let mut beliefs: HashMap<PeerId, Belief> = HashMap::new();
        let mut attended: HashMap<PeerId, bool> = HashMap::new();
        for step in steps {
            let Some(outcome) = world.step(step) else { continue };
            let Ok(deliveries) = outcome.result else { continue };
            let returned = match &outcome.action {
                Action::Join(entry) => outcome.before.seats.contains_key(&entry.peer).then_some(&entry.peer),
                _ => None,
            };
            for Delivery { to, message } in deliveries {
                let waits = matches!(message, ServerMessage::Waiting { .. });
                prop_assert!(returned.is_none_or(|peer| *peer == to || waits), "a return was noticed");
                let belief = beliefs.entry(to.clone()).or_default();
                match message {
                    ServerMessage::Welcome(welcome) => {
                        prop_assert_eq!(welcome.kept, returned.is_some());
                        *belief = Belief {
                            people: welcome.people.into_iter().map(|person| (person.id, person.role)).collect(),
                            role: welcome.role,
                            rules: welcome.rules,
                            knocking: welcome.knocking.into_iter().map(|person| person.id).collect(),
                        };
                    }
                    ServerMessage::Joined { person } => {
                        belief.people.insert(person.id, person.role);
                    }
                    ServerMessage::Left { peer, .. } => {
                        belief.people.remove(&peer);
                    }
                    ServerMessage::Rules(rules) => belief.rules = rules,
                    ServerMessage::Role { peer, role, .. } if peer == to => {
                        // A host who is told so once more, with a new secret, knows who waits.
                        if belief.role != role {
                            belief.knocking.clear();
                        }
                        belief.role = role;
                    }
                    ServerMessage::Role { peer, role, .. } => {
                        belief.people.insert(peer, role);
                    }
                    ServerMessage::Knock { person } => {
                        prop_assert!(belief.knocking.insert(person.id));
                    }
                    ServerMessage::Unknock { peer } => {
                        prop_assert!(belief.knocking.remove(&peer));
                    }
                    ServerMessage::Waiting { attended: now } => {
                        attended.insert(to, now);
                    }
                    _ => {}
                }
            }
            for (peer, seat) in world.rooms.seats.iter().filter(|(_, seat)| seat.parked.is_none()) {
                let room = &world.rooms.rooms[&seat.room];
                let role = room.person(peer).map(|person| person.role).unwrap();
                let others = room.people.iter().filter(|person| person.id != *peer);
                let knocking = room.knocks.iter().map(|entry| entry.peer.clone());
                let there = Belief {
                    people: others.map(|person| (person.id.clone(), person.role)).collect(),
                    role,
                    rules: room.charter.rules(),
                    knocking: knocking.filter(|_| role == Role::Host).collect(),
                };
                prop_assert_eq!(&beliefs[peer], &there, "{}", peer);
            }
            for (peer, key) in &world.rooms.knocks {
                let hosts = world.rooms.people(key).filter(|peer| world.rooms.host(peer).is_ok());
                prop_assert_eq!(attended[peer], hosts.count() > 0);
            }
        }
    }
}
