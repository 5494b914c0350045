use leptos::{html, prelude::*};
use maju_call::{Kind, SourceView, UserEvent, View};

use super::{
    Face,
    each::memo,
    focus::rove,
    hand::hand_button,
    icons::{
        CALL_LOG, CAMERA, CAMERA_OFF, CHAT, LEAVE, MICROPHONE, MICROPHONE_OFF, PEOPLE, SCREEN, SCREEN_OFF,
        SETTINGS, icon,
    },
    panel::{Panel, close},
    reactions::reaction_button,
    shortcuts::{shortcut, titled},
    words::{self, t},
};

/// The controls of a call.
pub(super) fn toolbar(face: Face, open: RwSignal<Option<Panel>>, unread: Memo<usize>) -> AnyView {
    let shares = face.view.with_untracked(|view| view.sharing.possible);
    let bar = NodeRef::<html::Div>::new();
    let (comes, goes, key) = rove(bar);
    view! {
        <div
            class="toolbar"
            role="toolbar"
            aria-label=t("Call controls")
            node_ref=bar
            on:focusin=comes
            on:focusout=goes
            on:keydown=key
        >
            <div class="toolbar-group">
                {microphone_button(face)} {camera_button(face)} {shares.then(|| screen_button(face))} {hand_button(face)}
                {reaction_button(face)}
            </div>
            <div class="toolbar-group">
                {panel_button(face, open, Panel::Chat, CHAT, "c", Some(unread))}
                {panel_button(face, open, Panel::People, PEOPLE, "p", None)}
                {panel_button(face, open, Panel::Settings, SETTINGS, ", o", None)}
                {panel_button(face, open, Panel::CallLog, CALL_LOG, "", None)}
            </div>
            <button
                class="control leave"
                type="button"
                aria-label=t("Leave")
                title=t("Leave")
                on:click=move |_| face.send.run(UserEvent::Leave)
            >
                {icon(LEAVE)}
                <span class="control-label" aria-hidden="true">{t("Leave")}</span>
            </button>
        </div>
    }
    .into_any()
}

/// Turns the microphone off or on.
pub(super) fn microphone_button(face: Face) -> AnyView {
    toggle(
        face,
        Kind::Microphone,
        "m",
        |view| &view.microphone,
        |on| {
            if on {
                (t("Mute"), t("Mute"), MICROPHONE)
            } else {
                (t("Unmute"), t("Unmute"), MICROPHONE_OFF)
            }
        },
    )
}

/// Turns the camera off or on.
pub(super) fn camera_button(face: Face) -> AnyView {
    toggle(
        face,
        Kind::Camera,
        "v",
        |view| &view.camera,
        |on| {
            if on {
                (t("Turn camera off"), t("Camera"), CAMERA)
            } else {
                (t("Turn camera on"), t("Camera"), CAMERA_OFF)
            }
        },
    )
}

/// Begins or ends sharing a screen.
fn screen_button(face: Face) -> AnyView {
    toggle(
        face,
        Kind::Screen,
        "s",
        |view| &view.screen,
        |on| {
            if on {
                (t("Stop sharing"), t("Stop"), SCREEN_OFF)
            } else {
                (t("Share screen"), t("Share"), SCREEN)
            }
        },
    )
}

/// A button that shows what is, and is named by what a press will do: its name, the shorter text under its icon,
/// and the icon.
fn toggle(
    face: Face,
    kind: Kind,
    key: &'static str,
    source: fn(&View) -> &SourceView,
    looks: fn(bool) -> (&'static str, &'static str, &'static str),
) -> AnyView {
    let state = face.part(move |view| {
        let source = source(view);
        (
            source.on,
            source.pending,
            source.problem.is_some() || source.interrupted,
        )
    });
    let looks = move || looks(state.get().0);
    // With push to talk a pointer talks for as long as it presses; the keyboard turns on and off as ever.
    let holds = memo(move || kind == Kind::Microphone && face.view.with(|view| view.wishes.push_to_talk));
    let press = move |event: leptos::ev::MouseEvent| {
        if !holds.get_untracked() || event.detail() == 0 {
            face.send.run(UserEvent::Toggle(kind));
        }
    };
    view! {
        <button
            class="control"
            type="button"
            aria-label=move || looks().0
            title=move || titled(face, looks().0, key)
            aria-keyshortcuts=shortcut(face, key)
            aria-busy=move || state.get().1.then_some("true")
            // Not to share is no lack.
            data-on=move || (kind != Kind::Screen || state.get().0).then(|| state.get().0.to_string())
            data-kind=(kind == Kind::Screen).then_some("screen")
            data-problem=move || state.get().2.then_some("true")
            data-holds=holds
            aria-description=move || holds.get().then(|| t("Hold to talk"))
            on:click=press
        >
            {move || icon(looks().2)}
            <span class="control-label" aria-hidden="true">{move || looks().1}</span>
        </button>
    }
    .into_any()
}

fn panel_button(
    face: Face,
    open: RwSignal<Option<Panel>>,
    panel: Panel,
    path: &'static str,
    key: &'static str,
    unread: Option<Memo<usize>>,
) -> AnyView {
    let is_open = move || open.get() == Some(panel);
    let count = move || unread.map_or(0, |unread| unread.get());
    view! {
        <button
            class="control"
            type="button"
            id=panel.button_id()
            aria-label=panel.title()
            title=move || titled(face, panel.title(), key)
            aria-keyshortcuts=move || shortcut(face, key)().filter(|key| !key.is_empty())
            aria-expanded=move || is_open().to_string()
            aria-controls=move || is_open().then_some("panel")
            aria-description=move || (count() > 0).then(|| words::count("{count} unread", "{count} unread", count()))
            data-unread=move || (count() > 0).then_some("true")
            on:click=move |_| if is_open() { close(open) } else { open.set(Some(panel)) }
        >
            {icon(path)}
            <span class="control-label" aria-hidden="true">{panel.title()}</span>
            <span class="badge" aria-hidden="true">
                {move || match count() {
                    0 => String::new(),
                    count @ 1..=99 => count.to_string(),
                    _ => "99+".to_owned(),
                }}
            </span>
        </button>
    }
    .into_any()
}
