//! What can be done with one picture.

use leptos::{html, prelude::*};
use maju_call::{Corner, DeviceKind, Part, SelfView, UserEvent};
use wasm_bindgen::JsCast;
use web_sys::HtmlVideoElement;

use super::{
    Ask, Whose,
    devices::next_camera,
    each::memo,
    icons::{MORE, icon},
    later::{Part as Later, part},
    panel::by_touch,
    stage::Stage,
    words::{fill, t},
};

/// The button that opens the menu of a picture, and the menu.
pub(super) fn tile_menu(
    stage: Stage,
    whose: Whose,
    name: Signal<String>,
    seat: NodeRef<html::Div>,
) -> AnyView {
    let id = menu_id(&whose);
    let title = move || name.with(|name| fill("Picture options for {name}", &[("name", name)]));
    let face = stage.face;
    let opened = RwSignal::new(false);
    let items = move || {
        opened
            .get()
            .then(|| part(face, Later::Picture(stage, whose.clone(), seat)))
    };
    view! {
        <div class="tile-menu" on:dblclick=|event| event.stop_propagation()>
            <button
                class="tile-more"
                type="button"
                popovertarget=id.clone()
                on:click=move |_| opened.set(true)
                aria-label=title
                title=t("Options")
            >
                {icon(MORE)}
            </button>
            <div class="menu" id=id popover="auto" role="group" aria-label=title>
                {items}
            </div>
        </div>
    }
    .into_any()
}

/// What is in the menu.
pub(super) fn picture(stage: Stage, whose: Whose, seat: NodeRef<html::Div>) -> AnyView {
    let id = menu_id(&whose);
    let frame = stage.face.frame;
    let mine = whose == Whose::Mine;
    let place = stage.place(whose.clone());
    let part = memo(move || place.get().map(|place| place.part));
    let key = whose.clone();
    let pinned = memo(move || stage.pinned.with(|pinned| pinned.as_ref() == Some(&key)));
    let is_full = move || {
        frame.full.track();
        seat.get()
            .is_some_and(|seat| seat.matches(":fullscreen").unwrap_or_default())
    };
    let fill_screen = move || {
        if let Some(seat) = seat.get_untracked() {
            frame.ask.run(Ask::Full(seat.into()));
        }
    };
    let shrink = move || {
        let video = seat
            .get_untracked()
            .and_then(|seat| seat.query_selector("video").ok().flatten());
        if let Some(video) = video.and_then(|video| video.dyn_into::<HtmlVideoElement>().ok()) {
            frame.ask.run(Ask::Small(video));
        }
    };
    let item = move |words: Signal<&'static str>, shown: Signal<bool>, press: Box<dyn Fn()>| {
        view! {
            <button
                class="button plain"
                type="button"
                popovertarget=id.clone()
                popovertargetaction="hide"
                hidden=move || !shown.get()
                on:click=move |_| press()
            >
                {words}
            </button>
        }
        .into_any()
    };
    let always = |is: bool| Signal::stored(is);
    let own = move |to: SelfView| Box::new(move || stage.own.set(to));
    let own_items = mine.then(|| {
        let face = stage.face;
        let next = face.part(next_camera);
        let touched = memo(move || seat.get().is_some_and(|seat| by_touch(&seat)));
        let switch_camera = item(
            t("Switch camera").into(),
            Signal::derive(move || touched.get() && next.with(Option::is_some)),
            Box::new(move || {
                if let Some(camera) = next.get_untracked() {
                    face.send.run(UserEvent::Choose(DeviceKind::Camera, camera));
                }
            }),
        );
        let is = move |wanted: Part| Signal::derive(move || part.get() == Some(wanted));
        let is_not = move |wanted: Part| Signal::derive(move || part.get() != Some(wanted));
        [
            item(
                t("Move to another corner").into(),
                is(Part::Floating),
                Box::new(move || stage.corner.update(|corner| *corner = after(*corner))),
            ),
            item(
                t("Show as a tile").into(),
                is(Part::Floating),
                own(SelfView::Tile),
            ),
            item(
                t("Let it float").into(),
                is_not(Part::Floating),
                own(SelfView::Floating),
            ),
            item(t("Hide").into(), always(true), own(SelfView::Hidden)),
            switch_camera,
        ]
    });
    let pin = item(
        Signal::derive(move || if pinned.get() { t("Unpin") } else { t("Pin") }),
        always(true),
        Box::new(move || stage.pin(&whose)),
    );
    let full = item(
        Signal::derive(move || {
            if is_full() {
                t("Leave full screen")
            } else {
                t("Full screen")
            }
        }),
        always(frame.can.full),
        Box::new(fill_screen),
    );
    let small = item(
        t("Picture in picture").into(),
        always(frame.can.small),
        Box::new(shrink),
    );
    view! { {pin} {full} {small} {own_items} }.into_any()
}

fn menu_id(whose: &Whose) -> String {
    match whose {
        Whose::Mine | Whose::Preview => "menu-mine".to_owned(),
        Whose::MyScreen => "menu-my-screen".to_owned(),
        Whose::Peer(id) => ["menu-", id.as_str()].concat(),
        Whose::Screen(id) => ["menu-screen-", id.as_str()].concat(),
    }
}

/// The next corner, around the stage.
fn after(corner: Corner) -> Corner {
    Corner {
        top: corner.start,
        start: !corner.top,
    }
}
