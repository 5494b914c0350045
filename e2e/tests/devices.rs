//! People with other devices than a camera and a microphone that work from the start.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, RawPeer, Stage, holds, until};
use maju_protocol::ServerMessage;
use serde_json::json;
use tokio::try_join;

#[tokio::test]
async fn whoever_is_denied_the_devices_is_told_and_takes_part_without() -> Outcome {
    takes_part_without(Devices::Denied, &["camera and microphone", "allow"]).await
}

#[tokio::test]
async fn whoever_has_no_devices_is_told_and_takes_part_without() -> Outcome {
    takes_part_without(Devices::None, &["no camera", "no microphone"]).await
}

async fn takes_part_without(devices: Devices, words: &[&str]) -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "some").look(Look::RED), base).await?;
    let bo = Person::open(&Entry::new("Bo", "some").devices(devices), base).await?;
    bo.is_alerted(words).await?;
    bo.join().await?;
    bo.sees_look("Ana", Look::RED).await?;
    bo.hears("Ana").await?;
    ana.sees("Bo", "connected, without camera and microphone", |seen| {
        seen.state == "connected" && seen.camera_on() == Some(false) && seen.microphone_on() == Some(false)
    })
    .await?;
    try_join!(bo.is_offered("Unmute"), bo.is_offered("Turn camera on"))?;
    bo.write("I can only write").await?;
    ana.open_chat().await?;
    ana.reads(&["Bo : I can only write"]).await?;
    ana.write("but I see you read").await?;
    bo.reads(&["Bo : I can only write", "Ana : but I see you read"])
        .await
}

#[tokio::test]
async fn a_camera_without_a_microphone_is_seen_and_the_reason_told() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "some").look(Look::GREEN), base).await?;
    let bo = Person::open(&Entry::new("Bo", "some").devices(Devices::CameraAllowed), base).await?;
    bo.is_alerted(&["microphone"]).await?;
    bo.join().await?;
    try_join!(
        ana.sees_look("Bo", Look::RED),
        bo.sees_look("Ana", Look::GREEN),
        bo.hears("Ana")
    )?;
    ana.sees("Bo", "no microphone, a camera", |seen| {
        seen.microphone_on() == Some(false) && seen.camera_on() == Some(true)
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn a_microphone_without_a_camera_is_heard_and_the_reason_told() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "some").look(Look::GREEN), base).await?;
    let bo = Person::open(&Entry::new("Bo", "some").devices(Devices::MicrophoneOnly), base).await?;
    bo.is_alerted(&["no camera"]).await?;
    bo.join().await?;
    bo.sees_look("Ana", Look::GREEN).await?;
    ana.hears("Bo").await?;
    ana.sees("Bo", "a microphone, no camera", |seen| {
        seen.microphone_on() == Some(true) && seen.camera_on() == Some(false)
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn the_lists_of_devices_are_there_without_devices() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "none").devices(Devices::None), base).await?;
    let shown = async || -> Outcome<Vec<String>> {
        let mut shown = Vec::new();
        for list in ["Camera", "Microphone", "Speaker"] {
            let node = ana.browser.node("combobox", list).await?;
            let label = "function () { return this.selectedOptions[0].label }";
            shown.push(ana.browser.call::<String>(&node, label).await?);
        }
        Ok(shown)
    };
    let lists = "the lists say that there is nothing";
    let none = |shown: &Vec<String>| shown[0] == "None found" && shown[1] == "None found";
    until(lists, async || Ok(holds(shown().await?, none))).await?;
    assert!(!ana.browser.node("combobox", "Camera").await?.enabled);
    ana.join().await?;
    ana.press("Settings").await?;
    until(lists, async || Ok(holds(shown().await?, none)))
        .await
        .map(drop)
}

#[tokio::test]
async fn a_camera_that_fails_is_not_shown_as_the_chosen_one() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let busy = "{
        const open = MediaDevices.prototype.getUserMedia;
        MediaDevices.prototype.getUserMedia = async function (wanted) {
            const all = await this.enumerateDevices();
            const busy = all.find((device) => device.label === 'fake_device_1')?.deviceId;
            if (busy && JSON.stringify(wanted).includes(busy)) throw new DOMException('in use', 'NotReadableError');
            return open.call(this, wanted);
        };
    }";
    let ana = Entry::new("Ana", "busy")
        .devices(Devices::Several(2))
        .script(busy);
    let ana = Person::open(&ana, base).await?;
    let list = ana.browser.node("combobox", "Camera").await?;
    let shown = async || {
        ana.browser
            .call::<String>(&list, "function () { return this.selectedOptions[0].label }")
            .await
    };
    until("the first camera is shown", async || {
        Ok(holds(shown().await?, |shown| shown == "fake_device_0"))
    })
    .await?;
    ana.browser.choose("Camera", "fake_device_1").await?;
    ana.is_alerted(&["camera", "another program"]).await?;
    assert_eq!(shown().await?, "fake_device_0");
    Ok(())
}

#[tokio::test]
async fn a_newcomer_who_came_dark_turns_the_camera_on_and_is_seen() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "dark").look(Look::RED), base).await?;
    let bo = Person::enter(
        &Entry::new("Bo", "dark").look(Look::GREEN).query("cam", "off"),
        base,
    )
    .await?;
    try_join!(bo.sees_look("Ana", Look::RED), ana.hears("Bo"))?;
    ana.sees("Bo", "the camera is off", |seen| seen.camera_on() == Some(false))
        .await?;
    let before = bo.links().await?;
    assert_eq!(before[0].local, ["answer"]);

    bo.press("Turn camera on").await?;
    ana.sees_look("Bo", Look::GREEN).await?;
    let after = bo.links().await?;
    assert_eq!(after.len(), 1);
    assert!(after[0].needed > before[0].needed, "{before:?} {after:?}");
    assert_eq!(after[0].local, ["answer", "offer"]);
    assert_eq!(ana.links().await?[0].local, ["offer", "answer"]);
    bo.sees_look("Ana", Look::RED).await.map(drop)
}

#[tokio::test]
async fn cameras_turned_on_at_the_same_moment_are_both_seen() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let dark = |name, look| Entry::new(name, "dark").look(look).query("cam", "off");
    let ana = Person::enter(&dark("Ana", Look::RED), base).await?;
    let bo = Person::enter(&dark("Bo", Look::GREEN), base).await?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    for person in [&ana, &bo] {
        assert_eq!(person.links().await?[0].signaling, "stable");
    }

    // A press at the next full second of the clock that both share.
    let press = "function () { setTimeout(() => this.click(), 1000 - (Date.now() % 1000)) }";
    let (at_ana, at_bo) = try_join!(
        ana.browser.node("button", "Turn camera on"),
        bo.browser.node("button", "Turn camera on")
    )?;
    try_join!(
        ana.browser.call::<()>(&at_ana, press),
        bo.browser.call::<()>(&at_bo, press)
    )?;
    try_join!(ana.sees_look("Bo", Look::GREEN), bo.sees_look("Ana", Look::RED))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    for person in [&ana, &bo] {
        until(format!("{} is done negotiating", person.name), async || {
            let links = person.links().await?;
            Ok(holds(links, |links| {
                links.len() == 1 && links[0].signaling == "stable"
            }))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn nobody_joins_before_the_question_of_the_devices_is_answered() -> Outcome {
    let stage = Stage::new().await?;
    let mut watcher = RawPeer::join(&stage.server, "patience", "Watcher").await?;
    let entry = Entry::new("Ana", "patience").script("__e2e.hold()");
    let ana = Person::open(&entry, stage.server.address.as_str()).await?;
    ana.browser.fill("Your name", "Ana").await?;
    ana.press("Join").await?;
    until("the press is taken note of", async || {
        Ok(holds(ana.browser.has("button", "Join").await?, |there| !there))
    })
    .await?;
    for _ in 0..10 {
        ana.browser
            .eval::<u32>("new Promise((done) => setTimeout(() => done(1), 20))")
            .await?;
        let heard = watcher.all_until_now().await?;
        assert!(heard.is_empty(), "{heard:?}");
    }

    ana.browser.eval::<()>("__e2e.open()").await?;
    let name = watcher
        .hear("joined", |message| match message {
            ServerMessage::Joined { person } => Some(person.name),
            _ => None,
        })
        .await?;
    assert_eq!(name, "Ana");
    ana.is_in_call().await
}

#[tokio::test]
async fn on_a_phone_a_press_switches_to_the_camera_that_looks_the_other_way() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let sides = "InputDeviceInfo.prototype.getCapabilities = function () {
        return { facingMode: [this.label === 'fake_device_2' ? 'environment' : 'user'] };
    };";
    let entry = Entry::new("Ana", "flip")
        .devices(Devices::Several(3))
        .script(sides);
    let ana = Person::open(&entry.clone().size(390, 844), base).await?;
    let fingers = json!({ "enabled": true });
    ana.browser
        .cdp("Emulation.setTouchEmulationEnabled", fingers)
        .await?;
    ana.join().await?;
    let looks_through = async |camera: &str| {
        let label =
            "document.querySelector('[data-self] video').srcObject.getVideoTracks()[0]?.label ?? 'none'";
        until(format!("the picture is that of {camera}"), async || {
            Ok(holds(ana.browser.eval::<String>(label).await?, |label| {
                label == camera
            }))
        })
        .await
    };
    looks_through("fake_device_0").await?;
    for camera in ["fake_device_2", "fake_device_0"] {
        ana.press("Picture options for Ana").await?;
        ana.press("Switch camera").await?;
        looks_through(camera).await?;
    }
    drop(ana);

    // With a mouse there are the lists of devices.
    let bo = Person::enter(&entry, base).await?;
    bo.press("Picture options for Ana").await?;
    bo.is_offered("Hide").await?;
    assert!(!bo.browser.has("button", "Switch camera").await?);
    Ok(())
}
