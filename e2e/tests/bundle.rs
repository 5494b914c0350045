//! The static bundle on a web server of its own, with the signaling elsewhere.

use maju_e2e::{Entry, Failure, Look, Outcome, Person, Site, Stage, workspace_file};
use tokio::try_join;

/// What the bundle's page says when nothing was configured.
const UNSET: &str = r#"<meta name="maju-signal" content="""#;

#[tokio::test]
async fn the_static_bundle_calls_over_a_server_named_in_its_page() -> Outcome {
    let folder = workspace_file("dist");
    let page = tokio::fs::read_to_string(folder.join("index.html"))
        .await
        .map_err(|error| Failure::from(error).at("the bundle (build it with `cargo xtask build`)"))?;
    assert!(
        page.contains(UNSET),
        "the page has no place for the server's address:\n{page}"
    );
    let stage = Stage::new().await?;
    let set = UNSET.replace(
        r#"content="""#,
        &format!(r#"content="{}""#, stage.server.socket()),
    );
    let site = Site::start(folder, &[(UNSET, &set)]).await?;
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
