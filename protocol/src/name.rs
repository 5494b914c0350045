use std::{error, fmt};

/// The longest name of a room or a person, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 64;

/// Trims a person's name and tells whether it can be used: 1 to [`MAX_NAME_CHARS`] characters, at least one of
/// them visible, no control characters. Both sides check; the server decides.
///
/// The caller brings the text into Unicode's normal form C first, so that characters count as they are seen.
pub fn check_name(text: &str) -> Result<&str, NameError> {
    let text = text.trim();
    if text.chars().all(is_blank) {
        return Err(NameError::Empty);
    }
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(NameError::TooLong);
    }
    if text.chars().any(is_control) {
        return Err(NameError::Control);
    }
    Ok(text)
}

/// Like [`check_name`], for a room. `.` and `..` are refused too: no address can name them.
pub fn check_room(text: &str) -> Result<&str, NameError> {
    match check_name(text)? {
        "." | ".." => Err(NameError::Dots),
        room => Ok(room),
    }
}

/// Why a name cannot be used. `Display` gives a reason for people, to follow "the name".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing but blanks.
    Empty,
    /// More than [`MAX_NAME_CHARS`] characters.
    TooLong,
    /// Control characters: C0, C1, line separators, or ones that turn the direction of the text around them.
    Control,
    /// Only one or two dots, which addresses take for folders.
    Dots,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong => write!(f, "has more than {MAX_NAME_CHARS} characters"),
            Self::Control => f.write_str("has control characters in it"),
            Self::Dots => f.write_str("is only dots, which no address can hold"),
        }
    }
}

impl error::Error for NameError {}

/// Blanks, Unicode's `Default_Ignorable_Code_Point`s, and the blank of Braille: what shows nothing by itself.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{206a}'..='\u{206f}' | '\u{fff0}'..='\u{fff8}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}')
        || matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_keep_their_script() {
        for (given, kept) in [
            ("  Ana ", "Ana"),
            ("우리 가족 방", "우리 가족 방"),
            ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
            ("سارة", "سارة"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ] {
            assert_eq!(check_name(given), Ok(kept));
        }
    }

    #[test]
    fn unusable_names_are_refused_with_the_reason() {
        assert_eq!(check_name(""), Err(NameError::Empty));
        assert_eq!(
            check_name(" \u{200b}\u{3164}\t\u{e0041}\u{61c}"),
            Err(NameError::Empty)
        );
        assert_eq!(check_name(&"가".repeat(65)), Err(NameError::TooLong));
        assert_eq!(check_name("Ana\u{202e}nimda"), Err(NameError::Control));
        assert_eq!(check_name("a\nb"), Err(NameError::Control));
        assert_eq!(check_room(".."), Err(NameError::Dots));
        assert_eq!(check_name(".."), Ok(".."));
        assert_eq!(check_name(&"가".repeat(64)), Ok(&*"가".repeat(64)));
    }
}
