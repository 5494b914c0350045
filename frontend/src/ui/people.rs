use leptos::prelude::*;
use maju_call::{PersonView, View};

use super::{
    Face,
    icons::{CAMERA, CAMERA_OFF, MICROPHONE, MICROPHONE_OFF, icon},
    invite::invite,
    text::{hue, initials},
    tile::words,
};

/// Who is in the room, oneself first.
pub(super) fn people(face: Face) -> AnyView {
    let me = Memo::new(move |_| face.view.with(myself));
    let others = Memo::new(move |_| face.view.with(|view| view.people.clone()));
    view! {
        <div class="people">
            <ul>
                {move || row(me.get(), true)}
                // The whole person is the key: a row is small, and made anew when anything in it changes.
                <For
                    each=move || others.get().to_vec()
                    key=|person| (person.id.clone(), person.name.clone(), words(person), person.microphone, person.camera)
                    children=|person| row(person.into(), false)
                />
            </ul>
            <div class="people-invite">
                <h3>"Invite somebody"</h3>
                {invite(face)}
            </div>
        </div>
    }
    .into_any()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: String,
    name: String,
    state: &'static str,
    microphone: Option<bool>,
    camera: Option<bool>,
}

fn myself(view: &View) -> Row {
    Row {
        id: view.me.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: view.name.clone(),
        state: "You",
        microphone: Some(view.microphone.on),
        camera: Some(view.camera.on),
    }
}

impl From<PersonView> for Row {
    fn from(person: PersonView) -> Self {
        let state = words(&person);
        let PersonView {
            id,
            name,
            microphone,
            camera,
            ..
        } = person;
        Self {
            id: id.to_string(),
            name,
            state,
            microphone,
            camera,
        }
    }
}

fn row(person: Row, own: bool) -> AnyView {
    let Row {
        id,
        name,
        state,
        microphone,
        camera,
    } = person;
    view! {
        <li class="person" data-own=own.then_some("true") style=("--hue", hue(&id).to_string())>
            <span class="person-sign" aria-hidden="true">
                {initials(&name)}
            </span>
            <span class="person-words">
                <bdi>{name}</bdi>
                <small>{state}</small>
            </span>
            {sign(microphone, (MICROPHONE, "Microphone on"), (MICROPHONE_OFF, "Microphone off"))}
            {sign(camera, (CAMERA, "Camera on"), (CAMERA_OFF, "Camera off"))}
        </li>
    }
    .into_any()
}

/// A picture of whether something is on, with the words for those who do not see it; nothing while it is not known.
fn sign(
    on: Option<bool>,
    yes: (&'static str, &'static str),
    no: (&'static str, &'static str),
) -> Option<AnyView> {
    on.map(|on| {
        let (path, words) = if on { yes } else { no };
        view! {
            <span class="person-source" data-on=on.to_string() title=words>
                {icon(path)} <span class="unseen">{words}</span>
            </span>
        }
        .into_any()
    })
}
