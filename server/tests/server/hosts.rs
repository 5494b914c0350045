//! Rooms that belong to somebody: the host, the rules, the waiting room, and who was removed.

use std::time::Duration;

use maju::Config;
use serde_json::{Value, json};

use crate::support::{Client, KEY, TestServer, with_key};

/// Ana, the host of the den, with her id and secret.
async fn host(server: &TestServer) -> (Client, String, String) {
    let mut ana = server.greeted().await;
    let welcome = ana.join("den", "Ana").await;
    (ana, text(&welcome["you"]), text(&welcome["host"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Somebody who joins the den with these members besides.
async fn with(server: &TestServer, name: &str, members: Value) -> (Client, Value) {
    let mut client = server.greeted().await;
    let welcome = client.enter(joining(name, members)).await;
    (client, welcome)
}

fn joining(name: &str, members: Value) -> Value {
    let mut join = json!({"room": "den", "name": name});
    let members = members.as_object().unwrap().clone();
    join.as_object_mut().unwrap().extend(members);
    join
}

/// The error that somebody gets who wants to join the den with these members besides, without its text and its wait.
async fn refusal(server: &TestServer, name: &str, members: Value) -> Value {
    let mut client = server.greeted().await;
    refused(&mut client, name, members).await
}

async fn refused(client: &mut Client, name: &str, members: Value) -> Value {
    client.send(json!({"join": joining(name, members)})).await;
    let mut error = client.error().await;
    let wait = error.as_object_mut().unwrap().remove("wait");
    assert_eq!(wait.is_some(), error["code"] == "too-fast", "{wait:?}");
    assert_eq!(error["about"], "join");
    error["code"].take()
}

/// Somebody who knocks at the den, with their id as the host was told it.
async fn knocking(server: &TestServer, name: &str, host: &mut Client, attended: bool) -> (Client, String) {
    let mut client = server.greeted().await;
    client.send(json!({"join": {"room": "den", "name": name}})).await;
    assert_eq!(client.next().await, json!({"waiting": {"attended": attended}}));
    let knock = host.next().await["knock"]["person"].take();
    assert_eq!(knock, json!({"id": knock["id"], "name": name}));
    (client, text(&knock["id"]))
}

/// Sets rules and reads the answer, and gives the token that says so.
async fn rule(host: &mut Client, rules: Value) -> String {
    host.send(json!({"rules": rules})).await;
    let told = host.next().await;
    for (name, value) in rules.as_object().unwrap() {
        let expected = value
            .as_str()
            .map_or(value.clone(), |text| (!text.is_empty()).into());
        assert_eq!(told["rules"][name], expected, "{told}");
    }
    host.renewed().await
}

async fn restart(server: TestServer, clients: &mut [&mut Client]) -> TestServer {
    let stopped = server.stop();
    for client in clients {
        while client.next().await["closing"].is_null() {}
        client.close_code().await;
    }
    stopped.await.unwrap().unwrap();
    TestServer::start_with(with_key(KEY)).await
}

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
    for client in [&mut ana, &mut cleo, &mut dora] {
        client.is_undisturbed().await;
    }
}

#[tokio::test]
async fn a_locked_room_lets_in_nobody_new() {
    let server = TestServer::start().await;
    let (mut ana, _, secret) = host(&server).await;
    let (ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    rule(&mut ana, json!({"locked": true})).await;
    assert_eq!(refusal(&server, "Mallory", json!({})).await, "locked");
    assert_eq!(
        refusal(&server, "Mallory", json!({"host": "guess", "password": "x"})).await,
        "locked"
    );
    ana.is_undisturbed().await;
    // Who was there comes back, and the host in another window.
    ben.go_away().await;
    ana.next().await;
    let (mut ben, again) = with(&server, "Ben", json!({"resume": welcome["resume"]})).await;
    assert_eq!(again["rules"]["locked"], true);
    ana.next().await;
    with(&server, "Ana", json!({"host": secret})).await;
    ana.next().await;
    ben.next().await;
    rule(&mut ana, json!({"locked": false})).await;
    assert_eq!(
        ben.next().await,
        json!({"rules": {"locked": false, "waiting": false, "password": false}})
    );
    server.joined("den", "Cleo").await;
}

#[tokio::test]
async fn a_password_lets_in_who_knows_it() {
    let server = TestServer::start().await;
    let (mut ana, _, secret) = host(&server).await;
    let (ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    rule(&mut ana, json!({"password": "마주 앉아"})).await;
    let mut cleo = server.greeted().await;
    assert_eq!(refused(&mut cleo, "Cleo", json!({})).await, "password-needed");
    let wrong = json!({"password": "마주 앉아 "});
    assert_eq!(refused(&mut cleo, "Cleo", wrong).await, "wrong-password");
    ana.is_undisturbed().await;
    cleo.enter(joining("Cleo", json!({"password": "마주 앉아"})))
        .await;
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Cleo");
    // Hosts, and those who were there, are not asked, whatever they think it is.
    with(&server, "Ana", json!({"host": secret})).await;
    ana.next().await;
    ben.go_away().await;
    ana.next().await;
    let back = json!({"resume": welcome["resume"], "password": "of another day"});
    let (_ben, again) = with(&server, "Ben", back).await;
    assert_eq!(
        (&again["you"], &again["rules"]["password"]),
        (&welcome["you"], &json!(true))
    );
    ana.next().await;
    rule(&mut ana, json!({"password": "another"})).await;
    let old = json!({"password": "마주 앉아"});
    assert_eq!(refusal(&server, "Dora", old).await, "wrong-password");
    rule(&mut ana, json!({"password": ""})).await;
    with(&server, "Dora", json!({"password": "nobody asks"})).await;
}

#[tokio::test]
async fn a_password_that_is_too_long_is_refused_and_the_old_one_stays() {
    let server = TestServer::start().await;
    let (mut ana, _, _) = host(&server).await;
    let longest = "밥".repeat(128);
    rule(&mut ana, json!({"password": longest})).await;
    let longer = json!({"rules": {"password": format!("{longest}!")}});
    let error = ana.refused(longer.to_string()).await;
    assert_eq!(error, json!({"code": "bad-password", "about": "rules"}));
    with(&server, "Ben", json!({"password": longest})).await;
}

#[tokio::test]
async fn guessing_passwords_is_slowed_for_each_room_and_address() {
    let server = TestServer::start().await;
    let (mut ana, _, _) = host(&server).await;
    let (ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    rule(&mut ana, json!({"password": "correct"})).await;
    let mut attic = server.greeted().await;
    attic.join("attic", "Ana").await;
    rule(&mut attic, json!({"password": "correct"})).await;
    let mut mallory = server.greeted().await;
    for guess in 0..5 {
        let guess = json!({"password": guess.to_string()});
        assert_eq!(refused(&mut mallory, "Mallory", guess).await, "wrong-password");
    }
    let join = json!({"join": joining("Mallory", json!({"password": "5"}))});
    mallory.send(join).await;
    let error = mallory.next().await["error"].take();
    assert_eq!(error["code"], "too-fast");
    let wait = Duration::from_millis(error["wait"].as_u64().unwrap());
    assert!(
        wait > Duration::ZERO && wait <= Duration::from_secs(10),
        "{wait:?}"
    );
    // Another socket does not help, and knowing it neither.
    let right = json!({"password": "correct"});
    assert_eq!(refusal(&server, "Mallory", right.clone()).await, "too-fast");
    ana.is_undisturbed().await;
    // Neither another address, nor another room, nor those who are in it are concerned.
    let mut cleo = Client::connect_from("127.0.0.2", server.address).await;
    cleo.greet().await;
    cleo.enter(joining("Cleo", right)).await;
    ana.next().await;
    let mut dora = server.greeted().await;
    dora.enter(json!({"room": "attic", "name": "Dora", "password": "correct"}))
        .await;
    ben.close().await;
    let back = json!({"resume": welcome["resume"], "password": "correct"});
    let (_ben, again) = with(&server, "Ben", back).await;
    assert_eq!(again["kept"], true);
}

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
}

#[tokio::test]
async fn who_waits_can_send_nothing_and_be_sent_nothing() {
    let server = TestServer::start().await;
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
}

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
    cleo.enter(joining("Cleo", json!({}))).await;
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
    // Without it, from the same address, somebody has to look at whom it is.
    ana.is_undisturbed().await;
    let (_again, _) = knocking(&server, "Mallory", &mut ana, true).await;
    cleo.is_undisturbed().await;
    // From elsewhere, and in another room, nobody is concerned.
    elsewhere.enter(joining("Dora", json!({}))).await;
    mallory.join("attic", "Mallory").await;
}

#[tokio::test]
async fn who_is_away_can_be_removed() {
    let server = TestServer::start().await;
    let (mut ana, _, _) = host(&server).await;
    let (ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    ben.close().await;
    ana.send(json!({"remove": {"peer": welcome["you"]}})).await;
    assert_eq!(ana.next().await["left"]["reason"], "removed");
    let back = json!({"resume": welcome["resume"]});
    assert_eq!(refusal(&server, "Ben", back).await, "banned");
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn a_host_can_remove_neither_themselves_nor_people_of_other_rooms() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut ben, ben_id) = server.joined("attic", "Ben").await;
    for name in ["remove", "handOver"] {
        for id in [&ana_id, &ben_id] {
            let error = ana.refused(json!({name: {"peer": id}}).to_string()).await;
            assert_eq!(error, json!({"code": "unknown-peer", "about": name, "peer": id}));
        }
    }
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn the_role_can_be_handed_over_and_the_old_secret_is_worthless() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, secret) = host(&server).await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    let (mut cleo, _) = server.joined("den", "Cleo").await;
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
async fn a_room_that_keeps_people_out_waits_for_its_host() {
    let server = TestServer::start().await;
    let (mut ana, _, secret) = host(&server).await;
    rule(&mut ana, json!({"locked": true})).await;
    ana.go_away().await;
    assert_eq!(refusal(&server, "Ben", json!({})).await, "locked");
    let (_ana, welcome) = with(&server, "Ana", json!({"host": secret})).await;
    assert_eq!(
        (&welcome["role"], &welcome["rules"]["locked"]),
        (&json!("host"), &json!(true))
    );
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
}

#[tokio::test]
async fn a_stranger_who_is_quicker_after_a_restart_is_put_out_of_a_room_that_is_locked() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, welcome) = with(&server, "Ana", json!({})).await;
    let token = rule(&mut ana, json!({"locked": true})).await;
    let server = restart(server, &mut [&mut ana]).await;
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
}
