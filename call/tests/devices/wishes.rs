//! What a person set about what is captured and sent, and what comes of it.

use maju_call::{
    Call, Command, Event, Kind, MediaCommand, MediaError, MediaEvent, RequestId, Size, Traits, Treatment,
    UserEvent, Wishes,
};

use crate::lobby::{captured, lobby, with};
use crate::{asks, refused};

fn wish(call: &mut Call, change: impl FnOnce(&mut Wishes)) -> Vec<Command> {
    let mut wishes = call.view().wishes;
    change(&mut wishes);
    call.update(5, Event::User(UserEvent::Wish(wishes)))
}

fn treatment(commands: &[Command]) -> Option<Treatment> {
    commands.iter().find_map(|command| match command {
        Command::Media(MediaCommand::Treat(treatment)) => Some(*treatment),
        _ => None,
    })
}

fn enables(commands: &[Command]) -> Option<bool> {
    commands.iter().find_map(|command| match command {
        Command::Media(MediaCommand::Enable(Kind::Microphone, on)) => Some(*on),
        _ => None,
    })
}

fn treated(request: u32, kind: Kind, traits: Traits) -> Event {
    Event::Media(MediaEvent::Treated(RequestId(request), kind, traits))
}

fn both_on() -> Call {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::DEVICES));
    call
}

fn toggle(call: &mut Call, kind: Kind) -> Vec<Command> {
    call.update(6, Event::User(UserEvent::Toggle(kind)))
}

fn talk(call: &mut Call, held: bool) -> Vec<Command> {
    call.update(7, Event::User(UserEvent::Talk(held)))
}

#[test]
fn what_was_set_before_is_told_before_anything_is_asked_for() {
    let (_, commands) = with(|setup| setup.wishes.size = Size::P720);
    let place = |wanted: fn(&MediaCommand) -> bool| {
        let found = |command: &Command| matches!(command, Command::Media(command) if wanted(command));
        commands.iter().position(found).unwrap()
    };
    let treat = place(|command| matches!(command, MediaCommand::Treat(t) if t.height == 720));
    assert!(treat < place(|command| matches!(command, MediaCommand::Capture { .. })));
}

#[test]
fn a_wish_changes_the_tracks_that_there_are_and_asks_for_no_others() {
    let mut call = both_on();
    let commands = wish(&mut call, |wishes| wishes.size = Size::P1080);
    assert_eq!(treatment(&commands).unwrap().height, 1080);
    assert_eq!(asks(&commands), None);
    assert_eq!(call.view().wishes.size, Size::P1080);
    let is = Traits {
        size: (1280, 720),
        ..Traits::default()
    };
    let commands = call.update(6, treated(1, Kind::Camera, is));
    assert_eq!(asks(&commands), None, "a camera does what it can");
    assert_eq!(call.view().camera.traits.size, (1280, 720));
    assert!(wish(&mut call, |_| ()).is_empty(), "nothing new is set");
    toggle(&mut call, Kind::Camera);
    assert_eq!(call.view().camera.traits, Traits::default());
}

#[test]
fn what_a_track_does_not_take_is_captured_anew_once() {
    let mut call = both_on();
    let noisy = Traits {
        noise: Some(true),
        ..Traits::default()
    };
    call.update(2, treated(1, Kind::Microphone, noisy));
    wish(&mut call, |wishes| wishes.noise = false);
    assert_eq!(
        asks(&call.update(6, treated(7, Kind::Microphone, noisy))),
        None,
        "that is an older track"
    );
    let commands = call.update(6, treated(1, Kind::Microphone, noisy));
    assert!(commands.contains(&Command::Media(MediaCommand::Release(Kind::Microphone))));
    let (request, microphone, camera) = asks(&commands).unwrap();
    assert!(microphone.is_some() && camera.is_none());
    call.update(7, captured(request, &[Kind::Microphone]));
    let commands = call.update(8, treated(request, Kind::Microphone, noisy));
    assert_eq!(asks(&commands), None, "it cannot be had otherwise");
    assert_eq!(call.view().microphone.traits.noise, Some(true));
    assert!(!call.view().wishes.noise);
}

#[test]
fn a_microphone_that_is_captured_anew_stays_muted() {
    let mut call = both_on();
    toggle(&mut call, Kind::Microphone);
    wish(&mut call, |wishes| wishes.echo = false);
    let is = Traits {
        echo: Some(true),
        ..Traits::default()
    };
    let (request, ..) = asks(&call.update(6, treated(1, Kind::Microphone, is))).unwrap();
    let commands = call.update(7, captured(request, &[Kind::Microphone]));
    assert_eq!(enables(&commands), Some(false));
    assert!(!call.view().microphone.on);
}

#[test]
fn save_data_makes_the_own_picture_small_whatever_its_size_is() {
    let mut call = both_on();
    wish(&mut call, |wishes| wishes.size = Size::P1080);
    let small = treatment(&wish(&mut call, |wishes| wishes.save_data = true)).unwrap();
    assert_eq!((small.height, small.rate), (180, 15));
    let large = treatment(&wish(&mut call, |wishes| wishes.save_data = false)).unwrap();
    assert_eq!(large.height, 1080);
}

#[test]
fn audio_only_turns_the_camera_off_and_gives_back_what_was() {
    for on in [true, false] {
        let mut call = both_on();
        if !on {
            toggle(&mut call, Kind::Camera);
        }
        wish(&mut call, |wishes| wishes.audio_only = true);
        assert!(!call.view().camera.on && call.view().microphone.on);
        let commands = wish(&mut call, |wishes| wishes.audio_only = false);
        assert_eq!(asks(&commands).is_some_and(|(_, _, camera)| camera.is_some()), on);
    }
}

#[test]
fn who_turns_the_camera_on_wants_pictures_again() {
    let (mut call, commands) = with(|setup| setup.wishes.audio_only = true);
    let (request, _, camera) = asks(&commands).unwrap();
    assert_eq!(camera, None);
    call.update(1, captured(request, &[Kind::Microphone]));
    let (request, _, camera) = asks(&toggle(&mut call, Kind::Camera)).unwrap();
    assert!(camera.is_some());
    call.update(2, captured(request, &[Kind::Camera]));
    assert!(call.view().camera.on && !call.view().wishes.audio_only);
    toggle(&mut call, Kind::Camera);
    assert!(!call.view().camera.on);
}

#[test]
fn push_to_talk_talks_while_it_is_held() {
    let mut call = both_on();
    assert!(
        talk(&mut call, true).is_empty() && call.view().microphone.on,
        "it is not set"
    );
    talk(&mut call, false);
    assert!(call.view().microphone.on);
    let commands = wish(&mut call, |wishes| wishes.push_to_talk = true);
    assert_eq!(enables(&commands), Some(false));
    assert_eq!(enables(&talk(&mut call, true)), Some(true));
    assert!(call.view().microphone.on);
    assert!(talk(&mut call, true).is_empty(), "a held key repeats itself");
    assert_eq!(enables(&talk(&mut call, false)), Some(false));
    assert!(!call.view().microphone.on);
    assert!(talk(&mut call, false).is_empty());
}

#[test]
fn a_press_turns_the_microphone_on_with_push_to_talk_too_and_letting_go_mutes() {
    let mut call = both_on();
    wish(&mut call, |wishes| wishes.push_to_talk = true);
    toggle(&mut call, Kind::Microphone);
    assert!(call.view().microphone.on);
    assert!(talk(&mut call, true).is_empty() && call.view().microphone.on);
    talk(&mut call, false);
    assert!(!call.view().microphone.on);
}

#[test]
fn who_gives_up_push_to_talk_while_talking_is_muted() {
    let mut call = both_on();
    wish(&mut call, |wishes| wishes.push_to_talk = true);
    talk(&mut call, true);
    wish(&mut call, |wishes| wishes.push_to_talk = false);
    assert!(!call.view().microphone.on);
    talk(&mut call, false);
    toggle(&mut call, Kind::Microphone);
    assert!(call.view().microphone.on);
}

#[test]
fn with_push_to_talk_the_microphone_is_held_silent_from_the_start() {
    let (mut call, commands) = with(|setup| setup.wishes.push_to_talk = true);
    let (request, microphone, _) = asks(&commands).unwrap();
    assert!(microphone.is_some());
    let commands = call.update(1, captured(request, &Kind::DEVICES));
    assert_eq!(enables(&commands), Some(false));
    assert_eq!(enables(&talk(&mut call, true)), Some(true));
}

#[test]
fn holding_asks_for_a_microphone_that_was_refused() {
    let (mut call, _) = with(|setup| {
        setup.camera = false;
        setup.wishes.push_to_talk = true;
    });
    call.update(1, refused(1, MediaError::NotFound));
    let (request, ..) = asks(&talk(&mut call, true)).unwrap();
    assert_eq!(asks(&talk(&mut call, false)), None);
    let commands = call.update(8, captured(request, &[Kind::Microphone]));
    assert_eq!(enables(&commands), Some(false), "it came too late to talk");
}
