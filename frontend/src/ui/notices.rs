use leptos::prelude::*;
use maju_call::{Device, DeviceKind, ErrorCode, Notice, UserEvent, View};

use super::{
    Face,
    icons::{CLOSE, INFO, SPEAKER, WARNING, icon},
};

/// What the person has to know now: alerts need an action, a status is for information. The place of the status is
/// always there, for a screen reader tells only of changes in a place that it knows.
pub(super) fn notices(face: Face, in_call: bool) -> AnyView {
    let list = Memo::new(move |_| face.view.with(|view| view.notices.clone()));
    let those = move |alerts: bool| {
        move || {
            list.get()
                .into_iter()
                .filter(|notice| is_alert(notice) == alerts)
                .map(|notice| show(face, notice, in_call))
                .collect_view()
        }
    };
    let interrupted = Memo::new(move |_| face.view.with(interruption));
    view! {
        <div class="notice-status" role="status">
            {those(false)}
            {move || interrupted.get().map(|title| words(false, title, "It comes back by itself.".to_owned()))}
        </div>
        {those(true)}
    }
    .into_any()
}

fn is_alert(notice: &Notice) -> bool {
    match notice {
        Notice::ServerLost | Notice::ServerClosing | Notice::NewDevice(_) => false,
        Notice::Refused(..) | Notice::PlaybackBlocked => true,
    }
}

/// What the system holds back.
fn interruption(view: &View) -> Option<&'static str> {
    match (view.microphone.interrupted, view.camera.interrupted) {
        (false, false) => None,
        (true, false) => Some("Your microphone is interrupted by the system."),
        (false, true) => Some("Your camera is interrupted by the system."),
        (true, true) => Some("Your camera and microphone are interrupted by the system."),
    }
}

fn show(face: Face, notice: Notice, in_call: bool) -> AnyView {
    match notice {
        Notice::ServerLost if in_call => words(
            false,
            "The server cannot be reached.",
            "The call goes on; only newcomers have to wait. Do not reload the page now.".to_owned(),
        ),
        Notice::ServerLost => words(
            false,
            "The server cannot be reached.",
            "It is being tried again by itself.".to_owned(),
        ),
        Notice::ServerClosing => words(
            false,
            "The server is about to restart.",
            "You can join again in a moment.".to_owned(),
        ),
        Notice::Refused(code, text) => {
            let (title, advice) = refusal(code, text, in_call);
            words(true, title, advice)
        }
        Notice::NewDevice(device) => offer(face, device),
        Notice::PlaybackBlocked => view! {
            <div class="notice" role="alert" data-tone="warning">
                {icon(SPEAKER)}
                <div class="notice-words">
                    <p class="notice-title">"You hear nobody yet"</p>
                    <p>"The browser waits for a press."</p>
                </div>
                <button
                    class="button small primary"
                    type="button"
                    on:click=move |_| face.send.run(UserEvent::AllowPlayback)
                >
                    "Play sound"
                </button>
            </div>
        }
        .into_any(),
    }
}

/// A device that was plugged in, to be taken or not.
fn offer(face: Face, device: Device) -> AnyView {
    let Device { kind, id, label, .. } = device;
    let what = match kind {
        DeviceKind::Microphone => "microphone",
        DeviceKind::Camera => "camera",
        DeviceKind::Speaker => "speaker",
    };
    let title = if label.is_empty() {
        format!("There is a new {what}.")
    } else {
        format!("New {what}: ")
    };
    let offered = format!("{title}{label}");
    view! {
        <div class="notice" data-tone="calm">
            {icon(INFO)}
            <div class="notice-words">
                <p class="notice-title">{title}</p>
                <p>{label}</p>
            </div>
            <button
                class="button small primary"
                type="button"
                aria-description=offered.clone()
                on:click=move |_| face.send.run(UserEvent::Choose(kind, id.clone()))
            >
                "Use it"
            </button>
            <button
                class="button icon-only plain"
                type="button"
                aria-label="Dismiss"
                aria-description=offered
                title="Dismiss"
                on:click=move |_| face.send.run(UserEvent::Decline(kind))
            >
                {icon(CLOSE)}
            </button>
        </div>
    }
    .into_any()
}

fn words(alert: bool, title: &'static str, text: String) -> AnyView {
    let (role, tone, sign) = if alert {
        (Some("alert"), "warning", WARNING)
    } else {
        (None, "calm", INFO)
    };
    view! {
        <div class="notice" role=role data-tone=tone>
            {icon(sign)}
            <div class="notice-words">
                <p class="notice-title">{title} " "</p>
                <p>{text}</p>
            </div>
        </div>
    }
    .into_any()
}

/// Why the server refused, and what to do.
fn refusal(code: ErrorCode, text: String, in_call: bool) -> (&'static str, String) {
    match code {
        ErrorCode::RoomFull if in_call => (
            "The room filled up while the server was away",
            "The call with those whom you see goes on. You get a seat by itself when one is free.".to_owned(),
        ),
        ErrorCode::RoomFull => (
            "The room is full",
            "Try again when somebody has left, or take another room.".to_owned(),
        ),
        ErrorCode::BadRoom => (
            "The server does not take this room name",
            format!("{text} Go back and choose another name."),
        ),
        ErrorCode::BadName => (
            "The server does not take your name",
            format!("{text} Change it and join again."),
        ),
        ErrorCode::UnsupportedVersion => (
            "This page is older or newer than the server",
            "Reload the page to get the one that fits.".to_owned(),
        ),
        _ => ("The server refused", text),
    }
}
