//! Before the door of a room: what is shown until a host has decided.

use leptos::{html, prelude::*};
use maju_call::UserEvent;

use super::{Face, focus::focus, text::status, words::t};

/// Tells that a host is to decide. What had the focus is gone with the form, so it goes to the heading.
pub(super) fn waiting(face: Face) -> AnyView {
    let node = NodeRef::<html::H2>::new();
    Effect::new(move || focus(node.get().map(Into::into)));
    let attended = face.part(move |view| view.attended);
    let words = Signal::derive(move || {
        let words = if attended.get() {
            t("A host was told that you are here, and decides. You see the room as soon as you are let in.")
        } else {
            t("No host is in the room at the moment. One who comes is told that you are here.")
        };
        words.to_owned()
    });
    view! {
        <section class="card waiting" aria-labelledby="waiting-title">
            <h2 id="waiting-title" tabindex="-1" node_ref=node>
                {t("Waiting to be let in")}
            </h2>
            {status("waiting-words", words)}
            <button class="button wide" type="button" on:click=move |_| face.send.run(UserEvent::Leave)>
                {t("Cancel")}
            </button>
        </section>
    }
    .into_any()
}
