//! Another name, in the middle of the call.

use leptos::{ev::SubmitEvent, prelude::*};
use maju_call::{UserEvent, check_name};

use super::{
    Face,
    field::Field,
    icons::{PENCIL, icon},
    refusals::bad_name,
    words::t,
};

/// Opens the field for the own name. The server has the last word, and everybody sees it.
pub(super) fn rename(face: Face) -> AnyView {
    let open = RwSignal::new(false);
    let form = move || {
        let field = Field::new(face.view.with_untracked(|view| view.name.clone()));
        Effect::new(move || field.go_there());
        let save = move |event: SubmitEvent| {
            event.prevent_default();
            let text = face.normalize.run(field.text());
            match check_name(&text) {
                Ok(name) => {
                    face.send.run(UserEvent::Rename(name.to_owned()));
                    open.set(false);
                }
                Err(error) => field.refuse(bad_name(error)),
            }
        };
        view! {
            <form class="person-drawer" on:submit=save>
                {field.view("new-name", t("Your name"), "nickname", || {})}
                <button class="button small primary" type="submit">{t("Save")}</button>
                <button class="button small" type="button" on:click=move |_| open.set(false)>{t("Cancel")}</button>
            </form>
        }
    };
    view! {
        <button
            class="button icon-only plain"
            type="button"
            aria-label=t("Change your name")
            title=t("Change your name")
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {icon(PENCIL)}
        </button>
        {move || open.get().then(form)}
    }
    .into_any()
}
