use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// A switch, which shows what is and not what was pressed: after a press it goes back, and follows when the call, or the
/// server, has changed what it stands for. One that is `fixed` cannot be pressed; the hint says why.
pub(super) fn switch(
    id: &'static str,
    label: &'static str,
    on: Memo<bool>,
    fixed: Memo<bool>,
    hint: Signal<&'static str>,
    press: Callback<bool>,
) -> AnyView {
    let hint_id = format!("{id}-hint");
    let change = move |event| {
        let input = event_target::<HtmlInputElement>(&event);
        let wanted = input.checked();
        input.set_checked(on.get_untracked());
        press.run(wanted);
    };
    view! {
        <div class="switch">
            <input
                id=id
                type="checkbox"
                role="switch"
                prop:checked=on
                disabled=fixed
                aria-describedby=hint_id.clone()
                on:change=change
            />
            <label for=id>{label}</label>
            <p class="fine" id=hint_id>
                {hint}
            </p>
        </div>
    }
    .into_any()
}
