//! Networks that are cut, that change, and that lose packets.

use std::time::Duration;

use futures_util::future::try_join_all;
use maju_e2e::{Failure, Measure, Moment, Nat, Outcome, Place, between, note, now, runs};
use tokio::time::sleep;

use crate::company::{PATIENCE, Scene, all_see_all, entry, moves_again, own_id, settles, tile_stayed};

/// Whoever was not heard of for longer is gone from the others.
const GHOST: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_network_that_is_cut_for_five_seconds_shows_as_reconnecting_and_nothing_else() -> Outcome {
    cut_for(
        "a network cut for 5 s",
        Duration::from_secs(5),
        Measure::CutShort,
        runs(1, 1)?,
    )
    .await
}

#[tokio::test]
#[ignore = "takes 45 s a round"]
async fn a_network_that_is_cut_for_half_a_minute_comes_back() -> Outcome {
    cut_for(
        "a network cut for 30 s",
        Duration::from_secs(30),
        Measure::CutLong,
        runs(1, 1)?,
    )
    .await
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn a_changed_address_on_the_same_interface_interrupts_shortly() -> Outcome {
    let Some(scene) = three("an address that changes").await? else {
        return Ok(());
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        scene.lab.change_address(Place::One).await?;
        note(Measure::AddressChanged, interruption(&scene, since).await?)?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn a_move_to_another_interface_interrupts_shortly() -> Outcome {
    let Some(scene) = three("a move to another interface").await? else {
        return Ok(());
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        scene.lab.change_interface(Place::One).await?;
        note(Measure::InterfaceChanged, interruption(&scene, since).await?)?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "part of the full run"]
async fn a_call_goes_on_when_every_fifth_packet_is_lost() -> Outcome {
    let Some(scene) = three("loss of 20 %").await? else {
        return Ok(());
    };
    let [ana, bo, cy] = &scene.people;
    for _ in 0..runs(1, 1)? {
        scene.lab.lose(Place::One, 0.2).await?;
        let since = now();
        sleep(Duration::from_secs(10)).await;
        let until = now();
        // It still moves at the end of it, in all directions.
        moves_again(ana, &[bo, cy], until).await?;
        let mut still = Duration::ZERO;
        for person in &scene.people {
            let watch = person.noticed(since).await?;
            for other in scene.people.iter().filter(|other| other.name != person.name) {
                tile_stayed(person, &watch, &other.name, since, &["connected", "reconnecting"]);
            }
            still = still.max(watch.longest_still(since, until));
        }
        note(Measure::Loss, still)?;
        scene.lab.let_through(Place::One).await?;
        settles(&[ana, bo, cy]).await?;
    }
    Ok(())
}

/// Ana behind router 1, Bo behind router 2, Cy outside, in a call that has every way to be.
async fn three(what: &str) -> Outcome<Option<Scene<3>>> {
    let people = [
        (Place::One, entry("Ana")),
        (Place::Two, entry("Bo")),
        (Place::Outside, entry("Cy")),
    ];
    Scene::build(what, [Nat::Cone; 2], &["stun", "udp"], people).await
}

/// How long Ana's pictures stood still on either side after a fault of her network that the call has to find a
/// way around; nothing but her pairs may have been touched, and nobody may have gone.
async fn interruption(scene: &Scene<3>, since: Moment) -> Outcome<Duration> {
    // By then whatever was on its way has been shown.
    let later = since + 1500;
    let [ana, bo, cy] = &scene.people;
    let moved = moves_again(ana, &[bo, cy], later).await?;
    let mut over = since;
    for person in &scene.people {
        let watch = person.noticed(since).await?;
        for other in scene.people.iter().filter(|other| other.name != person.name) {
            let hers = person.name == ana.name || other.name == ana.name;
            let states: &[_] = if hers {
                &["connected", "reconnecting"]
            } else {
                &["connected"]
            };
            tile_stayed(person, &watch, &other.name, since, states);
            if hers {
                over = watch
                    .of(&other.name)
                    .map(|tile| tile.still_until(since, moved))
                    .fold(over, u64::max);
            }
        }
    }
    settles(&[ana, bo, cy]).await?;
    Ok(between(since, over))
}

async fn cut_for(what: &str, length: Duration, measure: Measure, rounds: u32) -> Outcome {
    let Some(scene) = three(what).await? else {
        return Ok(());
    };
    let [ana, bo, cy] = &scene.people;
    let ids = try_join_all(scene.people.iter().map(own_id)).await?;
    for round in 0..rounds {
        // By turns the router's cable is out, of which it tells the client, and it says nothing at all.
        let silent = round % 2 == 1;
        let since = now();
        if silent {
            scene.lab.swallow(Place::One).await?;
        } else {
            scene.lab.cut(Place::One).await?;
        }
        sleep(length).await;
        if length > GHOST {
            for person in [bo, cy] {
                let watch = person.noticed(since).await?;
                let gone = watch.of("Ana").find_map(|tile| tile.until);
                let gone =
                    gone.ok_or_else(|| Failure::new(format!("{} sees a ghost: {watch:?}", person.name)))?;
                note(Measure::NetworkGone, between(since, gone))?;
            }
        }
        if silent {
            scene.lab.let_through(Place::One).await?;
        } else {
            scene.lab.mend(Place::One).await?;
        }
        let back = now();
        let moved = moves_again(ana, &[bo, cy], back).await?;
        note(measure, between(back, moved))?;
        for (person, other) in [(bo, "Cy"), (cy, "Bo")] {
            tile_stayed(
                person,
                &person.noticed(since).await?,
                other,
                since,
                &["connected"],
            );
        }
        for (person, other) in [(ana, "Bo"), (ana, "Cy"), (bo, "Ana"), (cy, "Ana")] {
            let watch = person.noticed(since).await?;
            assert!(
                watch.at_once(other) == 1,
                "{other} was there twice: {:?}",
                watch.tiles
            );
            // Whoever is away for longer than people are waited for may go meanwhile, and comes back.
            if length < GHOST {
                tile_stayed(person, &watch, other, since, &["connected", "reconnecting"]);
            }
        }
        all_see_all(&[ana, bo, cy]).await?;
        settles(&[ana, bo, cy]).await?;
        assert_eq!(
            try_join_all(scene.people.iter().map(own_id)).await?,
            ids,
            "somebody got another id"
        );
        // The socket has to be back as well before the next cut, or that one would prove less.
        ana.notices("no notice any more", since, PATIENCE, |watch| {
            watch
                .notices
                .iter()
                .all(|notice| notice.until.is_some())
                .then_some(())
        })
        .await?;
    }
    Ok(())
}
