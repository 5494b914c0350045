//! The page of the call.

use leptos::{html, prelude::*};

use super::{
    Desk, Face, Whose,
    each::{each, memo},
    focus::{focus, heading, keep},
    host::is_host,
    icons::{LOCK, icon, mark},
    invite::invite,
    later::{Part, beside, fetch_parts},
    layout_menu::{away, layout_menu},
    notices::notices,
    panel::{Panel, sheet},
    problems::{problem_alerts, problems},
    reactions::shown_reactions,
    screen::{screen_tile, sharing},
    settings::saving_chip,
    shortcuts::shortcuts,
    stage::{Stage, stage_view},
    tab::tab,
    tile::{own_tile, person_tile},
    toolbar::toolbar,
    words::{count, t},
};

/// The call.
#[component]
pub fn Room(
    /// What to show and whom to tell.
    face: Face,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let Desk { open, dismissed, .. } = face.desk;
    fetch_parts();
    let room = face.part(move |view| view.room.clone());
    let present = face.part(move |view| {
        let people = view.people.iter().map(|person| Whose::Peer(person.id.clone()));
        people.collect::<Vec<_>>()
    });
    let others = memo(move || present.with(Vec::len));
    let screens = face.part(move |view| {
        let sharing = view.people.iter().filter(|person| person.screen);
        let screens = sharing.map(|person| Whose::Screen(person.id.clone()));
        screens
            .chain(view.screen.on.then_some(Whose::MyScreen))
            .collect::<Vec<_>>()
    });
    let stage = Stage::new(face, present, screens);
    let locked = face.part(move |view| view.rules.locked);
    let host = is_host(face);
    let unread = unread(face, open);
    tab(face, unread);
    let panel = move || open.get().map(|panel| sheet(face, panel));
    let page = NodeRef::<html::Main>::new();
    view! {
        <main
            class="room"
            data-panel=move || open.get().map(Panel::button_id)
            node_ref=page
            on:focusin=keep(page)
        >
            <header class="room-head">
                {mark()} {heading(came, view! { <bdi>{room}</bdi> })}
                {move || locked.get().then(|| view! { <p class="chip">{icon(LOCK)} {t("Locked")}</p> })}
                {sharing(face)}
                {saving_chip(face)}
                <p class="room-count">
                    {move || match others.get() {
                        0 => t("Only you").to_owned(),
                        others => count("{count} person", "{count} people", others + 1),
                    }}
                </p>
                {layout_menu(stage)}
            </header>
            <button class="button primary skip" type="button" on:click=move |_| focus(controls())>
                {t("To the call controls")}
            </button>
            {tiles(stage, present, screens)} {away(stage)}
            <div class="notices">
                <div class="notice-status" role="status">
                    {move || host.get().then(|| beside(face, Part::Knocks))}
                </div>
                {notices(face, true)} {problem_alerts(face.part(problems), "", Some(dismissed))}
            </div>
            {shown_reactions(face)} {beside(face, Part::Glimpse)}
            {panel}
            {toolbar(face, open, unread)}
            {beside(face, Part::Decided)} {beside(face, Part::Announcements)} {shortcuts(face, Some(open))}
        </main>
    }
}

/// Where Tab enters the controls.
fn controls() -> Option<web_sys::Element> {
    let first = document().query_selector(".toolbar [tabindex='0']");
    first.ok().flatten()
}

/// Everybody's tile. Whoever is alone finds the invitation where the next person's tile will be.
fn tiles(stage: Stage, people: Memo<Vec<Whose>>, screens: Memo<Vec<Whose>>) -> AnyView {
    let face = stage.face;
    let alone = memo(move || people.with(Vec::is_empty));
    let met = face.desk.met;
    let seats = view! {
        {own_tile(stage)}
        {each(move || people.get(), id, move |whose| person_tile(stage, whose))}
        {each(move || screens.get(), id, move |whose| screen_tile(stage, whose))}
    };
    let invitation = move || {
        let alone = alone.get();
        if !alone {
            met.set(true);
        }
        alone.then(|| invitation(face, met.get_untracked()))
    };
    stage_view(stage, seats.into_any(), invitation.into_any())
}

/// A key for lists of other people, and one of screens.
fn id(whose: &Whose) -> String {
    match whose {
        Whose::Peer(id) | Whose::Screen(id) => id.to_string(),
        Whose::Mine | Whose::Preview | Whose::MyScreen => String::new(),
    }
}

/// `met` tells whether somebody was here already.
fn invitation(face: Face, met: bool) -> AnyView {
    view! {
        <section class="tile invitation" aria-label=t("Invitation")>
            <h2>{if met { t("Nobody else is here now") } else { t("Nobody else is here yet") }}</h2>
            <p>{t("Send this link. Whoever opens it is here, face to face with you.")}</p>
            <div class="qr">{beside(face, Part::Code)}</div>
            {invite(face)}
        </section>
    }
    .into_any()
}

/// How many messages of others came while the chat was closed.
fn unread(face: Face, open: RwSignal<Option<Panel>>) -> Memo<usize> {
    let last = face.part(move |view| view.chat.iter().map(|line| line.id).max().unwrap_or(0));
    let read = face.desk.read;
    Effect::new(move || {
        let last = last.get();
        if open.get() == Some(Panel::Chat) {
            read.set(last);
        }
    });
    memo(move || {
        let read = if open.get() == Some(Panel::Chat) {
            last.get()
        } else {
            read.get()
        };
        last.track();
        face.view.with(|view| {
            view.chat
                .iter()
                .filter(|line| line.id > read && !line.mine && !line.before)
                .count()
        })
    })
}
