//! Living with a call: the screen stays on, the tab tells of it, and nobody leaves by accident.

use std::time::Duration;

use maju_e2e::{Entry, Look, Outcome, Person, Stage, holds, until};
use serde_json::Value;
use tokio::time::sleep;

/// Counts what is asked of the screen's lock, and keeps the handlers of the system's media controls at hand.
const HOOKS: &str = "
    window.locks = { asked: 0, held: 0 };
    Object.defineProperty(Navigator.prototype, 'wakeLock', { value: {
        async request(kind) {
            if (kind !== 'screen') throw new TypeError(kind);
            locks.asked += 1;
            if (window.refuseLocks) throw new DOMException('no', 'NotAllowedError');
            locks.held += 1;
            let held = true;
            return { async release() { if (held) { held = false; locks.held -= 1; } } };
        },
    } });
    window.controls = { handlers: {}, microphone: null, camera: null };
    const set = MediaSession.prototype.setActionHandler;
    MediaSession.prototype.setActionHandler = function (action, handler) {
        controls.handlers[action] = handler;
        return set.call(this, action, handler);
    };
    for (const [method, name] of [['setMicrophoneActive', 'microphone'], ['setCameraActive', 'camera']]) {
        const tell = MediaSession.prototype[method];
        MediaSession.prototype[method] = function (on) { controls[name] = on; return tell?.call(this, on); };
    }
";

async fn becomes(person: &Person, expression: &str, wanted: Value) -> Outcome {
    until(format!("{}: {expression} is {wanted}", person.name), async || {
        Ok(holds(person.browser.eval::<Value>(expression).await?, |seen| {
            *seen == wanted
        }))
    })
    .await
    .map(drop)
}

/// What kind of icon the tab has: the plain one is a file, the others are drawn.
const ICON: &str = "(() => {
    const icon = decodeURIComponent(document.querySelector('link[rel=icon]').href);
    const dot = icon.match(/<circle[^>]*cx='([0-9]+)' cy='([0-9]+)' r='([0-9.]+)'/);
    return icon.startsWith('data:') ? dot.slice(1).join(' ') : 'plain';
})()";
const LIVE: &str = "25 25 6";
const MUTED: &str = "25 25 4.5";
const UNREAD: &str = "23 9 8";

#[tokio::test]
async fn the_screen_stays_on_and_the_systems_controls_work_during_a_call_only() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::new("Ana", "den").script(HOOKS);
    let ana = Person::open(&entry, stage.server.address.as_str()).await?;
    ana.is_offered("Join").await?;
    becomes(&ana, "locks", serde_json::json!({ "asked": 0, "held": 0 })).await?;
    ana.join().await?;
    becomes(&ana, "locks.held", 1.into()).await?;
    becomes(
        &ana,
        "navigator.mediaSession.metadata?.title ?? null",
        "den".into(),
    )
    .await?;
    becomes(
        &ana,
        "[controls.microphone, controls.camera]",
        serde_json::json!([true, true]),
    )
    .await?;

    // The browser lets go of it while the page is not seen.
    ana.browser
        .eval::<()>("void document.dispatchEvent(new Event('visibilitychange'))")
        .await?;
    becomes(&ana, "locks", serde_json::json!({ "asked": 2, "held": 1 })).await?;

    ana.browser
        .eval::<()>("void controls.handlers.togglemicrophone({})")
        .await?;
    ana.is_offered("Unmute").await?;
    ana.browser
        .eval::<()>("void controls.handlers.togglecamera({})")
        .await?;
    ana.is_offered("Turn camera on").await?;
    becomes(
        &ana,
        "[controls.microphone, controls.camera]",
        serde_json::json!([false, false]),
    )
    .await?;
    ana.press("Unmute").await?;
    becomes(&ana, "controls.microphone", true.into()).await?;

    ana.browser
        .eval::<()>("void controls.handlers.hangup({})")
        .await?;
    ana.is_offered("Rejoin").await?;
    becomes(&ana, "locks.held", 0.into()).await?;
    becomes(&ana, "navigator.mediaSession.metadata", Value::Null).await?;
    becomes(
        &ana,
        "Object.values(controls.handlers).every((handler) => handler === null)",
        true.into(),
    )
    .await?;

    // A system that refuses is no reason to say anything.
    ana.browser.eval::<()>("void (window.refuseLocks = true)").await?;
    ana.press("Rejoin").await?;
    becomes(&ana, "locks", serde_json::json!({ "asked": 3, "held": 0 })).await?;
    assert!(ana.browser.texts("alert").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_tab_tells_of_the_call_and_of_what_was_not_read() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "den"), base).await?;
    ana.is_offered("Join").await?;
    becomes(&ana, ICON, "plain".into()).await?;
    ana.join().await?;
    becomes(&ana, "document.title", "den · Maju".into()).await?;
    becomes(&ana, ICON, LIVE.into()).await?;
    ana.press("Mute").await?;
    becomes(&ana, "document.title", "Muted · den · Maju".into()).await?;
    becomes(&ana, ICON, MUTED.into()).await?;

    let bo = Person::enter(&Entry::new("Bo", "den").look(Look::GREEN), base).await?;
    bo.sees_moving("Ana").await?;
    bo.write("one").await?;
    bo.write("two").await?;
    becomes(&ana, "document.title", "(2) Muted · den · Maju".into()).await?;
    becomes(&ana, ICON, UNREAD.into()).await?;
    ana.open_chat().await?;
    becomes(&ana, "document.title", "Muted · den · Maju".into()).await?;
    bo.write("three").await?;
    ana.reads(&["Bo : one", "Bo : two", "Bo : three"]).await?;
    becomes(&ana, "document.title", "Muted · den · Maju".into()).await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    becomes(&ana, "document.title", "den · Maju".into()).await?;
    becomes(&ana, ICON, "plain".into()).await
}

/// Whether the page, about to be closed, has the browser ask.
async fn asks(person: &Person) -> Outcome<bool> {
    let event = "dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    Ok(!person.browser.eval::<bool>(event).await?)
}

#[tokio::test]
async fn the_browser_asks_before_it_closes_a_call_with_others_only() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "den").recorded(), base).await?;
    ana.is_offered("Join").await?;
    assert!(!asks(&ana).await?, "in the lobby");
    ana.join().await?;
    assert!(!asks(&ana).await?, "alone");
    let bo = Person::enter(&Entry::new("Bo", "den").look(Look::GREEN), base).await?;
    ana.sees_moving("Bo").await?;
    assert!(asks(&ana).await?, "in a call of two");

    // The real question; the driver says yes to it.
    ana.browser
        .eval::<()>("void setTimeout(() => location.reload())")
        .await?;
    ana.is_offered("Join").await?;
    let asked: Vec<_> = ana.browser.events().await?;
    let opened = asked
        .iter()
        .filter(|(method, event)| method == "Page.javascriptDialogOpening" && event["type"] == "beforeunload")
        .count();
    assert_eq!(opened, 1);

    ana.press("Join").await?;
    ana.sees_moving("Bo").await?;
    assert!(asks(&ana).await?, "in a call of two again");
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    assert!(!asks(&ana).await?, "after Leave");
    drop(bo);
    Ok(())
}

#[tokio::test]
async fn a_reload_leads_to_the_lobby_with_microphone_and_camera_as_they_were() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "Den").query("cam", "off"), base).await?;
    ana.is_offered("Turn camera on").await?;
    ana.press("Turn camera on").await?;
    ana.is_offered("Turn camera off").await?;
    ana.press("Mute").await?;
    ana.is_offered("Unmute").await?;
    ana.browser
        .eval::<()>("void setTimeout(() => location.reload())")
        .await?;
    ana.is_offered("Join").await?;
    ana.is_offered("Unmute").await?;
    ana.is_offered("Turn camera off").await?;
    ana.press("Join").await?;
    ana.is_in_call().await?;
    assert!(ana.browser.has("button", "Unmute").await?);

    // Who left begins anew.
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    ana.browser
        .eval::<()>("void setTimeout(() => location.reload())")
        .await?;
    ana.is_offered("Mute").await?;
    ana.is_offered("Turn camera on").await
}

async fn path(person: &Person, wanted: &str) -> Outcome {
    becomes(person, "location.pathname", wanted.into()).await
}

#[tokio::test]
async fn going_back_out_of_a_call_with_others_is_asked_about() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let bo = Person::enter(&Entry::new("Bo", "den").look(Look::GREEN), base).await?;
    let ana = Person::open(&Entry::new("Ana", "x"), base).await?;
    ana.browser.goto(base).await?;
    ana.browser.fill("Room name", "den").await?;
    ana.press("Enter room").await?;
    ana.join().await?;
    ana.sees_moving("Bo").await?;

    for answer in ["Stay", "Escape"] {
        ana.browser.eval::<()>("void history.back()").await?;
        ana.browser.node("dialog", "Leave the call?").await?;
        if answer == "Stay" {
            ana.press("Stay").await?;
        } else {
            ana.browser
                .eval::<()>("void document.querySelector('dialog[open]').requestClose()")
                .await?;
        }
        until("the question is gone", async || {
            Ok(holds(
                ana.browser.has("dialog", "Leave the call?").await?,
                |there| !there,
            ))
        })
        .await?;
        path(&ana, "/r/den").await?;
        ana.sees_moving("Bo").await?;
    }
    ana.browser.eval::<()>("void history.back()").await?;
    ana.browser.node("dialog", "Leave the call?").await?;
    ana.press("Leave").await?;
    ana.is_offered("Enter room").await?;
    path(&ana, "/").await?;
    bo.sees_exactly(&["Bo"]).await?;

    // Forth again, alone: nobody is asked.
    drop(bo);
    ana.browser.eval::<()>("void history.forward()").await?;
    ana.join().await?;
    until("nobody else is there", async || {
        Ok(holds(ana.figures().await?, |names| names.len() == 1))
    })
    .await?;
    ana.browser.eval::<()>("void history.back()").await?;
    ana.is_offered("Enter room").await?;
    sleep(Duration::from_millis(300)).await;
    path(&ana, "/").await
}
