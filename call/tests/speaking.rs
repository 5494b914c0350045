//! Who speaks, who is the main speaker, and who is told that nobody hears them, from levels as browsers report them.

mod world;

use maju_call::{
    Command, Event, Kind, Levels, Loudness, MediaCommand, Notice, PeerId, UserEvent, Whose, Wishes,
};
use proptest::prelude::*;
use world::World;

/// How often levels are reported, in milliseconds.
const PERIOD: u64 = 125;
/// Decibels relative to full scale, one number a report.
type Series = &'static [i8];

const SILENCE: Series = &[-80];
/// Two sentences, with the gaps between words and the pause between the sentences.
const SPEECH: Series = &[
    -28, -24, -31, -26, -52, -27, -23, -30, -66, -25, -29, -27, -33, -48, -26, -30, -78, -77, -79, -78, -27,
    -25, -62, -24, -28, -30, -26, -71, -29, -25, -27, -45, -76, -79, -78, -80,
];
/// The same from further away.
const SOFT_SPEECH: Series = &[
    -38, -35, -41, -36, -62, -37, -34, -40, -70, -35, -39, -37, -43, -58, -36, -40, -78, -77, -79, -78,
];
const COUGH: Series = &[
    -18, -22, -35, -80, -80, -80, -80, -80, -80, -80, -80, -80, -80, -80, -80, -80,
];
const KEYBOARD: Series = &[-70, -30, -72, -70, -71, -33, -70, -70];
/// A fan.
const HUM: Series = &[-36, -35, -37, -36, -34, -36, -37, -35];

/// Somebody in a room with others, of whom they hear levels.
struct Room {
    world: World,
    others: Vec<PeerId>,
    now: u64,
    looks: usize,
}

impl Room {
    fn with(others: usize) -> Self {
        let mut world = World::new(false);
        for name in ["Ana", "Ben", "Cem", "Dae"].iter().take(others + 1) {
            world.join(name, true);
        }
        world.settle();
        let others = world.view(0).people.iter().map(|person| person.id.clone());
        Self {
            others: others.collect(),
            world,
            now: 1_000_000,
            looks: 0,
        }
    }

    fn do_(&mut self, event: UserEvent) {
        self.world.people[0].call.update(self.now, Event::User(event));
    }

    fn look(&mut self, mine: i8, others: &[i8]) {
        self.now += PERIOD;
        self.looks += 1;
        let people = self.others.iter().cloned().zip(others.iter().map(|db| loud(*db)));
        let levels = Levels {
            mine: loud(mine),
            people: people.collect(),
        };
        let commands = self.world.people[0].call.update(self.now, Event::Levels(levels));
        assert_eq!(commands, [], "to hear is to show, not to do");
    }

    /// Plays the own series and those of the others for that long, and tells of each change who speaks.
    fn play(&mut self, seconds: u64, mine: Series, others: &[Series]) -> Vec<String> {
        let mut changes = Vec::new();
        let mut before = self.seen();
        for _ in 0..seconds * 1000 / PERIOD {
            let at = |series: Series| series[self.looks % series.len()];
            let others: Vec<_> = others.iter().map(|series| at(series)).collect();
            self.look(at(mine), &others);
            let now = self.seen();
            if now != before {
                changes.push(now.clone());
                before = now;
            }
        }
        changes
    }

    /// Who speaks, by number, oneself being 0; then the main speaker.
    fn seen(&self) -> String {
        let view = self.world.view(0);
        let number = |id: &PeerId| {
            self.others
                .iter()
                .position(|other| other == id)
                .map_or(0, |at| at + 1)
        };
        let name = |whose: &Whose| match whose {
            Whose::Peer(id) => number(id).to_string(),
            _ => "0".to_owned(),
        };
        let speaking: Vec<_> = view.speaking.iter().map(name).collect();
        let main = view.main_speaker.as_ref().map(name).unwrap_or_default();
        format!("{}|{main}", speaking.join(","))
    }

    fn told(&self) -> bool {
        self.world.view(0).notices.contains(&Notice::TalkingMuted)
    }
}

fn loud(db: i8) -> Loudness {
    Loudness::of(10_f64.powf(f64::from(db) / 20.0))
}

#[test]
fn loudness_is_in_decibels_above_silence() {
    for (amplitude, wanted) in [
        (0.0, Loudness::SILENCE),
        (1.0, Loudness::FULL),
        (7.0, Loudness::FULL),
    ] {
        assert_eq!(Loudness::of(amplitude), wanted);
    }
    assert_eq!(Loudness::of(f64::NAN), Loudness::SILENCE);
    assert_eq!(Loudness::of(-1.0), Loudness::SILENCE);
    assert!(Loudness::of(0.1) < Loudness::of(0.2));
}

#[test]
fn nobody_listens_while_nobody_is_there() {
    let mut world = World::new(false);
    world.join("Ana", true);
    world.settle();
    world.join("Ben", true);
    world.settle();
    let commands = world.people[1].call.update(9, Event::User(UserEvent::Leave));
    assert!(commands.contains(&Command::Media(MediaCommand::Listen(false))));
}

#[test]
fn who_speaks_is_seen_at_once_and_becomes_the_main_speaker_after_a_while() {
    let mut room = Room::with(2);
    assert_eq!(room.play(5, SILENCE, &[SILENCE, SPEECH]), ["2|", "2|2"]);
    assert_eq!(
        room.play(3, SILENCE, &[SILENCE, SILENCE]),
        ["|2"],
        "it stays until another one speaks"
    );
    assert_eq!(room.play(5, SILENCE, &[SPEECH, SILENCE]), ["1|2", "1|1"]);
}

#[test]
fn a_talk_is_seen_without_a_flicker() {
    let mut room = Room::with(1);
    assert_eq!(room.play(30, SILENCE, &[SPEECH]), ["1|", "1|1"]);
}

#[test]
fn coughs_and_keyboards_change_no_main_speaker() {
    for noise in [COUGH, KEYBOARD] {
        let mut room = Room::with(2);
        room.play(5, SILENCE, &[SPEECH, SILENCE]);
        room.play(3, SILENCE, &[SILENCE, SILENCE]);
        let changes = room.play(30, SILENCE, &[SILENCE, noise]);
        assert!(changes.iter().all(|seen| seen.ends_with("|1")), "{changes:?}");
    }
}

#[test]
fn a_keyboard_does_not_speak() {
    assert_eq!(Room::with(1).play(30, KEYBOARD, &[KEYBOARD]), [""; 0]);
}

#[test]
fn short_noises_in_turn_do_not_make_the_main_speaker_flip() {
    // A knock here, a knock there, each as loud as the other, without end.
    const HERE: Series = &[-20, -20, -80, -80, -80, -80];
    const THERE: Series = &[-80, -80, -80, -20, -20, -80];
    let mut room = Room::with(2);
    room.play(5, SILENCE, &[SPEECH, SILENCE]);
    let changes = room.play(60, SILENCE, &[HERE, THERE]);
    assert!(changes.iter().all(|seen| seen.ends_with("|1")), "{changes:?}");
}

#[test]
fn steady_noise_stops_counting_and_speech_over_it_counts() {
    const OVER_HUM: Series = &[
        -20, -17, -22, -19, -35, -20, -18, -36, -21, -19, -22, -36, -37, -35,
    ];
    let mut room = Room::with(1);
    room.play(8, HUM, &[HUM]);
    assert!(room.world.view(0).speaking.is_empty(), "{}", room.seen());
    assert_eq!(room.play(20, HUM, &[HUM]), [""; 0]);
    room.play(5, HUM, &[OVER_HUM]);
    assert_eq!(room.seen(), "1|1");
}

#[test]
fn who_is_a_little_louder_does_not_take_over_and_who_drowns_the_other_does() {
    let mut room = Room::with(2);
    room.play(5, SILENCE, &[SPEECH, SILENCE]);
    let changes = room.play(20, SILENCE, &[SPEECH, SPEECH]);
    assert!(changes.iter().all(|seen| seen.ends_with("|1")), "{changes:?}");

    let mut room = Room::with(2);
    room.play(5, SILENCE, &[SOFT_SPEECH, SILENCE]);
    room.play(10, SILENCE, &[SOFT_SPEECH, SPEECH]);
    assert_eq!(room.seen(), "2,1|2");
}

#[test]
fn one_is_seen_to_speak_and_never_is_the_main_speaker() {
    let mut room = Room::with(1);
    assert_eq!(room.play(10, SPEECH, &[SILENCE]), ["0|"]);
    room.play(5, SPEECH, &[SPEECH]);
    assert_eq!(room.seen(), "1,0|1");
}

#[test]
fn who_is_muted_does_not_speak() {
    let mut room = Room::with(2);
    room.play(5, SPEECH, &[SPEECH, SOFT_SPEECH]);
    assert_eq!(room.seen(), "1,2,0|1");
    room.do_(UserEvent::Toggle(Kind::Microphone));
    assert_eq!(room.seen(), "1,2|1");
    room.world.act(1, UserEvent::Toggle(Kind::Microphone));
    room.world.settle();
    assert_eq!(room.seen(), "2|1", "without waiting for levels");
    // A program that says so and sends sound all the same is not believed.
    room.play(10, SPEECH, &[SPEECH, SPEECH]);
    assert_eq!(room.seen(), "2|2");
}

#[test]
fn who_leaves_is_not_looked_at_any_more() {
    let mut room = Room::with(2);
    room.play(5, SILENCE, &[SPEECH, SILENCE]);
    room.world.act(1, UserEvent::Leave);
    room.world.settle();
    assert_eq!(room.seen(), "|");
}

#[test]
fn who_talks_while_muted_is_told_so_once_in_a_while() {
    let mut room = Room::with(1);
    room.play(5, SPEECH, &[SILENCE]);
    assert!(!room.told());
    room.do_(UserEvent::Toggle(Kind::Microphone));
    assert!(!room.told(), "what was said before does not count");
    room.play(30, KEYBOARD, &[SPEECH]);
    room.play(10, COUGH, &[SPEECH]);
    assert!(!room.told());
    room.play(2, SPEECH, &[SILENCE]);
    assert!(room.told());
    room.play(6, SPEECH, &[SILENCE]);
    assert!(!room.told(), "it goes by itself");
    room.play(50, SPEECH, &[SILENCE]);
    assert!(!room.told(), "and does not nag");
    room.play(30, SILENCE, &[SILENCE]);
    room.play(2, SPEECH, &[SILENCE]);
    assert!(room.told());
    room.do_(UserEvent::Toggle(Kind::Microphone));
    assert!(!room.told());
}

#[test]
fn who_pushes_to_talk_is_not_told_that_they_are_muted() {
    let mut room = Room::with(1);
    room.do_(UserEvent::Wish(Wishes {
        push_to_talk: true,
        ..Wishes::default()
    }));
    room.play(30, SPEECH, &[SILENCE]);
    assert!(!room.told());
}

#[test]
fn a_machine_that_slept_begins_anew() {
    let mut room = Room::with(1);
    room.play(5, SPEECH, &[SPEECH]);
    room.now += 60_000;
    room.play(1, SILENCE, &[SILENCE]);
    assert_eq!(room.seen(), "|1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the levels, and however irregularly they come.
    #[test]
    fn nobody_flickers_and_no_main_speaker_is_hurried(
        looks in prop::collection::vec((1..600_u64, -90..=0_i8, prop::collection::vec(-90..=0_i8, 3)), 1..400),
    ) {
        let mut room = Room::with(3);
        let mut changed = std::collections::HashMap::new();
        let mut main = (None, 0);
        let mut before = Vec::new();
        for (wait, mine, others) in looks {
            room.now += wait;
            room.look(mine, &others);
            let view = room.world.view(0);
            prop_assert_eq!(view.speaking.iter().filter(|whose| **whose == Whose::Mine).count() <= 1, true);
            let now: Vec<_> = view.speaking.iter().cloned().collect();
            let speakers = now.iter().chain(&before);
            let flipped: Vec<_> = speakers.filter(|one| now.contains(one) != before.contains(one)).cloned().collect();
            for whose in flipped {
                let last = changed.insert(whose.clone(), room.now);
                prop_assert!(last.is_none_or(|last| room.now - last >= 500), "{:?} flickers", whose);
            }
            before = now;
            let looked_at = room.world.view(0).main_speaker.clone();
            if looked_at != main.0 {
                prop_assert!(main.0.is_none() || room.now - main.1 >= 2000, "the main speaker flips");
                main = (looked_at, room.now);
            }
        }
    }
}
