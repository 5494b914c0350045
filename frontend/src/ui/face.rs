use std::collections::BTreeMap;

use leptos::prelude::*;
pub use maju_call::Whose;
use maju_call::{Arrangement, Corner, PeerId, SelfView, UserEvent, View};
use web_sys::{HtmlElement, HtmlVideoElement};

use super::{
    Tab,
    composer::Draft,
    panel::{Panel, close},
    problems::Problem,
};

/// All that the pages of a call are given: what to show, and whom to tell.
#[derive(Clone, Copy)]
pub struct Face {
    /// What is so. Changes once for each event; components take the part they need through a `Memo`.
    pub view: ReadSignal<View>,
    /// How loud the own microphone is, 0 to 1, in the lobby and beside the lists of devices.
    pub level: ReadSignal<f64>,
    /// Whether the operator's system says what the person is called.
    pub named: bool,
    /// How the person wants the page to look.
    pub looks: RwSignal<Looks>,
    /// What a person does.
    pub send: Callback<UserEvent>,
    /// Puts somebody's picture and sound into a `<video>`, and takes it out again.
    pub show: Callback<Show>,
    /// Plays a short tone where the others are heard.
    pub chime: Callback<()>,
    /// Plays somebody at this loudness, in percent; none at all at 0.
    pub louden: Callback<(PeerId, u8)>,
    /// The time of day of a chat line's `at`, as the person's locale writes it.
    pub clock: Callback<i64, String>,
    /// Brings a text into Unicode's normal form C, in which characters are counted and names compared.
    pub normalize: Callback<String, String>,
    /// The room's address, to be sent to others.
    pub link: Callback<(), String>,
    /// Puts a text into the clipboard.
    pub copy: Callback<Clip>,
    /// Adds a style sheet to the page.
    pub style: Callback<&'static str>,
    /// Shows something on the browser's tab.
    pub tab: Callback<Tab>,
    /// What outlives the pages.
    pub desk: Desk,
    /// How much of the screen there is, and how to get more.
    pub frame: Frame,
}

impl Face {
    /// The part of the view that a component needs. Whoever reads it hears only of changes of that part.
    pub(super) fn part<T>(self, part: impl Fn(&View) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        let part: Box<dyn Fn(&View) -> T + Send + Sync> = Box::new(part);
        Memo::new(move |_| self.view.with(&part))
    }
}

/// What the person has before them in a call. It stays when the pages are built anew in another language.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The panel that is open.
    pub(super) open: RwSignal<Option<Panel>>,
    /// The messages that are being written.
    pub(super) draft: Draft,
    /// The last message that was read, by its number.
    pub(super) read: RwSignal<u32>,
    /// Whether somebody else was in the room.
    pub(super) met: RwSignal<bool>,
    /// The problems that were put away.
    pub(super) dismissed: RwSignal<Vec<Problem>>,
    /// How the pictures are arranged.
    pub(super) arrangement: RwSignal<Arrangement>,
    /// Where the own picture is.
    pub(super) own: RwSignal<SelfView>,
    /// The corner in which it floats.
    pub(super) corner: RwSignal<Corner>,
    /// Who is big in any arrangement.
    pub(super) pinned: RwSignal<Option<Whose>>,
    /// How loud those are played who were made quieter, in percent.
    pub(super) loudness: RwSignal<BTreeMap<PeerId, u8>>,
}

impl Desk {
    /// One on which nothing lies.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(None),
            draft: Draft::new(),
            read: RwSignal::new(0),
            met: RwSignal::new(false),
            dismissed: RwSignal::new(Vec::new()),
            arrangement: RwSignal::new(Arrangement::default()),
            own: RwSignal::new(SelfView::default()),
            corner: RwSignal::new(Corner::default()),
            pinned: RwSignal::new(None),
            loudness: RwSignal::new(BTreeMap::new()),
        }
    }

    /// Whether a panel is open.
    pub fn has_panel(&self) -> bool {
        self.open.with(Option::is_some)
    }

    /// Closes the panel that is open.
    pub fn close_panel(&self) {
        close(self.open);
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

/// How much of the screen the app has.
#[derive(Clone, Copy)]
pub struct Frame {
    /// Width and height of the stage, in CSS pixels; zero until it was measured.
    pub size: ReadSignal<(u32, u32)>,
    /// Whether something fills the screen.
    pub full: ReadSignal<bool>,
    /// Whether the call is in a window of its own.
    pub apart: ReadSignal<bool>,
    /// What the browser can do.
    pub can: Can,
    /// Asks for it. What is so already ends.
    pub ask: Callback<Ask>,
}

/// What the browser can do with what is on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Can {
    /// Let an element fill the screen.
    pub full: bool,
    /// Show a video in a small window.
    pub small: bool,
    /// Show the call in a small window.
    pub apart: bool,
    /// Hand a link to other apps.
    pub share: bool,
    /// Connect to other browsers.
    pub call: bool,
}

/// What the browser is asked to do with what is on the screen.
pub enum Ask {
    /// Measure the stage from now on; none when it goes, and all else with it.
    Measure(Option<HtmlElement>),
    /// Let this fill the screen.
    Full(HtmlElement),
    /// Show this video in a small window.
    Small(HtmlVideoElement),
    /// Move these into a window of their own.
    Apart(Vec<HtmlElement>),
    /// Hand this link to other apps.
    Share(String),
}

/// How the person wants the page to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Whether the own picture is shown as in a mirror. The others see it as it is.
    pub mirror: bool,
    /// Whether the page is dark, or light; none for what the system says.
    pub dark: Option<bool>,
    /// Whether single keys press buttons.
    pub keys: bool,
}

/// A text for the clipboard.
pub struct Clip {
    /// The text.
    pub text: String,
    /// Is told whether the clipboard has it. Nothing is told to one who is gone by then.
    pub done: Callback<bool>,
}

/// A `<video>` came or went.
pub struct Show {
    /// Whom it shows.
    pub whose: Whose,
    /// The element; none when it is gone.
    pub video: Option<HtmlVideoElement>,
}
