use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use maju::Config;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Answer, PATIENCE, TestServer, hasty};

/// A server whose metrics are on an address of this test's own, so that no other test is given the port meanwhile.
pub(crate) async fn watched(config: Config, own: u8) -> (TestServer, SocketAddr) {
    let free = TcpListener::bind((Ipv4Addr::new(127, 0, 1, own), 0)).unwrap();
    let metrics = free.local_addr().unwrap();
    drop(free);
    let config = Config {
        metrics_listen: Some(metrics),
        ..config
    };
    (TestServer::start_with(config).await, metrics)
}

/// The samples by name and labels.
pub(crate) async fn samples(metrics: SocketAddr) -> HashMap<String, f64> {
    let answer = Answer::to(metrics, "GET", "/metrics", &[]).await;
    assert_eq!(answer.status, 200);
    let lines = answer.text().lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

#[tokio::test]
async fn metrics_are_where_the_operator_wants_them_and_not_where_people_come() {
    let (server, metrics) = watched(Config::default(), 1).await;
    assert_eq!(server.get("/metrics").await.status, 404);
    let answer = Answer::to(metrics, "GET", "/metrics", &[]).await;
    assert_eq!(answer.status, 200);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), kind);
    assert!(answer.text().ends_with("# EOF\n"));
    for path in ["/", "/signal", "/healthz", "/r/den"] {
        assert_eq!(Answer::to(metrics, "GET", path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_happens_is_counted() {
    let (server, metrics) = watched(hasty(), 2).await;
    let (mut ana, ana_id) = server.joined("secret-room", "secret-ana").await;
    let mut ben = server.greeted().await;
    let welcome = ben.join("secret-room", "secret-ben").await;
    let token = welcome["resume"].as_str().unwrap().to_owned();
    ana.next().await;
    for number in 0..3 {
        ben.relay(&ana_id, json!(number)).await;
        ana.next().await;
    }
    ben.refused("{").await;
    ben.relay("nobody", json!(1)).await;
    ben.error().await;
    ben.close().await;
    let now = samples(metrics).await;
    for (sample, expected) in [
        ("maju_rooms", 1.0),
        ("maju_sockets", 1.0),
        (r#"maju_people{state="seated"}"#, 1.0),
        (r#"maju_people{state="away"}"#, 1.0),
        (r#"maju_people{state="knocking"}"#, 0.0),
        (r#"maju_joins_total{outcome="seated"}"#, 2.0),
        (r#"maju_messages_total{direction="in",kind="relay"}"#, 4.0),
        (r#"maju_messages_total{direction="out",kind="relay"}"#, 3.0),
        (r#"maju_messages_total{direction="in",kind="unreadable"}"#, 1.0),
        (r#"maju_refusals_total{code="malformed"}"#, 1.0),
        (r#"maju_refusals_total{code="unknown-peer"}"#, 1.0),
        ("maju_relay_latency_seconds_count", 3.0),
        ("maju_sockets_opened_total", 2.0),
        (r#"maju_sockets_ended_total{reason="closed"}"#, 1.0),
    ] {
        assert_eq!(now.get(sample), Some(&expected), "{sample} in {now:#?}");
    }
    // Two welcomes, one word of a newcomer, three relays.
    assert_eq!(now["maju_queue_depth_count"], 6.0);
    let bytes = now[r#"maju_message_bytes_total{direction="in",kind="relay"}"#];
    assert!(bytes > 100.0, "{bytes}");

    let mut again = server.greeted().await;
    again.resume("secret-room", "secret-ben", &token).await;
    let mut other = server.greeted().await;
    other.resume("another-secret-room", "secret-ben", &token).await;
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_resumes_total{outcome="held"}"#], 1.0);
    assert_eq!(now[r#"maju_resumes_total{outcome="void"}"#], 1.0);
    assert_eq!(now["maju_rooms"], 2.0);

    let text = Answer::to(metrics, "GET", "/metrics", &[]).await;
    for secret in ["secret", &ana_id, "127.0.", &token] {
        assert!(!text.text().contains(secret), "{secret} is in {}", text.text());
    }
}

#[tokio::test]
async fn a_seat_given_again_after_a_restart_is_told_apart_and_servers_do_not_share_counts() {
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let config = || Config {
        resume_key: Some(maju::ResumeKey::parse(key).unwrap()),
        ..Config::default()
    };
    let (before, metrics_before) = watched(config(), 3).await;
    let mut ana = before.greeted().await;
    let welcome = ana.join("den", "Ana").await;
    let token = welcome["resume"].as_str().unwrap();
    let (after, metrics_after) = watched(config(), 4).await;
    let mut again = after.greeted().await;
    again.resume("den", "Ana", token).await;
    let now = samples(metrics_after).await;
    assert_eq!(now[r#"maju_resumes_total{outcome="restored"}"#], 1.0);
    assert_eq!(now[r#"maju_joins_total{outcome="seated"}"#], 0.0);
    let now = samples(metrics_before).await;
    assert_eq!(now[r#"maju_resumes_total{outcome="restored"}"#], 0.0);
    assert_eq!(now[r#"maju_joins_total{outcome="seated"}"#], 1.0);
}

#[tokio::test]
async fn who_waits_to_be_let_in_is_counted_apart() {
    let (server, metrics) = watched(hasty(), 5).await;
    let (mut host, _) = server.joined("den", "Ana").await;
    host.send(json!({"rules": {"waiting": true}})).await;
    assert!(host.next().await["rules"].is_object());
    let mut ben = server.greeted().await;
    ben.send(json!({"join": {"room": "den", "name": "Ben"}})).await;
    assert!(ben.next().await["waiting"].is_object());
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_people{state="knocking"}"#], 1.0);
    assert_eq!(now[r#"maju_joins_total{outcome="waiting"}"#], 1.0);
    assert_eq!(now[r#"maju_people{state="seated"}"#], 1.0);
}

#[tokio::test]
async fn a_socket_that_gets_no_place_is_counted() {
    let config = Config {
        max_sockets: 1,
        ..Config::default()
    };
    let (server, metrics) = watched(config, 6).await;
    let _only = server.client().await;
    let upgrade = [
        ("connection", "close, upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    assert_eq!(server.request("GET", "/signal", &upgrade).await.status, 503);
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_refusals_total{code="sockets"}"#], 1.0);
    assert_eq!(now["maju_sockets"], 1.0);
}

#[tokio::test]
async fn connections_that_are_too_slow_are_counted() {
    let config = Config {
        handshake: Duration::from_millis(300),
        ..Config::default()
    };
    let (server, metrics) = watched(config, 7).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    ends(&mut slow).await;
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_refusals_total{code="handshake"}"#], 1.0);
}

#[tokio::test]
async fn connections_that_are_too_many_are_counted() {
    let config = Config {
        sockets_per_address: 1,
        ..Config::default()
    };
    let (server, metrics) = watched(config, 8).await;
    // Ten for the one socket.
    let mut many = Vec::new();
    for _ in 0..11 {
        many.push(TcpStream::connect(server.address).await.unwrap());
    }
    let refused = many.last_mut().unwrap();
    ends(refused).await;
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_refusals_total{code="connections-per-address"}"#], 1.0);
}

/// Reads until the server closes the connection.
async fn ends(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // A reset is an end, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("not closed");
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_that_no_stranger_sets() {
    let server = TestServer::start().await;
    let mut seen = Vec::new();
    for path in ["/healthz", "/readyz", "/", "/nothing"] {
        let answer = server.request("GET", path, &[("x-request-id", "mine")]).await;
        let id = answer.header("x-request-id").to_owned();
        assert_eq!(id.len(), 16, "{path}: {id}");
        assert!(!seen.contains(&id));
        seen.push(id);
    }
}
