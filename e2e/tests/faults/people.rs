//! People who go, or seem to: a tab that is reloaded, closed or crashes, a browser that is killed, a second tab.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    time::Duration,
};

use maju_e2e::{Failure, Measure, Moment, Outcome, Person, Stage, between, note, now, runs};
use serde_json::json;
use tokio::{time::timeout, try_join};

use crate::company::{PATIENCE, all_see_all, entry, gather, unharmed};

#[tokio::test]
async fn whoever_reloads_is_never_twice_on_the_others_screens() -> Outcome {
    let (_stage, [ana, bo]) = ana_and_bo().await?;
    for _ in 0..runs(1, 1)? {
        let since = now();
        bo.browser.cdp("Page.reload", json!({})).await?;
        bo.is_offered("Join").await?;
        bo.press("Join").await?;
        bo.is_in_call().await?;
        let what = "the new page's picture";
        let moved = ana
            .notices(what, since, PATIENCE, |watch| {
                watch
                    .of("Bo")
                    .filter(|tile| tile.until.is_none())
                    .find_map(|tile| {
                        let still = tile.still_until(since, watch.now).max(tile.from);
                        (still > since).then(|| tile.moves_from(still)).flatten()
                    })
            })
            .await?;
        note(Measure::Reload, between(since, moved))?;
        all_see_all(&[&ana, &bo]).await?;
        ana.sees_exactly(&["Ana", "Bo"]).await?;
        let watch = ana.noticed(since).await?;
        assert_eq!(
            watch.at_once("Bo"),
            1,
            "Bo was there several times: {:?}",
            watch.tiles
        );
    }
    Ok(())
}

#[tokio::test]
async fn whoever_crashes_is_gone_from_the_others_and_nobody_else_is() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather([(entry("Ana"), &base), (entry("Di"), &base)]).await?;
    let [ana, di] = &people;
    for _ in 0..runs(1, 1)? {
        let bo = Person::enter(&entry("Bo"), &base).await?;
        let cy = Person::enter(&entry("Cy"), &base).await?;
        all_see_all(&[ana, di, &bo, &cy]).await?;
        let since = now();
        // A tab that crashes does not answer any more.
        let crash = bo.browser.cdp("Page.crash", json!({}));
        let _ = timeout(Duration::from_millis(500), crash).await;
        let killed = now();
        kill_all(&cy)?;
        for person in &people {
            let (crashed, lost) = try_join!(gone(person, "Bo", since), gone(person, "Cy", killed))?;
            note(Measure::TabCrashed, crashed)?;
            note(Measure::BrowserKilled, lost)?;
        }
        unharmed(&[ana, di], since, &["connected"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn whoever_leaves_is_gone_at_once() -> Outcome {
    let (_stage, [ana, bo]) = ana_and_bo().await?;
    for _ in 0..runs(1, 1)? {
        let since = now();
        bo.press("Leave").await?;
        note(Measure::Left, gone(&ana, "Bo", since).await?)?;
        was_sound_until_gone(&ana, "Bo", since).await?;
        bo.press("Rejoin").await?;
        bo.is_in_call().await?;
        all_see_all(&[&ana, &bo]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn whoever_closes_the_tab_is_gone_at_once() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let ana = Person::enter(&entry("Ana"), &base).await?;
    for _ in 0..runs(1, 1)? {
        let bo = Person::enter(&entry("Bo"), &base).await?;
        try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
        // The browser lives on in another tab.
        bo.browser
            .cdp(
                "Target.createTarget",
                json!({ "url": "about:blank", "background": true }),
            )
            .await?;
        let since = now();
        // The driver may or may not get an answer from a tab that is gone.
        let _ = bo.browser.cdp("Page.close", json!({})).await;
        note(Measure::TabClosed, gone(&ana, "Bo", since).await?)?;
        was_sound_until_gone(&ana, "Bo", since).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_second_tab_is_a_second_person_and_takes_nothing_from_the_first() -> Outcome {
    let (stage, [ana, bo]) = ana_and_bo().await?;
    let base = stage.server.address.as_str();
    let first = bo.see("Bo").await?.peer;
    let since = now();
    // A tab that is opened by another one begins with a copy of what that one has stored.
    let twin = entry("Bo twin").query("join", "").address(base)?;
    let params = json!({ "expression": format!("void window.open({twin:?})"), "userGesture": true });
    bo.browser.cdp("Runtime.evaluate", params).await?;
    ana.sees_exactly(&["Ana", "Bo", "Bo twin"]).await?;
    ana.sees_move_after("Bo twin", since, PATIENCE).await?;
    let watch = ana.noticed(since).await?;
    let tiles: Vec<_> = watch.of("Bo").collect();
    assert!(
        matches!(tiles[..], [tile] if tile.peer == first && tile.until.is_none() && tile.from < since),
        "the first tab lost its seat: {tiles:?}"
    );
    Ok(())
}

/// Ana and Bo in a call.
async fn ana_and_bo() -> Outcome<(Stage, [Person; 2])> {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let people = gather([(entry("Ana"), base), (entry("Bo"), base)]).await?;
    Ok((stage, people))
}

/// Asserts that somebody who went of their own accord was taken off the screen before anything broke.
async fn was_sound_until_gone(person: &Person, name: &str, since: Moment) -> Outcome {
    for tile in person
        .noticed(since)
        .await?
        .of(name)
        .filter(|tile| tile.from <= since)
    {
        let states = tile.states_between(since, tile.until.unwrap_or(Moment::MAX));
        assert_eq!(
            states,
            BTreeSet::from(["connected"]),
            "{} saw {name} so before they went",
            person.name
        );
    }
    Ok(())
}

/// Kills all processes of somebody's browser in one go, so that none of them can say a last word.
fn kill_all(person: &Person) -> Outcome {
    let script = "all() { for child in $(pgrep -P $1); do all $child; done; echo $1; }; kill -KILL $(all $1)";
    let status = Command::new("sh")
        .args(["-c", script, "sh", &person.browser.process().to_string()])
        .stderr(Stdio::null())
        .status()?;
    // One of them may have gone by itself meanwhile.
    status
        .code()
        .map(drop)
        .ok_or_else(|| Failure::new("the shell was killed, too"))
}

/// Waits until somebody's tiles are gone, and tells how long it took.
async fn gone(person: &Person, name: &str, since: Moment) -> Outcome<Duration> {
    let gone = person
        .notices(format!("{name} is gone"), since, PATIENCE, |watch| {
            let tiles: Vec<_> = watch.of(name).collect();
            let all = tiles.iter().all(|tile| tile.until.is_some());
            all.then(|| tiles.iter().filter_map(|tile| tile.until).max())
                .flatten()
        })
        .await?;
    Ok(between(since, gone))
}
