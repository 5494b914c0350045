//! What people write, and in which order everybody reads it.

mod world;

use maju_call::{Event, LinkEvent, LinkId, MAX_CHAT_CHARS, UserEvent};
use maju_protocol::{ChannelMessage, HistoryLine, PeerId};
use proptest::prelude::*;
use world::{World, says};

fn reads(world: &World, who: usize) -> Vec<String> {
    let line = |line: &std::sync::Arc<maju_call::ChatLine>| format!("{}: {}", line.name, line.text);
    world.view(who).chat.iter().map(line).collect()
}

fn chat(seq: u32, order: u32, text: &str) -> ChannelMessage {
    ChannelMessage::Chat {
        seq,
        order,
        text: text.to_owned(),
        age: 0,
        private: false,
    }
}

/// Somebody hears that on the first link to somebody else.
fn hear(world: &mut World, who: usize, from: usize, message: ChannelMessage) {
    let link = LinkId {
        peer: world.id(from),
        number: 1,
    };
    world.update(who, Event::Link(link, LinkEvent::ChannelMessage(Ok(message))));
}

fn line(author: &PeerId, seq: u32, order: u32, text: &str) -> HistoryLine {
    HistoryLine {
        author: author.clone(),
        name: "Somebody".to_owned(),
        seq,
        order,
        age: 60,
        text: text.to_owned(),
    }
}

#[test]
fn who_comes_later_reads_what_was_written_once_and_in_the_same_order() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.act(0, says("one"));
    world.settle();
    world.act(1, says("two"));
    world.settle();
    world.wait(90_000);
    world.act(0, says("three"));
    world.wait(2000);
    world.join("Cem", false);
    world.settle();
    let all = ["Ana: one", "Ben: two", "Ana: three"];
    for who in 0..3 {
        assert_eq!(reads(&world, who), all);
    }
    let cem = &world.view(2).chat;
    assert!(cem.iter().all(|line| line.before && !line.mine), "{cem:?}");
    assert!(cem[2].at - cem[0].at >= 89_000, "{cem:?}");
    world.act(2, says("four"));
    world.settle();
    assert_eq!(reads(&world, 0).last().map(String::as_str), Some("Cem: four"));
    assert!(!world.view(0).chat[3].before);
}

#[test]
fn what_somebody_wrote_who_is_gone_is_told_by_another_who_is_named() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.act(0, says("goodbye"));
    world.settle();
    world.act(0, UserEvent::Leave);
    world.settle();
    world.join("Cem", false);
    world.settle();
    assert_eq!(reads(&world, 2), ["Ana: goodbye"]);
    assert_eq!(world.view(2).chat[0].told_by, "Ben");
}

#[test]
fn a_silent_one_is_passed_over_and_the_next_one_asked() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    world.act(0, says("hello"));
    world.settle();
    world.act(0, UserEvent::Leave);
    world.settle();
    // Ben hears nothing more of anybody, so he does not answer.
    world.crash(1);
    world.join("Dae", false);
    world.wait(30_000);
    assert_eq!(reads(&world, 3), ["Ana: hello"]);
    assert_eq!(world.view(3).chat[0].told_by, "Cem");
}

#[test]
fn two_who_come_at_once_both_read_all() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.act(0, says("hello"));
    world.settle();
    world.act(0, UserEvent::Leave);
    world.settle();
    world.join("Cem", false);
    world.join("Dae", false);
    world.wait(20_000);
    for who in 1..4 {
        assert_eq!(reads(&world, who), ["Ana: hello"], "{who}");
    }
}

#[test]
fn a_private_message_is_read_by_two_and_told_to_nobody() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    let ben = world.id(1);
    let text = "psst".to_owned();
    world.act(
        0,
        UserEvent::SendChat {
            text,
            to: Some(ben.clone()),
        },
    );
    world.settle();
    assert_eq!(reads(&world, 1), ["Ana: psst"]);
    assert!(world.view(1).chat[0].private && world.view(0).chat[0].private);
    assert_eq!(world.view(0).chat[0].to, "Ben");
    assert!(reads(&world, 2).is_empty());
    world.join("Dae", false);
    world.settle();
    assert!(reads(&world, 3).is_empty());
    // Nor is it written to somebody who is gone.
    world.act(1, UserEvent::Leave);
    world.settle();
    let text = "still there?".to_owned();
    world.act(0, UserEvent::SendChat { text, to: Some(ben) });
    world.settle();
    assert_eq!(world.view(0).chat.len(), 1);
    assert!(reads(&world, 2).is_empty());
}

#[test]
fn messages_that_cross_are_read_in_one_order_by_all() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    for who in [0, 1, 2, 1] {
        world.act(who, says(&format!("of {who}")));
    }
    world.settle();
    let first = reads(&world, 0);
    assert_eq!(first.len(), 4);
    assert_eq!(reads(&world, 1), first);
    assert_eq!(reads(&world, 2), first);
}

#[test]
fn what_is_written_before_a_broken_channel_is_noticed_arrives_by_the_next_one() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.break_channel(0);
    world.act(0, says("one"));
    world.wait(60_000);
    world.act(0, says("two"));
    world.settle();
    assert_eq!(reads(&world, 1), ["Ana: one", "Ana: two"]);
}

#[test]
fn a_number_that_is_made_up_moves_nobody_else() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    world.act(0, says("one"));
    world.settle();
    hear(&mut world, 2, 1, chat(1, u32::MAX, "me last, for ever"));
    world.act(0, says("two"));
    world.settle();
    assert_eq!(reads(&world, 2).last().map(String::as_str), Some("Ana: two"));
    world.act(2, says("three"));
    world.settle();
    assert_eq!(reads(&world, 0), ["Ana: one", "Ana: two", "Cem: three"]);
}

#[test]
fn what_an_author_says_counts_more_than_what_was_told_of_it_and_unasked_tales_count_nothing() {
    let mut world = World::of(&["Ana", "Ben"]);
    let (ana, ben) = (world.id(0), world.id(1));
    world.join("Cem", false);
    while world.view(2).people.len() < 2 {
        world.step(0);
    }
    // Ben answers as the first, and lies.
    let mut asked = false;
    for _ in 0..2000 {
        let connections = &world.people[2].connections;
        asked = connections.iter().any(|(link, connection)| {
            link.peer == ben && connection.said.contains(&ChannelMessage::AskHistory {})
        });
        if asked || !world.step(1) {
            break;
        }
    }
    let teller = if asked { 1 } else { 0 };
    let (teller_id, victim) = if asked { (ben, ana) } else { (ana, ben) };
    let lines = vec![
        line(&victim, 1, 1, "what was never said"),
        line(&PeerId::new("gone"), 1, 2, "perhaps"),
        line(&PeerId::new("x".repeat(65)), 1, 2, "no id"),
        line(&victim, 2, 3, " "),
    ];
    hear(
        &mut world,
        2,
        teller,
        ChannelMessage::History { lines: lines.clone() },
    );
    let seen = reads(&world, 2);
    if !seen.is_empty() {
        assert_eq!(seen, ["Somebody: what was never said", "Somebody: perhaps"]);
    }
    world.settle();
    let victim_number = 1 - teller;
    world.act(victim_number, says("the truth"));
    world.settle();
    assert!(reads(&world, 2).iter().any(|line| line.ends_with("the truth")));
    assert!(!reads(&world, 2).iter().any(|line| line.ends_with("never said")));
    // Whoever was not asked is not believed.
    let count = world.view(0).chat.len();
    hear(&mut world, 0, teller.max(1), ChannelMessage::History { lines });
    assert_eq!(world.view(0).chat.len(), count);
    assert!(!teller_id.as_str().is_empty());
}

#[test]
fn long_histories_come_in_pieces_that_fit_and_the_newest_lines_count() {
    let mut world = World::of(&["Ana", "Ben"]);
    for number in 0..250 {
        world.act(0, says(&format!("{number} {}", "가".repeat(300))));
    }
    world.settle();
    world.act(0, UserEvent::Leave);
    world.settle();
    world.join("Cem", false);
    world.settle();
    let lines = reads(&world, 2);
    assert_eq!(lines.len(), 200);
    assert!(lines[0].starts_with("Ana: 50 ") && lines[199].starts_with("Ana: 249 "));
    // However long they are, they are told without end to nobody.
    for number in 0..100 {
        world.act(1, says(&format!("{number}{}", "\"".repeat(MAX_CHAT_CHARS - 5))));
    }
    world.settle();
    world.act(1, UserEvent::Leave);
    world.settle();
    world.join("Dae", false);
    world.settle();
    assert!(
        (20..60).contains(&world.view(3).chat.len()),
        "{}",
        world.view(3).chat.len()
    );
    assert!(world.view(3).people.iter().all(|person| person.offence.is_none()));
}

#[test]
fn who_writes_is_seen_to_and_not_for_ever() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    let typing = |world: &World, who: usize| world.view(who).people[0].typing;
    let types = |on: bool, to: Option<PeerId>| UserEvent::Typing { on, to };
    world.act(0, types(true, None));
    world.settle();
    assert!(typing(&world, 1) && typing(&world, 2));
    world.wait(6000);
    assert!(!typing(&world, 1));
    let ben = world.id(1);
    world.act(0, types(true, Some(ben)));
    world.settle();
    assert!(typing(&world, 1) && !typing(&world, 2));
    world.act(0, types(false, None));
    world.settle();
    assert!(!typing(&world, 1));
    world.act(0, types(true, None));
    world.act(0, says("done"));
    world.settle();
    assert!(!typing(&world, 1));
    // Each key is told to the call, and few of them to the others.
    for _ in 0..100 {
        world.act(0, types(true, None));
    }
    let said: usize = world.people[0]
        .connections
        .values()
        .map(|connection| connection.said.len())
        .sum();
    assert_eq!(said, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever overtakes whatever, and whoever's channel breaks, all read the same.
    #[test]
    fn all_read_the_same_in_the_end(acts in prop::collection::vec((0..4_usize, 0..8_usize, 0..40_usize), 1..60)) {
        let mut world = World::of(&["Ana", "Ben", "Cem"]);
        for (number, (who, what, steps)) in acts.into_iter().enumerate() {
            match what {
                0 => world.break_channel(who % world.people.len()),
                1 if world.people.len() < 4 => {
                    world.join("Dae", false);
                }
                _ => {
                    let who = who % world.people.len();
                    world.act(who, says(&number.to_string()));
                }
            }
            for _ in 0..steps {
                world.step(number);
            }
        }
        world.wait(120_000);
        world.check();
        let first: Vec<_> = reads(&world, 0);
        for who in 1..world.people.len() {
            prop_assert_eq!(&reads(&world, who), &first);
        }
    }
}
