//! What only a host sees: who waits to be let in, what can be done with a person, and how the room lets people in.

use leptos::prelude::*;
use maju_call::{HostAct, MAX_PASSWORD_CHARS, PeerId, Role, Secret, UserEvent, Waiter};

use super::{
    Face,
    each::{each, memo},
    field::Field,
    focus::focus,
    icons::{MICROPHONE_OFF, PEOPLE, icon},
    loudness::loudness,
    panel::Panel,
    switch::switch,
    text::status,
    words::{around, count, fill, t},
};

/// How many who wait have a notice of their own; the others are in the panel.
const MAX_NOTICES: usize = 2;

/// Whether the person at this browser is a host.
pub(super) fn is_host(face: Face) -> Memo<bool> {
    face.part(move |view| view.role == Role::Host)
}

/// Who waits to be let in, over the tiles; unless the panel is open that has them anyway.
pub(super) fn knock_notices(face: Face) -> AnyView {
    let open = face.desk.open;
    let waiters = waiters(face);
    let shown = move || {
        let waiters = waiters.get();
        let hidden = open.get() == Some(Panel::People);
        waiters
            .iter()
            .filter(|_| !hidden)
            .take(MAX_NOTICES)
            .cloned()
            .collect::<Vec<_>>()
    };
    let more = move || {
        let more = waiters.with(|waiters| waiters.len()).saturating_sub(MAX_NOTICES);
        let hidden = open.get() == Some(Panel::People);
        (more > 0 && !hidden).then(|| {
            view! {
                <p class="notice" data-tone="calm">
                    {count(
                        "{count} more waits to be let in: see People.",
                        "{count} more wait to be let in: see People.",
                        more,
                    )}
                </p>
            }
        })
    };
    let one = move |waiter: Waiter| {
        view! {
            <div class="notice knock" data-tone="calm">
                {icon(PEOPLE)}
                <div class="notice-words">
                    <p>{around(t("{name} waits to be let in."), "name", waiter.name.clone().into())}</p>
                </div>
                {answers(face, waiter, "#open-people")}
            </div>
        }
        .into_any()
    };
    view! {
        {each(shown, |waiter| waiter.id.to_string(), one)}
        {more}
    }
    .into_any()
}

/// The same at the top of the list of people.
pub(super) fn knock_list(face: Face) -> AnyView {
    let waiters = waiters(face);
    let some = memo(move || waiters.with(|waiters| !waiters.is_empty()));
    let one = move |waiter: Waiter| {
        view! {
            <li class="person">
                <span class="person-words">
                    <bdi>{waiter.name.clone()}</bdi>
                </span>
                {answers(face, waiter, ".panel-close")}
            </li>
        }
        .into_any()
    };
    let many = memo(move || waiters.with(|waiters| waiters.len() > 1));
    let admit_all = move || {
        view! {
            <button
                class="button small"
                type="button"
                on:click=move |_| {
                    face.send.run(UserEvent::AdmitAll);
                    focus(document().query_selector(".panel-close").ok().flatten());
                }
            >
                {t("Admit all")}
            </button>
        }
    };
    let list = move || {
        view! {
            <section class="knocks" aria-labelledby="knocks-title">
                <div class="row">
                    <h3 id="knocks-title">{t("Waiting to be let in")}</h3>
                    {move || many.get().then(admit_all)}
                </div>
                <ul>
                    {each(move || waiters.get().to_vec(), |waiter| waiter.id.to_string(), one)}
                </ul>
            </section>
        }
    };
    (move || some.get().then(list)).into_any()
}

fn waiters(face: Face) -> Memo<std::sync::Arc<Vec<Waiter>>> {
    face.part(move |view| view.waiters.clone())
}

/// The buttons that let somebody in, or send them away. They go with the one who waits, so the focus goes elsewhere.
fn answers(face: Face, waiter: Waiter, next: &'static str) -> AnyView {
    let Waiter { id, name } = waiter;
    let answer = move |act: HostAct| {
        face.send.run(UserEvent::Host(act));
        focus(document().query_selector(next).ok().flatten());
    };
    let other = id.clone();
    view! {
        <div class="answers">
            <button
                class="button small primary"
                type="button"
                aria-label=fill("Admit {name}", &[("name", &name)])
                on:click=move |_| answer(HostAct::Admit(id.clone()))
            >
                {t("Admit")}
            </button>
            <button
                class="button small"
                type="button"
                aria-label=fill("Refuse {name}", &[("name", &name)])
                on:click=move |_| answer(HostAct::Refuse(other.clone()))
            >
                {t("Refuse")}
            </button>
        </div>
    }
    .into_any()
}

/// Asks everybody else to be silent. It keeps the focus when there is nobody left to ask.
pub(super) fn mute_all(face: Face) -> AnyView {
    let silent = face.part(move |view| view.people.iter().all(|person| person.microphone == Some(false)));
    view! {
        <div class="row people-all">
            <button
                class="button small"
                type="button"
                aria-disabled=move || silent.get().then_some("true")
                on:click=move |_| face.send.run(UserEvent::MuteAll)
            >
                {icon(MICROPHONE_OFF)}
                {t("Mute all")}
            </button>
        </div>
    }
    .into_any()
}

/// What is open below a person in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawer {
    /// What can be done.
    Options,
    /// The question whether they are really to be removed.
    Removing,
    /// The question whether they are really to be the host.
    HandingOver,
}

/// What can be done with a person. What cannot be taken back is asked once more, in the same place.
pub(super) fn drawer(
    face: Face,
    id: PeerId,
    name: Memo<String>,
    own: Memo<bool>,
    is_host: Memo<bool>,
    silent: Memo<bool>,
    open: RwSignal<Option<(PeerId, Drawer)>>,
) -> AnyView {
    let key = id.clone();
    let step = memo(move || {
        open.with(|open| {
            open.as_ref()
                .filter(|(whose, _)| *whose == key)
                .map(|(_, step)| *step)
        })
    });
    let target = StoredValue::new(id);
    let go = move |step: Option<Drawer>| {
        open.set(step.map(|step| (target.get_value(), step)));
        if step.is_none() {
            focus(document().get_element_by_id(&options_id(&target.get_value())));
        }
    };
    let act = move |act: fn(PeerId) -> HostAct| {
        face.send.run(UserEvent::Host(act(target.get_value())));
        go(None);
    };
    let lit = face.part(move |view| view.spotlight.clone());
    let is_lit = move || lit.with(|lit| target.with_value(|id| lit.as_ref() == Some(id)));
    let for_hosts = move || {
        view! {
            <button
                class="button small"
                type="button"
                aria-pressed=move || is_lit().to_string()
                aria-label=move || fill("Spotlight: {name}", &[("name", &name.get())])
                on:click=move |_| face.send.run(UserEvent::Spotlight((!is_lit()).then(|| target.get_value())))
            >
                {t("Spotlight")}
            </button>
            <button
                class="button small"
                type="button"
                aria-label=move || fill("Mute {name}", &[("name", &name.get())])
                disabled=silent
                on:click=move |_| act(HostAct::Mute)
            >
                {t("Mute")}
            </button>
            <button
                class="button small"
                type="button"
                aria-label=move || fill("Make host: {name}", &[("name", &name.get())])
                disabled=is_host
                on:click=move |_| go(Some(Drawer::HandingOver))
            >
                {t("Make host")}
            </button>
            <button
                class="button small danger"
                type="button"
                aria-label=move || fill("Remove {name}", &[("name", &name.get())])
                on:click=move |_| go(Some(Drawer::Removing))
            >
                {t("Remove")}
            </button>
        }
        .into_any()
    };
    let options = move || {
        view! {
            {loudness(face, target.get_value(), name)}
            {own.get().then(for_hosts)}
        }
        .into_any()
    };
    let question =
        move |words: &'static str, yes: &'static str, class: &'static str, what: fn(PeerId) -> HostAct| {
            let cancel = NodeRef::<leptos::html::Button>::new();
            // What had the focus is gone; the harmless answer gets it.
            Effect::new(move || focus(cancel.get().map(Into::into)));
            view! {
                <p>{around(words, "name", name.into())}</p>
                <button class=class type="button" on:click=move |_| act(what)>
                    {yes}
                </button>
                <button class="button small" type="button" node_ref=cancel on:click=move |_| go(None)>
                    {t("Cancel")}
                </button>
            }
            .into_any()
        };
    (move || {
        let content = match step.get()? {
            Drawer::Options => options(),
            Drawer::Removing => question(
                t("Remove {name}? Out at once, and back only if you let them in."),
                t("Yes, remove"),
                "button small danger",
                HostAct::Remove,
            ),
            Drawer::HandingOver => question(
                t("Make {name} the host? You will be a guest then."),
                t("Yes, make host"),
                "button small primary",
                HostAct::HandOver,
            ),
        };
        Some(view! {
            <div class="person-drawer" role="group" aria-label=move || fill("Options for {name}", &[("name", &name.get())])>
                {content}
            </div>
        })
    })
    .into_any()
}

/// The id of the button that opens the drawer.
pub(super) fn options_id(id: &PeerId) -> String {
    format!("options-{id}")
}

/// How the room lets people in.
pub(super) fn room_rules(face: Face) -> AnyView {
    let rules = face.part(move |view| view.rules);
    let never = memo(|| false);
    let act = move |act: fn(bool) -> HostAct| {
        Callback::new(move |wanted| face.send.run(UserEvent::Host(act(wanted))))
    };
    view! {
        <section class="rules" aria-labelledby="rules-title">
            <h3 id="rules-title">{t("Room")}</h3>
            {switch(
                "lock-room",
                t("Lock the room"),
                memo(move || rules.get().locked),
                never,
                t("When on, nobody new comes in.").into(),
                act(HostAct::Lock),
            )}
            {switch(
                "let-wait",
                t("Let newcomers wait"),
                memo(move || rules.get().waiting),
                never,
                t("When on, you are asked about each newcomer.").into(),
                act(HostAct::LetWait),
            )}
            {password_form(face, memo(move || rules.get().password))}
        </section>
    }
    .into_any()
}

/// Sets the password, changes it, and takes it away.
fn password_form(face: Face, is_set: Memo<bool>) -> AnyView {
    let field = Field::secret();
    let told = face.part(move |view| view.rules_told);
    // How often the rules had been told when another password was sent.
    let sent = RwSignal::new(None::<u32>);
    let words = Signal::derive(move || {
        let taken = sent.get().is_some_and(|before| told.get() != before);
        let words = match (is_set.get(), taken) {
            (true, true) => t("Newcomers have to know the new password."),
            (true, false) => t("Newcomers have to know the password."),
            (false, _) => t("Newcomers need no password."),
        };
        words.to_owned()
    });
    let send = move |text: String| {
        sent.set(Some(told.get_untracked()));
        face.send
            .run(UserEvent::Host(HostAct::Password(Secret::new(text))));
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = face.normalize.run(field.text());
        match text.chars().count() {
            0 => field.refuse(t("Type a password.").to_owned()),
            count if count > MAX_PASSWORD_CHARS => {
                field.refuse(fill(
                    "A password has at most {count} characters.",
                    &[("count", &MAX_PASSWORD_CHARS.to_string())],
                ));
            }
            _ => {
                field.fill(String::new());
                send(text);
            }
        }
    };
    let take_away = move || {
        is_set.get().then(|| {
            view! {
                <button class="button small" type="button" on:click=move |_| send(String::new())>
                    {t("Take password away")}
                </button>
            }
        })
    };
    view! {
        <form class="rules-password" on:submit=submit novalidate>
            {field.view("room-password", t("Room password"), "off", || {})}
            {status("fine", words)}
            <div class="row">
                <button class="button small primary" type="submit">
                    {move || if is_set.get() { t("Change password") } else { t("Set password") }}
                </button>
                {take_away}
            </div>
        </form>
    }
    .into_any()
}
