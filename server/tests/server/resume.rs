//! Coming back: seats that are kept, tokens that take them again, sockets that are taken over.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use maju::Config;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{Client, KEY, PATIENCE, Pair, TestServer, has_stopped, hasty, still_talk, with_key};

/// A client in the den with its id and token.
async fn seated(server: &TestServer, name: &str) -> (Client, String, String) {
    let mut client = server.greeted().await;
    let welcome = client.join("den", name).await;
    let text = |member: &str| welcome[member].as_str().unwrap().to_owned();
    (client, text("you"), text("resume"))
}

async fn resumed(server: &TestServer, name: &str, token: &str) -> (Client, Value) {
    let mut client = server.greeted().await;
    let welcome = client.resume("den", name, token).await;
    (client, welcome)
}

#[tokio::test]
async fn who_comes_back_in_time_was_never_away_for_the_others_and_missed_nothing() {
    let server = TestServer::start().await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close().await;
    for number in 0..3 {
        ana.relay(&ben_id, json!(number)).await;
    }
    ana.is_undisturbed().await;
    let (mut ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        welcome,
        json!({
            "you": ben_id,
            "room": "den",
            "people": [{"id": ana_id, "name": "Ana", "role": "host"}],
            "iceServers": [],
            "resume": welcome["resume"],
            "kept": true,
            "rules": {"locked": false, "waiting": false, "password": false},
        })
    );
    for number in 0..3 {
        let relay = json!({"relay": {"from": ana_id, "payload": number}});
        assert_eq!(ben.next().await, relay);
    }
    ana.relay(&ben_id, json!("now")).await;
    assert_eq!(ben.next().await["relay"]["payload"], "now");
    ben.relay(&ana_id, json!("here")).await;
    assert_eq!(ana.next().await["relay"]["payload"], "here");
}

#[tokio::test]
async fn somebody_who_is_away_is_in_the_room_for_newcomers_and_hears_who_left() {
    let server = TestServer::start_with(Config {
        max_people: 3,
        ..Config::default()
    })
    .await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close().await;
    let mut cleo = server.greeted().await;
    let welcome = cleo.join("den", "Cleo").await;
    assert_eq!(welcome["people"][1], json!({"id": ben_id, "name": "Ben"}));
    let join = json!({"join": {"room": "den", "name": "Dora"}}).to_string();
    let refused = server.greeted().await.refused(join).await;
    assert_eq!(refused, json!({"code": "room-full", "about": "join"}));
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Cleo");
    let cleo_id = welcome["you"].as_str().unwrap();
    still_talk((&mut ana, &ana_id), (&mut cleo, cleo_id)).await;
    ana.send(json!({"leave": {}})).await;
    cleo.next().await;
    let (mut ben, after) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&after["kept"], &after["people"]),
        (&json!(true), &json!([{"id": welcome["you"], "name": "Cleo"}]))
    );
    assert_eq!(ben.next().await["left"]["reason"], "left");
    cleo.is_undisturbed().await;
}

#[tokio::test]
async fn only_the_newest_messages_are_kept() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close().await;
    for number in 0..200 {
        ana.relay(&ben_id, json!(number)).await;
    }
    ana.is_undisturbed().await;
    let (mut ben, _) = resumed(&server, "Ben", &token).await;
    for number in 72..200 {
        assert_eq!(ben.next().await["relay"]["payload"], number);
    }
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn who_comes_back_too_late_is_the_same_person_who_joins_again() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close().await;
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "lost"}})
    );
    let (_ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(false))
    );
    assert_eq!(
        ana.next().await,
        json!({"joined": {"person": {"id": ben_id, "name": "Ben"}}})
    );
}

#[tokio::test]
async fn a_broken_socket_leaves_its_person_away_and_then_lost() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    drop(ben);
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "lost"}})
    );
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn a_page_that_goes_away_leaves_at_once() {
    let server = TestServer::start_with(Config {
        silence: PATIENCE * 10,
        ..Config::default()
    })
    .await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id) = server.joined("den", "Ben").await;
    ana.next().await;
    ben.go_away().await;
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "left"}})
    );
    ana.is_undisturbed().await;
}

#[tokio::test]
async fn who_comes_back_at_once_after_a_proxy_cut_the_socket_is_missed_by_nobody() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    let (cleo, cleo_id) = server.joined("den", "Cleo").await;
    ana.next().await;
    ben.close_as_away().await;
    ana.relay(&ben_id, json!("kept")).await;
    ana.is_undisturbed().await;
    let (mut ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(true))
    );
    assert_eq!(ben.next().await["relay"]["payload"], "kept");
    // Cleo does not come back. Were Ben's time still running, he would be lost before her.
    cleo.close_as_away().await;
    let left = json!({"left": {"peer": cleo_id, "reason": "lost"}});
    assert_eq!(tokio::join!(ana.next(), ben.next()), (left.clone(), left));
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn who_was_cut_off_with_code_1001_and_does_not_come_back_is_lost_sooner_than_by_silence() {
    let server = TestServer::start_with(Config {
        silence: PATIENCE * 10,
        ..Config::default()
    })
    .await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close_as_away().await;
    ana.is_undisturbed().await;
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "lost"}})
    );
    let (_ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(false))
    );
    assert_eq!(ana.next().await["joined"]["person"]["id"], json!(ben_id));
}

#[tokio::test]
async fn a_restarted_server_with_the_same_key_knows_everybody_by_their_tokens() {
    let first = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, ana_id, ana_token) = seated(&first, "Ana").await;
    let (mut ben, ben_id, ben_token) = seated(&first, "Ben").await;
    ana.next().await;
    let stopped = first.stop();
    for client in [&mut ana, &mut ben] {
        assert!(client.next().await["closing"].is_object());
        client.close_code().await;
    }
    stopped.await.unwrap().unwrap();
    let second = TestServer::start_with(with_key(KEY)).await;
    let (mut ana, welcome) = resumed(&second, "Ana", &ana_token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ana_id), &json!(false))
    );
    let (_ben, welcome) = resumed(&second, "Ben", &ben_token).await;
    assert_eq!(welcome["you"], json!(ben_id));
    assert_eq!(welcome["people"], json!([{"id": ana_id, "name": "Ana"}]));
    assert_eq!(ana.next().await["joined"]["person"]["id"], json!(ben_id));

    let foreign = TestServer::start_with(with_key(&KEY.replace("00", "ff"))).await;
    let (_ana, welcome) = resumed(&foreign, "Ana", &ana_token).await;
    assert_ne!(welcome["you"], json!(ana_id));
}

#[tokio::test]
async fn a_token_that_does_not_hold_gives_a_new_seat() {
    let server = TestServer::start_with(with_key(KEY)).await;
    let (_ben, ben_id, good) = seated(&server, "Ben").await;
    let bytes: Vec<u8> = (0..32).collect();
    let sign = |aud: &str, room: &str, exp: u64| {
        let charter = json!({"life": "another"});
        let claims =
            json!({"aud": aud, "sub": ben_id, "room": room, "exp": exp, "run": 1, "charter": charter});
        let key = EncodingKey::from_secret(&bytes);
        encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
    };
    let later = get_current_timestamp() + 3600;
    let (payload, signature) = good.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    for (what, token) in [
        ("for another room", sign("maju-resume", "attic", later)),
        ("expired", sign("maju-resume", "den", get_current_timestamp() - 1)),
        ("of another kind", sign("maju-invite", "den", later)),
        ("tampered with", format!("{payload}.{turned}")),
        ("unsigned", format!("{payload}.")),
        ("none at all", "🐈".into()),
        ("empty", String::new()),
    ] {
        let (client, welcome) = resumed(&server, "Ben", &token).await;
        assert_ne!(welcome["you"], json!(ben_id), "{what}");
        assert_eq!(welcome["kept"], json!(false), "{what}");
        client.go_away().await;
    }
    // The same by hand, to show that it is not the handwriting that is refused.
    let (_, welcome) = resumed(&server, "Ben", &sign("maju-resume", "den", later)).await;
    assert_eq!(welcome["you"], json!(ben_id));
    let (_, welcome) = resumed(&server, "Ben", &good).await;
    assert_eq!(welcome["you"], json!(ben_id));
}

#[tokio::test]
async fn spellings_of_the_rooms_name_are_one_room_for_tokens_too() {
    let server = TestServer::start().await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ben.close().await;
    let welcome = server.greeted().await.resume(" DEN ", "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["room"]),
        (&json!(ben_id), &json!("den"))
    );
}

#[tokio::test]
async fn a_socket_that_is_half_open_is_taken_over_and_its_end_changes_nothing() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut first, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    let (cleo, cleo_id) = server.joined("den", "Cleo").await;
    ana.next().await;
    let (mut second, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(true))
    );
    let (mut third, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(true))
    );
    for old in [&mut first, &mut second] {
        let frame = old.close_frame().await.unwrap();
        assert_eq!(
            (frame.code, frame.reason.as_str()),
            (CloseCode::Policy, "taken over by another socket")
        );
    }
    // Cleo goes after the two old sockets did. Were their end that of the seat, it would be told before.
    cleo.close().await;
    let left = json!({"left": {"peer": cleo_id, "reason": "lost"}});
    assert_eq!(tokio::join!(ana.next(), third.next()), (left.clone(), left));
    ana.relay(&ben_id, json!("for the third")).await;
    assert_eq!(third.next().await["relay"]["payload"], "for the third");
    third.relay(&ana_id, json!("from the third")).await;
    assert_eq!(ana.next().await["relay"]["payload"], "from the third");
}

#[tokio::test]
async fn who_fell_silent_is_lost_at_once_and_may_come_back() {
    let server = TestServer::start_with(hasty()).await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (_silent, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ben_id, "reason": "lost"}})
    );
    let (_ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(false))
    );
    assert_eq!(ana.next().await["joined"]["person"]["id"], json!(ben_id));
}

#[tokio::test]
async fn who_left_is_gone_until_they_want_to_be_back() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.send(json!({"leave": {}})).await;
    assert_eq!(ana.next().await["left"]["reason"], "left");
    ana.relay(&ben_id, json!("too late")).await;
    assert_eq!(ana.error().await["code"], "unknown-peer");
    // On the same socket, which has not closed meanwhile.
    let welcome = ben.resume("den", "Benjamin", &token).await;
    // The token says the name too.
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(false))
    );
    assert_eq!(
        ana.next().await,
        json!({"joined": {"person": {"id": ben_id, "name": "Ben"}}})
    );
}

#[tokio::test]
async fn a_full_room_lets_in_who_is_in_it_and_nobody_who_was() {
    let server = TestServer::start_with(Config {
        max_people: 2,
        ..hasty()
    })
    .await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (ben, ben_id, token) = seated(&server, "Ben").await;
    ana.next().await;
    ben.close().await;
    let (ben, welcome) = resumed(&server, "Ben", &token).await;
    assert_eq!(
        (&welcome["you"], &welcome["kept"]),
        (&json!(ben_id), &json!(true))
    );
    ben.go_away().await;
    assert_eq!(ana.next().await["left"]["reason"], "left");
    let (mut cleo, cleo_id) = server.joined("den", "Cleo").await;
    assert_eq!(ana.next().await["joined"]["person"]["id"], json!(cleo_id));
    let join = json!({"join": {"room": "den", "name": "Ben", "resume": token}}).to_string();
    let refused = server.greeted().await.refused(join).await;
    assert_eq!(refused, json!({"code": "room-full", "about": "join"}));
    still_talk((&mut ana, &ana_id), (&mut cleo, &cleo_id)).await;
}

#[tokio::test]
async fn the_server_says_that_it_is_there_and_renews_the_token() {
    let server = TestServer::start_with(Config {
        heartbeat: Duration::from_millis(200),
        resume_for: Duration::from_secs(2),
        ..with_key(KEY)
    })
    .await;
    let mut ben = server.client().await;
    ben.send(json!({"hello": {"versions": [1]}})).await;
    assert_eq!(ben.next().await, json!({"hello": {"version": 1, "beat": 200}}));
    assert_eq!(
        ben.next_of_all().await,
        json!({"beat": {}}),
        "nobody without a seat has a token"
    );
    let welcome = ben.join("den", "Ben").await;
    assert_eq!(
        ben.next_of_all().await,
        json!({"beat": {}}),
        "it is too early for another"
    );
    let renewed = async {
        loop {
            let beat = ben.next_of_all().await;
            if let Some(token) = beat["beat"]["resume"].as_str() {
                break token.to_owned();
            }
        }
    };
    let token = timeout(PATIENCE, renewed).await.expect("no newer token came");
    assert_ne!(welcome["resume"], json!(token));
    ben.close().await;
    let (_ben, again) = resumed(&server, "Ben", &token).await;
    assert_eq!(again["you"], welcome["you"]);
}

#[tokio::test]
async fn a_server_that_stops_neither_waits_for_who_is_away_nor_tells_of_them() {
    let server = TestServer::start_with(Config {
        silence: PATIENCE * 10,
        shutdown_deadline: PATIENCE * 10,
        ..Config::default()
    })
    .await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (ben, _) = server.joined("den", "Ben").await;
    ana.next().await;
    ben.close().await;
    let stopped = server.stop();
    assert!(ana.next().await["closing"].is_object());
    assert_eq!(ana.close_code().await, Some(CloseCode::Away));
    has_stopped(stopped).await;
}

#[tokio::test]
async fn somebody_who_is_away_takes_no_socket_and_there_is_an_end_to_their_number() {
    let server = TestServer::start_with(Config {
        max_sockets: 4,
        silence: PATIENCE * 10,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let mut ids = Vec::new();
    for name in ["Ben", "Cleo", "Dora", "Emil", "Finn"] {
        let (client, id) = server.joined("den", name).await;
        ana.next().await;
        client.close().await;
        ids.push(id);
    }
    // Four are away, as many as there may be sockets; the fifth could not be kept.
    assert_eq!(
        ana.next().await,
        json!({"left": {"peer": ids[4], "reason": "lost"}})
    );
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}
