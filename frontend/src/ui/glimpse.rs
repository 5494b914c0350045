//! A glimpse of what was written while the chat is closed, over the tiles. Screen readers are told of it by the announcements.

use std::{sync::Arc, time::Duration};

use leptos::{ev::MouseEvent, prelude::*};
use maju_call::ChatLine;

use super::{Face, moment::for_a_moment, panel::Panel, words::t};

/// How long it stays.
const STAYS: Duration = Duration::from_secs(6);

/// How much of a line is put on the page; what there is no room for is cut off.
const MAX_CHARS: usize = 200;

/// The newest message of somebody else, for a moment. What was there before is not shown, and nothing while the chat is open.
pub(super) fn glimpse(face: Face) -> AnyView {
    let open = face.desk.open;
    let newest = face.part(move |view| {
        let lines = view.chat.iter().filter(|line| !line.mine && !line.before);
        lines.max_by_key(|line| line.id).cloned()
    });
    let (shown, show) = for_a_moment::<Option<Arc<ChatLine>>>(STAYS);
    Effect::new(move |before: Option<u32>| {
        let chat = open.get() == Some(Panel::Chat);
        let line = newest.get();
        let id = line.as_ref().map_or(0, |line| line.id);
        if chat {
            shown.set(None);
        } else if before.is_some_and(|before| id > before) {
            show(line);
        }
        id
    });
    (move || shown.get().map(|line| card(&line, open))).into_any()
}

fn card(line: &ChatLine, open: RwSignal<Option<Panel>>) -> AnyView {
    let private = line
        .private
        .then(|| view! { <span class="chip">{t("To you alone")}</span> });
    view! {
        // The Chat button does the same for those who do not point.
        <button
            class="glimpse"
            type="button"
            tabindex="-1"
            aria-hidden="true"
            data-private=line.private.then_some("true")
            on:mousedown=|event: MouseEvent| event.prevent_default()
            on:click=move |_| open.set(Some(Panel::Chat))
        >
            <span class="glimpse-head">
                <bdi>{line.name.clone()}</bdi>
                {private}
            </span>
            <span class="glimpse-text" dir="auto">
                {first_line(&line.text)}
            </span>
        </button>
    }
    .into_any()
}

/// The first line that says something: none that only begins a block of code.
fn first_line(text: &str) -> String {
    let says = |line: &&str| !line.is_empty() && !line.starts_with("```");
    let line = text.lines().map(str::trim).find(says).unwrap_or(text);
    line.chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glimpse_is_of_the_first_line_that_says_something() {
        assert_eq!(first_line("\n  hello \nthere"), "hello");
        assert_eq!(first_line("```rust\nfn main() {}\n```"), "fn main() {}");
        assert_eq!(first_line("```"), "```");
        assert_eq!(first_line(&"é".repeat(1000)).chars().count(), MAX_CHARS);
    }
}
