//! Joins what is seen to what is done: addresses to pages, a call to the pages of its room.

use std::rc::Rc;

use leptos::prelude::*;
use maju_call::{Setup, UserEvent, View, check_room};

use crate::browser::{self, Driver, Outlets, Page, query};
use crate::ui::{Face, Home, NotFound, Pages, Show};

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let page = RwSignal::new(Page::here());
    let _watching = StoredValue::new_local(Page::watch(move || page.set(Page::here())));
    let go = Callback::new(move |to: Page| {
        to.go();
        page.set(Page::here());
    });
    let home = Callback::new(move |()| go.run(Page::Home));
    // Another room is another call: the old one ends with its pages.
    move || match page.get() {
        Page::Home => {
            let enter = Callback::new(move |room| go.run(Page::Room(room)));
            view! { <Home enter suggest=Callback::new(|()| browser::suggest_room()) /> }.into_any()
        }
        Page::Room(room) => match check_room(&browser::normalize(&room)) {
            Ok(room) => call(room.to_owned(), home),
            Err(_) => view! { <NotFound /> }.into_any(),
        },
        Page::Unknown => view! { <NotFound /> }.into_any(),
    }
}

/// Begins a call in that room and shows it.
fn call(room: String, home: Callback<()>) -> AnyView {
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
        let _gone = driver.try_with_value(|driver| driver.show(&whose, video));
    });
    let face = Face {
        view,
        level,
        send,
        show,
        clock: Callback::new(browser::time_of_day),
    };
    view! { <Pages face home /> }.into_any()
}

/// What the address says beyond the room: `name`, `join`, `mic=off`, `cam=off`.
fn setup(room: String) -> Setup {
    let off = |name: &str| query(name).is_some_and(|value| value == "off");
    Setup {
        room,
        name: query("name").map_or_else(browser::remembered_name, |name| browser::normalize(&name)),
        join: query("join").is_some(),
        microphone: !off("mic"),
        camera: !off("cam"),
        random: browser::random(),
    }
}
