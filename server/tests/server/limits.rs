//! What one may have and do, and that whoever goes beyond it is alone with that: an honest pair talks on meanwhile.

use std::{io::Write, num::NonZeroU32, time::Duration};

use flate2::{Compression, write::DeflateEncoder};
use futures_util::future::join_all;
use maju::{Config, Proxies};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    select,
    time::{interval, sleep, timeout},
};
use tokio_tungstenite::tungstenite::{
    Message,
    client::IntoClientRequest,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use crate::{
    metrics::{samples, watched},
    support::{Client, PATIENCE, Pair, TestServer},
};

fn at_most(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap()
}

fn told(frame: Option<CloseFrame>) -> (CloseCode, String) {
    let frame = frame.expect("closed without a word");
    (frame.code, frame.reason.as_str().to_owned())
}

fn joining(room: &str, name: &str) -> String {
    json!({"join": {"room": room, "name": name}}).to_string()
}

/// A server that listens to few messages, and asks for none by pings.
async fn strict_server() -> TestServer {
    TestServer::start_with(Config {
        message_rate: at_most(10),
        message_burst: at_most(50),
        heartbeat: PATIENCE * 10,
        silence: PATIENCE * 20,
        ..Config::default()
    })
    .await
}

/// Sends so many messages at once. Gives how many of them were dropped, and how long to wait after the last of these.
/// All others arrive, in order.
async fn burst(from: &mut Client, to: (&mut Client, &str), messages: usize) -> (usize, Duration) {
    let (client, id) = to;
    for number in 0..messages {
        from.relay(id, json!(number)).await;
    }
    let (mut arrived, mut dropped, mut wait) = (Vec::new(), 0, Duration::ZERO);
    while arrived.len() + dropped < messages {
        select! {
            mut error = from.error() => {
                wait = Duration::from_millis(error["wait"].take().as_u64().unwrap());
                assert!(wait > Duration::ZERO);
                assert_eq!(error, json!({"code": "too-fast", "wait": null}));
                dropped += 1;
            }
            message = client.next() => arrived.push(message["relay"]["payload"].as_u64().unwrap()),
        }
    }
    assert!(arrived.is_sorted_by(|one, next| one < next), "{arrived:?}");
    (dropped, wait)
}

#[tokio::test]
async fn what_comes_too_fast_is_dropped_and_who_slows_down_is_served_again() {
    let server = strict_server().await;
    let mut pair = Pair::seated(&server, "den").await;
    let (mut ben, ben_id) = server.joined("attic", "Ben").await;
    let (mut mallory, _) = server.joined("attic", "Mallory").await;
    ben.next().await;
    let mischief = async {
        for messages in [100, 40] {
            let (dropped, wait) = burst(&mut mallory, (&mut ben, &ben_id), messages).await;
            assert!(dropped > 0, "all were fast enough");
            // Only time is what it is to wait for.
            sleep(wait).await;
            mallory.relay(&ben_id, json!("served")).await;
            assert_eq!(ben.next().await["relay"]["payload"], "served");
        }
    };
    pair.talk_during(mischief).await;
    pair.is_undisturbed().await;
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn who_goes_on_too_fast_is_sent_away_alone() {
    is_sent_away(400, None).await;
}

#[tokio::test]
async fn who_is_always_somewhat_too_fast_is_sent_away_too() {
    // Twenty times as fast as allowed: every twentieth is in time.
    is_sent_away(2000, Some(Duration::from_millis(5))).await;
}

/// Sends so many messages, at that pace or as fast as can be, and shows that the socket is ended for it.
async fn is_sent_away(messages: usize, pace: Option<Duration>) {
    let server = strict_server().await;
    let mut pair = Pair::seated(&server, "den").await;
    let (mut mallory, _) = pair.joined_by(&server, "den", "Mallory").await;
    let mischief = async {
        let mut pace = pace.map(interval);
        for _ in 0..messages {
            if let Some(pace) = &mut pace {
                pace.tick().await;
            }
            // The server may have had enough in the middle of it.
            if mallory.try_send(Message::text("{")).await.is_err() {
                break;
            }
        }
        told(mallory.close_frame().await)
    };
    let end = pair.talk_during(mischief).await;
    assert_eq!(end, (CloseCode::Policy, "too many messages".into()));
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn setting_passwords_is_slowed_for_each_address() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut mallory, _) = server.joined("den", "Mallory").await;
    let mischief = async {
        for number in 0..10 {
            mallory
                .send(json!({"rules": {"password": number.to_string()}}))
                .await;
            assert_eq!(mallory.next().await["rules"]["password"], true);
        }
        mallory.send(json!({"rules": {"password": "one more"}})).await;
        let mut error = mallory.error().await;
        assert!(error["wait"].take().as_u64().unwrap() > 0);
        assert_eq!(error, json!({"code": "too-fast", "about": "rules", "wait": null}));
        // What is not hashed is not concerned, and neither is another address.
        mallory.send(json!({"rules": {"locked": true}})).await;
        assert_eq!(mallory.next().await["rules"]["locked"], true);
        let mut cleo = Client::connect_from("127.0.0.2", server.address).await;
        cleo.greet().await;
        cleo.join("attic", "Cleo").await;
        cleo.send(json!({"rules": {"password": "mine"}})).await;
        assert_eq!(cleo.next().await["rules"]["password"], true);
    };
    pair.talk_during(mischief).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn coming_back_is_counted_too_but_ten_times_as_generously() {
    let server = TestServer::start_with(Config {
        joins_per_minute: at_most(2),
        ..Config::default()
    })
    .await;
    let (_host, _) = server.joined("den", "Ana").await;
    let mut ben = server.greeted().await;
    let mut token = ben.join("den", "Ben").await["resume"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..20 {
        let mut again = server.greeted().await;
        let welcome = again.resume("den", "Ben", &token).await;
        token = welcome["resume"].as_str().unwrap().to_owned();
        ben = again;
    }
    let mut again = server.greeted().await;
    again
        .send(json!({"join": {"room": "den", "name": "Ben", "resume": token}}))
        .await;
    assert_eq!(again.error().await["code"], "too-fast");
    ben.is_undisturbed().await;
}

#[tokio::test]
async fn the_candidates_for_a_whole_room_pass_at_once() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let mut others = Vec::new();
    for number in 0..11 {
        others.push(server.joined("den", &format!("Number {number}")).await);
    }
    let (mut ana, ana_id) = server.joined("den", "Ana").await;
    let candidate =
        "candidate:1 1 udp 2122260223 192.0.2.7 49203 typ host generation 0 ufrag kV4f network-id 1";
    let each = 80;
    let call = async {
        for number in 0..each {
            for (_, id) in &others {
                let payload =
                    json!({"candidate": {"link": 1, "seq": number, "candidate": {"candidate": candidate}}});
                ana.relay(id, payload).await;
            }
        }
        for (client, _) in &mut others {
            let mut expected = 0;
            while expected < each {
                let relay = client.next().await["relay"].take();
                if !relay.is_null() {
                    assert_eq!(relay["from"], json!(ana_id));
                    assert_eq!(relay["payload"]["candidate"]["seq"], expected);
                    expected += 1;
                }
            }
        }
        ana.is_undisturbed().await;
    };
    pair.talk_during(call).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn no_message_is_longer_than_an_honest_one_of_its_name() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "den").await;
    let (mut mallory, _) = pair.joined_by(&server, "den", "Mallory").await;
    let to = pair.first.id.clone();
    let of_length = |message: &Value, length: usize| {
        let text = message.to_string();
        " ".repeat(length - text.len()) + &text
    };
    let mischief = async {
        for (name, members, allowed, otherwise) in [
            ("hello", json!({"versions": [1]}), 4 * 1024, "already-greeted"),
            (
                "join",
                json!({"room": "attic", "name": "Mallory"}),
                24 * 1024,
                "already-joined",
            ),
            ("rename", json!({"name": ""}), 4 * 1024, "bad-name"),
            ("rules", json!({"locked": true}), 4 * 1024, "not-host"),
            ("admit", json!({"peer": to}), 4 * 1024, "not-host"),
            ("refuse", json!({"peer": to}), 4 * 1024, "not-host"),
            ("mute", json!({"peer": to}), 4 * 1024, "not-host"),
            ("remove", json!({"peer": to}), 4 * 1024, "not-host"),
            ("handOver", json!({"peer": to}), 4 * 1024, "not-host"),
            (
                "relay",
                json!({"to": "nobody", "payload": 1}),
                64 * 1024,
                "unknown-peer",
            ),
            ("leave", json!({}), 4 * 1024, ""),
        ] {
            let message = json!({name: members});
            let refused = mallory.refused(of_length(&message, allowed + 1)).await;
            assert_eq!(refused["code"], "too-large", "{name}");
            // What is longer than any message may be is not looked into.
            let about = (name != "relay").then_some(name);
            assert_eq!(refused["about"], json!(about));
            mallory.relay(&to, json!(name)).await;
            mallory.send_text(of_length(&message, allowed)).await;
            if !otherwise.is_empty() {
                assert_eq!(mallory.error().await["code"], otherwise, "{name}");
            }
        }
        mallory.is_undisturbed().await;
    };
    pair.talk_during(mischief).await;
    pair.talk().await;
    // She was in the room after each that was too long, and left by the last that was not.
    let mut heard = pair.first.take_heard();
    assert_eq!(heard.pop().unwrap()["left"]["reason"], "left");
    let heard: Vec<_> = heard.iter().map(|message| &message["relay"]["payload"]).collect();
    let names = [
        "hello", "join", "rename", "rules", "admit", "refuse", "mute", "remove", "handOver", "relay", "leave",
    ];
    assert_eq!(heard, names);
    let heard = pair.second.take_heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["left"]["reason"], "left");
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_by_bytes_however_few_messages_wait() {
    let config = Config {
        queue: 100_000,
        queue_bytes: 1024 * 1024,
        patience: Duration::from_secs(2),
        // Neither is anybody silent so soon, nor does the seat of who is cut off get free.
        silence: PATIENCE * 20,
        ..Config::default()
    };
    let (server, metrics) = watched(config, 9).await;
    let mut pair = Pair::seated(&server, "den").await;
    let (_slow, slow_id) = pair.joined_by(&server, "den", "Slow").await;
    let (mut reader, reader_id) = pair.joined_by(&server, "den", "Reader").await;
    let (mut mallory, _) = pair.joined_by(&server, "den", "Mallory").await;
    reader.next().await;
    let payload = "x".repeat(60_000);
    let messages = 300;
    // The network takes some megabytes before it makes the server wait.
    let flood = async {
        for number in 0..messages {
            mallory.relay(&slow_id, json!(payload)).await;
            mallory.relay(&reader_id, json!([number, payload])).await;
        }
        mallory.is_undisturbed().await;
    };
    let read = async {
        for number in 0..messages {
            assert_eq!(reader.next().await["relay"]["payload"][0], number);
        }
    };
    pair.talk_during(async { tokio::join!(flood, read) }).await;
    let samples = samples(metrics).await;
    assert_eq!(samples[r#"maju_sockets_ended_total{reason="slow"}"#], 1.0);
    reader.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn the_newest_bytes_are_kept_for_somebody_who_is_away() {
    let of_the_default = Config::default().queue_bytes;
    for (queue_bytes, length, kept) in [
        (of_the_default, 60_000, 512 * 1024 / 60_000),
        (256 * 1024, 10_000, 128 * 1024 / 10_000),
    ] {
        let server = TestServer::start_with(Config {
            queue_bytes,
            ..Config::default()
        })
        .await;
        let mut pair = Pair::seated(&server, "den").await;
        let (mut mallory, _) = pair.joined_by(&server, "den", "Mallory").await;
        let mut away = server.greeted().await;
        let welcome = away.join("den", "Away").await;
        let (id, token) = (
            welcome["you"].as_str().unwrap(),
            welcome["resume"].as_str().unwrap(),
        );
        pair.heard(&[json!({"joined": {"person": {"id": id, "name": "Away"}}})])
            .await;
        mallory.next().await;
        away.close().await;
        let sent = 60;
        let mischief = async {
            for number in 0..sent {
                // With its quotation marks it has that length.
                mallory
                    .relay(id, json!(format!("{number:<0$}", length - 2)))
                    .await;
            }
            mallory.is_undisturbed().await;
        };
        pair.talk_during(mischief).await;
        let mut back = server.greeted().await;
        assert_eq!(back.resume("den", "Away", token).await["kept"], true);
        for number in sent - kept..sent {
            let relay = back.next().await["relay"].take();
            let text = relay["payload"].as_str().unwrap().trim_end();
            assert_eq!(text, number.to_string(), "of those of {length} bytes");
        }
        back.is_undisturbed().await;
        pair.is_undisturbed().await;
    }
}

#[tokio::test]
async fn who_does_not_greet_in_time_is_sent_away_whatever_else_it_says() {
    let server = TestServer::start_with(Config {
        greeting: Duration::from_secs(2),
        heartbeat: Duration::from_millis(200),
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "den").await;
    let mischief = async {
        let (mut silent, mut talker) = (server.client().await, server.client().await);
        let refused = talker.refused(joining("den", "Mallory")).await;
        assert_eq!(refused["code"], "hello-first");
        [told(silent.close_frame().await), told(talker.close_frame().await)]
    };
    let ends = pair.talk_during(mischief).await;
    let end = (CloseCode::Policy, "no hello in time".to_owned());
    assert_eq!(ends, [end.clone(), end]);
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn who_is_in_no_room_for_too_long_is_sent_away_and_who_is_in_one_stays() {
    let server = TestServer::start_with(Config {
        idle: Duration::from_secs(2),
        heartbeat: Duration::from_millis(200),
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "den").await;
    let (mut removed, removed_id) = pair.joined_by(&server, "den", "Removed").await;
    pair.first
        .client
        .send(json!({"remove": {"peer": removed_id}}))
        .await;
    let mischief = async {
        let (mut gone, _) = server.joined("attic", "Gone").await;
        gone.send(json!({"leave": {}})).await;
        let mut lobby = server.greeted().await;
        assert_eq!(lobby.refused(joining("", "Mallory")).await["code"], "bad-room");
        assert_eq!(removed.next().await, json!({"removed": {}}));
        let (gone, lobby, removed) =
            tokio::join!(gone.close_frame(), lobby.close_frame(), removed.close_frame());
        [told(gone), told(lobby), told(removed)]
    };
    // The pair came before all of them.
    let ends = pair.talk_during(mischief).await;
    let end = (CloseCode::Away, "in no room for too long".to_owned());
    assert_eq!(ends, [end.clone(), end.clone(), end]);
    pair.heard(&[json!({"left": {"peer": removed_id, "reason": "removed"}})])
        .await;
}

#[tokio::test]
async fn there_is_an_end_to_the_number_of_rooms() {
    let server = TestServer::start_with(Config {
        max_rooms: 2,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "den").await;
    let (ben, _) = server.joined("attic", "Ben").await;
    let mut cleo = server.greeted().await;
    let mischief = async {
        for room in ["cellar", "garden"] {
            assert_eq!(
                cleo.refused(joining(room, "Cleo")).await,
                json!({"code": "server-full", "about": "join"})
            );
        }
        // What is there is open to all.
        let welcome = cleo.join("attic", "Cleo").await;
        assert_eq!(welcome["people"][0]["name"], "Ben");
        ben.go_away().await;
        assert_eq!(cleo.next().await["left"]["reason"], "left");
        assert_eq!(
            server.greeted().await.refused(joining("cellar", "Dora")).await["code"],
            "server-full"
        );
        cleo.send(json!({"leave": {}})).await;
        let (_dora, _) = server.joined("cellar", "Dora").await;
        assert_eq!(
            cleo.refused(joining("attic", "Cleo")).await,
            json!({"code": "server-full", "about": "join"})
        );
    };
    pair.talk_during(mischief).await;
    pair.is_undisturbed().await;
    pair.joined_by(&server, "den", "Emil").await;
}

#[tokio::test]
async fn newcomers_of_one_address_are_counted_and_those_who_come_back_are_not() {
    const CROWD: (&str, &str) = ("x-forwarded-for", "203.0.113.7");
    const HOME: (&str, &str) = ("x-forwarded-for", "203.0.113.8");
    let server = TestServer::start_with(Config {
        proxies: Proxies::parse(["127.0.0.1"]).unwrap(),
        joins_per_minute: at_most(3),
        ..Config::default()
    })
    .await;
    let greeted = async |from| {
        let mut client = Client::bearing(server.address, &[from]).await.unwrap();
        client.greet().await;
        client
    };
    let mut pair = Pair::seat((greeted(HOME).await, greeted(HOME).await), json!({"room": "den"})).await;
    let mischief = async {
        let mut seated = Vec::new();
        for name in ["Ben", "Cleo", "Dora"] {
            let mut client = greeted(CROWD).await;
            let welcome = client.join("attic", name).await;
            seated.push((client, name, welcome));
        }
        let mut mallory = greeted(CROWD).await;
        // Neither another room nor another socket helps.
        for room in ["attic", "den", "cellar"] {
            for client in [&mut mallory, &mut greeted(CROWD).await] {
                let mut refused = client.refused(joining(room, "Mallory")).await;
                let wait = Duration::from_millis(refused["wait"].take().as_u64().unwrap());
                assert!(
                    wait > Duration::ZERO && wait <= Duration::from_secs(20),
                    "{wait:?}"
                );
                assert_eq!(
                    refused,
                    json!({"code": "too-fast", "about": "join", "wait": null})
                );
            }
        }
        // The seat of the first was kept, that of the second was not.
        let (client, name, welcome) = seated.remove(0);
        client.close().await;
        let token = welcome["resume"].as_str().unwrap();
        let again = greeted(CROWD).await.resume("attic", name, token).await;
        assert_eq!((&again["you"], &again["kept"]), (&welcome["you"], &json!(true)));
        let (mut client, name, welcome) = seated.remove(0);
        assert_eq!(client.next().await["joined"]["person"]["name"], "Dora");
        client.send(json!({"leave": {}})).await;
        let token = welcome["resume"].as_str().unwrap();
        let again = client.resume("attic", name, token).await;
        assert_eq!((&again["you"], &again["kept"]), (&welcome["you"], &json!(false)));
    };
    pair.talk_during(mischief).await;
    pair.is_undisturbed().await;
    let mut neighbour = greeted(HOME).await;
    let welcome = neighbour.join("den", "Emil").await;
    pair.heard(&[json!({"joined": {"person": {"id": welcome["you"], "name": "Emil"}}})])
        .await;
}

#[tokio::test]
async fn as_many_may_wait_to_be_let_in_as_the_room_holds() {
    let server = TestServer::start_with(Config {
        max_people: 3,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "den").await;
    pair.first.client.send(json!({"rules": {"waiting": true}})).await;
    let rules = json!({"locked": false, "waiting": true, "password": false});
    pair.heard(&[json!({"rules": rules})]).await;
    let knock = async |name| {
        let mut client = server.greeted().await;
        client.send_text(joining("den", name)).await;
        (client.next().await, client)
    };
    let mischief = async {
        let mut waiting = Vec::new();
        for name in ["Ben", "Cleo", "Dora"] {
            let (answer, client) = knock(name).await;
            assert_eq!(answer, json!({"waiting": {"attended": true}}));
            waiting.push(client);
        }
        for _ in 0..3 {
            let (answer, mut mallory) = knock("Mallory").await;
            let error = &answer["error"];
            assert_eq!(
                (&error["code"], &error["about"]),
                (&json!("room-full"), &json!("join"))
            );
            mallory.is_undisturbed().await;
        }
        for client in &mut waiting {
            client.is_undisturbed().await;
        }
        waiting
    };
    let mut waiting = pair.talk_during(mischief).await;
    pair.talk().await;
    // The host was told of three, and the guest of none.
    let knocks = pair.first.take_heard();
    let names: Vec<_> = knocks
        .iter()
        .map(|knock| &knock["knock"]["person"]["name"])
        .collect();
    assert_eq!(names, ["Ben", "Cleo", "Dora"]);
    pair.is_undisturbed().await;
    // Who is turned away makes room for the next.
    let id = &knocks[0]["knock"]["person"]["id"];
    pair.first.client.send(json!({"refuse": {"peer": id}})).await;
    assert_eq!(waiting[0].error().await["code"], "refused");
    let (answer, _emil) = knock("Emil").await;
    assert_eq!(answer, json!({"waiting": {"attended": true}}));
    for client in &mut waiting {
        client.is_undisturbed().await;
    }
    pair.talk().await;
    let heard = pair.first.take_heard();
    assert_eq!(heard[0], json!({"unknock": {"peer": id}}));
    assert_eq!(heard[1]["knock"]["person"]["name"], "Emil");
    assert_eq!(heard.len(), 2);
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn nothing_is_compressed_and_who_sends_what_is_ends_alone() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "den").await;
    let mut request = format!("ws://{}/signal", server.address)
        .into_client_request()
        .unwrap();
    let offer = "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame";
    request
        .headers_mut()
        .insert("sec-websocket-extensions", offer.parse().unwrap());
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut mallory, answer) = Client::open(stream, request).await.unwrap();
    assert_eq!(answer.headers().get("sec-websocket-extensions"), None);
    mallory.greet().await;
    let welcome = mallory.join("den", "Mallory").await;
    pair.heard(&[json!({"joined": {"person": {"id": welcome["you"], "name": "Mallory"}}})])
        .await;
    let mut bomb = DeflateEncoder::new(Vec::new(), Compression::best());
    for _ in 0..32 {
        bomb.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 64 * 1024, "as such it would be taken");
    let mut frame = Frame::message(bomb, OpCode::Data(Data::Text), true);
    frame.header_mut().rsv1 = true;
    let mischief = async {
        mallory.send_raw(Message::Frame(frame)).await;
        mallory.close_code().await
    };
    let end = pair.talk_during(mischief).await;
    assert_eq!(end, Some(CloseCode::Protocol));
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_storm_of_newcomers_seats_all_who_may_and_disturbs_nobody() {
    let server = TestServer::start_with(Config {
        sockets_per_address: 1000,
        joins_per_minute: at_most(1000),
        max_people: 10,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::seated(&server, "den").await;
    // Two for each place of one room, and one for each of eighteen others.
    let rooms = (0..200).map(|number| match number % 20 {
        room @ 0..=1 => (room, "crowded".to_owned()),
        room => (room, format!("room {room}")),
    });
    let storm = rooms.map(|(room, name)| {
        let server = &server;
        async move {
            let mut client = server.greeted().await;
            client.send_text(joining(&name, "Somebody")).await;
            let answer = client.next().await;
            (room, answer, client)
        }
    });
    // Nobody goes before all are there.
    let answers = pair.talk_during(join_all(storm)).await;
    let (crowd, others): (Vec<_>, Vec<_>) = answers.iter().partition(|(room, ..)| *room <= 1);
    let seated = |(_, answer, _): &&&(u32, Value, Client)| answer["welcome"].is_object();
    assert_eq!(others.iter().filter(seated).count(), 180);
    assert_eq!(crowd.iter().filter(seated).count(), 10);
    let full = |(_, answer, _): &&&(u32, Value, Client)| answer["error"]["code"] == "room-full";
    assert_eq!(crowd.iter().filter(full).count(), 10);
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn hundreds_of_half_requests_keep_nobody_out() {
    let server = TestServer::start_with(Config {
        handshake: Duration::from_secs(3),
        ..Config::default()
    })
    .await;
    let mut before = Pair::seated(&server, "den").await;
    let half = async || {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream
            .write_all(b"GET /signal HTTP/1.1\r\nhost: x\r\nconnection: upg")
            .await
            .unwrap();
        stream
    };
    let mut streams = before.talk_during(join_all((0..200).map(|_| half()))).await;
    // All of them are still waited for.
    let mut during = before.talk_during(Pair::seated(&server, "attic")).await;
    during.is_undisturbed().await;
    let closed = join_all(streams.iter_mut().map(async |stream| {
        // A reset is an end too.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut Vec::new()))
            .await
            .expect("it is still waited for");
    }));
    before.talk_during(during.talk_during(closed)).await;
    before.is_undisturbed().await;
    during.is_undisturbed().await;
}
