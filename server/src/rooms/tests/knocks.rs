//! Those who wait to be let in.

use super::*;

/// A room of `a`, where one has to wait.
fn waiting_room() -> Rooms<u32> {
    rooms_of(vec![join("a", "x"), join("b", "x"), let_wait("a", true)])
}

fn admit(id: &str) -> Action<u32> {
    host("a", HostAct::Admit(peer(id)))
}

fn refuse(id: &str) -> Action<u32> {
    host("a", HostAct::Refuse(peer(id)))
}

#[test]
fn who_knocks_is_told_to_wait_and_hosts_alone_hear_of_it() {
    let mut rooms = waiting_room();
    assert_eq!(
        rooms.act(join("c", "x")).unwrap(),
        [to("c", waiting(true)), to("a", knock("c"))]
    );
    assert_eq!((rooms.seated(), rooms.knocking()), (2, 1));
    let host = welcome(rooms.act(resume("a", "x")).unwrap());
    assert_eq!(host.knocking, [person("c")]);
    assert_eq!(host.people, [person("b")]);
    let guest = welcome(rooms.act(resume("b", "x")).unwrap());
    assert_eq!(guest.knocking, []);
}

#[test]
fn who_waits_can_send_nothing_and_nobody_can_send_to_them() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    refuses(&mut rooms, relay("c", "a"), Refusal::NotJoined);
    refuses(&mut rooms, relay("a", "c"), Refusal::UnknownPeer);
    refuses(&mut rooms, lock("c", true), Refusal::NotJoined);
    refuses(&mut rooms, join("c", "x"), Refusal::AlreadyJoined);
    refuses(&mut rooms, join("c", "y"), Refusal::AlreadyJoined);
    refuses(&mut rooms, resume("c", "x"), Refusal::AlreadyJoined);
    for act in [
        HostAct::Mute(peer("c")),
        HostAct::Remove(peer("c")),
        HostAct::HandOver(peer("c"), secret("c"), mark("c")),
    ] {
        refuses(&mut rooms, host("a", act), Refusal::UnknownPeer);
    }
}

#[test]
fn who_is_admitted_takes_a_seat() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    let deliveries = rooms.act(admit("c")).unwrap();
    assert_eq!(deliveries[0], to("a", unknock("c")));
    assert_eq!(
        deliveries[2..],
        [to("a", joined(person("c"))), to("b", joined(person("c")))]
    );
    let welcome = welcome(deliveries);
    assert_eq!(
        (welcome.you, welcome.people),
        (peer("c"), vec![host_person("a"), person("b")])
    );
    refuses(&mut rooms, admit("c"), Refusal::UnknownPeer);
    rooms.act(relay("c", "a")).unwrap();
    // From now on they were there.
    let token = charter(&rooms, "x");
    rooms.act(leave("c")).unwrap();
    rooms
        .act(Action::Join(entry("c", "x").with_token(&token)))
        .unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 0));
}

#[test]
fn who_is_refused_is_told_and_may_knock_again() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    let deliveries = rooms.act(refuse("c")).unwrap();
    assert_eq!(deliveries[0], to("a", unknock("c")));
    assert_eq!(turned_away_of(&deliveries), [(peer("c"), ErrorCode::Refused)]);
    assert_eq!(deliveries.len(), 2);
    refuses(&mut rooms, refuse("c"), Refusal::UnknownPeer);
    refuses(&mut rooms, leave("c"), Refusal::NotJoined);
    rooms.act(join("c", "x")).unwrap();
}

#[test]
fn who_goes_or_loses_the_socket_waits_no_longer() {
    for gone in [leave("c"), away("c"), lose("c")] {
        let mut rooms = waiting_room();
        rooms.act(join("c", "x")).unwrap();
        assert_eq!(messages(rooms.act(gone).unwrap(), "a"), [unknock("c")]);
        assert_eq!((rooms.knocking(), rooms.away()), (0, 0));
        refuses(&mut rooms, admit("c"), Refusal::UnknownPeer);
    }
}

#[test]
fn those_who_wait_know_whether_a_host_is_there() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    assert_eq!(messages(rooms.act(away("a")).unwrap(), "c"), [waiting(false)]);
    let second = rooms.act(join("d", "x")).unwrap();
    assert_eq!(messages(second, "d"), [waiting(false)]);
    let deliveries = rooms.act(resume("a", "x")).unwrap();
    assert_eq!(deliveries[1..], [to("c", waiting(true)), to("d", waiting(true))]);
    assert_eq!(welcome(deliveries).knocking, [person("c"), person("d")]);
    let deliveries = rooms.act(leave("a")).unwrap();
    assert_eq!(
        deliveries,
        [
            to("b", left("a")),
            to("c", waiting(false)),
            to("d", waiting(false))
        ]
    );
    let back = rooms
        .act(Action::Join(entry("e", "x").with_secret_of("a")))
        .unwrap();
    assert_eq!(back[2..], [to("c", waiting(true)), to("d", waiting(true))]);
    assert_eq!(welcome(back).knocking, [person("c"), person("d")]);
}

#[test]
fn the_host_hears_of_nobody_who_waits_for_another_room() {
    let mut rooms = waiting_room();
    for action in [join("e", "y"), let_wait("e", true)] {
        rooms.act(action).unwrap();
    }
    assert_eq!(
        rooms.act(join("c", "y")).unwrap(),
        [to("c", waiting(true)), to("e", knock("c"))]
    );
    refuses(&mut rooms, admit("c"), Refusal::UnknownPeer);
    refuses(&mut rooms, refuse("c"), Refusal::UnknownPeer);
}

#[test]
fn nobody_fills_a_waiting_room_alone() {
    let mut rooms = waiting_room();
    let from = |id: &str, whom: &str| Action::Join(entry(id, "x").at_address_of(whom));
    for id in ["c", "d", "e"] {
        rooms.act(from(id, "c")).unwrap();
    }
    refuses(&mut rooms, from("f", "c"), Refusal::TooManyKnocks);
    let deliveries = rooms.act(from("g", "g")).unwrap();
    assert_eq!(turned_away_of(&deliveries), [(peer("e"), ErrorCode::RoomFull)]);
    let host: Vec<_> = deliveries
        .into_iter()
        .filter(|delivery| delivery.to == peer("a"))
        .collect();
    assert_eq!(host, [to("a", unknock("e")), to("a", knock("g"))]);
    let deliveries = rooms.act(from("h", "h")).unwrap();
    assert_eq!(turned_away_of(&deliveries), [(peer("d"), ErrorCode::RoomFull)]);
    // One of each waits now: first come, first served.
    refuses(&mut rooms, from("i", "i"), Refusal::TooManyKnocks);
    assert_eq!(rooms.knocking(), 3);
}

#[test]
fn as_many_may_wait_as_a_room_holds() {
    let mut rooms = waiting_room();
    for id in ["c", "d", "e"] {
        rooms.act(join(id, "x")).unwrap();
    }
    refuses(&mut rooms, join("f", "x"), Refusal::TooManyKnocks);
    rooms.act(admit("d")).unwrap();
    refuses(&mut rooms, admit("c"), Refusal::RoomFull(3));
    rooms.act(join("f", "x")).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 3));
}

#[test]
fn when_waiting_is_over_those_who_wait_come_in_as_far_as_there_is_room_and_then_one_by_one() {
    let mut rooms = waiting_room();
    for id in ["c", "d", "e"] {
        rooms.act(join(id, "x")).unwrap();
    }
    let deliveries = rooms.act(let_wait("a", false)).unwrap();
    assert_eq!(welcome(deliveries).you, peer("c"));
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 2));
    assert_eq!(welcome(rooms.act(leave("b")).unwrap()).you, peer("d"));
    assert_eq!(welcome(rooms.act(leave("a")).unwrap()).you, peer("e"));
    for id in ["c", "d", "e"] {
        rooms.act(leave(id)).unwrap();
    }
    assert!(rooms.is_empty());
}

#[test]
fn who_waits_for_an_empty_place_gets_the_room_of_those_who_left() {
    let mut rooms = waiting_room();
    for action in [join("c", "x"), join("d", "x"), let_wait("a", false)] {
        rooms.act(action).unwrap();
    }
    for id in ["a", "b", "c"] {
        rooms.act(leave(id)).unwrap();
    }
    assert_eq!((rooms.seated(), rooms.knocking(), rooms.len()), (1, 0, 1));
}

#[test]
fn whom_another_rule_keeps_out_goes_on_waiting() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    rooms.act(lock("a", true)).unwrap();
    rooms.act(let_wait("a", false)).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (2, 1));
    rooms.act(set_password("a", Some("hash"))).unwrap();
    rooms.act(lock("a", false)).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (2, 1));
    // A host may let them in nevertheless.
    rooms.act(admit("c")).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 0));
}

#[test]
fn the_password_that_was_shown_counts_for_as_long_as_it_is_the_rooms() {
    let mut rooms = waiting_room();
    rooms.act(set_password("a", Some("hash"))).unwrap();
    refuses(&mut rooms, join("c", "x"), Refusal::PasswordNeeded);
    rooms
        .act(Action::Join(entry("c", "x").with_password("hash")))
        .unwrap();
    rooms.act(set_password("a", Some("another"))).unwrap();
    rooms.act(let_wait("a", false)).unwrap();
    assert_eq!(rooms.knocking(), 1);
    rooms.act(set_password("a", Some("hash"))).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 0));
}

#[test]
fn who_is_removed_waits_nowhere_else_for_the_same_room() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        Action::Join(entry("b", "x").with_subject("ben")),
        let_wait("a", true),
        Action::Join(entry("c", "x").with_subject("ben")),
        join("d", "x"),
    ]);
    let deliveries = rooms.act(host("a", HostAct::Remove(peer("b")))).unwrap();
    assert_eq!(
        deliveries[..3],
        [
            to("a", was_removed("b")),
            to("b", ServerMessage::Removed {}),
            to("a", unknock("c")),
        ]
    );
    assert_eq!(turned_away_of(&deliveries), [(peer("c"), ErrorCode::Banned)]);
    assert_eq!((rooms.seated(), rooms.knocking()), (1, 1));
}

#[test]
fn those_who_wait_for_a_room_that_ends_are_told() {
    let mut rooms = waiting_room();
    rooms.act(join("c", "x")).unwrap();
    for id in ["a", "b"] {
        rooms.act(leave(id)).unwrap();
    }
    assert_eq!((rooms.len(), rooms.knocking()), (1, 1));
    let (room, vacancy) = (key("x"), rooms.vacancy(&key("x")).unwrap());
    let deliveries = rooms.act(Action::Forget { room, vacancy }).unwrap();
    assert_eq!(turned_away_of(&deliveries), [(peer("c"), ErrorCode::Refused)]);
    assert_eq!((rooms.len(), rooms.knocking()), (0, 0));
}
