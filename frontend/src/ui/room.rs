//! The page of the call.

use leptos::{
    ev::{self, KeyboardEvent},
    prelude::*,
};
use maju_call::PeerId;

use super::{
    Desk, Face,
    call_log::call_log,
    chat::chat,
    focus::heading,
    host::{is_host, knock_notices},
    icons::{LOCK, icon, mark},
    invite::invite,
    layout::{Shape, grid},
    notices::notices,
    panel::{Panel, close, sheet},
    people::people,
    problems::{problem_alerts, problems},
    screen::{own_screen_tile, screen_tile, sharing},
    settings::settings,
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
    let Desk {
        open,
        draft,
        dismissed,
        ..
    } = face.desk;
    let room = Memo::new(move |_| face.view.with(|view| view.room.clone()));
    let others = Memo::new(move |_| face.view.with(|view| view.people.len()));
    let locked = Memo::new(move |_| face.view.with(|view| view.rules.locked));
    let host = is_host(face);
    let unread = unread(face, open);
    tab(face, unread);
    let leave_panel = move |event: KeyboardEvent| {
        // The Escape that ends the composing of a character is not meant for the panel.
        if event.key() == "Escape" && !event.is_composing() {
            close(open);
        }
    };
    // On the window: a press beside every control leaves the focus outside of the page's elements.
    let listening = window_event_listener(ev::keydown, leave_panel);
    on_cleanup(move || listening.remove());
    let panel = move || {
        open.get().map(|panel| {
            let content = match panel {
                Panel::Chat => chat(face, draft),
                Panel::People => people(face),
                Panel::Settings => settings(face),
                Panel::CallLog => call_log(face),
            };
            sheet(open, panel, content)
        })
    };
    view! {
        <main class="room" data-panel=move || open.get().map(Panel::button_id)>
            <header class="room-head">
                {mark()} {heading(came, view! { <bdi>{room}</bdi> })}
                {move || locked.get().then(|| view! { <p class="chip">{icon(LOCK)} {t("Locked")}</p> })}
                {sharing(face)}
                <p class="room-count">
                    {move || match others.get() {
                        0 => t("Only you").to_owned(),
                        others => count("{count} person", "{count} people", others + 1),
                    }}
                </p>
            </header>
            {tiles(face, others)}
            <div class="notices">
                {move || host.get().then(|| knock_notices(face, open))}
                {notices(face, true)} {problem_alerts(Memo::new(move |_| face.view.with(problems)), "", Some(dismissed))}
            </div>
            {panel}
            {toolbar(face, open, unread)}
        </main>
    }
}

/// Everybody's tile. Whoever is alone finds the invitation where the next person's tile will be.
fn tiles(face: Face, others: Memo<usize>) -> AnyView {
    let ids = Memo::new(move |_| {
        face.view.with(|view| {
            view.people
                .iter()
                .map(|person| person.id.clone())
                .collect::<Vec<PeerId>>()
        })
    });
    let screens = Memo::new(move |_| {
        face.view.with(|view| {
            let sharing = view.people.iter().filter(|person| person.screen);
            sharing.map(|person| person.id.clone()).collect::<Vec<PeerId>>()
        })
    });
    let own_screen = Memo::new(move |_| face.view.with(|view| view.screen.on));
    let seats = move || others.get().max(1) + 1 + screens.with(Vec::len) + usize::from(own_screen.get());
    let wide = Memo::new(move |_| grid(seats(), Shape::Wide));
    let square = Memo::new(move |_| grid(seats(), Shape::Square));
    let tall = Memo::new(move |_| grid(seats(), Shape::Tall));
    let alone = Memo::new(move |_| others.get() == 0);
    let met = Memo::new(move |met: Option<&bool>| others.get() > 0 || met.is_some_and(|met| *met));
    view! {
        <div class="stage">
            <div
                class="tiles"
                style=("--wide-columns", move || wide.get().0.to_string())
                style=("--wide-rows", move || wide.get().1.to_string())
                style=("--square-columns", move || square.get().0.to_string())
                style=("--square-rows", move || square.get().1.to_string())
                style=("--tall-columns", move || tall.get().0.to_string())
                style=("--tall-rows", move || tall.get().1.to_string())
            >
                <For each=move || screens.get() key=PeerId::clone children=move |id| screen_tile(face, &id) />
                {own_tile(face)}
                {move || own_screen.get().then(|| own_screen_tile(face))}
                <For each=move || ids.get() key=PeerId::clone children=move |id| person_tile(face, &id) />
                {move || alone.get().then(|| invitation(face, met.get_untracked()))}
            </div>
        </div>
    }
    .into_any()
}

/// `met` tells whether somebody was here already.
fn invitation(face: Face, met: bool) -> AnyView {
    view! {
        <section class="tile invitation" aria-label=t("Invitation")>
            <h2>{if met { t("Nobody else is here now") } else { t("Nobody else is here yet") }}</h2>
            <p>{t("Send this link. Whoever opens it is here, face to face with you.")}</p>
            {invite(face)}
        </section>
    }
    .into_any()
}

/// How many messages of others came while the chat was closed.
fn unread(face: Face, open: RwSignal<Option<Panel>>) -> Memo<usize> {
    let last = Memo::new(move |_| {
        face.view
            .with(|view| view.chat.iter().map(|line| line.id).max().unwrap_or(0))
    });
    let read = face.desk.read;
    Effect::new(move || {
        let last = last.get();
        if open.get() == Some(Panel::Chat) {
            read.set(last);
        }
    });
    Memo::new(move |_| {
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
