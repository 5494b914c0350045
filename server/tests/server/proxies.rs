use maju::{Config, Proxies};
use serde_json::json;

use crate::support::{Client, PATIENCE, Pair, TestServer, UPGRADE};

const ONE: (&str, &str) = ("x-forwarded-for", "203.0.113.7");
const OTHER: (&str, &str) = ("x-forwarded-for", "203.0.113.8");

async fn behind_a_proxy(config: Config) -> TestServer {
    TestServer::start_with(Config {
        proxies: Proxies::parse(["127.0.0.1"]).unwrap(),
        ..config
    })
    .await
}

fn two_sockets() -> Config {
    Config {
        sockets_per_address: 2,
        ..Config::default()
    }
}

/// Opens sockets until one is refused, and returns those that were not.
async fn fill(server: &TestServer, header: (&'static str, &str)) -> Vec<Client> {
    let mut clients = Vec::new();
    loop {
        match Client::bearing(server.address, &[header]).await {
            Ok(client) => clients.push(client),
            Err(status) => {
                assert_eq!(status, 429);
                return clients;
            }
        }
    }
}

/// The two sockets of that address, which have greeted.
async fn both(server: &TestServer, header: (&'static str, &str)) -> (Client, Client) {
    let mut clients = fill(server, header).await;
    for client in &mut clients {
        client.greet().await;
    }
    (clients.remove(0), clients.remove(0))
}

#[tokio::test]
async fn one_address_has_an_end_to_its_sockets_and_another_has_its_own() {
    let server = behind_a_proxy(two_sockets()).await;
    let mut pair = Pair::seat(both(&server, OTHER).await, json!({"room": "den"})).await;
    let mut clients = fill(&server, ONE).await;
    assert_eq!(clients.len(), 2);
    let refused = server
        .request("GET", "/signal", &[&UPGRADE[..], &[ONE]].concat())
        .await;
    assert_eq!(
        (refused.status, refused.text()),
        (429, "too many sockets are open from your network\n")
    );
    pair.is_undisturbed().await;
    clients[0].greet().await;
    let welcome = clients[0].join("den", "Ben").await;
    pair.heard(&[json!({"joined": {"person": {"id": welcome["you"], "name": "Ben"}}})])
        .await;
}

#[tokio::test]
async fn a_socket_that_ended_makes_room_for_the_next() {
    let server = behind_a_proxy(two_sockets()).await;
    let mut clients = fill(&server, ONE).await;
    clients.pop().unwrap().close().await;
    // The server frees the place a moment after it answered the close.
    let again = async {
        loop {
            if let Ok(client) = Client::bearing(server.address, &[ONE]).await {
                return client;
            }
            tokio::task::yield_now().await;
        }
    };
    let mut again = tokio::time::timeout(PATIENCE, again)
        .await
        .expect("the place is not free");
    again.greet().await;
}

#[tokio::test]
async fn sixty_four_bits_of_ipv6_are_one_address() {
    let server = behind_a_proxy(two_sockets()).await;
    let mut pair = Pair::seat(both(&server, OTHER).await, json!({"room": "den"})).await;
    let _clients = fill(&server, ("x-forwarded-for", "2001:db8:1:2::1")).await;
    for (address, expected) in [("2001:db8:1:2:ffff::9", Some(429)), ("2001:db8:1:3::1", None)] {
        let header = ("x-forwarded-for", address);
        let refused = Client::bearing(server.address, &[header]).await.err();
        assert_eq!(refused, expected, "{address}");
    }
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn what_no_trusted_proxy_says_counts_for_nothing() {
    let server = TestServer::start_with(two_sockets()).await;
    let _first = Client::bearing(server.address, &[ONE]).await.unwrap();
    let _second = Client::bearing(server.address, &[OTHER]).await.unwrap();
    let third = Client::bearing(server.address, &[("x-forwarded-for", "203.0.113.9")]).await;
    assert_eq!(third.err(), Some(429));
    let forwarded = Client::bearing(server.address, &[("forwarded", "for=203.0.113.9")]).await;
    assert_eq!(forwarded.err(), Some(429));
    // Another machine has an address of its own.
    let mut neighbour = Client::connect_from("127.0.0.2", server.address).await;
    neighbour.greet().await;
    neighbour.join("den", "Ana").await;
}

#[tokio::test]
async fn a_client_cannot_put_another_address_before_its_own() {
    let server = behind_a_proxy(two_sockets()).await;
    let mut pair = Pair::seat(both(&server, OTHER).await, json!({"room": "den"})).await;
    let _clients = fill(&server, ONE).await;
    for header in [
        ("x-forwarded-for", "198.51.100.1, 203.0.113.7"),
        ("x-forwarded-for", r#"[2001:db8::7]", 203.0.113.7"#),
        ("forwarded", "for=198.51.100.1, for=203.0.113.7"),
    ] {
        assert_eq!(
            Client::bearing(server.address, &[header]).await.err(),
            Some(429),
            "{header:?}"
        );
    }
    let both = [("forwarded", "for=198.51.100.1"), ONE];
    assert_eq!(Client::bearing(server.address, &both).await.err(), Some(429));
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn garbage_of_a_proxy_never_fails_a_request() {
    let server = behind_a_proxy(Config::default()).await;
    let long = "1.2.3.4, ".repeat(1000);
    for value in [
        "",
        ",",
        "unknown",
        "\"",
        "for=\"",
        "[::1",
        "999.999.0.1, _x",
        ";;==",
        &long,
    ] {
        for name in [
            "x-forwarded-for",
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-proto",
        ] {
            let answer = server.request("GET", "/healthz", &[(name, value)]).await;
            assert_eq!(answer.status, 200, "{name}: {value}");
            let client = Client::bearing(server.address, &[(name, value)]).await;
            client.expect("no socket").greet().await;
        }
    }
}
