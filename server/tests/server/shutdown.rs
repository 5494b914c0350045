use std::{process::Stdio, time::Duration};

use maju::Config;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::{
    command::{maju, send_signal, start},
    support::{Answer, Client, PATIENCE, TestServer, has_stopped},
};

#[tokio::test]
async fn every_socket_is_told_and_nobody_is_said_to_have_left() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    let mut idle = server.client().await;
    ana.next().await;
    let stopped = server.stop();
    for client in [&mut ana, &mut ben, &mut idle] {
        let closing = client.next().await;
        assert!(closing["closing"]["text"].is_string(), "{closing}");
        assert_eq!(client.close_code().await, Some(CloseCode::Away));
    }
    has_stopped(stopped).await;
}

#[tokio::test]
async fn while_a_socket_is_waited_for_the_server_is_alive_but_not_ready() {
    let config = Config {
        shutdown_deadline: PATIENCE,
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    assert_eq!(server.get("/healthz").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
    let mut client = server.greeted().await;
    let address = server.address;
    let stopped = server.stop();
    // The client has read the announcement, and has not answered the close frame behind it.
    assert!(client.next().await["closing"].is_object());
    assert_eq!(Answer::to(address, "GET", "/healthz", &[]).await.status, 200);
    let ready = Answer::to(address, "GET", "/readyz", &[]).await;
    assert_eq!((ready.status, ready.text()), (503, "the server is stopping\n"));
    assert!(!stopped.is_finished());
    client.close_code().await;
    has_stopped(stopped).await;
}

#[tokio::test]
async fn who_does_not_answer_does_not_keep_the_server() {
    let config = Config {
        shutdown_deadline: Duration::from_millis(300),
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    let _silent = server.greeted().await;
    has_stopped(server.stop()).await;
}

#[tokio::test]
async fn a_stopped_server_has_let_go_of_its_port() {
    let server = TestServer::start().await;
    let address = server.address;
    let (client, _) = server.joined("den", "Ana").await;
    client.close().await;
    server.stop().await.unwrap().unwrap();
    tokio::net::TcpListener::bind(address).await.unwrap();
}

#[tokio::test]
async fn a_seat_is_free_for_the_next_after_a_client_left_before_the_stop() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    ana.send(json!({"leave": {}})).await;
    ana.join("den", "Ana").await;
    let stopped = server.stop();
    assert!(ana.next().await["closing"].is_object());
    ana.close_code().await;
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_process_that_is_told_to_end_says_at_once_that_others_should_be_asked() {
    let deadline = ["--shutdown-deadline", "20s"];
    let (mut running, address, _stdout) = start(maju().args(deadline).stderr(Stdio::null()));
    let mut ana = Client::connect(address).await;
    ana.greet().await;
    ana.join("den", "Ana").await;
    assert_eq!(Answer::to(address, "GET", "/readyz", &[]).await.status, 200);
    send_signal(&running, "TERM");
    let closing = ana.next().await;
    let text = closing["closing"]["text"].as_str().unwrap();
    assert!(text.contains("Connect again"), "{text}");
    let ready = Answer::to(address, "GET", "/readyz", &[]).await;
    assert_eq!((ready.status, ready.text()), (503, "the server is stopping\n"));
    let upgrade = [
        ("connection", "close, upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    assert_eq!(Answer::to(address, "GET", "/signal", &upgrade).await.status, 503);
    assert_eq!(Answer::to(address, "GET", "/healthz", &[]).await.status, 200);
    // It waits for this socket only.
    assert_eq!(ana.close_code().await, Some(CloseCode::Away));
    let ended = tokio::task::spawn_blocking(move || running.0.wait().unwrap().code());
    assert_eq!(
        timeout(PATIENCE, ended).await.expect("it did not end").unwrap(),
        Some(0)
    );
}
