//! Where the keyboard and the screen reader are.

use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    html,
    prelude::*,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventTarget, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit};

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

/// Keeps the focus when what has it goes, as a tile or a notice does: the browser would drop it, and the next press of Tab would
/// begin anywhere. Returns what the page's `focusin` is to call.
pub(super) fn keep(page: NodeRef<html::Main>) -> impl Fn(FocusEvent) + 'static {
    let last = StoredValue::new_local(None::<Element>);
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move || {
        watch.set_value(page.get().and_then(|page| {
            Watch::start(&page, move || {
                let gone = last.with_value(|last| last.as_ref().is_some_and(|last| !last.is_connected()));
                if gone {
                    last.set_value(None);
                    // Later, for what takes it away may put it elsewhere itself.
                    request_animation_frame(rescue);
                }
            })
        }));
    });
    move |event| last.set_value(event.target().and_then(|target| target.dyn_into().ok()))
}

/// Leaves the focus where it is while lists are put in another order: whatever is moved loses it.
pub(super) fn stay() {
    let at = document().active_element();
    request_animation_frame(move || {
        let at = at.filter(|at| lost() && at.is_connected());
        if let Some(at) = at.and_then(|at| at.dyn_into::<HtmlElement>().ok()) {
            // Whoever scrolled on stays there.
            let how = FocusOptions::new();
            how.set_prevent_scroll(true);
            let _ = at.focus_with_options(&how);
        }
    });
}

/// Puts the focus to the panel, to the controls, or to the heading: the first of them that there is.
fn rescue() {
    if !lost() {
        return;
    }
    let document = document();
    let places = [".panel-close", "[role=toolbar] [tabindex='0']", "h1"];
    focus(
        places
            .iter()
            .find_map(|place| document.query_selector(place).ok().flatten()),
    );
}

/// Whether nothing has the focus.
pub(super) fn lost() -> bool {
    document()
        .active_element()
        .is_none_or(|at| at.tag_name() == "BODY")
}

/// Tells when anything below an element comes or goes, until it is dropped.
struct Watch {
    observer: MutationObserver,
    _told: Closure<dyn FnMut()>,
}

impl Watch {
    fn start(element: &Element, told: impl FnMut() + 'static) -> Option<Self> {
        let told = Closure::<dyn FnMut()>::new(told);
        let observer = MutationObserver::new(told.as_ref().unchecked_ref()).ok()?;
        let wanted = MutationObserverInit::new();
        wanted.set_child_list(true);
        wanted.set_subtree(true);
        observer.observe_with_options(element, &wanted).ok()?;
        Some(Self {
            observer,
            _told: told,
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Makes a toolbar one stop of the Tab key, in which arrows lead from button to button (WAI-ARIA's pattern of a toolbar).
/// Returns what its `focusin`, `focusout` and `keydown` are to call.
pub(super) fn rove(
    toolbar: NodeRef<html::Div>,
) -> (
    impl Fn(FocusEvent) + Copy + 'static,
    impl Fn(FocusEvent) + Copy + 'static,
    impl Fn(KeyboardEvent) + Copy + 'static,
) {
    Effect::new(move || {
        if toolbar.get().is_some() {
            stop_at(toolbar, None);
        }
    });
    let comes = move |event: FocusEvent| stop_at(toolbar, event.target());
    // Whoever comes back by Tab begins at the first again, which is always there.
    let goes = move |_| stop_at(toolbar, None);
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(bar) = toolbar.get_untracked() else {
            return;
        };
        let mut buttons = buttons(&bar);
        buttons.retain(is_shown);
        let Some(at) = buttons
            .iter()
            .position(|button| Some(button) == event.target().and_then(|at| at.dyn_into().ok()).as_ref())
        else {
            return;
        };
        let turned = bar.matches(":dir(rtl)").unwrap_or_default();
        let count = buttons.len();
        let to = match (event.key().as_str(), turned) {
            ("ArrowRight", false) | ("ArrowLeft", true) => (at + 1) % count,
            ("ArrowLeft", false) | ("ArrowRight", true) => (at + count - 1) % count,
            ("Home", _) => 0,
            ("End", _) => count - 1,
            _ => return,
        };
        event.prevent_default();
        focus(buttons.into_iter().nth(to).map(Into::into));
    };
    (comes, goes, key)
}

/// Lets the Tab key stop at that button alone, or else at the first. What has the focus loses it also when its page goes, and
/// then there is no bar any more.
fn stop_at(toolbar: NodeRef<html::Div>, target: Option<EventTarget>) {
    let Some(bar) = toolbar.try_get_untracked().flatten() else {
        return;
    };
    let buttons = buttons(&bar);
    let target = target.and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let at = buttons
        .iter()
        .position(|button| Some(button) == target.as_ref())
        .or_else(|| buttons.iter().position(is_shown))
        .unwrap_or(0);
    for (index, button) in buttons.iter().enumerate() {
        button.set_tab_index(if index == at { 0 } else { -1 });
    }
}

/// The buttons of the bar itself; what opens from it has keys of its own.
fn buttons(bar: &Element) -> Vec<HtmlElement> {
    let Ok(all) = bar.query_selector_all("button") else {
        return Vec::new();
    };
    (0..all.length())
        .filter_map(|index| all.get(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|button| matches!(button.closest("[popover], [role=menu]"), Ok(None)))
        .collect()
}

fn is_shown(button: &HtmlElement) -> bool {
    button.offset_width() > 0
}
