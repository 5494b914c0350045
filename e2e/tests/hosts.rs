//! Rooms that belong to somebody: who gets in, what a host decides, and how both sides see it.

use maju_e2e::{Browser, Devices, Entry, Look, Node, Outcome, Person, Stage, holds, until};
use serde_json::json;
use tokio::try_join;

const SECRET: &str = "a secret of at least thirty-two bytes";

/// Ana, who came first and is the host.
async fn host(room: &str, base: &str) -> Outcome<Person> {
    Person::enter(&Entry::new("Ana", room).look(Look::RED), base).await
}

/// Somebody who comes after her; without devices where nobody has to see or hear them.
fn guest(name: &str, room: &str) -> Entry {
    Entry::new(name, room).devices(Devices::None)
}

/// Presses a switch and waits until it shows that.
async fn switch(person: &Person, name: &str, on: bool) -> Outcome {
    person.browser.click("switch", name).await?;
    until(format!("the switch {name:?} is {on}"), async || {
        let node = person.browser.node("switch", name).await?;
        let checked: bool = person
            .browser
            .call(&node, "function () { return this.checked }")
            .await?;
        Ok(holds(checked, |checked| *checked == on))
    })
    .await
    .map(drop)
}

async fn says(person: &Person, words: &str) -> Outcome {
    until(format!("{}'s page says {words:?}", person.name), async || {
        Ok(holds(person.browser.text().await?, |text| text.contains(words)))
    })
    .await
    .map(drop)
}

async fn says_no_longer(person: &Person, words: &str) -> Outcome {
    until(
        format!("{}'s page does not say {words:?}", person.name),
        async || Ok(holds(person.browser.text().await?, |text| !text.contains(words))),
    )
    .await
    .map(drop)
}

/// What a screen reader is told of information.
async fn is_told(person: &Person, words: &str) -> Outcome {
    until(format!("{} is told {words:?}", person.name), async || {
        Ok(holds(person.browser.texts("status").await?, |all| {
            // A name is set apart from the words around it, by line breaks and marks of direction.
            let spaced = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
            all.iter().any(|text| spaced(text).contains(words))
        }))
    })
    .await
    .map(drop)
}

async fn waits(person: &Person) -> Outcome {
    person
        .browser
        .node("heading", "Waiting to be let in")
        .await
        .map(drop)
}

/// Whether the person is a host, as the open panel of people tells it.
async fn decides(person: &Person) -> Outcome<bool> {
    person.browser.node("heading", "People").await?;
    person.browser.has("switch", "Lock the room").await
}

async fn focused(browser: &Browser) -> Outcome<String> {
    browser.eval("document.activeElement.id").await
}

#[tokio::test]
async fn a_locked_room_is_shown_as_such_and_lets_nobody_new_in() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("lock", base).await?;
    let bo = Person::enter(&guest("Bo", "lock"), base).await?;
    ana.press("People").await?;
    switch(&ana, "Lock the room", true).await?;
    says(&ana, "Locked").await?;
    says(&bo, "Locked").await?;

    let cy = Person::open(&guest("Cy", "lock"), base).await?;
    cy.browser.fill("Your name", "Cy").await?;
    cy.press("Join").await?;
    cy.is_alerted(&["the room is locked", "ask the host"]).await?;
    ana.sees_exactly(&["Ana", "Bo"]).await?;

    switch(&ana, "Lock the room", false).await?;
    says_no_longer(&bo, "Locked").await?;
    cy.press("Join").await?;
    cy.is_in_call().await?;
    ana.sees_exactly(&["Ana", "Bo", "Cy"]).await
}

#[tokio::test]
async fn a_password_is_asked_for_until_it_is_the_right_one() -> Outcome {
    const PASSWORD: &str = "Öffne dich, 참깨";
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("password", base).await?;
    ana.press("People").await?;
    ana.browser.fill("Room password", PASSWORD).await?;
    ana.press("Set password").await?;
    is_told(&ana, "Newcomers have to know the new password.").await?;

    let bo = Person::open(&guest("Bo", "password"), base).await?;
    assert!(
        !bo.browser.has("textbox", "Password").await?,
        "nobody asked for one"
    );
    bo.browser.fill("Your name", "Bo").await?;
    bo.press("Join").await?;
    bo.is_alerted(&["this room has a password"]).await?;
    let field = bo.browser.node("textbox", "Password").await?;
    assert_eq!(focused(&bo.browser).await?, "password");
    let kind = async |node: &Node| {
        bo.browser
            .call::<String>(node, "function () { return this.type }")
            .await
    };
    assert_eq!(kind(&field).await?, "password");
    bo.press("Show password").await?;
    assert_eq!(kind(&field).await?, "text");
    bo.press("Hide password").await?;
    bo.browser.fill("Password", "sesame").await?;
    bo.press("Join").await?;
    bo.is_alerted(&["not the room's password"]).await?;
    bo.browser.fill("Password", PASSWORD).await?;
    bo.press("Join").await?;
    bo.is_in_call().await?;
    // Nowhere does it stay but in the page's memory.
    let kept =
        "location.href + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie";
    let kept: String = bo.browser.eval(&format!("decodeURIComponent({kept})")).await?;
    assert!(!kept.contains("참깨"), "{kept}");

    ana.press("Take password away").await?;
    is_told(&ana, "Newcomers need no password.").await?;
    Person::enter(&guest("Cy", "password"), base).await.map(drop)
}

#[tokio::test]
async fn who_comes_waits_until_a_host_has_decided() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("door", base).await?;
    ana.press("People").await?;
    switch(&ana, "Let newcomers wait", true).await?;
    ana.press("Close panel").await?;

    let bo = Person::open(&Entry::new("Bo", "door").look(Look::GREEN), base).await?;
    bo.browser.fill("Your name", "Bo").await?;
    bo.press("Join").await?;
    waits(&bo).await?;
    is_told(&bo, "A host was told that you are here").await?;
    is_told(&ana, "Bo waits to be let in.").await?;
    let plays = "(async () => {
        const video = document.querySelector('video');
        const before = video.currentTime;
        await new Promise((done) => video.requestVideoFrameCallback(done));
        return video.videoWidth > 0 && video.currentTime >= before;
    })()";
    assert!(bo.browser.eval::<bool>(plays).await?, "the preview goes on");
    ana.sees_exactly(&["Ana"]).await?;

    bo.press("Cancel").await?;
    bo.is_offered("Join").await?;
    says_no_longer(&ana, "waits to be let in").await?;
    bo.press("Join").await?;
    ana.press("Refuse Bo").await?;
    bo.is_alerted(&["you were not let in", "ask again"]).await?;
    bo.press("Join").await?;
    waits(&bo).await?;
    // In the panel they are at the top, and nowhere twice.
    ana.press("People").await?;
    ana.press("Admit Bo").await?;
    bo.is_in_call().await?;
    ana.sees_moving("Bo").await?;
    bo.sees_look("Ana", Look::RED).await.map(drop)
}

#[tokio::test]
async fn who_waits_sees_whether_a_host_is_there() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("porch", base).await?;
    ana.press("People").await?;
    switch(&ana, "Let newcomers wait", true).await?;
    ana.press("Close panel").await?;
    let bo = Person::open(&guest("Bo", "porch"), base).await?;
    bo.browser.fill("Your name", "Bo").await?;
    bo.press("Join").await?;
    ana.press("Admit Bo").await?;
    bo.is_in_call().await?;
    let cy = Person::open(&guest("Cy", "porch"), base).await?;
    cy.browser.fill("Your name", "Cy").await?;
    cy.press("Join").await?;
    is_told(&cy, "A host was told").await?;
    ana.press("Leave").await?;
    is_told(&cy, "No host is in the room").await?;
    ana.press("Rejoin").await?;
    is_told(&cy, "A host was told").await?;
    ana.press("Admit Cy").await?;
    cy.is_in_call().await
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_comes_back_only_by_the_host() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("remove", base).await?;
    let bo = Person::enter(&Entry::new("Bo", "remove").look(Look::GREEN), base).await?;
    let cy = Person::enter(&guest("Cy", "remove"), base).await?;
    ana.sees_moving("Bo").await?;
    ana.press("People").await?;
    ana.press("Options for Bo").await?;
    ana.press("Remove Bo").await?;
    assert!(ana.browser.has("figure", "Bo").await?, "it is asked once more");
    ana.press("Cancel").await?;
    ana.press("Options for Bo").await?;
    ana.press("Remove Bo").await?;
    ana.press("Yes, remove").await?;

    bo.browser.node("heading", "You were removed from remove").await?;
    let tracks = "__e2e.captured.length > 0 && __e2e.captured.every((track) => track.readyState === 'ended')";
    until("Bo's camera and microphone are off", async || {
        Ok(holds(bo.browser.eval::<bool>(tracks).await?, |off| *off))
    })
    .await?;
    let links = bo.links().await?;
    assert!(links.iter().all(|link| link.state == "closed"), "{links:?}");
    ana.sees_exactly(&["Ana", "Cy"]).await?;
    cy.sees_exactly(&["Ana", "Cy"]).await?;

    // From that address nobody comes in without being looked at.
    bo.press("Rejoin").await?;
    waits(&bo).await?;
    ana.press("Refuse Bo").await?;
    bo.is_alerted(&["you were not let in"]).await
}

#[tokio::test]
async fn a_host_can_mute_and_only_the_person_can_unmute() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("mute", base).await?;
    let bo = Person::enter(&Entry::new("Bo", "mute").look(Look::GREEN), base).await?;
    ana.hears("Bo").await?;
    ana.press("People").await?;
    ana.press("Options for Bo").await?;
    ana.press("Mute Bo").await?;
    is_told(&bo, "Ana muted you.").await?;
    bo.is_offered("Unmute").await?;
    ana.hears_silence("Bo").await?;
    ana.press("Options for Bo").await?;
    let mute = ana.browser.node("button", "Mute Bo").await?;
    assert!(!mute.enabled, "there is nothing to mute");
    bo.press("Unmute").await?;
    ana.hears("Bo").await?;
    says_no_longer(&bo, "muted you").await?;

    // The notice can be put away, and then comes anew.
    ana.press("Mute Bo").await?;
    is_told(&bo, "Ana muted you.").await?;
    bo.press("Dismiss").await?;
    says_no_longer(&bo, "muted you").await
}

#[tokio::test]
async fn a_host_lets_in_all_who_wait_and_mutes_all_others_at_once() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("all", base).await?;
    ana.press("People").await?;
    switch(&ana, "Let newcomers wait", true).await?;
    let mut guests = Vec::new();
    for (name, look) in [("Bo", Look::GREEN), ("Cy", Look::BLUE)] {
        let guest = Person::open(&Entry::new(name, "all").look(look), base).await?;
        guest.browser.fill("Your name", name).await?;
        guest.press("Join").await?;
        waits(&guest).await?;
        ana.is_offered(&format!("Admit {name}")).await?;
        let several = ana.browser.has("button", "Admit all").await?;
        assert_eq!(several, name == "Cy", "one alone is let in by name");
        guests.push(guest);
    }
    ana.press("Admit all").await?;
    for guest in &guests {
        guest.is_in_call().await?;
        ana.hears(&guest.name).await?;
    }
    assert!(!ana.browser.has("button", "Admit all").await?);
    assert!(!guests[0].browser.has("button", "Mute all").await?);

    ana.press("Mute all").await?;
    for guest in &guests {
        is_told(guest, "Ana muted you.").await?;
        guest.is_offered("Unmute").await?;
        ana.hears_silence(&guest.name).await?;
    }
    ana.is_offered("Mute").await?;
    let words: String = ana.browser.eval("document.activeElement.innerText").await?;
    assert_eq!(words.trim(), "Mute all", "the focus stays where it is");
    guests[0].press("Unmute").await?;
    ana.hears("Bo").await
}

#[tokio::test]
async fn the_role_is_shown_and_can_be_handed_over_and_outlives_a_reload() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("role", base).await?;
    let bo = Person::enter(&guest("Bo", "role"), base).await?;
    let is_host = async |person: &Person, name: &str| {
        until(format!("{} sees {name} as the host", person.name), async || {
            let figure = person.figure(name).await?;
            let words: String = person
                .browser
                .call(
                    &figure,
                    "function () { return this.querySelector('figcaption').textContent }",
                )
                .await?;
            Ok(holds(words, |words| words.contains("Host")))
        })
        .await
        .map(drop)
    };
    is_host(&ana, "Ana").await?;
    is_host(&bo, "Ana").await?;
    bo.press("People").await?;
    assert!(!decides(&bo).await?);
    bo.press("Options for Ana").await?;
    bo.is_offered("Mute for me").await?;
    assert!(!bo.browser.has("button", "Remove Ana").await?);

    // A reload, and coming back to the address later.
    ana.browser
        .goto(&Entry::new("Ana", "role").address(base)?)
        .await?;
    bo.sees_exactly(&["Bo"]).await?;
    ana.join().await?;
    is_host(&bo, "Ana").await?;
    ana.press("People").await?;
    assert!(decides(&ana).await?);

    ana.press("Options for Bo").await?;
    ana.press("Make host: Bo").await?;
    ana.press("Yes, make host").await?;
    is_told(&ana, "Bo is the host now.").await?;
    is_told(&bo, "You are the host now.").await?;
    is_host(&bo, "Bo").await?;
    is_host(&ana, "Bo").await?;
    bo.press("Options for Ana").await?;
    bo.is_offered("Remove Ana").await?;
    assert!(decides(&bo).await? && !decides(&ana).await?);

    // Who handed the role over does not get it back by a reload; who got it does.
    for (person, decides_now) in [(&ana, false), (&bo, true)] {
        person
            .browser
            .goto(&Entry::new(&person.name, "role").address(base)?)
            .await?;
        person.join().await?;
        person.press("People").await?;
        assert_eq!(decides(person).await?, decides_now, "{}", person.name);
    }
    Ok(())
}

#[tokio::test]
async fn at_whom_to_look_is_told_to_everybody_for_a_moment() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("told", base).await?;
    let bo = Person::enter(&guest("Bo", "told"), base).await?;
    let cy = Person::enter(&guest("Cy", "told"), base).await?;
    ana.press("People").await?;
    ana.press("Options for Bo").await?;
    ana.press("Spotlight: Bo").await?;
    let reads = async |person: &Person, words: &str| {
        is_told(person, words).await?;
        says_no_longer(person, words).await
    };
    try_join!(
        reads(&bo, "Ana asks everybody to look at you."),
        reads(&cy, "Ana asks everybody to look at Bo."),
    )
    .map(drop)
}

#[tokio::test]
async fn a_name_that_says_host_does_not_look_like_one() -> Outcome {
    const BO: &str = "Bo · Host";
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = host("badge", base).await?;
    let bo = Person::enter(&guest(BO, "badge"), base).await?;
    for person in [&ana, &bo] {
        person.press("People").await?;
        for (name, is_host) in [("Ana", true), (BO, false)] {
            let figure = person.figure(name).await?;
            // What is beside the name, in the tile and in the list.
            let signs = "function () {
                const name = this.querySelector('bdi').textContent;
                const rows = [...document.querySelectorAll('.person-name')]
                    .filter((row) => row.querySelector('bdi').textContent === name);
                return [this.querySelector('figcaption'), ...rows]
                    .map((place) => place.querySelector('.host-badge')?.textContent.trim() ?? '');
            }";
            let expected = if is_host { "Host" } else { "" };
            until(
                format!("{} sees {name} as what they are", person.name),
                async || {
                    let signs: Vec<String> = person.browser.call(&figure, signs).await?;
                    Ok(holds(signs, |signs| *signs == [expected, expected]))
                },
            )
            .await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_room_stays_its_hosts_when_the_server_restarts() -> Outcome {
    let mut stage = Stage::new().await?;
    let base = stage.server.address.to_string();
    let ana = host("restart", &base).await?;
    let bo = Person::enter(&guest("Bo", "restart"), &base).await?;
    ana.press("People").await?;
    stage.server.kill().await?;
    stage.server.start_again().await?;
    // Nothing can be decided until the seat is taken again.
    until("Ana can lock the room", async || {
        let on = "document.getElementById('lock-room').checked";
        if !ana.browser.eval::<bool>(on).await? {
            ana.browser.click("switch", "Lock the room").await?;
        }
        Ok(holds(ana.browser.eval::<bool>(on).await?, |on| *on))
    })
    .await?;
    says(&bo, "Locked").await
}

#[tokio::test]
async fn where_tokens_decide_a_link_lets_its_bearer_in_with_its_role() -> Outcome {
    const LATER: u64 = 4_102_444_800;
    let stage = Stage::with_flags(&["--auth", "jwt", "--auth-secret", SECRET]).await?;
    let base = stage.server.address.as_str();
    let address = Entry::new("", "invited").address(base)?;
    let bo = Person::open(&guest("Bo", "invited"), base).await?;
    bo.browser.fill("Your name", "Bo").await?;
    bo.press("Join").await?;
    bo.is_alerted(&["only who was invited", "link of your own"])
        .await?;

    let link = async |secret: &str, claims| bo.browser.invitation(&address, secret, claims).await;
    for (secret, claims, words) in [
        (
            SECRET,
            json!({ "room": "elsewhere", "exp": LATER }),
            "another room",
        ),
        (
            SECRET,
            json!({ "room": "invited", "exp": 1_000_000_000 }),
            "expired",
        ),
        (
            "another secret of more than thirty-two bytes",
            json!({ "room": "invited", "role": "host", "exp": LATER }),
            "somebody else",
        ),
    ] {
        let link = link(secret, claims).await?;
        // The same page but for what is behind the `#`: it would not load anew.
        bo.browser.goto("about:blank").await?;
        bo.browser.goto(&link).await?;
        bo.browser.fill("Your name", "Bo").await?;
        bo.press("Join").await?;
        bo.is_alerted(&["your link does not work here", words]).await?;
        // Made in a page of the server, for the next one.
        bo.browser.goto(base).await?;
    }

    // Who comes first has no power by that.
    let as_guest = link(SECRET, json!({ "room": "Invited", "exp": LATER })).await?;
    let as_host = link(
        SECRET,
        json!({ "room": "invited", "role": "host", "name": "Ana of the office", "exp": LATER }),
    )
    .await?;
    bo.browser.goto("about:blank").await?;
    bo.browser.goto(&as_guest).await?;
    bo.join().await?;
    bo.press("People").await?;
    assert!(!decides(&bo).await?);
    // Whom the token names is called so, and cannot be called anything else.
    let ana = Person::open_at(&guest("Ana", "invited"), &as_host).await?;
    let field = ana.browser.node("textbox", "Your name").await?;
    let shown = "function () { return [this.value, this.readOnly] }";
    let shown: (String, bool) = ana.browser.call(&field, shown).await?;
    assert_eq!(shown, ("Ana of the office".to_owned(), true));
    ana.press("Join").await?;
    ana.is_in_call().await?;
    ana.press("People").await?;
    assert!(decides(&ana).await?);
    bo.sees_exactly(&["Bo", "Ana of the office"]).await?;
    // What is handed on is the room's address, not the person's own invitation.
    let field = ana.browser.node("textbox", "Link to this room").await?;
    let shared: String = ana
        .browser
        .call(&field, "function () { return this.value }")
        .await?;
    assert!(!shared.contains("token"), "{shared}");
    Ok(())
}
