//! Why the server refused something, in plain words, and what to do.

use maju_call::{ErrorCode, MAX_NAME_CHARS, NameError, Refusal};

use super::words::{count, is_english, t};

/// Why there is no seat in the room: what happened, and what to do about it.
pub(super) fn no_seat(refusal: Refusal, in_call: bool) -> (&'static str, String) {
    let Refusal { code, text } = refusal;
    let (title, advice) = match code {
        ErrorCode::RoomFull if in_call => (t("The room filled up while the server was away"), ""),
        ErrorCode::RoomFull => (
            t("The room is full"),
            t("Try again when somebody has left, or take another room."),
        ),
        ErrorCode::Locked => (
            t("The room is locked"),
            t("Nobody new comes in at present. Ask the host to unlock it, then join again."),
        ),
        ErrorCode::PasswordNeeded => (
            t("This room has a password"),
            t("Type it below and join again. Whoever invited you knows it."),
        ),
        ErrorCode::WrongPassword => (
            t("That is not the room's password"),
            t("Mind capitals and blanks, and try again."),
        ),
        ErrorCode::Refused => (
            t("You were not let in"),
            t("You can ask again, or take another room."),
        ),
        ErrorCode::Banned => (
            t("You were removed from this room"),
            t("You cannot come back into it. Take another room."),
        ),
        ErrorCode::TokenNeeded => (
            t("This server lets in only who was invited"),
            t("Ask whoever invited you for a link of your own."),
        ),
        ErrorCode::BadToken => (t("Your link does not work here"), t("Ask for a new one.")),
        ErrorCode::BadRoom => (
            t("The server does not take this room name"),
            t("Go back and choose another name."),
        ),
        ErrorCode::BadName => (
            t("The server does not take your name"),
            t("Change it and join again."),
        ),
        // The server says for how long.
        ErrorCode::TooFast if is_english() => (t("That was too often in too short a time"), ""),
        ErrorCode::TooFast => (
            t("That was too often in too short a time"),
            t("Wait a moment, then try again."),
        ),
        ErrorCode::ServerFull => (t("The server is full"), t("Try again later.")),
        ErrorCode::UnsupportedVersion => (
            t("This page is older or newer than the server"),
            t("Reload the page to get the one that fits."),
        ),
        _ => (t("The server refused"), ""),
    };
    if in_call && code != ErrorCode::UnsupportedVersion {
        let advice = t("The call with those whom you see goes on; your seat is asked for again by itself.");
        return (title, advice.to_owned());
    }
    // Where the server knows more than its code says.
    let more = match code {
        ErrorCode::BadToken
        | ErrorCode::BadRoom
        | ErrorCode::BadName
        | ErrorCode::TooFast
        | ErrorCode::Refused => is_english() || code == ErrorCode::BadToken,
        _ => advice.is_empty(),
    };
    let advice = match more {
        true if is_english() => format!("{text} {advice}"),
        true => format!("{advice} ({text})"),
        false => advice.to_owned(),
    };
    (title, advice.trim().to_owned())
}

/// Why something was not done for a host.
pub(super) fn not_done(refusal: Refusal) -> (&'static str, String) {
    match refusal.code {
        ErrorCode::RoomFull => (
            t("The room is full"),
            t("Somebody has to leave before you can let anybody in.").to_owned(),
        ),
        ErrorCode::NotHost => (
            t("You are not the host any more"),
            t("Only a host can do that.").to_owned(),
        ),
        _ => (t("That was not done"), refusal.text),
    }
}

/// Why a room cannot be called that.
pub(super) fn bad_room_name(error: NameError) -> String {
    match error {
        NameError::Empty => t("The room name is empty.").to_owned(),
        NameError::TooLong => count(
            "The room name has more than {count} character.",
            "The room name has more than {count} characters.",
            MAX_NAME_CHARS,
        ),
        NameError::Control => t("The room name has control characters in it.").to_owned(),
        NameError::Dots => t("The room name is only dots, which no address can hold.").to_owned(),
    }
}

/// Why a person cannot be called that.
pub(super) fn bad_name(error: NameError) -> String {
    match error {
        NameError::Empty => t("Your name is empty.").to_owned(),
        NameError::TooLong => count(
            "Your name has more than {count} character.",
            "Your name has more than {count} characters.",
            MAX_NAME_CHARS,
        ),
        NameError::Control | NameError::Dots => t("Your name has control characters in it.").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [ErrorCode; 15] = [
        ErrorCode::RoomFull,
        ErrorCode::Locked,
        ErrorCode::PasswordNeeded,
        ErrorCode::WrongPassword,
        ErrorCode::Refused,
        ErrorCode::Banned,
        ErrorCode::TokenNeeded,
        ErrorCode::BadToken,
        ErrorCode::BadRoom,
        ErrorCode::BadName,
        ErrorCode::TooFast,
        ErrorCode::ServerFull,
        ErrorCode::UnsupportedVersion,
        ErrorCode::BadPassword,
        ErrorCode::Other,
    ];

    fn refusal(code: ErrorCode) -> Refusal {
        Refusal {
            code,
            text: "The server's words.".to_owned(),
        }
    }

    #[test]
    fn each_refusal_says_what_happened_and_what_to_do() {
        for code in CODES {
            for in_call in [false, true] {
                let (title, advice) = no_seat(refusal(code), in_call);
                assert!(!title.is_empty() && !title.ends_with('.'), "{title}");
                assert!(advice.ends_with('.') && advice.len() > 10, "{code:?}: {advice}");
            }
            let (title, advice) = not_done(refusal(code));
            assert!(!title.is_empty() && advice.ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn what_only_the_server_knows_is_told_in_its_words() {
        for code in [
            ErrorCode::BadToken,
            ErrorCode::TooFast,
            ErrorCode::Refused,
            ErrorCode::Other,
        ] {
            let (_, advice) = no_seat(refusal(code), false);
            assert!(advice.starts_with("The server's words."), "{code:?}: {advice}");
        }
    }
}
