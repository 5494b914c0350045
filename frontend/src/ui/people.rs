use leptos::{ev::KeyboardEvent, prelude::*};
use maju_call::{PeerId, PersonView, Role, View};

use super::{
    Face, Whose,
    each::{each, memo},
    focus::{focus, stay},
    hand::hand_sign,
    host::{Drawer, drawer, is_host, knock_list, mute_all, options_id, room_rules},
    icons::{CAMERA, CAMERA_OFF, MICROPHONE, MICROPHONE_OFF, MORE, icon},
    invite::invite,
    rename::rename,
    text::{hue, initials},
    tile::{host_badge, words},
    voice::{bars, speaking, speaks},
    words::{fill, t},
};

/// Who is in the room: oneself, then those whose hands are up, first raised first, then all others. For hosts also what they
/// decide on.
pub(super) fn people(face: Face) -> AnyView {
    let me = face.part(myself);
    let ids = face.part(move |view| {
        let mut people: Vec<_> = view.people.iter().collect();
        people.sort_by_key(|person| (person.hand.is_none(), person.hand.map(|hand| (hand, &person.id))));
        people
            .into_iter()
            .map(|person| person.id.clone())
            .collect::<Vec<_>>()
    });
    let host = is_host(face);
    let company = memo(move || ids.with(|ids| !ids.is_empty()));
    let open = RwSignal::new(None::<(PeerId, Drawer)>);
    let listed = move || {
        stay();
        ids.get()
    };
    let leave_drawer = move |event: KeyboardEvent| {
        if event.key() == "Escape"
            && !event.is_composing()
            && let Some((id, _)) = open.get_untracked()
        {
            // The panel stays.
            event.prevent_default();
            open.set(None);
            focus(document().get_element_by_id(&options_id(&id)));
        }
    };
    view! {
        <div class="people" on:keydown=leave_drawer>
            {move || host.get().then(|| knock_list(face))}
            <ul>
                {row(face, Whose::Mine, me, (!face.named).then(|| rename(face)))}
                {each(listed, PeerId::to_string, move |id| other(face, id, host, open))}
            </ul>
            {move || (host.get() && company.get()).then(|| mute_all(face))}
            {move || {
                // Whoever is alone has the invitation on the stage.
                company.get().then(|| view! {
                    <div class="people-invite">
                        <h3>{t("Invite somebody")}</h3>
                        {invite(face)}
                    </div>
                })
            }}
            {move || host.get().then(|| room_rules(face))}
        </div>
    }
    .into_any()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    id: String,
    own: bool,
    name: String,
    state: &'static str,
    host: bool,
    microphone: Option<bool>,
    camera: Option<bool>,
}

fn myself(view: &View) -> Row {
    Row {
        id: view.me.as_ref().map(ToString::to_string).unwrap_or_default(),
        own: true,
        name: view.name.clone(),
        state: t("You"),
        host: view.role == Role::Host,
        microphone: Some(view.microphone.on),
        camera: Some(view.camera.on),
    }
}

impl From<&PersonView> for Row {
    fn from(person: &PersonView) -> Self {
        Self {
            id: person.id.to_string(),
            own: false,
            name: person.name.clone(),
            state: words(person),
            host: person.role == Role::Host,
            microphone: person.microphone,
            camera: person.camera,
        }
    }
}

/// Somebody else. What changes about them changes in the row, so that the focus stays where it is.
fn other(face: Face, id: PeerId, host: Memo<bool>, open: RwSignal<Option<(PeerId, Drawer)>>) -> AnyView {
    let key = id.clone();
    let person = Memo::new(move |before: Option<&Row>| {
        let now = face
            .view
            .with(|view| view.people.iter().find(|person| person.id == key).map(Row::from));
        // Whoever just left keeps the looks until the row is gone.
        now.or_else(|| before.cloned()).unwrap_or_default()
    });
    let whose = Whose::Peer(id.clone());
    row(face, whose, person, Some(options(face, id, person, host, open)))
}

/// The button that opens what can be done with somebody, and what it opens.
fn options(
    face: Face,
    id: PeerId,
    person: Memo<Row>,
    host: Memo<bool>,
    open: RwSignal<Option<(PeerId, Drawer)>>,
) -> AnyView {
    let name = memo(move || person.with(|person| person.name.clone()));
    let whose = StoredValue::new(id.clone());
    let is_open = move || {
        open.with(|open| {
            open.as_ref()
                .is_some_and(|(id, _)| whose.with_value(|whose| whose == id))
        })
    };
    let press = move |_| {
        let id = whose.get_value();
        let opened = is_open();
        open.set((!opened).then_some((id, Drawer::Options)));
    };
    view! {
        <button
            class="button icon-only plain"
            type="button"
            id=options_id(&id)
            aria-label=move || fill("Options for {name}", &[("name", &name.get())])
            title=t("Options")
            aria-expanded=move || is_open().to_string()
            on:click=press
        >
            {icon(MORE)}
        </button>
        {drawer(
            face,
            id,
            name,
            host,
            memo(move || person.with(|person| person.host)),
            memo(move || person.with(|person| person.microphone == Some(false))),
            open,
        )}
    }
    .into_any()
}

fn row(face: Face, whose: Whose, person: Memo<Row>, options: Option<AnyView>) -> AnyView {
    let speaks = speaks(face, whose.clone());
    let own = person.with_untracked(|person| person.own);
    let name = move || person.with(|person| person.name.clone());
    let state = move || person.with(|person| person.state);
    view! {
        <li class="person" data-own=own.then_some("true") data-speaking=speaking(speaks) style=("--hue", move || person.with(|person| hue(&person.id).to_string()))>
            <span class="person-sign" aria-hidden="true">
                {move || person.with(|person| initials(&person.name))}
            </span>
            <span class="person-words">
                <span class="person-name">
                    <bdi>{name}</bdi> {host_badge(memo(move || person.with(|person| person.host)))}
                </span>
                <small>{state}</small>
            </span>
            {bars()}
            {hand_sign(face, whose)}
            {move || {
                let on = person.with(|person| person.microphone);
                sign(on, (MICROPHONE, t("Microphone on")), (MICROPHONE_OFF, t("Microphone off")))
            }}
            {move || {
                let on = person.with(|person| person.camera);
                sign(on, (CAMERA, t("Camera on")), (CAMERA_OFF, t("Camera off")))
            }}
            {options}
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
