//! Home and lobby: what is there before the call.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};
use serde_json::json;

#[tokio::test]
async fn home_leads_to_a_room_named_or_made_up() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "x").devices(Devices::None), base).await?;
    let mut made_up = Vec::new();
    for _ in 0..2 {
        ana.browser.goto(base).await?;
        ana.press("Use it").await?;
        let field = ana.browser.node("textbox", "Room name").await?;
        let room: String = ana
            .browser
            .call(&field, "function () { return this.value }")
            .await?;
        assert!(room.chars().count() >= 10, "{room:?} can be guessed");
        made_up.push(room);
    }
    assert_ne!(made_up[0], made_up[1]);
    ana.press("Enter room").await?;
    ana.is_offered("Join").await?;
    let path: String = ana.browser.eval("decodeURIComponent(location.pathname)").await?;
    assert_eq!(path, format!("/r/{}", made_up[1]));
    Ok(())
}

#[tokio::test]
async fn each_page_that_is_come_to_takes_the_focus_on_its_heading() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "x").devices(Devices::None), base).await?;
    let focused = async |words: &str| {
        until(format!("the focus is on the heading {words:?}"), async || {
            let focus = "document.activeElement.localName + ' ' + document.activeElement.innerText";
            Ok(holds(ana.browser.eval::<String>(focus).await?, |focus| {
                focus.starts_with("h1 ") && focus.contains(words)
            }))
        })
        .await
    };
    ana.browser.goto(base).await?;
    ana.browser.fill("Room name", "garden").await?;
    ana.press("Enter room").await?;
    focused("garden").await?;
    ana.join().await?;
    focused("garden").await?;
    ana.press("Leave").await?;
    focused("You left").await?;
    ana.press("Another room").await?;
    focused("Open a link").await.map(drop)
}

#[tokio::test]
async fn the_lobby_shows_oneself_and_the_devices_and_remembers_the_name() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "lobby").devices(Devices::Several(2)), base).await?;
    until("the preview plays, mirrored and without sound", async || {
        let video = "(() => {
            const video = document.querySelector('video');
            const mirror = (of) => of && (new DOMMatrix(getComputedStyle(of).transform).a < 0 || mirror(of.parentElement));
            return [video.videoWidth > 0 && !video.paused, video.muted, mirror(video), video.playsInline];
        })()";
        Ok(holds(ana.browser.eval::<Vec<Option<bool>>>(video).await?, |all| all.iter().all(|one| *one == Some(true))))
    })
    .await?;
    for (list, label, count) in [
        ("Camera", "fake_device_1", 2),
        ("Microphone", "Fake Audio Input 1", 3),
        ("Speaker", "Fake Audio Output 1", 3),
    ] {
        until(format!("the list {list} has {label}"), async || {
            Ok(holds(ana.browser.labels(list).await?, |labels| {
                labels.iter().any(|given| given == label)
                    && labels
                        .iter()
                        .filter(|given| given.to_lowercase().starts_with("fake"))
                        .count()
                        == count
            }))
        })
        .await?;
    }
    ana.browser.choose("Camera", "fake_device_1").await?;
    until("the preview comes from the camera that was picked", async || {
        let label = "document.querySelector('video').srcObject?.getVideoTracks()[0]?.label ?? ''";
        Ok(holds(ana.browser.eval::<String>(label).await?, |label| {
            label == "fake_device_1"
        }))
    })
    .await?;
    ana.join().await?;

    ana.browser
        .goto(&Entry::new("Ana", "another").address(base)?)
        .await?;
    let field = ana.browser.node("textbox", "Your name").await?;
    until("the name is remembered", async || {
        let name: String = ana
            .browser
            .call(&field, "function () { return this.value }")
            .await?;
        Ok(holds(name, |name| name == "Ana"))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn an_address_can_name_the_person_join_and_start_muted_and_dark() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Entry::new("Ana", "link")
        .look(Look::RED)
        .query("name", "Ana")
        .query("join", "");
    let ana = Person::open(&ana, base).await?;
    ana.is_in_call().await?;
    let bo = Entry::new("Bo 보", "link")
        .look(Look::GREEN)
        .query("name", "Bo 보")
        .query("join", "")
        .query("mic", "off")
        .query("cam", "off");
    let bo = Person::open(&bo, base).await?;
    bo.is_in_call().await?;
    bo.is_offered("Unmute").await?;
    bo.is_offered("Turn camera on").await?;
    bo.sees_look("Ana", Look::RED).await?;
    ana.sees("Bo 보", "connected, muted and dark", |seen| {
        seen.state == "connected" && seen.microphone_on() == Some(false) && seen.camera_on() == Some(false)
    })
    .await?;
    let asked: u32 = bo.browser.eval("__e2e.captured.length").await?;
    assert_eq!(asked, 0, "devices were opened that nobody wanted");
    // Who comes back by this address, as by a reload, is not on air unasked.
    let query: String = bo.browser.eval("location.search").await?;
    assert!(!query.contains("join") && query.contains("cam=off"), "{query}");
    Ok(())
}

#[tokio::test]
async fn who_is_offline_is_told_so_for_as_long_as_it_is_so() -> Outcome {
    let mut stage = Stage::new().await?;
    let ana = Person::open(&Entry::new("Ana", "offline"), &stage.server.address).await?;
    ana.is_offered("Join").await?;
    let is_told = async |words: &'static str| {
        until(format!("the page says {words:?}"), async || {
            Ok(holds(ana.browser.texts("status").await?, |told| {
                told.iter().any(|told| told.starts_with(words))
            }))
        })
        .await
    };
    let network = async |offline: bool| {
        let conditions =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        ana.browser
            .cdp("Network.emulateNetworkConditions", conditions)
            .await
    };
    ana.browser.cdp("Network.enable", json!({})).await?;
    stage.server.kill().await?;
    is_told("The server cannot be reached.").await?;
    network(true).await?;
    is_told("You are offline").await?;
    network(false).await?;
    is_told("The server cannot be reached.").await.map(drop)
}
