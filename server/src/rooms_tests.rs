use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn peer(id: &str) -> PeerId {
    PeerId::new(id)
}

fn room(name: &str) -> RoomName {
    RoomName {
        key: RoomKey(name.to_lowercase()),
        shown: name.into(),
    }
}

fn join(id: &str, name: &str) -> Action<u32> {
    Action::Join {
        peer: peer(id),
        room: room(name),
        name: format!("name of {id}"),
    }
}

fn relay(from: &str, to: &str) -> Action<u32> {
    Action::Relay {
        from: peer(from),
        to: peer(to),
        payload: 7,
    }
}

fn leave(id: &str) -> Action<u32> {
    Action::Leave {
        peer: peer(id),
        reason: LeaveReason::Left,
    }
}

fn rooms_of(actions: Vec<Action<u32>>) -> Rooms {
    let mut rooms = Rooms::new(3, Vec::new());
    for action in actions {
        rooms.act(action).unwrap();
    }
    rooms
}

#[test]
fn a_newcomer_is_welcomed_and_the_others_hear_of_them() {
    let mut rooms = rooms_of(vec![join("a", "Den"), join("b", "den")]);
    let deliveries = rooms.act(join("c", "DEN")).unwrap();
    let person = |id: &str| Person {
        id: peer(id),
        name: format!("name of {id}"),
    };
    assert_eq!(
        deliveries,
        vec![
            Delivery {
                to: peer("c"),
                message: ServerMessage::Welcome {
                    you: peer("c"),
                    room: "Den".into(),
                    people: vec![person("a"), person("b")],
                    ice_servers: Vec::new(),
                    resume: None,
                    kept: false,
                }
            },
            Delivery {
                to: peer("a"),
                message: ServerMessage::Joined { person: person("c") }
            },
            Delivery {
                to: peer("b"),
                message: ServerMessage::Joined { person: person("c") }
            },
        ]
    );
}

#[test]
fn a_room_without_people_is_gone_and_its_name_is_free_for_another_spelling() {
    let mut rooms = rooms_of(vec![join("a", "Den"), leave("a")]);
    assert!(rooms.is_empty());
    let deliveries = rooms.act(join("b", "den")).unwrap();
    assert!(matches!(&deliveries[0].message, ServerMessage::Welcome { room, .. } if room == "den"));
}

#[test]
fn refusals_name_their_reason() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        join("b", "x"),
        join("c", "x"),
        join("d", "y"),
    ]);
    assert_eq!(rooms.act(join("e", "x")), Err(Refusal::RoomFull(3)));
    assert_eq!(rooms.act(join("a", "y")), Err(Refusal::AlreadyJoined));
    assert_eq!(rooms.act(relay("a", "d")), Err(Refusal::UnknownPeer));
    assert_eq!(rooms.act(relay("a", "nobody")), Err(Refusal::UnknownPeer));
    assert_eq!(rooms.act(relay("nobody", "a")), Err(Refusal::NotJoined));
    assert_eq!(rooms.act(leave("nobody")), Err(Refusal::NotJoined));
}

#[test]
fn leaving_is_told_to_those_who_stay_and_only_once() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    let left = ServerMessage::Left {
        peer: peer("a"),
        reason: LeaveReason::Left,
    };
    assert_eq!(
        rooms.act(leave("a")),
        Ok(vec![Delivery {
            to: peer("b"),
            message: left
        }])
    );
    assert_eq!(rooms.act(leave("a")), Err(Refusal::NotJoined));
}

fn any_action() -> impl Strategy<Value = Action<u32>> {
    let id = || (0..8u8).prop_map(|id| format!("p{id}"));
    let name = prop_oneof!["X", "x", "y"];
    prop_oneof![
        3 => (id(), name).prop_map(|(id, name)| join(&id, &name)),
        3 => (id(), id()).prop_map(|(from, to)| relay(&from, &to)),
        1 => id().prop_map(|id| leave(&id)),
    ]
}

proptest! {
    #[test]
    fn no_delivery_leaves_the_room_of_the_one_who_acted(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut rooms = Rooms::new(3, Vec::new());
        for action in actions {
            let actor = match &action {
                Action::Join { peer, .. } | Action::Leave { peer, .. } => peer.clone(),
                Action::Relay { from, .. } => from.clone(),
            };
            let before = rooms.room_of(&actor).cloned();
            if let Ok(deliveries) = rooms.act(action) {
                let here = before.or_else(|| rooms.room_of(&actor).cloned());
                for delivery in deliveries {
                    prop_assert_eq!(rooms.room_of(&delivery.to), here.as_ref());
                    if let ServerMessage::Relay { from, .. } = delivery.message {
                        prop_assert_eq!(&from, &actor);
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_has_two_seats_and_no_room_is_empty_or_too_full(
        actions in prop::collection::vec(any_action(), 0..60)
    ) {
        let mut rooms = Rooms::new(3, Vec::new());
        for action in actions {
            let _ = rooms.act(action);
            let mut seen = HashSet::new();
            for (key, room) in &rooms.rooms {
                prop_assert!((1..=3).contains(&room.people.len()));
                for person in &room.people {
                    prop_assert!(seen.insert(person.id.clone()));
                    prop_assert_eq!(rooms.seats.get(&person.id), Some(key));
                }
            }
            prop_assert_eq!(seen.len(), rooms.seats.len());
        }
    }

    #[test]
    fn a_refusal_changes_nothing(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut rooms = Rooms::new(3, Vec::new());
        for action in actions {
            let before = rooms.clone();
            if rooms.act(action).is_err() {
                prop_assert_eq!(&rooms, &before);
            }
        }
    }

    #[test]
    fn every_join_and_leave_reaches_each_of_the_others_once(
        actions in prop::collection::vec(any_action(), 0..60)
    ) {
        let mut rooms = Rooms::new(3, Vec::new());
        for action in actions {
            let (actor, relayed) = match &action {
                Action::Join { peer, .. } | Action::Leave { peer, .. } => (peer.clone(), false),
                Action::Relay { from, .. } => (from.clone(), true),
            };
            let before = rooms.room_of(&actor).cloned();
            let Ok(deliveries) = rooms.act(action) else { continue };
            if relayed {
                prop_assert_eq!(deliveries.len(), 1);
                continue;
            }
            let key = before.or_else(|| rooms.room_of(&actor).cloned()).unwrap();
            let others: HashSet<_> =
                rooms.seats.iter().filter(|(id, room)| **room == key && **id != actor).map(|(id, _)| id).collect();
            let told: Vec<_> = deliveries.iter().map(|d| &d.to).filter(|to| **to != actor).collect();
            prop_assert_eq!(told.len(), others.len());
            prop_assert_eq!(told.into_iter().collect::<HashSet<_>>(), others);
        }
    }
}
