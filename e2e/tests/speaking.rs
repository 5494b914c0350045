//! Who speaks is seen by all, who talks while muted is told so, and a silent call stands still.

use std::{f64::consts::TAU, path::PathBuf, time::Duration};

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, sound, until};
use serde::Deserialize;
use tokio::{time::sleep, try_join};

/// Eighths of a second with a voice and without.
const WORDS: &[u8] = b"11011101100111011101111001101100";

/// Records the copies that the page makes of tracks.
const COPIES: &str = "(() => {
    window.copies = [];
    const clone = MediaStreamTrack.prototype.clone;
    MediaStreamTrack.prototype.clone = function () {
        const copy = clone.call(this);
        copies.push(copy);
        return copy;
    };
})()";

fn voice(second: f64) -> f64 {
    let harmonics = (1..6).map(|n| (TAU * 140.0 * f64::from(n) * second).sin() / f64::from(n));
    0.25 * harmonics.sum::<f64>()
}

fn talks(second: f64) -> f64 {
    let eighth = (0..WORDS.len()).find(|at| second % 4.0 < (*at as f64 + 1.0) / 8.0);
    match eighth.and_then(|at| WORDS.get(at)) {
        Some(b'1') => voice(second),
        _ => 0.0,
    }
}

/// A knock of a fifth of a second now and then.
fn knocks(second: f64) -> f64 {
    if second % 1.3 < 0.2 { voice(second) } else { 0.0 }
}

async fn enter(stage: &Stage, name: &str, look: Look, file: PathBuf) -> Outcome<Person> {
    let entry = Entry::new(name, "speaking").devices(Devices::Sound(look, file));
    Person::enter(&entry.script(COPIES), stage.server.address.as_str()).await
}

async fn has(person: &Person, name: &str, attribute: &str) -> Outcome<bool> {
    let figure = person.figure(name).await?;
    let function = format!("function () {{ return this.hasAttribute('{attribute}') }}");
    person.browser.call(&figure, &function).await
}

async fn sees_speaking(person: &Person, name: &str, wanted: bool) -> Outcome {
    let what = format!("{} sees whether {name} speaks: {wanted}", person.name);
    until(what, async || {
        Ok(holds(has(person, name, "data-speaking").await?, |seen| {
            *seen == wanted
        }))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn who_speaks_has_a_ring_at_everybody_until_they_are_muted() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana", Look::RED, sound("talk", 4, talks)?).await?;
    let bo = enter(&stage, "Bo", Look::GREEN, sound("silence", 1, |_| 0.0)?).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    try_join!(sees_speaking(&bo, "Ana", true), sees_speaking(&ana, "Ana", true))?;
    until("Ana is Bo's main speaker", async || {
        Ok(holds(has(&bo, "Ana", "data-main-speaker").await?, |main| *main))
    })
    .await?;
    for (person, name) in [(&ana, "Bo"), (&bo, "Bo")] {
        assert!(!has(person, name, "data-speaking").await?, "{name} is silent");
    }
    assert!(
        !has(&ana, "Ana", "data-main-speaker").await?,
        "nobody looks at themselves"
    );

    bo.press("People").await?;
    let row = "document.querySelector('.person:not([data-own])').checkVisibility()
        && getComputedStyle(document.querySelector('.person:not([data-own]) .voice')).visibility";
    until("the list of people shows it too", async || {
        Ok(holds(bo.browser.eval::<String>(row).await?, |seen| {
            seen == "visible"
        }))
    })
    .await?;

    ana.press("Mute").await?;
    try_join!(
        sees_speaking(&bo, "Ana", false),
        sees_speaking(&ana, "Ana", false)
    )?;
    ana.press("Unmute").await?;
    try_join!(sees_speaking(&bo, "Ana", true), sees_speaking(&ana, "Ana", true)).map(drop)
}

#[tokio::test]
async fn who_speaks_is_seen_where_receivers_do_not_tell_how_loud_it_is() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana", Look::RED, sound("talk", 4, talks)?).await?;
    let without =
        "RTCRtpReceiver.prototype.getSynchronizationSources = () => [{ timestamp: performance.now() }]";
    let entry = Entry::new("Bo", "speaking").look(Look::GREEN).script(without);
    let bo = Person::enter(&entry, stage.server.address.as_str()).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    sees_speaking(&bo, "Ana", true).await?;
    ana.press("Mute").await?;
    sees_speaking(&bo, "Ana", false).await
}

#[tokio::test]
async fn firefox_and_chromium_see_who_speaks_and_no_steady_tone() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana", Look::RED, sound("talk", 4, talks)?).await?;
    // Its made-up microphone has one tone without a pause.
    let entry = Entry::new("Bo", "speaking").look(Look::GREEN).firefox();
    let bo = Person::enter(&entry, stage.server.address.as_str()).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    sees_speaking(&bo, "Ana", true).await?;
    try_join!(sees_speaking(&ana, "Bo", false), sees_speaking(&bo, "Bo", false))?;
    ana.press("Mute").await?;
    sees_speaking(&bo, "Ana", false).await
}

#[tokio::test]
async fn who_talks_while_muted_is_told_and_nothing_hears_them_after_the_call() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana", Look::RED, sound("talk", 4, talks)?).await?;
    let live = "copies.filter((track) => track.readyState === 'live').length";
    assert_eq!(
        ana.browser.eval::<usize>(live).await?,
        0,
        "alone, there is nobody to talk to"
    );
    let bo = enter(&stage, "Bo", Look::GREEN, sound("silence", 1, |_| 0.0)?).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    let told = async |wanted: bool| {
        until(format!("Ana is told that she is muted: {wanted}"), async || {
            let said = ana.browser.texts("status").await?;
            Ok(holds(said, |said| {
                said.iter().any(|text| text.contains("You are muted.")) == wanted
            }))
        })
        .await
    };
    ana.press("Mute").await?;
    told(true).await?;
    bo.hears_silence("Ana").await?;
    assert_eq!(ana.browser.eval::<usize>(live).await?, 1);
    told(false).await?;
    assert!(ana.browser.has("button", "Unmute").await?, "it went by itself");

    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    assert_eq!(ana.browser.eval::<usize>(live).await?, 0);
    Ok(())
}

/// What changed in a document: how often, and where first.
#[derive(Debug, Deserialize)]
struct Changes {
    count: usize,
    first: Option<String>,
    main: Vec<String>,
}

/// Watches a page's document for so long.
async fn changes(person: &Person, time: Duration) -> Outcome<Changes> {
    let watch = "(() => {
        const mains = () => [...document.querySelectorAll('[data-main-speaker]')].map((tile) => tile.ariaLabel).join();
        const seen = { count: 0, first: null, main: [mains()] };
        window.seen = seen;
        new MutationObserver((changes) => {
            const [{ type, target, attributeName }] = changes;
            seen.count += changes.length;
            seen.first ??= `${type} ${attributeName} ${target.outerHTML?.slice(0, 200)}`;
            if (seen.main.at(-1) !== mains()) seen.main.push(mains());
        }).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    })()";
    person.browser.eval::<Option<()>>(watch).await?;
    sleep(time).await;
    person.browser.eval("window.seen").await
}

#[tokio::test]
async fn a_silent_call_changes_nothing_in_the_page() -> Outcome {
    let stage = Stage::new().await?;
    let silence = sound("silence", 1, |_| 0.0)?;
    let ana = enter(&stage, "Ana", Look::RED, silence.clone()).await?;
    let bo = enter(&stage, "Bo", Look::GREEN, silence.clone()).await?;
    let cy = enter(&stage, "Cy", Look::BLUE, silence).await?;
    try_join!(
        ana.sees_moving("Bo"),
        ana.sees_moving("Cy"),
        bo.sees_moving("Cy"),
        cy.sees_moving("Ana")
    )?;
    // The last lines of the log are written by then, and what happened is announced.
    until("the page comes to rest", async || {
        let seen = changes(&ana, Duration::from_secs(5)).await?;
        Ok(holds(seen.count, |count| *count == 0))
    })
    .await?;
    let seen = changes(&ana, Duration::from_secs(6)).await?;
    assert_eq!((seen.count, seen.first), (0, None));
    Ok(())
}

#[tokio::test]
async fn short_noises_in_turn_change_no_main_speaker() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana", Look::RED, sound("silence", 1, |_| 0.0)?).await?;
    let speaks_first = |second: f64| {
        if second < 12.0 {
            talks(second)
        } else {
            knocks(second)
        }
    };
    let bo = enter(&stage, "Bo", Look::GREEN, sound("first", 120, speaks_first)?).await?;
    ana.sees_moving("Bo").await?;
    until("Bo is the main speaker", async || {
        Ok(holds(has(&ana, "Bo", "data-main-speaker").await?, |main| *main))
    })
    .await?;
    let cy = enter(
        &stage,
        "Cy",
        Look::BLUE,
        sound("knocks", 13, |second| knocks(second + 0.6))?,
    )
    .await?;
    try_join!(ana.sees_moving("Cy"), cy.hears("Bo"))?;
    ana.hears("Cy").await?;
    let seen = changes(&ana, Duration::from_secs(20)).await?;
    assert_eq!(seen.main, ["Bo"], "{seen:?}");
    drop(bo);
    Ok(())
}
