//! The page on which devices and network are tested, with devices and networks of all kinds.

use maju_e2e::{Devices, Entry, Failure, Lab, Nat, Outcome, Person, Place, Stage, holds, until};
use serde_json::json;

/// Opens the page and starts the test.
async fn begins(entry: &Entry, base: &str) -> Outcome<Person> {
    let person = Person::open_at(entry, &format!("{base}test")).await?;
    person.press("Start the test").await?;
    Ok(person)
}

/// Waits until the result has all these words.
async fn finds(person: &Person, words: &[&str]) -> Outcome {
    let field = person
        .browser
        .node("textbox", "Result, for whoever helps you")
        .await?;
    until(format!("the result has {words:?}"), async || {
        let text: String = person
            .browser
            .call(&field, "function () { return this.value }")
            .await?;
        Ok(holds(text, |text| words.iter().all(|words| text.contains(words))))
    })
    .await
    .map(drop)
}

fn entry() -> Entry {
    Entry::new("Ana", "x")
}

#[tokio::test]
async fn devices_that_work_are_said_to() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open_at(&entry(), base).await?;
    ana.browser.click("link", "Test your devices").await?;
    ana.press("Start the test").await?;
    finds(
        &ana,
        &[
            "Camera: Works: a picture of ",
            "Microphone: Works: you were heard.",
            "Server: Answers",
            "This server names no STUN or TURN server.",
        ],
    )
    .await?;
    ana.press("Record and play back").await?;
    for button in ["Recording: say something", "Playing back", "Record and play back"] {
        ana.is_offered(button).await?;
    }
    ana.press("Play a sound").await?;
    finds(&ana, &["Speaker: Did you hear it?"]).await?;
    ana.press("No").await?;
    finds(&ana, &["Speaker: Turn the volume up"]).await?;
    ana.press("Play a sound").await?;
    ana.press("Yes").await?;
    finds(&ana, &["Speaker: Works."]).await?;
    ana.press("Copy the result").await?;

    // With the page goes all that it held.
    ana.browser
        .eval::<()>("void (window.track = document.querySelector('video').srcObject.getTracks()[0])")
        .await?;
    ana.press("Test again").await?;
    until("the camera of before is let go", async || {
        Ok(holds(
            ana.browser.eval::<String>("track.readyState").await?,
            |state| state == "ended",
        ))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn devices_that_are_denied_or_missing_leave_the_rest_to_be_tested() -> Outcome {
    for (devices, camera, microphone) in [
        (
            Devices::Denied,
            "Camera: Your camera may not be used. Allow the use in the browser's address bar",
            "Microphone: Your microphone may not be used.",
        ),
        (
            Devices::None,
            "Camera: No camera was found.",
            "Microphone: No microphone was found.",
        ),
        (
            Devices::CameraAllowed,
            "Camera: Works",
            "Microphone: Your microphone may not be used.",
        ),
    ] {
        let stage = Stage::new().await?;
        let ana = begins(&entry().devices(devices), stage.server.address.as_str()).await?;
        finds(&ana, &[camera, microphone, "Server: Answers"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let ana = Person::open_at(&entry(), &format!("{base}test")).await?;
    ana.is_offered("Start the test").await?;
    stage.server.kill().await?;
    ana.press("Start the test").await?;
    finds(&ana, &["Camera: Works", "Server: No answer."]).await?;
    stage.server.start_again().await?;
    ana.press("Test again").await?;
    finds(&ana, &["Server: Answers"]).await
}

#[tokio::test]
async fn only_who_was_invited_learns_of_relays() -> Outcome {
    const SECRET: &str = "a secret of the operator's own system";
    let flags = [
        "--auth",
        "jwt",
        "--auth-secret",
        SECRET,
        "--ice-server",
        "turn:203.0.113.1:3478,username=u,credential=c",
    ];
    let stage = Stage::with_flags(&flags).await?;
    let base = stage.server.address.as_str();
    let ana = begins(&entry(), base).await?;
    finds(&ana, &["Server: Answers", "lets in only who was invited"]).await?;
    let claims = json!({ "room": "x", "exp": 4_102_444_800_u64 });
    let room = entry().address(base)?;
    let link = ana.browser.invitation(&room, SECRET, claims).await?;
    ana.browser.goto(&link).await?;
    ana.browser.click("link", "Test your devices").await?;
    ana.press("Start the test").await?;
    finds(&ana, &["Server: Answers", "Relay over UDP, 203.0.113.1:3478"]).await
}

#[tokio::test]
async fn ways_through_routers_are_told_one_by_one() -> Outcome {
    ways(entry()).await
}

#[tokio::test]
async fn firefox_tells_the_ways_too() -> Outcome {
    ways(entry().firefox()).await
}

async fn ways(entry: Entry) -> Outcome {
    let _turn = Stage::turn().await;
    let Some(lab) = Lab::build("a test of ways", Nat::Cone, Nat::UdpBlocked).await? else {
        return Ok(());
    };
    let turn = lab.turn().await?;
    let wrong = turn.turn_flag("udp").replace("credential=", "credential=not-");
    let flags = [
        turn.stun_flag(),
        turn.turn_flag("udp"),
        turn.turn_flag("tcp"),
        wrong,
    ];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let server = lab.server(&flags).await?;
    let base = server.address.as_str();
    let ana = begins(&lab.at(Place::One, entry.clone()), base).await?;
    finds(
        &ana,
        &[
            "(STUN): Your network lets direct ways through.",
            "Relay over UDP, 203.0.113.1:3478: Works.",
            "Relay over TCP, 203.0.113.1:3478: Works.",
            "does not take this server's credentials",
            "Others reach you directly, or by the server's relay.",
        ],
    )
    .await
    .map_err(|failure| failure.at("behind a router"))?;
    drop(ana);
    let ana = begins(&lab.at(Place::Two, entry), base).await?;
    finds(
        &ana,
        &[
            "(STUN): Not reached.",
            "Relay over UDP, 203.0.113.1:3478: Not reached.",
            "Relay over TCP, 203.0.113.1:3478: Works.",
            "Your network does not let UDP through. Calls go over the server's relay",
        ],
    )
    .await
    .map_err(|failure: Failure| failure.at("where UDP is blocked"))
}
