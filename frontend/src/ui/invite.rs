use leptos::{html, prelude::*};

use super::{
    Ask, Clip, Face,
    icons::{CHECK, COPY, SHARE, icon},
    text::status,
    words::t,
};

/// The room's address, ready to be sent to others.
pub(super) fn invite(face: Face) -> AnyView {
    let link = face.link.run(());
    let field = NodeRef::<html::Input>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    // Whether the clipboard has it, once it was tried.
    let copied = RwSignal::new(None::<bool>);
    let words = Signal::derive(move || {
        let words = match copied.get() {
            Some(true) => t("Copied"),
            Some(false) => t("Selected: copy it with your keyboard or its menu"),
            None => "",
        };
        words.to_owned()
    });
    let done = Callback::new(move |done: bool| {
        if !done {
            select();
        }
        copied.set(Some(done));
    });
    let (text, shared) = (link.clone(), link.clone());
    let share = move |_| face.frame.ask.run(Ask::Share(shared.clone()));
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
                    aria-label=t("Link to this room")
                    prop:value=link
                    on:focus=move |_| select()
                />
                <button class="button primary" type="button" on:click=copy>
                    {move || icon(if copied.get() == Some(true) { CHECK } else { COPY })}
                    {t("Copy link")}
                </button>
                {face.frame.can.share.then(|| view! {
                    <button class="button icon-only" type="button" aria-label=t("Share link") title=t("Share link") on:click=share>
                        {icon(SHARE)}
                    </button>
                })}
            </div>
            {status("invite-said", words)}
        </div>
    }
    .into_any()
}
