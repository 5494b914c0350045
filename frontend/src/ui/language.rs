use leptos::prelude::*;

use super::{
    text::alert,
    words::{LANGUAGES, t},
};

/// The language that the page speaks, by its place in [`LANGUAGES`], and how to have another. Pages find it in the context.
#[derive(Clone, Copy)]
pub struct Tongue {
    /// What is spoken.
    pub spoken: RwSignal<usize>,
    /// Whether the words of the language that was chosen last could not be had.
    pub missing: RwSignal<bool>,
    /// Has the page speak another.
    pub choose: Callback<usize>,
}

/// The list of languages, each by its own name. Like every list it shows what is, and follows when that has changed.
pub(super) fn language_select() -> AnyView {
    let Some(Tongue {
        spoken,
        missing,
        choose,
    }) = use_context()
    else {
        return ().into_any();
    };
    let options = LANGUAGES.into_iter().enumerate().map(|(index, (tag, name))| {
        view! {
            <option value=tag lang=tag prop:selected=move || spoken.get() == index>
                {name}
            </option>
        }
    });
    let change = move |event| {
        let select = event_target::<web_sys::HtmlSelectElement>(&event);
        let wanted = usize::try_from(select.selected_index()).unwrap_or_default();
        select.set_value(LANGUAGES[spoken.get_untracked()].0);
        choose.run(wanted);
    };
    let words = Signal::derive(move || {
        let words = if missing.get() {
            t("The words of that language could not be loaded. Try again.")
        } else {
            ""
        };
        words.to_owned()
    });
    view! {
        <div class="field language">
            <label for="language">{t("Language")}</label>
            <select id="language" on:change=change>
                {options.collect_view()}
            </select>
            {alert("reason", words)}
        </div>
    }
    .into_any()
}
