//! Text that people see: words that are announced, initials, colours.

use leptos::prelude::*;

/// Words for information that come and go. Their place is always there, for a screen reader tells only of changes
/// in a place that it knows; the style sheet lets it take no room while it is empty.
pub(super) fn status(class: &'static str, words: Signal<String>) -> AnyView {
    view! {
        <p class=class role="status">
            {words}
        </p>
    }
    .into_any()
}

/// Words that ask for something to be done; no element while there are none, so that nothing empty is taken for
/// an alert.
pub(super) fn alert(class: &'static str, words: Signal<String>) -> AnyView {
    (move || {
        let words = words.get();
        (!words.is_empty()).then(|| {
            view! {
                <p class=class role="alert">
                    {words}
                </p>
            }
        })
    })
    .into_any()
}

/// The first character of the first and of the last word of a name, as a person counts characters.
pub(super) fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric));
    let (first, last) = (words.next(), words.next_back());
    match (first, last) {
        // Letters that join would make a syllable of the two; the invisible one between keeps them apart.
        (Some(first), Some(last)) => format!("{}\u{200c}{}", first_character(first), first_character(last)),
        (Some(word), None) => first_character(word),
        // A name of nothing but symbols, an emoji for instance.
        (None, _) => first_character(name.trim()),
    }
}

/// How many marks one character has. Vietnamese needs two.
const MAX_MARKS: usize = 2;

/// The first character of a text with the marks, modifiers and joined characters that belong to it. Enough for
/// names; not the whole of Unicode's text segmentation, whose tables would be bigger than this app's page.
fn first_character(text: &str) -> String {
    let mut taken = String::new();
    let mut joined = false;
    let mut flag = false;
    let mut marks = 0;
    for c in text.chars() {
        let indicator = ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
        // Marks stand on one another, and many of them would stand over what is around.
        marks += usize::from(c != '\u{200d}' && c < '\u{fe00}' && extends(c));
        let belongs = taken.is_empty() || joined || (extends(c) && marks <= MAX_MARKS) || (flag && indicator);
        if !belongs {
            break;
        }
        flag = indicator && taken.is_empty();
        joined = c == '\u{200d}';
        taken.push(c);
    }
    taken
}

/// Whether a character belongs to the one before it: combining marks, joiners, variation selectors, skin tones.
fn extends(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1160}'..='\u{11ff}' | '\u{200d}' | '\u{20d0}'..='\u{20f0}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// A hue for somebody, in degrees, that stays the same as long as the id does.
pub(super) fn hue(id: &str) -> u32 {
    // FNV-1a, then a step through twelve hues that the eye tells apart.
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 8) % 12 * 30 + 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ana", "A"),
            ("ana maria souza", "a\u{200c}s"),
            ("김민수", "김"),
            ("José Ángel", "J\u{200c}Á"),
            ("e\u{301}mile zola", "e\u{301}\u{200c}z"),
            ("Z\u{300}\u{301}\u{302}\u{303}algo", "Z\u{300}\u{301}"),
            ("👩‍👩‍👧‍👦 Family", "F"),
            ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
            ("🇰🇷🇧🇷", "🇰🇷"),
            ("👋🏽!", "👋🏽"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn a_hue_depends_on_nothing_but_the_id() {
        assert_eq!(hue("p1"), hue("p1"));
        assert!((0..100).map(|n| hue(&n.to_string())).all(|hue| hue < 360));
    }
}
