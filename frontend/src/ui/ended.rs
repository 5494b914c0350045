//! The page after leaving.

use leptos::prelude::*;
use maju_call::UserEvent;

use super::{Face, icons::mark};

/// After leaving.
#[component]
pub fn Ended(
    /// What to show and whom to tell.
    face: Face,
    /// Goes to the home page.
    home: Callback<()>,
) -> impl IntoView {
    let room = Memo::new(move |_| face.view.with(|view| view.room.clone()));
    view! {
        <main class="plain-page ended">
            {mark()}
            <h1>"You left " <bdi>{room}</bdi></h1>
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
