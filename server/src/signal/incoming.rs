//! Text from a socket, turned into a message or a refusal.

use std::{collections::BTreeMap, time::Duration};

use maju_protocol::{ClientMessage, ErrorCode, MAX_MESSAGE_BYTES, PeerId, ServerMessage, VERSION};
use serde::de::IgnoredAny;

use crate::{
    rooms::Refusal,
    signal::{Payload, end::End},
};

/// Why a client's message was refused, as the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: ErrorCode,
    pub(crate) text: String,
    pub(crate) about: Option<&'static str>,
    pub(crate) peer: Option<PeerId>,
    /// How long the client is to wait before it tries again.
    pub(crate) wait: Option<Duration>,
}

impl Refused {
    pub(crate) fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            about: None,
            peer: None,
            wait: None,
        }
    }

    /// Says whom the refused message was meant for.
    pub(crate) fn meant_for(mut self, peer: PeerId) -> Self {
        // No id is that long; what was made up need not be sent back.
        self.peer = Some(peer).filter(|peer| peer.as_str().len() <= 64);
        self
    }

    /// Says how long to wait before trying again.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    pub(crate) fn about(mut self, message: &'static str) -> Self {
        self.about = Some(message);
        self
    }

    pub(crate) fn message(self) -> ServerMessage<Payload> {
        let Self {
            code,
            text,
            about,
            peer,
            wait,
        } = self;
        ServerMessage::Error {
            code,
            text,
            about: about.map(str::to_owned),
            peer,
            // Rounded up: who waits for just so long has waited long enough.
            wait: wait.map(|wait| u32::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)),
        }
    }
}

/// Why a message was not carried out.
pub(crate) enum Trouble {
    /// The client is told, and the socket goes on.
    Refused(Refused),
    /// The socket cannot go on.
    End(End),
}

impl Trouble {
    pub(crate) fn about(self, message: &'static str) -> Self {
        match self {
            Self::Refused(refused) => Self::Refused(refused.about(message)),
            Self::End(end) => Self::End(end),
        }
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code(), refusal.text())
    }
}

/// Reads one message. What is too long is not looked into.
pub(crate) fn parse(text: &str) -> Result<ClientMessage<Payload>, Refused> {
    if text.len() > MAX_MESSAGE_BYTES {
        let text = format!(
            "The message has {} bytes; at most {MAX_MESSAGE_BYTES} are allowed.",
            text.len()
        );
        return Err(Refused::new(ErrorCode::TooLarge, text));
    }
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// The longest `join` in bytes: two names, two tokens, a secret and a password.
const MAX_JOIN_BYTES: usize = 24 * 1024;

/// The longest message in bytes that is none of these.
const MAX_OTHER_BYTES: usize = 4 * 1024;

/// Refuses a message that is longer than any honest one of its name.
pub(crate) fn check_length(name: &'static str, bytes: usize) -> Result<(), Refused> {
    let allowed = match name {
        "relay" => MAX_MESSAGE_BYTES,
        "join" | "iceServers" => MAX_JOIN_BYTES,
        _ => MAX_OTHER_BYTES,
    };
    if bytes > allowed {
        let text = format!("The message has {bytes} bytes; {name} has at most {allowed}.");
        return Err(Refused::new(ErrorCode::TooLarge, text).about(name));
    }
    Ok(())
}

/// The names of all messages.
pub(crate) const NAMES: [&str; 12] = [
    "hello",
    "join",
    "iceServers",
    "relay",
    "leave",
    "rename",
    "rules",
    "admit",
    "refuse",
    "mute",
    "remove",
    "handOver",
];

/// The name of a message, as on the wire.
pub(crate) fn name<P>(message: &ClientMessage<P>) -> &'static str {
    match message {
        ClientMessage::Hello { .. } => "hello",
        ClientMessage::Join(_) => "join",
        ClientMessage::IceServers { .. } => "iceServers",
        ClientMessage::Relay { .. } => "relay",
        ClientMessage::Leave {} => "leave",
        ClientMessage::Rename { .. } => "rename",
        ClientMessage::Rules(_) => "rules",
        ClientMessage::Admit { .. } => "admit",
        ClientMessage::Refuse { .. } => "refuse",
        ClientMessage::Mute { .. } => "mute",
        ClientMessage::Remove { .. } => "remove",
        ClientMessage::HandOver { .. } => "handOver",
    }
}

/// Says whether the text is no JSON at all or JSON that means nothing here. The error's own category does not
/// tell: it is the first thing that went wrong, which may lie on either side of the fault that matters.
fn explain(text: &str, error: &serde_json::Error) -> Refused {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Refused::new(
            ErrorCode::Malformed,
            format!("This is not JSON: {}.", clip(&error.to_string())),
        );
    }
    let refused = Refused::new(
        ErrorCode::Invalid,
        format!(
            "This is no message of version {VERSION}: {}.",
            clip(&error.to_string())
        ),
    );
    match understood(text) {
        Some(name) => refused.about(name),
        None => refused,
    }
}

/// The message's name where that much is right.
fn understood(text: &str) -> Option<&'static str> {
    let members: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).ok()?;
    let mut names = members.into_keys();
    let (Some(only), None) = (names.next(), names.next()) else {
        return None;
    };
    NAMES.into_iter().find(|name| *name == only)
}

/// Errors quote what was sent; not all of it is needed.
fn clip(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (ErrorCode, Option<&'static str>) {
        let refused = parse(text).unwrap_err();
        assert!(refused.text.len() < 1000);
        (refused.code, refused.about)
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for text in [
            "",
            "{",
            "hello",
            r#"{"nonsense":"#,
            r#"{"leave":{}} x"#,
            r#"{"leave":{},}"#,
        ] {
            assert_eq!(refusal(text), (ErrorCode::Malformed, None), "{text}");
        }
    }

    #[test]
    fn json_that_means_nothing_is_invalid() {
        for text in [
            "null",
            "3",
            "[]",
            "{}",
            r#""leave""#,
            r#"{"nonsense":{}}"#,
            r#"{"leave":{},"join":{}}"#,
        ] {
            assert_eq!(refusal(text), (ErrorCode::Invalid, None), "{text}");
        }
        let long = format!(r#"{{"{}":1}}"#, "x".repeat(50_000));
        assert_eq!(refusal(&long), (ErrorCode::Invalid, None));
    }

    #[test]
    fn a_known_message_with_wrong_members_is_invalid_and_named() {
        for (text, about) in [
            (r#"{"join":{"room":"x"}}"#, "join"),
            (r#"{"join":{"room":1,"name":"Ana"}}"#, "join"),
            (r#"{"hello":{"versions":[-1]}}"#, "hello"),
            (r#"{"hello":{"versions":[4294967296]}}"#, "hello"),
            (r#"{"relay":{"to":"x"}}"#, "relay"),
            (r#"{"leave":null}"#, "leave"),
        ] {
            assert_eq!(refusal(text), (ErrorCode::Invalid, Some(about)), "{text}");
        }
    }

    #[test]
    fn unknown_members_are_ignored_and_payloads_kept_to_the_letter() {
        let text = r#"{"relay":{"to":"x","from":"me","payload": {"b" : 1,"a":[ ]} }}"#;
        let Ok(ClientMessage::Relay { payload, .. }) = parse(text) else {
            panic!("refused");
        };
        assert_eq!(payload.get(), r#"{"b" : 1,"a":[ ]}"#);
    }

    #[test]
    fn the_limit_is_the_last_length_that_is_read() {
        let leave = r#"{"leave":{}}"#;
        let pad = |length: usize| " ".repeat(length - leave.len()) + leave;
        assert!(parse(&pad(MAX_MESSAGE_BYTES)).is_ok());
        assert_eq!(refusal(&pad(MAX_MESSAGE_BYTES + 1)), (ErrorCode::TooLarge, None));
    }

    #[test]
    fn no_wait_is_told_shorter_than_it_is() {
        for (nanos, told) in [(1, 1), (1_000_000, 1), (1_000_001, 2), (199_999_999, 200)] {
            let refused = Refused::new(ErrorCode::TooFast, "").after(Duration::from_nanos(nanos));
            let ServerMessage::Error { wait, .. } = refused.message() else {
                panic!("no error");
            };
            assert_eq!(wait, Some(told));
        }
    }

    #[test]
    fn nesting_without_end_is_no_trouble() {
        let deep = format!(
            r#"{{"relay":{{"to":"x","payload":{}{}}}}}"#,
            "[".repeat(30_000),
            "]".repeat(30_000)
        );
        assert!(parse(&deep).is_ok());
    }
}
