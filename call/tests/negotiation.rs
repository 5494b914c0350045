//! Calls that meet over a simulated network agree, whatever the order in which things arrive.

mod world;

use maju_call::{Event, Kind, LinkEvent, LinkId, PersonState, UserEvent};
use maju_protocol::Signal;
use proptest::prelude::*;
use world::{Relay, World};

const CAMERA: UserEvent = UserEvent::Toggle(Kind::Camera);
const MICROPHONE: UserEvent = UserEvent::Toggle(Kind::Microphone);

fn two(first: bool, second: bool) -> World {
    let mut world = World::new(false);
    world.join("Ana", first);
    world.settle();
    world.join("Ben", second);
    world.settle();
    world
}

/// Steps until a signal of that sort is on its way, and takes it off the network.
fn hold_back(world: &mut World, sort: fn(&Signal) -> bool) -> Relay {
    loop {
        if let Some(index) = world.relays.iter().position(|relay| sort(&relay.signal)) {
            return world.relays.remove(index);
        }
        assert!(world.step(0), "such a signal is sent");
    }
}

fn is_offer(signal: &Signal) -> bool {
    matches!(signal, Signal::Offer { .. })
}

fn is_answer(signal: &Signal) -> bool {
    matches!(signal, Signal::Answer { .. })
}

#[test]
fn who_was_there_offers_and_who_came_answers() {
    let world = two(true, true);
    world.check();
    assert_eq!(
        (world.connection(0, 1).offers, world.connection(1, 0).offers),
        (1, 0)
    );
    assert_eq!(world.view(0).people[0].state, PersonState::Connected);
    assert_eq!(world.view(1).people[0].camera, Some(true));
}

#[test]
fn two_who_join_in_the_same_moment_agree() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.join("Ben", true);
    world.settle();
    world.check();
}

#[test]
fn a_camera_that_is_turned_on_later_is_negotiated_from_either_side() {
    for who in [0, 1] {
        let mut world = two(false, false);
        world.act(who, CAMERA);
        world.settle();
        world.check();
        assert_eq!(world.view(1 - who).people[0].camera, Some(true));
        assert_eq!(
            world.connection(who, 1 - who).offers,
            if who == 0 { 2 } else { 1 }
        );
    }
}

#[test]
fn turning_a_camera_off_and_on_again_negotiates_nothing() {
    let mut world = two(true, true);
    world.act(1, CAMERA);
    world.settle();
    assert_eq!(world.view(0).people[0].camera, Some(false));
    world.act(1, CAMERA);
    world.settle();
    world.check();
    assert_eq!(
        (world.connection(0, 1).offers, world.connection(1, 0).offers),
        (1, 0)
    );
    assert_eq!(world.view(0).people[0].camera, Some(true));
}

#[test]
fn offers_that_cross_are_settled_by_the_polite_side() {
    let mut world = two(false, false);
    world.act(0, CAMERA);
    world.act(1, CAMERA);
    // Both offers are out before either arrives.
    let first = hold_back(&mut world, is_offer);
    let second = hold_back(&mut world, is_offer);
    assert_ne!(first.from, second.from);
    world.deliver(first);
    world.deliver(second);
    world.settle();
    world.check();
    // The greater id is the polite one.
    let (polite, impolite) = if world.id(0) > world.id(1) { (0, 1) } else { (1, 0) };
    assert_eq!(world.connection(polite, impolite).rollbacks, 1);
    assert_eq!(world.connection(impolite, polite).rollbacks, 0);
    assert!(world.view(0).people[0].camera == Some(true) && world.view(1).people[0].camera == Some(true));
}

#[test]
fn an_offer_that_overtakes_the_answer_before_it_waits_for_it() {
    let mut world = two(false, false);
    world.act(0, CAMERA);
    let answer = hold_back(&mut world, is_answer);
    world.act(1, CAMERA);
    let offer = hold_back(&mut world, is_offer);
    world.deliver(offer);
    world.settle();
    world.deliver(answer);
    world.settle();
    world.check();
    assert_eq!(
        world.connection(0, 1).rollbacks + world.connection(1, 0).rollbacks,
        0
    );
}

#[test]
fn an_offer_that_was_taken_back_and_comes_late_is_dropped() {
    let mut world = two(false, false);
    world.act(0, CAMERA);
    world.act(1, CAMERA);
    let first = hold_back(&mut world, is_offer);
    let second = hold_back(&mut world, is_offer);
    let polite = world.id(0).max(world.id(1));
    let (late, prompt) = if first.from == polite {
        (first, second)
    } else {
        (second, first)
    };
    world.deliver(prompt);
    world.settle();
    world.deliver(late);
    world.settle();
    world.check();
}

#[test]
fn an_answer_that_comes_twice_or_late_changes_nothing() {
    let mut world = two(false, false);
    world.act(0, CAMERA);
    let answer = hold_back(&mut world, is_answer);
    world.deliver(answer.clone());
    world.settle();
    world.deliver(answer.clone());
    world.settle();
    world.check();
    world.act(1, MICROPHONE);
    world.settle();
    world.act(0, MICROPHONE);
    let prompt = hold_back(&mut world, is_answer);
    world.deliver(answer);
    world.settle();
    world.deliver(prompt);
    world.settle();
    world.check();
}

#[test]
fn candidates_that_come_before_their_description_are_kept() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    let offer = hold_back(&mut world, is_offer);
    world.settle();
    assert_eq!(world.view(1).people[0].state, PersonState::Connecting);
    world.deliver(offer);
    world.settle();
    world.check();
}

#[test]
fn who_leaves_in_the_middle_of_a_negotiation_is_gone_and_the_rest_go_on() {
    for steps in 0..60 {
        let mut world = World::new(false);
        world.join("Ana", true);
        world.join("Cem", true);
        world.settle();
        world.join("Ben", true);
        for _ in 0..steps {
            world.step(0);
        }
        world.act(2, UserEvent::Leave);
        world.settle();
        world.check();
        assert_eq!(world.view(0).people.len(), 1);
        assert!(world.people[2].connections.is_empty());
    }
}

#[test]
fn a_stale_report_of_a_closed_connection_is_dropped() {
    let mut world = two(true, true);
    let link = LinkId {
        peer: world.id(1),
        number: 1,
    };
    world.act(1, UserEvent::Leave);
    world.settle();
    let before = world.view(0).people.clone();
    world.update(
        0,
        Event::Link(link, LinkEvent::OfferMade("audio:true".to_owned())),
    );
    assert!(world.relays.is_empty());
    assert_eq!(world.view(0).people, before);
}

#[test]
fn a_description_that_makes_no_sense_leaves_the_others_alone() {
    let mut world = two(true, true);
    world.join("Cem", true);
    world.settle();
    let (from, to) = (world.id(2), world.id(0));
    for seq in 2..50 {
        let sdp = "nonsense".to_owned();
        let signal = Signal::Offer {
            link: 1,
            seq,
            answered: 9,
            sdp,
        };
        world.deliver(Relay {
            from: from.clone(),
            to: to.clone(),
            signal,
        });
    }
    world.settle();
    assert_eq!(world.connection(0, 1).agrees_with(world.connection(1, 0)), Ok(()));
    world.act(1, CAMERA);
    world.settle();
    assert_eq!(world.view(0).people[0].camera, Some(false));
}

/// What may happen between two steps of the world.
#[derive(Clone, Debug)]
enum Act {
    Step(usize),
    Toggle(usize, Kind),
    Leave(usize),
    Join,
    /// A signal arrives twice.
    Repeat(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        40 => any::<u16>().prop_map(|pick| Act::Step(pick.into())),
        4 => (0..4_usize, prop::sample::select(&Kind::ALL[..3])).prop_map(|(who, kind)| Act::Toggle(who, kind)),
        1 => (0..4_usize).prop_map(Act::Leave),
        1 => Just(Act::Join),
        2 => any::<u16>().prop_map(|pick| Act::Repeat(pick.into())),
    ];
    prop::collection::vec(act, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the schedule, both sides end stable and with the same media, or the peer is gone.
    #[test]
    fn every_schedule_ends_in_agreement(acts in acts(), reorder: bool, media: [bool; 2]) {
        let mut world = World::new(reorder);
        world.join("Ana", media[0]);
        world.join("Ben", media[1]);
        for act in acts {
            match act {
                Act::Step(pick) => {
                    world.step(pick);
                }
                Act::Toggle(who, kind) if who < world.people.len() => world.act(who, UserEvent::Toggle(kind)),
                Act::Leave(who) if who < world.people.len() => world.act(who, UserEvent::Leave),
                Act::Join if world.people.len() < 4 => {
                    world.join(["Cem", "Dae"][world.people.len() - 2], true);
                }
                Act::Repeat(pick) if !world.relays.is_empty() => {
                    let relay = world.relays[pick % world.relays.len()].clone();
                    world.relays.push(relay);
                }
                _ => {}
            }
        }
        world.settle();
        world.check();
    }
}
