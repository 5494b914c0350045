//! What a host does to one person: muting and removing.

use serde_json::json;

use super::{host, joining, knocking, refusal, refused, text, with};
use crate::support::{Client, Pair, TestServer, still_talk};

#[tokio::test]
async fn a_mute_reaches_the_one_it_is_for() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    let (mut cleo, _) = server.joined("den", "Cleo").await;
    ana.next().await;
    ana.next().await;
    ben.next().await;
    ana.send(json!({"mute": {"peer": ben_id}})).await;
    assert_eq!(ben.next().await, json!({"mute": {"by": ana_id}}));
    ana.is_undisturbed().await;
    cleo.is_undisturbed().await;
}

#[tokio::test]
async fn who_is_removed_is_out_and_stays_out() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut mallory, welcome) = with(&server, "Mallory", json!({})).await;
    let mut cleo = Client::connect_from("127.0.0.2", server.address).await;
    cleo.greet().await;
    let cleo_id = text(&cleo.enter(joining("Cleo", json!({}))).await["you"]);
    ana.next().await;
    ana.next().await;
    mallory.next().await;
    let id = text(&welcome["you"]);
    ana.send(json!({"remove": {"peer": id}})).await;
    assert_eq!(mallory.next().await, json!({"removed": {}}));
    let left = json!({"left": {"peer": id, "reason": "removed"}});
    assert_eq!(ana.next().await, left);
    assert_eq!(cleo.next().await, left);
    mallory.relay(&ana_id, json!("still here")).await;
    assert_eq!(mallory.error().await["code"], "not-joined");
    // Not by the token, on this socket or another, from this address or another.
    let back = json!({"resume": welcome["resume"]});
    assert_eq!(refused(&mut mallory, "Mallory", back.clone()).await, "banned");
    assert_eq!(refusal(&server, "Mallory", back.clone()).await, "banned");
    let mut elsewhere = Client::connect_from("127.0.0.3", server.address).await;
    elsewhere.greet().await;
    assert_eq!(refused(&mut elsewhere, "Mallory", back).await, "banned");
    still_talk((&mut ana, &ana_id), (&mut cleo, &cleo_id)).await;
    // Without it, from the same address, somebody has to look at whom it is.
    let (_again, _) = knocking(&server, "Mallory", &mut ana, true).await;
    cleo.is_undisturbed().await;
    // From elsewhere, and in another room, nobody is concerned.
    elsewhere.enter(joining("Dora", json!({}))).await;
    mallory.join("attic", "Mallory").await;
}

#[tokio::test]
async fn who_is_away_can_be_removed() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut cleo, cleo_id) = server.joined("den", "Cleo").await;
    ana.next().await;
    let (ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    cleo.next().await;
    ben.close().await;
    ana.send(json!({"remove": {"peer": welcome["you"]}})).await;
    for client in [&mut ana, &mut cleo] {
        assert_eq!(client.next().await["left"]["reason"], "removed");
    }
    let back = json!({"resume": welcome["resume"]});
    assert_eq!(refusal(&server, "Ben", back).await, "banned");
    still_talk((&mut ana, &ana_id), (&mut cleo, &cleo_id)).await;
}

#[tokio::test]
async fn a_host_can_remove_neither_themselves_nor_people_of_other_rooms() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let mut pair = Pair::seated(&server, "attic").await;
    for name in ["remove", "handOver"] {
        for id in [&ana_id, &pair.first.id] {
            let error = ana.refused(json!({name: {"peer": id}}).to_string()).await;
            assert_eq!(error, json!({"code": "unknown-peer", "about": name, "peer": id}));
        }
    }
    pair.is_undisturbed().await;
}
