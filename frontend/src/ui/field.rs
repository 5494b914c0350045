use leptos::{html, prelude::*};

use super::{focus::focus, text::alert};

/// A field for a name, and the reason why what was in it cannot be used.
#[derive(Clone, Copy)]
pub(super) struct Field {
    text: RwSignal<String>,
    reason: RwSignal<String>,
    node: NodeRef<html::Input>,
}

impl Field {
    pub(super) fn new(text: String) -> Self {
        Self {
            text: RwSignal::new(text),
            reason: RwSignal::new(String::new()),
            node: NodeRef::new(),
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

    fn go_there(self) {
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
        let Self { text, reason, node } = self;
        let reason_id = format!("{id}-reason");
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    node_ref=node
                    type="text"
                    autocomplete=what
                    spellcheck="false"
                    enterkeyhint="go"
                    dir="auto"
                    prop:value=text
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        reason.set(String::new());
                    }
                    on:change=move |_| changed()
                    aria-invalid=move || reason.with(|reason| !reason.is_empty()).then_some("true")
                    aria-describedby=reason_id.clone()
                />
                <div id=reason_id>{alert("reason", reason.into())}</div>
            </div>
        }
        .into_any()
    }
}
