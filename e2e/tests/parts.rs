//! Parts of the app that are fetched when they are wanted.

use maju_e2e::{Entry, Outcome, Person, Stage};
use serde_json::json;

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
    ana.is_alerted(&["This part of the app could not be loaded."])
        .await?;

    block(&ana, &[]).await?;
    ana.press("Try again").await?;
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
