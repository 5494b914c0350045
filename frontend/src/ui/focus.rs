//! Where the keyboard and the screen reader are.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The heading of a page. Whoever comes from another page of the app is put on it: what had the focus is gone
/// together with its page, and a screen reader would be left nowhere.
pub(super) fn heading(came: bool, words: impl IntoView + 'static) -> AnyView {
    let node = NodeRef::<html::H1>::new();
    Effect::new(move || {
        if came && let Some(heading) = node.get() {
            focus(Some(heading.into()));
        }
    });
    view! {
        <h1 tabindex="-1" node_ref=node>
            {words.into_any()}
        </h1>
    }
    .into_any()
}

/// Moves the focus there.
pub(super) fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}
