//! Screens that are shared: their tiles, and what whoever shares is told.

use leptos::prelude::*;
use maju_call::{Kind, UserEvent};

use super::{
    Face, Whose,
    each::memo,
    icons::{SCREEN, icon},
    later::{Part, part},
    stage::{Stage, seat},
    text::status,
    video::video,
    words::{fill, t},
};

/// A shared screen. Nothing of it is cut off. The own one is seen small: where it shows this page, it shows itself in itself.
pub(super) fn screen_tile(stage: Stage, whose: Whose) -> AnyView {
    let face = stage.face;
    let id = match &whose {
        Whose::Peer(id) | Whose::Screen(id) => Some(id.clone()),
        Whose::Mine | Whose::Preview | Whose::MyScreen => None,
    };
    let own = id.is_none();
    let of = id.as_ref().map(ToString::to_string).unwrap_or_default();
    let person = Memo::new(move |before: Option<&(String, &'static str)>| {
        let Some(id) = &id else {
            return (t("Your screen").to_owned(), "connected");
        };
        let now = face.view.with(|view| {
            let person = view.people.iter().find(|person| person.id == *id)?;
            let name = fill("{name}'s screen", &[("name", &person.name)]);
            Some((name, person.state.name()))
        });
        // Whoever just left keeps the looks until the tile is gone.
        now.or_else(|| before.cloned()).unwrap_or_default()
    });
    let name = memo(move || person.with(|person| person.0.clone()));
    let picture = view! {
        <figure class="tile screen" data-screen=of data-state=move || person.with(|person| person.1) aria-label=name>
            {own.then(|| view! { <p class="screen-words" aria-hidden="true">{t("The others see this:")}</p> })}
            {video(face, whose.clone())}
            <figcaption class="tag">{icon(SCREEN)} <bdi>{name}</bdi></figcaption>
        </figure>
    };
    seat(stage, whose, name.into(), picture.into_any())
}

/// Tells whoever shares that they do, and lets them say what it is and end it.
pub(super) fn sharing(face: Face) -> AnyView {
    let words = face.part(move |view| match (&view.screen, view.sharing.sound) {
        (screen, _) if !screen.on => "",
        (screen, _) if screen.interrupted => {
            t("The browser holds your screen back. It comes back by itself.")
        }
        (_, true) => t("You are sharing your screen with its sound."),
        (_, false) => t("You are sharing your screen."),
    });
    let on = face.part(move |view| view.screen.on);
    let controls = move || on.get().then(|| part(face, Part::Sharing));
    view! {
        <div class="sharing">
            {status("sharing-words", Signal::derive(move || words.get().to_owned()))} {controls}
        </div>
    }
    .into_any()
}

/// What whoever shares a screen says of it, and the button that ends it.
pub(super) fn controls(face: Face) -> AnyView {
    let motion = face.part(move |view| view.sharing.motion);
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
