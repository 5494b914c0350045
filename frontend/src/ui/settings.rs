use leptos::prelude::*;
use web_sys::HtmlSelectElement;

use super::{
    Face, devices::device_lists, face::Looks, hiding::hide_address, language::language_select,
    shortcuts::shortcut_settings, switch::switch, words::t,
};

/// Picks devices during the call, and all that is set besides.
pub(super) fn settings(face: Face) -> AnyView {
    let none = Memo::new(move |_| {
        face.view
            .with(|view| view.devices.iter().all(|device| device.id.is_empty()))
    });
    view! {
        <div class="settings">
            <section class="settings-part" aria-label=t("Devices")>
                {device_lists(face)}
                <p class="fine">
                    {move || {
                        if none.get() {
                            t("There is nothing to pick: no device was found, or none may be used.")
                        } else {
                            t("A change takes effect at once, without an interruption of the call.")
                        }
                    }}
                </p>
                {hide_address(face)}
            </section>
            {wishes(face)}
            <section class="settings-part">{language_select()}</section>
            {part(t("Keyboard"), shortcut_settings(face))}
        </div>
    }
    .into_any()
}

/// What is set besides the devices, in the lobby and in the room.
pub(super) fn wishes(face: Face) -> AnyView {
    [
        part(t("Picture"), mirror(face)),
        part(t("Appearance"), theme(face)),
    ]
    .into_any()
}

/// Settings of one subject.
fn part(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="settings-part" aria-label=title>
            <h3>{title}</h3>
            {content}
        </section>
    }
    .into_any()
}

fn mirror(face: Face) -> AnyView {
    let on = Memo::new(move |_| face.looks.with(|looks| looks.mirror));
    let press = Callback::new(move |mirror| face.looks.update(|looks| looks.mirror = mirror));
    let hint = t("Only you see yourself as in a mirror. The others see you as you are.");
    switch(
        "mirror",
        t("Mirror my own picture"),
        on,
        never(),
        hint.into(),
        press,
    )
}

fn theme(face: Face) -> AnyView {
    let options = [
        ("", t("As the system")),
        ("light", t("Light")),
        ("dark", t("Dark")),
    ];
    let chosen = Memo::new(move |_| match face.looks.with(|looks| looks.dark) {
        None => "",
        Some(false) => "light",
        Some(true) => "dark",
    });
    let pick = Callback::new(move |picked: String| {
        face.looks.update(|Looks { dark, .. }| {
            *dark = match picked.as_str() {
                "light" => Some(false),
                "dark" => Some(true),
                _ => None,
            };
        });
    });
    choice("theme", t("Theme"), &options, chosen, pick)
}

/// One of several: values and their words. Like a switch it shows what is.
pub(super) fn choice(
    id: &'static str,
    label: &'static str,
    options: &[(&'static str, &'static str)],
    chosen: Memo<&'static str>,
    pick: Callback<String>,
) -> AnyView {
    let options = options
        .iter()
        .map(|&(value, words)| {
            view! {
                <option value=value prop:selected=move || chosen.get() == value>
                    {words}
                </option>
            }
        })
        .collect_view();
    let change = move |event| {
        let picked = event_target_value(&event);
        event_target::<HtmlSelectElement>(&event).set_value(chosen.get_untracked());
        pick.run(picked);
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id on:change=change>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// What is never so.
fn never() -> Memo<bool> {
    Memo::new(|_| false)
}
