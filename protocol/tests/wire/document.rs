//! The document and the types must not part ways.

use std::{collections::BTreeSet, fmt::Debug};

use maju_protocol::{
    CHANNEL_LABEL, ChannelMessage, ClientMessage, ErrorCode, MAX_CHAT_CHARS, MAX_HISTORY, MAX_MESSAGE_BYTES,
    MAX_NAME_CHARS, MAX_PASSWORD_CHARS, REACTIONS, ServerMessage, Signal, VERSION,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::names;

const DOCUMENT: &str = include_str!("../../../docs/protocol.md");

type Names = BTreeSet<&'static str>;

/// The code blocks: what stands behind the opening fence, and the text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts: Vec<_> = DOCUMENT.split("\n```").collect();
    assert!(parts.len() % 2 == 1, "a fence is not closed");
    parts
        .iter()
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// The names of the messages in all examples of one vocabulary, each checked to be what it claims.
fn examples<T>(vocabulary: &str, name: fn(&T) -> &'static str) -> Names
where
    T: Serialize + DeserializeOwned + Debug,
{
    let texts = blocks()
        .into_iter()
        .filter(|(info, _)| *info == format!("json {vocabulary}"));
    texts
        .map(|(_, text)| {
            let message: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let written: Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                serde_json::to_value(&message).unwrap(),
                written,
                "a member is unknown or missing"
            );
            name(&message)
        })
        .collect()
}

/// The names that have a part of their own below the heading of a chapter.
fn parts(chapter: &str) -> Names {
    let (_, rest) = DOCUMENT.split_once(&format!("\n## {chapter}\n")).unwrap();
    let chapter = rest.split("\n## ").next().unwrap();
    let headings = chapter
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    headings.collect()
}

fn set(names: &[&'static str]) -> Names {
    names.iter().copied().collect()
}

#[test]
fn every_example_is_a_message_and_every_message_has_one() {
    assert_eq!(
        examples::<ClientMessage<Signal>>("client", names::client),
        set(names::CLIENT)
    );
    assert_eq!(
        examples::<ServerMessage<Signal>>("server", names::server),
        set(names::SERVER)
    );
    assert_eq!(examples::<Signal>("signal", names::signal), set(names::SIGNALS));
    assert_eq!(
        examples::<ChannelMessage>("channel", names::channel),
        set(names::CHANNEL)
    );
}

#[test]
fn every_block_says_what_it_is() {
    for (info, text) in blocks() {
        let known = [
            "json client",
            "json server",
            "json signal",
            "json channel",
            "text",
        ];
        assert!(known.contains(&info), "```{info}\n{text}");
    }
}

#[test]
fn every_message_is_described_and_no_other() {
    for (chapter, names) in [
        ("Client to server", names::CLIENT),
        ("Server to client", names::SERVER),
        ("Signals", names::SIGNALS),
        ("Data channel", names::CHANNEL),
    ] {
        assert_eq!(parts(chapter), set(names), "{chapter}");
    }
}

#[test]
fn every_error_code_is_in_the_table_and_no_other() {
    let (_, rest) = DOCUMENT.split_once("\n## Errors\n").unwrap();
    let table = rest.split("\n## ").next().unwrap();
    let rows: Names = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let mut codes = set(names::CODES);
    assert!(codes.remove(names::code(&ErrorCode::Other)));
    assert_eq!(rows, codes);
}

#[test]
fn every_error_that_a_message_names_exists() {
    let lists = DOCUMENT
        .lines()
        .filter_map(|line| line.split_once("Errors: ").map(|(_, list)| list));
    let mut count = 0;
    for list in lists {
        // The names stand between pairs of back quotes; what follows a semicolon is about members.
        for name in list.split(';').next().unwrap().split('`').skip(1).step_by(2) {
            assert!(names::CODES.contains(&name), "{name}");
            count += 1;
        }
    }
    assert!(count > 5);
}

#[test]
fn every_reason_role_and_limit_is_told() {
    for reason in names::REASONS {
        assert!(DOCUMENT.contains(&format!("`{reason}`:")), "{reason}");
    }
    for role in names::ROLES {
        assert!(DOCUMENT.contains(&format!("`{role}`:")), "{role}");
    }
    for wish in names::PICTURES {
        assert!(DOCUMENT.contains(&format!("`{wish}`:")), "{wish}");
    }
    for emoji in REACTIONS {
        assert!(DOCUMENT.contains(emoji), "{emoji}");
    }
    for told in [
        format!("# Maju's wire, version {VERSION}\n"),
        format!("{MAX_MESSAGE_BYTES} bytes of UTF-8"),
        format!("1 to {MAX_NAME_CHARS} characters"),
        format!("1 to {MAX_CHAT_CHARS} characters"),
        format!("{MAX_HISTORY} lines"),
        format!("1 to {MAX_PASSWORD_CHARS} characters"),
        format!("label `{CHANNEL_LABEL}`"),
    ] {
        assert!(DOCUMENT.contains(&told), "{told}");
    }
}

#[test]
fn every_member_of_an_example_is_in_its_table() {
    for (chapter, vocabulary) in [
        ("Client to server", "client"),
        ("Server to client", "server"),
        ("Signals", "signal"),
        ("Data channel", "channel"),
    ] {
        let (_, rest) = DOCUMENT.split_once(&format!("\n## {chapter}\n")).unwrap();
        let chapter = rest.split("\n## ").next().unwrap();
        for part in chapter.split("\n### `").skip(1) {
            let rows: Names = part
                .lines()
                .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
                .collect();
            let (_, example) = part.split_once(&format!("\n```json {vocabulary}\n")).unwrap();
            let example: Value = serde_json::from_str(example.split("\n```").next().unwrap()).unwrap();
            let message = example.as_object().unwrap().values().next().unwrap();
            let members: BTreeSet<_> = message.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(members, rows, "{example}");
        }
    }
}
