//! The page for addresses that lead nowhere.

use leptos::prelude::*;
use maju_call::NameError;

use super::{focus::heading, icons::mark, language::language_select, refusals::bad_room_name, words::t};

/// An address that leads nowhere.
#[component]
pub fn NotFound(
    /// Why the room that the address names cannot be; nothing where it names none.
    reason: Option<NameError>,
    /// Goes to the home page.
    home: Callback<()>,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let (title, words) = match reason {
        Some(reason) => (
            t("There can be no such room"),
            format!(
                "{} {}",
                bad_room_name(reason),
                t("Choose another name, or ask for the link again.")
            ),
        ),
        None => (
            t("There is nothing at this address"),
            t("A room's address looks like /r/name. Perhaps a part of the link was lost.").to_owned(),
        ),
    };
    view! {
        <main class="plain-page">
            {mark()} {heading(came, title)} <p class="lead">{words}</p>
            <button class="button primary" type="button" on:click=move |_| home.run(())>
                {t("To the start")}
            </button>
            {language_select()}
        </main>
    }
}
