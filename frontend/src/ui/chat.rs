use leptos::{ev::KeyboardEvent, html, prelude::*};
use maju_call::{ChatLine, MAX_CHAT_CHARS, UserEvent};

use super::{
    Face,
    icons::{SEND, icon},
    text::status,
    words::{count, fill, t},
};

/// How near to the limit a message may come before its length is spoken of.
const NEAR: usize = 200;

/// Within how many pixels of its end the log counts as read to the end.
const AT_END: i32 = 40;

/// What was written, and a place to write. The draft outlives the panel.
pub(super) fn chat(face: Face, draft: RwSignal<String>) -> AnyView {
    let lines = Memo::new(move |_| face.view.with(|view| view.chat.clone()));
    let empty = Memo::new(move |_| lines.with(|lines| lines.is_empty()));
    let log = NodeRef::<html::Div>::new();
    let at_end = StoredValue::new(true);
    let scrolled = move |_| {
        if let Some(log) = log.get_untracked() {
            at_end.set_value(log.scroll_height() - log.scroll_top() - log.client_height() < AT_END);
        }
    };
    Effect::new(move || {
        let mine = lines.with(|lines| lines.last().is_some_and(|line| line.mine));
        // Whoever reads further up is left there, unless the newest line is their own.
        if log.get().is_some() && (mine || at_end.get_value()) {
            request_animation_frame(move || {
                if let Some(log) = log.try_get_untracked().flatten() {
                    log.set_scroll_top(log.scroll_height());
                }
            });
        }
    });
    view! {
        <div class="chat">
            <div class="chat-log" role="log" aria-label=t("Chat") tabindex="0" node_ref=log on:scroll=scrolled>
                <p class="empty" hidden=move || !empty.get()>
                    {t("What is written here reaches everybody in the room, straight from browser to browser. Nobody keeps it.")}
                </p>
                <ol>
                    <For each=move || lines.get().to_vec() key=|line| line.id children=move |line| chat_line(face, &line) />
                </ol>
            </div>
            {composer(face, draft)}
        </div>
    }
    .into_any()
}

fn chat_line(face: Face, line: &ChatLine) -> AnyView {
    view! {
        <li class="line" data-mine=line.mine.then_some("true")>
            <time>{face.clock.run(line.at)}</time>
            <bdi class="line-name">{line.name.clone()}</bdi>
            <span class="unseen">" : "</span>
            <p class="line-text" dir="auto">
                {line.text.clone()}
            </p>
        </li>
    }
    .into_any()
}

fn composer(face: Face, draft: RwSignal<String>) -> AnyView {
    let length = Memo::new(move |_| draft.with(|draft| draft.trim().chars().count()));
    let can_send = move || (1..=MAX_CHAT_CHARS).contains(&length.get());
    let send = move || {
        let text = face.normalize.run(draft.get_untracked().trim().to_owned());
        if (1..=MAX_CHAT_CHARS).contains(&text.chars().count()) {
            face.send.run(UserEvent::SendChat { text, to: None });
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
    let words = Memo::new(move |_| match length.get() {
        length if length > MAX_CHAT_CHARS => fill(
            "Too long by {over}: a message has at most {most} characters.",
            &[
                ("over", &(length - MAX_CHAT_CHARS).to_string()),
                ("most", &MAX_CHAT_CHARS.to_string()),
            ],
        ),
        length if length + NEAR > MAX_CHAT_CHARS => count(
            "{count} character left",
            "{count} characters left",
            MAX_CHAT_CHARS - length,
        ),
        _ => String::new(),
    });
    view! {
        <form
            class="composer"
            data-over=move || (length.get() > MAX_CHAT_CHARS).then_some("true")
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            {status("composer-words", words.into())}
            <textarea
                aria-label=t("Message")
                placeholder=t("Write to everybody")
                rows="2"
                dir="auto"
                enterkeyhint="send"
                prop:value=draft
                on:input=move |event| draft.set(event_target_value(&event))
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
