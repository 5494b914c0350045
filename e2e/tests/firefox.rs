//! Firefox as an equal: in every mix with Chromium, first or second, with all that a call has.

use std::time::Duration;

use maju_e2e::{Devices, Engine, Entry, Look, Outcome, Person, RawPeer, Stage, holds, until};
use tokio::{time::sleep, try_join};

use Engine::{Chromium, Firefox};

#[tokio::test]
async fn firefox_joins_two_of_chromium() -> Outcome {
    three_hold_a_call([Chromium, Chromium, Firefox]).await
}

#[tokio::test]
async fn chromium_is_with_two_of_firefox() -> Outcome {
    three_hold_a_call([Chromium, Firefox, Firefox]).await
}

#[tokio::test]
async fn three_of_firefox_hold_a_call() -> Outcome {
    three_hold_a_call([Firefox, Firefox, Firefox]).await
}

#[tokio::test]
async fn chromium_comes_to_firefox() -> Outcome {
    two_use_all_controls(Firefox, Chromium).await
}

#[tokio::test]
async fn firefox_comes_to_chromium() -> Outcome {
    two_use_all_controls(Chromium, Firefox).await
}

#[tokio::test]
async fn firefox_comes_to_firefox() -> Outcome {
    two_use_all_controls(Firefox, Firefox).await
}

#[tokio::test]
async fn a_restarted_server_changes_nothing_for_firefox_and_chromium() -> Outcome {
    const NAMES: [&str; 3] = ["Ana", "Bo", "Cy"];
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let [ana, bo, cy] = [("Ana", Firefox), ("Bo", Firefox), ("Cy", Chromium)]
        .map(|(name, engine)| Entry::new(name, "restart").engine(engine));
    let (ana, bo, cy) = try_join!(
        Person::enter(&ana, &base),
        Person::enter(&bo, &base),
        Person::enter(&cy, &base),
    )?;
    let people = [&ana, &bo, &cy];
    for person in people {
        for other in NAMES.iter().filter(|name| **name != person.name) {
            person.sees_moving(other).await?;
        }
    }
    let before = (ids(&ana).await?, ids(&cy).await?);
    for newcomers in 1..=2 {
        stage.server.kill().await?;
        // Firefox puts off connections to a server that it could not reach, the longer the more often.
        sleep(Duration::from_secs(8)).await;
        stage.server.start_again().await?;
        // Whoever sees a newcomer has their seat again.
        let newcomer = RawPeer::join(&stage.server, "restart", "Di").await?;
        for person in people {
            person.sees_exactly(&["Ana", "Bo", "Cy", "Di"]).await?;
        }
        drop(newcomer);
        for person in people {
            person.sees_exactly(&NAMES).await?;
            assert_eq!(
                person.links().await?.len(),
                2 + newcomers,
                "a connection was made anew"
            );
            for other in NAMES.iter().filter(|name| **name != person.name) {
                person.sees_moving(other).await?;
            }
        }
    }
    assert_eq!((ids(&ana).await?, ids(&cy).await?), before);
    Ok(())
}

/// The ids of all whom somebody sees, by name.
async fn ids(person: &Person) -> Outcome<Vec<(String, String)>> {
    let script = "[...document.querySelectorAll('figure')].map((tile) => [tile.getAttribute('aria-label'), tile.dataset.peer]).sort()";
    person.browser.eval(script).await
}

/// Everybody sees and hears everybody, and what each writes arrives at all, whoever came first.
async fn three_hold_a_call(engines: [Engine; 3]) -> Outcome {
    const NAMES: [&str; 3] = ["Ana", "Bo", "Cy"];
    const LOOKS: [Look; 3] = [Look::RED, Look::GREEN, Look::BLUE];
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let [ana, bo, cy] = [0, 1, 2].map(|at| Entry::new(NAMES[at], "mix").look(LOOKS[at]).engine(engines[at]));
    let (ana, bo, cy) = try_join!(
        Person::enter(&ana, base),
        Person::enter(&bo, base),
        Person::enter(&cy, base)
    )?;
    let people = [&ana, &bo, &cy];
    let takes_part = async |me: usize| -> Outcome {
        people[me].sees_exactly(&NAMES).await?;
        for other in (0..NAMES.len()).filter(|other| *other != me) {
            people[me].sees_moving(NAMES[other]).await?;
            people[me].hears_tone(NAMES[other], LOOKS[other].tone).await?;
            // Firefox's made-up camera knows one picture.
            if engines[other] == Chromium {
                people[me].sees_look(NAMES[other], LOOKS[other]).await?;
            }
        }
        people[me].open_chat().await
    };
    try_join!(takes_part(0), takes_part(1), takes_part(2))?;

    let mut written = Vec::new();
    for (person, name) in people.iter().zip(NAMES) {
        let text = format!("{name} says hello, 안녕 👋");
        person.write(&text).await?;
        written.push(format!("{name} : {text}"));
        let lines: Vec<&str> = written.iter().map(String::as_str).collect();
        try_join!(ana.reads(&lines), bo.reads(&lines), cy.reads(&lines))?;
    }
    Ok(())
}

/// The one who was there first, and then the one who came second, uses each control, and the other notices.
async fn two_use_all_controls(first: Engine, second: Engine) -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let (ana, bo) = (with_cameras("Ana", first), with_cameras("Bo", second));
    let (ana, bo) = try_join!(Person::open(&ana, base), Person::open(&bo, base))?;
    ana.join().await?;
    bo.join().await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    // Who was there offers, once, and the newcomer answers.
    let (offerer, answerer) = try_join!(ana.links(), bo.links())?;
    assert_eq!(
        (offerer.len(), answerer.len()),
        (1, 1),
        "{offerer:?} {answerer:?}"
    );
    assert_eq!(
        (&offerer[0].local[..], &answerer[0].local[..]),
        (&["offer".to_owned()][..], &["answer".to_owned()][..])
    );

    try_join!(uses_controls(&ana, &bo), uses_controls(&bo, &ana))?;
    assert_eq!(ana.links().await?.len(), 1, "the connection was given up");

    bo.press("Leave").await?;
    ana.sees_exactly(&["Ana"]).await?;
    bo.press("Rejoin").await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    Ok(())
}

async fn uses_controls(one: &Person, other: &Person) -> Outcome {
    one.press("Mute").await?;
    other
        .sees(&one.name, "muted", |seen| seen.microphone_on() == Some(false))
        .await?;
    other.hears_silence(&one.name).await?;
    one.press("Unmute").await?;
    other.hears(&one.name).await?;

    one.press("Turn camera off").await?;
    other.sees_dark(&one.name).await?;
    one.press("Turn camera on").await?;
    other.sees_moving(&one.name).await?;

    // Chromium has several made-up cameras, Firefox has one.
    one.press("Settings").await?;
    let cameras = one.browser.labels("Camera").await?;
    let last = cameras.last().map(String::as_str).unwrap_or_default();
    one.browser.choose("Camera", last).await?;
    let sent = format!("video {last}");
    until(format!("{} sends {sent:?}", one.name), async || {
        let links = one.links().await?;
        Ok(holds(links, |links| {
            links.iter().all(|link| link.sending.contains(&sent))
        }))
    })
    .await?;
    // Its picture may stand still on a busy machine, while the frames go on.
    let before = other.see(&one.name).await?;
    other
        .sees(&one.name, "new frames", |seen| seen.frames != before.frames)
        .await?;
    other.hears(&one.name).await
}

fn with_cameras(name: &str, engine: Engine) -> Entry {
    let entry = Entry::new(name, "pair").engine(engine);
    match engine {
        Chromium => entry.devices(Devices::Several(3)),
        Firefox => entry,
    }
}
