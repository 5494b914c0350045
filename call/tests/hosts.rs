//! Rooms that belong to somebody, as a person meets them: at the door, as a host, and when a host decides on them.

mod lobby;
mod world;

use lobby::{captured, greeted, joins, lobby, said};
use maju_call::{
    Command, ConnectionState, ErrorCode, Event, HostAct, Kind, LinkCommand, MediaCommand, NetworkEvent,
    Notice, Phase, Refusal, Role, Rules, Secret, SocketCommand, SocketEvent, UserEvent,
};
use maju_protocol::{ClientMessage, IceServer, Join, ServerMessage, Welcome};
use world::World;

const ANA: usize = 0;
const BEN: usize = 1;

/// Rooms belong to somebody, and Ana is in hers.
fn hosted() -> World {
    let mut world = World::new(false);
    world.server.hosted = true;
    world.join("Ana", true);
    world.settle();
    world
}

fn rule(world: &mut World, act: HostAct) {
    world.act(ANA, UserEvent::Host(act));
    world.settle();
}

fn waiters(world: &World, who: usize) -> Vec<&str> {
    let waiters = world.view(who).waiters.iter();
    waiters.map(|waiter| waiter.name.as_str()).collect()
}

fn refusal(world: &World, who: usize) -> Option<ErrorCode> {
    world.view(who).notices.iter().find_map(|notice| match notice {
        Notice::Refused(refusal) => Some(refusal.code),
        _ => None,
    })
}

/// The question for a seat among the commands.
fn question(commands: Vec<Command>) -> Option<Join> {
    commands.into_iter().find_map(|command| match command {
        Command::Socket(SocketCommand::Send(ClientMessage::Join(join))) => Some(join),
        _ => None,
    })
}

fn error(code: ErrorCode, about: &str, wait: Option<u32>) -> Event {
    said(ServerMessage::Error {
        code,
        text: "No.".to_owned(),
        about: Some(about.to_owned()),
        peer: None,
        wait,
    })
}

#[test]
fn the_first_person_is_the_host_and_what_makes_them_it_is_kept() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    world.check();
    assert_eq!(world.people[ANA].kept, [Secret::new("secret 1 of room")]);
    assert!(world.people[BEN].kept.is_empty());
    assert_eq!(world.view(ANA).role, Role::Host);
    assert_eq!(world.view(ANA).people[0].role, Role::Guest);
    assert_eq!(world.view(BEN).role, Role::Guest);
    assert_eq!(world.view(BEN).people[0].role, Role::Host);
}

#[test]
fn a_kept_secret_is_shown_at_the_door() {
    let (mut call, _) = lobby::with(|setup| {
        setup.host = Some(Secret::new("kept"));
        setup.token = Some(Secret::new("of the link"));
    });
    greeted(&mut call);
    call.update(3, captured(1, &Kind::DEVICES));
    let join = question(call.update(4, Event::User(UserEvent::Join))).expect("a question");
    assert_eq!(join.host, Some(Secret::new("kept")));
    assert_eq!(join.token, Some(Secret::new("of the link")));
}

#[test]
fn who_is_let_in_waits_in_the_lobby_and_is_then_in_the_call() {
    let mut world = hosted();
    rule(&mut world, HostAct::LetWait(true));
    world.join("Ben", true);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Waiting);
    assert!(world.view(BEN).attended && world.view(BEN).people.is_empty());
    assert!(world.view(BEN).camera.on, "the preview goes on");
    assert_eq!(waiters(&world, ANA), ["Ben"]);
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Admit(ben));
    world.check();
    assert_eq!(world.view(BEN).phase, Phase::InCall);
    assert!(waiters(&world, ANA).is_empty());
}

#[test]
fn who_is_not_let_in_is_told_so_and_may_ask_again() {
    let mut world = hosted();
    rule(&mut world, HostAct::LetWait(true));
    world.join("Ben", true);
    world.settle();
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Refuse(ben));
    assert_eq!(world.view(BEN).phase, Phase::Lobby);
    assert_eq!(refusal(&world, BEN), Some(ErrorCode::Refused));
    world.act(BEN, UserEvent::Join);
    assert_eq!(refusal(&world, BEN), None);
    world.settle();
    assert_eq!(waiters(&world, ANA), ["Ben"]);
    assert_eq!(world.view(BEN).phase, Phase::Waiting);
}

#[test]
fn who_cancels_is_back_in_the_lobby_and_a_welcome_that_is_under_way_does_not_count() {
    let mut world = hosted();
    rule(&mut world, HostAct::LetWait(true));
    world.join("Ben", true);
    world.settle();
    // Ana lets Ben in at the moment in which Ben gives up.
    let ben = world.id(BEN);
    world.act(ANA, UserEvent::Host(HostAct::Admit(ben)));
    world.act(BEN, UserEvent::Leave);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Lobby);
    assert!(world.view(BEN).camera.on && world.view(BEN).microphone.on);
    assert!(world.view(ANA).people.is_empty() && waiters(&world, ANA).is_empty());
    world.act(BEN, UserEvent::Join);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Waiting);
    assert_eq!(waiters(&world, ANA), ["Ben"]);
}

#[test]
fn who_waits_goes_on_waiting_when_the_socket_breaks_or_the_server_restarts() {
    let mut world = hosted();
    rule(&mut world, HostAct::LetWait(true));
    world.join("Ben", true);
    world.settle();
    world.lose_socket(BEN);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Waiting);
    assert!(waiters(&world, ANA).is_empty());
    world.wait(5000);
    assert_eq!(waiters(&world, ANA), ["Ben"]);
    world.kill_server();
    world.wait(1000);
    world.start_server();
    world.wait(10_000);
    assert_eq!(world.view(ANA).role, Role::Host);
    assert_eq!(world.view(BEN).phase, Phase::Waiting);
    assert_eq!(waiters(&world, ANA), ["Ben"]);
}

#[test]
fn it_shows_whether_a_host_is_there() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::Join));
    call.update(5, said(ServerMessage::Waiting { attended: false }));
    assert_eq!((call.view().phase, call.view().attended), (Phase::Waiting, false));
    call.update(6, said(ServerMessage::Waiting { attended: true }));
    assert_eq!((call.view().phase, call.view().attended), (Phase::Waiting, true));
}

#[test]
fn a_password_is_asked_for_and_asked_for_again_when_it_was_wrong() {
    let mut world = hosted();
    rule(&mut world, HostAct::Password(Secret::new("sesame")));
    assert!(world.view(ANA).rules.password);
    world.join("Ben", true);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Lobby);
    assert_eq!(refusal(&world, BEN), Some(ErrorCode::PasswordNeeded));
    assert!(world.view(BEN).asks_password);
    for (typed, refused) in [
        ("wrong", Some(ErrorCode::WrongPassword)),
        // A wrong one is not told again.
        ("", Some(ErrorCode::PasswordNeeded)),
        ("sesame", None),
    ] {
        if !typed.is_empty() {
            world.act(BEN, UserEvent::Password(Secret::new(typed)));
        }
        world.act(BEN, UserEvent::Join);
        assert!(world.view(BEN).asks_password, "the field stays while it is tried");
        world.settle();
        assert_eq!(refusal(&world, BEN), refused);
    }
    world.check();
    assert_eq!(world.view(BEN).phase, Phase::InCall);
    assert!(!world.view(BEN).asks_password);
}

#[test]
fn the_password_of_somebody_with_a_seat_is_told_only_when_the_token_does_not_do() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::Password(Secret::new("sesame"))));
    let join = question(call.update(5, Event::User(UserEvent::Join))).expect("a question");
    assert_eq!(join.password, Some(Secret::new("sesame")));
    let welcome = || {
        said(ServerMessage::Welcome(Welcome {
            resume: Some(Secret::new("token")),
            ..Welcome::default()
        }))
    };
    call.update(6, welcome());
    call.update(7, Event::Network(NetworkEvent::Online));
    call.update(8, Event::Socket(SocketEvent::Opened));
    let hello = || {
        said(ServerMessage::Hello {
            version: 1,
            beat: 0,
            turn: false,
        })
    };
    let join = question(call.update(9, hello())).expect("a question");
    assert_eq!((join.resume, join.password), (Some(Secret::new("token")), None));
    let needed = error(ErrorCode::PasswordNeeded, "join", None);
    let join = question(call.update(10, needed.clone())).expect("another one at once");
    assert_eq!(join.password, Some(Secret::new("sesame")));
    assert_eq!(call.view().notices, []);
    // Another password was set since: that is told, and tried again in peace.
    let commands = call.update(11, needed);
    assert!(!joins(&commands));
    assert_eq!(call.view().notices.len(), 1);
    call.update(12, welcome());
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_locked_room_lets_nobody_new_in_and_everybody_back() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    rule(&mut world, HostAct::Lock(true));
    for who in [ANA, BEN] {
        assert!(world.view(who).rules.locked);
    }
    let cem = world.join("Cem", true);
    world.settle();
    assert_eq!(world.view(cem).phase, Phase::Lobby);
    assert_eq!(refusal(&world, cem), Some(ErrorCode::Locked));
    world.lose_socket(BEN);
    world.wait(20_000);
    world.check();
    assert!(world.view(BEN).rules.locked);
    rule(&mut world, HostAct::Lock(false));
    world.act(cem, UserEvent::Join);
    world.settle();
    world.check();
    assert_eq!(world.view(cem).rules, Rules::default());
}

#[test]
fn who_is_removed_is_out_with_the_devices_off_and_no_connection_left() {
    let mut world = hosted();
    world.join("Ben", true);
    world.join("Cem", true);
    world.settle();
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Remove(ben));
    assert_eq!(world.view(BEN).phase, Phase::Ended);
    assert!(world.view(BEN).removed);
    assert!(!world.view(BEN).camera.on && !world.view(BEN).microphone.on);
    for who in 0..3 {
        let connections = world.people[who].connections.len();
        assert_eq!(connections, usize::from(who != BEN), "{who}");
    }
    // It is over: nothing is tried by itself.
    world.wait(60_000);
    assert_eq!(world.view(BEN).phase, Phase::Ended);
    assert_eq!(world.view(ANA).people.len(), 1);
}

#[test]
fn who_was_removed_while_away_is_out_when_they_come_back() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    world.lose_server_of(BEN, true);
    world.settle();
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Remove(ben));
    world.lose_server_of(BEN, false);
    world.wait(20_000);
    assert_eq!(world.view(BEN).phase, Phase::Ended);
    assert!(world.view(BEN).removed && world.view(ANA).people.is_empty());
    assert!(!world.view(BEN).camera.on && world.people[BEN].connections.is_empty());
}

#[test]
fn who_leaves_after_being_back_is_not_called_removed() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Remove(ben));
    world.act(BEN, UserEvent::Rejoin);
    world.settle();
    world.act(BEN, UserEvent::Leave);
    world.settle();
    assert_eq!(world.view(BEN).phase, Phase::Ended);
    assert!(!world.view(BEN).removed);
}

#[test]
fn a_host_s_mute_turns_the_microphone_off_and_is_told_until_it_is_on_again() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    let ben = world.id(BEN);
    rule(&mut world, HostAct::Mute(ben.clone()));
    assert!(!world.view(BEN).microphone.on);
    assert_eq!(world.view(BEN).notices, [Notice::Muted("Ana".to_owned())]);
    assert_eq!(world.view(ANA).people[0].microphone, Some(false));
    world.act(BEN, UserEvent::Toggle(Kind::Microphone));
    world.settle();
    assert!(world.view(BEN).microphone.on);
    assert_eq!(world.view(BEN).notices, []);
    rule(&mut world, HostAct::Mute(ben.clone()));
    world.act(BEN, UserEvent::Dismiss);
    assert_eq!(world.view(BEN).notices, []);
    // Nothing is said to somebody who is muted already.
    rule(&mut world, HostAct::Mute(ben));
    assert_eq!(world.view(BEN).notices, []);
    assert!(!world.view(BEN).microphone.on);
}

#[test]
fn all_who_wait_are_let_in_at_once() {
    let mut world = hosted();
    rule(&mut world, HostAct::LetWait(true));
    let guests: Vec<_> = (1..12)
        .map(|number| world.join(&format!("Guest {number}"), false))
        .collect();
    world.settle();
    assert_eq!(waiters(&world, ANA).len(), guests.len());
    world.act(ANA, UserEvent::AdmitAll);
    world.settle();
    world.check();
    assert!(waiters(&world, ANA).is_empty());
    for guest in guests {
        assert_eq!(world.view(guest).phase, Phase::InCall);
    }
}

#[test]
fn a_host_mutes_all_others_who_are_not_muted_yet() {
    let mut world = hosted();
    for name in ["Ben", "Cem", "Dae"] {
        world.join(name, true);
    }
    world.settle();
    let cem = 2;
    world.act(cem, UserEvent::Toggle(Kind::Microphone));
    world.settle();
    world.act(ANA, UserEvent::MuteAll);
    world.settle();
    for who in [BEN, cem, 3] {
        let muted = Notice::Muted("Ana".to_owned());
        assert!(!world.view(who).microphone.on);
        assert_eq!(world.view(who).notices.contains(&muted), who != cem);
    }
    assert!(world.view(ANA).microphone.on);
    // A guest asks for nothing.
    world.act(BEN, UserEvent::Toggle(Kind::Microphone));
    world.settle();
    world.act(cem, UserEvent::MuteAll);
    world.settle();
    assert!(world.view(BEN).microphone.on);
    let not_host = |notice: &Notice| matches!(notice, Notice::NotDone(_));
    assert!(!world.view(cem).notices.iter().any(not_host), "nothing was asked");
}

#[test]
fn a_host_s_mute_counts_while_the_microphone_is_being_asked_for() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(
        3,
        Event::Media(maju_call::MediaEvent::Refused(
            maju_call::RequestId(1),
            maju_call::MediaError::NotFound,
            Vec::new(),
        )),
    );
    call.update(4, Event::User(UserEvent::Join));
    call.update(5, said(ServerMessage::Welcome(Welcome::default())));
    call.update(6, Event::User(UserEvent::Toggle(Kind::Microphone)));
    assert!(call.view().microphone.pending);
    let by = call.view().me.clone().expect("a seat");
    call.update(7, said(ServerMessage::Mute { by }));
    call.update(8, captured(2, &[Kind::Microphone]));
    assert!(!call.view().microphone.on);
}

#[test]
fn the_role_follows_when_it_is_handed_over() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    rule(&mut world, HostAct::LetWait(true));
    world.join("Cem", true);
    world.settle();
    let (ana, ben) = (world.id(ANA), world.id(BEN));
    rule(&mut world, HostAct::HandOver(ben));
    assert_eq!(
        (world.view(ANA).role, world.view(BEN).role),
        (Role::Guest, Role::Host)
    );
    assert_eq!(world.view(ANA).people[0].role, Role::Host);
    assert_eq!(world.view(BEN).people[0].role, Role::Guest);
    assert!(waiters(&world, ANA).is_empty());
    assert_eq!(world.people[BEN].kept, [Secret::new("secret 2 of room")]);
    // Who is the host no longer is told so.
    rule(&mut world, HostAct::Remove(ana));
    let refused = Refusal {
        code: ErrorCode::NotHost,
        text: "NotHost".to_owned(),
    };
    assert_eq!(world.view(ANA).notices, [Notice::NotDone(refused)]);
    world.act(ANA, UserEvent::Dismiss);
    assert_eq!(world.view(ANA).notices, []);
}

#[test]
fn a_seat_that_is_taken_again_keeps_its_role_and_learns_the_roles_of_the_others() {
    let mut world = hosted();
    world.join("Ben", true);
    world.settle();
    world.lose_server_of(BEN, true);
    world.lose_socket(ANA);
    world.wait(5000);
    assert_eq!(world.view(ANA).role, Role::Host);
    world.lose_server_of(BEN, false);
    world.wait(5000);
    assert_eq!(world.view(BEN).people[0].role, Role::Host);
    // Handed over while Ben's socket is away: the welcome tells.
    world.join("Cem", true);
    world.settle();
    world.lose_server_of(BEN, true);
    let cem = world.id(2);
    rule(&mut world, HostAct::HandOver(cem));
    world.kill_server();
    world.start_server();
    world.lose_server_of(BEN, false);
    world.wait(30_000);
    world.check();
    assert_eq!(world.view(ANA).role, Role::Guest);
    let hosts = |who: usize| {
        let people = world.view(who).people.iter();
        let hosts = people.filter(|person| person.role == Role::Host);
        hosts.map(|person| person.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(hosts(BEN), ["Cem"]);
    assert_eq!(hosts(ANA), ["Cem"]);
}

#[test]
fn what_could_not_be_done_is_told_until_the_next_thing_is() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::Join));
    call.update(5, said(ServerMessage::Welcome(Welcome::default())));
    call.update(6, error(ErrorCode::RoomFull, "admit", None));
    assert!(matches!(call.view().notices[..], [Notice::NotDone(_)]));
    call.update(7, Event::User(UserEvent::Host(HostAct::Lock(true))));
    assert_eq!(call.view().notices, []);
    // Somebody who went by themselves is nothing to tell of.
    call.update(8, error(ErrorCode::UnknownPeer, "remove", None));
    assert_eq!(call.view().notices, []);
}

#[test]
fn a_seat_is_asked_for_again_no_sooner_than_the_server_says() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::Join));
    call.update(5, said(ServerMessage::Welcome(Welcome::default())));
    call.update(6, Event::Network(NetworkEvent::Online));
    greeted(&mut call);
    call.update(10, error(ErrorCode::TooFast, "join", Some(20_000)));
    assert!(!joins(&call.update(20_009, Event::Tick)));
    assert!(joins(&call.update(20_010, Event::Tick)));
}

#[test]
fn what_a_host_presses_is_not_shown_before_the_server_says_it() {
    let mut world = hosted();
    world.act(ANA, UserEvent::Host(HostAct::Lock(true)));
    assert!(!world.view(ANA).rules.locked);
    world.settle();
    assert!(world.view(ANA).rules.locked);
}

fn turn(name: &str) -> IceServer {
    IceServer {
        urls: vec!["turn:turn.example.org".to_owned()],
        username: Some(name.to_owned()),
        credential: Some("secret".to_owned()),
    }
}

#[test]
fn renewed_servers_are_used_at_the_next_restart_whoever_begins_it() {
    for beginner in [ANA, BEN] {
        let mut world = World::new(false);
        world.join("Ana", true);
        world.join("Ben", true);
        world.settle();
        let ice_servers = vec![turn("new")];
        world.update(ANA, said(ServerMessage::IceServers { ice_servers }));
        world.settle();
        assert_eq!(world.connection(ANA, BEN).searched.servers, []);
        world.network(beginner, NetworkEvent::Changed);
        world.wait(10_000);
        world.check();
        assert_eq!(world.connection(ANA, BEN).searched.servers, [turn("new")]);
        assert_eq!(world.connection(ANA, BEN).id.number, 1, "the connection stays");
    }
}

#[test]
fn hiding_the_address_has_other_ways_looked_for_over_turn_only() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    assert!(!world.connection(ANA, BEN).searched.relay_only);
    world.act(ANA, UserEvent::HideAddress(true));
    assert!(world.view(ANA).hiding.wanted);
    world.wait(10_000);
    world.check();
    assert!(world.connection(ANA, BEN).searched.relay_only);
    assert!(!world.connection(BEN, ANA).searched.relay_only);
    assert_eq!(
        world.connection(ANA, BEN).id.number,
        2,
        "the way that shows it is closed"
    );
    world.join("Cem", true);
    world.settle();
    assert!(world.connection(ANA, 2).searched.relay_only);
    world.act(ANA, UserEvent::HideAddress(false));
    world.wait(10_000);
    world.check();
    assert!(!world.connection(ANA, BEN).searched.relay_only);
    assert_eq!(world.connection(ANA, BEN).id.number, 2, "the connection stays");
}

#[test]
fn an_address_hidden_while_the_server_is_away_is_hidden_once_it_is_back() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    world.kill_server();
    world.wait(1000);
    world.act(ANA, UserEvent::HideAddress(true));
    // The way that shows it breaks and carries again meanwhile.
    world.part(ANA, BEN, true);
    while world.connection(ANA, BEN).state != ConnectionState::Disconnected {
        assert!(world.step(0));
    }
    world.part(ANA, BEN, false);
    world.wait(5000);
    assert_eq!(world.connection(ANA, BEN).state, ConnectionState::Connected);
    assert_eq!(world.connection(ANA, BEN).id.number, 1);
    world.start_server();
    world.wait(20_000);
    world.check();
    assert_eq!(world.connection(ANA, BEN).id.number, 2);
    assert!(world.connection(ANA, BEN).searched.relay_only);
}

#[test]
fn a_connection_that_is_being_made_while_the_address_is_to_be_hidden_is_made_anew() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    while world.people[ANA].connections.is_empty() {
        world.step(0);
    }
    world.act(ANA, UserEvent::HideAddress(true));
    world.wait(20_000);
    world.check();
    assert!(world.connection(ANA, BEN).searched.relay_only);
}

#[test]
fn what_the_server_forces_and_offers_is_shown() {
    let (mut call, _) = lobby::with(|setup| setup.relay_only = true);
    assert!(call.view().hiding.wanted && !call.view().hiding.offered);
    call.update(1, Event::Socket(SocketEvent::Opened));
    call.update(
        2,
        said(ServerMessage::Hello {
            version: 1,
            beat: 0,
            turn: true,
        }),
    );
    assert!(call.view().hiding.offered);
    call.update(3, captured(1, &Kind::DEVICES));
    call.update(4, Event::User(UserEvent::HideAddress(false)));
    call.update(5, Event::User(UserEvent::Join));
    let welcome = Welcome {
        relay_only: true,
        ..Welcome::default()
    };
    call.update(6, said(ServerMessage::Welcome(welcome)));
    assert!(call.view().hiding.forced && !call.view().hiding.wanted);
    let ben = maju_protocol::Person {
        id: maju_call::PeerId::new("ben"),
        name: "Ben".to_owned(),
        role: Role::Guest,
    };
    let commands = call.update(7, said(ServerMessage::Joined { person: ben }));
    let open = commands.iter().find_map(|command| match command {
        Command::Link(_, LinkCommand::Open { ice, .. }) => Some(ice.relay_only),
        _ => None,
    });
    assert_eq!(open, Some(true));
}

#[test]
fn waiting_keeps_the_meter_of_the_preview() {
    let (mut call, _) = lobby();
    greeted(&mut call);
    let commands = call.update(3, captured(1, &Kind::DEVICES));
    assert!(commands.contains(&Command::Media(MediaCommand::Meter(true))));
    call.update(4, Event::User(UserEvent::Join));
    let commands = call.update(5, said(ServerMessage::Waiting { attended: true }));
    assert_eq!(commands, []);
    let commands = call.update(6, said(ServerMessage::Welcome(Welcome::default())));
    assert!(commands.contains(&Command::Media(MediaCommand::Meter(false))));
}
