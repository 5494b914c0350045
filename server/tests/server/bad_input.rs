use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::support::{Client, Pair, TestServer, hasty};

/// Ana, who does wrong, Ben, to whom she does it, and two others in the same room; nobody is to notice.
async fn four(server: &TestServer) -> (Client, Client, String, Pair) {
    let mut pair = Pair::seated(server, "den").await;
    let (mut ana, _) = pair.joined_by(server, "den", "Ana").await;
    let (ben, ben_id) = pair.joined_by(server, "den", "Ben").await;
    ana.next().await;
    (ana, ben, ben_id, pair)
}

#[tokio::test]
async fn nonsense_is_refused_by_its_kind_and_the_socket_goes_on() {
    let server = TestServer::start().await;
    let (mut ana, mut ben, ben_id, mut pair) = four(&server).await;
    for (text, error) in [
        ("", json!({"code": "malformed"})),
        ("hello?", json!({"code": "malformed"})),
        (r#"{"leave":{}"#, json!({"code": "malformed"})),
        ("[1]", json!({"code": "invalid"})),
        ("{}", json!({"code": "invalid"})),
        (r#"{"dance":{}}"#, json!({"code": "invalid"})),
        (r#"{"leave":{},"join":{}}"#, json!({"code": "invalid"})),
        (
            r#"{"join":{"room":"x"}}"#,
            json!({"code": "invalid", "about": "join"}),
        ),
        (
            r#"{"relay":{"to":7,"payload":1}}"#,
            json!({"code": "invalid", "about": "relay"}),
        ),
    ] {
        assert_eq!(ana.refused(text).await, error, "{text}");
    }
    ana.send_raw(Message::binary(b"{\"leave\":{}}".to_vec())).await;
    assert_eq!(ana.error().await, json!({"code": "invalid"}));
    ana.relay(&ben_id, json!("still here")).await;
    assert_eq!(ben.next().await["relay"]["payload"], "still here");
    ben.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_description_of_a_megabyte_is_refused_and_the_socket_goes_on() {
    let server = TestServer::start().await;
    let (mut ana, mut ben, ben_id, mut pair) = four(&server).await;
    let sdp = "a".repeat(1024 * 1024);
    ana.relay(
        &ben_id,
        json!({"offer": {"link": 1, "seq": 1, "answered": 0, "sdp": sdp}}),
    )
    .await;
    assert_eq!(ana.error().await, json!({"code": "too-large"}));
    ana.send_raw(Message::binary(sdp.into_bytes())).await;
    assert_eq!(ana.error().await, json!({"code": "invalid"}));
    ana.relay(&ben_id, json!("still here")).await;
    assert_eq!(ben.next().await["relay"]["payload"], "still here");
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn the_longest_allowed_message_is_relayed() {
    let server = TestServer::start().await;
    let (mut ana, mut ben, ben_id, mut pair) = four(&server).await;
    let empty = json!({"relay": {"to": ben_id, "payload": ""}}).to_string().len();
    let longest = "x".repeat(maju_protocol::MAX_MESSAGE_BYTES - empty);
    ana.relay(&ben_id, json!(longest)).await;
    assert_eq!(ben.next().await["relay"]["payload"], json!(longest));
    ana.relay(&ben_id, json!(format!("{longest}x"))).await;
    assert_eq!(ana.error().await, json!({"code": "too-large"}));
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_message_beyond_a_megabyte_and_a_bit_ends_the_socket() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, mut ben, _, mut pair) = four(&server).await;
    ana.send_text("x".repeat(1100 * 1024)).await;
    assert_eq!(ana.close_code().await, Some(CloseCode::Size));
    let left = pair.talk_during(ben.next()).await;
    assert_eq!(left["left"]["reason"], "lost");
    ben.is_undisturbed().await;
    pair.heard(&[left]).await;
}

#[tokio::test]
async fn a_message_without_end_is_not_waited_for() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, mut ben, _, mut pair) = four(&server).await;
    // The server gives up at the head of the frame: the rest may or may not be taken by the network.
    let _ = ana.try_send(Message::text("x".repeat(20 * 1024 * 1024))).await;
    let left = pair.talk_during(ben.next()).await;
    assert_eq!(left["left"]["reason"], "lost");
    pair.heard(&[left]).await;
}

#[tokio::test]
async fn unusable_names_are_refused_in_words() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "den").await;
    let mut client = server.greeted().await;
    for (room, why) in [
        ("", "empty"),
        (" \u{200b}\t", "empty"),
        (&*"가".repeat(65), "64"),
        ("a\u{0}b", "control"),
        ("a\u{202e}b", "control"),
        ("..", "dots"),
    ] {
        client.send(json!({"join": {"room": room, "name": "Ana"}})).await;
        let error = client.next().await["error"].take();
        assert_eq!(
            (&error["code"], &error["about"]),
            (&json!("bad-room"), &json!("join"))
        );
        assert!(error["text"].as_str().unwrap().contains(why), "{error}");
    }
    for name in ["", "   ", &*"x".repeat(65), "a\nb"] {
        client.send(json!({"join": {"room": "den", "name": name}})).await;
        assert_eq!(client.error().await, json!({"code": "bad-name", "about": "join"}));
    }
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn unusual_names_are_kept_as_they_are() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("<script>alert(1)</script>", "Ana").await;
    for name in ["👩‍👩‍👧‍👦", "سارة", "<script>alert(1)</script>", "Ana", "\\\"'"] {
        let (client, _) = server.joined("<script>alert(1)</script>", name).await;
        assert_eq!(ana.next().await["joined"]["person"]["name"], name);
        client.go_away().await;
        ana.next().await;
    }
}

#[tokio::test]
async fn what_is_no_websocket_text_ends_the_socket() {
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, mut ben, _, mut pair) = four(&server).await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    ana.send_raw(Message::Frame(frame)).await;
    assert_eq!(ana.close_code().await, Some(CloseCode::Protocol));
    let left = pair.talk_during(ben.next()).await;
    assert_eq!(left["left"]["reason"], "lost");
    pair.heard(&[left]).await;
}
