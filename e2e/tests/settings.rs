//! What is set in the settings, what comes of it, and that it is kept.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};
use serde_json::json;
use tokio::try_join;

/// Waits until the page tells this.
async fn tells(person: &Person, what: &str, expression: &str, wanted: &str) -> Outcome {
    until(what, async || {
        Ok(holds(person.browser.eval::<String>(expression).await?, |told| {
            told == wanted
        }))
    })
    .await
    .map(drop)
}

/// The theme by the style sheet and by the frame that the browser draws around the page.
const THEME: &str = "getComputedStyle(document.documentElement).backgroundColor + ' '
    + [...document.querySelectorAll('meta[name=theme-color]')].filter((meta) => matchMedia(meta.media).matches)
        .map((meta) => meta.content)";
const LIGHT: &str = "rgb(244, 238, 226) #f4eee2";
const DARK: &str = "rgb(15, 26, 28) #0f1a1c";

#[tokio::test]
async fn the_theme_is_picked_shown_and_kept() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "theme").query("cam", "off");
    let ana = Person::open(&entry, base).await?;
    tells(&ana, "the page is light", THEME, LIGHT).await?;
    ana.join().await?;
    ana.press("Settings").await?;
    ana.browser.choose("Theme", "Dark").await?;
    tells(&ana, "the page is dark", THEME, DARK).await?;
    ana.browser.goto(&entry.address(base)?).await?;
    ana.is_offered("Join").await?;
    tells(&ana, "the page is dark still", THEME, DARK).await?;
    ana.join().await?;
    ana.press("Settings").await?;
    ana.browser.choose("Theme", "As the system").await?;
    tells(&ana, "the page is light again", THEME, LIGHT).await
}

#[tokio::test]
async fn the_mirror_is_for_oneself_and_can_be_taken_away() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "mirror").look(Look::RED);
    let ana = Person::enter(&entry, base).await?;
    let bo = Person::enter(&Entry::new("Bo", "mirror").look(Look::GREEN), base).await?;
    bo.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.sees("Ana", "mirrored", |seen| seen.mirrored).await?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Mirror my own picture").await?;
    ana.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.browser.goto(&entry.address(base)?).await?;
    ana.join().await?;
    ana.sees("Ana", "not mirrored still", |seen| {
        seen.width > 0 && !seen.mirrored
    })
    .await?;
    bo.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.sees("Bo", "not mirrored", |seen| !seen.mirrored)
        .await
        .map(drop)
}

#[tokio::test]
async fn what_is_broken_in_the_settings_is_as_if_it_had_never_been_set() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    for broken in [
        "null",
        "7",
        "{",
        r#"{"mirror":3,"theme":["dark"],"size":"huge","rate":-1,"audioOnly":"x","more":1}"#,
    ] {
        let script = format!("localStorage.setItem('maju.settings', {broken:?})");
        let ana = Person::enter(&Entry::new("Ana", "broken").script(&script), base).await?;
        ana.sees("Ana", "mirrored", |seen| seen.width > 0 && seen.mirrored)
            .await?;
        tells(&ana, "the page is light", THEME, LIGHT).await?;
    }
    Ok(())
}

/// How large the own camera's picture is, and how many pictures a second are asked of it: the one of these tests makes 10.
const CAMERA: &str = "(() => {
    const track = document.querySelector('[data-self] video').srcObject.getVideoTracks()[0];
    const is = track.getSettings(), rate = track.getConstraints().frameRate;
    return `${is.width}x${is.height} ${rate.ideal ?? rate}`;
})()";

#[tokio::test]
async fn another_resolution_is_captured_without_a_break_and_arrives() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "size").devices(Devices::Several(1));
    let ana = Person::enter(&entry, base).await?;
    let bo = Person::enter(&Entry::new("Bo", "size").look(Look::GREEN), base).await?;
    bo.sees("Ana", "360p", |seen| seen.width == 640 && seen.height == 360)
        .await?;
    ana.press("Settings").await?;
    let track = "document.querySelector('[data-self] video').srcObject.getVideoTracks()[0].id";
    let before: String = ana.browser.eval(track).await?;
    ana.browser.choose("Resolution", "720p").await?;
    ana.browser.choose("Frame rate", "15 a second").await?;
    tells(&ana, "the track is larger", CAMERA, "1280x720 15").await?;
    assert_eq!(
        ana.browser.eval::<String>(track).await?,
        before,
        "it is the same track"
    );
    let words = "document.querySelector('.settings').innerText.match(/Your camera gives .*/)?.[0] ?? ''";
    tells(
        &ana,
        "it is told",
        words,
        "Your camera gives 1280 × 720, 10 a second.",
    )
    .await?;
    bo.sees("Ana", "720p", |seen| seen.width == 1280 && seen.height == 720)
        .await?;
    ana.browser.goto(&entry.address(base)?).await?;
    ana.join().await?;
    tells(&ana, "it is kept", CAMERA, "1280x720 15").await
}

#[tokio::test]
async fn who_turns_noise_suppression_off_has_it_off() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "noise").devices(Devices::Several(1)), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "noise").look(Look::GREEN), base).await?;
    bo.hears("Ana").await?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Noise suppression").await?;
    let is = "String(document.querySelector('[data-self] video').srcObject.getAudioTracks()[0]
        .getSettings().noiseSuppression)";
    tells(&ana, "the track has it off", is, "false").await?;
    let shown = ana.browser.node("switch", "Noise suppression").await?;
    until("the switch shows it", async || {
        let on: bool = ana
            .browser
            .call(&shown, "function () { return this.checked }")
            .await?;
        Ok(holds(on, |on| !on))
    })
    .await?;
    bo.hears("Ana").await
}

/// Presses a key, or lets go of it.
async fn key(person: &Person, down: bool) -> Outcome {
    let kind = if down { "keyDown" } else { "keyUp" };
    let event = json!({ "type": kind, "key": " ", "code": "Space", "text": if down { " " } else { "" },
        "windowsVirtualKeyCode": 32 });
    person
        .browser
        .cdp("Input.dispatchKeyEvent", event)
        .await
        .map(drop)
}

#[tokio::test]
async fn push_to_talk_is_heard_while_the_space_bar_is_held() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "talk").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "talk").look(Look::GREEN), base).await?;
    bo.hears("Ana").await?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Push to talk").await?;
    ana.is_offered("Unmute").await?;
    bo.hears_silence("Ana").await?;
    // Where the focus is on something that the key itself presses, it does only that.
    ana.press("Close panel").await?;
    key(&ana, true).await?;
    key(&ana, false).await?;
    ana.browser.node("switch", "Push to talk").await?;
    ana.is_offered("Unmute").await?;
    ana.browser.eval::<()>("document.activeElement.blur()").await?;
    key(&ana, true).await?;
    ana.is_offered("Mute").await?;
    bo.hears("Ana").await?;
    key(&ana, false).await?;
    ana.is_offered("Unmute").await?;
    bo.hears_silence("Ana").await?;
    let button = "(() => {
        const { x, y, width, height } = document.querySelector('.toolbar [data-holds]').getBoundingClientRect();
        return [x + width / 2, y + height / 2];
    })()";
    let at: (f64, f64) = ana.browser.eval(button).await?;
    ana.browser.mouse("mousePressed", at).await?;
    ana.is_offered("Mute").await?;
    ana.browser.mouse("mouseReleased", at).await?;
    ana.is_offered("Unmute").await?;
    // In a text field it is a space.
    ana.open_chat().await?;
    key(&ana, true).await?;
    key(&ana, false).await?;
    let field = ana.browser.node("textbox", "Message").await?;
    let text: String = ana
        .browser
        .call(&field, "function () { return this.value }")
        .await?;
    assert_eq!(text, " ");
    ana.is_offered("Unmute").await?;
    // Who looks elsewhere lets go of every key.
    ana.browser.eval::<()>("document.activeElement.blur()").await?;
    key(&ana, true).await?;
    ana.is_offered("Mute").await?;
    ana.browser
        .eval::<()>("void dispatchEvent(new Event('blur'))")
        .await?;
    ana.is_offered("Unmute").await?;
    key(&ana, false).await
}

#[tokio::test]
async fn audio_only_stops_the_pictures_at_both_ends_until_it_is_turned_off() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "audio").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "audio").look(Look::GREEN), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Audio only").await?;
    bo.sees_dark("Ana").await?;
    let arrives =
        async || -> Outcome<u64> { ana.sees("Bo", "a figure", |_| true).await.map(|seen| seen.frames) };
    until("no more pictures arrive", async || {
        let before = arrives().await?;
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        Ok(holds(arrives().await? - before, |more| *more == 0))
    })
    .await?;
    let shown = "document.querySelector('[data-peer]').dataset.camera";
    tells(&ana, "the last picture is not there any more", shown, "off").await?;
    try_join!(bo.hears("Ana"), ana.hears("Bo"))?;
    ana.press("Audio only: turn off").await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana")).map(drop)
}

#[tokio::test]
async fn save_data_makes_pictures_small_at_both_ends() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let several = |name| Entry::new(name, "small").devices(Devices::Several(1));
    let ana = Person::enter(&several("Ana"), base).await?;
    let bo = Person::enter(&several("Bo"), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Save data").await?;
    let small = |seen: &maju_e2e::Seen| seen.width > 0 && seen.width <= 320;
    try_join!(
        ana.sees("Bo", "a small picture", small),
        bo.sees("Ana", "a small picture", small)
    )?;
    ana.press("Saving data: turn off").await?;
    let large = |seen: &maju_e2e::Seen| seen.width > 320;
    try_join!(
        ana.sees("Bo", "a larger picture", large),
        bo.sees("Ana", "a larger picture", large)
    )
    .map(drop)
}

#[tokio::test]
async fn the_speaker_is_tried_where_it_was_picked() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let script = "
        globalThis.played = [];
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
            if (this.localName === 'audio') setTimeout(() => played.push(this.sinkId), 300);
            return play.call(this);
        };
    ";
    let ana = Entry::new("Ana", "chime")
        .devices(Devices::Several(2))
        .script(script);
    let ana = Person::enter(&ana, base).await?;
    ana.press("Settings").await?;
    let names = ana.browser.labels("Speaker").await?;
    let last = names.last().cloned().unwrap_or_default();
    ana.browser.choose("Speaker", &last).await?;
    ana.press("Test speaker").await?;
    let list = ana.browser.node("combobox", "Speaker").await?;
    until("it sounds there", async || {
        let picked: String = ana
            .browser
            .call(&list, "function () { return this.value }")
            .await?;
        let played: Vec<String> = ana.browser.eval("globalThis.played").await?;
        Ok(holds(played == [picked.clone()] && !picked.is_empty(), |yes| {
            *yes
        }))
    })
    .await
    .map(drop)
}
