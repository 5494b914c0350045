//! Joins what is seen to what is done: addresses to pages, a call to the pages of its room.

use std::{cell::Cell, mem, rc::Rc, sync::Once};

use leptos::prelude::*;
use maju_call::{NameError, Phase, Secret, Setup, UserEvent, View, Wishes, check::Findings, check_room};

use crate::browser::{
    self, Back, CheckOutlets, Checkup, Driver, Frame, FrameOutlets, Outlets, Page, Settings, fragment,
    named_by, query,
};
use crate::languages;
use crate::ui::{
    self, Ask, Can, Clip, Desk, Face, Home, Looks, Missing, NotFound, Pages, Show, Tab, Try, leave_question,
};

/// The whole app.
#[component]
pub fn App(
    /// The language that the pages speak, by its place in the list of languages.
    spoken: ArcRwSignal<usize>,
) -> impl IntoView {
    let spoken = languages::provide(spoken);
    let address = RwSignal::new(Page::here());
    let company = Company {
        there: RwSignal::new(false),
        asked: RwSignal::new(false),
        step: StoredValue::new(0),
    };
    let moved = move |step| {
        let here = Page::here();
        if company.there.get_untracked() && here != address.get_untracked() {
            company.ask(step);
        } else {
            address.set(here);
        }
    };
    let _watching = StoredValue::new_local(Page::watch(moved));
    // Going to where one already is changes nothing: a call outlives a changed fragment of its address.
    let page = Memo::new(move |_| address.get());
    let go = Callback::new(move |to: Page| {
        to.go();
        address.set(Page::here());
    });
    let home = Callback::new(move |()| go.run(Page::Home));
    let came = StoredValue::new(false);
    // Another room is another call: the old one ends with its pages.
    move || {
        let page = page.get();
        let came = came
            .try_update_value(|came| mem::replace(came, true))
            .unwrap_or_default();
        let pages = match page {
            Page::Home => home_page(go),
            Page::Room(room) => match check_room(&browser::normalize(&room)) {
                Ok(room) => call(room.to_owned(), home, company),
                Err(reason) => not_found(Some(reason), home),
            },
            Page::Test => test_page(),
            Page::Unknown => not_found(None, home),
        };
        in_every_language(pages, spoken, came)
    }
}

/// Whatever builds a page; it is told whether the person comes from another one.
type Build = Box<dyn Fn(bool) -> AnyView + Send>;

/// The page, built anew whenever another language is spoken. What it shows, a call for instance, goes on meanwhile.
fn in_every_language(build: Build, spoken: RwSignal<usize>, came: bool) -> AnyView {
    let came = StoredValue::new(came);
    (move || {
        spoken.track();
        let came = came.try_update_value(mem::take).unwrap_or_default();
        build(came)
    })
    .into_any()
}

fn home_page(go: Callback<Page>) -> Build {
    Box::new(move |came| {
        show_tab(&Tab::plain(None));
        let enter = Callback::new(move |room| go.run(Page::Room(room)));
        let suggest = Callback::new(|()| browser::suggest_room());
        view! { <Home enter suggest normalize=normalize() came /> }.into_any()
    })
}

fn not_found(reason: Option<NameError>, home: Callback<()>) -> Build {
    Box::new(move |came| {
        show_tab(&Tab::plain(None));
        view! { <NotFound reason home came /> }.into_any()
    })
}

fn test_page() -> Build {
    Box::new(|came| {
        show_tab(&Tab::test());
        ui::test_page(came, check)
    })
}

/// Whether the person is in a call with others, and what happens before they leave it for another page of the app.
#[derive(Clone, Copy)]
struct Company {
    /// Whether they are.
    there: RwSignal<bool>,
    /// Whether the question is open.
    asked: RwSignal<bool>,
    /// The steps in the history that wait for the answer.
    step: StoredValue<i32>,
}

impl Company {
    /// Undoes the steps in the history that have just been made, and asks.
    fn ask(self, step: i32) {
        // An entry without a number is another address that was typed: it lies ahead.
        let step = if step == 0 { 1 } else { step };
        Page::step(-step);
        self.step.set_value(step);
        self.asked.set(true);
    }

    /// Goes where the person wanted to.
    fn leave(self) {
        self.asked.set(false);
        self.there.set(false);
        Page::step(self.step.get_value());
    }

    /// Is told with each change who is there.
    fn follow(self, view: &View) {
        let there = view.phase == Phase::InCall && !view.people.is_empty();
        if self.there.get_untracked() != there {
            self.there.set(there);
            // There is nobody left to be left.
            self.asked.set(false);
        }
    }
}

fn show_tab(tab: &Tab) {
    browser::set_title(&tab.title);
    browser::set_sign(tab.sign);
}

fn normalize() -> Callback<String, String> {
    Callback::new(|text: String| browser::normalize(&text))
}

fn copy() -> Callback<Clip> {
    Callback::new(|Clip { text, done }| {
        browser::copy(&text, move |copied| {
            // Whoever asked may be gone by now.
            let _gone = done.try_run(copied);
        });
    })
}

/// The test of devices and network.
#[cfg(not(feature = "split"))]
async fn check(came: bool) -> Result<AnyView, Missing> {
    Ok(checks(came))
}

/// The test of devices and network.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(check, wasm_split_path = leptos::wasm_split, fallible)]
fn check(came: bool) -> Result<AnyView, Missing> {
    Ok(checks(came))
}

/// What the test holds goes with its page.
fn checks(came: bool) -> AnyView {
    static STYLED: Once = Once::new();
    STYLED.call_once(|| browser::add_style(include_str!("../style/parts/check.css")));
    let (findings, set_findings) = signal(Findings::default());
    let (level, set_level) = signal(0.0);
    let outlets = CheckOutlets {
        findings: Box::new(move |findings| set_findings.set(findings)),
        level: Box::new(move |level| set_level.set(level)),
    };
    let token = fragment("token").map(Secret::new);
    let checkup = StoredValue::new_local(Checkup::new(browser::signal_address(), token, outlets));
    let act = Callback::new(move |act| {
        // A press may come in the moment in which its page goes.
        let _gone = checkup.try_with_value(|checkup| match act {
            Try::All(video) => checkup.start(video),
            Try::Tone => checkup.tone(),
            Try::Heard(heard) => checkup.heard(heard),
            Try::Echo => checkup.echo(),
        });
    });
    ui::check(findings, level, act, copy(), came)
}

/// Begins a call in that room; gives its pages.
fn call(room: String, home: Callback<()>, company: Company) -> Build {
    let token = fragment("token");
    let given = token.as_deref().and_then(named_by);
    let named = given.is_some();
    let kept = browser::settings();
    let setup = setup(room, token, given);
    let (view, set_view) = signal(View::of(&setup));
    let looks = RwSignal::new(Looks {
        mirror: kept.mirror,
        dark: kept.dark,
        keys: kept.keys,
    });
    keep_looks(looks, view);
    let wishes = Cell::new(kept.wishes);
    let (level, set_level) = signal(0.0);
    let joined = Cell::new(false);
    let outlets = Outlets {
        view: Box::new(move |view: View| {
            if view.phase == Phase::InCall && !joined.replace(true) {
                // It was meant for the first time: coming back later is not to put anybody on air unasked.
                browser::drop_query("join");
            }
            company.follow(&view);
            if wishes.replace(view.wishes) != view.wishes
                && let Some(looks) = looks.try_get_untracked()
            {
                keep(looks, view.wishes);
            }
            set_view.set(view);
        }),
        level: Rc::new(move |level| set_level.set(level)),
    };
    let driver = StoredValue::new_local(Driver::start(setup, browser::signal_address(), outlets));
    // Whoever goes to another page of the app leaves, and the others need not wait to notice.
    on_cleanup(move || {
        let _gone = driver.try_with_value(|driver| driver.send(UserEvent::Leave));
        company.there.set(false);
    });
    let send = Callback::new(move |event: UserEvent| {
        match &event {
            UserEvent::Join if !named => view.with_untracked(|view| browser::remember_name(&view.name)),
            UserEvent::Rename(name) if view.with_untracked(|view| view.phase == Phase::InCall) => {
                browser::remember_name(name);
            }
            UserEvent::HideAddress(hidden) => browser::hide_address(*hidden),
            _ => {}
        }
        // A press may come in the moment in which its page goes.
        let _gone = driver.try_with_value(|driver| driver.send(event));
    });
    let louden = Callback::new(move |(id, percent)| {
        let _gone = driver.try_with_value(|driver| driver.louden(id, percent));
    });
    let show = Callback::new(move |Show { whose, video }| {
        // A `<video>` may outlive the call that it showed.
        let _gone = driver.try_with_value(|driver| driver.show(&whose, video));
    });
    let face = Face {
        view,
        level,
        looks,
        named,
        send,
        show,
        chime: Callback::new(move |()| {
            let _gone = driver.try_with_value(Driver::chime);
        }),
        louden,
        clock: Callback::new(browser::time_of_day),
        normalize: normalize(),
        tab: Callback::new(|tab| show_tab(&tab)),
        link: Callback::new(|()| browser::room_link()),
        desk: desk(),
        copy: copy(),
        style: Callback::new(browser::add_style),
        frame: frame(),
    };
    let leave = Callback::new(move |()| company.leave());
    Box::new(move |came| {
        view.with_untracked(|view| show_tab(&Tab::plain(Some(&view.room))));
        view! {
            <Pages face home came />
            {leave_question(company.asked, leave)}
        }
        .into_any()
    })
}

/// Where panels are opened. Going back closes the one that is open.
fn desk() -> Desk {
    let desk = Desk::new();
    let back = StoredValue::new_local(None);
    Effect::new(move |_| {
        let close = move || desk.close_panel();
        back.set_value(desk.has_panel().then(|| Back::new(close)).flatten());
    });
    desk
}

/// How much of the screen the call has.
pub fn frame() -> ui::Frame {
    let (size, set_size) = signal((0, 0));
    let (full, set_full) = signal(false);
    let (apart, set_apart) = signal(false);
    // What is told may come in the moment in which the call goes.
    let frame = StoredValue::new_local(Frame::new(FrameOutlets {
        size: Box::new(move |width, height| {
            let _gone = set_size.try_set((width, height));
        }),
        full: Box::new(move |is| {
            let _gone = set_full.try_set(is);
        }),
        apart: Box::new(move |is| {
            let _gone = set_apart.try_set(is);
        }),
    }));
    let ask = Callback::new(move |ask| {
        let Some(frame) = frame.try_get_value() else {
            return;
        };
        match ask {
            Ask::Measure(stage) => frame.measure(stage),
            Ask::Full(element) => frame.full(&element),
            Ask::Small(video) => frame.small(&video),
            Ask::Apart(parts) => frame.apart(parts),
            Ask::Share(link) => browser::share(&link),
        }
    });
    let can = browser::abilities();
    ui::Frame {
        size,
        full,
        apart,
        can: Can {
            full: can.full,
            small: can.small,
            apart: can.apart,
            share: can.share,
            call: can.call,
        },
        ask,
    }
}

/// Dresses the page as the person wants it, and keeps what they set when they set it.
fn keep_looks(looks: RwSignal<Looks>, view: ReadSignal<View>) {
    Effect::new(move |before: Option<Looks>| {
        let looks = looks.get();
        browser::dress(looks.dark);
        if before.is_some_and(|before| before != looks) {
            keep(looks, view.with_untracked(|view| view.wishes));
        }
        looks
    });
}

fn keep(Looks { mirror, dark, keys }: Looks, wishes: Wishes) {
    browser::keep_settings(&Settings {
        mirror,
        dark,
        keys,
        wishes,
    });
}

/// What the address says beyond the room: `name`, `join`, `mic=off`, `cam=off`, and behind the `#` the `token` and in it the
/// name that is given; and what this browser knows from before.
fn setup(room: String, token: Option<String>, given: Option<String>) -> Setup {
    let off = |name: &str| query(name).is_some_and(|value| value == "off");
    // Who comes back by a reload finds both as they were, whatever the link says.
    let (microphone, camera) = browser::interrupted(&room).unwrap_or((!off("mic"), !off("cam")));
    Setup {
        host: browser::hosted(&room),
        token: token.map(Secret::new),
        relay_only: browser::hides_address(),
        wishes: browser::settings().wishes,
        room,
        name: given
            .or_else(|| query("name"))
            .map_or_else(browser::remembered_name, |name| browser::normalize(&name)),
        join: query("join").is_some(),
        microphone,
        camera,
        can_share: browser::can_share(),
        random: browser::random(),
    }
}
