//! What the page itself knows: its clock, its address, its source of randomness.

use js_sys::{Date, JsString};
use maju_call::Moment;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlMetaElement, window};

use super::{language::locale, method};

/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Milliseconds since the page was opened; never goes back.
pub fn now() -> Moment {
    window()
        .and_then(|window| window.performance())
        .map_or(0, |clock| clock.now() as Moment)
}

/// The time of day of a moment, hours and minutes, as the person writes it. Before zero the page was not open.
pub fn time_of_day(at: i64) -> String {
    let origin = window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.time_origin());
    let date = Date::new(&JsValue::from_f64(origin + at as f64));
    let options = js_sys::Object::new();
    for (name, form) in [("hour", "numeric"), ("minute", "2-digit")] {
        // A plain object takes any property.
        let _set = js_sys::Reflect::set(&options, &name.into(), &form.into());
    }
    date.to_locale_time_string_with_options(&locale(), &options)
        .into()
}

/// 64 random bits from the browser's secure source.
pub fn random() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// A room name that cannot be guessed: 75 random bits as three groups of letters and digits.
pub fn suggest_room() -> String {
    let mut bytes = [0; 15];
    fill(&mut bytes);
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    letters
        .chunks(5)
        .map(String::from_iter)
        .collect::<Vec<_>>()
        .join("-")
}

fn fill(bytes: &mut [u8]) {
    if let Some(crypto) = window().and_then(|window| window.crypto().ok()) {
        // It fails for more than 65,536 bytes only.
        let _filled = crypto.get_random_values_with_u8_array(bytes);
    }
}

/// In small letters, by the browser's tables; Rust's own would be part of the download.
pub(crate) fn lower(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// Text in Unicode's normal form C, so that characters count as they are seen.
pub fn normalize(text: &str) -> String {
    JsString::from(text).normalize("NFC").into()
}

/// The page's address without the query, which is about the person and not about the room.
pub fn room_link() -> String {
    let Some(location) = window().map(|window| window.location()) else {
        return String::new();
    };
    format!(
        "{}{}",
        location.origin().unwrap_or_default(),
        location.pathname().unwrap_or_default()
    )
}

/// Puts a text into the clipboard and tells whether it worked. Browsers have no clipboard for pages over plain
/// HTTP, some have none at all, and they may refuse elsewhere.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let navigator = window().map(|window| window.navigator());
    let Some(navigator) = navigator.filter(|navigator| method::property(navigator, "clipboard").is_truthy())
    else {
        return done(false);
    };
    let written = navigator.clipboard().write_text(text);
    spawn_local(async move { done(JsFuture::from(written).await.is_ok()) });
}

/// Hands a link to the apps that the system offers for it.
pub fn share(link: &str) {
    let Some(window) = window() else { return };
    let what = js_sys::Object::new();
    for (name, value) in [
        ("title", window.document().map(|document| document.title())),
        ("url", Some(link.to_owned())),
    ] {
        // A plain object takes any property.
        let _set = js_sys::Reflect::set(&what, &name.into(), &value.into());
    }
    if let Some(asked) = method::call(&window.navigator(), "share", Some(&what)) {
        // Whoever changes their mind has not failed.
        spawn_local(async move { drop(JsFuture::from(asked.unchecked_into::<js_sys::Promise>()).await) });
    }
}

/// The address of the signaling socket: what `<meta name="maju-signal">` says, else `/signal` on the page's host.
pub fn signal_address() -> String {
    let Some(window) = window() else {
        return String::new();
    };
    let configured = window
        .document()
        .and_then(|document| document.query_selector("meta[name=maju-signal]").ok().flatten())
        .and_then(|meta| meta.dyn_into::<HtmlMetaElement>().ok())
        .map(|meta| meta.content().trim().to_owned())
        .filter(|address| !address.is_empty());
    configured.unwrap_or_else(|| {
        let location = window.location();
        let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") {
            "wss"
        } else {
            "ws"
        };
        format!("{scheme}://{}/signal", location.host().unwrap_or_default())
    })
}
