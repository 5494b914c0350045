//! Long random schedules of everything that can go wrong: whatever happened, once the world is whole again,
//! everybody who is there sees and hears everybody else, and nobody who is gone is shown.

mod world;

use maju_call::{Kind, NetworkEvent, UserEvent};
use proptest::prelude::*;
use world::{World, says};

const NAMES: [&str; 4] = ["Ana", "Ben", "Cem", "Dae"];
/// Longer than the longest wait between two tries of anything.
const HEALED_WITHIN: u64 = 120_000;

/// What may happen. People are picked by number, modulo those who ever came.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// One of the things that can happen next happens.
    Step(usize),
    /// Time passes for everybody.
    Wait(u64),
    Toggle(usize, Kind),
    Say(usize),
    Join(bool),
    Leave(usize),
    Rejoin(usize),
    Crash(usize),
    LoseSocket(usize),
    LoseServer(usize, bool),
    Isolate(usize, bool),
    Part(usize, usize, bool),
    Network(usize, NetworkEvent),
    Forget(usize),
    KillServer,
    StartServer,
    /// A signal arrives twice.
    Repeat(usize),
    /// A signal is lost.
    Drop(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let who = 0..4_usize;
    let events = [
        NetworkEvent::Offline,
        NetworkEvent::Online,
        NetworkEvent::Changed,
        NetworkEvent::Shown,
    ];
    let act = prop_oneof![
        60 => any::<u16>().prop_map(|pick| Act::Step(pick.into())),
        6 => prop_oneof![1..500_u64, 500..30_000_u64].prop_map(Act::Wait),
        4 => (who.clone(), prop::sample::select(&Kind::ALL[..])).prop_map(|(who, kind)| Act::Toggle(who, kind)),
        2 => who.clone().prop_map(Act::Say),
        2 => any::<bool>().prop_map(Act::Join),
        1 => who.clone().prop_map(Act::Leave),
        1 => who.clone().prop_map(Act::Rejoin),
        1 => who.clone().prop_map(Act::Crash),
        3 => who.clone().prop_map(Act::LoseSocket),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, lost)| Act::LoseServer(who, lost)),
        3 => (who.clone(), any::<bool>()).prop_map(|(who, cut)| Act::Isolate(who, cut)),
        3 => (who.clone(), who.clone(), any::<bool>()).prop_map(|(a, b, parted)| Act::Part(a, b, parted)),
        2 => (who.clone(), prop::sample::select(events.to_vec())).prop_map(|(who, event)| Act::Network(who, event)),
        1 => who.prop_map(Act::Forget),
        1 => Just(Act::KillServer),
        2 => Just(Act::StartServer),
        3 => any::<u16>().prop_map(|pick| Act::Repeat(pick.into())),
        3 => any::<u16>().prop_map(|pick| Act::Drop(pick.into())),
    ];
    prop::collection::vec(act, 0..400)
}

fn carry_out(world: &mut World, act: Act) {
    let count = world.people.len();
    let relays = world.relays.len();
    match act {
        Act::Step(pick) => {
            world.step(pick);
        }
        Act::Wait(time) => world.wait(time),
        Act::Toggle(who, kind) => world.act(who % count, UserEvent::Toggle(kind)),
        Act::Say(who) => world.act(who % count, says("hello")),
        Act::Join(media) => {
            if count < NAMES.len() {
                world.join(NAMES[count], media);
            }
        }
        Act::Leave(who) => world.act(who % count, UserEvent::Leave),
        Act::Rejoin(who) => world.act(who % count, UserEvent::Rejoin),
        Act::Crash(who) => world.crash(who % count),
        Act::LoseSocket(who) => world.lose_socket(who % count),
        Act::LoseServer(who, lost) => world.lose_server_of(who % count, lost),
        Act::Isolate(who, cut) => world.isolate(who % count, cut),
        Act::Part(one, other, parted) => world.part(one % count, other % count, parted),
        Act::Network(who, event) => world.network(who % count, event),
        Act::Forget(who) => world.forget_token(who % count),
        Act::KillServer => world.kill_server(),
        Act::StartServer => world.start_server(),
        Act::Repeat(pick) => {
            if relays > 0 {
                let relay = world.relays[pick % relays].clone();
                world.relays.push(relay);
            }
        }
        Act::Drop(pick) => {
            if relays > 0 {
                world.relays.remove(pick % relays);
            }
        }
    }
}

/// Everything works again.
fn mend(world: &mut World) {
    world.start_server();
    for who in 0..world.people.len() {
        world.isolate(who, false);
    }
    world.wait(HEALED_WITHIN);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_schedule_of_faults_ends_in_a_whole_call(acts in acts(), reorder: bool, media: [bool; 2]) {
        let mut world = World::new(reorder);
        world.join("Ana", media[0]);
        world.join("Ben", media[1]);
        for act in acts {
            carry_out(&mut world, act);
        }
        mend(&mut world);
        world.check();
        for who in 0..world.people.len() {
            prop_assert!(world.view(who).people.iter().all(|person| person.offence.is_none()), "nobody honest is cut off");
        }
    }
}
