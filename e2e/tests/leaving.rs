//! Pages that go without a press on Leave.

use std::time::{Duration, Instant};

use maju_e2e::{Entry, Outcome, Person, RawPeer, Stage, holds, until};
use maju_protocol::{LeaveReason, ServerMessage};
use serde_json::json;

async fn hears_leave(watcher: &mut RawPeer) -> Outcome {
    let reason = watcher
        .hear("left", |message| match message {
            ServerMessage::Left { reason, .. } => Some(reason),
            _ => None,
        })
        .await?;
    assert_eq!(
        reason,
        LeaveReason::Left,
        "at once, and not as somebody who was lost"
    );
    Ok(())
}

#[tokio::test]
async fn whoever_reloads_goes_elsewhere_or_closes_the_page_has_left_at_once() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let mut watcher = RawPeer::join(&stage.server, "exits", "Watcher").await?;
    let ana = Entry::new("Ana", "exits").query("join", "").query("name", "Ana");
    let ana = Person::open(&ana, base).await?;
    ana.is_in_call().await?;
    ana.browser.eval::<Option<()>>("void location.reload()").await?;
    hears_leave(&mut watcher).await?;

    for way in ["location.href = 'about:blank'", "location.href = '/'", "close()"] {
        let ana = Entry::new("Ana", "exits").query("join", "").query("name", "Ana");
        let ana = Person::open(&ana, base).await?;
        ana.is_in_call().await?;
        if way == "close()" {
            // The answer is lost with the page.
            drop(ana.browser.cdp("Page.close", json!({})).await);
        } else {
            ana.browser.eval::<Option<()>>(&format!("void ({way})")).await?;
        }
        hears_leave(&mut watcher)
            .await
            .map_err(|failure| failure.at(way))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_page_that_comes_back_from_the_history_is_out_of_the_call_and_can_rejoin() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let bo = Person::enter(&Entry::new("Bo", "history"), base).await?;
    let ana = Person::enter(&Entry::new("Ana", "history"), base).await?;
    bo.sees_moving("Ana").await?;
    ana.browser
        .eval::<Option<()>>("void (window.remains = true)")
        .await?;
    ana.browser.goto(&format!("{base}healthz")).await?;
    bo.sees_exactly(&["Bo"]).await?;
    ana.browser.eval::<Option<()>>("void history.back()").await?;
    ana.is_offered("Rejoin").await?;
    assert!(
        ana.browser.eval::<bool>("window.remains === true").await?,
        "it was kept"
    );
    ana.press("Rejoin").await?;
    bo.sees_moving("Ana").await?;
    Ok(())
}

#[tokio::test]
async fn a_page_that_goes_while_the_server_is_away_tells_the_others_itself() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let bo = Person::enter(&Entry::new("Bo", "alone"), &base).await?;
    let ana = Person::enter(&Entry::new("Ana", "alone"), &base).await?;
    bo.sees_moving("Ana").await?;
    stage.server.kill().await?;
    ana.browser.goto("about:blank").await?;
    let gone = Instant::now();
    bo.sees_exactly(&["Bo"]).await?;
    assert!(
        gone.elapsed() < Duration::from_secs(4),
        "before a connection counts as lost"
    );
    Ok(())
}

#[tokio::test]
async fn no_page_stumbles_over_going_while_it_has_the_focus() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::new("Ana", "stumbles").query("cam", "off");
    let ana = Person::open(&entry, stage.server.address.as_str()).await?;
    let listen = "void (window.stumbled = [], ['error', 'unhandledrejection'].forEach((kind) =>
        addEventListener(kind, (event) => stumbled.push(event.message ?? String(event.reason)))))";
    ana.browser.eval::<Option<()>>(listen).await?;
    ana.join().await?;
    for _ in 0..2 {
        // The button that is pressed goes with its page.
        ana.press("Leave").await?;
        ana.press("Rejoin").await?;
        ana.is_in_call().await?;
    }
    ana.press("React").await?;
    ana.press("👍").await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    assert_eq!(ana.browser.eval::<Vec<String>>("stumbled").await?, [""; 0]);
    Ok(())
}

/// A desktop's browser has no button for that, so its watchers are asked to close as the system of a phone would.
#[tokio::test]
async fn going_back_closes_the_panel_that_is_open_and_then_nothing_is_in_the_way() -> Outcome {
    let stage = Stage::new().await?;
    let ana = Person::enter(&Entry::new("Ana", "back"), stage.server.address.as_str()).await?;
    let watch = "(() => {
        window.watchers = new Set();
        window.CloseWatcher = class extends CloseWatcher {
            constructor() { super(); watchers.add(this) }
            destroy() { super.destroy(); watchers.delete(this) }
        };
    })()";
    ana.browser.eval::<Option<()>>(watch).await?;
    let watched = async |count: usize| {
        until(format!("{count} watch for going back"), async || {
            Ok(holds(ana.browser.eval::<usize>("watchers.size").await?, |now| {
                *now == count
            }))
        })
        .await
        .map(drop)
    };
    for panel in ["People", "Chat"] {
        ana.press(panel).await?;
        ana.is_offered("Close panel").await?;
    }
    watched(1).await?;
    ana.browser
        .eval::<Option<()>>("watchers.forEach((watcher) => watcher.requestClose())")
        .await?;
    watched(0).await?;
    assert!(!ana.browser.has("button", "Close panel").await?);
    assert_eq!(ana.browser.focus().await?.name, "Chat");
    ana.is_in_call().await
}
