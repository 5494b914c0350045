//! The static bundle on a web server of its own, with the signaling elsewhere.

use maju_e2e::{Entry, Failure, Look, Outcome, Person, Site, Stage, workspace_file};
use tokio::try_join;

#[tokio::test]
async fn the_static_bundle_calls_over_a_server_named_in_its_page() -> Outcome {
    let folder = workspace_file("dist");
    let page = tokio::fs::read_to_string(folder.join("index.html"))
        .await
        .map_err(|error| Failure::from(error).at("the bundle (build it with `cargo xtask build`)"))?;
    let port = Site::port().await?;
    let origin = format!("http://{}", port.local_addr()?);
    let stage = Stage::with_flags(&["--origin", &origin]).await?;
    let page = with_signaling_at(&page, &stage.server.socket())
        .ok_or_else(|| Failure::new("the page has no <meta name=maju-signal>"))?;
    let site = Site::start(port, folder, page)?;
    assert_ne!(site.address, stage.server.address.as_str());

    let ana = Person::enter(&Entry::new("Ana", "static").look(Look::RED), &site.address).await?;
    let bo = Person::enter(&Entry::new("Bo", "static").look(Look::GREEN), &site.address).await?;
    try_join!(ana.sees_look("Bo", Look::GREEN), bo.sees_look("Ana", Look::RED))?;
    // Whoever comes by the server's own page is in the same room.
    let cy = Person::enter(
        &Entry::new("Cy", "static").look(Look::BLUE),
        stage.server.address.as_str(),
    )
    .await?;
    try_join!(ana.sees_look("Cy", Look::BLUE), cy.sees_look("Ana", Look::RED)).map(drop)
}

/// Configures a page as its operator does: by the content of one meta tag.
fn with_signaling_at(page: &str, socket: &str) -> Option<String> {
    let name = page.match_indices("maju-signal").map(|(at, _)| at).find(|at| {
        // Not in a comment or a script that speaks of it.
        page[..*at]
            .rfind('<')
            .is_some_and(|tag| page[tag..].starts_with("<meta "))
    })?;
    let start = page[..name].rfind('<')?;
    let end = name + page[name..].find('>')? + 1;
    Some(format!(
        r#"{}<meta name="maju-signal" content="{socket}">{}"#,
        &page[..start],
        &page[end..]
    ))
}
