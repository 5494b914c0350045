//! The page after the call.

use leptos::prelude::*;
use maju_call::UserEvent;

use super::{
    Face,
    focus::heading,
    icons::mark,
    language::language_select,
    words::{around, t},
};

/// After leaving, or after having been removed.
#[component]
pub fn Ended(
    /// What to show and whom to tell.
    face: Face,
    /// Goes to the home page.
    home: Callback<()>,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    face.desk.open.set(None);
    let room = face.part(move |view| view.room.clone());
    let removed = face.view.with_untracked(|view| view.removed);
    let (happened, words) = if removed {
        (
            t("You were removed from {room}"),
            t("A host ended the call for you. Your camera and microphone are off."),
        )
    } else {
        (t("You left {room}"), t("Your camera and microphone are off."))
    };
    let rejoin = |class| {
        view! {
            <button class=class type="button" on:click=move |_| face.send.run(UserEvent::Rejoin)>
                {t("Rejoin")}
            </button>
        }
    };
    let another = |class| {
        view! {
            <button class=class type="button" on:click=move |_| home.run(())>
                {t("Another room")}
            </button>
        }
    };
    view! {
        <main class="plain-page ended">
            {mark()}
            {heading(came, around(happened, "room", room.into()))}
            <p class="lead">{words}</p>
            <div class="row">
                {if removed {
                    (another("button primary"), rejoin("button")).into_any()
                } else {
                    (rejoin("button primary"), another("button")).into_any()
                }}
            </div>
            {language_select()}
        </main>
    }
}
