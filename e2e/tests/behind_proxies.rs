//! Calls through the reverse proxies that operators have, set up by the samples of `deploy/`.

use axum::{Json, Router, http::HeaderMap, routing::any};
use maju_e2e::{Entry, Front, Kind, Look, Outcome, Person, Stage};
use serde_json::{Value, json};
use tokio::{net::TcpListener, try_join};
use url::Url;

const TRUST: [&str; 2] = ["--trusted-proxy", "127.0.0.1"];

#[tokio::test]
async fn people_meet_behind_nginx_and_stay_when_it_is_reloaded() -> Outcome {
    meet_behind(Kind::Nginx).await
}

#[tokio::test]
async fn people_meet_behind_caddy_and_stay_when_it_is_reloaded() -> Outcome {
    meet_behind(Kind::Caddy).await
}

async fn meet_behind(kind: Kind) -> Outcome {
    let stage = Stage::with_flags(&TRUST).await?;
    let Some(front) = Front::start(kind, &stage.server.address).await? else {
        return Ok(());
    };
    let entry = |name, look| Entry::new(name, "front").look(look).by(&front);
    let ana = Person::enter(&entry("Ana", Look::RED), &front.address).await?;
    let bo = Person::enter(&entry("Bo", Look::GREEN), &front.address).await?;
    try_join!(ana.sees_look("Bo", Look::GREEN), bo.sees_look("Ana", Look::RED))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    // The server takes the proxy's word that this is HTTPS.
    let header = "fetch('/readyz').then((answer) => answer.headers.get('strict-transport-security'))";
    let hsts: Option<String> = ana.browser.eval(header).await?;
    assert!(hsts.is_some_and(|hsts| hsts.starts_with("max-age=")), "no HSTS");

    front.reload().await?;
    let cy = Person::enter(&entry("Cy", Look::BLUE), &front.address).await?;
    try_join!(ana.sees_look("Cy", Look::BLUE), bo.sees_look("Cy", Look::BLUE))?;
    try_join!(cy.sees_look("Ana", Look::RED), cy.sees_look("Bo", Look::GREEN))?;
    ana.sees_look("Bo", Look::GREEN).await.map(drop)
}

#[tokio::test]
async fn nobody_says_to_nginx_that_they_are_somewhere_else() -> Outcome {
    lie_to(Kind::Nginx).await
}

#[tokio::test]
async fn nobody_says_to_caddy_that_they_are_somewhere_else() -> Outcome {
    lie_to(Kind::Caddy).await
}

async fn lie_to(kind: Kind) -> Outcome {
    let _turn = Stage::turn().await;
    let echo = Echo::start().await?;
    let Some(front) = Front::start(kind, &echo).await? else {
        return Ok(());
    };
    let liar = Person::open_at(&Entry::bare("Ana", "front").by(&front), front.address.as_str()).await?;
    let lie = "fetch('/lie', {headers: {
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'http',
        'Forwarded': 'for=203.0.113.9;host=evil.example',
    }}).then((answer) => answer.json())";
    let heard: Value = liar.browser.eval(lie).await?;
    assert_eq!(heard["x-forwarded-for"], json!(["127.0.0.1"]), "{heard}");
    assert_eq!(heard["x-forwarded-proto"], json!(["https"]), "{heard}");
    let host = json!([front.address.authority()]);
    assert_eq!(heard["host"], host, "{heard}");
    for text in ["203.0.113.9", "evil.example"] {
        let believed = ["forwarded", "x-forwarded-for", "x-forwarded-host"];
        let passed = believed.iter().any(|name| heard[name].to_string().contains(text));
        assert!(!passed, "{text} was passed on: {heard}");
    }
    Ok(())
}

/// A server that says what it was told.
struct Echo;

impl Echo {
    async fn start() -> Outcome<Url> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let routes = Router::new().fallback(any(async |headers: HeaderMap| {
            let values = |name| {
                headers
                    .get_all(name)
                    .iter()
                    .map(|value| value.to_str().unwrap_or_default())
            };
            let heard = headers
                .keys()
                .map(|name| (name.to_string(), values(name).collect::<Value>()));
            Json(heard.collect::<Value>())
        }));
        // It ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(address)
    }
}
