//! Joins what is seen to what is done: addresses to pages, a call to the pages of its room.

use std::{cell::Cell, mem, rc::Rc};

use leptos::prelude::*;
use maju_call::{Phase, Secret, Setup, UserEvent, View, check_room};

use crate::browser::{self, Driver, Outlets, Page, Settings, fragment, named_by, query};
use crate::ui::{Clip, Face, Home, Looks, NotFound, Pages, Show};

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let address = RwSignal::new(Page::here());
    let _watching = StoredValue::new_local(Page::watch(move || address.set(Page::here())));
    // Going to where one already is changes nothing: a call outlives a changed fragment of its address.
    let page = Memo::new(move |_| address.get());
    let go = Callback::new(move |to: Page| {
        to.go();
        address.set(Page::here());
    });
    let home = Callback::new(move |()| go.run(Page::Home));
    let came = StoredValue::new(false);
    // Another room is another call: the old one ends with its pages.
    move || {
        let page = page.get();
        let came = came
            .try_update_value(|came| mem::replace(came, true))
            .unwrap_or_default();
        let room = match page {
            Page::Home => {
                browser::set_title(None);
                let enter = Callback::new(move |room| go.run(Page::Room(room)));
                let suggest = Callback::new(|()| browser::suggest_room());
                return view! { <Home enter suggest normalize=normalize() came /> }.into_any();
            }
            Page::Room(room) => browser::normalize(&room),
            Page::Unknown => {
                browser::set_title(None);
                return view! { <NotFound reason=None home came /> }.into_any();
            }
        };
        match check_room(&room) {
            Ok(room) => {
                browser::set_title(Some(room));
                call(room.to_owned(), home, came)
            }
            Err(reason) => {
                browser::set_title(None);
                view! { <NotFound reason=Some(reason) home came /> }.into_any()
            }
        }
    }
}

fn normalize() -> Callback<String, String> {
    Callback::new(|text: String| browser::normalize(&text))
}

/// Begins a call in that room and shows it.
fn call(room: String, home: Callback<()>, came: bool) -> AnyView {
    let token = fragment("token");
    let given = token.as_deref().and_then(named_by);
    let named = given.is_some();
    let setup = setup(room, token, given);
    let (view, set_view) = signal(View::of(&setup));
    let (level, set_level) = signal(0.0);
    let joined = Cell::new(false);
    let outlets = Outlets {
        view: Box::new(move |view: View| {
            if view.phase == Phase::InCall && !joined.replace(true) {
                // It was meant for the first time: coming back later is not to put anybody on air unasked.
                browser::drop_query("join");
            }
            set_view.set(view);
        }),
        level: Rc::new(move |level| set_level.set(level)),
    };
    let driver = StoredValue::new_local(Driver::start(setup, browser::signal_address(), outlets));
    let send = Callback::new(move |event: UserEvent| {
        match &event {
            UserEvent::Join if !named => view.with_untracked(|view| browser::remember_name(&view.name)),
            UserEvent::HideAddress(hidden) => browser::hide_address(*hidden),
            _ => {}
        }
        // A press may come in the moment in which its page goes.
        let _gone = driver.try_with_value(|driver| driver.send(event));
    });
    let show = Callback::new(move |Show { whose, video }| {
        // A `<video>` may outlive the call that it showed.
        let _gone = driver.try_with_value(|driver| driver.show(&whose, video));
    });
    let face = Face {
        view,
        level,
        looks: looks(),
        named,
        send,
        show,
        clock: Callback::new(browser::time_of_day),
        normalize: normalize(),
        link: Callback::new(|()| browser::room_link()),
        copy: Callback::new(|Clip { text, done }| {
            browser::copy(&text, move |copied| {
                // Whoever asked may be gone by now.
                let _gone = done.try_run(copied);
            });
        }),
    };
    view! { <Pages face home came /> }.into_any()
}

/// How the person wants the page to look, as it was kept and from now on.
fn looks() -> RwSignal<Looks> {
    let kept = browser::settings();
    let looks = RwSignal::new(Looks {
        mirror: kept.mirror,
        dark: kept.dark,
    });
    Effect::new(move |before: Option<Looks>| {
        let looks = looks.get();
        browser::dress(looks.dark);
        if before.is_some_and(|before| before != looks) {
            browser::keep_settings(&Settings {
                mirror: looks.mirror,
                dark: looks.dark,
            });
        }
        looks
    });
    looks
}

/// What the address says beyond the room: `name`, `join`, `mic=off`, `cam=off`, and behind the `#` the `token` and in it the
/// name that is given; and what this browser knows from before.
fn setup(room: String, token: Option<String>, given: Option<String>) -> Setup {
    let off = |name: &str| query(name).is_some_and(|value| value == "off");
    Setup {
        host: browser::hosted(&room),
        token: token.map(Secret::new),
        relay_only: browser::hides_address(),
        room,
        name: given
            .or_else(|| query("name"))
            .map_or_else(browser::remembered_name, |name| browser::normalize(&name)),
        join: query("join").is_some(),
        microphone: !off("mic"),
        camera: !off("cam"),
        can_share: browser::can_share(),
        random: browser::random(),
    }
}
