use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use super::{
    icons::{CHECK, COPY, icon},
    text::said,
};

/// The room's address, ready to be sent to others.
pub(super) fn invite() -> AnyView {
    let link = address();
    let field = NodeRef::<html::Input>::new();
    let words = RwSignal::new("");
    let copied = move || words.with(|words| !words.is_empty());
    let text = link.clone();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let done = write_to_clipboard(&text).await;
            if !done && let Some(field) = field.get_untracked() {
                field.select();
            }
            // The tile may be gone by now; then there is nobody to tell.
            words.try_set(if done {
                "Copied"
            } else {
                "Selected: copy it with your keyboard or its menu"
            });
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
                    on:focus=move |_| {
                        if let Some(field) = field.get_untracked() {
                            field.select();
                        }
                    }
                />
                <button class="button primary" type="button" on:click=copy>
                    {move || icon(if copied() { CHECK } else { COPY })}
                    "Copy link"
                </button>
            </div>
            {said("invite-said", "status", Memo::new(move |_| words.get().to_owned()))}
        </div>
    }
    .into_any()
}

/// The address without the query, which is about the person and not about the room.
fn address() -> String {
    let location = location();
    format!(
        "{}{}",
        location.origin().unwrap_or_default(),
        location.pathname().unwrap_or_default()
    )
}

/// Whether it worked. Browsers have no clipboard for pages over plain HTTP, and may refuse elsewhere.
async fn write_to_clipboard(text: &str) -> bool {
    if !window().is_secure_context() {
        return false;
    }
    JsFuture::from(window().navigator().clipboard().write_text(text))
        .await
        .is_ok()
}
