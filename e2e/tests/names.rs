//! Names of rooms and people, good and bad.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};
use tokio::try_join;

#[tokio::test]
async fn a_room_with_a_korean_name_with_spaces_holds_a_call() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let first = Person::open(&Entry::new("김민수", "unused").look(Look::RED), base).await?;
    first.browser.goto(base).await?;
    first.browser.fill("Room name", " 우리 가족 방 ").await?;
    first.press("Enter room").await?;
    until("the address names the room", async || {
        let path: String = first
            .browser
            .eval("decodeURIComponent(location.pathname)")
            .await?;
        Ok(holds(path, |path| path == "/r/우리 가족 방"))
    })
    .await?;
    first.join().await?;
    let second = Person::enter(&Entry::new("지영 엄마", "우리 가족 방").look(Look::GREEN), base).await?;
    try_join!(
        first.sees_look("지영 엄마", Look::GREEN),
        second.sees_look("김민수", Look::RED)
    )?;
    second.write("안녕하세요").await?;
    first.open_chat().await?;
    first.reads(&["지영 엄마 : 안녕하세요"]).await
}

#[tokio::test]
async fn names_of_any_script_and_with_markup_are_shown_as_text() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let room = "<script>alert(1)</script> 👩‍👩‍👧‍👦 غرفة";
    let names = ["<img src=x onerror=alert(1)>", "سارة", "👩‍👩‍👧‍👦🇰🇷"];
    let mut people = Vec::new();
    for name in names {
        people.push(Person::enter(&Entry::new(name, room).devices(Devices::None), base).await?);
    }
    for person in &people {
        person.sees_exactly(&names).await?;
        until(format!("{} is told the room's name", person.name), async || {
            Ok(holds(person.browser.text().await?, |text| text.contains(room)))
        })
        .await?;
        for name in names {
            assert!(person.browser.text().await?.contains(name), "{name} is not shown");
        }
    }
    for person in &people {
        for name in names.iter().filter(|name| **name != person.name) {
            person
                .sees(name, "connected", |seen| seen.state == "connected")
                .await?;
        }
    }
    people[0].write("<b onclick=alert(1)>‏שלום</b>").await?;
    people[1].open_chat().await?;
    people[1]
        .reads(&["<img src=x onerror=alert(1)> : <b onclick=alert(1)>‏שלום</b>"])
        .await?;
    for person in &people {
        let made = "document.querySelectorAll('img[src=x], b[onclick], #app script').length";
        assert_eq!(person.browser.eval::<u32>(made).await?, 0, "a name became markup");
    }
    Ok(())
}

#[tokio::test]
async fn names_that_cannot_be_used_are_refused_with_a_reason() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "x").devices(Devices::None), base).await?;
    let long = "가".repeat(65);

    ana.browser.goto(base).await?;
    for (name, reason) in [
        ("", "empty"),
        (" \u{3000}\u{200b} ", "empty"),
        (long.as_str(), "64"),
        ("..", "dots"),
    ] {
        ana.browser.fill("Room name", name).await?;
        ana.press("Enter room").await?;
        ana.is_alerted(&["room name", reason]).await?;
        assert_eq!(ana.browser.eval::<String>("location.pathname").await?, "/");
    }

    ana.browser.goto(&Entry::new("Ana", "x").address(base)?).await?;
    for (name, reason) in [("  ", "empty"), (long.as_str(), "64")] {
        ana.browser.fill("Your name", name).await?;
        ana.press("Join").await?;
        ana.is_alerted(&["name", reason]).await?;
        assert!(!ana.browser.has("toolbar", "Call controls").await?);
    }

    // An address with an unusable room name says why instead of showing a lobby that leads nowhere.
    for (room, reason) in [
        (long.as_str(), "room name has more than 64 characters"),
        ("\u{3000}", "room name is empty"),
    ] {
        ana.browser.goto(&Entry::new("Ana", room).address(base)?).await?;
        until("the address is refused with the reason", async || {
            let shown = ana.browser.text().await?;
            let lobby = ana.browser.has("button", "Join").await?;
            Ok(holds((shown, lobby), |(shown, lobby)| {
                !lobby && shown.contains(reason)
            }))
        })
        .await?;
    }
    ana.press("To the start").await?;
    ana.is_offered("Enter room").await?;
    Ok(())
}
