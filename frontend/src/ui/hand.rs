//! Raised hands.

use leptos::prelude::*;
use maju_call::{UserEvent, View, Whose};

use super::{
    Face,
    icons::{HAND, icon},
    shortcuts::{shortcut, titled},
    words::{fill, t},
};

/// Raises the own hand, or lowers it.
pub(super) fn hand_button(face: Face) -> AnyView {
    let up = face.part(move |view| view.hand.is_some());
    let name = move || {
        if up.get() {
            t("Lower hand")
        } else {
            t("Raise hand")
        }
    };
    view! {
        <button
            class="control"
            type="button"
            data-up=move || up.get().then_some("true")
            aria-label=name
            aria-keyshortcuts=shortcut(face, "h")
            title=move || titled(face, name(), "h")
            on:click=move |_| face.send.run(UserEvent::Hand(!up.get_untracked()))
        >
            {icon(HAND)}
            <span class="control-label" aria-hidden="true">{t("Hand")}</span>
        </button>
    }
    .into_any()
}

/// Says that somebody's hand is up, and which in the order it is.
pub(super) fn hand_sign(face: Face, whose: Whose) -> AnyView {
    let place = face.part(move |view| place(view, &whose));
    (move || {
        place.get().map(|place| {
            let place = place.to_string();
            view! {
                <span class="hand-sign">
                    {icon(HAND)} <span aria-hidden="true">{place.clone()}</span>
                    <span class="unseen">{fill("Hand raised, number {place}", &[("place", &place)])}</span>
                </span>
            }
        })
    })
    .into_any()
}

/// Which hand is whose, from 1: hands go by their numbers, and by ids where these are the same.
pub(super) fn place(view: &View, whose: &Whose) -> Option<usize> {
    let others = view.people.iter().map(|person| (person.hand, Some(&person.id)));
    let hands = others.chain([(view.hand, view.me.as_ref())]);
    let (of, id) = match whose {
        Whose::Peer(id) => (view.people.iter().find(|person| person.id == *id)?.hand, id),
        _ => (view.hand, view.me.as_ref()?),
    };
    let own = (of?, id);
    let before = hands.filter(|(hand, id)| hand.zip(*id).is_some_and(|other| other < own));
    Some(before.count() + 1)
}
