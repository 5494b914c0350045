//! A peer that says anything but what it should.

use maju_e2e::{Entry, Look, Outcome, Person, RawPeer, Stage};
use maju_protocol::{PeerId, ServerMessage};
use serde_json::{Value, json};
use tokio::try_join;

#[tokio::test]
async fn nonsense_from_one_peer_does_not_disturb_the_others() -> Outcome {
    // As much as it likes: what a server lets through by default is not enough to disturb anybody.
    let stage = Stage::with_flags(&["--message-rate", "100000", "--message-burst", "100000"]).await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "storm").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "storm").look(Look::GREEN), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    let script = "window.failures = []; addEventListener('error', (event) => failures.push(event.message)); \
        addEventListener('unhandledrejection', (event) => failures.push(String(event.reason)))";
    try_join!(
        ana.browser.eval::<Value>(script),
        bo.browser.eval::<Value>(script)
    )?;

    let mut foe = RawPeer::join(&stage.server, "storm", "Foe").await?;
    let ids: Vec<PeerId> = foe.people.iter().map(|person| person.id.clone()).collect();
    assert_eq!(ids.len(), 2);
    // Each of them offers to the newcomer, in any order.
    let mut silent = ids.clone();
    foe.hear("offers of both", |message| {
        if let ServerMessage::Relay { from, payload } = message
            && payload.get("offer").is_some()
        {
            silent.retain(|id| *id != from);
        }
        silent.is_empty().then_some(())
    })
    .await?;
    for id in &ids {
        for payload in nonsense() {
            foe.relay(id, payload).await?;
        }
        let candidate = json!({ "candidate": { "link": 1, "seq": 1, "candidate": {
            "candidate": "candidate:1 1 udp 2122260223 203.0.113.9 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0 } } });
        for _ in 0..10_000 {
            foe.relay(id, candidate.clone()).await?;
        }
        foe.relay(
            id,
            json!({ "answer": { "link": 1, "seq": 2, "answered": 1, "sdp": "v=0\r\ngarbage" } }),
        )
        .await?;
    }
    // The server has handed it all on once it answers again.
    foe.all_until_now().await?;
    still_fine(&ana, &bo).await?;
    ana.sees_exactly(&["Ana", "Bo", "Foe"]).await?;

    // Nor do words that the server itself does not take disturb it.
    for text in [
        "",
        "{",
        "null",
        "[]",
        "{\"join\":1}",
        "{\"relay\":{\"to\":7}}",
        "{\"fly\":{}}",
        "\u{0}",
    ] {
        foe.say_text(text).await?;
    }
    foe.say_text(&format!(
        "{{\"relay\":{{\"to\":\"{}\",\"payload\":\"{}\"}}}}",
        ids[0],
        "x".repeat(1 << 20)
    ))
    .await?;
    foe.all_until_now().await?;
    drop(foe);
    try_join!(ana.sees_exactly(&["Ana", "Bo"]), bo.sees_exactly(&["Ana", "Bo"]))?;
    still_fine(&ana, &bo).await
}

async fn still_fine(ana: &Person, bo: &Person) -> Outcome {
    try_join!(ana.sees_look("Bo", Look::GREEN), bo.sees_look("Ana", Look::RED))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    for person in [ana, bo] {
        let failures: Vec<String> = person.browser.eval("failures").await?;
        assert!(failures.is_empty(), "{}'s page: {failures:?}", person.name);
    }
    ana.press("Mute").await?;
    ana.is_offered("Unmute").await?;
    ana.press("Unmute").await?;
    ana.is_offered("Mute").await
}

fn nonsense() -> Vec<Value> {
    let sdp = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    vec![
        json!(null),
        json!(7),
        json!("offer"),
        json!([]),
        json!({}),
        json!({ "dance": {} }),
        json!({ "offer": null }),
        json!({ "offer": { "link": "one", "seq": [], "answered": {}, "sdp": 5 } }),
        json!({ "offer": { "link": -1, "seq": 1.5, "answered": 1e300, "sdp": "" } }),
        json!({ "offer": { "link": 1 }, "answer": { "link": 1 } }),
        json!({ "offer": { "link": 1, "seq": 1, "answered": 0, "sdp": "" } }),
        json!({ "offer": { "link": 1, "seq": 2, "answered": 0, "sdp": "not a description" } }),
        json!({ "offer": { "link": 1, "seq": 3, "answered": 0, "sdp": sdp } }),
        json!({ "offer": { "link": 1, "seq": 4, "answered": 99, "sdp": "가".repeat(15_000) } }),
        json!({ "answer": { "link": 1, "seq": 5, "answered": 77, "sdp": sdp } }),
        json!({ "answer": { "link": 4_294_967_295_u32, "seq": 4_294_967_295_u32, "answered": 4_294_967_295_u32, "sdp": sdp } }),
        json!({ "answer": { "link": 0, "seq": 0, "answered": 0, "sdp": sdp } }),
        json!({ "candidate": { "link": 1, "seq": 0, "candidate": null } }),
        json!({ "candidate": { "link": 1, "seq": 0, "candidate": { "candidate": "candidate:x", "sdpMid": "no such" } } }),
        json!({ "candidate": { "link": 1, "seq": 0, "candidate": { "candidate": "", "sdpMLineIndex": 65_535 } } }),
        json!({ "candidate": { "link": 1, "seq": 4_294_967_295_u32, "candidate": { "candidate": "later" } } }),
        json!({ "chat": { "seq": 1, "text": "<script>alert(1)</script>" } }),
    ]
}
