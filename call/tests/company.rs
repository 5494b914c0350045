//! Hands, reactions, names, the spotlight, and which pictures are wanted.

mod world;

use maju_call::{
    Command, Event, LinkCommand, LinkEvent, LinkId, Notice, PeerId, Pictures, REACTIONS, SocketEvent,
    UserEvent, Whose,
};
use maju_protocol::{ChannelMessage, ErrorCode, ServerMessage, Status};
use world::World;

/// The hands as somebody sees them, first raised first: by number and id.
fn hands(world: &World, who: usize) -> Vec<PeerId> {
    let view = world.view(who);
    let own = view.hand.zip(view.me.clone());
    let others = view
        .people
        .iter()
        .filter_map(|person| Some((person.hand?, person.id.clone())));
    let mut hands: Vec<_> = others.chain(own).collect();
    hands.sort();
    hands.into_iter().map(|(_, id)| id).collect()
}

fn hear(world: &mut World, who: usize, from: usize, message: ChannelMessage) -> Vec<Command> {
    let link = LinkId {
        peer: world.id(from),
        number: 1,
    };
    let event = Event::Link(link, LinkEvent::ChannelMessage(Ok(message)));
    world.people[who].call.update(1_000_000, event)
}

#[test]
fn hands_are_seen_by_all_in_the_order_in_which_they_were_raised() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    for who in [2, 0] {
        world.act(who, UserEvent::Hand(true));
        world.settle();
    }
    let raised = vec![world.id(2), world.id(0)];
    for who in 0..3 {
        assert_eq!(hands(&world, who), raised);
    }
    // Also by who comes later, and without those who lowered theirs or left.
    world.act(1, UserEvent::Hand(true));
    world.act(0, UserEvent::Hand(false));
    world.settle();
    world.join("Dae", false);
    world.settle();
    assert_eq!(hands(&world, 3), [world.id(2), world.id(1)]);
    world.act(2, UserEvent::Leave);
    world.settle();
    assert_eq!(hands(&world, 3), [world.id(1)]);
    assert_eq!(world.view(2).hand, None);
}

#[test]
fn two_hands_that_go_up_at_once_have_one_order_for_all() {
    let mut world = World::of(&["Ana", "Ben", "Cem"]);
    world.act(0, UserEvent::Hand(true));
    world.act(1, UserEvent::Hand(true));
    world.settle();
    let first = hands(&world, 0);
    assert_eq!(first.len(), 2);
    assert_eq!(hands(&world, 1), first);
    assert_eq!(hands(&world, 2), first);
}

#[test]
fn a_hand_of_a_made_up_number_does_not_use_the_numbers_up() {
    let mut world = World::of(&["Ana", "Ben"]);
    let status = |hand| {
        ChannelMessage::Status(Status {
            hand: Some(hand),
            ..Status::default()
        })
    };
    hear(&mut world, 0, 1, status(u32::MAX));
    assert!(world.view(0).people[0].hand.is_some_and(|hand| hand < 10));
    world.act(0, UserEvent::Hand(true));
    assert!(world.view(0).hand.is_some_and(|hand| hand < 10));
}

#[test]
fn a_reaction_is_shown_for_a_while_and_only_so_many_of_one_person() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.act(0, UserEvent::React(REACTIONS[0].to_owned()));
    world.act(0, UserEvent::React("<b>".to_owned()));
    world.settle();
    assert_eq!(world.view(0).reactions[0].whose, Whose::Mine);
    let shown = &world.view(1).reactions;
    assert_eq!((shown.len(), shown[0].emoji), (1, REACTIONS[0]));
    assert_eq!(shown[0].whose, Whose::Peer(world.id(0)));
    world.wait(6000);
    assert!(world.view(0).reactions.is_empty() && world.view(1).reactions.is_empty());
    for _ in 0..50 {
        let emoji = REACTIONS[1].to_owned();
        hear(&mut world, 1, 0, ChannelMessage::Reaction { emoji });
    }
    assert_eq!(world.view(1).reactions.len(), 3);
    assert!(world.view(1).people[0].offence.is_none());
}

#[test]
fn a_name_is_another_when_the_server_says_so_also_after_a_loss() {
    let mut world = World::of(&["Ana", "Ben"]);
    world.act(0, UserEvent::Rename("Anna".to_owned()));
    assert_eq!(world.view(0).name, "Ana");
    world.settle();
    assert_eq!(
        (&*world.view(0).name, &*world.view(1).people[0].name),
        ("Anna", "Anna")
    );
    // What is wanted while there is no seat is asked for with the next one.
    world.lose_socket(0);
    world.step(0);
    world.act(0, UserEvent::Rename("Anne".to_owned()));
    world.wait(10_000);
    assert_eq!(
        (&*world.view(0).name, &*world.view(1).people[0].name),
        ("Anne", "Anne")
    );
    let refusal = ServerMessage::Error {
        code: ErrorCode::NameGiven,
        text: "Your name is given.".to_owned(),
        about: Some("rename".to_owned()),
        peer: None,
        wait: None,
    };
    world.update(0, Event::Socket(SocketEvent::Message(refusal)));
    assert!(matches!(world.view(0).notices[..], [Notice::NotDone(_)]));
    assert_eq!(world.view(0).name, "Anne");
}

#[test]
fn the_spotlight_is_a_hosts_to_turn_and_late_comers_see_it() {
    let mut world = World::new(false);
    world.server.hosted = true;
    for name in ["Ana", "Ben", "Cem"] {
        world.join(name, false);
        world.settle();
    }
    let (ben, cem) = (world.id(1), world.id(2));
    world.act(1, UserEvent::Spotlight(Some(cem.clone())));
    let wish = ChannelMessage::Status(Status {
        spotlight: Some(cem),
        ..Status::default()
    });
    hear(&mut world, 2, 1, wish);
    world.settle();
    assert!(
        (0..3).all(|who| world.view(who).spotlight.is_none()),
        "a guest's wish"
    );
    world.act(0, UserEvent::Spotlight(Some(ben.clone())));
    world.join("Dae", false);
    world.settle();
    assert!((0..4).all(|who| world.view(who).spotlight.as_ref() == Some(&ben)));
    let ana = world.id(0);
    assert!((0..4).all(|who| world.view(who).spotlight_by.as_ref() == Some(&ana)));
    world.act(1, UserEvent::Leave);
    world.settle();
    assert!(
        [0, 2, 3]
            .into_iter()
            .all(|who| world.view(who).spotlight.is_none())
    );
}

#[test]
fn the_pictures_that_somebody_wants_are_known_to_those_who_send_them() {
    let mut world = World::of(&["Ana", "Ben"]);
    let ana = world.id(0);
    let wish = ChannelMessage::Status(Status {
        pictures: Pictures::Small,
        ..Status::default()
    });
    let limits = |commands: &[Command]| {
        let limit = |command: &Command| match command {
            Command::Link(link, LinkCommand::Limit(pictures)) => Some((link.number, *pictures)),
            _ => None,
        };
        commands.iter().filter_map(limit).collect::<Vec<_>>()
    };
    assert_eq!(
        limits(&hear(&mut world, 1, 0, wish.clone())),
        [(1, Pictures::Small)]
    );
    assert_eq!(limits(&hear(&mut world, 1, 0, wish)), []);
    // It holds for the next connection too.
    let link = LinkId { peer: ana, number: 1 };
    world.people[1]
        .call
        .update(1_000_001, Event::Link(link, LinkEvent::ChannelClosed));
    let mut anew = Vec::new();
    for second in 1..60 {
        anew.extend(
            world.people[1]
                .call
                .update(1_000_001 + second * 1000, Event::Tick),
        );
    }
    assert_eq!(
        limits(&anew).first().map(|(_, pictures)| *pictures),
        Some(Pictures::Small)
    );
    world.act(0, UserEvent::Pictures(Pictures::None));
    assert_eq!(world.view(0).pictures, Pictures::None);
}
