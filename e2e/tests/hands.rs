//! Raised hands and reactions.

use maju_e2e::{Devices, Entry, Outcome, Person, Stage, holds, until};
use tokio::try_join;

#[tokio::test]
async fn hands_are_in_the_order_in_which_they_were_raised_for_who_comes_later_too() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "hands"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "hands"), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    bo.press("Raise hand").await?;
    shows_hands(&ana, &[("Bo", Some(1)), ("Ana", None)]).await?;
    ana.press("Raise hand").await?;
    ana.is_offered("Lower hand").await?;
    let cy = Person::enter(&Entry::new("Cy", "hands"), base).await?;
    for person in [&ana, &bo, &cy] {
        shows_hands(person, &[("Bo", Some(1)), ("Ana", Some(2)), ("Cy", None)]).await?;
    }

    bo.press("Lower hand").await?;
    for person in [&ana, &bo, &cy] {
        shows_hands(person, &[("Bo", None), ("Ana", Some(1)), ("Cy", None)]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn whose_hands_are_up_are_first_in_the_list_of_people() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = |name| Entry::new(name, "queue").devices(Devices::None);
    let ana = Person::enter(&entry("Ana"), base).await?;
    let bo = Person::enter(&entry("Bo"), base).await?;
    let cy = Person::enter(&entry("Cy"), base).await?;
    let di = Person::enter(&entry("Di"), base).await?;
    ana.press("People").await?;
    lists(&ana, &["Ana", "Bo", "Cy", "Di"]).await?;
    let focus = "document.activeElement.getAttribute('aria-label')";
    ana.press("Options for Di").await?;
    di.press("Raise hand").await?;
    lists(&ana, &["Ana", "Di 1", "Bo", "Cy"]).await?;
    cy.press("Raise hand").await?;
    lists(&ana, &["Ana", "Di 1", "Cy 2", "Bo"]).await?;
    bo.press("Raise hand").await?;
    di.press("Lower hand").await?;
    lists(&ana, &["Ana", "Cy 1", "Bo 2", "Di"]).await?;
    until("the focus is where it was", async || {
        let focus: Option<String> = ana.browser.eval(focus).await?;
        Ok(holds(focus, |focus| focus.as_deref() == Some("Options for Di")))
    })
    .await
    .map(drop)
}

/// Waits until the open list of people has these names, with the numbers of their hands.
async fn lists(person: &Person, expected: &[&str]) -> Outcome {
    until(format!("{} has the list {expected:?}", person.name), async || {
        let rows: Vec<String> = person
            .browser
            .eval(
                "[...document.querySelectorAll('.people > ul > li')].map((row) =>
                    [row.querySelector('bdi'), row.querySelector('.hand-sign [aria-hidden=true]:not(svg)')]
                        .map((part) => part?.textContent ?? '').join(' ').trim())",
            )
            .await?;
        Ok(holds(rows, |rows| rows == expected))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn a_reaction_is_seen_by_everybody_for_a_moment() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "reactions"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "reactions"), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    ana.press("React").await?;
    ana.browser.click("button", "👍").await?;
    assert!(
        !ana.browser.has("group", "Choose a reaction").await?,
        "the row closes by a choice"
    );
    shows_reactions(&bo, &["👍 Ana"]).await?;
    shows_reactions(&ana, &["👍 You"]).await?;
    shows_reactions(&bo, &[]).await
}

/// Waits until the tiles of these people say which number their hands are.
async fn shows_hands(person: &Person, hands: &[(&str, Option<usize>)]) -> Outcome {
    until(format!("{} sees {hands:?}", person.name), async || {
        let mut seen = Vec::new();
        for (name, _) in hands {
            let figure = person.figure(name).await?;
            let place = "function () { return this.querySelector('.hand-sign .unseen')?.innerText ?? '' }";
            let words: String = person.browser.call(&figure, place).await?;
            seen.push(words);
        }
        let expected: Vec<String> = hands
            .iter()
            .map(|(_, place)| place.map_or_else(String::new, |place| format!("Hand raised, number {place}")))
            .collect();
        Ok(holds(seen, |seen| *seen == expected))
    })
    .await
    .map(drop)
}

/// Waits until exactly these reactions are shown.
async fn shows_reactions(person: &Person, expected: &[&str]) -> Outcome {
    until(format!("{} sees {expected:?}", person.name), async || {
        let shown: Vec<String> = person
            .browser
            .eval("[...document.querySelectorAll('.reactions li')].map((item) => item.innerText.replace(/\\s+/g, ' '))")
            .await?;
        Ok(holds(shown, |shown| shown == expected))
    })
    .await
    .map(drop)
}
