//! Joins what is seen to what is done: addresses to pages, a call to the pages of its room.

use std::rc::Rc;

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use leptos_router::{NavigateOptions, path};
use maju_call::{Setup, UserEvent, View, check_room};

use crate::browser::{self, Driver, Outlets};
use crate::ui::{Face, Home, NotFound, Pages, Show};

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <Route path=path!("/") view=HomePage />
                <Route path=path!("/r/:room") view=RoomPage />
            </Routes>
        </Router>
    }
}

#[component]
fn HomePage() -> impl IntoView {
    let navigate = use_navigate();
    let enter = Callback::new(move |room: String| {
        let address = format!("/r/{}", js_sys::encode_uri_component(&room));
        navigate(&address, NavigateOptions::default());
    });
    view! { <Home enter suggest=Callback::new(|()| browser::suggest_room()) /> }
}

#[component]
fn RoomPage() -> impl IntoView {
    let params = use_params_map();
    // Another room is another call: the old one ends with its component.
    move || {
        let room = params.read().get("room").unwrap_or_default();
        match check_room(&browser::normalize(&room)) {
            Ok(room) => call(room.to_owned()).into_any(),
            Err(_) => view! { <NotFound /> }.into_any(),
        }
    }
}

/// Begins a call in that room and shows it.
fn call(room: String) -> impl IntoView {
    let setup = setup(room);
    let (view, set_view) = signal(View::of(&setup));
    let (level, set_level) = signal(0.0);
    let outlets = Outlets {
        view: Box::new(move |view| set_view.set(view.clone())),
        level: Rc::new(move |level| set_level.set(level)),
    };
    let driver = StoredValue::new_local(Driver::start(setup, browser::signal_address(), outlets));
    let send = Callback::new(move |event: UserEvent| {
        if event == UserEvent::Join {
            view.with_untracked(|view| browser::remember_name(&view.name));
        }
        driver.with_value(|driver| driver.send(event));
    });
    let show = Callback::new(move |Show { whose, video }| {
        // A `<video>` may outlive the call that it showed.
        let _gone = driver.try_with_value(|driver| driver.show(whose, video));
    });
    let navigate = use_navigate();
    let home = Callback::new(move |()| navigate("/", NavigateOptions::default()));
    let face = Face { view, level, send, show, clock: Callback::new(browser::time_of_day) };
    view! { <Pages face home /> }
}

/// What the address says beyond the room: `name`, `join`, `mic=off`, `cam=off`.
fn setup(room: String) -> Setup {
    let query = use_query_map().get_untracked();
    let off = |name: &str| query.get(name).is_some_and(|value| value == "off");
    Setup {
        room,
        name: query.get("name").map_or_else(browser::remembered_name, |name| browser::normalize(&name)),
        join: query.get("join").is_some(),
        microphone: !off("mic"),
        camera: !off("cam"),
        random: browser::random(),
    }
}
