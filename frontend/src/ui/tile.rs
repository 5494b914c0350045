use leptos::prelude::*;
use maju_call::{Offence, PersonState, PersonView, Role};

use super::{
    Whose,
    each::memo,
    hand::hand_sign,
    host::is_host,
    icons::{MICROPHONE_OFF, STAR, icon},
    stage::{Stage, seat},
    text::{hue, initials},
    video::video,
    voice::{bars, is_main, speaking, speaks},
    words::t,
};

/// Somebody else in the room.
pub(super) fn person_tile(stage: Stage, whose: Whose) -> AnyView {
    let face = stage.face;
    let id = match &whose {
        Whose::Peer(id) => id.clone(),
        Whose::Mine | Whose::Preview | Whose::MyScreen | Whose::Screen(_) => return own_tile(stage),
    };
    let key = id.clone();
    let person = Memo::new(move |before: Option<&Option<PersonView>>| {
        let now = face
            .view
            .with(|view| view.people.iter().find(|person| person.id == key).cloned());
        // Whoever just left keeps the looks until the tile is gone.
        now.or_else(|| before.cloned().flatten())
    });
    let of = move |part: fn(&PersonView) -> &'static str| {
        move || {
            person
                .with(|person| person.as_ref().map(part))
                .unwrap_or_default()
        }
    };
    let name = memo(move || {
        person
            .with(|person| person.as_ref().map(|person| person.name.clone()))
            .unwrap_or_default()
    });
    let state = memo(move || {
        person
            .with(|person| person.as_ref().map(words))
            .unwrap_or_default()
            .to_owned()
    });
    let host =
        memo(move || person.with(|person| person.as_ref().is_some_and(|person| person.role == Role::Host)));
    let camera = of(|person| on_off(person.camera));
    // The last picture would stay, and be taken for one of now.
    let audio_only = face.part(move |view| view.wishes.audio_only);
    let colour = hue(id.as_str());
    let speaks = speaks(face, Whose::Peer(id.clone()));
    let main = is_main(face, Whose::Peer(id.clone()));
    let picture = view! {
        <figure
            class="tile"
            data-peer=id.to_string()
            data-state=of(|person| person.state.name())
            data-microphone=of(|person| on_off(person.microphone))
            data-camera=move || if audio_only.get() { "off" } else { camera() }
            data-speaking=speaking(speaks)
            data-main-speaker=move || main.get().then_some("true")
            aria-label=name
            style=("--hue", colour.to_string())
        >
            {avatar(name)}
            {video(face, whose.clone())}
            <figcaption class="tag">
                {muted()}
                {hand_sign(face, Whose::Peer(id.clone()))}
                {bars()}
                <bdi>{name}</bdi>
                {host_badge(host)}
            </figcaption>
            <p class="tile-state">{state}</p>
        </figure>
    };
    seat(stage, whose, name.into(), picture.into_any())
}

/// The person at this browser.
pub(super) fn own_tile(stage: Stage) -> AnyView {
    let face = stage.face;
    let name = face.part(move |view| view.name.clone());
    let me = face.part(move |view| view.me.as_ref().map(ToString::to_string));
    let microphone = face.part(move |view| view.microphone.on);
    let camera = face.part(move |view| view.camera.on);
    let host = is_host(face);
    let colour = move || me.with(|me| hue(me.as_deref().unwrap_or_default()).to_string());
    let picture = view! {
        <figure
            class="tile"
            data-self=""
            data-peer=me
            data-state="connected"
            data-microphone=move || on_off(Some(microphone.get()))
            data-camera=move || on_off(Some(camera.get()))
            data-speaking=speaking(speaks(face, Whose::Mine))
            aria-label=name
            style=("--hue", colour)
        >
            {avatar(name)}
            {video(face, Whose::Mine)}
            <figcaption class="tag">
                {muted()}
                {hand_sign(face, Whose::Mine)}
                {bars()}
                <bdi>{name}</bdi>
                <span class="tag-more">{t("You")}</span>
                {host_badge(host)}
            </figcaption>
        </figure>
    };
    seat(stage, Whose::Mine, name.into(), picture.into_any())
}

/// Says of somebody that they are the host: by a sign of its own, which nobody can type into a name.
pub(super) fn host_badge(host: Memo<bool>) -> AnyView {
    (move || {
        host.get().then(|| {
            view! {
                <span class="host-badge" title=t("Host")>
                    {icon(STAR)} <span>{t("Host")}</span>
                </span>
            }
        })
    })
    .into_any()
}

/// What lies behind a picture, and is seen while there is none.
fn avatar(name: Memo<String>) -> AnyView {
    view! {
        <div class="avatar" aria-hidden="true">
            <span>{move || name.with(|name| initials(name))}</span>
        </div>
    }
    .into_any()
}

/// The sign of a microphone that is off; the style sheet shows it by the tile's `data-microphone`.
fn muted() -> AnyView {
    view! {
        <span class="tag-muted">
            {icon(MICROPHONE_OFF)} <span class="unseen">{t("Microphone off")}</span>
        </span>
    }
    .into_any()
}

fn on_off(on: Option<bool>) -> &'static str {
    match on {
        Some(true) => "on",
        Some(false) => "off",
        None => "unknown",
    }
}

/// How a connection is, in words; nothing when there is nothing to say.
pub(super) fn words(person: &PersonView) -> &'static str {
    match person.offence {
        Some(Offence::Flood) => t("Cut off: sent too much."),
        Some(Offence::Nonsense) => t("Cut off: sent nonsense."),
        Some(Offence::Renegotiation) => t("Cut off: kept starting over."),
        None => match person.state {
            PersonState::Connecting => t("Connecting…"),
            PersonState::Connected => "",
            PersonState::Reconnecting => t("Reconnecting…"),
            PersonState::Failed => t("Cannot be reached; still trying."),
        },
    }
}
