use leptos::prelude::*;
use maju_call::{Sign, View};

use super::{
    Face,
    each::memo,
    words::{isolated, t},
};

/// What the browser's tab shows: words, and a sign on the icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// The title of the page.
    pub title: String,
    /// What is to be known of a call in a tab that is not looked at.
    pub sign: Option<Sign>,
}

impl Tab {
    /// That of a page in which no call runs.
    pub fn plain(room: Option<&str>) -> Self {
        let title = match room {
            Some(room) => of_room(room),
            None => t("Maju · face to face").to_owned(),
        };
        Self { title, sign: None }
    }

    /// That of the page on which devices are tested.
    pub fn test() -> Self {
        Self::plain(Some(t("Test your devices")))
    }
}

/// Has the tab tell of the call, until its page goes.
pub(super) fn tab(face: Face, unread: Memo<usize>) {
    let shown = memo(move || {
        let unread = unread.get();
        face.view.with(|view| Tab {
            title: title(view, unread),
            sign: Sign::of(view, unread),
        })
    });
    Effect::new(move || face.tab.run(shown.get()));
    on_cleanup(move || {
        let plain = face.view.with_untracked(|view| Tab::plain(Some(&view.room)));
        face.tab.run(plain);
    });
}

/// A tab has place for a few characters: the news comes first.
fn title(view: &View, unread: usize) -> String {
    let mut words = of_room(&view.room);
    if !view.microphone.on {
        words = format!("{} · {words}", t("Muted"));
    }
    if unread > 0 {
        words = format!("({unread}) {words}");
    }
    words
}

fn of_room(room: &str) -> String {
    format!("{} · Maju", isolated(room))
}

#[cfg(test)]
mod tests {
    use maju_call::Setup;

    use super::*;

    #[test]
    fn the_news_stands_before_the_room() {
        let mut view = View::of(&Setup {
            room: "den".to_owned(),
            ..Setup::default()
        });
        assert_eq!(title(&view, 0), "Muted · den · Maju");
        assert_eq!(title(&view, 12), "(12) Muted · den · Maju");
        view.microphone.on = true;
        assert_eq!(title(&view, 0), "den · Maju");
        assert_eq!(title(&view, 2), "(2) den · Maju");
    }
}
