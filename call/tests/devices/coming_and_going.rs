//! Devices that are unplugged, plugged in, held back by the system, forbidden and allowed while a call runs.

use maju_call::{
    Call, Captured, Command, Device, DeviceKind, Event, Kind, LinkCommand, MediaCommand, MediaError,
    MediaEvent, Notice, Permission, RequestId, UserEvent, Want,
};

use maju_protocol::{ChannelMessage, Status};

use crate::lobby::{captured, lobby};
use crate::world::World;
use crate::{asks, refused};

use DeviceKind::{Camera, Microphone, Speaker};

fn device(kind: DeviceKind, id: &str) -> Device {
    Device {
        kind,
        id: id.to_owned(),
        label: format!("The {id}"),
        group: id.to_owned(),
        away: None,
    }
}

fn devices(list: &[(DeviceKind, &str)]) -> Event {
    let list = list.iter().map(|(kind, id)| device(*kind, id)).collect();
    Event::Media(MediaEvent::Devices(list))
}

fn ended(request: u32, kind: Kind, permission: Permission) -> Event {
    Event::Media(MediaEvent::Ended(RequestId(request), kind, permission))
}

fn took(request: u32, kind: Kind, device: &str) -> Event {
    let device = device.to_owned();
    Event::Media(MediaEvent::Captured(
        RequestId(request),
        vec![Captured { kind, device }],
    ))
}

fn want(id: &str) -> Option<Want> {
    Some(Want::Device(id.to_owned()))
}

/// A call with `Microphone 1` and `Camera 1`, which are listed beside `desk` ones.
fn both_on() -> Call {
    let (mut call, _) = lobby();
    call.update(1, devices(&FULL));
    call.update(1, captured(1, &Kind::DEVICES));
    call
}

const FULL: [(DeviceKind, &str); 4] = [
    (Microphone, "Microphone 1"),
    (Microphone, "desk"),
    (Camera, "Camera 1"),
    (Camera, "desk"),
];
const WITHOUT_CAMERA_1: [(DeviceKind, &str); 3] = [
    (Microphone, "Microphone 1"),
    (Microphone, "desk"),
    (Camera, "desk"),
];
const WITHOUT_MICROPHONE_1: [(DeviceKind, &str); 3] =
    [(Microphone, "desk"), (Camera, "Camera 1"), (Camera, "desk")];
const NO_CAMERA: [(DeviceKind, &str); 2] = [(Microphone, "Microphone 1"), (Microphone, "desk")];

#[test]
fn the_next_camera_is_taken_when_one_is_unplugged_whichever_news_comes_first() {
    for list_first in [true, false] {
        let mut call = both_on();
        if list_first {
            call.update(2, devices(&WITHOUT_CAMERA_1));
        }
        let commands = call.update(3, ended(1, Kind::Camera, Permission::Granted));
        assert_eq!(commands[0], Command::Media(MediaCommand::Release(Kind::Camera)));
        assert_eq!(asks(&commands), Some((2, None, Some(Want::Any))));
        assert!(!call.view().camera.on && call.view().camera.pending && call.view().microphone.on);
        call.update(4, devices(&WITHOUT_CAMERA_1));
        call.update(5, took(2, Kind::Camera, "desk"));
        assert!(call.view().camera.on);
        assert_eq!(call.view().camera.problem, None);
        assert_eq!(call.view().notices, []);
        let commands = call.update(6, devices(&FULL));
        assert_eq!(
            asks(&commands),
            Some((3, None, want("Camera 1"))),
            "the one that was in use is taken back"
        );
        assert!(call.view().camera.on, "the picture goes on meanwhile");
        call.update(7, took(3, Kind::Camera, "Camera 1"));
        assert_eq!(call.view().chosen.camera, "Camera 1");
        assert_eq!(call.view().notices, [], "nothing is offered that is in use");
    }
}

#[test]
fn a_camera_of_which_there_is_no_other_is_off_with_the_reason_until_it_is_back() {
    let mut call = both_on();
    call.update(2, devices(&NO_CAMERA));
    call.update(3, ended(1, Kind::Camera, Permission::Granted));
    assert_eq!(asks(&call.update(4, refused(2, MediaError::NotFound))), None);
    assert!(!call.view().camera.on && !call.view().camera.pending);
    assert_eq!(call.view().camera.problem, Some(MediaError::Ended));
    let commands = call.update(5, devices(&FULL));
    assert_eq!(asks(&commands), Some((3, None, want("Camera 1"))));
    call.update(6, took(3, Kind::Camera, "Camera 1"));
    assert!(call.view().camera.on);
    assert_eq!(call.view().camera.problem, None);
}

#[test]
fn a_microphone_that_was_muted_when_it_was_unplugged_is_followed_by_a_muted_one() {
    let mut call = both_on();
    call.update(2, Event::User(UserEvent::Toggle(Kind::Microphone)));
    call.update(3, devices(&WITHOUT_MICROPHONE_1));
    let commands = call.update(4, ended(1, Kind::Microphone, Permission::Granted));
    assert_eq!(asks(&commands), Some((2, Some(Want::Any), None)));
    for (request, device) in [(2, "desk"), (3, "Microphone 1")] {
        let commands = call.update(5, took(request, Kind::Microphone, device));
        assert!(commands.contains(&Command::Media(MediaCommand::Enable(Kind::Microphone, false))));
        assert!(!call.view().microphone.on);
        let commands = call.update(6, devices(&FULL));
        if request == 2 {
            assert_eq!(asks(&commands), Some((3, want("Microphone 1"), None)));
        }
    }
    call.update(7, Event::User(UserEvent::Toggle(Kind::Microphone)));
    assert!(call.view().microphone.on);
}

#[test]
fn a_camera_that_comes_back_while_the_camera_is_off_is_used_when_it_is_turned_on() {
    let mut call = both_on();
    call.update(2, devices(&WITHOUT_CAMERA_1));
    call.update(3, ended(1, Kind::Camera, Permission::Granted));
    call.update(4, took(2, Kind::Camera, "desk"));
    call.update(5, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert_eq!(asks(&call.update(6, devices(&FULL))), None);
    let commands = call.update(7, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert_eq!(asks(&commands), Some((3, None, want("Camera 1"))));
}

#[test]
fn a_device_that_was_picked_since_is_kept_when_the_lost_one_comes_back() {
    let mut call = both_on();
    call.update(2, devices(&WITHOUT_CAMERA_1));
    call.update(3, ended(1, Kind::Camera, Permission::Granted));
    call.update(4, took(2, Kind::Camera, "desk"));
    call.update(5, Event::User(UserEvent::Choose(Camera, "desk".to_owned())));
    assert_eq!(asks(&call.update(6, devices(&FULL))), None);
    assert_eq!(
        call.view().notices,
        [Notice::NewDevice(device(Camera, "Camera 1"))]
    );
}

#[test]
fn a_second_name_for_a_device_is_the_device() {
    let (mut call, _) = lobby();
    let group = |id: &str, group: &str| Device {
        group: group.to_owned(),
        ..device(Microphone, id)
    };
    let built_in = [group("default", "laptop"), group("in", "laptop")];
    let headset = [
        group("default", "set"),
        group("in", "laptop"),
        group("mic", "set"),
    ];
    let list = |list: &[Device]| Event::Media(MediaEvent::Devices(list.to_vec()));
    call.update(1, list(&headset));
    call.update(2, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(3, took(1, Kind::Microphone, "default"));
    call.update(4, list(&built_in));
    call.update(5, ended(1, Kind::Microphone, Permission::Granted));
    call.update(6, took(2, Kind::Microphone, "default"));
    assert_eq!(call.view().notices, []);
    let commands = call.update(7, list(&headset));
    assert_eq!(asks(&commands), Some((3, want("mic"), None)));
    assert_eq!(call.view().notices, []);
}

#[test]
fn nothing_is_offered_that_was_there_before_a_permission_told_it_apart() {
    let (mut call, _) = lobby();
    call.update(1, devices(&[(Microphone, ""), (Camera, ""), (Speaker, "")]));
    call.update(2, captured(1, &Kind::DEVICES));
    call.update(3, devices(&FULL));
    call.update(
        4,
        devices(&[
            (Microphone, "Microphone 1"),
            (Camera, "Camera 1"),
            (Speaker, "loud"),
        ]),
    );
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_headset_that_is_plugged_in_late_is_offered_and_taken_at_a_press() {
    let mut call = both_on();
    let before = [(Microphone, "Microphone 1"), (Speaker, "loud")];
    let after = [
        (Microphone, "Microphone 1"),
        (Microphone, "headset"),
        (Speaker, "loud"),
        (Speaker, "headset"),
    ];
    call.update(2, devices(&before));
    assert_eq!(call.update(3, devices(&after)), []);
    let offers = [
        Notice::NewDevice(device(Microphone, "headset")),
        Notice::NewDevice(device(Speaker, "headset")),
    ];
    assert_eq!(call.view().notices, offers);
    call.update(4, Event::User(UserEvent::Decline(Speaker)));
    assert_eq!(call.view().notices, offers[..1]);
    let choose = UserEvent::Choose(Microphone, "headset".to_owned());
    let commands = call.update(5, Event::User(choose));
    assert_eq!(asks(&commands), Some((2, want("headset"), None)));
    assert_eq!(call.view().notices, []);
}

#[test]
fn an_offer_goes_with_the_device_and_with_the_call() {
    let mut call = both_on();
    call.update(2, devices(&NO_CAMERA));
    call.update(3, devices(&FULL));
    assert_eq!(call.view().notices.len(), 1);
    call.update(4, devices(&NO_CAMERA));
    assert_eq!(call.view().notices, []);
    call.update(5, devices(&FULL));
    call.update(6, Event::User(UserEvent::Join));
    call.update(7, Event::User(UserEvent::Leave));
    assert_eq!(call.view().notices, []);
    call.update(8, devices(&NO_CAMERA));
    call.update(9, devices(&FULL));
    assert_eq!(call.view().notices, []);
}

#[test]
fn who_had_no_camera_is_offered_the_first_one_and_gets_it_at_a_press() {
    let (mut call, _) = lobby();
    call.update(1, devices(&NO_CAMERA));
    call.update(2, refused(1, MediaError::NotFound));
    call.update(3, captured(2, &[Kind::Microphone]));
    call.update(4, refused(3, MediaError::NotFound));
    assert_eq!(call.view().camera.problem, Some(MediaError::NotFound));
    assert_eq!(asks(&call.update(5, devices(&WITHOUT_CAMERA_1))), None);
    assert_eq!(call.view().notices, [Notice::NewDevice(device(Camera, "desk"))]);
    let commands = call.update(6, Event::User(UserEvent::Choose(Camera, "desk".to_owned())));
    assert_eq!(asks(&commands), Some((4, None, want("desk"))));
    call.update(7, took(4, Kind::Camera, "desk"));
    assert!(call.view().camera.on);
    assert_eq!(call.view().camera.problem, None);
}

#[test]
fn a_speaker_that_is_unplugged_gives_way_to_the_default_until_it_is_back() {
    let (mut call, _) = lobby();
    let speaker = |id: &str| [Command::Media(MediaCommand::Speaker(id.to_owned()))];
    let both = devices(&[(Speaker, "loud"), (Speaker, "headset")]);
    call.update(1, both.clone());
    call.update(2, Event::User(UserEvent::Choose(Speaker, "headset".to_owned())));
    assert_eq!(call.update(3, devices(&[(Speaker, "loud")])), speaker(""));
    assert_eq!(call.view().chosen.speaker, "");
    assert_eq!(call.update(4, both), speaker("headset"));
    assert_eq!(call.view().chosen.speaker, "headset");
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_permission_taken_in_a_call_is_told_and_once_given_again_the_device_is_taken() {
    let mut call = both_on();
    let commands = call.update(2, ended(1, Kind::Camera, Permission::Denied));
    assert_eq!(asks(&commands), None);
    assert!(!call.view().camera.on);
    assert_eq!(call.view().camera.problem, Some(MediaError::Denied));
    let commands = call.update(3, Event::Media(MediaEvent::Permitted(Kind::Camera)));
    assert_eq!(asks(&commands), Some((2, None, Some(Want::Any))));
    assert_eq!(call.view().camera.problem, None);
    let commands = call.update(4, Event::Media(MediaEvent::Permitted(Kind::Microphone)));
    assert_eq!(asks(&commands), None, "it works already");
}

#[test]
fn a_device_denied_at_the_start_is_taken_when_the_permission_is_given_later() {
    let (mut call, _) = lobby();
    let denied = MediaEvent::Refused(RequestId(1), MediaError::Denied, Vec::new());
    call.update(1, Event::Media(denied));
    let commands = call.update(2, Event::Media(MediaEvent::Permitted(Kind::Camera)));
    assert_eq!(asks(&commands), Some((2, None, Some(Want::Any))));
    assert_eq!(call.view().microphone.problem, Some(MediaError::Denied));
}

#[test]
fn nobody_is_asked_for_a_permission_because_a_device_was_unplugged() {
    let mut call = both_on();
    call.update(2, devices(&WITHOUT_CAMERA_1));
    let commands = call.update(3, ended(1, Kind::Camera, Permission::Unknown));
    assert_eq!(asks(&commands), None);
    assert_eq!(call.view().camera.problem, Some(MediaError::Ended));
    assert_eq!(asks(&call.update(4, devices(&FULL))), None);
    assert_eq!(
        call.view().notices,
        [Notice::NewDevice(device(Camera, "Camera 1"))],
        "it is offered instead"
    );
    let commands = call.update(5, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert_eq!(asks(&commands), Some((2, None, Some(Want::Any))));
}

#[test]
fn a_device_that_ends_again_and_again_is_not_asked_for_without_end() {
    let mut call = both_on();
    let mut questions = 0;
    for request in 1..20 {
        let commands = call.update(2, ended(request, Kind::Camera, Permission::Granted));
        questions += usize::from(asks(&commands).is_some());
        call.update(3, took(request + 1, Kind::Camera, "Camera 1"));
    }
    assert_eq!(questions, 3);
    assert_eq!(call.view().camera.problem, Some(MediaError::Ended));
}

#[test]
fn wishes_that_no_device_fulfils_are_given_up_one_after_the_other() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &[Kind::Microphone, Kind::Camera]));
    call.update(2, Event::User(UserEvent::Toggle(Kind::Camera)));
    call.update(3, Event::User(UserEvent::Choose(Camera, "back".to_owned())));
    let commands = call.update(4, Event::User(UserEvent::Toggle(Kind::Camera)));
    assert_eq!(asks(&commands), Some((2, None, want("back"))));
    let commands = call.update(5, refused(2, MediaError::Overconstrained));
    assert_eq!(asks(&commands), Some((3, None, Some(Want::Any))));
    let commands = call.update(6, refused(3, MediaError::Overconstrained));
    assert_eq!(asks(&commands), Some((4, None, Some(Want::Plain))));
    let commands = call.update(7, refused(4, MediaError::Overconstrained));
    assert_eq!(asks(&commands), None);
    assert_eq!(call.view().camera.problem, Some(MediaError::Overconstrained));
}

#[test]
fn a_muted_microphone_that_is_busy_beside_the_old_one_is_asked_for_again_and_stays_muted() {
    let mut call = both_on();
    call.update(2, Event::User(UserEvent::Toggle(Kind::Microphone)));
    call.update(3, Event::User(UserEvent::Choose(Microphone, "desk".to_owned())));
    let commands = call.update(4, refused(2, MediaError::Busy));
    assert_eq!(asks(&commands), Some((3, want("desk"), None)));
    call.update(5, took(3, Kind::Microphone, "desk"));
    assert!(!call.view().microphone.on);
    assert_eq!(call.view().chosen.microphone, "desk");
}

#[test]
fn what_the_system_interrupts_is_off_for_everybody_and_comes_back_by_itself() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    for interrupted in [true, false] {
        let request = RequestId(1);
        let event = MediaEvent::Interrupted(request, Kind::Camera, interrupted);
        let commands = world.people[0].call.update(99, Event::Media(event));
        let told = ChannelMessage::Status(Status {
            microphone: true,
            camera: !interrupted,
            ..Status::default()
        });
        assert!(
            commands
                .iter()
                .any(|c| matches!(c, Command::Link(_, LinkCommand::Say(message)) if *message == told))
        );
        assert!(
            !commands.iter().any(|c| matches!(c, Command::Media(_))),
            "the device is kept"
        );
        let camera = &world.view(0).camera;
        assert_eq!((camera.on, camera.interrupted), (!interrupted, interrupted));
    }
}

#[test]
fn a_press_on_what_is_interrupted_asks_for_the_device_again() {
    let mut call = both_on();
    let interrupted = |request| MediaEvent::Interrupted(RequestId(request), Kind::Microphone, true);
    call.update(2, Event::Media(interrupted(1)));
    let press = Event::User(UserEvent::Toggle(Kind::Microphone));
    assert_eq!(
        asks(&call.update(3, press.clone())),
        Some((2, Some(Want::Any), None))
    );
    call.update(4, captured(2, &[Kind::Microphone]));
    assert!(call.view().microphone.on && !call.view().microphone.interrupted);
    call.update(5, Event::Media(interrupted(1)));
    assert!(call.view().microphone.on, "that track is no longer in use");
    call.update(6, press);
    assert!(!call.view().microphone.on);
    call.update(7, Event::Media(interrupted(2)));
    assert!(!call.view().microphone.interrupted, "it would be off anyway");
}

#[test]
fn a_track_that_is_no_longer_in_use_may_end() {
    let mut call = both_on();
    call.update(2, Event::User(UserEvent::Choose(Camera, "desk".to_owned())));
    call.update(3, took(2, Kind::Camera, "desk"));
    assert_eq!(call.update(4, ended(1, Kind::Camera, Permission::Granted)), []);
    assert!(call.view().camera.on);
}
