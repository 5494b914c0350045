//! The page after leaving.

use leptos::prelude::*;
use maju_call::UserEvent;

use super::{Face, focus::heading, icons::mark};

/// After leaving.
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
    view! {
        <main class="plain-page ended">
            {mark()}
            {heading(came, view! { "You left " <bdi>{room}</bdi> })}
            <p class="lead">"Your camera and microphone are off."</p>
            <div class="row">
                <button
                    class="button primary"
                    type="button"
                    on:click=move |_| face.send.run(UserEvent::Rejoin)
                >
                    "Rejoin"
                </button>
                <button class="button" type="button" on:click=move |_| home.run(())>"Another room"</button>
            </div>
        </main>
    }
}
