//! Everything that can happen to two and three people, tried out: a model checker walks through each order in
//! which messages, browsers, presses and faults can follow one another, with the same code that runs in a browser.
//! Of times only their order counts.

mod world;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, OnceLock};

use maju_call::{ConnectionState, Kind, UserEvent};
use maju_protocol::ChannelMessage;
use stateright::{Checker, Model, Property};
use world::{Step, World};

/// In milliseconds: within this time everything is well again once nothing more goes wrong.
const HEALED_WITHIN: u64 = 120_000;

/// Who there is, and how often what may happen.
#[derive(Clone, Debug)]
struct Scenario {
    name: &'static str,
    people: usize,
    /// All are in the room and connected when it begins; else they have just pressed Join.
    settled: bool,
    /// A browser takes its time for what it is told; else it is done at once.
    slow_browsers: bool,
    /// Messages of one person to another may overtake each other.
    overtaking: bool,
    /// Messages may take so long that time passes meanwhile.
    slow_network: bool,
    faults: Faults,
}

/// What may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Faults {
    /// How many turn their camera on for the first time, by which a negotiation is needed.
    cameras: u8,
    sockets: u8,
    leaves: u8,
    crashes: u8,
    restarts: u8,
    partings: u8,
    /// Data channels that break, whereupon the connection is made anew.
    channels: u8,
    /// Signals that are lost.
    losses: u8,
    /// How often time passes for somebody, so that something is repeated or given up.
    times: u8,
}

#[derive(Clone, Debug)]
struct State {
    world: World,
    faults: Faults,
    /// Who turned the camera on.
    cameras: [bool; 3],
    parted: Option<(usize, usize)>,
    /// What is wrong in the end, once it was asked for.
    flaws: Arc<OnceLock<[bool; 4]>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Step(Step),
    /// Time passes for somebody.
    Tick(usize),
    /// The server gives up waiting for somebody.
    Expire(usize),
    Camera(usize),
    LoseSocket(usize),
    Leave(usize),
    Crash(usize),
    KillServer,
    StartServer,
    Part(usize, usize),
    Meet,
    BreakChannel(usize),
    Lose(usize),
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.world, self.faults, self.cameras, self.parted).hash(state);
    }
}

/// States that hash alike are alike: see the hash of the world.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        let hash = |state: &Self| {
            let mut hasher = DefaultHasher::new();
            state.hash(&mut hasher);
            hasher.finish()
        };
        hash(self) == hash(other)
    }
}

impl State {
    /// Does at once what nothing hangs on when it happens: it commutes with all else that can.
    fn rush(&mut self, slow_browsers: bool) {
        loop {
            let steps = self.world.steps();
            let Some(step) = steps.into_iter().find(|step| self.is_rushed(step, slow_browsers)) else {
                return;
            };
            self.world.happen(step);
        }
    }

    fn is_rushed(&self, step: &Step, slow_browsers: bool) -> bool {
        match step {
            Step::Event(_) | Step::Connect(..) => true,
            Step::Said(who, link) => {
                let said = self.world.people[*who].connections[link].said.front();
                matches!(
                    said,
                    Some(
                        ChannelMessage::Status(_)
                            | ChannelMessage::AskHistory {}
                            | ChannelMessage::History { .. }
                    )
                )
            }
            Step::Operation(..) => !slow_browsers,
            Step::Lose(who, link) => {
                self.world.people[*who].connections[link].state == ConnectionState::Connected
            }
            Step::Relay(_) => false,
        }
    }

    fn is_whole(&self) -> bool {
        self.world.server.is_up && self.parted.is_none()
    }

    /// What is wrong in the end when nothing more goes wrong: see [`FLAWS`].
    fn flaws(&self) -> [bool; 4] {
        *self.flaws.get_or_init(|| {
            let mut world = self.world.clone();
            if let Some((one, other)) = self.parted {
                world.part(one, other, false);
            }
            world.start_server();
            world.wait(HEALED_WITHIN);
            FLAWS.map(|flaw| flaw(&world).is_some())
        })
    }
}

const FLAWS: [fn(&World) -> Option<String>; 4] = [
    World::someone_waits,
    World::someone_disagrees,
    World::someone_is_a_ghost,
    World::someone_began_anew,
];

impl Model for Scenario {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut world = World::new(self.overtaking);
        for name in &["Ana", "Ben", "Cem"][..self.people] {
            world.join(name, false);
            if self.settled {
                world.settle();
            }
        }
        let mut state = State {
            world,
            faults: self.faults,
            cameras: [false; 3],
            parted: None,
            flaws: Arc::default(),
        };
        state.rush(self.slow_browsers);
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let world = &state.world;
        // A connection is given up only after a while.
        let (slow, steps): (Vec<_>, Vec<_>) = world
            .steps()
            .into_iter()
            .partition(|step| matches!(step, Step::Lose(..)));
        let still = steps.is_empty();
        actions.extend(steps.into_iter().map(Action::Step));
        let people = || (0..self.people).filter(|who| world.is_in_call(*who));
        let faults = &state.faults;
        if faults.cameras > 0 {
            actions.extend(people().filter(|who| !state.cameras[*who]).map(Action::Camera));
        }
        if faults.sockets > 0 {
            actions.extend(
                people()
                    .filter(|who| world.has_socket(*who))
                    .map(Action::LoseSocket),
            );
        }
        if faults.leaves > 0 {
            actions.extend(people().map(Action::Leave));
        }
        if faults.crashes > 0 {
            actions.extend(people().map(Action::Crash));
        }
        if faults.restarts > 0 && world.server.is_up {
            actions.push(Action::KillServer);
        }
        if !world.server.is_up {
            actions.push(Action::StartServer);
        }
        match state.parted {
            None if faults.partings > 0 => actions.push(Action::Part(0, 1)),
            Some(_) => actions.push(Action::Meet),
            None => {}
        }
        if faults.channels > 0 {
            actions.extend(
                people()
                    .filter(|who| world.has_channel(*who))
                    .map(Action::BreakChannel),
            );
        }
        if faults.losses > 0 {
            actions.extend((0..world.relays.len()).map(Action::Lose));
        }
        // Time passes when nothing else is under way: messages are faster than patience.
        if (still || self.slow_network) && state.is_whole() {
            actions.extend(slow.into_iter().map(Action::Step));
            if faults.times > 0 {
                let waiting = (0..self.people).filter(|who| world.waits(*who));
                actions.extend(waiting.map(Action::Tick));
            }
            actions.extend(world.server.away().map(Action::Expire));
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = State {
            flaws: Arc::default(),
            ..before.clone()
        };
        let (world, faults) = (&mut state.world, &mut state.faults);
        match action {
            Action::Step(step) => world.happen(step),
            Action::Tick(who) => {
                faults.times -= 1;
                world.tick(who);
            }
            Action::Expire(who) => world.expire_one(who),
            Action::Camera(who) => {
                faults.cameras -= 1;
                state.cameras[who] = true;
                world.act(who, UserEvent::Toggle(Kind::Camera));
            }
            Action::LoseSocket(who) => {
                faults.sockets -= 1;
                world.lose_socket(who);
            }
            Action::Leave(who) => {
                faults.leaves -= 1;
                world.act(who, UserEvent::Leave);
            }
            Action::Crash(who) => {
                faults.crashes -= 1;
                world.crash(who);
            }
            Action::KillServer => {
                faults.restarts -= 1;
                world.kill_server();
            }
            Action::StartServer => world.start_server(),
            Action::Part(one, other) => {
                faults.partings -= 1;
                state.parted = Some((one, other));
                world.part(one, other, true);
            }
            Action::Meet => {
                let (one, other) = state.parted.take()?;
                world.part(one, other, false);
            }
            Action::BreakChannel(who) => {
                faults.channels -= 1;
                world.break_channel(who);
            }
            Action::Lose(index) => {
                faults.losses -= 1;
                world.relays.remove(index);
            }
        }
        state.rush(self.slow_browsers);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "no stuck state: in the end everybody is connected to everybody",
                |_, state: &State| !state.flaws()[0],
            ),
            Property::always(
                "in the end both ends agree on the connection and what it carries",
                |_, state: &State| !state.flaws()[1],
            ),
            Property::always("in the end nobody is shown who is gone", |_, state: &State| {
                !state.flaws()[2]
            }),
            Property::always(
                "no connection is made anew unless its own way or channel broke",
                |model: &Self, state: &State| model.breaks_connections() || !state.flaws()[3],
            ),
            Property::always("no description is refused by a browser", |_, state: &State| {
                state.world.refused() == 0
            }),
            Property::always("nobody honest is cut off", |_, state: &State| {
                !state.world.anybody_offends()
            }),
        ]
    }
}

impl Scenario {
    fn breaks_connections(&self) -> bool {
        let faults = &self.faults;
        faults.partings + faults.channels + faults.crashes > 0
    }

    /// Walks through all states and tells how many there were.
    fn check(self) {
        let name = self.name;
        let checker = self.checker().threads(2).spawn_bfs().join();
        // Not by a macro of the test harness, which would swallow it.
        let mut out = std::io::stdout().lock();
        let properties = checker.model().properties();
        let _shown = writeln!(
            out,
            "{name}: {} states, {} of them different",
            checker.state_count(),
            checker.unique_state_count()
        );
        for property in properties {
            let _shown = writeln!(out, "  {:?}: {}", property.expectation, property.name);
        }
        checker.assert_properties();
    }
}

fn scenario(name: &'static str, people: usize, faults: Faults) -> Scenario {
    Scenario {
        name,
        people,
        settled: true,
        slow_browsers: false,
        overtaking: false,
        slow_network: false,
        faults,
    }
}

#[test]
fn crossing_offers_are_settled_though_messages_overtake_each_other() {
    let faults = Faults {
        cameras: 2,
        times: 1,
        ..Faults::default()
    };
    Scenario {
        slow_browsers: true,
        overtaking: true,
        ..scenario("crossing offers", 2, faults)
    }
    .check();
}

#[test]
fn lost_signals_leave_nobody_stuck() {
    let faults = Faults {
        cameras: 2,
        losses: 2,
        times: 2,
        ..Faults::default()
    };
    scenario("lost signals", 2, faults).check();
}

#[test]
fn broken_sockets_and_restarted_servers_touch_no_connection() {
    let faults = Faults {
        cameras: 1,
        sockets: 1,
        restarts: 1,
        times: 3,
        ..Faults::default()
    };
    scenario("broken sockets, restarted server", 2, faults).check();
}

#[test]
fn broken_ways_end_in_a_whole_call() {
    let faults = Faults {
        cameras: 1,
        sockets: 1,
        partings: 1,
        times: 4,
        ..Faults::default()
    };
    scenario("broken ways", 2, faults).check();
}

#[test]
fn messages_of_old_connections_do_not_touch_new_ones() {
    let faults = Faults {
        cameras: 1,
        channels: 1,
        times: 2,
        ..Faults::default()
    };
    Scenario {
        overtaking: true,
        slow_network: true,
        ..scenario("new connections, slow network", 2, faults)
    }
    .check();
}

#[test]
fn nobody_is_shown_who_left_or_crashed() {
    let faults = Faults {
        sockets: 1,
        leaves: 1,
        crashes: 1,
        restarts: 1,
        times: 2,
        ..Faults::default()
    };
    scenario("leaving and crashing", 2, faults).check();
}

#[test]
fn three_who_come_at_once_are_all_connected() {
    Scenario {
        settled: false,
        ..scenario("three come", 3, Faults::default())
    }
    .check();
}

#[test]
fn three_who_resume_and_leave_agree_on_who_is_there() {
    let faults = Faults {
        cameras: 1,
        sockets: 1,
        leaves: 1,
        times: 1,
        ..Faults::default()
    };
    scenario("three, resume and leave", 3, faults).check();
}

#[test]
fn crossing_offers_of_three_are_settled() {
    let faults = Faults {
        cameras: 2,
        ..Faults::default()
    };
    scenario("three, crossing offers", 3, faults).check();
}
