//! People who go, or seem to: a tab that is reloaded, closed or crashes, a browser that is killed, a second tab.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use maju_e2e::{Failure, Measure, Moment, Outcome, Person, Stage, between, note, now, runs};
use serde_json::json;
use tokio::{time::timeout, try_join};

use crate::company::{PATIENCE, all_see_all, entry, gather, unharmed};

/// By when whoever is really gone must be off the screens. It is a promise, not only a target.
const GONE: Duration = Duration::from_secs(15);
/// What a busy test machine may add to it.
const SLACK: Duration = Duration::from_secs(5);

#[tokio::test]
async fn whoever_reloads_is_never_twice_on_the_others_screens() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(&[(entry("Ana"), &base), (entry("Bo"), &base)]).await?;
    let [ana, bo] = &people[..] else {
        return Err(Failure::new("not two"));
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        bo.browser
            .goto(&entry("Bo").query("join", "").address(&base)?)
            .await?;
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
        all_see_all(&people).await?;
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
    let mut people = gather(&[(entry("Ana"), &base), (entry("Di"), &base)]).await?;
    for _ in 0..runs(1, 1)? {
        people.push(Person::enter(&entry("Bo"), &base).await?);
        people.push(Person::enter(&entry("Cy"), &base).await?);
        all_see_all(&people).await?;
        let (cy, bo) = people
            .pop()
            .zip(people.pop())
            .ok_or_else(|| Failure::new("not four"))?;
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
            assert!(
                crashed < GONE + SLACK && lost < GONE + SLACK,
                "ghosts for {crashed:?} and {lost:?}"
            );
        }
        let [ana, di] = &people[..] else {
            return Err(Failure::new("not two"));
        };
        unharmed(&[ana, di], since, &["connected"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn whoever_leaves_is_gone_at_once() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(&[(entry("Ana"), &base), (entry("Bo"), &base)]).await?;
    let [ana, bo] = &people[..] else {
        return Err(Failure::new("not two"));
    };
    for _ in 0..runs(1, 1)? {
        let since = now();
        bo.press("Leave").await?;
        note(Measure::Left, gone(ana, "Bo", since).await?)?;
        bo.press("Rejoin").await?;
        bo.is_in_call().await?;
        all_see_all(&people).await?;
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
    }
    Ok(())
}

#[tokio::test]
async fn a_second_tab_is_a_second_person_and_takes_nothing_from_the_first() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let people = gather(&[(entry("Ana"), &base), (entry("Bo"), &base)]).await?;
    let [ana, bo] = &people[..] else {
        return Err(Failure::new("not two"));
    };
    let first = bo.see("Bo").await?.peer;
    let since = now();
    // A tab that is opened by another one begins with a copy of what that one has stored.
    let twin = entry("Bo twin").query("join", "").address(&base)?;
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
