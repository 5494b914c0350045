//! The whole app by the keyboard alone, with the keys that a person presses.

use maju_e2e::{Devices, Entry, Failure, Focus, Look, Outcome, Person, Stage, holds, until};

/// Somebody who has no mouse.
struct Typist<'a>(&'a Person);

impl Typist<'_> {
    async fn key(&self, key: &str) -> Outcome {
        self.0.browser.key(key).await
    }

    async fn types(&self, text: &str) -> Outcome {
        self.0.browser.type_keys(text).await
    }

    /// Waits until what is called so has the focus, and a ring where it is something to press or fill in.
    async fn is_at(&self, name: &str) -> Outcome<Focus> {
        let focus = until(format!("the focus is at {name:?}"), async || {
            Ok(holds(self.0.browser.focus().await?, |focus| {
                focus.name.starts_with(name)
            }))
        })
        .await?;
        let ringed = focus.ring || ["h1", "h2"].contains(&focus.tag.as_str());
        assert!(ringed, "nothing shows that the focus is at {focus:?}");
        Ok(focus)
    }

    /// Presses a key again and again until it leads to what is called so.
    async fn goes(&self, key: &str, name: &str) -> Outcome {
        let mut passed = Vec::new();
        for _ in 0..60 {
            self.key(key).await?;
            let focus = self.0.browser.focus().await?;
            if focus.name.starts_with(name) {
                return self.is_at(name).await.map(drop);
            }
            passed.push(focus.name);
        }
        Err(Failure::new(format!(
            "{key} does not lead to {name:?}, but to {passed:?}"
        )))
    }

    async fn has(&self, role: &str, name: &str, there: bool) -> Outcome {
        until(format!("{role} {name:?}: {there}"), async || {
            Ok(holds(self.0.browser.has(role, name).await?, |has| *has == there))
        })
        .await
        .map(drop)
    }
}

/// What a screen reader is told of the room.
async fn is_told(person: &Person, words: &str) -> Outcome {
    until(format!("{} is told {words:?}", person.name), async || {
        let said = person.browser.texts("status").await?;
        Ok(holds(said, |said| said.iter().any(|said| said.trim() == words)))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn the_whole_app_is_used_by_the_keyboard_alone() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::open(&Entry::new("Ana", "x").devices(Devices::Several(2)), base).await?;
    let browser = &ana.browser;
    browser.goto(base).await?;
    let me = Typist(&ana);

    // From the first page into a room.
    browser.node("button", "Enter room").await?;
    me.goes("Tab", "Room name").await?;
    me.types("garden").await?;
    me.key("Enter").await?;
    me.is_at("garden").await?;

    // The lobby: a device, a name, and in.
    browser.node("button", "Turn camera off").await?;
    me.goes("Tab", "Camera").await?;
    let label = "document.activeElement.selectedOptions[0]?.label";
    until("the first camera is picked", async || {
        Ok(holds(browser.eval::<Option<String>>(label).await?, |label| {
            label.as_deref() == Some("fake_device_0")
        }))
    })
    .await?;
    me.key("Down").await?;
    until("the second camera is picked", async || {
        Ok(holds(browser.eval::<Option<String>>(label).await?, |label| {
            label.as_deref() == Some("fake_device_1")
        }))
    })
    .await?;
    me.goes("Shift+Tab", "Your name").await?;
    me.types("Ana").await?;
    me.goes("Tab", "Join").await?;
    me.key("Enter").await?;
    ana.is_in_call().await?;
    me.is_at("garden").await?;
    let bo = Entry::new("Bo", "garden").look(Look::GREEN);
    let bo = Person::enter(&bo, base).await?;

    // To the controls by the shortest way, then by arrows.
    me.goes("Tab", "To the call controls").await?;
    me.key("Enter").await?;
    me.is_at("Mute").await?;
    me.key("Left").await?;
    me.is_at("Leave").await?;
    me.key("Right").await?;
    me.is_at("Mute").await?;
    me.key("End").await?;
    me.is_at("Leave").await?;
    me.key("Home").await?;
    me.key("Space").await?;
    me.is_at("Unmute").await?;
    bo.sees("Ana", "muted", |seen| seen.microphone_on() == Some(false))
        .await?;
    me.key("Right").await?;
    me.is_at("Turn camera off").await?;
    me.key("Enter").await?;
    me.is_at("Turn camera on").await?;
    bo.sees("Ana", "dark", |seen| seen.camera_on() == Some(false))
        .await?;
    me.key("Enter").await?;
    me.is_at("Turn camera off").await?;

    // The chat.
    me.goes("Right", "Chat").await?;
    me.key("Enter").await?;
    me.is_at("Message").await?;
    me.types("hello mvc?").await?;
    me.key("Enter").await?;
    bo.open_chat().await?;
    bo.reads(&["Ana : hello mvc?"]).await?;
    me.has("button", "Unmute", true).await?;
    me.key("Escape").await?;
    me.is_at("Chat").await?;
    me.has("log", "Chat", false).await?;

    // The people, and what a host can do with one.
    me.goes("Right", "People").await?;
    me.key("Enter").await?;
    me.is_at("Close panel").await?;
    me.goes("Tab", "Options for Bo").await?;
    me.key("Enter").await?;
    me.goes("Tab", "Remove Bo").await?;
    me.key("Enter").await?;
    me.is_at("Cancel").await?;
    me.key("Enter").await?;
    me.is_at("Options for Bo").await?;
    me.key("Enter").await?;
    me.goes("Tab", "Mute Bo").await?;
    me.key("Escape").await?;
    me.is_at("Options for Bo").await?;
    me.has("heading", "People", true).await?;
    me.key("Escape").await?;
    me.is_at("People").await?;
    me.has("heading", "People", false).await?;

    // The other panels.
    for panel in ["Settings", "Call log"] {
        me.goes("Right", panel).await?;
        me.key("Enter").await?;
        me.has("heading", panel, true).await?;
        let at = browser.focus().await?;
        assert_ne!(at.name, panel, "the focus goes into the panel");
        me.key("Escape").await?;
        me.is_at(panel).await?;
        me.has("heading", panel, false).await?;
    }

    // The list of keys, over everything; Escape closes it alone.
    me.goes("Left", "Settings").await?;
    me.key("Enter").await?;
    me.goes("Tab", "Show the keys").await?;
    me.key("Enter").await?;
    me.has("dialog", "Keyboard shortcuts", true).await?;
    me.is_at("Close").await?;
    me.key("Escape").await?;
    me.has("dialog", "Keyboard shortcuts", false).await?;
    me.is_at("Show the keys").await?;
    me.key("Escape").await?;
    me.is_at("Settings").await?;

    // Out, and in again.
    me.key("End").await?;
    me.is_at("Leave").await?;
    me.key("Enter").await?;
    me.is_at("You left").await?;
    me.goes("Tab", "Rejoin").await?;
    me.key("Enter").await?;
    ana.is_in_call().await?;
    me.is_at("garden").await?;
    ana.sees_exactly(&["Ana", "Bo"]).await
}

#[tokio::test]
async fn single_keys_press_buttons_unless_somebody_writes_or_wants_none() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "keys").look(Look::RED), base).await?;
    let me = Typist(&ana);
    me.key("m").await?;
    ana.is_offered("Unmute").await?;
    is_told(&ana, "Microphone off").await?;
    me.key("v").await?;
    ana.is_offered("Turn camera on").await?;
    me.key("Control+m").await?;
    for full in [true, false] {
        me.key("f").await?;
        until("the room fills the screen, or no more", async || {
            let now = ana.browser.eval::<bool>("!!document.fullscreenElement").await?;
            Ok(holds(now, |now| *now == full))
        })
        .await?;
    }

    me.key("c").await?;
    me.is_at("Message").await?;
    me.types("mvp?").await?;
    me.key("Escape").await?;
    me.is_at("Chat").await?;
    ana.is_offered("Unmute").await?;
    me.has("heading", "People", false).await?;
    me.key("p").await?;
    me.is_at("Close panel").await?;
    me.key("p").await?;
    me.is_at("People").await?;

    me.key("Shift+?").await?;
    me.has("dialog", "Keyboard shortcuts", true).await?;
    me.key("m").await?;
    me.key("Escape").await?;
    me.has("dialog", "Keyboard shortcuts", false).await?;
    ana.is_offered("Unmute").await?;

    me.key(",").await?;
    ana.browser.click("switch", "Keyboard shortcuts").await?;
    until("no button has a key", async || {
        let keys = "document.querySelectorAll('[aria-keyshortcuts]').length";
        Ok(holds(ana.browser.eval::<u32>(keys).await?, |keys| *keys == 0))
    })
    .await?;
    me.key("Escape").await?;
    me.is_at("Settings").await?;
    me.key("m").await?;
    me.key("Shift+?").await?;
    me.key("p").await?;
    me.has("dialog", "Keyboard shortcuts", false).await?;
    me.has("heading", "People", false).await?;
    ana.is_offered("Unmute").await
}

#[tokio::test]
async fn arrows_go_where_they_point_on_a_page_from_right_to_left() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "arrows"), base).await?;
    let me = Typist(&ana);
    ana.browser
        .eval::<()>("void (document.documentElement.dir = 'rtl')")
        .await?;
    me.goes("Tab", "To the call controls").await?;
    me.key("Enter").await?;
    me.is_at("Mute").await?;
    me.key("Left").await?;
    me.is_at("Turn camera off").await?;
    me.key("Right").await?;
    me.is_at("Mute").await.map(drop)
}

#[tokio::test]
async fn the_focus_is_not_lost_with_what_had_it() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "lost").devices(Devices::None), base).await?;
    let me = Typist(&ana);
    let bo = Person::enter(&Entry::new("Bo", "lost").devices(Devices::None), base).await?;
    ana.press("People").await?;
    me.goes("Tab", "Options for Bo").await?;
    bo.press("Leave").await?;
    // In the panel that is still there.
    me.is_at("Close panel").await?;
    me.key("Escape").await?;
    me.is_at("People").await?;

    // A notice that is put away.
    me.goes("Shift+Tab", "Dismiss").await?;
    me.key("Enter").await?;
    me.is_at("Unmute").await.map(drop)
}

#[tokio::test]
async fn what_happens_is_told_to_those_who_do_not_see_it() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "told").devices(Devices::None), base).await?;
    let keep = "(() => {
        globalThis.told = [];
        const place = [...document.querySelectorAll('[role=status].unseen')];
        new MutationObserver(() => { for (const one of place) if (one.textContent) told.push(one.textContent) })
            .observe(document.body, { subtree: true, childList: true, characterData: true });
        return place.length;
    })()";
    let bo = Person::enter(&Entry::new("Bo", "told").devices(Devices::None), base).await?;
    assert_eq!(
        bo.browser.eval::<u32>(keep).await?,
        1,
        "one place tells of the room"
    );
    is_told(&ana, "Bo joined").await?;
    bo.sees("Ana", "connected", |seen| seen.state == "connected")
        .await?;
    ana.write("hello").await?;
    is_told(&bo, "Ana: hello").await?;
    bo.open_chat().await?;
    ana.write("the log tells this one").await?;
    bo.reads(&["Ana : hello", "Ana : the log tells this one"]).await?;
    ana.press("Leave").await?;
    is_told(&bo, "Ana left").await?;
    let all: Vec<String> = bo.browser.eval("globalThis.told").await?;
    assert!(
        !all.iter()
            .any(|said| said.contains("Ana joined") || said.contains("log tells")),
        "{all:?}"
    );
    Ok(())
}
