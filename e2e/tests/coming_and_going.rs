//! Devices that are unplugged, plugged in, interrupted and forbidden while a call runs.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};
use serde_json::json;

const PLUG: &str = include_str!("plug.js");

/// Somebody with three cameras, three microphones and three speakers that can be unplugged.
fn plugged(name: &str) -> Entry {
    Entry::new(name, "plugs")
        .devices(Devices::Several(3))
        .script(PLUG)
}

async fn act(person: &Person, what: &str) -> Outcome {
    person
        .browser
        .eval::<Option<()>>(&format!("void {what}"))
        .await
        .map(drop)
}

async fn uses(person: &Person, list: &str, label: &str) -> Outcome {
    let what = format!("{} uses the {list} {label}", person.name);
    until(what, async || {
        let node = person.browser.node("combobox", list).await?;
        let shown = "function () { return this.selectedOptions[0].label }";
        let shown: String = person.browser.call(&node, shown).await?;
        Ok(holds(shown, |shown| shown == label))
    })
    .await
    .map(drop)
}

/// Waits until there is a status with all these words in it.
async fn is_told(person: &Person, words: &[&str]) -> Outcome {
    let what = format!("{} is told {words:?}", person.name);
    until(what, async || {
        let told = person.browser.texts("status").await?;
        Ok(holds(told, |told| {
            told.iter()
                .any(|text| words.iter().all(|word| text.contains(word)))
        }))
    })
    .await
    .map(drop)
}

/// Waits for new frames. The picture itself may stand still: some of the made-up cameras give nothing but their
/// background on a busy machine.
async fn gets_frames(who: &Person, of: &str) -> Outcome {
    let before = who.sees(of, "a picture", |seen| seen.width > 0).await?;
    who.sees(of, "new frames", |seen| {
        seen.frames != before.frames && seen.width > 0
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn a_camera_that_is_unplugged_is_replaced_and_taken_back_and_the_others_go_on_seeing() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&plugged("Ana"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "plugs").look(Look::GREEN), base).await?;
    bo.sees_moving("Ana").await?;
    ana.press("Settings").await?;
    uses(&ana, "Camera", "fake_device_0").await?;
    // The pictures of the second one cannot be sent.
    act(&ana, "__plug.out('fake_device_1')").await?;
    act(&ana, "__plug.out('fake_device_0')").await?;
    uses(&ana, "Camera", "fake_device_2").await?;
    gets_frames(&bo, "Ana").await?;
    act(&ana, "__plug.in('fake_device_0')").await?;
    uses(&ana, "Camera", "fake_device_0").await?;
    gets_frames(&bo, "Ana").await?;

    act(&ana, "__plug.out('fake_device_2')").await?;
    act(&ana, "__plug.out('fake_device_0')").await?;
    ana.is_alerted(&["your camera stopped", "plug"]).await?;
    ana.is_offered("Turn camera on").await?;
    bo.sees_dark("Ana").await?;
    act(&ana, "__plug.in('fake_device_0')").await?;
    ana.is_offered("Turn camera off").await?;
    gets_frames(&bo, "Ana").await?;
    assert_eq!(bo.links().await?.len(), 1, "all on one connection");
    Ok(())
}

#[tokio::test]
async fn a_microphone_that_is_plugged_in_late_is_offered_and_used_at_a_press() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&plugged("Ana"), base).await?;
    ana.press("Settings").await?;
    act(&ana, "__plug.out('Fake Audio Input 2')").await?;
    act(&ana, "__plug.out('Fake Audio Output 2')").await?;
    until("they are off the list", async || {
        Ok(holds(ana.browser.labels("Microphone").await?, |labels| {
            !labels.iter().any(|label| label == "Fake Audio Input 2")
        }))
    })
    .await?;
    assert!(
        !ana.browser.has("button", "Use it").await?,
        "nothing was offered before"
    );
    act(&ana, "__plug.in('Fake Audio Input 2')").await?;
    is_told(&ana, &["New microphone", "Fake Audio Input 2"]).await?;
    ana.press("Use it").await?;
    uses(&ana, "Microphone", "Fake Audio Input 2").await?;
    until("the offer is gone", async || {
        Ok(holds(ana.browser.has("button", "Use it").await?, |there| !there))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn what_the_system_interrupts_is_told_to_everybody_and_comes_back_by_itself() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&plugged("Ana"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "plugs").look(Look::GREEN), base).await?;
    bo.sees_moving("Ana").await?;
    act(&ana, "__plug.fire('video', 'mute')").await?;
    is_told(&ana, &["camera is interrupted by the system"]).await?;
    bo.sees("Ana", "the camera is off", |seen| seen.camera_on() == Some(false))
        .await?;
    act(&ana, "__plug.fire('video', 'unmute')").await?;
    bo.sees("Ana", "the camera is on", |seen| seen.camera_on() == Some(true))
        .await?;
    ana.is_offered("Turn camera off").await
}

#[tokio::test]
async fn a_permission_taken_in_a_call_is_told_and_given_again_brings_the_picture_back() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "plugs").devices(Devices::CameraAllowed), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "plugs").look(Look::GREEN), base).await?;
    bo.sees_moving("Ana").await?;
    let set = async |setting: &str| {
        let params = json!({ "permission": { "name": "camera" }, "setting": setting });
        ana.browser.cdp("Browser.setPermission", params).await
    };
    set("denied").await?;
    // The microphone may not be used from the start.
    ana.is_alerted(&["your camera and microphone may not be used", "allow"])
        .await?;
    ana.is_offered("Turn camera on").await?;
    bo.sees_dark("Ana").await?;
    set("granted").await?;
    bo.sees_moving("Ana").await?;
    ana.is_offered("Turn camera off").await
}
