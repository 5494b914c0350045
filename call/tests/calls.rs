//! What a person can do in a call, and what comes of it, without a browser.

mod world;

use maju_call::{
    Call, Captured, Command, DeviceKind, Event, Kind, LinkEvent, LinkId, MediaCommand, MediaError,
    MediaEvent, Notice, Phase, RequestId, Setup, Signaling, SocketCommand, SocketEvent, UserEvent, Want,
};
use maju_protocol::{ChannelMessage, ClientMessage, ErrorCode, PeerId, ServerMessage, Signal};
use world::World;

/// A call in the lobby that wants both devices.
fn lobby() -> (Call, Vec<Command>) {
    Call::new(
        0,
        Setup {
            room: "room".to_owned(),
            name: "Ana".to_owned(),
            join: false,
            microphone: true,
            camera: true,
            random: 1,
        },
    )
}

fn greeted(call: &mut Call) {
    call.update(1, Event::Socket(SocketEvent::Opened));
    call.update(
        2,
        Event::Socket(SocketEvent::Message(ServerMessage::Hello { version: 1, beat: 0 })),
    );
}

fn captured(request: u32, kinds: &[Kind]) -> Event {
    let tracks = kinds
        .iter()
        .map(|kind| Captured {
            kind: *kind,
            device: format!("{kind:?} {request}"),
        })
        .collect();
    Event::Media(MediaEvent::Captured(RequestId(request), tracks))
}

fn refused(request: u32, error: MediaError) -> Event {
    Event::Media(MediaEvent::Refused(RequestId(request), error, Kind::ALL.to_vec()))
}

fn joins(commands: &[Command]) -> bool {
    commands.iter().any(|c| {
        matches!(
            c,
            Command::Socket(SocketCommand::Send(ClientMessage::Join { .. }))
        )
    })
}

fn asks(commands: &[Command]) -> Option<(u32, Option<Want>, Option<Want>)> {
    commands.iter().find_map(|command| match command {
        Command::Media(MediaCommand::Capture {
            request,
            microphone,
            camera,
        }) => Some((request.0, microphone.clone(), camera.clone())),
        _ => None,
    })
}

#[test]
fn join_waits_for_the_devices_and_for_the_server_in_either_order() {
    for devices_first in [true, false] {
        let (mut call, _) = lobby();
        assert!(!joins(&call.update(0, Event::User(UserEvent::Join))));
        assert_eq!(call.view().phase, Phase::Joining);
        let devices = captured(1, &Kind::ALL);
        let last = if devices_first {
            assert!(!joins(&call.update(1, devices)));
            call.update(1, Event::Socket(SocketEvent::Opened));
            call.update(
                2,
                Event::Socket(SocketEvent::Message(ServerMessage::Hello { version: 1, beat: 0 })),
            )
        } else {
            greeted(&mut call);
            call.update(3, devices)
        };
        assert!(joins(&last));
        assert!(!joins(&call.update(4, Event::Tick)), "it is sent once");
    }
}

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
    let commands = call.update(2, captured(1, &Kind::ALL));
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
    let commands = call.update(3, captured(1, &Kind::ALL));
    assert_eq!(commands, [Command::Media(MediaCommand::Discard(RequestId(1)))]);
    assert_eq!(call.view().phase, Phase::Ended);
}

#[test]
fn leaving_says_so_closes_the_socket_and_lets_the_devices_go() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    let commands = world.people[0].call.update(99, Event::User(UserEvent::Leave));
    let wanted = [
        Command::Socket(SocketCommand::Send(ClientMessage::Leave {})),
        Command::Socket(SocketCommand::Close),
        Command::Media(MediaCommand::Release(Kind::Microphone)),
        Command::Media(MediaCommand::Release(Kind::Camera)),
    ];
    assert_eq!(commands, wanted);
    assert!(!world.view(0).camera.on && !world.view(0).microphone.on);
}

#[test]
fn who_left_can_come_back_with_the_same_devices() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    world.act(1, UserEvent::Leave);
    world.settle();
    assert!(world.view(0).people.is_empty());
    world.act(1, UserEvent::Rejoin);
    world.settle();
    world.check();
    assert!(world.view(1).camera.on && world.view(1).microphone.on);
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
    call.update(1, captured(1, &Kind::ALL));
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
    call.update(1, captured(1, &Kind::ALL));
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
    call.update(1, captured(1, &Kind::ALL));
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
    let commands = call.update(2, captured(1, &Kind::ALL));
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
fn a_device_that_is_unplugged_is_shown_as_off_with_a_reason() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::ALL));
    call.update(2, Event::Media(MediaEvent::Ended(RequestId(1), Kind::Camera)));
    assert!(!call.view().camera.on && call.view().camera.problem.is_some());
    assert!(call.view().microphone.on);
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
    let told = ChannelMessage::Status {
        microphone: false,
        camera: true,
    };
    assert!(
        commands
            .iter()
            .any(|c| matches!(c, Command::Link(_, maju_call::LinkCommand::Say(message)) if *message == told))
    );
    assert!(!world.view(0).microphone.on);
}

#[test]
fn chat_arrives_once_in_order_at_everyone() {
    let mut world = World::new(false);
    for name in ["Ana", "Ben", "Cem"] {
        world.join(name, true);
    }
    world.settle();
    for text in ["one", " two ", "", "   ", "셋"] {
        world.act(0, UserEvent::SendChat(text.to_owned()));
    }
    world.settle();
    world.act(2, UserEvent::SendChat("four".to_owned()));
    world.settle();
    for who in 0..3 {
        let lines: Vec<_> = world
            .view(who)
            .chat
            .iter()
            .map(|line| format!("{} : {}", line.name, line.text))
            .collect();
        assert_eq!(lines, ["Ana : one", "Ana : two", "Ana : 셋", "Cem : four"]);
    }
}

#[test]
fn a_chat_message_that_comes_twice_is_shown_once_and_an_unfit_one_not_at_all() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let link = LinkId {
        peer: world.id(0),
        number: 1,
    };
    for (seq, text) in [
        (1, "hello".to_owned()),
        (1, "hello".to_owned()),
        (2, "x".repeat(5000)),
        (3, " ".to_owned()),
    ] {
        let message = Ok(ChannelMessage::Chat { seq, text });
        world.update(1, Event::Link(link.clone(), LinkEvent::ChannelMessage(message)));
    }
    assert_eq!(world.view(1).chat.len(), 1);
}

#[test]
fn what_was_written_before_the_channel_opened_is_sent_when_it_does() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    while world.view(0).people.is_empty() {
        world.step(0);
    }
    world.act(0, UserEvent::SendChat("welcome".to_owned()));
    world.settle();
    assert_eq!(world.view(1).chat[0].text, "welcome");
}

#[test]
fn rooms_do_not_see_each_other() {
    let mut world = World::new(false);
    for (room, name) in [
        ("north", "Ana"),
        ("south", "Ben"),
        ("north", "Cem"),
        ("south", "Dae"),
    ] {
        let who = world.arrive(room, name, true);
        world.act(who, UserEvent::Join);
    }
    world.settle();
    world.check();
    assert_eq!(world.view(0).people[0].name, "Cem");
    assert_eq!(world.view(1).people.len(), 1);
}

#[test]
fn a_refused_join_goes_back_to_the_lobby_with_the_reason() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, captured(1, &Kind::ALL));
    call.update(4, Event::User(UserEvent::Join));
    let full = ServerMessage::Error {
        code: ErrorCode::RoomFull,
        text: "The room is full.".to_owned(),
        about: Some("join".to_owned()),
        peer: None,
    };
    let commands = call.update(5, Event::Socket(SocketEvent::Message(full)));
    assert!(!joins(&commands));
    assert_eq!(call.view().phase, Phase::Lobby);
    assert_eq!(
        call.view().notices,
        [Notice::Refused(
            ErrorCode::RoomFull,
            "The room is full.".to_owned()
        )]
    );
    assert!(
        joins(&call.update(6, Event::User(UserEvent::Join))),
        "one may try again"
    );
}

#[test]
fn a_seat_that_is_refused_in_a_call_is_asked_for_again() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    let call = &mut world.people[0].call;
    call.update(100, Event::Socket(SocketEvent::Closed));
    call.update(2000, Event::Tick);
    greeted(call);
    let full = ServerMessage::Error {
        code: ErrorCode::RoomFull,
        text: "The room is full.".to_owned(),
        about: Some("join".to_owned()),
        peer: None,
    };
    let commands = call.update(3000, Event::Socket(SocketEvent::Message(full)));
    let [Command::Wake(at)] = commands[..] else {
        panic!("only a wait: {commands:?}")
    };
    assert_eq!(call.view().phase, Phase::InCall);
    assert_eq!(call.view().notices.len(), 1);
    assert!(!joins(&call.update(at - 1, Event::Tick)));
    assert!(joins(&call.update(at, Event::Tick)));
    let welcome = ServerMessage::Welcome {
        you: PeerId::new("x"),
        room: "room".to_owned(),
        people: Vec::new(),
        ice_servers: Vec::new(),
        resume: None,
        kept: false,
    };
    call.update(at + 1, Event::Socket(SocketEvent::Message(welcome)));
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_server_of_another_version_is_asked_again_when_the_person_asks_again() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::ALL));
    call.update(1, Event::Socket(SocketEvent::Opened));
    let other = ServerMessage::Error {
        code: ErrorCode::UnsupportedVersion,
        text: "This server speaks version 2.".to_owned(),
        about: Some("hello".to_owned()),
        peer: None,
    };
    call.update(2, Event::Socket(SocketEvent::Message(other)));
    assert_eq!(call.view().notices.len(), 1);
    let commands = call.update(3, Event::User(UserEvent::Join));
    assert!(commands.contains(&Command::Socket(SocketCommand::Open)));
}

#[test]
fn a_server_that_announced_its_going_and_stays_away_is_lost() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    let closing = ServerMessage::Closing {
        text: "restarting".to_owned(),
    };
    call.update(3, Event::Socket(SocketEvent::Message(closing)));
    call.update(4, Event::Socket(SocketEvent::Closed));
    assert_eq!(call.view().notices, [Notice::ServerClosing]);
    call.update(2000, Event::Tick);
    call.update(2001, Event::Socket(SocketEvent::Closed));
    assert_eq!(call.view().notices, [Notice::ServerLost]);
}

#[test]
fn chat_that_a_dying_connection_swallowed_is_said_again_on_the_next() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    world.act(0, UserEvent::SendChat("heard".to_owned()));
    world.settle();
    world.deaf = true;
    world.act(0, UserEvent::SendChat("swallowed".to_owned()));
    world.settle();
    world.deaf = false;
    for (who, other) in [(0, 1), (1, 0)] {
        let link = LinkId {
            peer: world.id(other),
            number: 1,
        };
        world.update(
            who,
            Event::Link(link, LinkEvent::Connection(maju_call::ConnectionState::Failed)),
        );
    }
    world.settle();
    world.check();
    let texts: Vec<_> = world.view(1).chat.iter().map(|line| line.text.clone()).collect();
    assert_eq!(texts, ["heard", "swallowed"]);
}

#[test]
fn a_peer_cannot_make_connections_without_end() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let mut opened = 0;
    for link in 2..500 {
        let payload = Ok(Signal::Offer {
            link,
            seq: 1,
            answered: 0,
            sdp: "nonsense".to_owned(),
        });
        let message = ServerMessage::Relay {
            from: world.id(1),
            payload,
        };
        let commands = world.people[0]
            .call
            .update(50, Event::Socket(SocketEvent::Message(message)));
        opened += commands
            .iter()
            .filter(|c| matches!(c, Command::Link(_, maju_call::LinkCommand::Open { .. })))
            .count();
    }
    assert_eq!(opened, 50);
}

#[test]
fn a_lost_socket_is_tried_again_after_growing_waits_and_leaves_the_connections_alone() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let call = &mut world.people[0].call;
    let mut now = 1000;
    let mut waits = Vec::new();
    for _ in 0..8 {
        let commands = call.update(now, Event::Socket(SocketEvent::Closed));
        let [Command::Wake(at)] = commands[..] else {
            panic!("only a wait: {commands:?}")
        };
        assert_eq!(call.view().notices, [Notice::ServerLost]);
        assert_eq!(call.view().signaling, Signaling::Lost);
        waits.push(at - now);
        assert_eq!(call.update(at - 1, Event::Tick), [Command::Wake(at)]);
        assert_eq!(
            call.update(at, Event::Tick),
            [Command::Socket(SocketCommand::Open)]
        );
        now = at;
    }
    assert!(
        waits[0] <= 500 && waits[7] > 8000 && waits[7] <= 16_000,
        "{waits:?}"
    );
    assert_eq!(call.view().people.len(), 1);
}

#[test]
fn a_name_that_cannot_be_used_stays_in_the_lobby() {
    let (mut call, _) = lobby();
    call.update(1, Event::User(UserEvent::Rename("   ".to_owned())));
    call.update(2, Event::User(UserEvent::Join));
    assert_eq!(call.view().phase, Phase::Lobby);
}

#[test]
fn the_log_tells_how_a_pair_was_set_up_and_keeps_a_bounded_number_of_lines_of_each() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    world.settle();
    for (who, wanted) in [
        (
            0,
            [
                "Sent offer",
                "Received answer",
                "Sent candidate",
                "Received candidate",
                "Local connection",
            ],
        ),
        (
            1,
            [
                "Received offer",
                "Sent answer",
                "Sent candidate",
                "Received candidate",
                "Local connection",
            ],
        ),
    ] {
        let log = &world.view(who).log;
        for wanted in wanted {
            assert!(
                log.iter()
                    .any(|line| format!("{:?} {}", line.direction, line.what) == wanted),
                "{wanted}"
            );
        }
        assert!(
            log.windows(2)
                .all(|pair| pair[0].at <= pair[1].at && pair[0].id < pair[1].id)
        );
    }
    let link = LinkId {
        peer: world.id(1),
        number: 1,
    };
    for _ in 0..1000 {
        world.update(
            0,
            Event::Link(link.clone(), LinkEvent::State("ICE", "checking".to_owned())),
        );
    }
    assert!(world.view(0).log.len() < 300);
}

#[test]
fn people_who_are_not_in_the_room_are_not_listened_to() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    let stranger = PeerId::new("stranger");
    let payload = Err("no signal".to_owned());
    let message = ServerMessage::Relay {
        from: stranger,
        payload,
    };
    assert!(
        world.people[0]
            .call
            .update(50, Event::Socket(SocketEvent::Message(message)))
            .is_empty()
    );
    assert!(world.view(0).people.is_empty());
}
