//! Makes pictures of the app from a real call of four: `screenshots FOLDER`, and of rooms of every size:
//! `screenshots FOLDER layouts`.
//!
//! Each is named by what it shows, the size of the screen and the colours: `call-phone-dark.png`.

mod layouts;
mod portrait;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use futures_util::future::try_join_all;
use maju_e2e::{Devices, Entry, Failure, Outcome, Person, Portrait, Server};
use portrait::{CAST, Sitter};
use serde_json::json;
use tokio::task::spawn_blocking;

const ROOM: &str = "Sunday tea";

/// Name, width, height, pixels for each CSS pixel, whether fingers are used.
type Screen = (&'static str, u32, u32, u32, bool);

const SCREENS: [Screen; 2] = [("desktop", 1280, 800, 1, false), ("phone", 390, 844, 2, true)];
/// The devices go by names that people know instead of those of files.
const LABELS: &str = "{
    const names = { videoinput: 'Front camera', audioinput: 'Built-in microphone', audiooutput: 'Headphones' };
    const { get } = Object.getOwnPropertyDescriptor(MediaDeviceInfo.prototype, 'label');
    const label = function () { return get.call(this) && names[this.kind] };
    Object.defineProperty(MediaDeviceInfo.prototype, 'label', { get: label });
}";
const SCHEMES: [&str; 2] = ["light", "dark"];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("screenshots: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| Failure::new("usage: screenshots FOLDER"))?;
    fs::create_dir_all(&folder)?;
    let server = Server::start(&[]).await?;
    let base = server.address.as_str();

    // Drawn on all cores at once.
    let entries = try_join_all(
        CAST.iter()
            .map(async |sitter| spawn_blocking(|| entry(sitter)).await?),
    )
    .await?;
    if env::args().nth(2).as_deref() == Some("layouts") {
        return layouts::take(&entries, &folder).await;
    }
    let ([first, others @ ..], [host_entry, guest_entries @ ..]) = (&CAST, &entries[..]) else {
        return Err(Failure::new("nobody to take pictures of"));
    };
    let host = Person::open(host_entry, base).await?;
    let pictures = Pictures {
        host: &host,
        folder: &folder,
        screens: &SCREENS,
    };

    let lobby = host_entry.address(base)?;
    host.browser.goto(base).await?;
    host.is_offered("Enter room").await?;
    pictures.take("home").await?;
    host.browser.goto(&lobby).await?;
    host.browser.fill("Your name", first.name).await?;
    host.browser.node("combobox", "Camera").await?;
    pictures.take("lobby").await?;

    host.join().await?;
    let guests = try_join_all(guest_entries.iter().map(|entry| Person::enter(entry, base))).await?;
    for sitter in others {
        host.sees_moving(sitter.name).await?;
    }
    host.sees_moving(first.name).await?;
    pictures.take("call").await?;

    let [bo, jiyeong, sara] = &guests[..] else {
        return Err(Failure::new("not three guests"));
    };
    let talk = [
        (bo, "Good morning! Can everybody see me?"),
        (jiyeong, "네, 잘 보여요 👋"),
        (sara, "I brought cake. Sadly you will have to believe me."),
        (&host, "Then show it to the camera, please"),
        (sara, "One moment …"),
    ];
    host.open_chat().await?;
    for (person, text) in talk {
        person.write(text).await?;
    }
    let lines: Vec<String> = talk
        .iter()
        .map(|(person, text)| format!("{} : {text}", person.name))
        .collect();
    host.reads(&lines.iter().map(String::as_str).collect::<Vec<_>>())
        .await?;
    pictures.take("chat").await?;
    for (panel, name) in [
        ("Call log", "log"),
        ("People", "people"),
        ("Settings", "settings"),
    ] {
        host.press("Close panel").await?;
        host.press(panel).await?;
        pictures.take(name).await?;
    }
    host.press("Close panel").await?;
    take_door(&pictures, sara).await?;
    host.press("Leave").await?;
    host.is_offered("Rejoin").await?;
    pictures.take("ended").await
}

/// What the host and somebody who comes late see of each other before the one lets the other in, and after.
async fn take_door(pictures: &Pictures<'_>, late: &Person) -> Outcome {
    let host = pictures.host;
    let outside = Pictures {
        host: late,
        ..*pictures
    };
    late.press("Leave").await?;
    host.press("People").await?;
    host.browser.click("switch", "Let newcomers wait").await?;
    late.press("Rejoin").await?;
    late.browser.node("heading", "Waiting to be let in").await?;
    outside.take("waiting").await?;
    host.is_offered(&format!("Admit {}", late.name)).await?;
    pictures.take("people-host").await?;
    host.press("Close panel").await?;
    host.is_offered(&format!("Admit {}", late.name)).await?;
    pictures.take("knock").await?;

    late.press("Cancel").await?;
    host.press("People").await?;
    host.browser.fill("Room password", "Earl Grey").await?;
    host.press("Set password").await?;
    host.is_offered("Change password").await?;
    late.press("Join").await?;
    late.browser.node("textbox", "Password").await?;
    outside.take("password").await?;

    late.browser.fill("Password", "Earl Grey").await?;
    late.press("Join").await?;
    host.press(&format!("Admit {}", late.name)).await?;
    host.press(&format!("Options for {}", late.name)).await?;
    pictures.take("options").await?;
    host.press(&format!("Mute {}", late.name)).await?;
    late.is_offered("Dismiss").await?;
    outside.take("muted").await?;
    host.press(&format!("Options for {}", late.name)).await?;
    host.press(&format!("Remove {}", late.name)).await?;
    host.is_offered("Yes, remove").await?;
    pictures.take("remove").await?;
    host.press("Yes, remove").await?;
    late.is_offered("Rejoin").await?;
    outside.take("removed").await?;
    host.press("Close panel").await
}

fn entry(sitter: &Sitter) -> Outcome<Entry> {
    let portrait = Portrait {
        width: 640,
        height: 360,
        rate: 10,
        frames: 20,
        paint: sitter.painter(),
    };
    let film = portrait.film(sitter.name)?;
    Ok(Entry::new(sitter.name, ROOM)
        .devices(Devices::Film(film, sitter.tone))
        .script(LABELS))
}

struct Pictures<'a> {
    host: &'a Person,
    folder: &'a Path,
    screens: &'a [Screen],
}

impl Pictures<'_> {
    /// Takes what the host sees on each screen in each colour scheme.
    async fn take(&self, what: &str) -> Outcome {
        let browser = &self.host.browser;
        for &(screen, width, height, scale, touch) in self.screens {
            let metrics =
                json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": touch });
            browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
            for scheme in SCHEMES {
                let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
                browser.cdp("Emulation.setEmulatedMedia", features).await?;
                settled(self.host).await?;
                let path = self.folder.join(format!("{what}-{screen}-{scheme}.png"));
                fs::write(path, browser.screenshot().await?)?;
            }
        }
        let [(_, width, height, scale, touch), _] = SCREENS;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": touch });
        browser
            .cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .map(drop)
    }
}

/// Waits until all transitions are over and what they led to has been painted.
async fn settled(person: &Person) -> Outcome {
    let script = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))
        .then(() => Promise.allSettled(document.getAnimations()
            .filter((animation) => animation.effect?.getComputedTiming().endTime < 5000)
            .map((animation) => animation.finished)))
        .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1)))))";
    person.browser.eval::<u32>(script).await.map(drop)
}
