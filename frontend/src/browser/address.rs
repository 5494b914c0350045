use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::decode_uri_component;
use serde::Deserialize;
use web_sys::{UrlSearchParams, window};

use super::read::from_text;

thread_local! {
    /// At which step of the history the page is, counted by [`Page::go`]: a browser does not tell. There is one history
    /// for the page.
    static STEP: Cell<i32> = Cell::new(step_here());
}

/// Which page an address names.
///
/// A router of our own: the two pages that Maju has would cost a tenth of the download with a general one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Home,
    /// `/r/{room}`, the name decoded.
    Room(String),
    /// `/test`
    Test,
    /// Anything else.
    Unknown,
}

impl Page {
    /// The page that the address bar names.
    pub fn here() -> Self {
        let path = window()
            .and_then(|window| window.location().pathname().ok())
            .unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(&path);
        // A slash that an address picked up at its end on the way is not of the name; one that is, is encoded.
        match path
            .strip_prefix("r/")
            .map(|room| room.strip_suffix('/').unwrap_or(room))
        {
            None if path.is_empty() || path == "index.html" => Self::Home,
            Some(room) if !room.is_empty() => match decode_uri_component(room) {
                Ok(room) => Self::Room(room.into()),
                Err(_) => Self::Unknown,
            },
            _ if path == "test" => Self::Test,
            _ => Self::Unknown,
        }
    }

    /// Puts this page into the address bar and the history.
    pub fn go(&self) {
        let path = match self {
            Self::Room(room) => format!("/r/{}", String::from(js_sys::encode_uri_component(room))),
            Self::Test => "/test".to_owned(),
            Self::Home | Self::Unknown => "/".to_owned(),
        };
        if let Some(history) = window().and_then(|window| window.history().ok()) {
            let step = STEP.get() + 1;
            STEP.set(step);
            // Refused only to pages that do so hundreds of times a minute.
            let _refused = history.push_state_with_url(&step.into(), "", Some(&path));
        }
    }

    /// Calls `moved` whenever the person goes back or forth in the history, as long as the value lives, with the
    /// number of steps: less than 0 for back.
    pub fn watch(moved: impl Fn(i32) + 'static) -> Option<Rc<EventListener>> {
        let window = window()?;
        // The page that was loaded may be one to which the person came back.
        STEP.set(step_here());
        Some(Rc::new(EventListener::new(&window, "popstate", move |_| {
            let here = step_here();
            moved(here - STEP.replace(here));
        })))
    }

    /// Goes so many steps in the history, when there is time for it.
    pub fn step(steps: i32) {
        if let Some(history) = window().and_then(|window| window.history().ok()) {
            let _refused = history.go_with_delta(steps);
        }
    }
}

/// The step that the history's entry at hand bears. The one by which the page was loaded bears none.
fn step_here() -> i32 {
    let history = window().and_then(|window| window.history().ok());
    let state = history.and_then(|history| history.state().ok());
    state
        .and_then(|state| state.as_f64())
        .map_or(0, |step| step as i32)
}

/// The value of a name in the address's query, empty where it stands alone.
pub fn query(name: &str) -> Option<String> {
    let search = window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// The value of a name in the address's fragment, which no server is told.
pub fn fragment(name: &str) -> Option<String> {
    let fragment = window()?.location().hash().ok()?;
    let pairs = fragment.strip_prefix('#').unwrap_or(&fragment);
    UrlSearchParams::new_with_str(pairs).ok()?.get(name)
}

/// What the operator's system calls the bearer of its token (a JSON Web Token), if it says so. That it holds, the server
/// checks; here it is only shown.
pub fn named_by(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        name: String,
    }
    let claims = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    // Each character of what comes back is a byte.
    let bytes = window()?.atob(&claims).ok()?;
    let bytes: Result<Vec<u8>, _> = bytes.chars().map(u8::try_from).collect();
    let claims: Claims = from_text(&String::from_utf8(bytes.ok()?).ok()?).ok()?;
    Some(claims.name)
}

/// Takes a name out of the address's query, without a step in the history.
pub fn drop_query(name: &str) {
    let Some(window) = window() else { return };
    let (Ok(search), Ok(history)) = (window.location().search(), window.history()) else {
        return;
    };
    if let Ok(query) = UrlSearchParams::new_with_str(&search)
        && query.has(name)
    {
        query.delete(name);
        let rest = String::from(query.to_string());
        let address = if rest.is_empty() {
            window.location().pathname().unwrap_or_default()
        } else {
            format!("?{rest}")
        } + &window.location().hash().unwrap_or_default();
        // Refused only to pages that do so hundreds of times a minute.
        let state = history.state().unwrap_or_default();
        let _refused = history.replace_state_with_url(&state, "", Some(&address));
    }
}
