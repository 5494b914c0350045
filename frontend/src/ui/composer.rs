use leptos::{ev::KeyboardEvent, html, prelude::*};
use maju_call::{ChatError, MAX_CHAT_CHARS, PeerId, UserEvent, check_chat};

use super::{
    Face,
    each::memo,
    focus::focus,
    icons::{SEND, icon},
    text::status,
    words::{count, fill, t},
};

/// How near to the limit a message may come before its length is spoken of.
const NEAR: usize = 200;

/// What can be picked instead of being typed.
const EMOJI: [&str; 16] = [
    "😀", "😂", "🙂", "😉", "😍", "🤔", "😮", "😢", "👍", "👎", "👏", "🙏", "👋", "🎉", "✅", "💖",
];

/// What was begun and not sent: a text for each receiver.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    /// To whom, with their name; none for everybody.
    to: RwSignal<Option<(PeerId, String)>>,
    texts: RwSignal<Vec<(Option<PeerId>, String)>>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            to: RwSignal::new(None),
            texts: RwSignal::new(Vec::new()),
        }
    }

    fn id(self) -> Option<PeerId> {
        self.to.get().map(|(id, _)| id)
    }

    fn text(self) -> String {
        let id = self.id();
        self.texts.with(|texts| {
            let text = texts.iter().find(|(to, _)| *to == id);
            text.map(|(_, text)| text.clone()).unwrap_or_default()
        })
    }

    fn set(self, text: String) {
        let id = self.to.get_untracked().map(|(id, _)| id);
        self.texts.update(|texts| {
            texts.retain(|(to, _)| *to != id);
            if !text.is_empty() {
                texts.push((id, text));
            }
        });
    }
}

pub(super) fn composer(face: Face, draft: Draft) -> AnyView {
    let node = NodeRef::<html::Textarea>::new();
    let text = memo(move || draft.text());
    let people = face.part(move |view| {
        let people = view.people.iter();
        let people = people.map(|person| (person.id.clone(), person.name.clone()));
        people.collect::<Vec<_>>()
    });
    // Who is gone reads nothing, and nobody else is to read it instead.
    let gone = memo(move || {
        let (id, name) = draft.to.get()?;
        people
            .with(|people| !people.iter().any(|(here, _)| *here == id))
            .then_some(name)
    });
    let fits = memo(move || text.with(|text| check_chat(text).map(|text| text.chars().count())));
    let can_send = move || fits.get().is_ok() && gone.get().is_none();
    let type_to = move |text: String| {
        let to = draft.to.get_untracked().map(|(id, _)| id);
        let on = !text.trim().is_empty();
        draft.set(text);
        face.send.run(UserEvent::Typing { on, to });
    };
    let send = move || {
        let text = face.normalize.run(text.get_untracked());
        if check_chat(&text).is_ok() && gone.get_untracked().is_none() {
            let to = draft.to.get_untracked().map(|(id, _)| id);
            face.send.run(UserEvent::SendChat { text, to });
            draft.set(String::new());
        }
    };
    let key = move |event: KeyboardEvent| {
        // While a character is composed, as in Korean, Enter ends the character and not the message. Safari ends
        // the composing first and tells by the key code 229.
        let composing = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            send();
        }
    };
    let words = memo(move || match (gone.get(), fits.get()) {
        (Some(name), _) => fill(
            "{name} is not here any more. Choose who is to read this.",
            &[("name", &name)],
        ),
        (None, Err(ChatError::TooLong(over))) => fill(
            "Too long by {over}: a message has at most {most} characters.",
            &[("over", &over.to_string()), ("most", &MAX_CHAT_CHARS.to_string())],
        ),
        (None, Ok(length)) if length + NEAR > MAX_CHAT_CHARS => count(
            "{count} character left",
            "{count} characters left",
            MAX_CHAT_CHARS - length,
        ),
        _ => String::new(),
    });
    let over = move || gone.get().is_some() || matches!(fits.get(), Err(ChatError::TooLong(_)));
    let placeholder = move || match draft.to.get() {
        None => t("Write to everybody").to_owned(),
        Some((_, name)) => fill("Write to {name} alone", &[("name", &name)]),
    };
    let pick = Callback::new(move |emoji: &'static str| {
        type_to(text.get_untracked() + emoji);
        focus(node.get_untracked().map(Into::into));
    });
    view! {
        <form
            class="composer"
            data-over=move || over().then_some("true")
            data-private=move || draft.to.get().is_some().then_some("true")
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            {status("composer-words", words.into())}
            <div class="composer-row">{receiver(draft, people, gone)} {emoji(pick)}</div>
            <textarea
                node_ref=node
                aria-label=t("Message")
                placeholder=placeholder
                rows="2"
                dir="auto"
                enterkeyhint="send"
                prop:value=text
                on:input=move |event| type_to(event_target_value(&event))
                on:keydown=key
            ></textarea>
            <button
                class="button primary icon-only"
                type="submit"
                aria-label=t("Send")
                title=t("Send")
                aria-disabled=move || (!can_send()).then_some("true")
            >
                {icon(SEND)}
            </button>
        </form>
    }
    .into_any()
}

/// Everybody, or one of those who are here.
fn receiver(draft: Draft, people: Memo<Vec<(PeerId, String)>>, gone: Memo<Option<String>>) -> AnyView {
    let choose = move |id: String| {
        let to = people.with_untracked(|people| {
            let chosen = people.iter().find(|(here, _)| here.as_str() == id);
            chosen.cloned()
        });
        // What is meant for one who just left must not go to everybody.
        if to.is_some() || id.is_empty() {
            draft.to.set(to);
        }
    };
    let options = move || {
        let chosen = draft.id();
        let option = |id: &str, name: String, chosen: bool, disabled: bool| {
            view! {
                <option value=id.to_owned() prop:selected=chosen disabled=disabled>
                    {name}
                </option>
            }
            .into_any()
        };
        let mut options = vec![option("", t("Everybody").to_owned(), chosen.is_none(), false)];
        options.extend(gone.get().map(|name| option("gone", name, true, true)));
        people.with(|people| {
            let people = people.iter();
            options.extend(
                people
                    .map(|(id, name)| option(id.as_str(), name.clone(), chosen.as_ref() == Some(id), false)),
            );
        });
        options
    };
    view! {
        <select
            class="composer-to"
            aria-label=t("To")
            on:change=move |event| choose(event_target_value(&event))
        >
            {options}
        </select>
    }
    .into_any()
}

fn emoji(pick: Callback<&'static str>) -> AnyView {
    let open = RwSignal::new(false);
    let list = move || {
        open.get().then(|| {
            let button = |emoji| {
                view! {
                    <button
                        class="button plain icon-only"
                        type="button"
                        on:click=move |_| {
                            open.set(false);
                            pick.run(emoji);
                        }
                    >
                        {emoji}
                    </button>
                }
                .into_any()
            };
            view! {
                <div class="emoji" role="group" aria-label=t("Emoji")>
                    {EMOJI.into_iter().map(button).collect::<Vec<_>>()}
                </div>
            }
        })
    };
    view! {
        <button
            class="button plain icon-only"
            type="button"
            aria-label=t("Emoji")
            title=t("Emoji")
            aria-expanded=move || if open.get() { "true" } else { "false" }
            on:click=move |_| open.update(|open| *open = !*open)
        >
            "🙂"
        </button>
        {list}
    }
    .into_any()
}
