use serde_json::json;

use crate::support::{Pair, TestServer, still_talk};

#[tokio::test]
async fn a_payload_reaches_the_addressee_alone_and_says_who_sent_it() {
    let server = TestServer::start().await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    let (mut cleo, _) = server.joined("den", "Cleo").await;
    ana.next().await;
    ana.next().await;
    ben.next().await;
    let payload = json!({"offer": {"sdp": "v=0", "from": "somebody else"}});
    ana.relay(&ben_id, payload.clone()).await;
    assert_eq!(
        ben.next().await,
        json!({"relay": {"from": ana_id, "payload": payload}})
    );
    cleo.is_undisturbed().await;
}

#[tokio::test]
async fn a_sender_cannot_say_who_it_is() {
    let server = TestServer::start().await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    ana.send(json!({"relay": {"from": ben_id, "to": ben_id, "payload": null}}))
        .await;
    assert_eq!(
        ben.next().await,
        json!({"relay": {"from": ana_id, "payload": null}})
    );
}

#[tokio::test]
async fn order_is_kept() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    for number in 0..200 {
        ana.relay(&ben_id, json!(number)).await;
    }
    for number in 0..200 {
        assert_eq!(ben.next().await["relay"]["payload"], number);
    }
}

#[tokio::test]
async fn people_of_other_rooms_cannot_be_told_from_nobody() {
    let server = TestServer::start().await;
    let (mut ana, _) = server.joined("den", "Ana").await;
    let mut pair = Pair::seated(&server, "attic").await;
    let (mut ben, ben_id) = pair.joined_by(&server, "attic", "Ben").await;
    let mut gone = server.greeted().await;
    let gone_id = gone.join("den", "Gone").await["you"].as_str().unwrap().to_owned();
    ana.next().await;
    gone.go_away().await;
    ana.next().await;
    for id in [ben_id.as_str(), gone_id.as_str(), "nobody", ""] {
        ana.relay(id, json!({"offer": {}})).await;
        assert_eq!(
            ana.error().await,
            json!({"code": "unknown-peer", "about": "relay", "peer": id})
        );
    }
    ben.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn relaying_and_leaving_need_a_seat() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "den").await;
    let (mut ana, ana_id) = pair.joined_by(&server, "den", "Ana").await;
    let mut ben = server.greeted().await;
    ben.relay(&ana_id, json!(1)).await;
    assert_eq!(
        ben.error().await,
        json!({"code": "not-joined", "about": "relay", "peer": ana_id})
    );
    assert_eq!(
        ben.refused(r#"{"leave":{}}"#).await,
        json!({"code": "not-joined", "about": "leave"})
    );
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
    ben.join("den", "Ben").await;
}

#[tokio::test]
async fn two_seats_at_a_time_are_refused() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "attic").await;
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let join = json!({"join": {"room": "attic", "name": "Ana"}}).to_string();
    assert_eq!(
        ana.refused(join).await,
        json!({"code": "already-joined", "about": "join"})
    );
    let (mut ben, ben_id) = server.joined("den", "Ben").await;
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Ben");
    still_talk((&mut ana, &ana_id), (&mut ben, &ben_id)).await;
    pair.is_undisturbed().await;
}
