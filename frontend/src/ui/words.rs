//! What people read, in their language. The code has the words in English; they are the keys of the other languages, whose words
//! are in `frontend/locales` and come when they are wanted.

use std::{
    borrow::Cow,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use leptos::prelude::*;

/// The languages of the app: the tag (RFC 5646), and what the language calls itself. The first one is in the code.
pub const LANGUAGES: [(&str, &str); 6] = [
    ("en", "English"),
    ("ko", "한국어"),
    ("ja", "日本語"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("fr", "Français"),
];

/// The words of the languages that were spoken since the page was opened.
static LEARNT: [OnceLock<Words>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

/// Which one of them the page speaks.
static SPOKEN: AtomicUsize = AtomicUsize::new(0);

/// The words in the language of the page. Write them whole and as a literal, so that a test finds them.
pub(crate) fn t(english: &'static str) -> &'static str {
    words().and_then(|words| words.find(english)).unwrap_or(english)
}

/// The words of [`t`] with values in the places of `{name}`. Values of scripts that run from right to left are isolated, so that
/// they do not turn the words around them.
pub(crate) fn fill(english: &'static str, values: &[(&str, &str)]) -> String {
    put(t(english), values)
}

/// Words about a number, which stands in the place of `{count}`, in the form that the language has for it. The key of
/// the other languages is `other`, the form for many; `one` is the English form for one.
pub(crate) fn count(one: &'static str, other: &'static str, number: usize) -> String {
    let english = if number == 1 { one } else { other };
    let words = words().and_then(|words| words.form(other, number));
    put(words.unwrap_or(english), &[("count", &number.to_string())])
}

/// Words around somebody's or something's name, which stands in the place of `{hole}` and may be of any script.
pub(super) fn around(words: &'static str, hole: &str, name: Signal<String>) -> AnyView {
    let hole = format!("{{{hole}}}");
    let (before, after) = words.split_once(&hole).unwrap_or((words, ""));
    view! { {before} <bdi>{name}</bdi> {after} }.into_any()
}

/// Whether the page speaks the language in which the server speaks to people.
pub(super) fn is_english() -> bool {
    words().is_none()
}

/// The words of a language.
#[derive(Debug)]
pub struct Words {
    /// The English ones, behind which stands `#` and the plural category where there are several forms; and their own.
    words: Vec<(String, String)>,
    category: fn(usize) -> String,
}

impl Words {
    /// Of pairs: English, and the same in this language. Where it has forms for numbers, English is followed by `#` and the
    /// category that a form is for; `category` tells that of a number in the language of the page.
    pub fn new(words: Vec<(String, String)>, category: fn(usize) -> String) -> Self {
        Self { words, category }
    }

    /// They are some hundred: to look at each takes a microsecond, and sorting them kilobytes of code.
    fn find(&self, english: &str) -> Option<&str> {
        let found = self.words.iter().find(|(key, _)| key == english);
        found.map(|(_, words)| words.as_str())
    }

    fn form(&self, other: &str, number: usize) -> Option<&str> {
        let category = (self.category)(number);
        self.find(&format!("{other}#{category}"))
            .or_else(|| self.find(&format!("{other}#other")))
    }
}

/// Takes in the words of a language, by its place in [`LANGUAGES`].
pub fn learn(language: usize, words: Words) {
    if let Some(place) = LEARNT.get(language) {
        // They stay the same as long as the page does.
        let _known = place.set(words);
    }
}

/// Whether the words of a language are here.
pub fn knows(language: usize) -> bool {
    language == 0 || LEARNT.get(language).is_some_and(|words| words.get().is_some())
}

/// From now on the words are of that language; what is on the page already stays as it is.
pub fn speak(language: usize) {
    SPOKEN.store(language, Relaxed);
}

/// Those of the page's language; none for English.
fn words() -> Option<&'static Words> {
    LEARNT.get(SPOKEN.load(Relaxed))?.get()
}

fn put(words: &str, values: &[(&str, &str)]) -> String {
    let mut text = words.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), &isolated(value));
    }
    text
}

/// A name in a text that is no part of the page, as a title is: set apart if it runs from right to left.
pub(crate) fn isolated(name: &str) -> Cow<'_, str> {
    if name.chars().any(runs_from_right) {
        format!("\u{2068}{name}\u{2069}").into()
    } else {
        name.into()
    }
}

/// Hebrew, Arabic and the scripts between and after them (Unicode Standard Annex 9).
fn runs_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)]) -> Words {
        let pairs = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Words::new(pairs.collect(), |number| {
            ["zero", "one", "few"]
                .get(number)
                .copied()
                .unwrap_or("many")
                .to_owned()
        })
    }

    #[test]
    fn a_number_has_the_form_of_its_category_and_else_the_form_for_all() {
        let words = words(&[
            ("{count} b#few", "2"),
            ("{count} b#other", "n"),
            ("{count} b#one", "1"),
            ("a", "A"),
        ]);
        let forms = [0, 1, 2, 3].map(|number| words.form("{count} b", number));
        assert_eq!(forms, [Some("n"), Some("1"), Some("2"), Some("n")]);
        assert_eq!(words.form("a", 1), None);
        assert_eq!(words.find("a"), Some("A"));
        assert_eq!(words.find("b"), None);
    }

    #[test]
    fn what_has_no_translation_is_english() {
        assert_eq!(t("Nobody translated this"), "Nobody translated this");
        assert_eq!(count("{count} thing", "{count} things", 1), "1 thing");
        assert_eq!(count("{count} thing", "{count} things", 7), "7 things");
    }

    #[test]
    fn names_from_right_to_left_do_not_turn_the_words_around_them() {
        let of = |name| fill("Options for {name}", &[("name", name)]);
        assert_eq!(of("Ana"), "Options for Ana");
        assert_eq!(of("دينا"), "Options for \u{2068}دينا\u{2069}");
    }
}
