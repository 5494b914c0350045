use leptos::{html, prelude::*};

use super::{focus::focus, text::alert, words::t};

/// A field for a name or a password, and the reason why what was in it cannot be used.
#[derive(Clone, Copy)]
pub(super) struct Field {
    text: RwSignal<String>,
    reason: RwSignal<String>,
    /// Whether a password is shown; nothing for what is no secret.
    shown: Option<RwSignal<bool>>,
    /// Whether it only says what is so.
    fixed: bool,
    node: NodeRef<html::Input>,
}

impl Field {
    pub(super) fn new(text: String) -> Self {
        Self {
            text: RwSignal::new(text),
            reason: RwSignal::new(String::new()),
            shown: None,
            fixed: false,
            node: NodeRef::new(),
        }
    }

    /// One that shows what is not the person's to change.
    pub(super) fn fixed(text: String) -> Self {
        Self {
            fixed: true,
            ..Self::new(text)
        }
    }

    /// One whose text is shown only if the person wants it.
    pub(super) fn secret() -> Self {
        Self {
            shown: Some(RwSignal::new(false)),
            ..Self::new(String::new())
        }
    }

    /// What is in it.
    pub(super) fn text(self) -> String {
        self.text.get_untracked()
    }

    /// Puts a text into it and goes there.
    pub(super) fn fill(self, text: String) {
        self.text.set(text);
        self.reason.set(String::new());
        self.go_there();
    }

    /// Says why what is in it cannot be used and goes there.
    pub(super) fn refuse(self, reason: String) {
        self.reason.set(reason);
        self.go_there();
    }

    /// Goes there.
    pub(super) fn go_there(self) {
        focus(self.node.get_untracked().map(Into::into));
    }

    /// The field with its label. `what` is what browsers may fill in by themselves; `changed` is called when the
    /// person is done with it.
    pub(super) fn view(
        self,
        id: &'static str,
        label: &'static str,
        what: &'static str,
        changed: impl Fn() + 'static,
    ) -> AnyView {
        let Self {
            text,
            reason,
            shown,
            fixed,
            node,
        } = self;
        let reason_id = format!("{id}-reason");
        let hidden = move || shown.is_some_and(|shown| !shown.get());
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <div class="field-row">
                <input
                    id=id
                    node_ref=node
                    type=move || if hidden() { "password" } else { "text" }
                    autocomplete=what
                    spellcheck="false"
                    enterkeyhint="go"
                    dir="auto"
                    readonly=fixed
                    prop:value=text
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        reason.set(String::new());
                    }
                    on:change=move |_| {
                        // Also told by a field that goes in the middle of being filled in, together with its page.
                        if !text.is_disposed() {
                            changed();
                        }
                    }
                    aria-invalid=move || reason.with(|reason| !reason.is_empty()).then_some("true")
                    aria-describedby=reason_id.clone()
                />
                {shown.map(show_button)}
                </div>
                <div id=reason_id>{alert("reason", reason.into())}</div>
            </div>
        }
        .into_any()
    }
}

/// Shows a password, or hides it.
fn show_button(shown: RwSignal<bool>) -> AnyView {
    let words = move || {
        if shown.get() {
            (t("Hide"), t("Hide password"))
        } else {
            (t("Show"), t("Show password"))
        }
    };
    view! {
        <button
            class="button small"
            type="button"
            aria-label=move || words().1
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            {move || words().0}
        </button>
    }
    .into_any()
}
