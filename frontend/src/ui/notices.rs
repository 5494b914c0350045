use leptos::prelude::*;
use maju_call::{Device, DeviceKind, ErrorCode, Notice, UserEvent, View};

use super::{
    Face,
    check::link,
    icons::{CLOSE, INFO, SPEAKER, WARNING, icon},
    refusals::{no_seat, not_done},
    words::{fill, t},
};

/// What the person has to know now: alerts need an action, a status is for information. The place of the status is
/// always there, for a screen reader tells only of changes in a place that it knows.
pub(super) fn notices(face: Face, in_call: bool) -> AnyView {
    let list = face.part(move |view| view.notices.clone());
    let those = move |alerts: bool| {
        move || {
            list.get()
                .into_iter()
                .filter(|notice| is_alert(notice) == alerts)
                .map(|notice| show(face, notice, in_call))
                .collect_view()
        }
    };
    let interrupted = face.part(interruption);
    view! {
        <div class="notice-status" role="status">
            {those(false)}
            {move || interrupted.get().map(|title| words(None, title, t("It comes back by itself.")))}
        </div>
        {(!face.frame.can.call).then(|| words(Some("alert"), cannot_call().0, cannot_call().1))} {those(true)}
    }
    .into_any()
}

/// What there is to say of a browser without WebRTC.
pub(super) fn cannot_call() -> (&'static str, &'static str) {
    let advice = t("WebRTC is missing or turned off. Take another browser.");
    (t("This browser cannot make calls"), advice)
}

fn is_alert(notice: &Notice) -> bool {
    match notice {
        Notice::ServerLost
        | Notice::Offline
        | Notice::ServerClosing
        | Notice::Muted(_)
        | Notice::TalkingMuted
        | Notice::NewDevice(_) => false,
        Notice::Refused(_) | Notice::NotDone(_) | Notice::PlaybackBlocked => true,
    }
}

/// What the system holds back.
fn interruption(view: &View) -> Option<&'static str> {
    match (view.microphone.interrupted, view.camera.interrupted) {
        (false, false) => None,
        (true, false) => Some(t("Your microphone is interrupted by the system.")),
        (false, true) => Some(t("Your camera is interrupted by the system.")),
        (true, true) => Some(t("Your camera and microphone are interrupted by the system.")),
    }
}

fn show(face: Face, what: Notice, in_call: bool) -> AnyView {
    match what {
        Notice::Offline => words(
            None,
            t("You are offline: the server cannot be reached."),
            t("It is being tried again by itself."),
        ),
        Notice::ServerLost if in_call => words(
            None,
            t("The server cannot be reached."),
            t("The call goes on; only newcomers have to wait. Do not reload the page now."),
        ),
        Notice::ServerLost => words(
            None,
            t("The server cannot be reached."),
            t("It is being tried again by itself."),
        ),
        Notice::ServerClosing => words(
            None,
            t("The server is about to restart."),
            t("You can join again in a moment."),
        ),
        Notice::Refused(refusal) => {
            let elsewhere = !in_call && leads_elsewhere(refusal.code);
            let (title, advice) = no_seat(refusal, in_call);
            let way = elsewhere.then(|| link("/".to_owned(), t("Another room")));
            notice(Some("alert"), title.to_owned(), advice, way.into_any())
        }
        Notice::NotDone(refusal) => {
            let (title, advice) = not_done(refusal);
            dismissible(face, Some("alert"), title.to_owned(), advice)
        }
        Notice::Muted(name) => {
            let title = if name.is_empty() {
                t("The host muted you.").to_owned()
            } else {
                fill("{name} muted you.", &[("name", &name)])
            };
            let advice = t("Nobody hears you until you unmute.").to_owned();
            dismissible(face, None, title, advice)
        }
        Notice::TalkingMuted => words(None, t("You are muted."), t("Press Unmute to be heard.")),
        Notice::NewDevice(device) => offer(face, device),
        Notice::PlaybackBlocked => view! {
            <div class="notice" role="alert" data-tone="warning">
                {icon(SPEAKER)}
                <div class="notice-words">
                    <p class="notice-title">{t("You hear nobody yet")}</p>
                    <p>{t("The browser waits for a press.")}</p>
                </div>
                <button
                    class="button small primary"
                    type="button"
                    on:click=move |_| face.send.run(UserEvent::AllowPlayback)
                >
                    {t("Play sound")}
                </button>
            </div>
        }
        .into_any(),
    }
}

/// Whether another room is what remains, or may be better than to wait.
fn leads_elsewhere(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::RoomFull | ErrorCode::Locked | ErrorCode::Refused | ErrorCode::Banned | ErrorCode::BadRoom
    )
}

/// A device that was plugged in, to be taken or not.
fn offer(face: Face, device: Device) -> AnyView {
    let Device { kind, id, label, .. } = device;
    let title = match kind {
        DeviceKind::Microphone => t("New microphone"),
        DeviceKind::Camera => t("New camera"),
        DeviceKind::Speaker => t("New speaker"),
    };
    let offered = format!("{title} {label}");
    view! {
        <div class="notice" data-tone="calm">
            {icon(INFO)}
            <div class="notice-words">
                <p class="notice-title">{title} " "</p>
                <p>{label}</p>
            </div>
            <button
                class="button small primary"
                type="button"
                aria-description=offered.clone()
                on:click=move |_| face.send.run(UserEvent::Choose(kind, id.clone()))
            >
                {t("Use it")}
            </button>
            <button
                class="button icon-only plain"
                type="button"
                aria-label=t("Dismiss")
                aria-description=offered
                title=t("Dismiss")
                on:click=move |_| face.send.run(UserEvent::Decline(kind))
            >
                {icon(CLOSE)}
            </button>
        </div>
    }
    .into_any()
}

/// A notice that is put away by the person.
fn dismissible(face: Face, role: Option<&'static str>, title: String, text: String) -> AnyView {
    let button = view! {
        <button
            class="button icon-only plain"
            type="button"
            aria-label=t("Dismiss")
            title=t("Dismiss")
            on:click=move |_| face.send.run(UserEvent::Dismiss)
        >
            {icon(CLOSE)}
        </button>
    };
    notice(role, title, text, button.into_any())
}

fn words(role: Option<&'static str>, title: &'static str, text: impl Into<String>) -> AnyView {
    notice(role, title.to_owned(), text.into(), ().into_any())
}

/// Words with a sign before them and something to press behind them, or nothing. An alert warns.
fn notice(role: Option<&'static str>, title: String, text: String, button: AnyView) -> AnyView {
    let (tone, sign) = if role.is_some() {
        ("warning", WARNING)
    } else {
        ("calm", INFO)
    };
    view! {
        <div class="notice" role=role data-tone=tone>
            {icon(sign)}
            <div class="notice-words">
                <p class="notice-title">{title} " "</p>
                <p>{text}</p>
            </div>
            {button}
        </div>
    }
    .into_any()
}
