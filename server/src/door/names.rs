//! Names of rooms and people as they come over the wire, brought into the form that the server keeps.

use caseless::Caseless;
use maju_protocol::{NameError, check_name, check_room};
use unicode_normalization::UnicodeNormalization;

use crate::rooms::{RoomKey, RoomName};

/// Brings a room's name into normal form C, trims and checks it.
///
/// Its key is the one of Unicode's canonical caseless matching (The Unicode Standard, section 3.13, D145), so
/// that neither capitals nor the way in which a keyboard composes letters make another room.
pub fn room_name(text: &str) -> Result<RoomName, NameError> {
    let composed: String = text.nfc().collect();
    let shown = check_room(&composed)?;
    let key = shown.nfd().default_case_fold().nfd().collect();
    Ok(RoomName {
        key: RoomKey(key),
        shown: shown.to_owned(),
    })
}

/// Brings a person's name into normal form C, trims and checks it.
pub fn person_name(text: &str) -> Result<String, NameError> {
    let composed: String = text.nfc().collect();
    check_name(&composed).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (one, other) in [
            ("Den", " dEN "),
            ("Straße", "STRASSE"),
            (
                "가족 방",
                "\u{1100}\u{1161}\u{110c}\u{1169}\u{11a8} \u{1107}\u{1161}\u{11bc}",
            ),
            ("ÉTÉ", "e\u{301}te\u{301}"),
            ("ΣΑΣ", "σας"),
        ] {
            assert_eq!(
                room_name(one).unwrap().key,
                room_name(other).unwrap().key,
                "{one} and {other}"
            );
        }
    }

    #[test]
    fn different_names_have_different_keys() {
        for (one, other) in [("den", "dén"), ("방", "밤"), ("a b", "ab")] {
            assert_ne!(room_name(one).unwrap().key, room_name(other).unwrap().key);
        }
    }

    #[test]
    fn the_shown_name_is_composed_and_keeps_its_capitals() {
        assert_eq!(room_name(" E\u{301}te\u{301} ").unwrap().shown, "Été");
        assert_eq!(person_name("\u{1112}\u{1161}\u{11ab}"), Ok("한".into()));
    }

    #[test]
    fn length_is_counted_after_composing() {
        let decomposed = "\u{1112}\u{1161}\u{11ab}".repeat(64);
        assert!(room_name(&decomposed).is_ok());
        assert_eq!(room_name(&"가".repeat(65)), Err(NameError::TooLong));
    }
}
