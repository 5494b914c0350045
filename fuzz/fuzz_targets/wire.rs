//! What comes over the wire, whatever it is: read or refused, and what was read means the same when it is written again.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use maju_protocol::{ChannelMessage, ClientMessage, ServerMessage, Signal, check_name, check_room};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    round::<ClientMessage<Signal>>(text);
    round::<ServerMessage<Signal>>(text);
    round::<Signal>(text);
    round::<ChannelMessage>(text);
    relay(text);
    names(text);
});

fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    if let Ok(message) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&message).expect("what was read can be written");
        assert_eq!(
            serde_json::from_str::<T>(&written).expect("what was written can be read"),
            message
        );
    }
}

/// The server hands a payload on to the letter.
fn relay(text: &str) {
    if let Ok(ClientMessage::Relay { to, payload }) =
        serde_json::from_str::<ClientMessage<Box<RawValue>>>(text)
    {
        let message = ServerMessage::Relay {
            from: to,
            payload: payload.clone(),
        };
        let written = serde_json::to_string(&message).expect("a payload can be written");
        assert!(written.contains(payload.get()));
    }
}

/// A name that is kept is kept again, and is the same room as itself.
fn names(text: &str) {
    if let Ok(name) = check_name(text) {
        assert_eq!(check_name(name), Ok(name));
    }
    if let Ok(name) = check_room(text) {
        assert_eq!(check_room(name), Ok(name));
    }
    if let Ok(room) = maju::room_name(text) {
        assert_eq!(
            maju::room_name(&room.shown).expect("a kept name is a name").key,
            room.key
        );
    }
}
