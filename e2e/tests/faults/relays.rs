//! Routers that let people meet directly, by a relay, or by a relay over TCP only.

use std::time::Duration;

use maju_e2e::{Entry, Measure, Nat, Outcome, Place, Route, between, note, now, runs};
use tokio::{time::sleep, try_join};

use crate::company::{Scene, all_see_all, entry, moves_again, settles, tile_stayed};

#[tokio::test]
async fn behind_symmetric_routers_people_meet_by_the_relay() -> Outcome {
    meet(
        Measure::TurnOnly,
        Nat::Symmetric,
        Nat::Symmetric,
        "udp",
        |route| route.local == "relay" || route.remote == "relay",
    )
    .await
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn behind_cone_routers_people_meet_directly() -> Outcome {
    meet(Measure::NatConeCone, Nat::Cone, Nat::Cone, "stun", |route| {
        route.local != "relay" && route.remote != "relay"
    })
    .await
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn behind_a_cone_and_a_symmetric_router_people_meet_by_the_relay() -> Outcome {
    meet(Measure::NatSymmetric, Nat::Cone, Nat::Symmetric, "udp", |route| {
        route.local == "relay" || route.remote == "relay"
    })
    .await
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn where_udp_is_blocked_people_meet_by_the_relay_over_tcp() -> Outcome {
    meet(
        Measure::NatUdpBlocked,
        Nat::UdpBlocked,
        Nat::Cone,
        "tcp",
        |route| route.local == "relay" || route.remote == "relay",
    )
    .await
}

#[tokio::test]
async fn firefox_and_chromium_meet_through_routers() -> Outcome {
    mixed(Nat::Cone, "stun").await
}

#[tokio::test]
async fn firefox_and_chromium_meet_by_the_relay() -> Outcome {
    mixed(Nat::Symmetric, "udp").await
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn a_relay_that_restarts_interrupts_shortly() -> Outcome {
    let what = "a relay that restarts";
    let Some(mut scene) = Scene::build(what, [Nat::Symmetric; 2], &["udp"], ana_and_bo()).await? else {
        return Ok(());
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        scene.turn.kill().await?;
        sleep(Duration::from_secs(2)).await;
        scene.turn.start_again().await?;
        let back = now();
        let [ana, bo] = &scene.people;
        let moved = moves_again(ana, &[bo], back).await?;
        note(Measure::TurnRestarted, between(back, moved))?;
        for (person, other) in [(ana, "Bo"), (bo, "Ana")] {
            tile_stayed(
                person,
                &person.noticed(since).await?,
                other,
                since,
                &["connected", "reconnecting"],
            );
        }
        settles(&[ana, bo]).await?;
    }
    Ok(())
}

/// Ana behind router 1 and Bo behind router 2.
fn ana_and_bo() -> [(Place, Entry); 2] {
    [(Place::One, entry("Ana")), (Place::Two, entry("Bo"))]
}

/// Lets Firefox and Chromium meet.
async fn mixed(nat: Nat, offered: &str) -> Outcome {
    let people = [(Place::One, entry("Ana").firefox()), (Place::Two, entry("Bo"))];
    let what = "Firefox and Chromium behind routers";
    let Some(scene) = Scene::build(what, [nat, nat], &[offered], people).await? else {
        return Ok(());
    };
    let [ana, bo] = &scene.people;
    try_join!(ana.hears("Bo"), bo.hears("Ana")).map(drop)
}

/// Lets two people meet again and again, and asserts how their packets travel.
async fn meet(measure: Measure, one: Nat, two: Nat, offered: &str, travels: fn(&Route) -> bool) -> Outcome {
    let what = format!("{one:?} and {two:?} routers with {offered}");
    let Some(scene) = Scene::build(&what, [one, two], &[offered], ana_and_bo()).await? else {
        return Ok(());
    };
    let [ana, bo] = &scene.people;
    for _ in 0..runs(1, 1)? {
        bo.press("Leave").await?;
        bo.is_offered("Rejoin").await?;
        ana.sees_exactly(&["Ana"]).await?;
        let since = now();
        bo.press("Rejoin").await?;
        let moved = moves_again(ana, &[bo], since).await?;
        note(measure, between(since, moved))?;
        all_see_all(&[ana, bo]).await?;
        for person in &scene.people {
            let routes = person.routes().await?;
            assert!(
                routes.len() == 1 && routes.iter().all(travels),
                "{}: {routes:?}",
                person.name
            );
        }
    }
    Ok(())
}
