//! Whose a room is, and what they may do.

use super::*;

/// One of each thing that only a host may do, to that person.
fn acts(whom: &str) -> Vec<HostAct> {
    vec![
        HostAct::Rules {
            locked: Some(true),
            waiting: Some(true),
            password: Some(Some("hash".into())),
        },
        HostAct::Admit(peer(whom)),
        HostAct::Refuse(peer(whom)),
        HostAct::Mute(peer(whom)),
        HostAct::Remove(peer(whom)),
        HostAct::HandOver(peer(whom), secret(whom), mark(whom)),
    ]
}

#[test]
fn the_first_is_the_host_and_alone_is_told_the_secret() {
    let mut rooms = rooms_of(vec![]);
    let first = welcome(rooms.act(join("a", "x")).unwrap());
    assert_eq!((first.role, first.host), (Role::Host, Some(secret("a"))));
    let second = welcome(rooms.act(join("b", "x")).unwrap());
    assert_eq!((second.role, second.host), (Role::Guest, None));
    assert_eq!(second.people, [host_person("a")]);
}

#[test]
fn the_secret_is_told_again_whenever_that_seat_is_resumed() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("a")]);
    let again = welcome(rooms.act(resume("a", "x")).unwrap());
    assert_eq!((again.role, again.host), (Role::Host, Some(secret("a"))));
    let other = welcome(rooms.act(resume("b", "x")).unwrap());
    assert_eq!((other.role, other.host), (Role::Guest, None));
}

#[test]
fn whoever_brings_the_secret_is_a_host_and_another_secret_is_nothing() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), leave("a")]);
    let stranger = Action::Join(entry("c", "x").with_secret_of("b"));
    assert_eq!(welcome(rooms.act(stranger).unwrap()).role, Role::Guest);
    let again = rooms
        .act(Action::Join(entry("d", "x").with_secret_of("a")))
        .unwrap();
    assert_eq!(again[1], to("b", joined(host_person("d"))));
    let again = welcome(again);
    assert_eq!(
        (again.role, again.host),
        (Role::Host, None),
        "it is known already"
    );
}

#[test]
fn whoever_begins_a_room_with_a_secret_of_before_is_its_host_by_that_one() {
    let mut rooms = rooms_of(vec![]);
    let first = rooms
        .act(Action::Join(entry("a", "x").with_secret_of("old")))
        .unwrap();
    let first = welcome(first);
    assert_eq!((first.role, first.host), (Role::Host, None));
    let window = rooms
        .act(Action::Join(entry("b", "x").with_secret_of("old")))
        .unwrap();
    assert_eq!(welcome(window).role, Role::Host);
    let stranger = Action::Join(entry("c", "x").with_secret_of("a"));
    assert_eq!(welcome(rooms.act(stranger).unwrap()).role, Role::Guest);
}

#[test]
fn guests_and_strangers_may_do_nothing_that_only_hosts_may() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "y")]);
    for whom in ["a", "b", "c", "nobody"] {
        for act in acts(whom) {
            refuses(&mut rooms, host("b", act.clone()), Refusal::NotHost);
            refuses(&mut rooms, host("nobody", act), Refusal::NotJoined);
        }
    }
    rooms.act(away("a")).unwrap();
    for act in acts("b") {
        refuses(&mut rooms, host("a", act), Refusal::NotJoined);
    }
}

#[test]
fn hosts_have_no_power_over_other_rooms() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        join("b", "y"),
        let_wait("b", true),
        join("c", "y"),
    ]);
    for whom in ["b", "c", "nobody"] {
        for act in acts(whom).split_off(1) {
            refuses(&mut rooms, host("a", act), Refusal::UnknownPeer);
        }
    }
    assert_eq!(
        messages(rooms.act(lock("a", true)).unwrap(), "a"),
        [rules(true, false, false)]
    );
    assert!(!charter(&rooms, "y").locked);
}

#[test]
fn new_rules_are_told_to_everybody_and_what_is_not_named_stays() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    let deliveries = rooms.act(lock("a", true)).unwrap();
    let told = rules(true, false, false);
    assert_eq!(deliveries, [to("a", told.clone()), to("b", told)]);
    rooms.act(set_password("a", Some("hash"))).unwrap();
    let deliveries = rooms.act(let_wait("a", true)).unwrap();
    assert_eq!(deliveries[0], to("a", rules(true, true, true)));
    rooms.act(lock("a", false)).unwrap();
    let deliveries = rooms.act(set_password("a", None)).unwrap();
    assert_eq!(deliveries[0], to("a", rules(false, true, false)));
    let back = welcome(rooms.act(resume("b", "x")).unwrap());
    assert_eq!(ServerMessage::Rules(back.rules), rules(false, true, false));
}

#[test]
fn a_locked_room_lets_in_hosts_and_those_who_were_there_alone() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    let before = charter(&rooms, "x");
    rooms.act(lock("a", true)).unwrap();
    refuses(&mut rooms, join("c", "x"), Refusal::Locked);
    let other_life = Charter {
        life: "another".into(),
        ..before.clone()
    };
    let was_in_another = entry("c", "x").with_token(&other_life);
    refuses(&mut rooms, Action::Join(was_in_another), Refusal::Locked);
    rooms.act(leave("b")).unwrap();
    rooms
        .act(Action::Join(entry("b", "x").with_token(&before)))
        .unwrap();
    rooms
        .act(Action::Join(entry("d", "x").with_secret_of("a")))
        .unwrap();
    rooms.act(leave("d")).unwrap();
    rooms.act(lock("a", false)).unwrap();
    rooms.act(join("c", "x")).unwrap();
}

#[test]
fn a_password_is_asked_of_those_whom_it_decides_on() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    let before = charter(&rooms, "x");
    assert_eq!(rooms.password(&entry("c", "x")), None, "there is none");
    assert_eq!(rooms.password(&entry("c", "y")), None, "there is no room");
    rooms.act(set_password("a", Some("hash"))).unwrap();
    let known = entry("b", "x").with_token(&before);
    assert_eq!(rooms.password(&entry("c", "x")), Some("hash"));
    assert_eq!(rooms.password(&known), None, "the seat is held");
    rooms.act(leave("b")).unwrap();
    assert_eq!(rooms.password(&known), None, "they were there");
    assert_eq!(rooms.password(&entry("c", "x").with_secret_of("a")), None);
    refuses(&mut rooms, join("c", "x"), Refusal::PasswordNeeded);
    let changed = entry("c", "x").with_password("the hash before");
    refuses(&mut rooms, Action::Join(changed), Refusal::PasswordNeeded);
    rooms
        .act(Action::Join(entry("c", "x").with_password("hash")))
        .unwrap();
    rooms.act(Action::Join(known)).unwrap();
    rooms.act(lock("a", true)).unwrap();
    assert_eq!(rooms.password(&entry("d", "x")), None, "they do not come in");
}

#[test]
fn a_mute_is_told_to_one_person_also_to_who_is_away() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x")]);
    let mute = || host("a", HostAct::Mute(peer("b")));
    let asked = ServerMessage::Mute { by: peer("a") };
    assert_eq!(
        messages(rooms.act(mute()).unwrap(), "b"),
        std::slice::from_ref(&asked)
    );
    rooms.act(away("b")).unwrap();
    assert_eq!(rooms.act(mute()), Ok(Vec::new()));
    assert_eq!(messages(rooms.act(resume("b", "x")).unwrap(), "b")[1..], [asked]);
}

#[test]
fn who_is_removed_is_told_and_the_others_too() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), join("c", "x")]);
    let remove = host("a", HostAct::Remove(peer("b")));
    let deliveries = rooms.act(remove).unwrap();
    assert_eq!(
        deliveries,
        [
            to("a", was_removed("b")),
            to("c", was_removed("b")),
            to("b", ServerMessage::Removed {}),
        ]
    );
    assert!(!rooms.knows(&peer("b")));
    refuses(&mut rooms, relay("b", "a"), Refusal::NotJoined);
    refuses(&mut rooms, relay("a", "b"), Refusal::UnknownPeer);
    // Nobody removes themselves.
    refuses(
        &mut rooms,
        host("a", HostAct::Remove(peer("a"))),
        Refusal::UnknownPeer,
    );
}

#[test]
fn who_is_away_can_be_removed() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b")]);
    rooms.act(host("a", HostAct::Remove(peer("b")))).unwrap();
    assert_eq!((rooms.seated(), rooms.away()), (1, 0));
    refuses(&mut rooms, resume("b", "x"), Refusal::Banned);
}

#[test]
fn who_was_removed_stays_out_by_id_and_subject_for_as_long_as_the_room_lives() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        Action::Join(entry("b", "x").with_subject("ben")),
    ]);
    let before = charter(&rooms, "x");
    rooms.act(host("a", HostAct::Remove(peer("b")))).unwrap();
    let token = entry("b", "x").with_token(&before).with_subject("ben");
    refuses(&mut rooms, Action::Join(token), Refusal::Banned);
    let other_id = entry("c", "x").with_subject("ben");
    assert_eq!(rooms.password(&other_id), None);
    refuses(&mut rooms, Action::Join(other_id.clone()), Refusal::Banned);
    // Whatever else holds.
    rooms.act(lock("a", true)).unwrap();
    rooms.act(set_password("a", Some("hash"))).unwrap();
    refuses(&mut rooms, Action::Join(other_id.clone()), Refusal::Banned);
    rooms.act(lock("a", false)).unwrap();
    rooms.act(set_password("a", None)).unwrap();
    rooms
        .act(Action::Join(entry("d", "x").with_subject("dora")))
        .unwrap();
    for id in ["d", "a"] {
        rooms.act(leave(id)).unwrap();
    }
    // It lives on for a while, lest leaving and coming back be a way in.
    refuses(&mut rooms, Action::Join(other_id.clone()), Refusal::Banned);
    let vacancy = rooms.vacancy(&key("x")).unwrap();
    let room = key("x");
    rooms.act(Action::Forget { room, vacancy }).unwrap();
    rooms.act(Action::Join(other_id)).unwrap();
}

#[test]
fn who_comes_from_the_address_of_somebody_removed_has_to_knock() {
    let mut rooms = rooms_of(vec![
        Action::Join(entry("a", "x").at_address_of("home")),
        Action::Join(entry("b", "x").at_address_of("home")),
    ]);
    let at_home = |id: &str| entry(id, "x").at_address_of("home");
    rooms.act(host("a", HostAct::Remove(peer("b")))).unwrap();
    rooms.act(Action::Join(at_home("c"))).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (1, 1));
    // But not the host, and not who is somewhere else.
    rooms.act(Action::Join(at_home("d").with_secret_of("a"))).unwrap();
    rooms.act(join("e", "x")).unwrap();
    assert_eq!((rooms.seated(), rooms.knocking()), (3, 1));
}

#[test]
fn the_newest_who_were_removed_are_remembered() {
    let mut rooms = rooms_of(vec![join("a", "x")]);
    for number in 0..40 {
        let id = format!("b{number}");
        rooms
            .act(Action::Join(entry(&id, "x").at_address_of(&id)))
            .unwrap();
        rooms.act(host("a", HostAct::Remove(peer(&id)))).unwrap();
    }
    assert_eq!(charter(&rooms, "x").banned.len(), 64);
    refuses(&mut rooms, join("b39", "x"), Refusal::Banned);
    refuses(&mut rooms, join("b8", "x"), Refusal::Banned);
    rooms.act(join("b7", "x")).unwrap();
}

#[test]
fn the_role_is_not_handed_over_to_somebody_who_is_away() {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), away("b")]);
    refuses(&mut rooms, hand_over("a", "b"), Refusal::UnknownPeer);
    rooms.act(resume("b", "x")).unwrap();
    rooms.act(hand_over("a", "b")).unwrap();
}

#[test]
fn handing_over_makes_another_the_host_and_the_old_secret_worthless() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        join("b", "x"),
        // The same browser's second window.
        Action::Join(entry("c", "x").with_secret_of("a")),
    ]);
    let deliveries = rooms.act(hand_over("a", "b")).unwrap();
    let all = ["a", "b", "c"];
    let told = |id: &str, role_of: Role| all.map(|whom| to(whom, role(id, role_of, None)));
    let mut expected: Vec<_> = told("a", Role::Guest).into();
    expected.extend(told("b", Role::Host));
    expected.extend(told("c", Role::Guest));
    expected[4] = to("b", role("b", Role::Host, Some(secret("b"))));
    assert_eq!(deliveries, expected);
    for id in ["a", "c"] {
        refuses(&mut rooms, lock(id, true), Refusal::NotHost);
        refuses(&mut rooms, hand_over(id, id), Refusal::NotHost);
    }
    rooms.act(leave("a")).unwrap();
    let again = welcome(
        rooms
            .act(Action::Join(entry("d", "x").with_secret_of("a")))
            .unwrap(),
    );
    assert_eq!(again.role, Role::Guest);
    rooms.act(leave("d")).unwrap();
    rooms.act(leave("b")).unwrap();
    let again = welcome(
        rooms
            .act(Action::Join(entry("e", "x").with_secret_of("b")))
            .unwrap(),
    );
    assert_eq!(again.role, Role::Host);
}

#[test]
fn a_new_host_learns_who_waits() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        join("b", "x"),
        let_wait("a", true),
        join("c", "x"),
    ]);
    let deliveries = rooms.act(hand_over("a", "b")).unwrap();
    let news: Vec<_> = deliveries
        .into_iter()
        .filter(|delivery| matches!(delivery.message, ServerMessage::Knock { .. }))
        .collect();
    assert_eq!(news, [to("b", knock("c"))]);
    rooms.act(host("b", HostAct::Admit(peer("c")))).unwrap();
}

#[test]
fn a_host_of_two_windows_can_hand_over_from_one_to_the_other() {
    let mut rooms = rooms_of(vec![
        join("a", "x"),
        Action::Join(entry("b", "x").with_secret_of("a")),
    ]);
    refuses(&mut rooms, hand_over("a", "a"), Refusal::UnknownPeer);
    assert_eq!(
        rooms.act(hand_over("a", "b")).unwrap(),
        [
            to("a", role("a", Role::Guest, None)),
            to("b", role("a", Role::Guest, None)),
            to("b", role("b", Role::Host, Some(secret("b")))),
        ]
    );
}

#[test]
fn where_roles_are_given_a_stranger_who_comes_first_has_no_power_over_anyone() {
    let guest = |id: &str| Action::Join(entry(id, "x").with_role(Role::Guest));
    let mut rooms = rooms_of(vec![]);
    let first = welcome(rooms.act(guest("a")).unwrap());
    assert_eq!((first.role, first.host), (Role::Guest, None));
    rooms.act(guest("b")).unwrap();
    for act in acts("b") {
        refuses(&mut rooms, host("a", act), Refusal::NotHost);
    }
    let with_secret = entry("c", "x").with_role(Role::Guest).with_secret_of("a");
    assert_eq!(
        welcome(rooms.act(Action::Join(with_secret)).unwrap()).role,
        Role::Guest
    );
    rooms.act(leave("c")).unwrap();
    let invited = entry("d", "x").with_role(Role::Host);
    let invited = welcome(rooms.act(Action::Join(invited)).unwrap());
    assert_eq!((invited.role, invited.host), (Role::Host, None));
    refuses(&mut rooms, hand_over("d", "b"), Refusal::RolesAreGiven);
    rooms.act(host("d", HostAct::Remove(peer("a")))).unwrap();
}
