//! Who speaks, as it is seen: a ring around the tile and bars beside the name. Only attributes change.

use leptos::prelude::*;

use super::{Face, Whose, words::t};

/// Whether somebody speaks now.
pub(super) fn speaks(face: Face, whose: Whose) -> Memo<bool> {
    face.part(move |view| view.speaking.contains(&whose))
}

/// Whether somebody is the main speaker, silent or not.
pub(super) fn is_main(face: Face, whose: Whose) -> Memo<bool> {
    face.part(move |view| view.main_speaker.as_ref() == Some(&whose))
}

/// Three bars, which the style sheet raises in what has `data-speaking`, and the words for those who do not see them.
pub(super) fn bars() -> AnyView {
    view! {
        <span class="voice">
            <i></i>
            <i></i>
            <i></i>
            <span class="unseen">{t("Speaking")}</span>
        </span>
    }
    .into_any()
}

/// The attribute's value; none while they are silent.
pub(super) fn speaking(speaks: Memo<bool>) -> impl Fn() -> Option<&'static str> {
    move || speaks.get().then_some("true")
}
