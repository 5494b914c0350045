//! What tokens keep of a room when the server stops.

use std::time::Duration;

use maju::Config;
use serde_json::{Value, json};

use super::{host, joining, refusal, refused, restart, rule, with};
use crate::support::{Client, KEY, Pair, TestServer, with_key};

#[tokio::test]
async fn a_new_token_comes_at_once_to_everybody_when_the_rules_change() {
    // So that no heartbeat brings it.
    let server = TestServer::start_with(Config {
        heartbeat: Duration::from_secs(600),
        silence: Duration::from_secs(1200),
        ..Config::default()
    })
    .await;
    let (mut ana, welcome) = with(&server, "Ana", json!({})).await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    ana.next().await;
    let token = rule(&mut ana, json!({"locked": true})).await;
    assert_ne!(json!(token), welcome["resume"]);
    ben.renewed().await;
}

#[tokio::test]
async fn rules_roles_and_who_was_removed_outlive_a_restart_of_the_server() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, ana_id, secret) = host(&server).await;
    let (mut mallory, evil) = with(&server, "Mallory", json!({})).await;
    let (mut ben, _) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    ana.next().await;
    ana.send(json!({"remove": {"peer": evil["you"]}})).await;
    assert_eq!(ana.next().await["left"]["reason"], "removed");
    rule(&mut ana, json!({"password": "correct"})).await;
    let ana_token = rule(&mut ana, json!({"locked": true})).await;
    ben.renewed().await;
    ben.renewed().await;
    let ben_token = ben.renewed().await;
    let server = restart(server, &mut [&mut ana, &mut ben, &mut mallory]).await;
    let mut pair = Pair::seated(&server, "hall").await;

    // A guest is the first, and the room is what it was.
    let (mut ben, welcome) = with(&server, "Ben", json!({"resume": ben_token})).await;
    assert_eq!(
        (&welcome["role"], &welcome["host"], &welcome["rules"]),
        (
            &Value::Null,
            &Value::Null,
            &json!({"locked": true, "waiting": false, "password": true})
        )
    );
    assert_eq!(refusal(&server, "Cleo", json!({})).await, "locked");
    let back = json!({"resume": evil["resume"]});
    assert_eq!(refusal(&server, "Mallory", back).await, "banned");
    ben.is_undisturbed().await;
    let members = json!({"resume": ana_token, "host": secret});
    let (mut ana, welcome) = with(&server, "Ana", members).await;
    assert_eq!(
        (&welcome["you"], &welcome["role"], &welcome["host"]),
        (&json!(ana_id), &json!("host"), &Value::Null)
    );
    assert_eq!(ben.next().await["joined"]["person"]["role"], "host");
    rule(&mut ana, json!({"locked": false})).await;
    let mut cleo = Client::connect_from("127.0.0.2", server.address).await;
    cleo.greet().await;
    assert_eq!(
        refused(&mut cleo, "Cleo", json!({"password": "wrong"})).await,
        "wrong-password"
    );
    cleo.enter(joining("Cleo", json!({"password": "correct"}))).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_host_who_reloaded_the_page_while_the_server_was_away_is_the_host() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, _, secret) = host(&server).await;
    let (mut ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    let server = restart(server, &mut [&mut ana, &mut ben]).await;
    // With the secret alone, and before anybody with a token.
    let (mut ana, first) = with(&server, "Ana", json!({"host": secret})).await;
    assert_eq!((&first["role"], &first["host"]), (&json!("host"), &Value::Null));
    let (_ben, again) = with(&server, "Ben", json!({"resume": welcome["resume"]})).await;
    assert_eq!(again["people"][0]["role"], "host");
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Ben");
    rule(&mut ana, json!({"locked": true})).await;
}

#[tokio::test]
async fn a_stranger_who_is_quicker_after_a_restart_loses_the_role_to_the_room_that_comes_back() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, welcome) = with(&server, "Ana", json!({})).await;
    let server = restart(server, &mut [&mut ana]).await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut mallory, evil) = with(&server, "Mallory", json!({})).await;
    assert_eq!(evil["role"], "host");
    let members = json!({"resume": welcome["resume"], "host": welcome["host"]});
    let (mut ana, again) = with(&server, "Ana", members).await;
    assert_eq!((&again["you"], &again["role"]), (&welcome["you"], &json!("host")));
    assert_eq!(
        mallory.next().await,
        json!({"role": {"peer": evil["you"], "role": "guest"}})
    );
    mallory.next().await;
    let remove = json!({"remove": {"peer": welcome["you"]}});
    assert_eq!(mallory.refused(remove.to_string()).await["code"], "not-host");
    // The secret of the room that is no more is worthless.
    let (_window, third) = with(&server, "Mallory", json!({"host": evil["host"]})).await;
    assert_eq!(third["role"], Value::Null);
    ana.send(json!({"remove": {"peer": evil["you"]}})).await;
    while mallory.next().await != json!({"removed": {}}) {}
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_stranger_who_is_quicker_after_a_restart_is_put_out_of_a_room_that_is_locked() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, welcome) = with(&server, "Ana", json!({})).await;
    let token = rule(&mut ana, json!({"locked": true})).await;
    let server = restart(server, &mut [&mut ana]).await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut mallory, evil) = with(&server, "Mallory", json!({})).await;
    let members = json!({"resume": token, "host": welcome["host"]});
    let (mut ana, again) = with(&server, "Ana", members).await;
    assert_eq!(again["people"], json!([]));
    assert_eq!(mallory.error().await, json!({"code": "locked", "about": "join"}));
    // Neither what they were given meanwhile nor a second try helps.
    for members in [json!({}), json!({"resume": evil["resume"], "host": evil["host"]})] {
        assert_eq!(refused(&mut mallory, "Mallory", members).await, "locked");
    }
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn the_newest_token_says_what_a_room_is_after_a_restart() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, welcome) = with(&server, "Ana", json!({})).await;
    let (mut mallory, evil) = with(&server, "Mallory", json!({})).await;
    ana.next().await;
    ana.send(json!({"remove": {"peer": evil["you"]}})).await;
    assert_eq!(ana.next().await["left"]["reason"], "removed");
    let token = ana.renewed().await;
    let server = restart(server, &mut [&mut ana, &mut mallory]).await;
    let mut pair = Pair::seated(&server, "hall").await;
    // Who was removed is the first, with a token of before.
    let (mut mallory, again) = with(&server, "Mallory", json!({"resume": evil["resume"]})).await;
    assert_eq!((&again["you"], &again["role"]), (&evil["you"], &Value::Null));
    let members = json!({"resume": token, "host": welcome["host"]});
    let (mut ana, again) = with(&server, "Ana", members).await;
    assert_eq!((&again["people"], &again["role"]), (&json!([]), &json!("host")));
    assert_eq!(mallory.error().await, json!({"code": "banned", "about": "join"}));
    let back = json!({"resume": evil["resume"]});
    assert_eq!(refusal(&server, "Mallory", back).await, "banned");
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}
