//! Screens that are shared: their tiles, and what whoever shares is told.

use leptos::prelude::*;
use maju_call::{Kind, PeerId, UserEvent};

use super::{
    Face, Whose,
    icons::{SCREEN, icon},
    text::status,
    video::video,
    words::{fill, t},
};

/// The screen that somebody else shares. Nothing of it is cut off.
pub(super) fn screen_tile(face: Face, id: &PeerId) -> AnyView {
    let key = id.clone();
    let person = Memo::new(move |before: Option<&(String, &'static str)>| {
        let now = face.view.with(|view| {
            let person = view.people.iter().find(|person| person.id == key)?;
            Some((person.name.clone(), person.state.name()))
        });
        // Whoever just left keeps the looks until the tile is gone.
        now.or_else(|| before.cloned()).unwrap_or_default()
    });
    let name = move || person.with(|person| fill("{name}'s screen", &[("name", &person.0)]));
    view! {
        <figure
            class="tile screen"
            data-screen=id.to_string()
            data-state=move || person.with(|person| person.1)
            aria-label=name
        >
            {video(face, Whose::Screen(id.clone()))}
            <figcaption class="tag">{icon(SCREEN)} <bdi>{name}</bdi></figcaption>
        </figure>
    }
    .into_any()
}

/// The own screen, small: where it shows this page, it shows itself in itself.
pub(super) fn own_screen_tile(face: Face) -> AnyView {
    view! {
        <figure class="tile screen" data-screen="" data-state="connected" aria-label=t("Your screen")>
            <p class="screen-words" aria-hidden="true">{t("The others see this:")}</p>
            {video(face, Whose::MyScreen)}
            <figcaption class="tag">{icon(SCREEN)} {t("Your screen")}</figcaption>
        </figure>
    }
    .into_any()
}

/// Tells whoever shares that they do, and lets them say what it is and end it.
pub(super) fn sharing(face: Face) -> AnyView {
    let words = Memo::new(move |_| {
        face.view.with(|view| match (&view.screen, view.sharing.sound) {
            (screen, _) if !screen.on => "",
            (screen, _) if screen.interrupted => {
                t("The browser holds your screen back. It comes back by itself.")
            }
            (_, true) => t("You are sharing your screen with its sound."),
            (_, false) => t("You are sharing your screen."),
        })
    });
    let on = Memo::new(move |_| face.view.with(|view| view.screen.on));
    let controls = move || on.get().then(|| controls(face));
    view! {
        <div class="sharing">
            {status("sharing-words", Signal::derive(move || words.get().to_owned()))} {controls}
        </div>
    }
    .into_any()
}

fn controls(face: Face) -> AnyView {
    let motion = Memo::new(move |_| face.view.with(|view| view.sharing.motion));
    let pick = move |event| {
        face.send
            .run(UserEvent::Motion(event_target_value(&event) == "video"))
    };
    view! {
        <label>
            {t("Best for")}
            <select on:change=pick>
                <option value="text" prop:selected=move || !motion.get()>{t("Text")}</option>
                <option value="video" prop:selected=motion>{t("Video")}</option>
            </select>
        </label>
        // Not named as the button of the toolbar is: a name leads to one thing.
        <button
            class="button small"
            type="button"
            aria-description=t("You are sharing your screen.")
            on:click=move |_| face.send.run(UserEvent::Toggle(Kind::Screen))
        >
            {t("Stop")}
        </button>
    }
    .into_any()
}
