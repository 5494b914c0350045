//! Who is a host, by what, and what guests cannot do.

use serde_json::{Value, json};

use super::{host, knocking, rule, text, with};
use crate::support::{TestServer, still_talk};

#[tokio::test]
async fn the_first_is_the_host_and_everybody_knows_it() {
    let server = TestServer::start().await;
    let mut ana = server.greeted().await;
    let welcome = ana.join("den", "Ana").await;
    assert_eq!(
        welcome,
        json!({
            "you": welcome["you"],
            "room": "den",
            "people": [],
            "iceServers": [],
            "resume": welcome["resume"],
            "kept": false,
            "role": "host",
            "host": welcome["host"],
            "rules": {"locked": false, "waiting": false, "password": false},
        })
    );
    assert!(text(&welcome["host"]).len() >= 32);
    let (mut ben, welcome) = with(&server, "Ben", json!({})).await;
    assert_eq!((&welcome["role"], &welcome["host"]), (&Value::Null, &Value::Null));
    assert_eq!(welcome["people"][0]["role"], "host");
    assert_eq!(ana.next().await["joined"]["person"]["role"], Value::Null);
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn the_secret_restores_the_role_after_a_reload_and_nothing_else_does() {
    let server = TestServer::start().await;
    let (ana, _, secret) = host(&server).await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.go_away().await;
    assert_eq!(ben.next().await["left"]["reason"], "left");
    for wrong in [
        "",
        "secret",
        &secret.to_uppercase(),
        &secret[1..],
        &"x".repeat(10_000),
    ] {
        let (mallory, welcome) = with(&server, "Ana", json!({"host": wrong})).await;
        assert_eq!(welcome["role"], Value::Null, "{wrong}");
        assert_eq!(ben.next().await["joined"]["person"]["role"], Value::Null);
        mallory.go_away().await;
        ben.next().await;
    }
    let (mut ana, welcome) = with(&server, "Ana", json!({"host": secret})).await;
    assert_eq!(
        (&welcome["role"], &welcome["host"]),
        (&json!("host"), &Value::Null)
    );
    assert_eq!(ben.next().await["joined"]["person"]["role"], "host");
    ana.send(json!({"mute": {"peer": ben_id}})).await;
    assert_eq!(ben.next().await, json!({"mute": {"by": welcome["you"]}}));
}

#[tokio::test]
async fn a_host_lets_in_and_mutes_a_full_room_at_once() {
    const GUESTS: usize = 11;
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    rule(&mut ana, json!({"waiting": true})).await;
    let mut guests = Vec::new();
    for number in 0..GUESTS {
        guests.push(knocking(&server, &format!("Guest {number}"), &mut ana, true).await);
    }
    for (_, id) in &guests {
        ana.send(json!({"admit": {"peer": id}})).await;
    }
    for (_, id) in &guests {
        ana.send(json!({"mute": {"peer": id}})).await;
    }
    for (guest, _) in &mut guests {
        while guest.next().await != json!({"mute": {"by": ana_id}}) {}
    }
    for _ in 0..GUESTS {
        assert!(ana.next().await["unknock"].is_object());
        assert!(ana.next().await["joined"].is_object());
    }
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn a_host_who_resumes_is_told_the_secret_again() {
    let server = TestServer::start().await;
    let (ana, welcome) = with(&server, "Ana", json!({})).await;
    ana.close().await;
    let (_ana, again) = with(&server, "Ana", json!({"resume": welcome["resume"]})).await;
    assert_eq!(
        (&again["kept"], &again["role"], &again["host"]),
        (&json!(true), &json!("host"), &welcome["host"])
    );
}

#[tokio::test]
async fn guests_can_do_nothing_that_only_hosts_can_and_disturb_nobody() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut ben, _) = server.joined("den", "Ben").await;
    ana.next().await;
    let (mut cleo, cleo_id) = server.joined("den", "Cleo").await;
    ana.next().await;
    ben.next().await;
    rule(&mut ana, json!({"waiting": true})).await;
    let (mut dora, dora_id) = knocking(&server, "Dora", &mut ana, true).await;
    for client in [&mut ben, &mut cleo] {
        assert_eq!(client.next().await["rules"]["waiting"], true);
    }
    let mut stranger = server.greeted().await;
    for rules in [
        json!({}),
        json!({"locked": true}),
        json!({"password": "x"}),
        json!({"waiting": false}),
    ] {
        let message = json!({"rules": rules}).to_string();
        let error = ben.refused(message.clone()).await;
        assert_eq!(error, json!({"code": "not-host", "about": "rules"}));
        let error = stranger.refused(message).await;
        assert_eq!(error, json!({"code": "not-joined", "about": "rules"}));
    }
    for name in ["admit", "refuse", "mute", "remove", "handOver"] {
        for id in [&ana_id, &cleo_id, &dora_id, "nobody"] {
            let message = json!({name: {"peer": id}}).to_string();
            let error = ben.refused(message.clone()).await;
            assert_eq!(error, json!({"code": "not-host", "about": name, "peer": id}));
            // Nor those who wait, and those who are in no room.
            for other in [&mut dora, &mut stranger] {
                let error = other.refused(message.clone()).await;
                assert_eq!(error, json!({"code": "not-joined", "about": name, "peer": id}));
            }
        }
        let error = ana.refused(json!({name: {"peer": "nobody"}}).to_string()).await;
        assert_eq!(
            error,
            json!({"code": "unknown-peer", "about": name, "peer": "nobody"})
        );
    }
    still_talk((&mut ana, &ana_id), (&mut cleo, &cleo_id)).await;
    dora.is_undisturbed().await;
}

#[tokio::test]
async fn the_role_can_be_handed_over_and_the_old_secret_is_worthless() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, secret) = host(&server).await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    let (mut cleo, cleo_id) = server.joined("den", "Cleo").await;
    ana.next().await;
    ana.next().await;
    ben.next().await;
    ana.send(json!({"handOver": {"peer": ben_id}})).await;
    let mut new_secret = Value::Null;
    for client in [&mut ana, &mut ben, &mut cleo] {
        assert_eq!(
            client.next().await,
            json!({"role": {"peer": ana_id, "role": "guest"}})
        );
        let mut role = client.next().await["role"].take();
        if let Some(told) = role.as_object_mut().unwrap().remove("host") {
            new_secret = told;
        }
        assert_eq!(role, json!({"peer": ben_id, "role": "host"}));
    }
    assert!(new_secret.is_string() && new_secret != json!(secret));
    let lock = json!({"rules": {"locked": true}}).to_string();
    assert_eq!(
        ana.refused(lock).await,
        json!({"code": "not-host", "about": "rules"})
    );
    still_talk((&mut ben, &ben_id), (&mut cleo, &cleo_id)).await;
    for (old, role) in [(json!(secret), Value::Null), (new_secret, json!("host"))] {
        let (window, welcome) = with(&server, "Somebody", json!({"host": old})).await;
        assert_eq!(welcome["role"], role);
        window.go_away().await;
        for client in [&mut ana, &mut ben, &mut cleo] {
            client.next().await;
            client.next().await;
        }
    }
    ben.send(json!({"remove": {"peer": ana_id}})).await;
    assert_eq!(ana.next().await, json!({"removed": {}}));
    cleo.next().await;
}

#[tokio::test]
async fn a_room_without_rules_is_over_when_everybody_left_and_its_next_host_is_another() {
    let server = TestServer::start().await;
    let (ana, _, secret) = host(&server).await;
    ana.go_away().await;
    let (_ben, welcome) = with(&server, "Ben", json!({})).await;
    assert_eq!(welcome["role"], "host");
    let (_ana, welcome) = with(&server, "Ana", json!({"host": secret})).await;
    assert_eq!(welcome["role"], Value::Null);
}
