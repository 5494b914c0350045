//! The pages of one room.

use std::mem;

use leptos::prelude::*;
use maju_call::Phase;

use super::{Ended, Face, Lobby, Room};

/// The pages of one room, whichever the call is at: lobby, room, or the one after leaving.
#[component]
pub fn Pages(
    /// What to show and whom to tell.
    face: Face,
    /// Goes to the home page.
    home: Callback<()>,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let page = face.part(move |view| match view.phase {
        Phase::Lobby | Phase::Joining | Phase::Waiting => Page::Lobby,
        Phase::InCall => Page::Room,
        Phase::Ended => Page::Ended,
    });
    let came = StoredValue::new(came);
    move || {
        let page = page.get();
        // Every page but the first one is come to from another.
        let came = came
            .try_update_value(|came| mem::replace(came, true))
            .unwrap_or(true);
        match page {
            Page::Lobby => view! { <Lobby face came /> }.into_any(),
            Page::Room => view! { <Room face came /> }.into_any(),
            Page::Ended => view! { <Ended face home came /> }.into_any(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Lobby,
    Room,
    Ended,
}
