//! The server goes away and comes back, while a call runs.

use std::time::Duration;

use futures_util::future::try_join_all;
use maju_e2e::{Measure, Moment, Outcome, Person, RawPeer, Stage, between, moment, note, now, runs};
use maju_protocol::ClientMessage;
use tokio::{time::sleep, try_join};

use crate::company::{PATIENCE, entry, gather, own_id, unharmed};

#[tokio::test]
async fn a_restarted_server_is_noticed_by_nobody_in_the_call_and_lets_newcomers_in() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(["Ana", "Bo", "Cy"].map(|name| (entry(name), base.as_str()))).await?;
    let three = people.each_ref();
    let ids = try_join_all(people.iter().map(own_id)).await?;
    let newcomer = Person::open(&entry("Di"), &base).await?;
    for round in 0..runs(3, 2)? {
        newcomer.is_offered("Join").await?;
        let since = now();
        if round % 2 == 0 {
            stage.server.kill().await?;
        } else {
            stage.server.terminate().await?;
        }
        sleep(Duration::from_millis(500 + 500 * u64::from(round % 6))).await;
        let back = moment(stage.server.start_again().await?);
        let (resumed, joined) = try_join!(resumed(&people, &ids, back), async {
            newcomer.press("Join").await?;
            let seen = people
                .iter()
                .map(|person| newcomer.sees_move_after(&person.name, back, PATIENCE));
            Ok(try_join_all(seen).await?.into_iter().max().unwrap_or(back))
        })?;
        try_join_all(
            people
                .iter()
                .map(|person| person.sees_move_after("Di", back, PATIENCE)),
        )
        .await?;
        let still = unharmed(&three, since, &["connected"])
            .await?
            .iter()
            .flat_map(|watch| {
                watch
                    .tiles
                    .iter()
                    .filter(|tile| !tile.own && tile.from < since)
                    .map(|tile| tile.longest_still(since, watch.now))
            })
            .max()
            .unwrap_or_default();
        note(Measure::RestartStill, still)?;
        note(Measure::RestartResumed, between(back, resumed))?;
        note(Measure::RestartNewcomer, between(back, joined))?;
        assert_eq!(
            try_join_all(people.iter().map(own_id)).await?,
            ids,
            "somebody got another id"
        );

        newcomer.press("Leave").await?;
        try_join_all(
            people
                .iter()
                .map(|person| person.sees_exactly(&["Ana", "Bo", "Cy"])),
        )
        .await?;
        newcomer.browser.goto(&entry("Di").address(&base)?).await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "takes two minutes a round"]
async fn a_server_that_was_away_for_long_is_found_again_soon() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(["Ana", "Bo", "Cy"].map(|name| (entry(name), base.as_str()))).await?;
    let three = people.each_ref();
    let ids = try_join_all(people.iter().map(own_id)).await?;
    for _ in 0..runs(1, 1)? {
        let since = now();
        stage.server.kill().await?;
        sleep(Duration::from_secs(90)).await;
        let back = moment(stage.server.start_again().await?);
        let resumed = resumed(&people, &ids, back).await?;
        note(Measure::ServerAwayLong, between(back, resumed))?;
        unharmed(&three, since, &["connected"]).await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "takes half a minute a round"]
async fn a_server_that_freezes_is_noticed_by_nobody_in_the_call() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(["Ana", "Bo", "Cy"].map(|name| (entry(name), base.as_str()))).await?;
    let three = people.each_ref();
    let ids = try_join_all(people.iter().map(own_id)).await?;
    for _ in 0..runs(1, 1)? {
        let since = now();
        stage.server.freeze()?;
        sleep(Duration::from_secs(20)).await;
        stage.server.thaw()?;
        let thawed = now();
        // Whoever sees a newcomer has their seat.
        let mut eve = RawPeer::join(&stage.server, "faults", "Eve").await?;
        let seen = people.iter().map(|person| {
            person.notices("the newcomer's tile", thawed, PATIENCE, |watch| {
                watch.of("Eve").map(|tile| tile.from).next()
            })
        });
        let seated = try_join_all(seen).await?.into_iter().max().unwrap_or(thawed);
        eve.say(&ClientMessage::Leave {}).await?;
        try_join_all(
            people
                .iter()
                .map(|person| person.sees_exactly(&["Ana", "Bo", "Cy"])),
        )
        .await?;
        let watches = unharmed(&three, since, &["connected"]).await?;
        let still = watches
            .iter()
            .map(|watch| watch.longest_still(since, thawed))
            .max()
            .unwrap_or_default();
        note(Measure::ServerFrozen, between(thawed, seated))?;
        note(Measure::ServerFrozenStill, still)?;
        assert_eq!(
            try_join_all(people.iter().map(own_id)).await?,
            ids,
            "somebody got another id"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_camera_can_be_turned_on_for_the_first_time_while_the_server_is_away() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(["Ana", "Bo"].map(|name| (entry(name), base.as_str()))).await?;
    // The first of the full run's is as long as it is said to be; nothing is learnt by waiting as long again.
    let long = Duration::from_secs(if runs(0, 1)? == 0 { 8 } else { 60 });
    for round in 0..runs(1, 1)? {
        let cy = Person::enter(&entry("Cy").query("cam", "off"), &base).await?;
        for person in &people {
            cy.sees_moving(&person.name).await?;
            person
                .sees(&cy.name, "connected, without a camera", |seen| {
                    seen.state == "connected" && seen.camera_on() == Some(false)
                })
                .await?;
        }
        let since = now();
        stage.server.kill().await?;
        let lost = people.iter().chain([&cy]).map(|person| {
            person.notices("the server is gone", since, PATIENCE, |watch| {
                watch.sockets.iter().find_map(|socket| socket.closed)
            })
        });
        try_join_all(lost).await?;
        let pressed = now();
        cy.press("Turn camera on").await?;
        let seen = people
            .iter()
            .map(|person| person.sees_move_after("Cy", pressed, PATIENCE));
        let moved = try_join_all(seen).await?.into_iter().max().unwrap_or(pressed);
        note(Measure::CameraWithoutServer, between(pressed, moved))?;
        let away = between(since, now());
        sleep(if round == 0 {
            long.saturating_sub(away)
        } else {
            Duration::ZERO
        })
        .await;
        stage.server.start_again().await?;
        let back = now();
        for person in people.iter().chain([&cy]) {
            person
                .notices("a seat again", back, PATIENCE, |watch| {
                    watch.welcomed(back).map(drop)
                })
                .await?;
        }
        let all: Vec<&Person> = people.iter().chain([&cy]).collect();
        unharmed(&all, since, &["connected"]).await?;
        cy.press("Leave").await?;
        try_join_all(people.iter().map(|person| person.sees_exactly(&["Ana", "Bo"]))).await?;
    }
    Ok(())
}

/// Waits until each has got the same seat again after the server's return; the latest of the moments.
async fn resumed(people: &[Person], ids: &[String], back: Moment) -> Outcome<Moment> {
    let seats = people.iter().zip(ids).map(async |(person, id)| {
        let since = back.saturating_sub(1000);
        let welcome = person
            .notices("their seat again", since, PATIENCE, |watch| {
                watch.welcomed(since).cloned()
            })
            .await?;
        assert_eq!(welcome.you, *id, "{} got another id", person.name);
        Ok::<_, maju_e2e::Failure>(welcome.time)
    });
    Ok(try_join_all(seats).await?.into_iter().max().unwrap_or(back))
}
