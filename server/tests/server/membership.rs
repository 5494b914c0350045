use maju::{Config, Ice, parse_ice_servers};
use serde_json::json;

use crate::support::{TestServer, still_talk};

#[tokio::test]
async fn a_newcomer_learns_who_is_there_and_they_learn_of_the_newcomer() {
    let server = TestServer::start().await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    assert_eq!(
        ana.next().await,
        json!({"joined": {"person": {"id": ben_id, "name": "Ben"}}})
    );
    let mut cleo = server.greeted().await;
    let welcome = cleo.join("den", "Cleo").await;
    let person = json!({"id": welcome["you"], "name": "Cleo"});
    assert_eq!(
        welcome,
        json!({
            "you": welcome["you"],
            "room": "den",
            "people": [{"id": ana_id, "name": "Ana", "role": "host"}, {"id": ben_id, "name": "Ben"}],
            "iceServers": [],
            "resume": welcome["resume"],
            "kept": false,
            "rules": {"locked": false, "waiting": false, "password": false},
        })
    );
    assert_eq!(ana.next().await, json!({"joined": {"person": person}}));
    assert_eq!(ben.next().await, json!({"joined": {"person": person}}));
}

#[tokio::test]
async fn the_welcome_has_the_configured_ice_servers() {
    let servers = "stun:stun.example.org turn:turn.example.org,username=u,credential=c";
    let config = Config {
        ice: Ice {
            servers: parse_ice_servers(servers).unwrap(),
            ..Ice::default()
        },
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    let welcome = server.greeted().await.join("den", "Ana").await;
    assert_eq!(
        welcome["iceServers"],
        json!([
            {"urls": ["stun:stun.example.org"]},
            {"urls": ["turn:turn.example.org"], "username": "u", "credential": "c"},
        ])
    );
}

#[tokio::test]
async fn spellings_of_one_name_are_one_room() {
    let server = TestServer::start().await;
    for spellings in [
        [
            "가족 방",
            "  \u{1100}\u{1161}\u{110c}\u{1169}\u{11a8} \u{1107}\u{1161}\u{11bc}\t",
        ],
        ["Straße", "STRASSE"],
        ["Été", "E\u{301}TE\u{301}"],
    ] {
        let (mut first, _) = server.joined(spellings[0], "one").await;
        let welcome = server.greeted().await.join(spellings[1], "two").await;
        assert_eq!(welcome["room"], spellings[0]);
        assert_eq!(welcome["people"].as_array().unwrap().len(), 1);
        assert_eq!(first.next().await["joined"]["person"]["name"], "two");
    }
}

#[tokio::test]
async fn names_come_back_trimmed_and_composed() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let welcome = server
        .greeted()
        .await
        .join(" den ", " \u{1112}\u{1161}\u{11ab} ")
        .await;
    assert_eq!(welcome["room"], "den");
    assert_eq!(ana.next().await["joined"]["person"]["name"], "한");
}

#[tokio::test]
async fn rooms_do_not_hear_of_each_other() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, _) = server.joined("attic", "Ben").await;
    let (cleo, _) = server.joined("attic", "Cleo").await;
    assert_eq!(ben.next().await["joined"]["person"]["name"], "Cleo");
    cleo.go_away().await;
    assert_eq!(ben.next().await["left"]["reason"], "left");
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn leaving_is_told_once_and_the_socket_may_join_again_as_somebody_else() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    ben.send(json!({"leave": {}})).await;
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "left"}})
    );
    let again = ben.join("attic", "Ben").await;
    assert_ne!(again["you"], json!(ben_id));
    ben.close().await;
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn a_full_room_refuses_and_lets_in_when_somebody_leaves() {
    let server = TestServer::start_with(Config {
        max_people: 2,
        ..Config::default()
    })
    .await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    let mut cleo = server.greeted().await;
    let join = json!({"join": {"room": "Den", "name": "Cleo"}}).to_string();
    assert_eq!(
        cleo.refused(join).await,
        json!({"code": "room-full", "about": "join"})
    );
    still_talk((&mut ana, &ana_id), (&mut ben, &ben_id)).await;
    ben.send(json!({"leave": {}})).await;
    ana.next().await;
    assert_eq!(
        cleo.join("den", "Cleo").await["people"].as_array().unwrap().len(),
        1
    );
}
