//! A call of two: picture, sound, mute, camera off, on and switched.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Seen, Stage, holds, until};
use tokio::try_join;

#[tokio::test]
async fn two_people_see_and_hear_each_other() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    try_join!(ana.sees_look("Bo", Look::GREEN), bo.sees_look("Ana", Look::RED))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    try_join!(
        ana.hears_tone("Bo", Look::GREEN.tone),
        bo.hears_tone("Ana", Look::RED.tone)
    )?;

    // One's own picture is a mirror, makes no sound, and is the own one.
    let own = ana.sees_look("Ana", Look::RED).await?;
    assert!(own.own && own.mirrored && own.muted, "{own:?}");
    for person in [&ana, &bo] {
        assert_eq!(person.figures().await?.len(), 2);
        let inline = "[...document.querySelectorAll('video')].every((video) => video.playsInline)";
        assert!(
            person.browser.eval::<bool>(inline).await?,
            "a video without playsinline"
        );
    }
    Ok(())
}

#[tokio::test]
async fn who_is_there_offers_and_the_newcomer_answers_once() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;

    let [offerer] = &ana.links().await?[..] else {
        return Err(maju_e2e::Failure::new("not one connection"));
    };
    assert_eq!(
        (&offerer.local[..], &offerer.remote[..]),
        (&["offer".to_owned()][..], &["answer".to_owned()][..])
    );
    assert!(offerer.candidates >= 1, "{offerer:?}");
    assert_eq!(offerer.made.len(), 1, "{offerer:?}");
    assert!(
        offerer.made[0].label == "maju" && offerer.made[0].before_offer,
        "{offerer:?}"
    );

    let [answerer] = &bo.links().await?[..] else {
        return Err(maju_e2e::Failure::new("not one connection"));
    };
    assert_eq!(
        (&answerer.local[..], &answerer.remote[..]),
        (&["answer".to_owned()][..], &["offer".to_owned()][..])
    );
    assert!(answerer.candidates >= 1, "{answerer:?}");
    assert!(answerer.made.is_empty(), "{answerer:?}");
    assert_eq!(answerer.got, ["maju"]);
    Ok(())
}

#[tokio::test]
async fn mute_silences_what_the_other_hears_and_unmute_restores_it() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    try_join!(bo.hears("Ana"), ana.hears("Bo"))?;

    ana.press("Mute").await?;
    ana.is_offered("Unmute").await?;
    bo.sees("Ana", "muted", |seen| seen.microphone_on() == Some(false))
        .await?;
    bo.hears_silence("Ana").await?;
    ana.hears("Bo").await?;
    bo.sees_moving("Ana").await?;

    ana.press("Unmute").await?;
    ana.is_offered("Mute").await?;
    bo.hears("Ana").await?;
    bo.sees("Ana", "not muted", |seen| seen.microphone_on() == Some(true))
        .await
        .map(drop)
}

#[tokio::test]
async fn the_camera_goes_off_and_on_for_the_other_too() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    bo.sees_look("Ana", Look::RED).await?;
    let agreed = ana.links().await?;

    ana.press("Turn camera off").await?;
    ana.is_offered("Turn camera on").await?;
    bo.sees_dark("Ana").await?;
    bo.hears("Ana").await?;
    until("Ana's camera light is off", async || {
        Ok(holds(live(&ana, "video").await?, Vec::is_empty))
    })
    .await?;

    ana.press("Turn camera on").await?;
    ana.is_offered("Turn camera off").await?;
    bo.sees_look("Ana", Look::RED).await?;
    bo.sees("Ana", "the camera is on", |seen| seen.camera_on() == Some(true))
        .await?;
    // What was agreed upon before still holds, so nothing is negotiated.
    assert_eq!(ana.links().await?[0].local, agreed[0].local);
    assert_eq!(ana.links().await?[0].remote, agreed[0].remote);
    Ok(())
}

#[tokio::test]
async fn the_camera_is_switched_in_a_call_without_a_negotiation() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "two").devices(Devices::Several(3)), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "two").look(Look::GREEN), base).await?;
    // The pictures of the browser's made-up cameras differ in their green. Those of the second cannot be sent.
    let bright = |seen: &Seen| seen.colour[1] > 144;
    bo.sees_moving("Ana").await?;
    let first = bo
        .sees("Ana", "the brighter picture of the first camera", bright)
        .await?;
    let agreed = ana.links().await?;
    assert!(
        agreed[0].sending.contains(&"video fake_device_0".to_owned()),
        "{agreed:?}"
    );

    ana.press("Settings").await?;
    assert_eq!(
        ana.browser
            .labels("Microphone")
            .await?
            .iter()
            .filter(|label| label.contains("Fake"))
            .count(),
        3
    );
    ana.browser.choose("Camera", "fake_device_2").await?;
    until("Ana sends her third camera", async || {
        let links = ana.links().await?;
        Ok(holds(links, |links| {
            links[0].sending.contains(&"video fake_device_2".to_owned())
        }))
    })
    .await?;
    assert!(
        ana.browser
            .eval::<Vec<String>>("__e2e.replaced")
            .await?
            .contains(&"video fake_device_2".to_owned())
    );
    until("only the third camera is in use", async || {
        Ok(holds(live(&ana, "video").await?, |live| {
            live == &["fake_device_2"]
        }))
    })
    .await?;

    let now = ana.links().await?;
    assert_eq!(
        (now.len(), &now[0].local, &now[0].remote),
        (1, &agreed[0].local, &agreed[0].remote)
    );
    let darker = |seen: &Seen| (90..140).contains(&seen.colour[1]);
    let third = bo
        .sees("Ana", "the darker picture of the third camera", darker)
        .await?;
    // On a busy machine this camera sometimes gives nothing but its background: the frames go on, all alike.
    let seen = bo
        .sees("Ana", "new frames", |seen| seen.frames != third.frames)
        .await?;
    assert_eq!(seen.link, first.link);
    Ok(())
}

#[tokio::test]
async fn a_call_goes_on_without_the_server() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    drop(stage.server);
    let what = "Ana is told that the server is away";
    until(what, async || {
        let told = ana.browser.texts("status").await?;
        Ok(holds(told, |told| {
            told.iter().any(|text| text.contains("server"))
        }))
    })
    .await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    ana.write("still here").await?;
    bo.open_chat().await?;
    bo.reads(&["Ana : still here"]).await
}

#[tokio::test]
async fn a_changed_fragment_of_the_address_leaves_the_call_as_it_is() -> Outcome {
    let stage = Stage::new().await?;
    let (ana, bo) = pair(&stage).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    let before = (
        ana.figures().await?,
        ana.see("Bo").await?.peer,
        ana.links().await?,
    );
    let change = "new Promise((done) => {
        addEventListener('popstate', () => requestAnimationFrame(() => done(location.hash)), { once: true });
        location.hash = '#x';
    })";
    assert_eq!(ana.browser.eval::<String>(change).await?, "#x");
    let after = (
        ana.figures().await?,
        ana.see("Bo").await?.peer,
        ana.links().await?,
    );
    assert_eq!(after, before);
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    assert_eq!(bo.links().await?.len(), 1, "Ana came a second time for Bo");
    Ok(())
}

async fn pair(stage: &Stage) -> Outcome<(Person, Person)> {
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "two").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "two").look(Look::GREEN), base).await?;
    Ok((ana, bo))
}

/// The labels of the tracks of that kind that are being captured.
async fn live(person: &Person, kind: &str) -> Outcome<Vec<String>> {
    let list = format!(
        "__e2e.captured.filter((track) => track.kind === '{kind}' && track.readyState === 'live').map((track) => track.label)"
    );
    person.browser.eval(&list).await
}
