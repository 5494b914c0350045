//! Another name while in the room.

use serde_json::json;

use crate::support::{KEY, Pair, TestServer, still_talk, with_key};

#[tokio::test]
async fn a_new_name_is_told_to_everybody_and_to_those_who_come_later() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    ana.next().await;
    ana.send(json!({"rename": {"name": " \u{1112}\u{1161}\u{11ab} "}}))
        .await;
    let renamed = json!({"renamed": {"id": ana_id, "name": "한"}});
    assert_eq!(ana.next().await, renamed);
    assert_eq!(ben.next().await, renamed);
    let welcome = server.greeted().await.join("den", "Cleo").await;
    assert_eq!(welcome["people"][0]["name"], "한");
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_used_changes_nothing() {
    let server = TestServer::start().await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    for name in ["", "  ", "a\nb", &"가".repeat(65)] {
        let message = json!({"rename": {"name": name}}).to_string();
        let refused = json!({"code": "bad-name", "about": "rename"});
        assert_eq!(ana.refused(message).await, refused, "{name}");
    }
    still_talk((&mut ana, &ana_id), (&mut ben, &ben_id)).await;
}

#[tokio::test]
async fn who_is_in_no_room_or_waits_for_one_has_no_name_to_change() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    ana.send(json!({"rules": {"waiting": true}})).await;
    ana.renewed().await;
    let mut ben = server.greeted().await;
    let message = || json!({"rename": {"name": "Other"}}).to_string();
    let refused = json!({"code": "not-joined", "about": "rename"});
    assert_eq!(ben.refused(message()).await, refused);
    ben.send(json!({"join": {"room": "den", "name": "Ben"}})).await;
    assert!(ben.next().await["waiting"].is_object());
    assert_eq!(ben.refused(message()).await, refused);
    assert_eq!(ana.next().await["knock"]["person"]["name"], "Ben");
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn names_cannot_be_changed_without_end() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    for number in 0..5 {
        let name = format!("Ana {number}");
        ana.send(json!({"rename": {"name": name}})).await;
        assert_eq!(ana.next().await["renamed"]["name"], name);
    }
    let message = json!({"rename": {"name": "Ana 6"}}).to_string();
    let refused = ana.refused(message).await;
    assert_eq!(
        (&refused["code"], &refused["about"]),
        (&json!("too-fast"), &json!("rename"))
    );
    assert!(refused["wait"].as_u64().is_some_and(|wait| wait <= 2000));
}

#[tokio::test]
async fn the_token_of_a_seat_carries_the_new_name_to_a_server_that_knows_nobody() {
    let first = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, ana_id) = first.joined("den", "Ana").await;
    ana.send(json!({"rename": {"name": "Anna"}})).await;
    ana.next().await;
    let token = ana.renewed().await;
    first.stop().await.unwrap().unwrap();
    let second = TestServer::start_with(with_key(KEY)).await;
    let welcome = second.greeted().await.resume("den", "Ana", &token).await;
    assert_eq!(welcome["you"], json!(ana_id));
    let seen = second.greeted().await.join("den", "Ben").await;
    assert_eq!(seen["people"][0]["name"], "Anna");
}
