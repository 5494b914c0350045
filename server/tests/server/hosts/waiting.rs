//! The waiting room.

use maju::Config;
use serde_json::json;

use super::{host, joining, knocking, refusal, refused, rule, with};
use crate::support::{Pair, TestServer};

#[tokio::test]
async fn a_waiting_room_lets_in_whom_the_host_admits() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    ana.next().await;
    rule(&mut ana, json!({"waiting": true})).await;
    assert_eq!(ben.next().await["rules"]["waiting"], true);
    let (mut cleo, cleo_id) = knocking(&server, "Cleo", &mut ana, true).await;
    ben.is_undisturbed().await;
    cleo.is_undisturbed().await;
    ana.send(json!({"admit": {"peer": cleo_id}})).await;
    assert_eq!(ana.next().await, json!({"unknock": {"peer": cleo_id}}));
    let welcome = cleo.next().await["welcome"].take();
    assert_eq!(
        (&welcome["you"], &welcome["people"][0]["id"]),
        (&json!(cleo_id), &json!(ana_id))
    );
    for client in [&mut ana, &mut ben] {
        assert_eq!(client.next().await["joined"]["person"]["id"], json!(cleo_id));
    }
    cleo.relay(&ana_id, json!("hello")).await;
    assert_eq!(ana.next().await["relay"]["payload"], "hello");
    // From now on she was there.
    cleo.close().await;
    let (_cleo, again) = with(&server, "Cleo", json!({"resume": welcome["resume"]})).await;
    assert_eq!(again["kept"], true);
}

#[tokio::test]
async fn whom_the_host_refuses_is_told_and_may_knock_again() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _, _) = host(&server).await;
    rule(&mut ana, json!({"waiting": true})).await;
    let (mut mallory, id) = knocking(&server, "Mallory", &mut ana, true).await;
    ana.send(json!({"refuse": {"peer": id}})).await;
    assert_eq!(ana.next().await, json!({"unknock": {"peer": id}}));
    assert_eq!(mallory.error().await, json!({"code": "refused", "about": "join"}));
    let message = json!({"admit": {"peer": id}}).to_string();
    assert_eq!(ana.refused(message).await["code"], "unknown-peer");
    mallory.send(json!({"join": joining("Mallory", json!({}))})).await;
    assert_eq!(mallory.next().await, json!({"waiting": {"attended": true}}));
    assert_eq!(ana.next().await["knock"]["person"]["name"], "Mallory");
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn who_waits_can_send_nothing_and_be_sent_nothing() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, ana_id, _) = host(&server).await;
    rule(&mut ana, json!({"waiting": true})).await;
    let (mut mallory, id) = knocking(&server, "Mallory", &mut ana, true).await;
    mallory.relay(&ana_id, json!("let me in")).await;
    assert_eq!(
        mallory.error().await,
        json!({"code": "not-joined", "about": "relay", "peer": ana_id})
    );
    assert_eq!(
        refused(&mut mallory, "Mallory", json!({})).await,
        "already-joined"
    );
    ana.relay(&id, json!("who are you?")).await;
    assert_eq!(
        ana.error().await,
        json!({"code": "unknown-peer", "about": "relay", "peer": id})
    );
    // What happens in the room is not told at the door.
    ana.send(json!({"rules": {"password": "x"}})).await;
    assert_eq!(ana.next().await["rules"]["password"], true);
    mallory.is_undisturbed().await;
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn who_leaves_or_loses_the_socket_waits_no_longer() {
    let server = TestServer::start().await;
    let (mut ana, _, _) = host(&server).await;
    rule(&mut ana, json!({"waiting": true})).await;
    let (mut ben, id) = knocking(&server, "Ben", &mut ana, true).await;
    ben.send(json!({"leave": {}})).await;
    assert_eq!(ana.next().await, json!({"unknock": {"peer": id}}));
    ben.join("attic", "Ben").await;
    let (cleo, id) = knocking(&server, "Cleo", &mut ana, true).await;
    cleo.close().await;
    assert_eq!(ana.next().await, json!({"unknock": {"peer": id}}));
    let (dora, id) = knocking(&server, "Dora", &mut ana, true).await;
    drop(dora);
    assert_eq!(ana.next().await, json!({"unknock": {"peer": id}}));
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn those_who_wait_are_told_when_there_is_somebody_to_let_them_in() {
    let server = TestServer::start().await;
    let mut ana = server.greeted().await;
    let first = ana.join("den", "Ana").await;
    let token = rule(&mut ana, json!({"waiting": true})).await;
    let (mut ben, ben_id) = knocking(&server, "Ben", &mut ana, true).await;
    ana.close().await;
    assert_eq!(ben.next().await, json!({"waiting": {"attended": false}}));
    let (mut ana, again) = with(&server, "Ana", json!({"resume": token})).await;
    assert_eq!(again["knocking"], json!([{"id": ben_id, "name": "Ben"}]));
    assert_eq!(ben.next().await, json!({"waiting": {"attended": true}}));
    ana.send(json!({"leave": {}})).await;
    assert_eq!(ben.next().await, json!({"waiting": {"attended": false}}));
    // The room waits for a while with those who wait for it.
    let (mut ana, again) = with(&server, "Ana", json!({"host": first["host"]})).await;
    assert_eq!(again["knocking"], json!([{"id": ben_id, "name": "Ben"}]));
    assert_eq!(ben.next().await, json!({"waiting": {"attended": true}}));
    ana.send(json!({"admit": {"peer": ben_id}})).await;
    assert_eq!(ben.next().await["welcome"]["you"], json!(ben_id));
}

#[tokio::test]
async fn when_nobody_has_to_wait_any_more_those_who_did_come_in() {
    let server = TestServer::start_with(Config {
        max_people: 2,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _, _) = host(&server).await;
    rule(&mut ana, json!({"waiting": true})).await;
    let (mut ben, ben_id) = knocking(&server, "Ben", &mut ana, true).await;
    let (mut cleo, cleo_id) = knocking(&server, "Cleo", &mut ana, true).await;
    assert_eq!(refusal(&server, "Dora", json!({})).await, "room-full");
    rule(&mut ana, json!({"waiting": false})).await;
    let welcome = ben.next().await["welcome"].take();
    assert_eq!(welcome["you"], json!(ben_id));
    cleo.is_undisturbed().await;
    ben.send(json!({"leave": {}})).await;
    assert_eq!(cleo.next().await["welcome"]["you"], json!(cleo_id));
    pair.is_undisturbed().await;
}
