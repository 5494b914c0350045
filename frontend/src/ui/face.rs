use leptos::prelude::*;
pub use maju_call::Whose;
use maju_call::{Moment, UserEvent, View};
use web_sys::HtmlVideoElement;

/// All that the pages of a call are given: what to show, and whom to tell.
#[derive(Clone, Copy)]
pub struct Face {
    /// What is so. Changes once for each event; components take the part they need through a `Memo`.
    pub view: ReadSignal<View>,
    /// How loud the own microphone is, 0 to 1, while in the lobby.
    pub level: ReadSignal<f64>,
    /// What a person does.
    pub send: Callback<UserEvent>,
    /// Puts somebody's picture and sound into a `<video>`, and takes it out again.
    pub show: Callback<Show>,
    /// The time of day of a moment, as the person's locale writes it.
    pub clock: Callback<Moment, String>,
}

/// A `<video>` came or went.
pub struct Show {
    /// Whom it shows.
    pub whose: Whose,
    /// The element; none when it is gone.
    pub video: Option<HtmlVideoElement>,
}
