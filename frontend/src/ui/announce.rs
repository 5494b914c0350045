//! What a screen reader is told of the room, beyond what has a place of its own: who comes and goes, what is written while the
//! chat is closed, whom nothing reaches. Bundled, and never more than somebody can listen to.

use std::{sync::Arc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use maju_call::{ChatLine, Notice, PersonState, PersonView, Signaling, SourceView, View};

use super::{
    Face,
    panel::Panel,
    text::status,
    words::{count, fill, t},
};

/// How long is waited for more of the same before something is said.
const GATHER: Duration = Duration::from_millis(800);

/// How long what was said stays, and the next waits.
const SPACING: Duration = Duration::from_secs(4);

/// How much may wait to be said; what is older is forgotten.
const MOST: usize = 100;

/// How much of a message is read out.
const MAX_READ_CHARS: usize = 300;

/// The place that says what changes. Who is there already is not told.
pub(super) fn announcements(face: Face) -> AnyView {
    let open = face.desk.open;
    let speaker = Speaker {
        said: RwSignal::new(String::new()),
        queue: StoredValue::new(Vec::new()),
        waits: StoredValue::new_local(None),
        open,
    };
    Effect::new(move |before: Option<Known>| {
        let now = face.view.with(Known::of);
        let has = Has {
            chat: open.get_untracked() == Some(Panel::Chat),
            button: document()
                .active_element()
                .is_some_and(|at| at.has_attribute("aria-keyshortcuts")),
        };
        for news in before.iter().flat_map(|before| before.until(&now, has)) {
            speaker.queue.update_value(|queue| push(queue, news));
            if speaker.waits.with_value(Option::is_none) {
                speaker.speak_after(GATHER);
            }
        }
        now
    });
    on_cleanup(move || {
        if let Some(Some(timer)) = speaker.waits.try_get_value() {
            timer.clear();
        }
    });
    status("unseen", speaker.said.into())
}

#[derive(Clone, Copy)]
struct Speaker {
    said: RwSignal<String>,
    queue: StoredValue<Vec<News>>,
    waits: StoredValue<Option<TimeoutHandle>, LocalStorage>,
    open: RwSignal<Option<Panel>>,
}

impl Speaker {
    fn speak_after(self, pause: Duration) {
        let timer = set_timeout_with_handle(move || self.speak(), pause).ok();
        self.waits.set_value(timer);
    }

    /// Says the next, or nothing any more: what was said would be found by whoever reads the page later.
    fn speak(self) {
        let reads = self.open.get_untracked() == Some(Panel::Chat);
        let next = self.queue.try_update_value(|queue| next(queue, reads)).flatten();
        self.waits.set_value(None);
        if next.is_some() {
            self.speak_after(SPACING);
        }
        self.said.set(next.unwrap_or_default());
    }
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum News {
    /// Of somebody of this name.
    Of(Change, String),
    /// Somebody of this name wrote this.
    Wrote(String, String),
    /// Something else, in these words.
    Else(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Came,
    Left,
    Raised,
    Shares,
    SharesNoMore,
    Interrupted,
    Back,
    Unreachable,
}

/// What is compared to know what changed.
struct Known {
    people: Arc<Vec<PersonView>>,
    chat: Arc<Vec<Arc<ChatLine>>>,
    reached: bool,
    /// The own microphone, camera and screen; nothing of one that a notice tells of.
    own: [Option<bool>; 3],
}

/// What tells of some things by itself.
#[derive(Clone, Copy, Debug, Default)]
struct Has {
    /// An open chat, of what is written.
    chat: bool,
    /// A button that has the focus, of what it turned off or on: its name changes.
    button: bool,
}

impl Known {
    fn of(view: &View) -> Self {
        Self {
            people: Arc::clone(&view.people),
            chat: Arc::clone(&view.chat),
            reached: view.signaling != Signaling::Lost,
            own: [
                own(&view.microphone).filter(|_| !view.notices.iter().any(is_muted)),
                own(&view.camera),
                own(&view.screen),
            ],
        }
    }

    /// What is to be told when it is like that `now`.
    fn until(&self, now: &Self, has: Has) -> Vec<News> {
        let mut news = Vec::new();
        if !Arc::ptr_eq(&self.people, &now.people) {
            let find = |people: &Arc<Vec<PersonView>>, who: &PersonView| {
                people.iter().find(|person| person.id == who.id).cloned()
            };
            for person in self.people.iter() {
                if find(&now.people, person).is_none() {
                    news.push(News::Of(Change::Left, person.name.clone()));
                }
            }
            for person in now.people.iter() {
                match find(&self.people, person) {
                    None => news.push(News::Of(Change::Came, person.name.clone())),
                    Some(before) => {
                        let changes = changes(&before, person);
                        news.extend(changes.map(|change| News::Of(change, person.name.clone())));
                    }
                }
            }
        }
        if !has.chat && !Arc::ptr_eq(&self.chat, &now.chat) {
            // Lines are in the order of everybody; their ids tell when they came.
            let last = self.chat.iter().map(|line| line.id).max().unwrap_or_default();
            let lines = now
                .chat
                .iter()
                .filter(|line| line.id > last && !line.mine && !line.before);
            news.extend(lines.map(|line| News::Wrote(line.name.clone(), line.text.clone())));
        }
        if now.reached && !self.reached {
            news.push(News::Else(t("The server is reached again.")));
        }
        let words = [
            (t("Microphone off"), t("Microphone on")),
            (t("Camera off"), t("Camera on")),
            (t("You share your screen no more"), t("You share your screen")),
        ];
        for ((before, now), (off, on)) in self.own.into_iter().zip(now.own).zip(words) {
            let changed = before
                .zip(now)
                .filter(|(before, now)| before != now && !has.button);
            news.extend(changed.map(|(_, now)| News::Else(if now { on } else { off })));
        }
        news
    }
}

fn own(source: &SourceView) -> Option<bool> {
    (source.problem.is_none() && !source.interrupted).then_some(source.on)
}

fn is_muted(notice: &Notice) -> bool {
    matches!(notice, Notice::Muted(_))
}

/// What changed about somebody.
fn changes(before: &PersonView, now: &PersonView) -> impl Iterator<Item = Change> {
    use PersonState::{Connected, Connecting, Failed, Reconnecting};
    let reached = match (before.state, now.state) {
        (Connected, Reconnecting) => Some(Change::Interrupted),
        (Reconnecting | Failed, Connected) => Some(Change::Back),
        (Connecting | Connected | Reconnecting, Failed) => Some(Change::Unreachable),
        _ => None,
    };
    // What somebody tells for the first time was so before.
    let told = before.microphone.is_some();
    let raised = (told && now.hand.is_some() && now.hand != before.hand).then_some(Change::Raised);
    let shares = match (told, before.screen, now.screen) {
        (true, false, true) => Some(Change::Shares),
        (true, true, false) => Some(Change::SharesNoMore),
        _ => None,
    };
    reached.into_iter().chain(raised).chain(shares)
}

/// Puts something to what waits. Who came and left before it was told is not told of.
fn push(queue: &mut Vec<News>, news: News) {
    let opposite = match &news {
        News::Of(Change::Left, name) => Some(News::Of(Change::Came, name.clone())),
        News::Of(Change::Back, name) => Some(News::Of(Change::Interrupted, name.clone())),
        News::Of(Change::SharesNoMore, name) => Some(News::Of(Change::Shares, name.clone())),
        _ => None,
    };
    if let Some(at) = opposite.and_then(|opposite| queue.iter().position(|waiting| *waiting == opposite)) {
        queue.remove(at);
        return;
    }
    if queue.len() >= MOST {
        queue.remove(0);
    }
    queue.push(news);
}

/// Takes what waits longest, with all of the same kind, and puts it into words.
fn next(queue: &mut Vec<News>, reads: bool) -> Option<String> {
    if reads {
        queue.retain(|news| !matches!(news, News::Wrote(..)));
    }
    let first = queue.first()?.clone();
    let kind = |news: &News| match (&first, news) {
        (News::Of(first, _), News::Of(other, _)) => first == other,
        (News::Wrote(..), News::Wrote(..)) => true,
        (first, other) => first == other,
    };
    let (same, rest): (Vec<_>, Vec<_>) = queue.drain(..).partition(kind);
    *queue = rest;
    Some(match first {
        News::Else(words) => words.to_owned(),
        News::Wrote(name, text) if same.len() == 1 => {
            let mut read: String = text.chars().take(MAX_READ_CHARS).collect();
            if read.len() < text.len() {
                read.push('…');
            }
            fill("{name}: {text}", &[("name", &name), ("text", &read)])
        }
        News::Wrote(..) => count("{count} new message", "{count} new messages", same.len()),
        News::Of(change, _) => {
            let names = same.into_iter().filter_map(|news| match news {
                News::Of(_, name) => Some(name),
                _ => None,
            });
            say(change, &names.collect::<Vec<_>>())
        }
    })
}

/// The words for something that changed about these people.
fn say(change: Change, names: &[String]) -> String {
    let names_in_one = match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => fill("{first} and {second}", &[("first", one), ("second", two)]),
        [one, two, others @ ..] => {
            let others = match others {
                [third] => third.clone(),
                _ => count("{count} other", "{count} others", others.len()),
            };
            let values = [
                ("first", one.as_str()),
                ("second", two.as_str()),
                ("others", others.as_str()),
            ];
            fill("{first}, {second} and {others}", &values)
        }
    };
    let alone = names.len() == 1;
    let values = [("name", names_in_one.as_str()), ("names", names_in_one.as_str())];
    match change {
        Change::Came if alone => fill("{name} joined", &values),
        Change::Came => fill("{names} joined", &values),
        Change::Left if alone => fill("{name} left", &values),
        Change::Left => fill("{names} left", &values),
        Change::Raised => fill("Raised a hand: {names}", &values),
        Change::Shares => fill("Shares the screen: {names}", &values),
        Change::SharesNoMore => fill("Shares the screen no more: {names}", &values),
        Change::Interrupted => fill("Connection interrupted: {names}", &values),
        Change::Back => fill("Connected again: {names}", &values),
        Change::Unreachable => fill("Cannot be reached: {names}", &values),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use maju_call::{PeerId, Role};

    use super::*;

    /// Somebody who is there with everything on.
    pub(in crate::ui) fn person(name: &str) -> PersonView {
        PersonView {
            id: PeerId::new(name),
            name: name.to_owned(),
            role: Role::Guest,
            state: PersonState::Connected,
            microphone: Some(true),
            camera: Some(true),
            screen: false,
            hand: None,
            typing: false,
            offence: None,
        }
    }

    fn line(id: u32, name: &str, mine: bool) -> Arc<ChatLine> {
        Arc::new(ChatLine {
            id,
            at: 0,
            before: false,
            mine,
            author: PeerId::new(name),
            seq: id,
            order: id,
            private: false,
            to: String::new(),
            told_by: String::new(),
            name: name.to_owned(),
            text: format!("text {id}"),
        })
    }

    fn known(people: Vec<PersonView>, chat: Vec<Arc<ChatLine>>) -> Known {
        Known {
            people: Arc::new(people),
            chat: Arc::new(chat),
            reached: true,
            own: [Some(true); 3],
        }
    }

    /// Everything that is said, in order, when all of it came at once.
    fn all_said(news: Vec<News>) -> Vec<String> {
        let mut queue = Vec::new();
        news.into_iter().for_each(|news| push(&mut queue, news));
        std::iter::from_fn(|| next(&mut queue, false)).collect()
    }

    fn come(names: &[&str]) -> Vec<News> {
        let of = |name: &&str| News::Of(Change::Came, (*name).to_owned());
        names.iter().map(of).collect()
    }

    #[test]
    fn those_who_come_and_go_are_told_together() {
        assert_eq!(all_said(come(&["Ana"])), ["Ana joined"]);
        assert_eq!(all_said(come(&["Ana", "Ben"])), ["Ana and Ben joined"]);
        assert_eq!(all_said(come(&["Ana", "Ben", "Cy"])), ["Ana, Ben and Cy joined"]);
        assert_eq!(
            all_said(come(&["Ana", "Ben", "Cy", "Di", "Eve"])),
            ["Ana, Ben and 3 others joined"]
        );
        let before = known(vec![person("Ana"), person("Ben")], Vec::new());
        let now = known(vec![person("Ben"), person("Cy")], Vec::new());
        assert_eq!(
            all_said(before.until(&now, Has::default())),
            ["Ana left", "Cy joined"]
        );
    }

    #[test]
    fn who_comes_and_leaves_before_it_was_told_is_not_told_of() {
        let mut news = come(&["Ana", "Ben"]);
        news.push(News::Of(Change::Left, "Ana".to_owned()));
        assert_eq!(all_said(news), ["Ben joined"]);
    }

    #[test]
    fn nothing_is_told_of_what_stays_as_it_was() {
        let known = || known(vec![person("Ana")], vec![line(1, "Ana", false)]);
        assert_eq!(known().until(&known(), Has::default()), []);
    }

    #[test]
    fn messages_are_read_unless_the_chat_is_open_or_there_are_many() {
        let before = known(Vec::new(), vec![line(1, "Ana", false)]);
        let one = vec![line(1, "Ana", false), line(2, "Ben", false), line(3, "Me", true)];
        let now = known(Vec::new(), one.clone());
        assert_eq!(all_said(before.until(&now, Has::default())), ["Ben: text 2"]);
        let open = Has {
            chat: true,
            button: false,
        };
        assert_eq!(before.until(&now, open), []);
        let more = one.into_iter().chain([line(4, "Ana", false)]).collect();
        assert_eq!(
            all_said(before.until(&known(Vec::new(), more), Has::default())),
            ["2 new messages"]
        );
        let mut queue = vec![News::Wrote("Ana".to_owned(), "hello".to_owned())];
        assert_eq!(next(&mut queue, true), None, "the chat was opened meanwhile");
        let long = News::Wrote("Ana".to_owned(), "é".repeat(1000));
        assert_eq!(all_said(vec![long]), [format!("Ana: {}…", "é".repeat(300))]);
    }

    #[test]
    fn connections_that_break_and_heal_are_told() {
        let mut away = person("Ana");
        away.state = PersonState::Reconnecting;
        let mut before = known(vec![person("Ana")], Vec::new());
        let mut now = known(vec![away.clone()], Vec::new());
        assert_eq!(
            all_said(before.until(&now, Has::default())),
            ["Connection interrupted: Ana"]
        );
        assert_eq!(
            all_said(now.until(&before, Has::default())),
            ["Connected again: Ana"]
        );
        away.state = PersonState::Connecting;
        let coming = known(vec![away], Vec::new());
        assert_eq!(
            coming.until(&before, Has::default()),
            [],
            "to be connected is nothing new"
        );
        before.reached = false;
        now = known(vec![person("Ana")], Vec::new());
        assert_eq!(
            all_said(before.until(&now, Has::default())),
            ["The server is reached again."]
        );
    }

    #[test]
    fn hands_and_screens_are_told_unless_they_were_there_before() {
        let before = known(vec![person("Ana")], Vec::new());
        let mut ana = person("Ana");
        (ana.hand, ana.screen) = (Some(1), true);
        let now = known(vec![ana], Vec::new());
        assert_eq!(
            all_said(before.until(&now, Has::default())),
            ["Raised a hand: Ana", "Shares the screen: Ana"]
        );
        assert_eq!(
            all_said(now.until(&before, Has::default())),
            ["Shares the screen no more: Ana"]
        );
        let mut unknown = person("Ana");
        unknown.microphone = None;
        let first = known(vec![unknown], Vec::new());
        assert_eq!(first.until(&now, Has::default()), []);
    }

    #[test]
    fn what_a_key_turns_off_is_told_unless_its_button_tells_it() {
        let before = known(Vec::new(), Vec::new());
        let mut now = known(Vec::new(), Vec::new());
        now.own = [Some(false), None, Some(true)];
        assert_eq!(all_said(before.until(&now, Has::default())), ["Microphone off"]);
        let button = Has {
            chat: false,
            button: true,
        };
        assert_eq!(before.until(&now, button), []);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut queue = Vec::new();
        for number in 0..10_000 {
            push(&mut queue, News::Wrote(number.to_string(), String::new()));
        }
        assert_eq!(queue.len(), MOST);
    }
}
