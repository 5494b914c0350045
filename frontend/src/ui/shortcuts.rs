//! What keys do wherever the focus is: they press the buttons of a page, close its panel, and talk while they are held.

use leptos::{
    ev::{self, KeyboardEvent, PointerEvent},
    html,
    prelude::*,
};
use maju_call::UserEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::{
    Face,
    each::memo,
    icons::{CLOSE, icon},
    later::{Part, part},
    panel::{Panel, close},
    switch::switch,
    words::{fill, t},
};

/// What takes keys as text, or to pick by them.
const FIELDS: &str = "input:not([type=checkbox]), textarea, select, [contenteditable]";
/// What the space bar writes into, presses or opens while it has the focus.
const CONTROLS: &str = "a, button, summary, input, textarea, select, [contenteditable]";

/// The keys and what they do. A key presses the button that names it in `aria-keyshortcuts`, so a key whose button is not there
/// does nothing, and is not listed.
fn keys() -> [(&'static str, &'static str); 9] {
    [
        ("m", t("Mute or unmute")),
        ("v", t("Turn the camera off or on")),
        ("s", t("Share the screen, or stop sharing it")),
        ("h", t("Raise the hand, or lower it")),
        ("c", t("Open or close the chat")),
        ("p", t("Open or close the people")),
        (",", t("Open or close the settings")),
        ("l", t("Change the layout")),
        ("f", t("Fill the screen, or stop filling it")),
    ]
}

/// Listens to the keys while the page is there, and shows the list of them when it is asked for; a held key, or a button that
/// is held by a pointer, talks. `open` is the panel that Escape
/// closes.
pub(super) fn shortcuts(face: Face, open: Option<RwSignal<Option<Panel>>>) -> AnyView {
    let shown = RwSignal::new(false);
    let talking = StoredValue::new(false);
    let talk = move |held: bool| {
        if talking.get_value() != held {
            talking.set_value(held);
            face.send.run(UserEvent::Talk(held));
        }
    };
    let press = move |event: KeyboardEvent| {
        let key = event.key();
        if key == " " && talking.get_value() {
            // A key that is held repeats itself, and would scroll the page.
            return event.prevent_default();
        }
        if !is_free(&event) {
            return;
        }
        if key == "Escape" {
            if let Some(open) = open {
                close(open);
            }
        } else if key == " " {
            if push_to_talk(face) && !event.repeat() && !on(&event, CONTROLS) {
                event.prevent_default();
                talk(true);
            }
        } else if face.looks.with_untracked(|looks| looks.keys) && !event.repeat() && !on(&event, FIELDS) {
            let key = key_of(&event);
            if key == "?" {
                event.prevent_default();
                shown.set(true);
            } else if let Some(button) = button_of(&key) {
                event.prevent_default();
                button.click();
            }
        }
    };
    let let_go = move |event: KeyboardEvent| {
        if event.key() == " " {
            talk(false);
        }
    };
    let hold = move |event: PointerEvent| {
        if event.button() == 0 && on(&event, "[data-holds]") {
            talk(true);
        }
    };
    // On the window: a press beside every control leaves the focus outside of the page's elements. A page that is hidden or loses
    // the keyboard lets go of everything.
    let released = ["blur", "visibilitychange", "pointerup", "pointercancel"];
    let mut listening = vec![
        window_event_listener(ev::keydown, press),
        window_event_listener(ev::keyup, let_go),
        window_event_listener(ev::pointerdown, hold),
    ];
    listening.extend(released.map(|event| window_event_listener_untyped(event, move |_| talk(false))));
    on_cleanup(move || {
        talk(false);
        for listener in listening {
            listener.remove();
        }
    });
    key_list(face, shown)
}

/// What is set about the keys, and the way to their list for those who do not know of it.
pub(super) fn shortcut_settings(face: Face) -> AnyView {
    let on = memo(move || face.looks.with(|looks| looks.keys));
    let press = Callback::new(move |keys| face.looks.update(|looks| looks.keys = keys));
    let shown = RwSignal::new(false);
    let switch = switch(
        "shortcuts",
        t("Keyboard shortcuts"),
        on,
        memo(|| false),
        t("Single keys press buttons, unless you write.").into(),
        press,
    );
    view! {
        {switch}
        <button class="button small" type="button" on:click=move |_| shown.set(true)>
            {t("Show the keys")}
        </button>
        {key_list(face, shown)}
    }
    .into_any()
}

/// What a button says of its key: `aria-keyshortcuts`, unless the person turned the keys off.
pub(super) fn shortcut(face: Face, key: &'static str) -> impl Fn() -> Option<&'static str> + Copy {
    move || face.looks.with(|looks| looks.keys).then_some(key)
}

/// The words that appear over a button, with its key.
pub(super) fn titled(face: Face, words: &'static str, key: &'static str) -> String {
    if key.is_empty() || !face.looks.with(|looks| looks.keys) {
        return words.to_owned();
    }
    let first = key.split(' ').next().unwrap_or(key);
    fill("{words} ({key})", &[("words", words), ("key", first)])
}

/// Whether the key is nobody else's: not of a combination, of a character that is composed, of something that lies over the page.
fn is_free(event: &KeyboardEvent) -> bool {
    let held = event.ctrl_key() || event.alt_key() || event.meta_key();
    // Safari ends the composing first and tells by the key code 229.
    let taken = event.default_prevented() || event.is_composing() || event.key_code() == 229;
    !held && !taken && find("dialog[open], :popover-open").is_none()
}

/// Whether it happened on something of that kind.
fn on(event: &Event, kind: &str) -> bool {
    let target = event.target();
    let at = target.and_then(|target| target.dyn_into::<Element>().ok());
    at.is_some_and(|at| matches!(at.closest(kind), Ok(Some(_))))
}

fn push_to_talk(face: Face) -> bool {
    face.view.with_untracked(|view| view.wishes.push_to_talk)
}

/// The key by its letter; where the layout has other scripts, by the place that it has on most keyboards.
fn key_of(event: &KeyboardEvent) -> String {
    let key = event.key();
    if key == "?" || (key.is_ascii() && !event.shift_key()) {
        return key.to_ascii_lowercase();
    }
    let code = event.code();
    let letter = code
        .strip_prefix("Key")
        .filter(|_| !key.is_ascii() && !event.shift_key());
    letter.unwrap_or_default().to_ascii_lowercase()
}

/// The button that the key presses.
fn button_of(key: &str) -> Option<HtmlElement> {
    let known = key.len() == 1 && key.chars().all(|key| key.is_ascii_alphanumeric() || key == ',');
    let selector = format!("[aria-keyshortcuts~='{key}']:not(:disabled)");
    find(&selector).filter(|_| known)?.dyn_into().ok()
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// The list of keys, while it is shown.
fn key_list(face: Face, shown: RwSignal<bool>) -> AnyView {
    (move || shown.get().then(|| part(face, Part::Keys(shown)))).into_any()
}

pub(super) fn list(face: Face, shown: RwSignal<bool>) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            // One that is open already stays so.
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    };
    let rows = keys()
        .into_iter()
        .filter(|(key, _)| button_of(key).is_some())
        .chain(push_to_talk(face).then(|| (t("Space"), t("Hold to talk"))))
        .chain([
            ("?", t("Show the keys")),
            ("Esc", t("Close what is open")),
            ("← →", t("Go from one call control to the next")),
        ])
        .map(|(key, words)| {
            view! {
                <div>
                    <dt><kbd>{key}</kbd></dt>
                    <dd>{words}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <dialog
            class="shortcuts"
            aria-labelledby="shortcuts-title"
            node_ref=node
            on:close=move |_| shown.set(false)
        >
            <header class="panel-head">
                <h2 id="shortcuts-title">{t("Keyboard shortcuts")}</h2>
                <button
                    class="button icon-only plain"
                    type="button"
                    aria-label=t("Close")
                    title=t("Close")
                    on:click=close
                >
                    {icon(CLOSE)}
                </button>
            </header>
            <dl>{rows}</dl>
        </dialog>
    }
    .into_any()
}
