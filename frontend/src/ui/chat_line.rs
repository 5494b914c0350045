use leptos::prelude::*;
use maju_call::ChatLine;

use super::{
    Clip, Face,
    chat_marks::{Block, Piece, blocks, pieces},
    icons::{CHECK, COPY, icon},
    words::{fill, t},
};

/// From how many characters or lines on a message is folded.
const LONG: (usize, usize) = (700, 14);

/// One message.
pub(super) fn chat_line(face: Face, line: &ChatLine) -> AnyView {
    let long = line.text.chars().count() > LONG.0 || line.text.lines().count() > LONG.1;
    let open = RwSignal::new(!long);
    let private = line.private.then(|| {
        let words = if line.mine {
            fill("To {name} alone", &[("name", &line.to)])
        } else {
            t("To you alone").to_owned()
        };
        view! { <span class="chip">{words}</span> }
    });
    let more = long.then(|| {
        view! {
            <button
                class="button small line-more"
                type="button"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || if open.get() { t("Show less") } else { t("Show more") }}
            </button>
        }
    });
    view! {
        <li class="line" data-mine=line.mine.then_some("true") data-private=line.private.then_some("true")>
            <div class="line-head">
                <bdi class="line-name">{line.name.clone()}</bdi>
                {private}
                <time>{face.clock.run(line.at)}</time>
                {copy_button(face, line.text.clone())}
            </div>
            <span class="unseen">" : "</span>
            <div class="line-text" dir="auto" data-folded=move || (!open.get()).then_some("true")>
                {blocks(&line.text).iter().map(block).collect::<Vec<_>>()}
            </div>
            {more}
        </li>
    }
    .into_any()
}

/// A part of the message. Nothing in it is ever taken for HTML.
fn block(block: &Block<'_>) -> AnyView {
    match block {
        Block::Text(text) => view! { <p dir="auto">{content(text)}</p> }.into_any(),
        Block::Code(code) => view! {
            <pre dir="ltr">
                <code>{(*code).to_owned()}</code>
            </pre>
        }
        .into_any(),
        Block::Quote(lines) => {
            let lines = lines
                .iter()
                .map(|line| view! { <p dir="auto">{content(line)}</p> }.into_any());
            view! { <blockquote>{lines.collect::<Vec<_>>()}</blockquote> }.into_any()
        }
        Block::List(items) => {
            let items = items
                .iter()
                .map(|item| view! { <li dir="auto">{content(item)}</li> }.into_any());
            view! { <ul>{items.collect::<Vec<_>>()}</ul> }.into_any()
        }
    }
}

fn content(text: &str) -> Vec<AnyView> {
    pieces(text).iter().map(piece).collect()
}

fn piece(piece: &Piece<'_>) -> AnyView {
    let inner = |inner: &[Piece<'_>]| inner.iter().map(self::piece).collect::<Vec<_>>();
    match piece {
        Piece::Text(text) => (*text).to_owned().into_any(),
        Piece::Link(link) => {
            let link = (*link).to_owned();
            let address = link.clone();
            view! {
                <a href=address target="_blank" rel="noopener noreferrer">
                    {link}
                </a>
            }
            .into_any()
        }
        Piece::Code(code) => view! { <code>{(*code).to_owned()}</code> }.into_any(),
        Piece::Bold(pieces) => view! { <strong>{inner(pieces)}</strong> }.into_any(),
        Piece::Italic(pieces) => view! { <em>{inner(pieces)}</em> }.into_any(),
        Piece::Struck(pieces) => view! { <s>{inner(pieces)}</s> }.into_any(),
    }
}

fn copy_button(face: Face, text: String) -> AnyView {
    let copied = RwSignal::new(None::<bool>);
    let done = Callback::new(move |done| copied.set(Some(done)));
    let words = move || match copied.get() {
        None => t("Copy message"),
        Some(true) => t("Copied"),
        Some(false) => t("Not copied: select the text and copy it with your keyboard or its menu"),
    };
    view! {
        <button
            class="button icon-only plain line-copy"
            type="button"
            aria-label=words
            title=words
            on:click=move |_| {
                face.copy.run(Clip { text: text.clone(), done });
            }
        >
            {move || icon(if copied.get() == Some(true) { CHECK } else { COPY })}
        </button>
    }
    .into_any()
}
