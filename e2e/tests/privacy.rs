//! The app asks nobody but its own server for anything.

use maju_e2e::{Entry, Look, Outcome, Person, Stage};
use url::Url;

#[tokio::test]
async fn no_other_host_is_asked_for_anything() -> Outcome {
    let stage = Stage::new().await?;
    let base = &stage.server.address;
    let ana = Person::enter(&Entry::new("Ana", "alone").look(Look::RED).recorded(), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "alone").look(Look::GREEN), base).await?;
    ana.sees_moving("Bo").await?;
    for panel in ["People", "Settings", "Call log", "Chat"] {
        ana.press(panel).await?;
    }
    bo.press("Leave").await?;
    ana.sees_exactly(&["Ana"]).await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;

    let mut asked = Vec::new();
    for (method, event) in ana.browser.events().await? {
        let address = match method.as_str() {
            "Network.requestWillBeSent" => event["request"]["url"].as_str(),
            "Network.webSocketCreated" => event["url"].as_str(),
            _ => None,
        };
        asked.extend(address.map(Url::parse).transpose()?);
    }
    assert!(
        asked.iter().any(|url| url.scheme() == "ws"),
        "the recording is not complete: {asked:?}"
    );
    let foreign: Vec<_> = asked
        .iter()
        .filter(|url| !matches!(url.scheme(), "data" | "blob" | "about" | "chrome"))
        .filter(|url| (url.host(), url.port()) != (base.host(), base.port()))
        .map(Url::as_str)
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    Ok(())
}
