//! The browser's tab: its words and its icon.

use maju_call::Sign;
use web_sys::window;

/// The app's icon with a place for the sign. The colours are those of `frontend/assets/favicon.svg`.
const ICON: [&str; 2] = [
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><style>.l{fill:rgb(23 96 90)}.r{fill:rgb(214 95 44)}\
     .d{stroke:white}@media(prefers-color-scheme:dark){.l{fill:rgb(124 196 179)}.r{fill:rgb(240 145 90)}\
     .d{stroke:black}}</style><path class='l' d='M14.5 3.5v21a10.5 10.5 0 0 1 0-21z'/>\
     <path class='r' d='M17.5 7.5v21a10.5 10.5 0 0 0 0-21z'/>",
    "</svg>",
];

/// Sets the words of the browser's tab.
pub fn set_title(words: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(words);
    }
}

/// Puts a sign on the icon of the browser's tab, or takes it off.
pub fn set_sign(sign: Option<Sign>) {
    let document = window().and_then(|window| window.document());
    let icon = document.and_then(|document| document.query_selector("link[rel=icon]").ok().flatten());
    let Some(icon) = icon else { return };
    // Refused only for names that no attribute can have.
    let set = |name: &str, value: &str| drop(icon.set_attribute(name, value));
    // The address of the plain one is in the page, and nowhere else.
    let plain = icon.get_attribute("data-plain").unwrap_or_else(|| {
        let plain = icon.get_attribute("href").unwrap_or_default();
        set("data-plain", &plain);
        plain
    });
    // Told apart by form too: full, hollow, big.
    let dot = match sign {
        None => return set("href", &plain),
        Some(Sign::Live) => {
            "<circle class='d' cx='25' cy='25' r='6' fill='rgb(217 48 37)' stroke-width='2'/>"
        }
        Some(Sign::Muted) => {
            "<circle cx='25' cy='25' r='4.5' fill='white' stroke='rgb(110 110 110)' stroke-width='3'/>"
        }
        Some(Sign::Unread) => {
            "<circle class='d' cx='23' cy='9' r='8' fill='rgb(26 115 232)' stroke-width='2'/>"
        }
    };
    let drawn = ICON.join(dot);
    let address = String::from(js_sys::encode_uri_component(&drawn));
    set("href", &("data:image/svg+xml,".to_owned() + &address));
}
