//! A browser that plays no sound before a press.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};

#[tokio::test]
async fn refused_sound_is_told_and_a_press_restores_it() -> Outcome {
    let stage = Stage::new().await?;
    let [ana, bo] = unheard(stage.server.address.as_str()).await?;
    bo.press("Play sound").await?;
    bo.hears("Ana").await?;
    bo.sees_look("Ana", Look::RED).await?;
    until("the button is gone", async || {
        Ok(holds(bo.browser.has("button", "Play sound").await?, |there| {
            !there
        }))
    })
    .await?;
    ana.sees("Bo", "connected", |seen| seen.state == "connected")
        .await
        .map(drop)
}

#[tokio::test]
async fn a_press_of_anything_else_restores_it_too() -> Outcome {
    let stage = Stage::new().await?;
    let [_ana, bo] = unheard(stage.server.address.as_str()).await?;
    bo.browser.key("Tab").await?;
    bo.hears("Ana").await
}

/// Ana, and Bo who does not hear her yet.
async fn unheard(base: &str) -> Outcome<[Person; 2]> {
    let ana = Person::enter(&Entry::new("Ana", "quiet").look(Look::RED), base).await?;
    let bo = Entry::new("Bo", "quiet")
        .devices(Devices::Denied)
        .flag("--autoplay-policy=document-user-activation-required")
        .query("name", "Bo")
        .query("join", "");
    let bo = Person::open(&bo, base).await?;
    bo.is_offered("Play sound").await?;
    assert!(
        !bo.browser
            .eval::<bool>("navigator.userActivation.hasBeenActive")
            .await?,
        "something was pressed"
    );
    bo.sees("Ana", "nothing heard", |seen| seen.energy == 0.0).await?;
    Ok([ana, bo])
}
