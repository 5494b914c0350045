//! Tokens of the operator's own system: who may come in, where, and as what.

use std::{fs, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp, jwk::Jwk};
use maju::{Auth, Config, Ice, Keys, parse_ice_servers};
use rand_core::OsRng;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Client, Pair, TestServer};

const SECRET: &str = "a secret of the operator's own system";

fn asking(keys: Keys) -> Config {
    Config {
        auth: Auth::Jwt(Arc::new(keys)),
        ..Config::default()
    }
}

async fn server_with_secret() -> TestServer {
    TestServer::start_with(asking(Keys::secret(SECRET, None).unwrap())).await
}

fn now() -> u64 {
    get_current_timestamp()
}

/// Good claims for the den, with these besides or instead; null leaves one out.
fn claims(others: Value) -> Value {
    let mut claims = json!({"room": "den", "exp": now() + 3600});
    let Value::Object(others) = others else {
        panic!("claims, not {others}");
    };
    claims.as_object_mut().unwrap().extend(others);
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

fn sign_with(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

fn token(others: Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign_with(Algorithm::HS256, &key, &claims(others))
}

fn joining(name: &str, token: &str) -> Value {
    json!({"room": "den", "name": name, "token": token})
}

async fn with(server: &TestServer, name: &str, token: &str) -> (Client, Value) {
    let mut client = server.greeted().await;
    let welcome = client.enter(joining(name, token)).await;
    (client, welcome)
}

/// An honest pair who came with this token into this room.
async fn honest(server: &TestServer, room: &str, token: &str) -> Pair {
    let clients = (server.greeted().await, server.greeted().await);
    Pair::seat(clients, json!({"room": room, "token": token})).await
}

/// The code and the text with which somebody is refused who wants to join the den.
async fn refusal(server: &TestServer, token: &str) -> (String, String) {
    let mut client = server.greeted().await;
    client.send(json!({"join": joining("Mallory", token)})).await;
    let error = client.next().await["error"].take();
    assert_eq!(error["about"], "join");
    let text = |member: &str| error[member].as_str().unwrap().to_owned();
    (text("code"), text("text"))
}

fn file_of(keys: &[Value]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    fs::write(&path, json!({"keys": keys}).to_string()).unwrap();
    (folder, path)
}

fn jwk(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.into());
    serde_json::to_value(jwk).unwrap()
}

fn p256() -> EncodingKey {
    use p256::pkcs8::EncodePrivateKey;
    let key = p256::SecretKey::random(&mut OsRng);
    EncodingKey::from_ec_der(key.to_pkcs8_der().unwrap().as_bytes())
}

/// With its public half, which jsonwebtoken does not tell.
fn ed25519(id: &str) -> (EncodingKey, Value) {
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    let key = ed25519_dalek::SigningKey::generate(&mut OsRng);
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let public = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": id});
    (
        EncodingKey::from_ed_der(key.to_pkcs8_der().unwrap().as_bytes()),
        public,
    )
}

fn rsa() -> EncodingKey {
    use rsa::pkcs1::EncodeRsaPrivateKey;
    let key = rsa::RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
    EncodingKey::from_rsa_der(key.to_pkcs1_der().unwrap().as_bytes())
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_and_whoever_has_one_does() {
    let server = server_with_secret().await;
    let mut pair = honest(&server, "den", &token(json!({}))).await;
    let mut ben = server.greeted().await;
    let join = json!({"join": {"room": "den", "name": "Ben"}}).to_string();
    assert_eq!(
        ben.refused(join).await,
        json!({"code": "token-needed", "about": "join"})
    );
    pair.is_undisturbed().await;
    let welcome = ben.enter(joining("Ben", &token(json!({})))).await;
    pair.heard(&[json!({"joined": {"person": {"id": welcome["you"], "name": "Ben"}}})])
        .await;
}

#[tokio::test]
async fn an_open_server_asks_for_no_token_and_takes_none() {
    let server = TestServer::start().await;
    let (_ana, welcome) = with(&server, "Ana", &token(json!({"role": "guest", "name": "Other"}))).await;
    assert_eq!(welcome["role"], "host");
    let (_ben, welcome) = with(&server, "Ben", "nonsense").await;
    assert_eq!(welcome["people"][0]["name"], "Ana");
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_refused_in_words_and_nobody_is_disturbed() {
    let keys = Keys::secret(SECRET, Some("maju.example.org".into())).unwrap();
    let server = TestServer::start_with(asking(keys)).await;
    let audience = |mut others: Value| {
        if others.get("aud").is_none() {
            others["aud"] = "maju.example.org".into();
        }
        token(others)
    };
    let good = audience(json!({}));
    let mut pair = honest(&server, "den", &good).await;
    let key = EncodingKey::from_secret(b"another secret, which is long enough");
    let (payload, _) = good.rsplit_once('.').unwrap();
    let (_, claims_and_more) = payload.split_once('.').unwrap();
    let mine = claims(json!({"aud": "maju.example.org"}));
    let mut header = Header::new(Algorithm::HS256);
    header.crit = Some(vec!["x".into()]);
    let critical = encode(&header, &mine, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    for (token, word) in [
        (audience(json!({"exp": now() - 3600})), "expired"),
        (audience(json!({"nbf": now() + 3600})), "not valid yet"),
        (audience(json!({"room": "attic"})), "another room"),
        (audience(json!({"room": ".."})), "another room"),
        (
            audience(json!({"aud": "elsewhere.example.org"})),
            "another server",
        ),
        (audience(json!({"aud": null})), "'aud'"),
        (audience(json!({"exp": null})), "'exp'"),
        (audience(json!({"exp": "tomorrow"})), "'exp'"),
        (audience(json!({"role": "admin"})), "neither 'host' nor 'guest'"),
        (critical, "does not know"),
        (audience(json!({"room": null})), "claims"),
        (sign_with(Algorithm::HS256, &key, &mine), "somebody else"),
        (format!("{payload}."), "somebody else"),
        (format!("{payload}.AAAA"), "somebody else"),
        (format!("eyJhbGciOiJub25lIn0.{claims_and_more}."), "form"),
        ("🐈".into(), "form"),
        (String::new(), "form"),
        ("x".repeat(10_000), "form"),
    ] {
        let (code, text) = refusal(&server, &token).await;
        assert_eq!(code, "bad-token", "{text}");
        assert!(text.contains(word), "{word}: {text}");
        pair.is_undisturbed().await;
    }
    let (_, welcome) = with(
        &server,
        "Ben",
        &audience(json!({"aud": ["elsewhere", "maju.example.org"]})),
    )
    .await;
    pair.heard(&[json!({"joined": {"person": {"id": welcome["you"], "name": "Ben"}}})])
        .await;
}

#[tokio::test]
async fn a_token_is_for_a_room_in_all_spellings_of_its_name_or_for_all_rooms() {
    let server = server_with_secret().await;
    for room in [" DEN\t", "*", "Den"] {
        with(&server, "Ana", &token(json!({"room": room}))).await;
    }
}

#[tokio::test]
async fn the_longer_kin_of_the_algorithm_hold_too() {
    let server = server_with_secret().await;
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        with(&server, "Ana", &sign_with(algorithm, &key, &claims(json!({})))).await;
    }
}

#[tokio::test]
async fn the_role_is_that_of_the_token_and_a_stranger_who_came_first_has_no_power() {
    let server = server_with_secret().await;
    let mut pair = honest(&server, "hall", &token(json!({"room": "hall"}))).await;
    let (mut mallory, first) = with(&server, "Mallory", &token(json!({}))).await;
    assert_eq!((&first["role"], &first["host"]), (&Value::Null, &Value::Null));
    let (mut ben, second) = with(&server, "Ben", &token(json!({"role": "guest"}))).await;
    mallory.next().await;
    for message in [
        json!({"rules": {"locked": true}}),
        json!({"remove": {"peer": second["you"]}}),
        json!({"mute": {"peer": second["you"]}}),
        json!({"handOver": {"peer": second["you"]}}),
    ] {
        assert_eq!(mallory.refused(message.to_string()).await["code"], "not-host");
    }
    ben.is_undisturbed().await;
    // A secret makes nobody a host.
    let mut cleo = server.greeted().await;
    let mut join = joining("Cleo", &token(json!({})));
    join["host"] = "a secret that she made up".into();
    assert_eq!(cleo.enter(join).await["role"], Value::Null);
    let (mut ana, welcome) = with(&server, "Ana", &token(json!({"role": "host"}))).await;
    assert_eq!(
        (&welcome["role"], &welcome["host"]),
        (&json!("host"), &Value::Null)
    );
    let hand_over = json!({"handOver": {"peer": second["you"]}}).to_string();
    assert_eq!(ana.refused(hand_over).await["code"], "not-host");
    ana.send(json!({"remove": {"peer": first["you"]}})).await;
    while mallory.next().await != json!({"removed": {}}) {}
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn the_name_in_the_token_wins_also_for_who_comes_back_under_another() {
    let server = server_with_secret().await;
    let (mut ana, _) = with(&server, "Ana", &token(json!({}))).await;
    let (mallory, welcome) = with(&server, "Ana", &token(json!({"name": "Mallory"}))).await;
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Mallory");
    mallory.go_away().await;
    ana.next().await;
    let resume = welcome["resume"].as_str().unwrap();
    server.greeted().await.resume("den", "Ana", resume).await;
    let person = json!({"id": welcome["you"], "name": "Mallory"});
    assert_eq!(ana.next().await, json!({"joined": {"person": person}}));
}

#[tokio::test]
async fn a_name_that_the_token_gave_cannot_be_changed() {
    let server = server_with_secret().await;
    let (mut ana, ana_welcome) = with(&server, "Ana", &token(json!({}))).await;
    let (mut mallory, _) = with(&server, "Ana", &token(json!({"name": "Mallory"}))).await;
    ana.next().await;
    let message = json!({"rename": {"name": "Ana"}}).to_string();
    let refused = json!({"code": "name-given", "about": "rename"});
    assert_eq!(mallory.refused(message).await, refused);
    ana.is_undisturbed().await;
    ana.send(json!({"rename": {"name": "Anna"}})).await;
    let renamed = json!({"renamed": {"id": ana_welcome["you"], "name": "Anna"}});
    assert_eq!(mallory.next().await, renamed);
}

#[tokio::test]
async fn who_was_let_in_resumes_after_the_end_of_the_token() {
    let server = server_with_secret().await;
    // It has ended already, but for the minute that is forgiven.
    let ending = token(json!({"exp": now() - 55, "role": "host"}));
    let (ana, welcome) = with(&server, "Ana", &ending).await;
    let ended = async {
        loop {
            let mut client = server.greeted().await;
            client.send(json!({"join": joining("Ana", &ending)})).await;
            let answer = client.next().await;
            if answer["error"]["code"] == "bad-token" {
                break;
            }
            client.go_away().await;
            sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, ended)
        .await
        .expect("the token does not end");
    ana.close().await;
    let resume = welcome["resume"].as_str().unwrap();
    let again = server.greeted().await.resume("den", "Ana", resume).await;
    assert_eq!((&again["you"], &again["role"]), (&welcome["you"], &json!("host")));
}

#[tokio::test]
async fn who_was_let_in_is_asked_again_when_the_first_token_of_the_seat_would_have_ended() {
    let server = TestServer::start_with(Config {
        heartbeat: Duration::from_millis(200),
        resume_for: Duration::from_secs(2),
        ..asking(Keys::secret(SECRET, None).unwrap())
    })
    .await;
    let mut pair = honest(&server, "hall", &token(json!({"room": "hall"}))).await;
    let (mut ana, welcome) = with(&server, "Ana", &token(json!({"role": "host"}))).await;
    let first = now();
    let mut resume = String::new();
    // Newer tokens do not prolong it.
    while now() < first + 3 {
        resume = ana.renewed().await;
    }
    let mut client = server.greeted().await;
    let back = json!({"room": "den", "name": "Ana", "resume": resume});
    client.send(json!({"join": back})).await;
    assert_eq!(
        client.error().await,
        json!({"code": "token-needed", "about": "join"})
    );
    // With a token of the operator's, it is the same seat, in the role that the token says now.
    let mut back = back;
    back["token"] = json!(token(json!({})));
    let again = client.enter(back).await;
    assert_eq!((&again["you"], &again["kept"]), (&welcome["you"], &json!(true)));
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn who_was_removed_is_known_again_by_the_subject_under_another_id_and_name() {
    let server = server_with_secret().await;
    let mut pair = honest(&server, "hall", &token(json!({"room": "hall"}))).await;
    let (mut ana, _) = with(&server, "Ana", &token(json!({"role": "host"}))).await;
    let evil = token(json!({"sub": "mallory@example.org"}));
    let (mut mallory, welcome) = with(&server, "Mallory", &evil).await;
    ana.next().await;
    ana.send(json!({"remove": {"peer": welcome["you"]}})).await;
    assert_eq!(mallory.next().await, json!({"removed": {}}));
    ana.next().await;
    // Not from another address with a newer token either.
    let newer = token(json!({"sub": "mallory@example.org", "name": "Ben", "exp": now() + 60}));
    let mut elsewhere = Client::connect_from("127.0.0.2", server.address).await;
    elsewhere.greet().await;
    let join = json!({"join": joining("Ben", &newer)}).to_string();
    assert_eq!(
        elsewhere.refused(join).await,
        json!({"code": "banned", "about": "join"})
    );
    ana.is_undisturbed().await;
    let ben = token(json!({"sub": "ben@example.org"}));
    elsewhere.enter(joining("Ben", &ben)).await;
    assert_eq!(ana.next().await["joined"]["person"]["name"], "Ben");
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn tokens_hold_that_a_key_of_the_file_signed_by_its_own_algorithm() {
    let (ec, (ed, ed_public), rsa) = (p256(), ed25519("ed"), rsa());
    let mut for_encryption = jwk(&p256(), Algorithm::ES256, "enc");
    for_encryption["use"] = "enc".into();
    let unknown = json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "odd"});
    let (_folder, path) = file_of(&[
        unknown,
        for_encryption,
        jwk(&ec, Algorithm::ES256, "ec"),
        ed_public,
        jwk(&rsa, Algorithm::RS256, "rsa"),
    ]);
    let server = TestServer::start_with(asking(Keys::file(&path, None).unwrap())).await;
    let mut pair = honest(
        &server,
        "hall",
        &sign_with(Algorithm::ES256, &ec, &claims(json!({"room": "hall"}))),
    )
    .await;
    let named = |algorithm, key: &EncodingKey, id: &str| {
        let mut header = Header::new(algorithm);
        header.kid = Some(id.into());
        encode(&header, &claims(json!({})), key).unwrap()
    };
    for (algorithm, key, id) in [
        (Algorithm::ES256, &ec, "ec"),
        (Algorithm::EdDSA, &ed, "ed"),
        (Algorithm::RS256, &rsa, "rsa"),
    ] {
        with(&server, "Ana", &named(algorithm, key, id)).await;
        with(&server, "Ana", &sign_with(algorithm, key, &claims(json!({})))).await;
    }
    let (mut ben, _) = with(&server, "Ben", &named(Algorithm::ES256, &ec, "ec")).await;
    for (what, token) in [
        ("of another key", named(Algorithm::ES256, &p256(), "ec")),
        ("of another key's name", named(Algorithm::ES256, &ec, "ed")),
        ("of an unknown key's name", named(Algorithm::ES256, &ec, "enc")),
        // The key is for RS256 only, as the file says.
        ("of another algorithm", named(Algorithm::PS256, &rsa, "rsa")),
    ] {
        let (code, text) = refusal(&server, &token).await;
        assert_eq!(code, "bad-token", "{what}");
        assert!(text.contains("somebody else"), "{what}: {text}");
    }
    ben.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let ec = p256();
    let public = jwk(&ec, Algorithm::ES256, "ec");
    let (_folder, path) = file_of(std::slice::from_ref(&public));
    let server = TestServer::start_with(asking(Keys::file(&path, None).unwrap())).await;
    let mut pair = honest(
        &server,
        "hall",
        &sign_with(Algorithm::ES256, &ec, &claims(json!({"room": "hall"}))),
    )
    .await;
    let (mut ana, _) = with(
        &server,
        "Ana",
        &sign_with(Algorithm::ES256, &ec, &claims(json!({}))),
    )
    .await;
    let x = public["x"].as_str().unwrap();
    let decoded = EncodingKey::from_secret(&BASE64_URL_SAFE_NO_PAD.decode(x).unwrap());
    for key in [
        EncodingKey::from_secret(fs::read(&path).unwrap().as_slice()),
        EncodingKey::from_secret(public.to_string().as_bytes()),
        EncodingKey::from_secret(x.as_bytes()),
        decoded,
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let (code, _) = refusal(&server, &sign_with(algorithm, &key, &claims(json!({})))).await;
            assert_eq!(code, "bad-token");
        }
    }
    ana.is_undisturbed().await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn files_with_secrets_or_without_keys_are_refused() {
    let symmetric = json!({"kty": "oct", "k": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA"});
    let good = jwk(&p256(), Algorithm::ES256, "ec");
    for (keys, word) in [
        (vec![good, symmetric], "symmetric"),
        (vec![], "no public key"),
        (vec![json!({"kty": "odd"})], "no public key"),
    ] {
        let (_folder, path) = file_of(&keys);
        let reason = Keys::file(&path, None).unwrap_err();
        assert!(reason.contains(word), "{reason}");
    }
    let (folder, path) = file_of(&[]);
    fs::write(&path, "no JSON").unwrap();
    assert!(Keys::file(&path, None).unwrap_err().contains("no key set"));
    assert!(Keys::file(&folder.path().join("none"), None).is_err());
    assert!(Keys::secret("too short", None).is_err());
}

#[tokio::test]
async fn the_documented_line_makes_a_token_that_lets_its_bearer_in_as_host() {
    let server = server_with_secret().await;
    let document = include_str!("../../../docs/deploying.md");
    let line = document
        .lines()
        .find(|line| line.starts_with("python3 -c"))
        .unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", line])
        .env("MAJU_AUTH_SECRET", SECRET)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let token = String::from_utf8(output.stdout).unwrap();
    let mut ben = with(&server, "Ben", &self::token(json!({}))).await.0;
    with(&server, "Somebody", token.trim()).await;
    let person = ben.next().await["joined"]["person"].take();
    assert_eq!(
        (&person["name"], &person["role"]),
        (&json!("Ana"), &json!("host"))
    );
}

#[tokio::test]
async fn only_who_may_come_into_some_room_gets_the_ice_servers_to_try_them() {
    let ice = Ice {
        servers: parse_ice_servers("turn:turn.example.org,username=u,credential=c").unwrap(),
        ..Ice::default()
    };
    let server = TestServer::start_with(Config {
        ice,
        ..asking(Keys::secret(SECRET, None).unwrap())
    })
    .await;
    let mut client = server.greeted().await;
    let ask = |token: Value| json!({"iceServers": {"token": token}}).to_string();
    for (token, code) in [
        (Value::Null, "token-needed"),
        (json!("nonsense"), "bad-token"),
        (json!(token(json!({"exp": now() - 3600}))), "bad-token"),
    ] {
        let refused = client.refused(ask(token)).await;
        assert_eq!(
            (&refused["code"], &refused["about"]),
            (&json!(code), &json!("iceServers"))
        );
    }
    for room in ["den", "*"] {
        client.send_text(ask(json!(token(json!({"room": room}))))).await;
        let servers = client.next().await["iceServers"]["iceServers"].clone();
        assert_eq!(servers[0]["credential"], "c");
    }
}

#[tokio::test]
async fn asking_for_the_ice_servers_counts_as_coming() {
    let config = Config {
        joins_per_minute: 2.try_into().unwrap(),
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    let mut client = server.greeted().await;
    let ask = json!({"iceServers": {}}).to_string();
    for _ in 0..2 {
        client.send_text(ask.clone()).await;
        assert_eq!(client.next().await, json!({"iceServers": {"iceServers": []}}));
    }
    assert_eq!(client.refused(ask).await["code"], "too-fast");
}
