//! Rooms that belong to somebody: the host, the rules, the waiting room, and who was removed.

mod removing;
mod restart;
mod roles;
mod rules;
mod waiting;

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
    let Value::Object(members) = members else {
        panic!("members, not {members}");
    };
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
