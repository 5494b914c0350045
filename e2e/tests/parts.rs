//! Parts of the app that are fetched when they are wanted.

use maju_e2e::{Entry, Outcome, Person, Stage, holds, until};
use serde_json::json;

const LACKS: &str = "This part of the app could not be loaded.";

/// Lets nothing of that name arrive.
async fn block(person: &Person, names: &[&str]) -> Outcome {
    person.browser.cdp("Network.enable", json!({})).await?;
    person
        .browser
        .cdp("Network.setBlockedURLs", json!({ "urls": names }))
        .await
        .map(drop)
}

#[tokio::test]
async fn a_part_that_does_not_arrive_says_so_and_comes_when_it_is_tried_again() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let bo = Person::enter(&Entry::new("Bo", "parts"), base).await?;
    let ana = Person::open(&Entry::new("Ana", "parts"), base).await?;
    block(&ana, &["*/split_parts*"]).await?;
    ana.join().await?;
    // The call does not need it.
    ana.sees_moving("Bo").await?;
    bo.sees_moving("Ana").await?;
    ana.press("Chat").await?;
    ana.is_alerted(&[LACKS]).await?;

    block(&ana, &[]).await?;
    ana.press("Try again").await?;
    until("the focus is where it would have been", async || {
        let focus = ana.browser.focus().await?;
        Ok(holds(focus, |focus| focus.name == "Message"))
    })
    .await?;
    ana.write("Here I am").await?;
    bo.press("Chat").await?;
    bo.reads(&["Ana : Here I am"]).await
}

#[tokio::test]
async fn panels_open_though_the_server_went_after_the_call_began() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.clone();
    let ana = Person::enter(&Entry::new("Ana", "parts-kept"), &base).await?;
    ana.browser.node("image", "QR code of the link").await?;
    stage.server.kill().await?;
    ana.press("Settings").await?;
    ana.browser.node("switch", "Save data").await.map(drop)
}

#[tokio::test]
async fn who_lacks_a_part_loads_the_page_again_while_there_is_a_server_to_load_it_from() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.clone();
    let ana = Person::open(&Entry::new("Ana", "parts-newer"), &base).await?;
    // A server that has a newer app has no such files.
    block(&ana, &["*/split_parts*"]).await?;
    ana.join().await?;
    ana.press("Mute").await?;
    ana.press("Chat").await?;
    ana.is_alerted(&[LACKS]).await?;
    ana.press("Load the page again").await?;
    ana.is_offered("Join").await?;
    ana.is_offered("Unmute").await?;

    ana.join().await?;
    ana.press("Chat").await?;
    ana.is_offered("Load the page again").await?;
    stage.server.kill().await?;
    until("no page is offered that would not come", async || {
        Ok(holds(
            ana.browser.has("button", "Load the page again").await?,
            |offered| !offered,
        ))
    })
    .await?;
    ana.is_offered("Try again").await
}

#[tokio::test]
async fn the_test_of_devices_is_a_page_though_its_part_does_not_arrive() -> Outcome {
    let stage = Stage::new().await?;
    let ana = Person::open(&Entry::new("Ana", "parts-test"), &stage.server.address).await?;
    block(&ana, &["*/split_check*"]).await?;
    ana.browser.click("link", "Test your devices").await?;
    ana.is_alerted(&[LACKS]).await?;
    for (role, name) in [
        ("heading", "Test your devices"),
        ("link", "To the start"),
        ("button", "Load the page again"),
    ] {
        ana.browser.node(role, name).await?;
    }
    ana.browser.choose("Language", "Français").await?;
    ana.is_offered("Réessayer").await?;
    block(&ana, &[]).await?;
    ana.press("Réessayer").await?;
    ana.is_offered("Lancer le test").await?;
    let focus = ana.browser.focus().await?;
    assert_eq!(focus.tag, "h1", "{focus:?}");
    Ok(())
}
