//! Rooms of more than two: everybody with everybody, newcomers, leavers, and rooms beside each other.

use futures_util::future::try_join_all;
use maju_e2e::{Devices, Entry, Look, Outcome, Person, RawPeer, Stage, holds, until};
use maju_protocol::{ErrorCode, ServerMessage};
use serde_json::json;
use tokio::try_join;

const FOUR: [(&str, Look); 4] = [
    ("Ana", Look::RED),
    ("Bo", Look::GREEN),
    ("Cy", Look::BLUE),
    ("Di", Look::YELLOW),
];

#[tokio::test]
async fn four_people_see_hear_and_read_each_other() -> Outcome {
    let stage = Stage::new().await?;
    let mut people = Vec::new();
    for (name, look) in FOUR {
        people.push(
            Person::enter(
                &Entry::new(name, "four").look(look),
                stage.server.address.as_str(),
            )
            .await?,
        );
    }
    let pairs = || {
        people
            .iter()
            .flat_map(|person| FOUR.map(move |(name, look)| (person, name, look)))
    };
    let directed: Vec<_> = pairs().filter(|(person, name, _)| person.name != *name).collect();
    assert_eq!(directed.len(), 12);
    try_join_all(
        directed
            .iter()
            .map(|(person, name, look)| person.sees_look(name, *look)),
    )
    .await?;
    try_join_all(directed.iter().map(|(person, name, _)| person.hears(name))).await?;
    for person in &people {
        person.sees_exactly(&["Ana", "Bo", "Cy", "Di"]).await?;
        let links = person.links().await?;
        assert_eq!(links.len(), 3, "one connection a pair: {links:?}");
    }

    let mut lines = Vec::new();
    let [ana, bo, cy, di] = &people[..] else {
        return Err(maju_e2e::Failure::new("not four"));
    };
    for person in &people {
        person.open_chat().await?;
    }
    for (person, text) in [
        (ana, "hello"),
        (ana, "can you read me?"),
        (di, "yes"),
        (bo, "<b>yes</b>"),
        (cy, "네, 잘 보여요"),
    ] {
        person.write(text).await?;
        lines.push(format!("{} : {text}", person.name));
        let expected: Vec<&str> = lines.iter().map(String::as_str).collect();
        try_join_all(people.iter().map(|person| person.reads(&expected))).await?;
    }
    Ok(())
}

#[tokio::test]
async fn chat_written_quickly_arrives_once_and_in_order() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "chat").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "chat").look(Look::GREEN), base).await?;
    try_join!(
        ana.sees_moving("Bo"),
        bo.sees_moving("Ana"),
        ana.open_chat(),
        bo.open_chat()
    )?;
    let mut lines = Vec::new();
    for number in 1..=12 {
        ana.browser.fill("Message", &format!("{number}")).await?;
        ana.browser.press_enter().await?;
        lines.push(format!("Ana : {number}"));
    }
    let expected: Vec<&str> = lines.iter().map(String::as_str).collect();
    try_join!(ana.reads(&expected), bo.reads(&expected)).map(drop)
}

#[tokio::test]
async fn a_newcomer_sees_all_and_whoever_leaves_is_gone_at_once_and_can_come_back() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "doors").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "doors").look(Look::GREEN), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    let cy = Person::enter(&Entry::new("Cy", "doors").look(Look::BLUE), base).await?;
    try_join!(
        cy.sees_look("Ana", Look::RED),
        cy.sees_look("Bo", Look::GREEN),
        ana.sees_look("Cy", Look::BLUE),
        bo.sees_look("Cy", Look::BLUE),
    )?;

    cy.press("Leave").await?;
    cy.is_offered("Rejoin").await?;
    try_join!(ana.sees_exactly(&["Ana", "Bo"]), bo.sees_exactly(&["Ana", "Bo"]))?;
    let live = "__e2e.captured.filter((track) => track.readyState !== 'ended').length";
    until("Cy's camera and microphone are let go", async || {
        Ok(holds(cy.browser.eval(live).await?, |live: &u32| *live == 0))
    })
    .await?;
    assert!(
        cy.links().await?.iter().all(|link| link.state == "closed"),
        "{:?}",
        cy.links().await?
    );
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    cy.press("Rejoin").await?;
    cy.is_in_call().await?;
    try_join!(
        cy.sees_look("Ana", Look::RED),
        cy.sees_look("Bo", Look::GREEN),
        ana.sees_look("Cy", Look::BLUE),
        bo.sees_look("Cy", Look::BLUE),
    )?;
    ana.sees_exactly(&["Ana", "Bo", "Cy"]).await?;

    // A browser that vanishes takes its tile along, too.
    drop(cy);
    try_join!(ana.sees_exactly(&["Ana", "Bo"]), bo.sees_exactly(&["Ana", "Bo"])).map(drop)
}

#[tokio::test]
async fn rooms_do_not_leak_into_each_other() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let dark = |name, room| Entry::new(name, room).devices(Devices::None);
    let ana = Person::enter(&Entry::new("Ana", "here").look(Look::RED), base).await?;
    let bo = Person::enter(&dark("Bo", "here"), base).await?;
    let cy = Person::enter(&dark("Cy", "there"), base).await?;
    let mut di = RawPeer::join(&stage.server, "there", "Di").await?;
    let names: Vec<_> = di.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Cy"]);
    try_join!(
        bo.sees_moving("Ana"),
        cy.sees_exactly(&["Cy", "Di"]),
        ana.sees_exactly(&["Ana", "Bo"])
    )?;

    try_join!(bo.open_chat(), cy.open_chat())?;
    ana.write("only here").await?;
    bo.reads(&["Ana : only here"]).await?;
    cy.reads(&[]).await?;

    // Not even who knows an id of the other room reaches it.
    let bo_id = ana.see("Bo").await?.peer;
    di.relay(&maju_protocol::PeerId::new(bo_id), json!({ "hello": "there" }))
        .await?;
    let code = di
        .hear("a refusal", |message| match message {
            ServerMessage::Error { code, .. } => Some(code),
            _ => None,
        })
        .await?;
    assert_eq!(code, ErrorCode::UnknownPeer);
    Ok(())
}
