//! How the pictures are arranged, and how much of the screen they get.

use leptos::prelude::*;
use maju_call::{Arrangement, SelfView};

use super::{
    Ask,
    each::memo,
    icons::{LAYOUT, SHOW, icon},
    later::{Part, part},
    settings::choice,
    shortcuts::{shortcut, titled},
    stage::{Stage, elements},
    words::t,
};

/// The button that opens the menu, and the menu; and the way back to an own picture that is hidden.
pub(super) fn layout_menu(stage: Stage) -> AnyView {
    let face = stage.face;
    let hidden = memo(move || stage.own.get() == SelfView::Hidden);
    view! {
        <div class="room-tools">
            {move || {
                hidden.get().then(|| view! {
                    <button
                        class="button small"
                        type="button"
                        aria-label=t("Show my picture")
                        title=t("Show my picture")
                        on:click=move |_| stage.own.set(SelfView::Automatic)
                    >
                        {icon(SHOW)}
                        <span>{t("Show me")}</span>
                    </button>
                })
            }}
            <button
                class="button icon-only plain"
                type="button"
                popovertarget="layout-menu"
                aria-label=t("Layout")
                title=move || titled(face, t("Layout"), "l")
                aria-keyshortcuts=shortcut(face, "l")
            >
                {icon(LAYOUT)}
            </button>
            <div class="menu" id="layout-menu" popover="auto" role="group" aria-label=t("Layout")>
                {part(face, Part::Layouts(stage))}
            </div>
        </div>
    }
    .into_any()
}

/// What is in the menu.
pub(super) fn layouts(stage: Stage) -> AnyView {
    let face = stage.face;
    let frame = face.frame;
    let arrangements = [
        ("", t("Automatic")),
        ("grid", t("Grid")),
        ("speaker", t("Who speaks")),
    ];
    let arranged = memo(move || match stage.arrangement.get() {
        Arrangement::Automatic => "",
        Arrangement::Grid => "grid",
        Arrangement::Speaker => "speaker",
    });
    let arrange = Callback::new(move |picked: String| {
        stage.arrangement.set(match picked.as_str() {
            "grid" => Arrangement::Grid,
            "speaker" => Arrangement::Speaker,
            _ => Arrangement::Automatic,
        });
    });
    let places = [
        ("", t("Automatic")),
        ("tile", t("Tile")),
        ("floating", t("Floating")),
        ("hidden", t("Hidden")),
    ];
    let placed = memo(move || match stage.own.get() {
        SelfView::Automatic => "",
        SelfView::Tile => "tile",
        SelfView::Floating => "floating",
        SelfView::Hidden => "hidden",
    });
    let put = Callback::new(move |picked: String| {
        stage.own.set(match picked.as_str() {
            "tile" => SelfView::Tile,
            "floating" => SelfView::Floating,
            "hidden" => SelfView::Hidden,
            _ => SelfView::Automatic,
        });
    });
    let press = move |ask: fn() -> Option<Ask>| {
        move |_| {
            if let Some(ask) = ask() {
                frame.ask.run(ask);
            }
        }
    };
    let fill = press(|| Some(Ask::Full(elements(&[".room"]).pop()?)));
    let apart = press(|| Some(Ask::Apart(elements(&[".stage", ".toolbar"]))));
    view! {
        {choice("arrangement", t("Arrangement"), &arrangements, arranged, arrange)}
        {choice("self-view", t("My picture"), &places, placed, put)}
        {frame.can.full.then(|| view! {
            <button class="button" type="button" popovertarget="layout-menu" popovertargetaction="hide" aria-keyshortcuts=shortcut(face, "f") on:click=fill>
                {move || if frame.full.get() { t("Leave full screen") } else { t("Full screen") }}
            </button>
        })}
        {frame.can.apart.then(|| view! {
            <button class="button" type="button" popovertarget="layout-menu" popovertargetaction="hide" on:click=apart>
                {t("Small window")}
            </button>
        })}
    }
    .into_any()
}

/// What is where the call was while it is in a window of its own.
pub(super) fn away(stage: Stage) -> AnyView {
    let frame = stage.face.frame;
    (move || {
        frame.apart.get().then(|| {
            view! {
                <div class="away">
                    <p role="status">{t("The call is in a small window.")}</p>
                    <button class="button primary" type="button" on:click=move |_| frame.ask.run(Ask::Apart(Vec::new()))>
                        {t("Bring it back")}
                    </button>
                </div>
            }
        })
    })
    .into_any()
}
