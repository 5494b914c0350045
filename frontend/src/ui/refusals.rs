//! Why the server refused something, in plain words, and what to do.

use maju_call::{ErrorCode, Refusal};

/// Why there is no seat in the room: what happened, and what to do about it.
pub(super) fn no_seat(refusal: Refusal, in_call: bool) -> (&'static str, String) {
    let Refusal { code, text } = refusal;
    let (title, advice) = match code {
        ErrorCode::RoomFull if in_call => ("The room filled up while the server was away", ""),
        ErrorCode::RoomFull => (
            "The room is full",
            "Try again when somebody has left, or take another room.",
        ),
        ErrorCode::Locked => (
            "The room is locked",
            "Nobody new comes in at present. Ask the host to unlock it, then join again.",
        ),
        ErrorCode::PasswordNeeded => (
            "This room has a password",
            "Type it below and join again. Whoever invited you knows it.",
        ),
        ErrorCode::WrongPassword => (
            "That is not the room's password",
            "Mind capitals and blanks, and try again.",
        ),
        ErrorCode::Refused => ("You were not let in", "You can ask again, or take another room."),
        ErrorCode::Banned => (
            "You were removed from this room",
            "You cannot come back into it. Take another room.",
        ),
        ErrorCode::TokenNeeded => (
            "This server lets in only who was invited",
            "Ask whoever invited you for a link of your own.",
        ),
        ErrorCode::BadToken => ("Your link does not work here", "Ask for a new one."),
        ErrorCode::BadRoom => (
            "The server does not take this room name",
            "Go back and choose another name.",
        ),
        ErrorCode::BadName => ("The server does not take your name", "Change it and join again."),
        ErrorCode::TooFast => ("That was too often in too short a time", ""),
        ErrorCode::ServerFull => ("The server is full", "Try again later."),
        ErrorCode::UnsupportedVersion => (
            "This page is older or newer than the server",
            "Reload the page to get the one that fits.",
        ),
        _ => ("The server refused", ""),
    };
    if in_call && code != ErrorCode::UnsupportedVersion {
        let advice = "The call with those whom you see goes on; your seat is asked for again by itself.";
        return (title, advice.to_owned());
    }
    // Where the server knows more than its code says.
    let more = match code {
        ErrorCode::BadToken
        | ErrorCode::BadRoom
        | ErrorCode::BadName
        | ErrorCode::TooFast
        | ErrorCode::Refused => true,
        _ => advice.is_empty(),
    };
    let advice = if more {
        format!("{text} {advice}")
    } else {
        advice.to_owned()
    };
    (title, advice.trim().to_owned())
}

/// Why something was not done for a host.
pub(super) fn not_done(refusal: Refusal) -> (&'static str, String) {
    match refusal.code {
        ErrorCode::RoomFull => (
            "The room is full",
            "Somebody has to leave before you can let anybody in.".to_owned(),
        ),
        ErrorCode::NotHost => (
            "You are not the host any more",
            "Only a host can do that.".to_owned(),
        ),
        _ => ("That was not done", refusal.text),
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
