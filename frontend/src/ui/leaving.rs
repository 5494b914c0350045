use leptos::{html, prelude::*};

use super::words::t;

/// Asks whether a call with others is to be left for another page of the app, while `asked` is true. Whoever closes the
/// question stays.
pub fn leave_question(asked: RwSignal<bool>, leave: Callback<()>) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            match (asked.get(), dialog.open()) {
                // Thrown only by one that is open already, or in no page.
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    view! {
        <dialog class="card question" node_ref=node aria-labelledby="question" on:close=move |_| asked.set(false)>
            <h2 id="question">{t("Leave the call?")}</h2>
            <p>{t("The others stay in the room. You can come back by the same link.")}</p>
            <div class="row">
                <button class="button primary" type="button" autofocus on:click=move |_| asked.set(false)>
                    {t("Stay")}
                </button>
                <button class="button" type="button" on:click=move |_| leave.run(())>
                    {t("Leave")}
                </button>
            </div>
        </dialog>
    }
    .into_any()
}
