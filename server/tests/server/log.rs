//! What the log tells, and what it must not.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    command::{KEY, Running, maju, send_signal, start},
    support::Client,
};

/// A server that does not wait for the sockets of a test.
fn hasty() -> Command {
    let mut command = maju();
    command
        .args(["--shutdown-deadline", "200ms"])
        .stderr(Stdio::piped());
    command
}

/// What the process wrote to standard error until its end.
fn log_of(mut running: Running) -> String {
    send_signal(&running, "TERM");
    let mut log = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[tokio::test]
async fn the_log_tells_of_lives_and_not_of_people() {
    let (running, address, _stdout) = start(
        hasty()
            .args(["--log", "trace", "--turn", "turn:turn.example.org"])
            .env("MAJU_TURN_SECRET", "secret-of-turn"),
    );
    let mut ana = Client::connect(address).await;
    ana.greet().await;
    let welcome = ana.join("secret-room", "secret-name").await;
    let text = |member: &str| welcome[member].as_str().unwrap().to_owned();
    let (id, token, host) = (text("you"), text("resume"), text("host"));
    let credential = welcome["iceServers"][0]["credential"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut again = Client::connect(address).await;
    again.greet().await;
    again.resume("secret-room", "secret-name", &token).await;
    let mut ana = again;
    let mut other = Client::connect(address).await;
    other.greet().await;
    other.resume("other-secret-room", "secret-name", &token).await;
    ana.relay(&id, json!({"offer": {"sdp": "secret-sdp"}})).await;
    ana.next().await;
    ana.refused(r#"{"secret-nonsense":1}"#).await;
    ana.send(json!({"rules": {"password": "secret-password", "waiting": true}}))
        .await;
    ana.next().await;
    let mut ben = Client::connect(address).await;
    ben.greet().await;
    let join =
        |password: &str| json!({"join": {"room": "secret-room", "name": "secret-ben", "password": password}});
    ben.refused(join("secret-guess").to_string()).await;
    ben.send(join("secret-password")).await;
    ben.next().await;
    ana.next().await;
    ana.close().await;
    other.go_away().await;
    let log = log_of(running);
    for told in [
        "joined",
        "knocked",
        "away",
        "resumed",
        "left",
        "does not hold",
        "relay",
        "refused",
        "stopping",
    ] {
        assert!(log.contains(told), "{told} is missing in {log}");
    }
    let secrets = token.split('.').chain(["secret", KEY, &id, &host, &credential]);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test]
async fn tokens_of_the_operators_system_and_their_key_are_not_in_the_log() {
    let key = "0123456789-secret-0123456789-secret";
    let (running, address, _stdout) = start(
        hasty()
            .args(["--log", "trace", "--auth", "jwt"])
            .env("MAJU_AUTH_SECRET", key),
    );
    let claims =
        json!({"room": "den", "name": "secret-ana", "sub": "secret-subject", "exp": 4_102_444_800_u64});
    let token = jsonwebtoken::encode(
        &jsonwebtoken::Header::default(),
        &claims,
        &jsonwebtoken::EncodingKey::from_secret(key.as_bytes()),
    )
    .unwrap();
    let mut ana = Client::connect(address).await;
    ana.greet().await;
    let join = |token: &str| json!({"join": {"room": "den", "name": "secret-name", "token": token}});
    ana.refused(join(&format!("{token}x")).to_string()).await;
    ana.send(join(&token)).await;
    assert!(ana.next().await["welcome"].is_object());
    let log = log_of(running);
    assert!(log.contains("bad-token") && log.contains("joined"), "{log}");
    for secret in token.split('.').chain(["secret"]) {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test]
async fn at_info_the_log_has_no_addresses_and_its_lines_say_what_belongs_together() {
    let (running, address, _stdout) = start(hasty().args(["--log-format", "json"]));
    let mut ana = Client::connect_from("127.0.0.23", address).await;
    ana.greet().await;
    ana.join("den", "Ana").await;
    ana.refused("{").await;
    ana.send(json!({"leave": {}})).await;
    ana.is_undisturbed().await;
    let log = log_of(running);
    assert!(!log.contains("127.0.0.23"), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found
            .unwrap_or_else(|| panic!("no line says {message}: {log}"))
            .clone()
    };
    let joined = line("joined");
    assert_eq!(
        (joined["level"].as_str(), joined["people"].as_u64()),
        (Some("INFO"), Some(1))
    );
    let id = joined["span"]["id"].as_str().unwrap();
    assert_eq!(id.len(), 16);
    for other in ["refused", "left"] {
        assert_eq!(line(other)["span"]["id"], id, "{log}");
    }
    assert_eq!(line("refused")["code"], "malformed");
    assert_eq!(line("left")["room"], joined["room"]);
}

#[tokio::test]
async fn who_does_something_again_and_again_does_not_fill_the_log() {
    let (running, address, _stdout) = start(&mut hasty());
    let mut noisy = Client::connect_from("127.0.0.23", address).await;
    noisy.greet().await;
    for _ in 0..100 {
        noisy.join("den", "Noisy").await;
        noisy.send(json!({"leave": {}})).await;
        noisy.refused("{").await;
        noisy.refused(r#"{"relay":{"to":"x","payload":1}}"#).await;
    }
    let mut honest = Client::connect_from("127.0.0.24", address).await;
    honest.greet().await;
    honest.join("garden", "Honest").await;
    honest.refused("{").await;
    let log = log_of(running);
    let count = |words: &[&str]| {
        let lines = log
            .lines()
            .filter(|line| words.iter().all(|word| line.contains(word)));
        lines.count()
    };
    // Twenty of one address and one of the other.
    assert_eq!(count(&[" joined"]), 21, "{log}");
    assert_eq!(count(&[" left "]), 20, "{log}");
    assert_eq!(count(&["refused", "malformed"]), 2, "{log}");
    assert_eq!(count(&["refused", "not-joined"]), 1, "{log}");
}
