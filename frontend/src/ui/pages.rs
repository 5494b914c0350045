//! The pages of one room.

use leptos::prelude::*;
use maju_call::Phase;

use super::{Ended, Face, Lobby, Room, text::set_title};

/// The pages of one room, whichever the call is at: lobby, room, or the one after leaving.
#[component]
pub fn Pages(
    /// What to show and whom to tell.
    face: Face,
    /// Goes to the home page.
    home: Callback<()>,
) -> impl IntoView {
    let page = Memo::new(move |_| {
        face.view.with(|view| match view.phase {
            Phase::Lobby | Phase::Joining => Page::Lobby,
            Phase::InCall => Page::Room,
            Phase::Ended => Page::Ended,
        })
    });
    let room = Memo::new(move |_| face.view.with(|view| view.room.clone()));
    Effect::new(move || room.with(|room| set_title(Some(room))));
    move || match page.get() {
        Page::Lobby => view! { <Lobby face /> }.into_any(),
        Page::Room => view! { <Room face /> }.into_any(),
        Page::Ended => view! { <Ended face home /> }.into_any(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Lobby,
    Room,
    Ended,
}
