//! What a person can do in a call, and what comes of it, without a browser.

mod lobby;
mod world;

use lobby::{captured, greeted, joins, lobby, said};
use maju_call::{
    Command, Event, Kind, LinkEvent, LinkId, MediaCommand, Misread, NetworkEvent, Notice, Phase, Refusal,
    Signaling, SocketCommand, SocketEvent, UserEvent,
};
use maju_protocol::{ChannelMessage, ClientMessage, ErrorCode, PeerId, ServerMessage, Welcome};
use world::{World, says};

#[test]
fn join_waits_for_the_devices_and_for_the_server_in_either_order() {
    for devices_first in [true, false] {
        let (mut call, _) = lobby();
        assert!(!joins(&call.update(0, Event::User(UserEvent::Join))));
        assert_eq!(call.view().phase, Phase::Joining);
        let devices = captured(1, &Kind::DEVICES);
        let last = if devices_first {
            assert!(!joins(&call.update(1, devices)));
            call.update(1, Event::Socket(SocketEvent::Opened));
            let hello = ServerMessage::Hello {
                version: 1,
                beat: 0,
                turn: false,
            };
            call.update(2, said(hello))
        } else {
            greeted(&mut call);
            call.update(3, devices)
        };
        assert!(joins(&last));
        assert!(!joins(&call.update(4, Event::Tick)), "it is sent once");
    }
}

#[test]
fn who_does_not_want_to_wait_for_the_server_is_in_the_lobby_again() {
    for asked in [false, true] {
        let (mut call, _) = lobby();
        call.update(0, captured(1, &Kind::ALL));
        if asked {
            greeted(&mut call);
        }
        assert_eq!(joins(&call.update(3, Event::User(UserEvent::Join))), asked);
        let commands = call.update(4, Event::User(UserEvent::Cancel));
        assert_eq!(call.view().phase, Phase::Lobby);
        assert!(call.view().camera.on, "the preview goes on");
        let leave = Command::Socket(SocketCommand::Send(ClientMessage::Leave {}));
        assert_eq!(commands.contains(&leave), asked);
        greeted(&mut call);
        assert!(joins(&call.update(9, Event::User(UserEvent::Join))));
    }
    let (mut call, _) = lobby();
    let before = call.view().clone();
    assert!(call.update(1, Event::User(UserEvent::Cancel)).is_empty());
    assert_eq!(*call.view(), before, "there is nothing to cancel");
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
fn chat_arrives_once_in_order_at_everyone() {
    let mut world = World::new(false);
    for name in ["Ana", "Ben", "Cem"] {
        world.join(name, true);
    }
    world.settle();
    for text in ["one", " two ", "", "   ", "셋"] {
        world.act(0, says(text));
    }
    world.settle();
    world.act(2, says("four"));
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
        let message = Ok(ChannelMessage::Chat {
            seq,
            order: 0,
            text,
            age: 0,
            private: false,
        });
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
    world.act(0, says("welcome"));
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
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::Join));
    let full = ServerMessage::Error {
        code: ErrorCode::RoomFull,
        text: "The room is full.".to_owned(),
        about: Some("join".to_owned()),
        peer: None,
        wait: None,
    };
    let commands = call.update(5, Event::Socket(SocketEvent::Message(full)));
    assert!(!joins(&commands));
    assert_eq!(call.view().phase, Phase::Lobby);
    assert_eq!(
        call.view().notices,
        [Notice::Refused(Refusal {
            code: ErrorCode::RoomFull,
            text: "The room is full.".to_owned()
        })]
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
        wait: None,
    };
    let commands = call.update(3000, Event::Socket(SocketEvent::Message(full)));
    let [Command::Wake(at)] = commands[..] else {
        panic!("only a wait: {commands:?}")
    };
    assert_eq!(call.view().phase, Phase::InCall);
    assert_eq!(call.view().notices.len(), 1);
    assert!(!joins(&call.update(at - 1, Event::Tick)));
    assert!(joins(&call.update(at, Event::Tick)));
    let welcome = ServerMessage::Welcome(Welcome {
        you: PeerId::new("x"),
        room: "room".to_owned(),
        ..Welcome::default()
    });
    call.update(at + 1, Event::Socket(SocketEvent::Message(welcome)));
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_server_of_another_version_is_asked_again_when_the_person_asks_again() {
    let (mut call, _) = lobby();
    call.update(1, captured(1, &Kind::DEVICES));
    call.update(1, Event::Socket(SocketEvent::Opened));
    let other = ServerMessage::Error {
        code: ErrorCode::UnsupportedVersion,
        text: "This server speaks version 2.".to_owned(),
        about: Some("hello".to_owned()),
        peer: None,
        wait: None,
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
    call.update(1000, Event::Tick);
    call.update(1001, Event::Socket(SocketEvent::Closed));
    assert_eq!(call.view().notices, [], "it may be back in a moment");
    call.update(5000, Event::Tick);
    assert_eq!(call.view().notices, [Notice::ServerLost]);
}

#[test]
fn who_is_offline_is_told_so_for_as_long_as_it_is_so() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, Event::Network(NetworkEvent::Offline));
    assert_eq!(call.view().notices, [], "the server may be on this machine");
    call.update(4, Event::Socket(SocketEvent::Closed));
    call.update(5000, Event::Tick);
    assert_eq!(call.view().notices, [Notice::Offline]);
    call.update(5001, Event::Network(NetworkEvent::Changed));
    assert_eq!(call.view().notices, [Notice::Offline]);
    call.update(5002, Event::Network(NetworkEvent::Online));
    assert_eq!(call.view().notices, [Notice::ServerLost], "it has to answer yet");
    call.update(5003, Event::Network(NetworkEvent::Offline));
    assert_eq!(call.view().notices, [Notice::Offline]);
}

#[test]
fn chat_that_a_dying_connection_swallowed_is_said_again_on_the_next() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    world.act(0, says("heard"));
    world.settle();
    world.deaf = true;
    world.act(0, says("swallowed"));
    world.settle();
    world.deaf = false;
    for (who, other) in [(0, 1), (1, 0)] {
        let link = LinkId {
            peer: world.id(other),
            number: 1,
        };
        world.update(who, Event::Link(link, LinkEvent::ChannelClosed));
    }
    world.wait(10_000);
    world.check();
    assert!(
        world.connection(0, 1).id.number > 1,
        "the connection is made anew"
    );
    let texts: Vec<_> = world.view(1).chat.iter().map(|line| line.text.clone()).collect();
    assert_eq!(texts, ["heard", "swallowed"]);
}

#[test]
fn a_lost_socket_is_tried_again_after_growing_waits_and_leaves_the_connections_alone() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    let call = &mut world.people[0].call;
    let (mut now, mut wake) = (10_000, 0);
    let mut waits = Vec::new();
    for tried in 0..240 {
        // Browsers hold back sockets to a host that refused several, so after some it is asked first.
        let open = Command::Socket(if tried < 3 {
            SocketCommand::Open
        } else {
            SocketCommand::OpenIfThere
        });
        let closed = now;
        let mut commands = call.update(now, Event::Socket(SocketEvent::Closed));
        // Other things may be due before the next try.
        while !commands.contains(&open) {
            assert!(now < closed + 60_000, "nothing is tried any more");
            if let [Command::Wake(at)] = commands[..] {
                wake = at;
            }
            now = wake;
            commands = call.update(now, Event::Tick);
        }
        if let Some(Command::Wake(at)) = commands.last() {
            wake = *at;
        }
        waits.push(now - closed);
        assert_eq!(call.view().people.len(), 1);
    }
    assert_eq!(call.view().notices, [Notice::ServerLost]);
    assert_eq!(call.view().signaling, Signaling::Lost);
    assert!((125..=250).contains(&waits[0]), "{waits:?}");
    assert!((1000..=2000).contains(&waits[10]), "{waits:?}");
    assert!((2000..=4000).contains(&waits[100]), "{waits:?}");
    assert!((8000..=16_000).contains(&waits[239]), "{waits:?}");
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
    let payload = Err(Misread {
        reason: "no signal".to_owned(),
        unknown: false,
    });
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
