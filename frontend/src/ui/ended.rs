//! The page after the call.

use leptos::prelude::*;
use maju_call::UserEvent;

use super::{Face, focus::heading, icons::mark};

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
    let room = Memo::new(move |_| face.view.with(|view| view.room.clone()));
    let removed = face.view.with_untracked(|view| view.removed);
    let (happened, words) = if removed {
        (
            "You were removed from ",
            "A host ended the call for you. Your camera and microphone are off.",
        )
    } else {
        ("You left ", "Your camera and microphone are off.")
    };
    let rejoin = |class| {
        view! {
            <button class=class type="button" on:click=move |_| face.send.run(UserEvent::Rejoin)>
                "Rejoin"
            </button>
        }
    };
    let another = |class| {
        view! {
            <button class=class type="button" on:click=move |_| home.run(())>
                "Another room"
            </button>
        }
    };
    view! {
        <main class="plain-page ended">
            {mark()}
            {heading(came, view! { {happened} <bdi>{room}</bdi> })}
            <p class="lead">{words}</p>
            <div class="row">
                {if removed {
                    (another("button primary"), rejoin("button")).into_any()
                } else {
                    (rejoin("button primary"), another("button")).into_any()
                }}
            </div>
        </main>
    }
}
