use leptos::{html, prelude::*};
use web_sys::Element;

use super::{
    Face,
    focus::{focus, lost},
    icons::{CLOSE, icon},
    later::{Part, opened},
    words::t,
};

/// What can be opened beside the tiles; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    Chat,
    People,
    Settings,
    CallLog,
}

impl Panel {
    /// The name of the panel and of the button that opens it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Chat => t("Chat"),
            Self::People => t("People"),
            Self::Settings => t("Settings"),
            Self::CallLog => t("Call log"),
        }
    }

    /// The id of the button, where the focus goes back to.
    pub(super) fn button_id(self) -> &'static str {
        match self {
            Self::Chat => "open-chat",
            Self::People => "open-people",
            Self::Settings => "open-settings",
            Self::CallLog => "open-call-log",
        }
    }
}

/// Closes the panel that is open and gives the focus back to its button.
pub(super) fn close(open: RwSignal<Option<Panel>>) {
    if let Some(panel) = open.get_untracked() {
        open.set(None);
        focus(document().get_element_by_id(panel.button_id()));
    }
}

/// Whether fingers are what points most; the style sheet tells.
pub(super) fn by_touch(at: &Element) -> bool {
    let style = window().get_computed_style(at).ok().flatten();
    let coarse = style.and_then(|style| style.get_property_value("--coarse").ok());
    coarse.is_some_and(|coarse| !coarse.is_empty())
}

/// The frame of a panel: a sheet at the side, or over the whole of a phone. The focus goes to the first thing in
/// it that something can be done with; but not to a field where that would bring up a keyboard over half of the screen.
pub(super) fn sheet(face: Face, panel: Panel) -> AnyView {
    let open = face.desk.open;
    let node = NodeRef::<html::Section>::new();
    let there = RwSignal::new(false);
    Effect::new(move |before: Option<()>| {
        there.track();
        let Some(section) = node.get() else { return };
        let go = move |late: bool| {
            // What comes late takes the focus from nothing but the button that had it meanwhile; one by which it was tried
            // again has gone.
            let held = section.query_selector(".panel-close:focus");
            if late && !lost() && held.is_ok_and(|held| held.is_none()) {
                return;
            }
            let places = [".panel-body textarea", ".panel-body select", ".panel-close"];
            let mut found = places[if by_touch(&section) { 2 } else { 0 }..]
                .iter()
                .filter_map(|place| section.query_selector(place).ok()?);
            focus(found.next());
        };
        match before {
            None => go(false),
            // It is on its way into the page.
            Some(()) => request_animation_frame(move || go(true)),
        }
    });
    let content = opened(face, Part::Panel(panel), move || there.set(true));
    view! {
        <section class="panel" id="panel" node_ref=node aria-labelledby="panel-title">
            <header class="panel-head">
                <h2 id="panel-title">{panel.title()}</h2>
                <button
                    class="button icon-only plain panel-close"
                    type="button"
                    aria-label=t("Close panel")
                    title=t("Close panel")
                    on:click=move |_| close(open)
                >
                    {icon(CLOSE)}
                </button>
            </header>
            <div class="panel-body">{content}</div>
        </section>
    }
    .into_any()
}
