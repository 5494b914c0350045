//! Nobody is kept out: each page and each part of the room, as axe-core sees it, by small and by big screens, by forced
//! colours, and by fingers.

use std::{collections::HashMap, mem};

use maju_e2e::{Browser, Devices, Entry, Look, Outcome, Person, Sight, Stage};

/// A desk's screen, and a phone.
const SCREENS: [(u32, u32); 2] = [(1280, 800), (390, 844)];

/// A page of 1280 by 1024 at four times its size, one of 1280 by 800 at twice, and a narrow phone.
const TIGHT: [(u32, u32); 3] = [(320, 256), (640, 400), (320, 568)];

/// Everything that was found, so that one look tells all of it.
#[derive(Default)]
struct Report(Vec<String>);

impl Report {
    /// Looks at what is shown in every way in which it can be.
    async fn look(&mut self, browser: &Browser, what: &str) -> Outcome {
        for (width, height) in SCREENS {
            for scheme in ["light", "dark"] {
                let sight = Sight {
                    width,
                    height,
                    scheme,
                    forced: false,
                };
                browser.look_by(sight).await?;
                let barriers = browser.barriers().await?;
                self.add(what, &format!("{width}, {scheme}"), barriers);
            }
        }
        self.add(what, "touch", browser.small_targets().await?);
        for (width, height) in TIGHT {
            let sight = Sight {
                width,
                height,
                scheme: "light",
                forced: false,
            };
            browser.look_by(sight).await?;
            self.add(what, &format!("{width} by {height}"), browser.lost().await?);
        }
        let [(width, height), _] = SCREENS;
        let forced = Sight {
            width,
            height,
            scheme: "dark",
            forced: true,
        };
        browser.look_by(forced).await?;
        self.add(what, "forced colours", browser.barriers().await?);
        browser
            .look_by(Sight {
                scheme: "light",
                forced: false,
                ..forced
            })
            .await
    }

    fn add(&mut self, what: &str, how: &str, found: Vec<String>) {
        self.0
            .extend(found.into_iter().map(|found| format!("{what}, {how}: {found}")));
    }

    fn is_empty(&mut self) {
        let found = mem::take(&mut self.0);
        assert!(
            found.is_empty(),
            "{} barriers:\n  {}",
            found.len(),
            found.join("\n  ")
        );
    }
}

#[tokio::test]
async fn the_pages_around_a_call_keep_nobody_out() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let mut report = Report::default();
    let ana = Person::open(&Entry::new("Ana", "around").look(Look::RED), base).await?;
    let browser = &ana.browser;
    browser.goto(base).await?;
    browser.node("button", "Enter room").await?;
    report.look(browser, "home").await?;
    ana.press("Enter room").await?;
    ana.is_alerted(&["name"]).await?;
    report.look(browser, "home, no name").await?;

    browser.goto(&format!("{base}r/{}", "x".repeat(65))).await?;
    browser.node("button", "To the start").await?;
    report.look(browser, "not found").await?;

    browser.goto(&Entry::new("Ana", "around").address(base)?).await?;
    browser.node("combobox", "Camera").await?;
    browser.node("button", "Turn camera off").await?;
    report.look(browser, "lobby").await?;
    browser.fill("Your name", "").await?;
    ana.press("Join").await?;
    ana.is_alerted(&["name"]).await?;
    report.look(browser, "lobby, no name").await?;
    ana.join().await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    report.look(browser, "ended").await?;
    report.is_empty();
    Ok(())
}

#[tokio::test]
async fn the_lobby_and_the_waiting_room_keep_nobody_out() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let mut report = Report::default();
    let ana = Person::enter(&Entry::new("Ana", "door").devices(Devices::None), base).await?;
    report.look(&ana.browser, "room, without devices").await?;
    ana.press("People").await?;
    report.look(&ana.browser, "people, of a host").await?;
    ana.browser.click("switch", "Let newcomers wait").await?;

    let bo = Person::open(&Entry::new("Bo", "door").devices(Devices::Denied), base).await?;
    bo.is_alerted(&["may not be used"]).await?;
    report.look(&bo.browser, "lobby, denied").await?;
    bo.browser.fill("Your name", "Bo").await?;
    bo.press("Join").await?;
    bo.browser.node("heading", "Waiting to be let in").await?;
    report.look(&bo.browser, "waiting").await?;
    ana.is_offered("Admit Bo").await?;
    report.look(&ana.browser, "people, somebody waits").await?;
    ana.press("Close panel").await?;
    ana.is_offered("Admit Bo").await?;
    report.look(&ana.browser, "room, somebody waits").await?;

    bo.press("Cancel").await?;
    ana.press("People").await?;
    ana.browser.fill("Room password", "sesame").await?;
    ana.press("Set password").await?;
    ana.is_offered("Change password").await?;
    bo.press("Join").await?;
    bo.browser.node("textbox", "Password").await?;
    report.look(&bo.browser, "lobby, refused").await?;
    bo.browser.fill("Password", "sesame").await?;
    bo.press("Join").await?;
    ana.press("Admit Bo").await?;
    ana.press("Options for Bo").await?;
    report.look(&ana.browser, "people, options").await?;
    ana.press("Remove Bo").await?;
    ana.is_offered("Yes, remove").await?;
    report.look(&ana.browser, "people, a question").await?;
    ana.press("Yes, remove").await?;
    bo.is_offered("Rejoin").await?;
    report.look(&bo.browser, "removed").await?;
    report.is_empty();
    Ok(())
}

#[tokio::test]
async fn the_room_and_its_panels_keep_nobody_out() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let mut report = Report::default();
    let ana = Person::enter(&Entry::new("Ana", "inside").look(Look::RED), base).await?;
    let browser = &ana.browser;
    report.look(browser, "room alone").await?;
    let bo = Person::enter(&Entry::new("Bo", "inside").look(Look::GREEN), base).await?;
    ana.sees_moving("Bo").await?;
    report.look(browser, "room of two").await?;
    ana.press("Layout").await?;
    report.look(browser, "layout").await?;
    browser.key("Escape").await?;
    browser.key("Shift+?").await?;
    browser.node("dialog", "Keyboard shortcuts").await?;
    report.look(browser, "keyboard shortcuts").await?;
    browser.key("Escape").await?;
    bo.write("hello").await?;
    ana.write("Good morning").await?;
    bo.reads(&["Bo : hello", "Ana : Good morning"]).await?;
    report.look(browser, "chat").await?;
    ana.press("Close panel").await?;
    for panel in ["People", "Settings", "Call log"] {
        ana.press(panel).await?;
        report.look(browser, panel).await?;
        ana.press("Close panel").await?;
    }
    for button in ["Mute", "Turn camera off"] {
        ana.press(button).await?;
    }
    ana.is_offered("Unmute").await?;
    ana.is_offered("Turn camera on").await?;
    report.look(browser, "room, muted and dark").await?;
    report.is_empty();
    Ok(())
}

/// The states that a person has to tell apart, and what is computed for each.
const STATES: &str = "(() => {
    const looks = (of) => {
        const style = getComputedStyle(of);
        return [style.backgroundColor, style.color, style.borderTopColor, style.borderTopStyle, style.borderTopWidth].join();
    };
    const button = (name) => document.querySelector(`.toolbar [aria-label='${name}']`);
    return {
        on: looks(button('Turn camera off')), off: looks(button('Unmute')),
        open: looks(button('Settings')), closed: looks(button('Call log')), leave: looks(button('Leave')),
        tile: getComputedStyle(document.querySelector('.tile')).borderTopStyle,
    };
})()";

#[tokio::test]
async fn states_are_told_apart_where_the_system_forces_its_colours() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "forced").look(Look::RED), base).await?;
    ana.press("Mute").await?;
    ana.is_offered("Unmute").await?;
    ana.press("Settings").await?;
    for scheme in ["light", "dark"] {
        let sight = Sight {
            width: 1280,
            height: 800,
            scheme,
            forced: true,
        };
        ana.browser.look_by(sight).await?;
        let seen: HashMap<String, String> = ana.browser.eval(STATES).await?;
        assert_ne!(seen["on"], seen["off"], "{scheme}: on and off");
        assert_ne!(seen["open"], seen["closed"], "{scheme}: open and closed");
        assert_ne!(seen["leave"], seen["closed"], "{scheme}: leaving and the rest");
        assert_eq!(seen["tile"], "solid", "{scheme}: where a tile ends");
    }
    Ok(())
}
