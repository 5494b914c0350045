use leptos::{html, prelude::*};

use super::{
    Clip, Face,
    icons::{CHECK, COPY, icon},
    text::status,
};

const COPIED: &str = "Copied";
const SELECTED: &str = "Selected: copy it with your keyboard or its menu";

/// The room's address, ready to be sent to others.
pub(super) fn invite(face: Face) -> AnyView {
    let link = face.link.run(());
    let field = NodeRef::<html::Input>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let words = RwSignal::new(String::new());
    let copied = move || words.with(|words| words == COPIED);
    let done = Callback::new(move |done: bool| {
        if !done {
            select();
        }
        words.set(if done { COPIED } else { SELECTED }.to_owned());
    });
    let text = link.clone();
    let copy = move |_| {
        face.copy.run(Clip {
            text: text.clone(),
            done,
        });
    };
    view! {
        <div class="invite">
            <div class="invite-row">
                <input
                    node_ref=field
                    type="text"
                    readonly
                    aria-label="Link to this room"
                    prop:value=link
                    on:focus=move |_| select()
                />
                <button class="button primary" type="button" on:click=copy>
                    {move || icon(if copied() { CHECK } else { COPY })}
                    "Copy link"
                </button>
            </div>
            {status("invite-said", words.into())}
        </div>
    }
    .into_any()
}
