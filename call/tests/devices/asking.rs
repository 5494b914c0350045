//! What is asked for, how it is answered, and what follows.

use maju_call::{
    Command, DeviceKind, Event, Kind, LinkCommand, MediaCommand, MediaError, MediaEvent, Phase, RequestId,
    UserEvent, Want,
};
use maju_protocol::{ChannelMessage, Status};

use crate::lobby::{captured, greeted, joins, lobby};
use crate::world::World;
use crate::{asks, refused};

#[test]
fn who_has_neither_device_can_join_and_is_told_why_each_is_missing() {
    let (mut call, first) = lobby();
    assert_eq!(
        asks(&first),
        Some((1, Some(Want::Any), Some(Want::Any))),
        "one question for both"
    );
    greeted(&mut call);
    call.update(3, Event::User(UserEvent::Join));
    let second = call.update(4, refused(1, MediaError::NotFound));
    assert_eq!(
        asks(&second),
        Some((2, Some(Want::Any), None)),
        "then each by itself"
    );
    let third = call.update(5, refused(2, MediaError::NotFound));
    assert_eq!(asks(&third), Some((3, None, Some(Want::Any))));
    assert!(joins(&call.update(6, refused(3, MediaError::Denied))));
    assert_eq!(call.view().microphone.problem, Some(MediaError::NotFound));
    assert_eq!(call.view().camera.problem, Some(MediaError::Denied));
}

#[test]
fn who_has_a_microphone_only_sends_sound_only() {
    let (mut call, _) = lobby();
    call.update(4, refused(1, MediaError::NotFound));
    call.update(5, captured(2, &[Kind::Microphone]));
    call.update(6, refused(3, MediaError::NotFound));
    assert!(call.view().microphone.on && !call.view().camera.on);
    assert_eq!(call.view().microphone.problem, None);
}

#[test]
fn a_press_while_a_change_is_under_way_is_not_lost() {
    let (mut call, _) = lobby();
    call.update(1, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert!(
        call.view().camera.pending && !call.view().camera.on,
        "the view shows what is"
    );
    let commands = call.update(2, captured(1, &Kind::DEVICES));
    assert!(commands.contains(&Command::Media(MediaCommand::Release(Kind::Camera))));
    assert!(!call.view().camera.on && call.view().microphone.on);
    call.update(3, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(4, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(5, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(6, captured(2, &[Kind::Camera]));
    assert!(call.view().camera.on);
}

#[test]
fn tracks_that_come_after_leaving_are_stopped() {
    let (mut call, _) = lobby();
    call.update(1, Event::User(UserEvent::Join));
    call.update(2, Event::User(UserEvent::Leave));
    let commands = call.update(3, captured(1, &Kind::DEVICES));
    assert_eq!(commands, [Command::Media(MediaCommand::Discard(RequestId(1)))]);
    assert_eq!(call.view().phase, Phase::Ended);
}

#[test]
fn another_camera_replaces_the_track_and_negotiates_nothing() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let offers = world.connection(0, 1).offers;
    world.act(0, UserEvent::Choose(DeviceKind::Camera, "back".to_owned()));
    assert!(
        world.view(0).camera.pending && world.view(0).camera.on,
        "the old picture stays meanwhile"
    );
    world.settle();
    world.check();
    assert_eq!(world.connection(0, 1).offers, offers);
    assert_eq!(world.view(0).chosen.camera, "back");
}

#[test]
fn a_camera_that_cannot_be_had_leaves_the_old_one_in_use() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::DEVICES));
    let commands = call.update(
        2,
        Event::User(UserEvent::Choose(DeviceKind::Camera, "back".to_owned())),
    );
    assert_eq!(
        asks(&commands),
        Some((2, None, Some(Want::Device("back".to_owned()))))
    );
    let commands = call.update(3, refused(2, MediaError::Overconstrained));
    assert_eq!(asks(&commands), None);
    assert!(call.view().camera.on);
    assert_eq!(call.view().chosen.camera, "Camera 1");
    assert_eq!(call.view().camera.problem, Some(MediaError::Overconstrained));
}

#[test]
fn a_camera_that_is_busy_beside_the_old_one_is_asked_for_again_without_it() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::DEVICES));
    call.update(
        2,
        Event::User(UserEvent::Choose(DeviceKind::Camera, "back".to_owned())),
    );
    let commands = call.update(3, refused(2, MediaError::Busy));
    assert_eq!(commands[0], Command::Media(MediaCommand::Release(Kind::Camera)));
    assert_eq!(
        asks(&commands),
        Some((3, None, Some(Want::Device("back".to_owned()))))
    );
    call.update(4, captured(3, &[Kind::Camera]));
    assert!(call.view().camera.on);
}

#[test]
fn a_camera_that_stays_busy_gives_way_to_the_one_before_with_the_reason() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::DEVICES));
    call.update(
        2,
        Event::User(UserEvent::Choose(DeviceKind::Camera, "back".to_owned())),
    );
    call.update(3, refused(2, MediaError::Busy));
    let commands = call.update(4, refused(3, MediaError::Busy));
    assert_eq!(asks(&commands), Some((4, None, Some(Want::Any))));
    call.update(5, captured(4, &[Kind::Camera]));
    assert!(call.view().camera.on);
    assert_eq!(call.view().camera.problem, Some(MediaError::Busy));
    assert_eq!(call.view().chosen.camera, "Camera 4");
}

#[test]
fn a_device_picked_while_another_is_asked_for_is_asked_for_next() {
    let (mut call, _) = lobby();
    call.update(
        1,
        Event::User(UserEvent::Choose(DeviceKind::Camera, "back".to_owned())),
    );
    let commands = call.update(2, captured(1, &Kind::DEVICES));
    assert_eq!(
        asks(&commands),
        Some((2, None, Some(Want::Device("back".to_owned()))))
    );
    call.update(
        3,
        Event::User(UserEvent::Choose(DeviceKind::Camera, "side".to_owned())),
    );
    let commands = call.update(4, refused(2, MediaError::Overconstrained));
    assert_eq!(
        asks(&commands),
        Some((3, None, Some(Want::Device("side".to_owned()))))
    );
}

#[test]
fn who_dismissed_the_question_is_not_asked_again_at_once() {
    let (mut call, _) = lobby();
    let dismissed = MediaEvent::Refused(RequestId(1), MediaError::Denied, Vec::new());
    let commands = call.update(1, Event::Media(dismissed));
    assert_eq!(asks(&commands), None);
    assert_eq!(call.view().camera.problem, Some(MediaError::Denied));
    assert_eq!(call.view().microphone.problem, Some(MediaError::Denied));
    let commands = call.update(2, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert_eq!(
        asks(&commands),
        Some((2, None, Some(Want::Any))),
        "a press asks again"
    );
}

#[test]
fn join_does_not_wait_for_devices_that_are_no_longer_wanted() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(4, Event::User(UserEvent::Toggle(Kind::Microphone)));
    assert!(joins(&call.update(5, Event::User(UserEvent::Join))));
}

#[test]
fn a_speaker_that_cannot_be_used_gives_way_to_the_one_before() {
    let (mut call, _) = lobby();
    call.update(
        1,
        Event::User(UserEvent::Choose(DeviceKind::Speaker, "gone".to_owned())),
    );
    let refused = Event::Media(MediaEvent::SpeakerRefused("gone".to_owned()));
    let commands = call.update(2, refused.clone());
    assert_eq!(commands, [Command::Media(MediaCommand::Speaker(String::new()))]);
    assert_eq!(call.view().chosen.speaker, "");
    assert_eq!(call.update(3, refused), []);
}

#[test]
fn muting_keeps_the_device_and_tells_the_others() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let commands = world.people[0]
        .call
        .update(99, Event::User(UserEvent::Toggle(Kind::Microphone)));
    assert_eq!(
        commands[0],
        Command::Media(MediaCommand::Enable(Kind::Microphone, false))
    );
    let told = ChannelMessage::Status(Status {
        microphone: false,
        camera: true,
        ..Status::default()
    });
    assert!(
        commands
            .iter()
            .any(|c| matches!(c, Command::Link(_, LinkCommand::Say(message)) if *message == told))
    );
    assert!(!world.view(0).microphone.on);
}
