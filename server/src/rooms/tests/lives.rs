//! How long a room lives, and how it goes on after a restart of the server.

use super::*;

fn forget(name: &str, vacancy: &Vacancy) -> Action<u32> {
    Action::Forget {
        room: key(name),
        vacancy: vacancy.clone(),
    }
}

/// What a room was before a restart: that of `a`, with `b` in it, and these things done.
fn before(actions: Vec<Action<u32>>) -> Charter {
    let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x")]);
    for action in actions {
        rooms.act(action).unwrap();
    }
    charter(&rooms, "x")
}

fn restarted(actions: Vec<Action<u32>>) -> Rooms<u32> {
    let mut rooms = rooms_of(vec![]);
    for action in actions {
        rooms.act(action).unwrap();
    }
    rooms
}

fn back(id: &str, charter: &Charter) -> Action<u32> {
    Action::Join(entry(id, "x").with_charter(charter))
}

#[test]
fn a_room_is_over_when_the_last_leaves_and_lives_on_when_the_last_is_lost() {
    let mut rooms = rooms_of(vec![join("a", "x"), leave("a")]);
    assert_eq!((rooms.len(), rooms.vacancy(&key("x"))), (0, None));
    rooms.act(join("a", "x")).unwrap();
    assert_eq!(rooms.vacancy(&key("x")), None, "somebody is there");
    rooms.act(lose("a")).unwrap();
    assert_eq!(rooms.len(), 1);
    assert_eq!(welcome(rooms.act(join("b", "x")).unwrap()).role, Role::Guest);
    let host = entry("c", "x").with_secret_of("a");
    assert_eq!(welcome(rooms.act(Action::Join(host)).unwrap()).role, Role::Host);
}

#[test]
fn a_room_that_keeps_people_out_lives_on_when_the_last_leaves() {
    for strict in [
        lock("a", true),
        let_wait("a", true),
        set_password("a", Some("hash")),
        host("a", HostAct::Remove(peer("b"))),
    ] {
        let mut rooms = rooms_of(vec![join("a", "x"), join("b", "x"), strict]);
        let _ = rooms.act(leave("b"));
        rooms.act(leave("a")).unwrap();
        assert_eq!((rooms.len(), rooms.seated()), (1, 0));
        let vacancy = rooms.vacancy(&key("x")).unwrap();
        assert_eq!(rooms.act(forget("x", &vacancy)), Ok(Vec::new()));
        assert!(rooms.is_empty());
    }
}

#[test]
fn a_room_is_forgotten_only_for_the_vacancy_that_was_too_long() {
    let mut rooms = rooms_of(vec![join("a", "x"), lose("a")]);
    let first = rooms.vacancy(&key("x")).unwrap();
    let back = Action::Join(entry("a", "x").with_token(&charter(&rooms, "x")));
    rooms.act(back).unwrap();
    let occupied = rooms.clone();
    assert_eq!(rooms.act(forget("x", &first)), Ok(Vec::new()));
    assert!(rooms == occupied);
    rooms.act(lose("a")).unwrap();
    rooms.act(forget("x", &first)).unwrap();
    assert_eq!(rooms.len(), 1, "it has been empty for a shorter time than that");
    let second = rooms.vacancy(&key("x")).unwrap();
    rooms.act(forget("x", &second)).unwrap();
    assert!(rooms.is_empty());
    rooms.act(forget("x", &second)).unwrap();
    rooms.act(join("b", "x")).unwrap();
    rooms.act(forget("x", &second)).unwrap();
    assert_eq!(rooms.len(), 1);
}

#[test]
fn a_room_goes_on_as_the_first_token_says() {
    let charter = before(vec![
        lock("a", true),
        set_password("a", Some("hash")),
        host("a", HostAct::Remove(peer("b"))),
    ]);
    let mut rooms = restarted(vec![]);
    refuses(&mut rooms, back("b", &charter), Refusal::Banned);
    let first = welcome(rooms.act(back("c", &charter)).unwrap());
    assert_eq!((first.role, first.host), (Role::Guest, None));
    assert_eq!(ServerMessage::Rules(first.rules), rules(true, false, true));
    refuses(&mut rooms, join("d", "x"), Refusal::Locked);
    refuses(&mut rooms, back("b", &charter), Refusal::Banned);
    let host = entry("a", "x").with_charter(&charter).with_secret_of("a");
    let host = welcome(rooms.act(Action::Join(host)).unwrap());
    assert_eq!((host.role, host.host), (Role::Host, None));
    rooms.act(lock("a", false)).unwrap();
    refuses(&mut rooms, join("d", "x"), Refusal::PasswordNeeded);
}

#[test]
fn who_was_quicker_after_a_restart_is_no_host_when_those_come_back_whose_room_it_is() {
    let charter = before(vec![]);
    let mut rooms = restarted(vec![join("m", "x")]);
    let deliveries = rooms.act(back("b", &charter)).unwrap();
    assert_eq!(deliveries[0], to("m", role("m", Role::Guest, None)));
    assert_eq!(welcome(deliveries).people, [person("m")]);
    refuses(&mut rooms, lock("m", true), Refusal::NotHost);
    let again = welcome(rooms.act(resume("m", "x")).unwrap());
    assert_eq!((again.role, again.host), (Role::Guest, None));
    let host = entry("a", "x").with_charter(&charter).with_secret_of("a");
    assert_eq!(welcome(rooms.act(Action::Join(host)).unwrap()).role, Role::Host);
}

#[test]
fn a_host_who_was_quicker_than_the_others_stays_the_host() {
    let charter = before(vec![lock("a", true)]);
    // Reloaded while the server was away: the secret is there, the token is not.
    let mut rooms = restarted(vec![Action::Join(entry("new", "x").with_secret_of("a"))]);
    let deliveries = rooms.act(back("b", &charter)).unwrap();
    assert_eq!(deliveries[0], to("new", rules(true, false, false)));
    assert_eq!(welcome(deliveries).people, [host_person("new")]);
    rooms.act(lock("new", false)).unwrap();
}

#[test]
fn where_roles_are_given_they_stay_what_they_are_after_a_restart() {
    let charter = Charter {
        host: None,
        ..before(vec![])
    };
    let mut rooms = restarted(vec![Action::Join(entry("m", "x").with_role(Role::Host))]);
    let guest = entry("b", "x").with_charter(&charter).with_role(Role::Guest);
    let guest = welcome(rooms.act(Action::Join(guest)).unwrap());
    assert_eq!(guest.people, [host_person("m")]);
    rooms.act(lock("m", true)).unwrap();
}

#[test]
fn strangers_who_found_a_room_open_after_a_restart_are_put_out_by_its_rules() {
    for (rule, code) in [
        (lock("a", true), ErrorCode::Locked),
        (set_password("a", Some("hash")), ErrorCode::PasswordNeeded),
        (let_wait("a", true), ErrorCode::Refused),
    ] {
        let charter = before(vec![rule]);
        // As many as the room holds, one of them away.
        let mut rooms = restarted(vec![join("m", "x"), join("n", "x"), join("o", "x"), away("n")]);
        let deliveries = rooms.act(back("b", &charter)).unwrap();
        assert_eq!(
            turned_away_of(&deliveries),
            ["m", "n", "o"].map(|id| (peer(id), code))
        );
        assert_eq!(deliveries[0], to("n", was_removed("m")));
        assert_eq!(welcome(deliveries).people, []);
        assert_eq!((rooms.seated(), rooms.away()), (1, 0));
        assert!(rooms.act(relay("m", "b")).is_err());
    }
}

#[test]
fn who_may_be_there_stays_there_when_a_room_goes_on() {
    let charter = before(vec![set_password("a", Some("hash"))]);
    let mut rooms = restarted(vec![join("m", "x"), away("m")]);
    let knows = entry("n", "x").with_password("hash");
    rooms.act(Action::Join(knows)).unwrap();
    let deliveries = rooms.act(back("b", &charter)).unwrap();
    assert_eq!(
        turned_away_of(&deliveries),
        [(peer("m"), ErrorCode::PasswordNeeded)]
    );
    assert_eq!(welcome(deliveries).people, [person("n")]);
}

#[test]
fn the_newer_of_two_charters_holds_whoever_comes_first() {
    let older = before(vec![]);
    let newer = before(vec![host("a", HostAct::Remove(peer("b"))), lock("a", true)]);
    // The one who was removed is quickest, with the token of before.
    let mut rooms = restarted(vec![back("b", &older), join("m", "x")]);
    let deliveries = rooms.act(back("c", &newer)).unwrap();
    assert_eq!(
        turned_away_of(&deliveries),
        [(peer("b"), ErrorCode::Banned), (peer("m"), ErrorCode::Locked)]
    );
    assert_eq!(welcome(deliveries).people, []);
    refuses(&mut rooms, back("b", &older), Refusal::Banned);
    rooms.act(back("d", &older)).unwrap();
    assert_eq!(charter(&rooms, "x"), newer);
}

#[test]
fn what_was_done_since_the_restart_does_not_make_an_older_charter_the_newer() {
    let older = before(vec![]);
    let newer = before(vec![hand_over("a", "b")]);
    // The former host keeps an old token, and is quick to change a lot.
    let former = entry("a", "x").with_charter(&older).with_secret_of("a");
    let mut rooms = restarted(vec![Action::Join(former)]);
    for _ in 0..100 {
        rooms.act(lock("a", true)).unwrap();
    }
    let host = entry("b", "x").with_charter(&newer).with_secret_of("b");
    let deliveries = rooms.act(Action::Join(host)).unwrap();
    assert_eq!(deliveries[0], to("a", rules(false, false, false)));
    assert_eq!(deliveries[1], to("a", role("a", Role::Guest, None)));
    assert_eq!(welcome(deliveries).role, Role::Host);
    refuses(&mut rooms, lock("a", true), Refusal::NotHost);
}

#[test]
fn the_later_of_two_lives_holds_after_a_restart() {
    let earlier = before(vec![lock("a", true)]);
    let later = Charter {
        life: "later".into(),
        begun: earlier.begun + 1,
        ..Charter::default()
    };
    let mut rooms = restarted(vec![back("m", &earlier)]);
    rooms.act(back("b", &later)).unwrap();
    assert_eq!(charter(&rooms, "x"), later);
    // The other way round the token is that of somebody who was never in this life of the room.
    let mut rooms = restarted(vec![back("b", &later)]);
    assert_eq!(charter(&rooms, "x"), later);
    rooms.act(back("m", &earlier)).unwrap();
    assert_eq!(charter(&rooms, "x"), later);
}

#[test]
fn later_and_by_tokens_of_this_server_nothing_is_taken_over() {
    let charter_before = before(vec![lock("a", true)]);
    let mut rooms = restarted(vec![join("m", "x")]);
    let own = charter(&rooms, "x");
    let late = entry("b", "x").with_token(&charter_before);
    let late = welcome(rooms.act(Action::Join(late)).unwrap());
    assert_eq!(late.people, [host_person("m")]);
    assert_eq!(charter(&rooms, "x"), own);
    // A room that goes on is not taken over by one that began after the restart.
    let mut rooms = restarted(vec![back("b", &charter_before)]);
    refuses(
        &mut rooms,
        Action::Join(entry("m", "x").with_token(&own)),
        Refusal::Locked,
    );
}

#[test]
fn who_waits_for_a_room_that_goes_on_without_their_rule_is_let_in() {
    let charter = before(vec![]);
    let mut rooms = restarted(vec![join("m", "x"), let_wait("m", true), join("n", "x")]);
    let deliveries = rooms.act(back("b", &charter)).unwrap();
    let welcomed = deliveries
        .iter()
        .filter(|delivery| matches!(delivery.message, ServerMessage::Welcome(_)));
    let welcomed: Vec<_> = welcomed.map(|delivery| delivery.to.clone()).collect();
    assert_eq!(welcomed, [peer("b"), peer("n")]);
    assert_eq!(rooms.knocking(), 0);
}

#[test]
fn a_full_room_is_full_for_those_who_come_back_too() {
    let charter = before(vec![]);
    let mut rooms = restarted(vec![join("m", "x"), join("n", "x"), join("o", "x")]);
    refuses(&mut rooms, back("b", &charter), Refusal::RoomFull(3));
    rooms.act(leave("o")).unwrap();
    rooms.act(back("b", &charter)).unwrap();
}
