use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{Pair, TestServer};

#[tokio::test]
async fn the_common_version_is_chosen() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    client
        .send(json!({"hello": {"versions": [7, 1, 0], "agent": "of no concern"}}))
        .await;
    assert_eq!(
        client.next().await,
        json!({"hello": {"version": 1, "beat": 4000}})
    );
}

#[tokio::test]
async fn a_client_of_another_version_is_told_and_sent_away() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    for versions in [json!([2, 3]), json!([])] {
        let mut client = server.client().await;
        client.send(json!({"hello": {"versions": versions}})).await;
        assert_eq!(
            client.error().await,
            json!({"code": "unsupported-version", "about": "hello"})
        );
        assert_eq!(client.close_code().await, Some(CloseCode::Policy));
    }
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn nothing_comes_before_hello() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let mut client = server.client().await;
    for (message, about) in [
        (json!({"join": {"room": "den", "name": "Ana"}}), "join"),
        (json!({"relay": {"to": "x", "payload": 1}}), "relay"),
        (json!({"leave": {}}), "leave"),
    ] {
        let error = client.refused(message.to_string()).await;
        assert_eq!(error, json!({"code": "hello-first", "about": about}));
    }
    client.send(json!({"hello": {"versions": [1]}})).await;
    assert_eq!(
        client.next().await,
        json!({"hello": {"version": 1, "beat": 4000}})
    );
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_second_hello_is_refused_and_nothing_changes() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let mut client = server.greeted().await;
    let error = client.refused(r#"{"hello":{"versions":[2]}}"#).await;
    assert_eq!(error, json!({"code": "already-greeted", "about": "hello"}));
    client.join("den", "Ana").await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_plain_request_for_the_socket_is_no_page() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    assert_eq!(server.get("/signal").await.status, 400);
    pair.is_undisturbed().await;
}
