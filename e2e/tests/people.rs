//! The list of people, and what can be done with them.

use maju_e2e::{Entry, Outcome, Person, Stage, holds, until};
use tokio::try_join;

#[tokio::test]
async fn a_new_name_is_seen_by_everybody_and_by_who_comes_later() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "names"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "names"), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    ana.press("People").await?;
    ana.press("Change your name").await?;
    ana.browser.fill("Your name", " ").await?;
    ana.press("Save").await?;
    ana.is_alerted(&["name"]).await?;
    ana.browser.fill("Your name", "Annabel Lee").await?;
    ana.press("Save").await?;
    bo.sees_moving("Annabel Lee").await?;
    ana.sees_exactly(&["Annabel Lee", "Bo"]).await?;
    let cy = Person::enter(&Entry::new("Cy", "names"), base).await?;
    cy.sees_moving("Annabel Lee").await.map(drop)
}

#[tokio::test]
async fn who_is_muted_for_one_is_heard_by_the_others() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let _ana = Person::enter(&Entry::new("Ana", "loud"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "loud"), base).await?;
    let cy = Person::enter(&Entry::new("Cy", "loud"), base).await?;
    try_join!(bo.hears("Ana"), cy.hears("Ana"))?;

    bo.press("People").await?;
    bo.press("Options for Ana").await?;
    assert!(!bo.browser.has("button", "Remove Ana").await?, "Bo is no host");
    bo.press("Mute for me").await?;
    bo.sees("Ana", "silent", |seen| seen.muted).await?;
    cy.sees("Ana", "not silent", |seen| !seen.muted).await?;
    let volume = bo.browser.node("slider", "Volume of Ana").await?;
    let shown: String = bo
        .browser
        .call(&volume, "function () { return this.value }")
        .await?;
    assert_eq!(shown, "0");
    bo.press("Unmute for me").await?;
    bo.sees("Ana", "heard again", |seen| !seen.muted).await.map(drop)
}

#[tokio::test]
async fn a_spotlight_of_the_host_is_on_for_everybody_and_for_who_comes_later() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "light"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "light"), base).await?;
    let cy = Person::enter(&Entry::new("Cy", "light"), base).await?;
    try_join!(ana.sees_moving("Cy"), bo.sees_moving("Cy"), cy.sees_moving("Bo"))?;

    ana.press("People").await?;
    ana.press("Options for Bo").await?;
    ana.press("Spotlight: Bo").await?;
    is_big(&cy, "Bo", true).await?;
    let di = Person::enter(&Entry::new("Di", "light"), base).await?;
    is_big(&di, "Bo", true).await?;
    ana.press("Spotlight: Bo").await?;
    is_big(&cy, "Bo", false).await?;
    is_big(&di, "Bo", false).await
}

async fn is_big(person: &Person, name: &str, big: bool) -> Outcome {
    until(format!("{} has {name} big: {big}", person.name), async || {
        let figure = person.figure(name).await?;
        let part = "function () { return this.parentElement.dataset.part ?? '' }";
        let part: String = person.browser.call(&figure, part).await?;
        Ok(holds(part, |part| (part == "main") == big))
    })
    .await
    .map(drop)
}
