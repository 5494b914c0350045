//! The page before the room.

use leptos::prelude::*;
use maju_call::{Phase, Signaling, UserEvent, View, check_name};

use super::{
    Face, Whose,
    devices::device_lists,
    field::Field,
    focus::heading,
    icons::mark,
    notices::notices,
    problems::{problem_alerts, problems},
    toolbar::{camera_button, microphone_button},
    video::video,
};

/// Before the room: see oneself, pick devices, say who one is.
#[component]
pub fn Lobby(
    /// What to show and whom to tell.
    face: Face,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let room = Memo::new(move |_| face.view.with(|view| view.room.clone()));
    view! {
        <main class="lobby">
            <header class="lobby-head">
                {mark()} <div>
                    <p class="over">"Room"</p>
                    {heading(came, view! { <bdi>{room}</bdi> })}
                </div>
            </header>
            {preview(face)}
            <section class="lobby-side">
                {notices(face, false)}
                {problem_alerts(
                    Memo::new(move |_| face.view.with(problems)),
                    "You can also join without.",
                    false,
                )}
                {join_form(face)}
            </section>
            <section class="lobby-devices" aria-label="Devices">
                {device_lists(face)}
            </section>
        </main>
    }
}

/// The own picture, how loud the microphone is, and the buttons of both.
fn preview(face: Face) -> AnyView {
    let camera = Memo::new(move |_| face.view.with(|view| (view.camera.on, view.camera.pending)));
    let microphone = Memo::new(move |_| {
        face.view
            .with(|view| (view.microphone.on, view.microphone.pending))
    });
    let words = move || match camera.get() {
        (true, _) => "",
        (false, true) => "Starting your camera…",
        (false, false) => "Your camera is off",
    };
    let hearing = move || match microphone.get() {
        (true, _) => "What your microphone hears",
        (false, true) => "Starting your microphone…",
        (false, false) => "Your microphone is off",
    };
    // A hundredth is finer than the eye; rounding keeps a silent room from touching the page at all.
    let level = Memo::new(move |_| face.level.with(|level| (level.clamp(0.0, 1.0) * 100.0).round()));
    view! {
        <section class="preview" aria-label="Preview" data-camera=move || if camera.get().0 { "on" } else { "off" }>
            <div class="preview-picture" data-self="">
                {video(face, Whose::Mine)}
                <p class="preview-words">{words}</p>
                <div class="preview-buttons">{microphone_button(face)} {camera_button(face)}</div>
            </div>
            <div class="hearing" data-on=move || microphone.get().0.to_string()>
                <p class="fine">{hearing}</p>
                <div class="meter" aria-hidden="true" style=("--level", move || format!("{}%", level.get()))>
                    <span></span>
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn join_form(face: Face) -> AnyView {
    let name = Field::new(face.view.with_untracked(|view| view.name.clone()));
    let waits = Memo::new(move |_| face.view.with(wait));
    let joining = move || waits.with(Option::is_some);
    let rename = move || {
        let text = face.normalize.run(name.text());
        if let Ok(name) = check_name(&text) {
            face.send.run(UserEvent::Rename(name.to_owned()));
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if waits.with_untracked(Option::is_some) {
            return;
        }
        let text = face.normalize.run(name.text());
        match check_name(&text) {
            Ok(name) => {
                face.send.run(UserEvent::Rename(name.to_owned()));
                face.send.run(UserEvent::Join);
            }
            Err(error) => name.refuse(format!("Your name {error}.")),
        }
    };
    view! {
        <form class="card lobby-form" on:submit=submit novalidate>
            {name.view("your-name", "Your name", "nickname", rename)}
            <button
                class="button primary wide"
                type="submit"
                aria-busy=move || joining().then_some("true")
                aria-disabled=move || joining().then_some("true")
            >
                {move || waits.get().unwrap_or("Join")}
            </button>
        </form>
    }
    .into_any()
}

/// What joining waits for, once it was pressed.
fn wait(view: &View) -> Option<&'static str> {
    if view.phase != Phase::Joining {
        return None;
    }
    Some(match (view.camera.pending, view.microphone.pending) {
        (true, true) => "Waiting for your camera and microphone…",
        (true, false) => "Waiting for your camera…",
        (false, true) => "Waiting for your microphone…",
        (false, false) if view.signaling != Signaling::Ready => "Waiting for the server…",
        (false, false) => "Joining…",
    })
}
