//! What is set in the settings, what comes of it, and that it is kept.

use maju_e2e::{Entry, Look, Outcome, Person, Stage, holds, until};

/// Waits until the page tells this.
async fn tells(person: &Person, what: &str, expression: &str, wanted: &str) -> Outcome {
    until(what, async || {
        Ok(holds(person.browser.eval::<String>(expression).await?, |told| {
            told == wanted
        }))
    })
    .await
    .map(drop)
}

/// The theme by the style sheet and by the frame that the browser draws around the page.
const THEME: &str = "getComputedStyle(document.documentElement).backgroundColor + ' '
    + [...document.querySelectorAll('meta[name=theme-color]')].filter((meta) => matchMedia(meta.media).matches)
        .map((meta) => meta.content)";
const LIGHT: &str = "rgb(244, 238, 226) #f4eee2";
const DARK: &str = "rgb(15, 26, 28) #0f1a1c";

#[tokio::test]
async fn the_theme_is_picked_shown_and_kept() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "theme").query("cam", "off");
    let ana = Person::open(&entry, base).await?;
    tells(&ana, "the page is light", THEME, LIGHT).await?;
    ana.join().await?;
    ana.press("Settings").await?;
    ana.browser.choose("Theme", "Dark").await?;
    tells(&ana, "the page is dark", THEME, DARK).await?;
    ana.browser.goto(&entry.address(base)?).await?;
    ana.is_offered("Join").await?;
    tells(&ana, "the page is dark still", THEME, DARK).await?;
    ana.join().await?;
    ana.press("Settings").await?;
    ana.browser.choose("Theme", "As the system").await?;
    tells(&ana, "the page is light again", THEME, LIGHT).await
}

#[tokio::test]
async fn the_mirror_is_for_oneself_and_can_be_taken_away() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "mirror").look(Look::RED);
    let ana = Person::enter(&entry, base).await?;
    let bo = Person::enter(&Entry::new("Bo", "mirror").look(Look::GREEN), base).await?;
    bo.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.sees("Ana", "mirrored", |seen| seen.mirrored).await?;
    ana.press("Settings").await?;
    ana.browser.click("switch", "Mirror my own picture").await?;
    ana.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.browser.goto(&entry.address(base)?).await?;
    ana.join().await?;
    ana.sees("Ana", "not mirrored still", |seen| {
        seen.width > 0 && !seen.mirrored
    })
    .await?;
    bo.sees("Ana", "not mirrored", |seen| !seen.mirrored).await?;
    ana.sees("Bo", "not mirrored", |seen| !seen.mirrored)
        .await
        .map(drop)
}

#[tokio::test]
async fn what_is_broken_in_the_settings_is_as_if_it_had_never_been_set() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    for broken in ["null", "7", "{", r#"{"mirror":3,"theme":["dark"],"more":1}"#] {
        let script = format!("localStorage.setItem('maju.settings', {broken:?})");
        let ana = Person::enter(&Entry::new("Ana", "broken").script(&script), base).await?;
        ana.sees("Ana", "mirrored", |seen| seen.width > 0 && seen.mirrored)
            .await?;
        tells(&ana, "the page is light", THEME, LIGHT).await?;
    }
    Ok(())
}
