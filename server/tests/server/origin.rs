use maju::{Config, Origins, Proxies};

use crate::support::{Client, Pair, TestServer, UPGRADE};

async fn status(server: &TestServer, headers: &[(&'static str, &str)]) -> u16 {
    match Client::bearing(server.address, headers).await {
        Ok(client) => {
            client.close().await;
            101
        }
        Err(status) => status,
    }
}

#[tokio::test]
async fn the_servers_own_pages_and_programs_without_a_page_get_a_socket() {
    let server = TestServer::start().await;
    let own = format!("http://{}", server.address);
    assert_eq!(status(&server, &[("origin", &own)]).await, 101);
    assert_eq!(status(&server, &[]).await, 101);
    let named = [("origin", "https://maju.example"), ("host", "maju.example")];
    assert_eq!(status(&server, &named).await, 101);
}

#[tokio::test]
async fn another_sites_page_gets_none_and_the_neighbours_go_on() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    for origin in [
        "https://elsewhere.example",
        "http://127.0.0.1",
        "null",
        "",
        "https://127.0.0.1:1/",
    ] {
        assert_eq!(status(&server, &[("origin", origin)]).await, 403, "{origin}");
    }
    let headers = [&UPGRADE[..], &[("origin", "https://elsewhere.example")]].concat();
    let refused = server.request("GET", "/signal", &headers).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("--origin"), "{}", refused.text());
    ana.is_undisturbed().await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Ben");
    ben.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn the_operator_may_allow_some_sites_or_all() {
    let some = TestServer::start_with(Config {
        origins: Origins::parse(["https://app.example", "http://localhost:8081"]).unwrap(),
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&some, "den").await;
    let own = format!("http://{}", some.address);
    for (origin, expected) in [
        ("https://app.example", 101),
        ("http://localhost:8081", 101),
        (&own, 101),
        ("http://app.example", 403),
        ("https://other.example", 403),
    ] {
        assert_eq!(status(&some, &[("origin", origin)]).await, expected, "{origin}");
    }
    pair.is_undisturbed().await;
    let all = TestServer::start_with(Config {
        origins: Origins::parse(["*"]).unwrap(),
        ..Config::default()
    })
    .await;
    assert_eq!(status(&all, &[("origin", "null")]).await, 101);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_browsers_host_counts() {
    let headers = [
        ("host", "backend"),
        ("x-forwarded-host", "maju.example"),
        ("x-forwarded-proto", "https"),
        ("origin", "https://maju.example"),
    ];
    let insecure = [&headers[..3], &[("origin", "http://maju.example")]].concat();
    let trusting = TestServer::start_with(Config {
        proxies: Proxies::parse(["127.0.0.1"]).unwrap(),
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&trusting, "den").await;
    assert_eq!(status(&trusting, &headers).await, 101);
    assert_eq!(status(&trusting, &insecure).await, 403);
    pair.is_undisturbed().await;
    let doubting = TestServer::start().await;
    assert_eq!(status(&doubting, &headers).await, 403);
}
