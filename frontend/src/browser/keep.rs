//! What outlives the page in this browser. One that keeps nothing is no obstacle.

use js_sys::{JSON, Object, Reflect};
use maju_call::{Rate, Secret, Size, Wishes};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::{Storage, window};

use super::{
    page::lower,
    read::{from_text, to_text},
    theme::theme_name,
};

const NAME: &str = "maju.name";
const HOSTED: &str = "maju.hosted";
const LANGUAGE: &str = "maju.language";
const HIDDEN: &str = "maju.hideAddress";
/// The page itself reads the theme from it: see `index.html`.
const SETTINGS: &str = "maju.settings";

/// How many rooms are remembered of which the person was the host; the oldest are forgotten.
const MAX_HOSTED: usize = 20;

/// A room of which the person was the host, and what makes them it again.
#[derive(Serialize, Deserialize)]
struct Hosted {
    room: String,
    secret: Secret,
}

/// The name that the person used last; empty where none is known.
pub fn remembered_name() -> String {
    read(NAME).unwrap_or_default()
}

/// Keeps the person's name for the next time.
pub fn remember_name(name: &str) {
    write(NAME, name);
}

/// Whether the person wants to hide the own address.
pub fn hides_address() -> bool {
    read(HIDDEN).is_some_and(|value| value == "yes")
}

/// Keeps whether the person wants to hide the own address.
pub fn hide_address(hidden: bool) {
    write(HIDDEN, if hidden { "yes" } else { "no" });
}

/// What the person set in this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the own picture is shown as in a mirror.
    pub mirror: bool,
    /// Whether the page is dark, or light; none for what the system says.
    pub dark: Option<bool>,
    /// Whether single keys press buttons.
    pub keys: bool,
    /// What is set about what is captured, sent and received.
    pub wishes: Wishes,
}

const SIZES: [Size; 4] = [Size::Automatic, Size::P360, Size::P720, Size::P1080];
const RATES: [Rate; 3] = [Rate::Automatic, Rate::Fps15, Rate::Fps30];

/// What was kept. A part that is missing or broken is as if it had never been set.
pub fn settings() -> Settings {
    let kept = read(SETTINGS).and_then(|text| JSON::parse(&text).ok());
    let kept = kept.unwrap_or_default();
    let get = |name: &str| Reflect::get(&kept, &name.into()).unwrap_or_default();
    let flag = |name: &str, usual: bool| get(name).as_bool().unwrap_or(usual);
    Settings {
        mirror: flag("mirror", true),
        dark: match get("theme").as_string().as_deref() {
            Some("light") => Some(false),
            Some("dark") => Some(true),
            _ => None,
        },
        keys: flag("keys", true),
        wishes: Wishes {
            size: one_of(&SIZES, Size::height, &get("size")),
            rate: one_of(&RATES, Rate::a_second, &get("rate")),
            blur: get("blur").as_bool(),
            echo: flag("echo", true),
            noise: flag("noise", true),
            gain: flag("gain", true),
            push_to_talk: flag("pushToTalk", false),
            save_data: flag("saveData", false),
            audio_only: flag("audioOnly", false),
        },
    }
}

/// The one that has this number, else the first.
fn one_of<T: Copy>(all: &[T], number: fn(T) -> u32, kept: &JsValue) -> T {
    let kept = kept.as_f64();
    let found = all.iter().find(|one| kept == Some(number(**one).into()));
    *found.unwrap_or(&all[0])
}

/// Keeps what the person set.
pub fn keep_settings(settings: &Settings) {
    let theme = settings.dark.map(theme_name);
    let wishes = &settings.wishes;
    let parts: [(&str, JsValue); 12] = [
        ("mirror", settings.mirror.into()),
        ("theme", theme.into()),
        ("keys", settings.keys.into()),
        ("size", wishes.size.height().into()),
        ("rate", wishes.rate.a_second().into()),
        ("blur", wishes.blur.into()),
        ("echo", wishes.echo.into()),
        ("noise", wishes.noise.into()),
        ("gain", wishes.gain.into()),
        ("pushToTalk", wishes.push_to_talk.into()),
        ("saveData", wishes.save_data.into()),
        ("audioOnly", wishes.audio_only.into()),
    ];
    let kept = Object::new();
    for (name, value) in parts {
        // A plain object takes any property; one that is undefined is left out of the text.
        let _set = Reflect::set(&kept, &name.into(), &value);
    }
    if let Ok(text) = JSON::stringify(&kept) {
        write(SETTINGS, &String::from(text));
    }
}

/// The language that the person chose here.
pub(super) fn language() -> Option<String> {
    read(LANGUAGE)
}

/// Keeps the language that the person chose.
pub fn keep_language(tag: &str) {
    write(LANGUAGE, tag);
}

/// What makes the person the host of that room again.
pub fn hosted(room: &str) -> Option<Secret> {
    let room = same(room);
    let found = all_hosted().into_iter().find(|hosted| hosted.room == room);
    found.map(|hosted| hosted.secret)
}

/// Keeps what makes the person the host of that room.
pub(super) fn host(room: &str, secret: &Secret) {
    let room = same(room);
    let mut all = all_hosted();
    all.retain(|hosted| hosted.room != room);
    all.push(Hosted {
        room,
        secret: secret.clone(),
    });
    let excess = all.len().saturating_sub(MAX_HOSTED);
    all.drain(..excess);
    if let Some(text) = to_text(&all) {
        write(HOSTED, &text);
    }
}

fn all_hosted() -> Vec<Hosted> {
    let text = read(HOSTED).unwrap_or_default();
    from_text(&text).unwrap_or_default()
}

/// Names that differ in capitals only are the same room.
fn same(room: &str) -> String {
    lower(room.trim())
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _kept = storage.set_item(key, value);
    }
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}
