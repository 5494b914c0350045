//! Seats: taken, kept, taken again, given up.

use super::*;

#[test]
fn a_newcomer_is_welcomed_and_the_others_hear_of_them() {
    let mut rooms = rooms_of(vec![join("a", "Den"), join("b", "den")]);
    let deliveries = rooms.act(join("c", "DEN")).unwrap();
    let welcome = Welcome {
        you: peer("c"),
        room: "Den".into(),
        people: vec![host_person("a"), person("b")],
        ..Welcome::default()
    };
    assert_eq!(
        deliveries,
        [
            to("c", ServerMessage::Welcome(welcome)),
            to("a", joined(person("c"))),
            to("b", joined(person("c"))),
        ]
    );
}

#[test]
fn a_room_without_people_is_gone_and_its_name_is_free_for_another_spelling() {
    let mut rooms = rooms_of(vec![join("a", "Den"), leave("a")]);
    assert!(rooms.is_empty());
    assert_eq!(welcome(rooms.act(join("b", "den")).unwrap()).room, "den");
}

#[test]
fn refusals_name_their_reason() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        join("b", "x"),
        join("c", "x"),
        join("d", "y"),
    ]);
    refuses(&mut rooms, join("e", "x"), Refusal::RoomFull(3));
    refuses(&mut rooms, join("a", "y"), Refusal::AlreadyJoined);
    refuses(&mut rooms, relay("a", "d"), Refusal::UnknownPeer);
    refuses(&mut rooms, relay("a", "nobody"), Refusal::UnknownPeer);
    refuses(&mut rooms, relay("nobody", "a"), Refusal::NotJoined);
    refuses(&mut rooms, leave("nobody"), Refusal::NotJoined);
}

#[test]
fn there_is_an_end_to_the_number_of_rooms() {
    let mut rooms = rooms_of(vec![
        join("a", "1"),
        join("b", "2"),
        join("c", "3"),
        join("d", "4"),
    ]);
    refuses(&mut rooms, join("e", "5"), Refusal::TooManyRooms);
    let old = Action::Join(entry("e", "5").with_token(&Charter::default()));
    refuses(&mut rooms, old, Refusal::TooManyRooms);
    rooms.act(join("e", "4")).unwrap();
    rooms.act(leave("a")).unwrap();
    rooms.act(join("f", "5")).unwrap();
}

#[test]
fn leaving_is_told_to_those_who_stay_and_only_once() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    assert_eq!(rooms.act(leave("a")), Ok(vec![to("b", left("a"))]));
    refuses(&mut rooms, leave("a"), Refusal::NotJoined);
}

/// The welcome of somebody who was away and resumed.
fn kept(id: &str, people: &[Person]) -> ServerMessage<u32> {
    ServerMessage::Welcome(Welcome {
        you: peer(id),
        room: "x".into(),
        people: people.to_vec(),
        kept: true,
        ..Welcome::default()
    })
}

#[test]
fn who_is_away_is_still_there_for_the_others_and_gets_what_came_meanwhile() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x"), away("b")]);
    assert_eq!(rooms.people(&key("x")).len(), 3);
    refuses(&mut rooms, join("d", "x"), Refusal::RoomFull(3));
    assert_eq!(rooms.act(relay("a", "b")), Ok(Vec::new()));
    refuses(&mut rooms, relay("b", "a"), Refusal::NotJoined);
    assert_eq!(messages(rooms.act(leave("c")).unwrap(), "a"), [left("c")]);
    assert_eq!(
        messages(rooms.act(resume("b", "X")).unwrap(), "b"),
        [kept("b", &[host_person("a")]), relayed("a"), left("c")]
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
        joined(person("c")),
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
        [
            kept("b", &[host_person("a"), person("c")]),
            relayed("c"),
            relayed("a")
        ]
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
fn the_oldest_are_dropped_for_long_ones_too() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b")]);
    let mut keeps = |payloads: &[u32]| {
        for payload in payloads {
            let (from, to, payload) = (peer("a"), peer("b"), *payload);
            rooms.act(Action::Relay { from, to, payload }).unwrap();
        }
        let kept = messages(rooms.act(resume("b", "x")).unwrap(), "b");
        rooms.act(away("b")).unwrap();
        let payload = |message: &ServerMessage<u32>| match message {
            ServerMessage::Relay { payload, .. } => Some(*payload),
            _ => None,
        };
        kept.iter().filter_map(payload).collect::<Vec<_>>()
    };
    assert_eq!(keeps(&[10, 11, 9]), [10, 11, 9]);
    assert_eq!(keeps(&[10, 11, 12]), [11, 12]);
    assert_eq!(keeps(&[10, 11, 30]), [30]);
    assert_eq!(keeps(&[10, 31]), [0; 0]);
    assert_eq!(keeps(&[1]), [1]);
}

#[test]
fn newcomers_are_in_the_welcome_and_announced_only_if_they_had_left() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b"), join("c", "x")]);
    rooms.act(leave("a")).unwrap();
    rooms.act(join("a", "x")).unwrap();
    assert_eq!(
        messages(rooms.act(resume("b", "x")).unwrap(), "b"),
        [
            kept("b", &[person("c"), person("a")]),
            left("a"),
            joined(person("a"))
        ]
    );
}

#[test]
fn a_seat_that_is_held_is_taken_over_unnoticed_and_a_free_one_taken_anew() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    assert_eq!(
        messages(rooms.act(resume("b", "x")).unwrap(), "b"),
        [kept("b", &[host_person("a")])]
    );
    refuses(&mut rooms, resume("b", "y"), Refusal::AlreadyJoined);
    rooms.act(leave("b")).unwrap();
    let deliveries = rooms.act(resume("b", "x")).unwrap();
    let person = Person {
        name: "other name of b".into(),
        ..person("b")
    };
    assert_eq!(deliveries[1], to("a", joined(person)));
    assert!(!welcome(deliveries).kept);
}

#[test]
fn a_room_of_people_who_are_away_exists_until_the_last_is_gone() {
    let mut rooms = rooms_of(vec![join("a", "x"), away("a")]);
    assert_eq!((rooms.len(), rooms.away()), (1, 1));
    refuses(&mut rooms, away("a"), Refusal::NotJoined);
    rooms.act(leave("a")).unwrap();
    assert_eq!((rooms.len(), rooms.away()), (0, 0));
}

#[test]
fn a_new_name_is_told_to_everybody_and_to_those_who_come_later() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b")]);
    let renamed = ServerMessage::Renamed {
        id: peer("a"),
        name: "other".into(),
    };
    assert_eq!(rooms.act(rename("a", "other")).unwrap(), [to("a", renamed)]);
    assert_eq!(rooms.name_of(&peer("a")), Some("other"));
    assert_eq!(
        welcome(rooms.act(resume("b", "x")).unwrap()).people[0].name,
        "other"
    );
    assert_eq!(
        welcome(rooms.act(join("c", "x")).unwrap()).people[0].name,
        "other"
    );
}

#[test]
fn who_has_no_seat_or_is_away_from_it_cannot_change_its_name() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        let_wait("a", true),
        join("b", "x"),
        join("c", "y"),
        away("c"),
    ]);
    for id in ["b", "c", "nobody"] {
        refuses(&mut rooms, rename(id, "other"), Refusal::NotJoined);
    }
}

#[test]
fn who_was_away_is_told_the_name_that_somebody_has_who_came_back_meanwhile() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b"), lose("a")]);
    let back = Action::Join(entry("a", "x").with_token(&charter(&rooms, "x")));
    rooms.act(back).unwrap();
    rooms.act(rename("a", "other")).unwrap();
    let told = rooms.act(resume("b", "x")).unwrap();
    let named = told.iter().find_map(|delivery| match &delivery.message {
        ServerMessage::Joined { person } => Some(person.name.as_str()),
        _ => None,
    });
    assert_eq!(named, Some("other"));
}
