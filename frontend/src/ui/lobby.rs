//! The page before the room.

use leptos::{html, prelude::*};
use maju_call::{ErrorCode, Notice, Phase, Secret, Signaling, UserEvent, View, check_name};

use super::{
    Face, Whose,
    check::test_link,
    devices::{State, device_lists, hearing, picture, state},
    field::Field,
    focus::{focus, heading, keep},
    hiding::hide_address,
    icons::mark,
    language::language_select,
    later::{Part, part},
    notices::notices,
    problems::{problem_alerts, problems},
    refusals::bad_name,
    settings::test_speaker,
    shortcuts::shortcuts,
    toolbar::{camera_button, microphone_button},
    waiting::waiting,
    words::t,
};

/// Before the room: see oneself, pick devices, say who one is.
#[component]
pub fn Lobby(
    /// What to show and whom to tell.
    face: Face,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let room = face.part(move |view| view.room.clone());
    let opened = RwSignal::new(false);
    let page = NodeRef::<html::Main>::new();
    view! {
        <main class="lobby" node_ref=page on:focusin=keep(page)>
            <header class="lobby-head">
                {mark()} <div>
                    <p class="over">{t("Room")}</p>
                    {heading(came, view! { <bdi>{room}</bdi> })}
                </div> {language_select()}
            </header>
            {preview(face)}
            <section class="lobby-side">
                {notices(face, false)}
                {problem_alerts(
                    face.part(problems),
                    t("You can also join without."),
                    None,
                )}
                {entrance(face)}
            </section>
            <section class="lobby-devices" aria-label=t("Devices")>
                {device_lists(face)} {hide_address(face)} <p>{test_link()}</p>
                <details class="more" on:toggle=move |_| opened.set(true)>
                    <summary>
                        <h2>{t("More settings")}</h2>
                    </summary>
                    <div class="settings">{test_speaker(face)} {move || opened.get().then(|| part(face, Part::Wishes))}</div>
                </details>
            </section>
            {shortcuts(face, None)}
        </main>
    }
}

/// The own picture, how loud the microphone is, and the buttons of both.
fn preview(face: Face) -> AnyView {
    let camera = face.part(move |view| state(&view.camera));
    view! {
        <section class="preview" aria-label=t("Preview") data-camera=move || if camera.get() == State::On { "on" } else { "off" }>
            <div class="preview-picture" data-self="">
                {picture(face, Whose::Mine)}
                <div class="preview-buttons">{microphone_button(face)} {camera_button(face)}</div>
            </div>
            {hearing(face)}
        </section>
    }
    .into_any()
}

/// The form to join by, or what is shown while a host decides.
fn entrance(face: Face) -> AnyView {
    let name = face.view.with_untracked(|view| view.name.clone());
    let name = if face.named {
        Field::fixed(name)
    } else {
        Field::new(name)
    };
    let password = Field::secret();
    let waits = face.part(move |view| view.phase == Phase::Waiting);
    let waited = StoredValue::new(false);
    (move || {
        if waits.get() {
            waited.set_value(true);
            waiting(face)
        } else {
            join_form(face, name, password, waited.get_value())
        }
    })
    .into_any()
}

/// `returned` tells whether the person waited, in vain or not long enough: what had the focus is gone then.
fn join_form(face: Face, name: Field, password: Field, returned: bool) -> AnyView {
    let waits = face.part(wait);
    let joining = move || waits.with(Option::is_some);
    let asks = face.part(move |view| view.asks_password);
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
        let name = match check_name(&text) {
            Ok(name) => name.to_owned(),
            Err(error) => return name.refuse(bad_name(error)),
        };
        if asks.get_untracked() {
            let text = face.normalize.run(password.text());
            if text.is_empty() {
                return password.refuse(t("Type the room's password.").to_owned());
            }
            face.send.run(UserEvent::Password(Secret::new(text)));
        }
        face.send.run(UserEvent::Rename(name));
        face.send.run(UserEvent::Join);
    };
    let wanted = face.part(wants_password);
    // Where something is to be typed, one is there at once.
    Effect::new(move || {
        if wanted.get() {
            password.go_there();
        }
    });
    let button = NodeRef::<html::Button>::new();
    Effect::new(move || {
        if returned && !wanted.get_untracked() {
            focus(button.get().map(Into::into));
        }
    });
    let cancel = move |_| {
        face.send.run(UserEvent::Cancel);
        // What was pressed goes; this stays.
        focus(button.get_untracked().map(Into::into));
    };
    view! {
        <form class="card lobby-form" on:submit=submit novalidate>
            {name.view("your-name", t("Your name"), "nickname", rename)}
            {move || asks.get().then(|| password.view("password", t("Password"), "off", || {}))}
            <button
                class="button primary wide"
                type="submit"
                node_ref=button
                aria-busy=move || joining().then_some("true")
                aria-disabled=move || joining().then_some("true")
            >
                {move || waits.get().unwrap_or(t("Join"))}
            </button>
            {move || {
                joining()
                    .then(|| {
                        view! {
                            <button class="button wide" type="button" on:click=cancel>
                                {t("Cancel")}
                            </button>
                        }
                    })
            }}
        </form>
    }
    .into_any()
}

/// Whether the server just said that there is no way in without the right password.
fn wants_password(view: &View) -> bool {
    view.notices.iter().any(|notice| match notice {
        Notice::Refused(refusal) => {
            matches!(refusal.code, ErrorCode::PasswordNeeded | ErrorCode::WrongPassword)
        }
        _ => false,
    })
}

/// What joining waits for, once it was pressed.
fn wait(view: &View) -> Option<&'static str> {
    if view.phase != Phase::Joining {
        return None;
    }
    Some(match (view.camera.pending, view.microphone.pending) {
        (true, true) => t("Waiting for your camera and microphone…"),
        (true, false) => t("Waiting for your camera…"),
        (false, true) => t("Waiting for your microphone…"),
        (false, false) if view.signaling != Signaling::Ready => t("Waiting for the server…"),
        (false, false) => t("Joining…"),
    })
}
