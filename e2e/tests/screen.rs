//! Screens that are shared: beside the cameras, by several people at once, and seen by who comes later.

use maju_e2e::{Devices, Engine, Entry, Look, Outcome, Person, Stage, holds, until};
use serde_json::json;
use tokio::try_join;

async fn enter(stage: &Stage, name: &str, look: Look, engine: Engine) -> Outcome<Person> {
    let entry = Entry::new(name, "screens").look(look).engine(engine);
    Person::enter(&entry, &stage.server.address).await
}

/// Ana and Bo.
async fn pair(stage: &Stage) -> Outcome<(Person, Person)> {
    try_join!(
        enter(stage, "Ana", Look::RED, Engine::Chromium),
        enter(stage, "Bo", Look::GREEN, Engine::Chromium),
    )
}

#[tokio::test]
async fn two_share_their_screens_beside_their_cameras_and_who_comes_later_sees_both() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    ana.press("Share screen").await?;
    ana.is_offered("Stop sharing").await?;
    ana.sees_exactly(&["Ana", "Bo", "Your screen"]).await?;
    let seen = bo.sees_moving("Ana's screen").await?;
    assert!(seen.width > 640, "{seen:?}");
    bo.sees_look("Ana", Look::RED).await?;
    bo.press("Share screen").await?;
    ana.sees_moving("Bo's screen").await?;
    ana.sees_look("Bo", Look::GREEN).await?;

    let cy = enter(&stage, "Cy", Look::BLUE, Engine::Chromium).await?;
    cy.sees_exactly(&["Ana", "Bo", "Cy", "Ana's screen", "Bo's screen"])
        .await?;
    cy.sees_moving("Ana's screen").await?;
    cy.sees_moving("Bo's screen").await?;
    cy.sees_look("Ana", Look::RED).await?;
    cy.sees_look("Bo", Look::GREEN).await?;

    ana.press("Stop sharing").await?;
    ana.is_offered("Share screen").await?;
    cy.sees_exactly(&["Ana", "Bo", "Cy", "Bo's screen"]).await?;
    bo.sees_exactly(&["Ana", "Bo", "Cy", "Your screen"]).await?;
    // Once more, on the same connections.
    ana.press("Share screen").await?;
    cy.sees_moving("Ana's screen").await?;
    cy.sees_moving("Bo's screen").await?;
    assert_eq!(ana.links().await?.len(), 2);
    ana.press("Leave").await?;
    ana.press("Rejoin").await?;
    ana.is_offered("Share screen").await?;
    cy.sees_exactly(&["Ana", "Bo", "Cy", "Bo's screen"]).await
}

#[tokio::test]
async fn the_browsers_own_bar_ends_the_sharing() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    ana.press("Share screen").await?;
    bo.sees_moving("Ana's screen").await?;
    let track = "document.querySelector('[data-screen=\"\"] video').srcObject.getVideoTracks()[0]";
    let hint: String = ana.browser.eval(&format!("{track}.contentHint")).await?;
    assert_eq!(hint, "detail");
    // The bar is outside of the page; this is all that the page learns of it.
    let ended = format!("{track}.dispatchEvent(new Event('ended'))");
    ana.browser.eval::<bool>(&ended).await?;
    ana.is_offered("Share screen").await?;
    bo.sees_exactly(&["Ana", "Bo"]).await?;
    assert!(ana.browser.texts("alert").await?.is_empty());
    bo.sees_look("Ana", Look::RED).await.map(drop)
}

#[tokio::test]
async fn the_sound_of_what_is_shared_arrives_beside_the_voice() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    ana.press("Share screen").await?;
    bo.sees_moving("Ana's screen").await?;
    until("Bo hears what Ana shares", async || {
        let figure = bo.figure("Ana's screen").await?;
        let pitch: f64 = bo
            .browser
            .call(&figure, "function () { return __e2e.pitch(this) }")
            .await?;
        Ok(holds(pitch, |pitch| *pitch > 0.0))
    })
    .await?;
    bo.hears_tone("Ana", Look::RED.tone).await
}

#[tokio::test]
async fn a_tab_is_shared_with_its_sound_and_its_end_is_the_end_of_the_sharing() -> Outcome {
    let stage = Stage::new().await?;
    let tab = format!("Slides {}", std::process::id());
    // Without the fake picker, which shows a fake screen only.
    let ana = Entry::new("Ana", "screens")
        .devices(Devices::CameraAllowed)
        .flag(&format!("--auto-select-tab-capture-source-by-title={tab}"))
        .flag("--autoplay-policy=no-user-gesture-required");
    let ana = Person::enter(&ana, &stage.server.address).await?;
    let page = format!(
        "data:text/html,<title>{tab}</title><body><script>
            const sound = new AudioContext();
            const tone = new OscillatorNode(sound, {{ frequency: 990 }});
            tone.connect(sound.destination);
            tone.start();
            setInterval(() => {{ document.body.style.background = `hsl(${{performance.now() / 9}} 80% 50%)`; }}, 50);
        </script>"
    );
    let target = ana
        .browser
        .cdp("Target.createTarget", json!({ "url": page, "newWindow": true }))
        .await?;
    let bo = enter(&stage, "Bo", Look::GREEN, Engine::Chromium).await?;
    ana.press("Share screen").await?;
    bo.sees_moving("Ana's screen").await?;
    bo.hears_tone("Ana's screen", 990).await?;
    bo.sees_look("Ana", Look::RED).await?;
    let target = json!({ "targetId": target["targetId"] });
    ana.browser.cdp("Target.closeTarget", target).await?;
    ana.is_offered("Share screen").await?;
    bo.sees_exactly(&["Ana", "Bo"]).await?;
    bo.sees_look("Ana", Look::RED).await.map(drop)
}

#[tokio::test]
async fn who_may_not_share_is_told() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::new("Ana", "screens").devices(Devices::Denied);
    let ana = Person::enter(&entry, &stage.server.address).await?;
    ana.press("Share screen").await?;
    ana.is_alerted(&["Your screen is not shared", "address bar"])
        .await?;
    ana.is_offered("Share screen").await
}

#[tokio::test]
async fn firefox_sees_the_screens_of_chromium_whoever_was_first() -> Outcome {
    for engines in [
        [Engine::Chromium, Engine::Firefox],
        [Engine::Firefox, Engine::Chromium],
    ] {
        let stage = Stage::new().await?;
        let first = enter(&stage, "Ana", Look::RED, engines[0]).await?;
        let second = enter(&stage, "Bo", Look::RED, engines[1]).await?;
        let (shares, sees) = if engines[0] == Engine::Chromium {
            (&first, &second)
        } else {
            (&second, &first)
        };
        let screen = format!("{}'s screen", shares.name);
        shares.press("Share screen").await?;
        sees.sees_moving(&screen).await?;
        sees.sees_look(&shares.name, Look::RED).await?;
        shares.sees_moving(&sees.name).await?;
        shares.press("Stop sharing").await?;
        sees.sees_exactly(&["Ana", "Bo"]).await?;
    }
    Ok(())
}
