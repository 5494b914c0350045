//! Locked rooms and passwords.

use std::time::Duration;

use serde_json::json;

use super::{host, joining, refusal, refused, rule, text, with};
use crate::support::{Client, Pair, TestServer, still_talk};

#[tokio::test]
async fn a_locked_room_lets_in_nobody_new() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, secret) = host(&server).await;
    let (mut ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    rule(&mut ana, json!({"locked": true})).await;
    assert_eq!(refusal(&server, "Mallory", json!({})).await, "locked");
    assert_eq!(
        refusal(&server, "Mallory", json!({"host": "guess", "password": "x"})).await,
        "locked"
    );
    assert!(ben.next().await["rules"].is_object());
    still_talk((&mut ana, &ana_id), (&mut ben, &text(&welcome["you"]))).await;
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
    let (mut ana, ana_id, secret) = host(&server).await;
    let (mut ben, welcome) = with(&server, "Ben", json!({})).await;
    ana.next().await;
    rule(&mut ana, json!({"password": "마주 앉아"})).await;
    let mut cleo = server.greeted().await;
    assert_eq!(refused(&mut cleo, "Cleo", json!({})).await, "password-needed");
    let wrong = json!({"password": "마주 앉아 "});
    assert_eq!(refused(&mut cleo, "Cleo", wrong).await, "wrong-password");
    assert!(ben.next().await["rules"].is_object());
    still_talk((&mut ana, &ana_id), (&mut ben, &text(&welcome["you"]))).await;
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
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _, _) = host(&server).await;
    let longest = "밥".repeat(128);
    rule(&mut ana, json!({"password": longest})).await;
    let longer = json!({"rules": {"password": format!("{longest}!")}});
    let error = ana.refused(longer.to_string()).await;
    assert_eq!(error, json!({"code": "bad-password", "about": "rules"}));
    with(&server, "Ben", json!({"password": longest})).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn guessing_passwords_is_slowed_for_each_room_and_address() {
    let server = TestServer::start().await;
    let (mut ana, ana_id, _) = host(&server).await;
    let (mut ben, welcome) = with(&server, "Ben", json!({})).await;
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
    assert!(ben.next().await["rules"].is_object());
    still_talk((&mut ana, &ana_id), (&mut ben, &text(&welcome["you"]))).await;
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
async fn those_who_know_the_password_do_not_stand_in_each_others_way() {
    let server = TestServer::start().await;
    let (mut ana, ..) = host(&server).await;
    rule(&mut ana, json!({"password": "correct"})).await;
    let mut class = Vec::new();
    for number in 0..10 {
        let right = json!({"password": "correct"});
        class.push(with(&server, &format!("Number {number}"), right).await);
    }
    // They used up no tries.
    for guess in 0..5 {
        let guess = json!({"password": guess.to_string()});
        assert_eq!(refusal(&server, "Mallory", guess).await, "wrong-password");
    }
    assert_eq!(
        refusal(&server, "Mallory", json!({"password": "5"})).await,
        "too-fast"
    );
}

#[tokio::test]
async fn a_room_that_keeps_people_out_waits_for_its_host() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _, secret) = host(&server).await;
    rule(&mut ana, json!({"locked": true})).await;
    ana.go_away().await;
    assert_eq!(refusal(&server, "Ben", json!({})).await, "locked");
    let (_ana, welcome) = with(&server, "Ana", json!({"host": secret})).await;
    assert_eq!(
        (&welcome["role"], &welcome["rules"]["locked"]),
        (&json!("host"), &json!(true))
    );
    pair.is_undisturbed().await;
}
