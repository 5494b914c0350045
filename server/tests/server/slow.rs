use std::{num::NonZeroU32, time::Duration};

use maju::Config;
use serde_json::json;

use crate::support::{Client, Pair, TestServer};

#[tokio::test]
async fn who_does_not_read_is_cut_off_alone() {
    let server = TestServer::start_with(Config {
        queue: 16,
        message_burst: NonZeroU32::new(1_000_000).unwrap(),
        heartbeat: Duration::from_millis(500),
        silence: Duration::from_secs(4),
        patience: Duration::from_secs(1),
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    let (_slow, slow_id) = server.joined("den", "Slow").await;
    ana.next().await;
    ana.next().await;
    ben.next().await;
    // The network takes some megabytes before it makes the server wait.
    let payload = "x".repeat(60_000);
    let flood = async {
        loop {
            ana.relay(&slow_id, json!(payload)).await;
            ana.relay(&ben_id, json!("for Ben")).await;
        }
    };
    let watch = async {
        loop {
            let message = ben.next().await;
            if message["relay"]["payload"] != "for Ben" {
                break message;
            }
        }
    };
    let mischief = async {
        tokio::select! {
            () = flood => unreachable!(),
            seen = watch => seen,
        }
    };
    let seen = pair.talk_during(mischief).await;
    assert_eq!(seen, json!({"left": {"peer": slow_id, "reason": "lost"}}));
    pair.is_undisturbed().await;
}

/// A server that lets people flood each other.
async fn patient_server() -> TestServer {
    TestServer::start_with(Config {
        message_burst: NonZeroU32::new(10_000).unwrap(),
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn who_reads_is_not_cut_off_by_one_who_floods() {
    let server = patient_server().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    let flood = async {
        for number in 0..5000 {
            ana.relay(&ben_id, json!(number)).await;
        }
    };
    let read = async {
        for number in 0..5000 {
            assert_eq!(ben.next().await["relay"]["payload"], number);
        }
    };
    tokio::join!(flood, read);
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn two_who_flood_each_other_go_on() {
    let server = patient_server().await;
    let (ana, ana_id) = server.joined("den", "Ana").await;
    let (ben, ben_id) = server.joined("den", "Ben").await;
    let flood = |mut from: Client, to: String| async move {
        for number in 0..3000 {
            from.relay(&to, json!(number)).await;
        }
        let mut last = json!(null);
        while last["relay"]["payload"] != 2999 {
            last = from.next().await;
        }
    };
    tokio::join!(flood(ana, ben_id), flood(ben, ana_id));
}

#[tokio::test]
async fn who_falls_silent_is_let_go() {
    let config = Config {
        heartbeat: Duration::from_millis(100),
        silence: Duration::from_millis(1500),
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    // A client that is not polled does not answer pings; Ana is polled all the time and stays.
    let (_silent, silent_id) = server.joined("den", "Silent").await;
    ana.next().await;
    let left = pair.talk_during(ana.next()).await;
    assert_eq!(left, json!({"left": {"peer": silent_id, "reason": "lost"}}));
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn there_is_an_end_to_the_number_of_sockets() {
    let server = TestServer::start_with(Config {
        max_sockets: 3,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "hall").await;
    let first = server.greeted().await;
    let headers = [
        ("connection", "upgrade, close"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let refused = server.request("GET", "/signal", &headers).await;
    assert_eq!(
        (refused.status, refused.text()),
        (503, "too many sockets are open\n")
    );
    first.close().await;
    pair.is_undisturbed().await;
}
