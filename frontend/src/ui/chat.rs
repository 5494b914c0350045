//! What was written, and a place to write.

use std::sync::Arc;

use leptos::{html, prelude::*};
use maju_call::ChatLine;

use super::{
    Face,
    chat_line::chat_line,
    composer::{Draft, composer},
    each::{each, memo},
    words::{count, fill, t},
};

/// Within how many pixels of its end the log counts as read to the end.
const AT_END: i32 = 40;

/// The panel's content. The drafts outlive it.
pub(super) fn chat(face: Face, draft: Draft) -> AnyView {
    let lines = face.part(move |view| view.chat.clone());
    let log = NodeRef::<html::Div>::new();
    let at_end = StoredValue::new(true);
    let mut before = 0;
    let scrolled = move |_| {
        // Told with the next frame, when the panel may be closed.
        if let Some(log) = log.try_get_untracked().flatten() {
            let top = log.scroll_top();
            let near = log.scroll_height() - top - log.client_height() < AT_END;
            // Lines that were added make the way to the end longer too, though nobody went up.
            if near || top < before {
                at_end.set_value(near);
            }
            before = top;
        }
    };
    let newest = StoredValue::new(0);
    Effect::new(move || {
        let (id, mine) = lines.with(|lines| {
            let newest = lines.iter().max_by_key(|line| line.id);
            newest.map_or((0, false), |line| (line.id, line.mine))
        });
        let own = mine && id > newest.get_value();
        newest.set_value(id);
        // Whoever reads further up is left there, unless the newest line is their own.
        if log.get().is_some() && (own || at_end.get_value()) {
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
                {hint(face, lines)} {divider(lines)} {list(face, lines, true)} {list(face, lines, false)}
            </div>
            {typing(face)} {composer(face, draft)}
        </div>
    }
    .into_any()
}

type Lines = Memo<Arc<Vec<Arc<ChatLine>>>>;

/// Who reads what is written here, while nothing is or nobody does.
fn hint(face: Face, lines: Lines) -> AnyView {
    let alone = face.part(move |view| view.people.is_empty());
    (move || {
        let words = if alone.get() {
            t("Nobody else is here, so nobody reads this yet. Who comes later gets what you wrote.")
        } else if lines.with(|lines| lines.is_empty()) {
            t("What is written here reaches everybody in the room, straight from browser to browser. Who comes later gets it from those who are here.")
        } else {
            return None;
        };
        Some(view! { <p class="empty">{words}</p> })
    })
    .into_any()
}

/// Says of whom the lines below it are had.
fn divider(lines: Lines) -> AnyView {
    let teller = memo(move || {
        lines.with(|lines| {
            let mut before = lines.iter().filter(|line| line.before).peekable();
            before.peek()?;
            let told = before.find(|line| !line.told_by.is_empty());
            Some(told.map(|line| line.told_by.clone()).unwrap_or_default())
        })
    });
    (move || {
        let words = match teller.get()? {
            name if name.is_empty() => t("Before you came").to_owned(),
            name => fill("Before you came, as {name} has it", &[("name", &name)]),
        };
        Some(view! { <p class="divider">{words}</p> })
    })
    .into_any()
}

/// The lines of before this person came, or of since then.
fn list(face: Face, lines: Lines, before: bool) -> AnyView {
    let some = move || {
        lines.with(|lines| {
            let lines = lines.iter().filter(|line| line.before == before);
            lines.cloned().collect::<Vec<_>>()
        })
    };
    view! {
        <ol data-before=before.then_some("true")>
            {each(some, |line| line.id.to_string(), move |line| chat_line(face, &line))}
        </ol>
    }
    .into_any()
}

/// Who writes now.
fn typing(face: Face) -> AnyView {
    let words = face.part(move |view| {
        let writing = view.people.iter().filter(|person| person.typing);
        let names: Vec<_> = writing.map(|person| person.name.as_str()).collect();
        match names[..] {
            [] => String::new(),
            [name] => fill("{name} is writing…", &[("name", name)]),
            _ => count(
                "{count} person is writing…",
                "{count} people are writing…",
                names.len(),
            ),
        }
    });
    view! { <p class="typing">{words}</p> }.into_any()
}
