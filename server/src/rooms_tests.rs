use std::collections::{BTreeSet, HashSet};

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
        resuming: false,
        token: None,
    }
}

fn resume(id: &str, name: &str) -> Action<u32> {
    Action::Join {
        peer: peer(id),
        room: room(name),
        name: format!("other name of {id}"),
        resuming: true,
        token: Some(format!("token of {id}")),
    }
}

fn away(id: &str) -> Action<u32> {
    Action::Away {
        peer: peer(id),
        unsent: Vec::new(),
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

fn rooms_of(actions: Vec<Action<u32>>) -> Rooms<u32> {
    let mut rooms = Rooms::new(3, 4, Vec::new());
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

fn person(id: &str) -> Person {
    Person {
        id: peer(id),
        name: format!("name of {id}"),
    }
}

fn messages(deliveries: Vec<Delivery<u32>>, to: &str) -> Vec<ServerMessage<u32>> {
    assert!(
        deliveries.iter().all(|delivery| delivery.to == peer(to)),
        "others were told: {deliveries:?}"
    );
    deliveries.into_iter().map(|delivery| delivery.message).collect()
}

fn relayed(from: &str) -> ServerMessage<u32> {
    ServerMessage::Relay {
        from: peer(from),
        payload: 7,
    }
}

fn left(id: &str) -> ServerMessage<u32> {
    ServerMessage::Left {
        peer: peer(id),
        reason: LeaveReason::Left,
    }
}

/// The welcome of somebody who was away and resumed.
fn kept(id: &str, people: &[&str]) -> ServerMessage<u32> {
    ServerMessage::Welcome {
        you: peer(id),
        room: "x".into(),
        people: people.iter().map(|id| person(id)).collect(),
        ice_servers: Vec::new(),
        resume: Some(format!("token of {id}")),
        kept: true,
    }
}

#[test]
fn who_is_away_is_still_there_for_the_others_and_gets_what_came_meanwhile() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x"), away("b")]);
    assert_eq!(rooms.people(&RoomKey("x".into())), 3);
    assert_eq!(rooms.act(join("d", "x")), Err(Refusal::RoomFull(3)));
    assert_eq!(rooms.act(relay("a", "b")), Ok(Vec::new()));
    assert_eq!(rooms.act(relay("b", "a")), Err(Refusal::NotJoined));
    assert_eq!(messages(rooms.act(leave("c")).unwrap(), "a"), [left("c")]);
    assert_eq!(
        messages(rooms.act(resume("b", "X")).unwrap(), "b"),
        [kept("b", &["a"]), relayed("a"), left("c")]
    );
    assert_eq!(messages(rooms.act(relay("a", "b")).unwrap(), "b"), [relayed("a")]);
}

#[test]
fn what_was_delivered_and_not_sent_is_kept_before_what_comes_later() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x")]);
    let unsent = vec![
        // Of a room that the same socket was in before.
        relayed("z"),
        kept("b", &[]),
        relayed("c"),
        ServerMessage::Joined { person: person("c") },
    ];
    rooms
        .act(Action::Away {
            peer: peer("b"),
            unsent,
        })
        .unwrap();
    rooms.act(relay("a", "b")).unwrap();
    assert_eq!(
        messages(rooms.act(resume("b", "x")).unwrap(), "b"),
        [kept("b", &["a", "c"]), relayed("c"), relayed("a")]
    );
}

#[test]
fn the_oldest_of_too_much_is_dropped() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x"), away("b")]);
    rooms.act(relay("c", "b")).unwrap();
    for _ in 0..4 {
        rooms.act(relay("a", "b")).unwrap();
    }
    let messages = messages(rooms.act(resume("b", "x")).unwrap(), "b");
    assert_eq!(messages[1..], vec![relayed("a"); 4]);
}

#[test]
fn newcomers_are_in_the_welcome_and_announced_only_if_they_had_left() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b"), join("c", "x")]);
    rooms.act(leave("a")).unwrap();
    rooms.act(join("a", "x")).unwrap();
    assert_eq!(
        messages(rooms.act(resume("b", "x")).unwrap(), "b"),
        [
            kept("b", &["c", "a"]),
            left("a"),
            ServerMessage::Joined { person: person("a") }
        ]
    );
}

#[test]
fn a_seat_that_is_held_is_taken_over_unnoticed_and_a_free_one_taken_anew() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    assert_eq!(
        messages(rooms.act(resume("b", "x")).unwrap(), "b"),
        [kept("b", &["a"])]
    );
    assert_eq!(rooms.act(resume("b", "y")), Err(Refusal::AlreadyJoined));
    rooms.act(leave("b")).unwrap();
    let deliveries = rooms.act(resume("b", "x")).unwrap();
    assert!(matches!(
        &deliveries[0].message,
        ServerMessage::Welcome {
            kept: false,
            resume: Some(_),
            ..
        }
    ));
    let person = Person {
        name: "other name of b".into(),
        ..person("b")
    };
    assert_eq!(deliveries[1].message, ServerMessage::Joined { person });
}

#[test]
fn a_room_of_people_who_are_away_exists_until_the_last_is_gone() {
    let mut rooms = rooms_of(vec![join("a", "x"), away("a")]);
    assert_eq!((rooms.len(), rooms.away()), (1, 1));
    assert_eq!(rooms.act(away("a")), Err(Refusal::NotJoined));
    rooms.act(leave("a")).unwrap();
    assert_eq!((rooms.len(), rooms.away()), (0, 0));
}

fn any_action() -> impl Strategy<Value = Action<u32>> {
    let id = || (0..8u8).prop_map(|id| format!("p{id}"));
    let name = prop_oneof!["X", "x", "y"];
    prop_oneof![
        3 => (id(), name).prop_map(|(id, name)| join(&id, &name)),
        3 => (id(), id()).prop_map(|(from, to)| relay(&from, &to)),
        1 => id().prop_map(|id| leave(&id)),
        2 => id().prop_map(|id| away(&id)),
        2 => (id(), prop_oneof!["X", "x", "y"]).prop_map(|(id, name)| resume(&id, &name)),
    ]
}

fn actor(action: &Action<u32>) -> PeerId {
    match action {
        Action::Join { peer, .. } | Action::Leave { peer, .. } | Action::Away { peer, .. } => peer.clone(),
        Action::Relay { from, .. } => from.clone(),
    }
}

proptest! {
    #[test]
    fn no_delivery_leaves_the_room_of_the_one_who_acted(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut rooms = Rooms::new(3, 4, Vec::new());
        for action in actions {
            let actor = actor(&action);
            let before = rooms.room_of(&actor).cloned();
            if let Ok(deliveries) = rooms.act(action) {
                let here = before.or_else(|| rooms.room_of(&actor).cloned());
                for delivery in deliveries {
                    prop_assert_eq!(rooms.room_of(&delivery.to), here.as_ref());
                    prop_assert!(!rooms.is_away(&delivery.to));
                    if let ServerMessage::Relay { from, .. } = delivery.message {
                        // What was kept comes with the return of the one it is for.
                        prop_assert!(from == actor || delivery.to == actor);
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_has_two_seats_and_no_room_is_empty_or_too_full(
        actions in prop::collection::vec(any_action(), 0..60)
    ) {
        let mut rooms = Rooms::new(3, 4, Vec::new());
        for action in actions {
            let _ = rooms.act(action);
            let mut seen = HashSet::new();
            for (key, room) in &rooms.rooms {
                prop_assert!((1..=3).contains(&room.people.len()));
                for person in &room.people {
                    prop_assert!(seen.insert(person.id.clone()));
                    prop_assert_eq!(rooms.room_of(&person.id), Some(key));
                }
            }
            prop_assert_eq!(seen.len(), rooms.seats.len());
            let parked: Vec<_> = rooms.seats.values().filter_map(|seat| seat.parked.as_ref()).collect();
            prop_assert!(parked.iter().all(|parked| parked.messages.len() <= 4));
            prop_assert_eq!(parked.len(), rooms.away());
        }
    }

    #[test]
    fn a_refusal_changes_nothing(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut rooms = Rooms::new(3, 4, Vec::new());
        for action in actions {
            let before = rooms.clone();
            if rooms.act(action).is_err() {
                prop_assert_eq!(&rooms, &before);
            }
        }
    }

    /// Each client believes what it is told; what it believes must be so whenever its socket works.
    #[test]
    fn everybody_who_is_not_away_knows_who_is_there(
        actions in prop::collection::vec(any_action(), 0..80)
    ) {
        let mut rooms = Rooms::new(3, 4, Vec::new());
        let mut known: HashMap<PeerId, BTreeSet<PeerId>> = HashMap::new();
        for action in actions {
            let resuming = matches!(action, Action::Join { resuming: true, .. });
            let actor = actor(&action);
            let held = rooms.room_of(&actor).is_some();
            let Ok(deliveries) = rooms.act(action) else { continue };
            prop_assert!(
                !resuming || !held || deliveries.iter().all(|delivery| delivery.to == actor),
                "a return was noticed"
            );
            for Delivery { to, message } in deliveries {
                let known = known.entry(to).or_default();
                match message {
                    ServerMessage::Welcome { people, kept, .. } => {
                        prop_assert_eq!(kept, resuming && held);
                        *known = people.into_iter().map(|person| person.id).collect();
                    }
                    ServerMessage::Joined { person } => {
                        known.insert(person.id);
                    }
                    ServerMessage::Left { peer, .. } => {
                        known.remove(&peer);
                    }
                    _ => {}
                }
            }
            for (peer, seat) in rooms.seats.iter().filter(|(_, seat)| seat.parked.is_none()) {
                let mut there: BTreeSet<_> =
                    rooms.rooms[&seat.room].people.iter().map(|person| person.id.clone()).collect();
                there.remove(peer);
                prop_assert_eq!(&known[peer], &there);
            }
        }
    }
}
