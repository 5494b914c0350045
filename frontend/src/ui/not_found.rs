//! The page for addresses that lead nowhere.

use leptos::prelude::*;

use super::{icons::mark, text::set_title};

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    set_title(None);
    view! {
        <main class="plain-page">
            {mark()} <h1>"There is nothing at this address"</h1>
            <p class="lead">"A room's address looks like /r/name. Perhaps a part of the link was lost."</p>
            <a class="button primary" href="/">"To the start"</a>
        </main>
    }
}
