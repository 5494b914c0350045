//! Parts of the app that are fetched when they are first wanted. Without the feature `split` they are in the app, and
//! there at once.

use std::{pin::Pin, sync::Once, time::Duration};

use leptos::{html, prelude::*};
use maju_call::Signaling;

use super::{
    Face, Whose,
    announce::announcements,
    call_log::call_log,
    chat::chat,
    check::link,
    decided::decided,
    focus::heading,
    glimpse::glimpse,
    host::knock_notices,
    icons::mark,
    language::language_select,
    layout_menu::layouts,
    panel::Panel,
    people::people,
    qr::qr,
    screen::controls,
    settings::{settings, wishes},
    shortcuts::list,
    stage::Stage,
    tile_menu::picture,
    words::t,
};

/// What is opened seldom, or can come a moment after the call.
#[derive(Clone)]
pub(super) enum Part {
    /// What is in a panel.
    Panel(Panel),
    /// What can be set, but for the devices.
    Wishes,
    /// What screen readers are told.
    Announcements,
    /// What is written while the chat is closed, for a moment.
    Glimpse,
    /// The link as a code for cameras.
    Code,
    /// What is in the menu of layouts.
    Layouts(Stage),
    /// What is in the menu of a picture, which is in this seat.
    Picture(Stage, Whose, NodeRef<html::Div>),
    /// What whoever shares a screen can do.
    Sharing,
    /// Who waits to be let in, for hosts.
    Knocks,
    /// What a host decided for everybody.
    Decided,
    /// The list of keys, as long as this is so.
    Keys(RwSignal<bool>),
}

/// A part of the app did not arrive.
pub struct Missing;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for Missing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// How long is waited before what nobody asked for is fetched once more; longer each time.
const AGAIN: Duration = Duration::from_secs(10);
const MAX_AGAIN: u32 = 30;

/// The page on which devices are tested, once it is there; until then nothing, and what to do if it does not come. `part` is
/// told whether the person comes from another page, be it that one.
pub fn test_page<Coming>(came: bool, part: impl Fn(bool) -> Coming + Send + 'static) -> AnyView
where
    Coming: Future<Output = Result<AnyView, Missing>> + Send + 'static,
{
    let part = move |tries| -> Fetched { Box::pin(part(came || tries > 0)) };
    fetching(Box::new(part), Instead::TestPage(came))
}

/// What somebody opens in a lobby or a call, once it is there; until then nothing, and what to do if it does not come.
pub(super) fn part(face: Face, what: Part) -> AnyView {
    opened(face, what, || ())
}

/// The same; `done` is told when it is there, or does not come.
pub(super) fn opened(face: Face, what: Part, done: impl Fn() + Copy + Send + 'static) -> AnyView {
    // The page would not come either from a server that does not answer, and the call would be lost.
    let answers = face.part(move |view| view.signaling == Signaling::Ready);
    let part = move |_| -> Fetched {
        let what = what.clone();
        Box::pin(async move {
            let part = fetched(face, what).await;
            done();
            part
        })
    };
    fetching(Box::new(part), Instead::Words(answers))
}

/// The same of what belongs to a call. Nobody asked for it, so nobody is bothered if it does not come.
pub(super) fn beside(face: Face, what: Part) -> AnyView {
    fetching(
        Box::new(move |_| Box::pin(fetched(face, what.clone()))),
        Instead::Later,
    )
}

type Fetched = Pin<Box<dyn Future<Output = Result<AnyView, Missing>> + Send>>;

/// What there is where a part does not come.
#[derive(Clone, Copy)]
enum Instead {
    /// Words; and also a way to load the page again, as long as this is so.
    Words(Memo<bool>),
    /// The same as a page, to which the person may have come from another.
    TestPage(bool),
    /// Nothing, until it comes.
    Later,
}

/// `part` is told how often it was tried before. What is behind a `Box` is there once, and not once for each part.
fn fetching(part: Box<dyn Fn(u32) -> Fetched + Send>, instead: Instead) -> AnyView {
    let tries = RwSignal::new(0);
    (move || {
        let part = part(tries.get());
        Suspend::new(async move { part.await.unwrap_or_else(|Missing| instead.view(tries)) })
    })
    .into_any()
}

impl Instead {
    fn view(self, tries: RwSignal<u32>) -> AnyView {
        match self {
            Self::Words(reloads) => missing(tries, reloads.into()),
            Self::TestPage(came) => view! {
                <main class="plain-page">
                    {mark()} {heading(came || tries.get_untracked() > 0, t("Test your devices"))}
                    {missing(tries, Signal::stored(true))} {link("/".to_owned(), t("To the start"))} {language_select()}
                </main>
            }
            .into_any(),
            Self::Later => again(tries),
        }
    }
}

/// `reloads` tells whether loading the page again may help: a server that has a newer app has the parts of this one no more.
fn missing(tries: RwSignal<u32>, reloads: Signal<bool>) -> AnyView {
    let button = |words: &'static str, press: Box<dyn Fn()>| {
        view! {
            <button class="button" type="button" on:click=move |_| press()>
                {words}
            </button>
        }
        .into_any()
    };
    let try_again = button(
        t("Try again"),
        Box::new(move || tries.update(|tries| *tries += 1)),
    );
    let reload = move || {
        // Nothing keeps a page from that but the person, who may be asked.
        let reload = || _ = window().location().reload();
        reloads
            .get()
            .then(|| button(t("Load the page again"), Box::new(reload)))
    };
    view! {
        <div class="missing" role="alert">
            <p>{t("This part of the app could not be loaded.")}</p>
            <div class="row">{try_again} {reload}</div>
        </div>
    }
    .into_any()
}

fn again(tries: RwSignal<u32>) -> AnyView {
    // Whoever left by then needs it no more.
    let once_more = move || _ = tries.try_update(|tries| *tries += 1);
    set_timeout(once_more, AGAIN * (tries.get_untracked() + 1).min(MAX_AGAIN));
    ().into_any()
}

/// Fetches all that may be opened in a call, so that it opens at once, and opens without the server too.
pub(super) fn fetch_parts() {
    #[cfg(feature = "split")]
    leptos::task::spawn_local(async {
        // Whoever opens one is told.
        let _later = fetch().await;
    });
}

/// What there is to see of it.
#[cfg(not(feature = "split"))]
pub(super) async fn fetched(face: Face, what: Part) -> Result<AnyView, Missing> {
    Ok(content(face, what))
}

/// What there is to see of it.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(
    parts,
    wasm_split_path = leptos::wasm_split,
    preload(fetch),
    fallible
)]
pub(super) fn fetched(face: Face, what: Part) -> Result<AnyView, Missing> {
    Ok(content(face, what))
}

/// The style sheets of the parts, which come with them.
const STYLES: [&str; 5] = [
    include_str!("../../style/parts/chat.css"),
    include_str!("../../style/parts/people.css"),
    include_str!("../../style/parts/host.css"),
    include_str!("../../style/parts/call_log.css"),
    include_str!("../../style/parts/shortcuts.css"),
];

fn content(face: Face, what: Part) -> AnyView {
    static STYLED: Once = Once::new();
    STYLED.call_once(|| STYLES.into_iter().for_each(|style| face.style.run(style)));
    match what {
        Part::Panel(Panel::Chat) => chat(face, face.desk.draft),
        Part::Panel(Panel::People) => people(face),
        Part::Panel(Panel::Settings) => settings(face),
        Part::Panel(Panel::CallLog) => call_log(face),
        Part::Wishes => wishes(face),
        Part::Announcements => announcements(face),
        Part::Glimpse => glimpse(face),
        Part::Code => qr(&face.link.run(())).into_any(),
        Part::Layouts(stage) => layouts(stage),
        Part::Picture(stage, whose, seat) => picture(stage, whose, seat),
        Part::Sharing => controls(face),
        Part::Knocks => knock_notices(face),
        Part::Decided => decided(face),
        Part::Keys(shown) => list(face, shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A browser takes no more than that at once.
    #[test]
    fn the_style_sheet_of_a_part_is_one_block() {
        let check = include_str!("../../style/parts/check.css");
        for style in STYLES.into_iter().chain([check]) {
            let mut depth = 0;
            let ends = style.chars().filter(|c| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                *c == '}' && depth == 0
            });
            assert_eq!(ends.count(), 1, "{style}");
            assert!(
                style.trim_end().ends_with('}') && style.contains("*/\n@layer "),
                "{style}"
            );
        }
    }
}
