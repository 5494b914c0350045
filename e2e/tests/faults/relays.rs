//! Routers that let people meet directly, by a relay, or by a relay over TCP only.

use std::time::Duration;

use maju_e2e::{
    Failure, Lab, Measure, Nat, Outcome, Person, Place, Route, Server, Stage, Turn, between, note, now, runs,
};
use tokio::time::sleep;

use crate::company::{all_see_all, entry, gather, moves_again, settles, tile_stayed};

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
#[ignore = "part of the full run"]
async fn a_relay_that_restarts_interrupts_shortly() -> Outcome {
    let _turn = Stage::turn().await;
    let what = "a relay that restarts";
    let Some(mut scene) = Scene::build(what, Nat::Symmetric, Nat::Symmetric, "udp").await? else {
        return Ok(());
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        scene.turn.kill().await?;
        sleep(Duration::from_secs(2)).await;
        scene.turn.start_again().await?;
        let back = now();
        let [ana, bo] = &scene.people[..] else {
            return Err(Failure::new("not two"));
        };
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
        settles(&scene.people).await?;
    }
    Ok(())
}

/// Ana behind router 1 and Bo behind router 2, in a call.
struct Scene {
    people: Vec<Person>,
    turn: Turn,
    _server: Server,
    // After all that lives inside.
    _lab: Lab,
}

impl Scene {
    /// Lets them meet, or says on standard error what is skipped. `offered` is what the server names to clients:
    /// `stun`, or TURN over `udp` or `tcp`.
    async fn build(what: &str, one: Nat, two: Nat, offered: &str) -> Outcome<Option<Self>> {
        let Some(lab) = Lab::build(what, one, two).await? else {
            return Ok(None);
        };
        let turn = lab.turn().await?;
        let flag = if offered == "stun" {
            turn.stun_flag()
        } else {
            turn.turn_flag(offered)
        };
        let server = lab.server(&[&flag]).await?;
        let base = server.address.to_string();
        let people = gather(&[
            (lab.at(Place::One, entry("Ana")), &base),
            (lab.at(Place::Two, entry("Bo")), &base),
        ])
        .await?;
        Ok(Some(Self {
            people,
            turn,
            _server: server,
            _lab: lab,
        }))
    }
}

/// Lets two people meet again and again, and asserts how their packets travel.
async fn meet(measure: Measure, one: Nat, two: Nat, offered: &str, travels: fn(&Route) -> bool) -> Outcome {
    let _turn = Stage::turn().await;
    let what = format!("{one:?} and {two:?} routers with {offered}");
    let Some(scene) = Scene::build(&what, one, two, offered).await? else {
        return Ok(());
    };
    let [ana, bo] = &scene.people[..] else {
        return Err(Failure::new("not two"));
    };
    for _ in 0..runs(1, 1)? {
        bo.press("Leave").await?;
        bo.is_offered("Rejoin").await?;
        ana.sees_exactly(&["Ana"]).await?;
        let since = now();
        bo.press("Rejoin").await?;
        let moved = moves_again(ana, &[bo], since).await?;
        note(measure, between(since, moved))?;
        all_see_all(&scene.people).await?;
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
