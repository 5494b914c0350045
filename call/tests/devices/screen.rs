//! What becomes of a screen that is shared.

use maju_call::{
    Call, Captured, Command, Event, Kind, LinkCommand, MediaCommand, MediaError, MediaEvent, Permission,
    RequestId, UserEvent,
};

use crate::lobby::lobby;
use crate::world::World;

const SCREEN: Event = Event::User(UserEvent::Toggle(Kind::Screen));

/// Two who are in a call; the first has no devices, so that the first request is for the screen.
fn in_call() -> Call {
    let mut world = World::new(false);
    world.join("Ana", false);
    world.settle();
    world.join("Ben", false);
    world.settle();
    world.people[0].call.clone()
}

fn picked(request: u32, kinds: &[Kind]) -> Event {
    let track = |kind: &Kind| Captured {
        kind: *kind,
        device: String::new(),
    };
    Event::Media(MediaEvent::Captured(
        RequestId(request),
        kinds.iter().map(track).collect(),
    ))
}

fn refused(error: MediaError) -> Event {
    Event::Media(MediaEvent::Refused(RequestId(1), error, Vec::new()))
}

fn ended(kind: Kind) -> Event {
    Event::Media(MediaEvent::Ended(RequestId(1), kind, Permission::Unknown))
}

fn media(commands: &[Command]) -> Vec<&MediaCommand> {
    let mut media = Vec::new();
    for command in commands {
        if let Command::Media(command) = command {
            media.push(command);
        }
    }
    media
}

fn sent(commands: &[Command]) -> Vec<(Kind, bool)> {
    let sends = |command: &Command| match command {
        Command::Link(_, LinkCommand::Send(kind, on)) => Some((*kind, *on)),
        _ => None,
    };
    commands.iter().filter_map(sends).collect()
}

#[test]
fn a_press_asks_what_to_share_and_the_next_one_ends_it() {
    let mut call = in_call();
    let asked = call.update(1000, SCREEN);
    assert_eq!(media(&asked), [&MediaCommand::CaptureScreen(RequestId(1))]);
    assert!(call.view().screen.pending && !call.view().screen.on);
    let begun = call.update(2000, picked(1, &[Kind::Screen, Kind::ScreenSound]));
    let used = [&MediaCommand::Use(RequestId(1)), &MediaCommand::Motion(false)];
    assert_eq!(media(&begun), used);
    assert_eq!(sent(&begun), [(Kind::Screen, true), (Kind::ScreenSound, true)]);
    assert!(call.view().screen.on && !call.view().screen.pending && call.view().sharing.sound);
    let over = call.update(3000, SCREEN);
    let released = [
        &MediaCommand::Release(Kind::Screen),
        &MediaCommand::Release(Kind::ScreenSound),
    ];
    assert_eq!(media(&over), released);
    assert_eq!(sent(&over), [(Kind::Screen, false), (Kind::ScreenSound, false)]);
    assert!(!call.view().screen.on && !call.view().sharing.sound);
}

#[test]
fn a_screen_without_sound_is_shared_without() {
    let mut call = in_call();
    call.update(1000, SCREEN);
    let begun = call.update(2000, picked(1, &[Kind::Screen]));
    assert_eq!(sent(&begun), [(Kind::Screen, true)]);
    assert!(call.view().screen.on && !call.view().sharing.sound);
}

#[test]
fn presses_while_the_person_is_being_asked_count_when_they_answered() {
    let mut call = in_call();
    call.update(1000, SCREEN);
    assert!(media(&call.update(1100, SCREEN)).is_empty());
    assert!(!call.view().screen.pending);
    let late = call.update(2000, picked(1, &[Kind::Screen]));
    assert_eq!(media(&late), [&MediaCommand::Discard(RequestId(1))]);
    assert!(!call.view().screen.on);
    let again = call.update(3000, SCREEN);
    assert_eq!(media(&again), [&MediaCommand::CaptureScreen(RequestId(2))]);
    call.update(3100, SCREEN);
    assert!(
        media(&call.update(3200, SCREEN)).is_empty(),
        "one question at a time"
    );
    call.update(4000, picked(2, &[Kind::Screen]));
    assert!(call.view().screen.on);
}

#[test]
fn who_changes_their_mind_is_told_nothing_and_who_is_refused_is() {
    for (at, error, told) in [
        (3000, MediaError::Cancelled, None),
        (1010, MediaError::Cancelled, Some(MediaError::Denied)),
        (3000, MediaError::Denied, Some(MediaError::Denied)),
        (3000, MediaError::Busy, Some(MediaError::Busy)),
    ] {
        let mut call = in_call();
        call.update(1000, SCREEN);
        call.update(at, refused(error.clone()));
        assert_eq!(call.view().screen.problem, told, "{error:?} at {at}");
        assert!(!call.view().screen.on && !call.view().screen.pending);
        assert_eq!(
            media(&call.update(5000, SCREEN)).len(),
            1,
            "it can be tried again"
        );
        assert_eq!(call.view().screen.problem, None);
    }
}

#[test]
fn the_bar_of_the_browser_ends_it_as_the_button_does() {
    let mut call = in_call();
    call.update(1000, SCREEN);
    call.update(2000, picked(1, &[Kind::Screen, Kind::ScreenSound]));
    let silent = call.update(2500, ended(Kind::ScreenSound));
    assert_eq!(sent(&silent), [(Kind::ScreenSound, false)]);
    assert!(call.view().screen.on && !call.view().sharing.sound);
    let over = call.update(3000, ended(Kind::Screen));
    assert_eq!(media(&over), [&MediaCommand::Release(Kind::Screen)]);
    assert_eq!(sent(&over), [(Kind::Screen, false)]);
    assert!(!call.view().screen.on);
    assert_eq!(call.view().screen.problem, None);
    assert!(call.update(3001, ended(Kind::Screen)).is_empty(), "told twice");
}

#[test]
fn what_the_browser_holds_back_is_interrupted_and_not_over() {
    let mut call = in_call();
    call.update(1000, SCREEN);
    call.update(2000, picked(1, &[Kind::Screen]));
    for interrupted in [true, false] {
        let event = MediaEvent::Interrupted(RequestId(1), Kind::Screen, interrupted);
        assert!(sent(&call.update(3000, Event::Media(event))).is_empty());
        assert!(call.view().screen.on);
        assert_eq!(call.view().screen.interrupted, interrupted);
    }
}

#[test]
fn what_is_shared_can_be_told_to_move() {
    let mut call = in_call();
    call.update(1, Event::User(UserEvent::Motion(true)));
    call.update(1000, SCREEN);
    let begun = call.update(2000, picked(1, &[Kind::Screen]));
    assert!(media(&begun).contains(&&MediaCommand::Motion(true)));
    let turned = call.update(3000, Event::User(UserEvent::Motion(false)));
    assert_eq!(media(&turned), [&MediaCommand::Motion(false)]);
    assert_eq!(sent(&turned), [(Kind::Screen, true)], "the links take it over");
    assert!(!call.view().sharing.motion);
}

#[test]
fn who_leaves_shares_nothing_then_nor_after_coming_back() {
    let mut call = in_call();
    call.update(1000, SCREEN);
    call.update(2000, picked(1, &[Kind::Screen]));
    let left = call.update(3000, Event::User(UserEvent::Leave));
    assert!(media(&left).contains(&&MediaCommand::Release(Kind::Screen)));
    let back = call.update(4000, Event::User(UserEvent::Rejoin));
    assert!(!call.view().screen.on);
    assert!(
        media(&back)
            .iter()
            .all(|command| matches!(command, MediaCommand::Treat(_)))
    );
    let mut call = in_call();
    call.update(1000, SCREEN);
    call.update(1500, Event::User(UserEvent::Leave));
    let late = call.update(2000, picked(1, &[Kind::Screen]));
    assert_eq!(media(&late), [&MediaCommand::Discard(RequestId(1))]);
    assert!(!call.view().screen.on);
}

#[test]
fn nothing_is_shared_outside_of_a_call() {
    let (mut call, _) = lobby();
    assert!(media(&call.update(1, SCREEN)).is_empty());
    assert!(!call.view().screen.pending);
}

#[test]
fn a_screen_is_seen_beside_the_camera_by_all_and_by_who_comes_later() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    world.settle();
    for who in [0, 1] {
        world.act(who, UserEvent::Toggle(Kind::Screen));
        world.settle();
        world.check();
    }
    world.join("Cleo", false);
    world.settle();
    world.check();
    for (who, others) in [(0, 2), (1, 2), (2, 2)] {
        let people = &world.view(who).people;
        assert_eq!(people.len(), others);
        for person in people.iter() {
            let shares = person.name != "Cleo";
            assert_eq!(
                (person.screen, person.camera),
                (shares, Some(shares)),
                "{}",
                person.name
            );
        }
    }
    assert_eq!(world.connection(0, 2).offers, 1, "one offer for all");
    let before = world.connection(0, 1).offers + world.connection(1, 0).offers;
    for _ in 0..2 {
        world.act(0, UserEvent::Toggle(Kind::Screen));
        world.settle();
    }
    world.check();
    let after = world.connection(0, 1).offers + world.connection(1, 0).offers;
    assert_eq!(after, before, "sharing again negotiates nothing");
}

#[test]
fn two_who_share_in_the_same_moment_agree() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    world.settle();
    world.act(0, UserEvent::Toggle(Kind::Screen));
    world.act(1, UserEvent::Toggle(Kind::Screen));
    world.settle();
    world.check();
    assert!(world.view(0).people[0].screen && world.view(1).people[0].screen);
}
