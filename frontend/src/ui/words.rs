//! What people read, in their language. The code has the words in English; they are the keys of the other languages.

use leptos::prelude::*;

/// The words in the language of the page. Write them whole and as a literal, so that a test finds them.
pub(crate) fn t(english: &'static str) -> &'static str {
    english
}

/// The words of [`t`] with values in the places of `{name}`. Values of scripts that run from right to left are isolated, so that
/// they do not turn the words around them.
pub(crate) fn fill(english: &'static str, values: &[(&str, &str)]) -> String {
    put(t(english), values)
}

/// Words about a number, which stands in the place of `{count}`, in the form that the language has for it. The key of
/// the other languages is `other`, the form for many; `one` is the English form for one.
pub(crate) fn count(one: &'static str, other: &'static str, number: usize) -> String {
    let words = if number == 1 { one } else { other };
    put(words, &[("count", &number.to_string())])
}

/// Words around somebody's or something's name, which stands in the place of `{hole}` and may be of any script.
pub(super) fn around(words: &'static str, hole: &str, name: Signal<String>) -> AnyView {
    let hole = format!("{{{hole}}}");
    let (before, after) = words.split_once(&hole).unwrap_or((words, ""));
    view! { {before} <bdi>{name}</bdi> {after} }.into_any()
}

fn put(words: &str, values: &[(&str, &str)]) -> String {
    let mut text = words.to_owned();
    for (name, value) in values {
        let value = if value.chars().any(runs_from_right) {
            format!("\u{2068}{value}\u{2069}")
        } else {
            (*value).to_owned()
        };
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    text
}

/// Hebrew, Arabic and the scripts between and after them (Unicode Standard Annex 9).
fn runs_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
