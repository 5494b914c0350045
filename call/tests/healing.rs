//! What a call does when the server, the network or the other end goes and comes back.

#![expect(clippy::panic, reason = "a test that cannot go on says so")]

mod world;

use maju_call::{
    Event, Kind, LinkCommand, LinkEvent, LinkId, Misread, NetworkEvent, Notice, Offence, PersonState,
    UserEvent,
};
use maju_protocol::{ChannelMessage, ServerMessage, Signal};
use world::World;

const NAMES: [&str; 4] = ["Ana", "Ben", "Cem", "Dae"];

/// So many people in a call.
fn call_of(people: usize) -> World {
    let mut world = World::new(false);
    for name in &NAMES[..people] {
        world.join(name, true);
        world.settle();
    }
    world.check();
    world
}

/// The numbers of all links, which change when a connection is made anew.
fn links(world: &World) -> Vec<LinkId> {
    let of = |who: usize| world.people[who].connections.keys().cloned().collect::<Vec<_>>();
    (0..world.people.len()).flat_map(of).collect()
}

fn offers(world: &World) -> u32 {
    let of = |who: usize| {
        world.people[who]
            .connections
            .values()
            .map(|c| c.offers)
            .sum::<u32>()
    };
    (0..world.people.len()).map(of).sum()
}

fn state(world: &World, who: usize, of: usize) -> Option<PersonState> {
    let id = world.id(of);
    let people = &world.view(who).people;
    people
        .iter()
        .find(|person| person.id == id)
        .map(|person| person.state)
}

#[test]
fn a_lost_socket_is_noticed_by_nobody() {
    let mut world = call_of(3);
    let before = (links(&world), offers(&world), world.id(0), world.id(1));
    for _ in 0..5 {
        world.lose_socket(0);
        world.wait(100);
        for who in 0..3 {
            assert_eq!(world.view(who).notices, []);
            assert_eq!(world.view(who).people.len(), 2);
            assert!(
                world
                    .view(who)
                    .people
                    .iter()
                    .all(|p| p.state == PersonState::Connected)
            );
        }
        world.wait(3000);
    }
    world.check();
    let after = (links(&world), offers(&world), world.id(0), world.id(1));
    assert_eq!(after, before);
}

#[test]
fn a_restart_of_the_server_leaves_every_connection_alone_and_lets_newcomers_in() {
    let mut world = call_of(3);
    let before = links(&world);
    for _ in 0..20 {
        world.kill_server();
        world.wait(700);
        world.start_server();
        world.wait(4000);
        world.check();
        assert_eq!(links(&world), before);
        assert_eq!(world.view(0).notices, []);
    }
    world.join("Dae", true);
    world.settle();
    world.check();
    assert_eq!(world.view(0).people.len(), 3);
}

#[test]
fn a_newcomer_who_comes_before_the_others_are_back_meets_them_all() {
    let mut world = call_of(3);
    world.kill_server();
    world.settle();
    world.start_server();
    world.join("Dae", true);
    world.wait(5000);
    world.check();
    assert_eq!(world.view(3).people.len(), 3);
}

#[test]
fn a_server_that_stays_away_is_told_once_and_the_call_goes_on() {
    let mut world = call_of(2);
    world.kill_server();
    world.wait(300_000);
    assert_eq!(world.view(0).notices, [Notice::ServerLost]);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Connected));
    world.start_server();
    world.wait(20_000);
    world.check();
    assert_eq!(world.view(0).notices, []);
}

#[test]
fn who_comes_while_somebody_is_away_is_met_when_they_are_back() {
    for away in [3000, 60_000] {
        let mut world = call_of(2);
        world.isolate(0, true);
        world.wait(away);
        world.join("Cem", true);
        world.wait(1000);
        world.isolate(0, false);
        world.network(0, NetworkEvent::Online);
        world.wait(30_000);
        world.check();
        assert_eq!(world.view(0).people.len(), 2, "after {away} ms");
    }
}

#[test]
fn who_leaves_while_somebody_is_away_is_gone_when_they_are_back() {
    let mut world = call_of(3);
    world.lose_server_of(0, true);
    world.act(2, UserEvent::Leave);
    world.wait(5000);
    world.lose_server_of(0, false);
    world.wait(20_000);
    world.check();
    assert_eq!(world.view(0).people.len(), 1);
}

#[test]
fn a_short_cut_is_shown_as_reconnecting_and_nothing_else() {
    let mut world = call_of(3);
    let before = links(&world);
    world.isolate(0, true);
    world.settle();
    world.wait(5000);
    assert_eq!(state(&world, 1, 0), Some(PersonState::Reconnecting));
    assert_eq!(state(&world, 1, 2), Some(PersonState::Connected));
    world.isolate(0, false);
    world.wait(5000);
    world.check();
    assert_eq!(links(&world), before, "the same connections");
}

#[test]
fn only_the_broken_pair_is_touched() {
    let mut world = call_of(3);
    let untouched = world.connection(1, 2).offers + world.connection(2, 1).offers;
    world.part(0, 1, true);
    world.wait(10_000);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Reconnecting));
    world.part(0, 1, false);
    world.wait(30_000);
    world.check();
    assert_eq!(
        world.connection(1, 2).offers + world.connection(2, 1).offers,
        untouched
    );
}

#[test]
fn a_pair_that_cannot_meet_is_tried_slowly_for_as_long_as_both_are_there() {
    let mut world = call_of(2);
    world.part(0, 1, true);
    world.wait(600_000);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Failed));
    assert_eq!(world.view(0).people[0].offence, None);
    world.part(0, 1, false);
    world.wait(90_000);
    world.check();
    assert_eq!(state(&world, 0, 1), Some(PersonState::Connected));
}

#[test]
fn a_pair_that_could_not_meet_at_first_meets_when_there_is_a_way() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.part(0, 1, true);
    world.join("Ben", true);
    world.wait(60_000);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Failed));
    world.part(0, 1, false);
    world.wait(60_000);
    world.check();
}

#[test]
fn a_changed_network_restarts_every_connection_at_once() {
    let mut world = call_of(3);
    let before = links(&world);
    let offers =
        |world: &World, one, other| world.connection(one, other).offers + world.connection(other, one).offers;
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let offered = pairs.map(|(one, other)| offers(&world, one, other));
    world.network(0, NetworkEvent::Online);
    world.wait(1000);
    world.check();
    assert_eq!(links(&world), before);
    let more = pairs.map(|(one, other)| offers(&world, one, other));
    assert!(more[0] > offered[0] && more[1] > offered[1]);
    assert_eq!(more[2], offered[2], "the others' connection is none of it");
    for _ in 0..20 {
        world.network(0, NetworkEvent::Online);
        world.wait(30_000);
    }
    world.check();
    assert_eq!(links(&world), before, "what carries is never made anew");
}

#[test]
fn a_crashed_tab_is_gone_and_a_working_connection_to_somebody_lost_is_kept() {
    let mut world = call_of(3);
    world.crash(0);
    world.lose_server_of(1, true);
    world.wait(15_000);
    assert_eq!(world.view(2).people.len(), 1);
    assert_eq!(state(&world, 2, 1), Some(PersonState::Connected));
    world.wait(60_000);
    assert_eq!(
        state(&world, 2, 1),
        Some(PersonState::Connected),
        "nothing but people end a call"
    );
    world.lose_server_of(1, false);
    world.wait(15_000);
    world.check();
}

#[test]
fn who_crashes_while_the_server_is_away_is_gone_when_it_is_back() {
    let mut world = call_of(3);
    world.kill_server();
    world.wait(1000);
    world.crash(1);
    world.wait(20_000);
    assert_eq!(
        state(&world, 0, 1),
        Some(PersonState::Reconnecting),
        "nobody knows yet"
    );
    world.start_server();
    world.wait(15_000);
    world.check();
    assert_eq!(world.view(0).people.len(), 1);
}

#[test]
fn who_leaves_while_the_server_is_away_is_gone_at_once() {
    let mut world = call_of(3);
    world.kill_server();
    world.settle();
    world.act(1, UserEvent::Leave);
    world.settle();
    assert_eq!(world.view(0).people.len(), 1);
    assert_eq!(world.view(2).people.len(), 1);
    world.start_server();
    world.wait(15_000);
    world.check();
}

#[test]
fn what_is_turned_on_while_the_server_is_away_is_negotiated_by_the_data_channel() {
    let mut world = World::new(false);
    world.join("Ana", false);
    world.settle();
    world.join("Ben", false);
    world.settle();
    world.kill_server();
    world.wait(60_000);
    world.act(0, UserEvent::Toggle(Kind::Camera));
    world.act(1, UserEvent::Toggle(Kind::Camera));
    world.wait(3000);
    assert_eq!(world.connection(0, 1).agrees_with(world.connection(1, 0)), Ok(()));
    assert_eq!(world.view(1).people[0].camera, Some(true));
    world.start_server();
    world.wait(20_000);
    world.check();
}

#[test]
fn signals_that_were_lost_are_sent_again() {
    let mut world = call_of(2);
    world.act(0, UserEvent::Toggle(Kind::Camera));
    world.settle();
    for lost in 0..4 {
        world.network(lost % 2, NetworkEvent::Online);
        while world.relays.is_empty() {
            assert!(world.step(0), "an offer is sent");
        }
        world.relays.clear();
        world.wait(20_000);
        world.check();
    }
}

#[test]
fn two_who_begin_new_connections_at_once_end_up_with_the_same() {
    let mut world = call_of(2);
    for _ in 0..3 {
        for (who, other) in [(0, 1), (1, 0)] {
            let link = world.connection(who, other).id.clone();
            world.update(who, Event::Link(link, LinkEvent::ChannelClosed));
        }
        world.wait(30_000);
        world.check();
    }
}

#[test]
fn who_came_back_with_a_new_seat_replaces_the_old_one() {
    let mut world = call_of(3);
    let old = world.id(0);
    world.forget_token(0);
    world.wait(20_000);
    world.check();
    assert_ne!(world.id(0), old);
    assert_eq!(world.view(1).people.len(), 2, "never twice on the screen");
}

fn offer(link: u32, seq: u32) -> Signal {
    Signal::Offer {
        link,
        seq,
        answered: 0,
        sdp: "nonsense".to_owned(),
    }
}

fn misread(unknown: bool) -> Misread {
    let reason = "not understood".to_owned();
    Misread { reason, unknown }
}

fn said(world: &World, message: Result<ChannelMessage, Misread>) -> Event {
    let link = LinkId {
        peer: world.id(1),
        number: 1,
    };
    Event::Link(link, LinkEvent::ChannelMessage(message))
}

/// What somebody whose program does that gets to see of it, and the others.
fn cut_off_by(world: &mut World, mut act: impl FnMut(&World, u32) -> Event) -> Offence {
    for count in 0..100_000 {
        let event = act(world, count);
        world.update(0, event);
        if let Some(offence) = world.view(0).people[0].offence {
            return offence;
        }
    }
    panic!("never cut off");
}

fn relayed(world: &World, payload: Result<Signal, Misread>) -> Event {
    let from = world.id(1);
    Event::Socket(maju_call::SocketEvent::Message(ServerMessage::Relay {
        from,
        payload,
    }))
}

#[test]
fn a_peer_that_floods_sends_nonsense_or_renegotiates_without_end_is_cut_off_alone() {
    type Attack = fn(&World, u32) -> Event;
    let attacks: [(Attack, Offence); 6] = [
        (
            |world, count| relayed(world, Ok(offer(count + 2, 1))),
            Offence::Renegotiation,
        ),
        (
            |world, count| relayed(world, Ok(offer(1, count + 5))),
            Offence::Renegotiation,
        ),
        (|world, _| relayed(world, Err(misread(false))), Offence::Nonsense),
        (
            |world, count| {
                let candidate = maju_protocol::Candidate::default();
                let seq = count % 7;
                relayed(
                    world,
                    Ok(Signal::Candidate {
                        link: 1,
                        seq,
                        candidate,
                    }),
                )
            },
            Offence::Flood,
        ),
        (|world, _| said(world, Err(misread(false))), Offence::Nonsense),
        (
            |world, count| {
                let text = "spam".to_owned();
                said(
                    world,
                    Ok(ChannelMessage::Chat {
                        seq: count,
                        order: 0,
                        text,
                        age: 0,
                        private: false,
                    }),
                )
            },
            Offence::Flood,
        ),
    ];
    for (attack, offence) in attacks {
        let mut world = call_of(3);
        assert_eq!(cut_off_by(&mut world, attack), offence);
        world.wait(60_000);
        assert_eq!(state(&world, 0, 1), Some(PersonState::Failed));
        assert_eq!(state(&world, 0, 2), Some(PersonState::Connected));
        assert_eq!(state(&world, 1, 2), Some(PersonState::Connected));
        let opened = relayed(&world, Ok(offer(5000, 1)));
        assert_eq!(world.people[0].call.update(1_000_000, opened), []);
    }
}

#[test]
fn a_peer_of_a_later_version_is_not_cut_off_for_messages_that_are_not_known_yet() {
    let mut world = call_of(2);
    for _ in 0..1000 {
        let message = said(&world, Err(misread(true)));
        world.update(0, message);
        world.wait(1000);
    }
    assert_eq!(state(&world, 0, 1), Some(PersonState::Connected));
}

#[test]
fn restarts_without_end_never_run_out_of_candidates() {
    let mut world = call_of(2);
    let before = links(&world);
    for round in 0..300 {
        world.network(round % 2, NetworkEvent::Online);
        world.wait(15_000);
    }
    world.check();
    assert_eq!(links(&world), before);
}

#[test]
fn an_answer_that_cannot_be_set_leads_to_a_new_connection() {
    let mut world = call_of(2);
    world.network(0, NetworkEvent::Online);
    while world.relays.is_empty() {
        assert!(world.step(0), "an offer is sent");
    }
    let relay = world.relays.remove(0);
    let Signal::Offer { link, seq, .. } = relay.signal else {
        panic!("no offer: {relay:?}")
    };
    let (from, to) = (relay.to, relay.from);
    let sdp = "nonsense".to_owned();
    let signal = Signal::Answer {
        link,
        seq: 99,
        answered: seq,
        sdp,
    };
    world.deliver(world::Relay { from, to, signal });
    world.wait(60_000);
    world.check();
    assert!(world.connection(0, 1).id.number > 1);
}

#[test]
fn leaving_says_goodbye_on_every_channel() {
    let mut world = call_of(3);
    let commands = world.people[0]
        .call
        .update(100_000, Event::User(UserEvent::Leave));
    let goodbyes = commands.iter().filter(|command| {
        matches!(
            command,
            maju_call::Command::Link(_, LinkCommand::Say(ChannelMessage::Leave {}))
        )
    });
    assert_eq!(goodbyes.count(), 2);
}
