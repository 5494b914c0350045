//! Every message as it is on the wire, to the letter and in both directions.

use std::{collections::BTreeSet, fmt::Debug};

use maju_protocol::{
    Candidate, ChannelMessage, ClientMessage, ErrorCode, IceServer, LeaveReason, PeerId, Person,
    ServerMessage, Signal,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::names;

/// Checks each pair of value and text both ways, and that every name is there.
fn check<T>(golden: Vec<(T, &str)>, name: fn(&T) -> &'static str, names: &[&str])
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let seen: BTreeSet<_> = golden.iter().map(|(value, _)| name(value)).collect();
    assert_eq!(seen, names.iter().copied().collect());
    for (value, text) in golden {
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
        assert_eq!(serde_json::from_str::<T>(text).unwrap(), value, "{text}");
        let start = format!(r#"{{"{}":{{"#, name(&value));
        assert!(text.starts_with(&start), "{text}");
    }
}

fn answer() -> Signal {
    Signal::Answer {
        link: 1,
        seq: 2,
        answered: 3,
        sdp: "v=0\r\n".into(),
    }
}

const ANSWER: &str = r#"{"answer":{"link":1,"seq":2,"answered":3,"sdp":"v=0\r\n"}}"#;

fn ben() -> Person {
    Person {
        id: PeerId::new("41d7"),
        name: "벤".into(),
    }
}

#[test]
fn client_messages() {
    let relay = format!(r#"{{"relay":{{"to":"41d7","payload":{ANSWER}}}}}"#);
    let golden = vec![
        (
            ClientMessage::Hello { versions: vec![1, 2] },
            r#"{"hello":{"versions":[1,2]}}"#,
        ),
        (
            ClientMessage::Join {
                room: "가족 방".into(),
                name: "Ana".into(),
                resume: None,
            },
            r#"{"join":{"room":"가족 방","name":"Ana"}}"#,
        ),
        (
            ClientMessage::Join {
                room: "den".into(),
                name: "Ana".into(),
                resume: Some("t0".into()),
            },
            r#"{"join":{"room":"den","name":"Ana","resume":"t0"}}"#,
        ),
        (
            ClientMessage::Relay {
                to: PeerId::new("41d7"),
                payload: answer(),
            },
            &relay,
        ),
        (ClientMessage::Leave {}, r#"{"leave":{}}"#),
    ];
    check(golden, names::client, names::CLIENT);
}

#[test]
fn server_messages() {
    let relay = format!(r#"{{"relay":{{"from":"41d7","payload":{ANSWER}}}}}"#);
    let golden = vec![
        (
            ServerMessage::Hello {
                version: 1,
                beat: 4000,
            },
            r#"{"hello":{"version":1,"beat":4000}}"#,
        ),
        (ServerMessage::Beat { resume: None }, r#"{"beat":{}}"#),
        (
            ServerMessage::Beat {
                resume: Some("t1".into()),
            },
            r#"{"beat":{"resume":"t1"}}"#,
        ),
        (
            ServerMessage::Welcome {
                you: PeerId::new("9f2c"),
                room: "den".into(),
                people: vec![ben()],
                ice_servers: vec![
                    IceServer {
                        urls: vec!["stun:a".into()],
                        username: None,
                        credential: None,
                    },
                    IceServer {
                        urls: vec!["turn:b".into()],
                        username: Some("u".into()),
                        credential: Some("c".into()),
                    },
                ],
                resume: Some("t0".into()),
                kept: false,
            },
            concat!(
                r#"{"welcome":{"you":"9f2c","room":"den","people":[{"id":"41d7","name":"벤"}],"#,
                r#""iceServers":[{"urls":["stun:a"]},{"urls":["turn:b"],"username":"u","credential":"c"}],"resume":"t0","kept":false}}"#
            ),
        ),
        (
            ServerMessage::Joined { person: ben() },
            r#"{"joined":{"person":{"id":"41d7","name":"벤"}}}"#,
        ),
        (
            ServerMessage::Left {
                peer: PeerId::new("41d7"),
                reason: LeaveReason::Lost,
            },
            r#"{"left":{"peer":"41d7","reason":"lost"}}"#,
        ),
        (
            ServerMessage::Relay {
                from: PeerId::new("41d7"),
                payload: answer(),
            },
            &relay,
        ),
        (
            ServerMessage::Error {
                code: ErrorCode::UnknownPeer,
                text: "Nobody.".into(),
                about: Some("relay".into()),
                peer: Some(PeerId::new("41d7")),
            },
            r#"{"error":{"code":"unknown-peer","text":"Nobody.","about":"relay","peer":"41d7"}}"#,
        ),
        (
            ServerMessage::Error {
                code: ErrorCode::Malformed,
                text: "This is not JSON.".into(),
                about: None,
                peer: None,
            },
            r#"{"error":{"code":"malformed","text":"This is not JSON."}}"#,
        ),
        (
            ServerMessage::Closing { text: "Bye.".into() },
            r#"{"closing":{"text":"Bye."}}"#,
        ),
    ];
    check(golden, names::server, names::SERVER);
}

#[test]
fn signals() {
    let golden = vec![
        (
            Signal::Offer {
                link: 2,
                seq: 1,
                answered: 0,
                sdp: "v=0\r\n".into(),
            },
            r#"{"offer":{"link":2,"seq":1,"answered":0,"sdp":"v=0\r\n"}}"#,
        ),
        (answer(), ANSWER),
        (
            Signal::Candidate {
                link: 1,
                seq: 1,
                candidate: Candidate {
                    candidate: "candidate:1".into(),
                    sdp_mid: Some("0".into()),
                    sdp_m_line_index: Some(0),
                    username_fragment: None,
                },
            },
            concat!(
                r#"{"candidate":{"link":1,"seq":1,"candidate":{"candidate":"candidate:1","sdpMid":"0","#,
                r#""sdpMLineIndex":0,"usernameFragment":null}}}"#
            ),
        ),
    ];
    check(golden, names::signal, names::SIGNALS);
}

#[test]
fn channel_messages() {
    let golden = vec![
        (
            ChannelMessage::Chat {
                seq: 7,
                text: "안녕".into(),
            },
            r#"{"chat":{"seq":7,"text":"안녕"}}"#,
        ),
        (
            ChannelMessage::Status {
                microphone: true,
                camera: false,
            },
            r#"{"status":{"microphone":true,"camera":false}}"#,
        ),
        (
            ChannelMessage::Signal(answer()),
            r#"{"signal":{"answer":{"link":1,"seq":2,"answered":3,"sdp":"v=0\r\n"}}}"#,
        ),
        (ChannelMessage::Leave {}, r#"{"leave":{}}"#),
    ];
    check(golden, names::channel, names::CHANNEL);
}

#[test]
fn error_codes_and_reasons() {
    for name in names::CODES {
        let code: ErrorCode = serde_json::from_value((*name).into()).unwrap();
        assert_eq!(names::code(&code), *name);
        assert_eq!(serde_json::to_value(code).unwrap(), *name);
    }
    for name in names::REASONS {
        let reason: LeaveReason = serde_json::from_value((*name).into()).unwrap();
        assert_eq!(names::reason(&reason), *name);
        assert_eq!(serde_json::to_value(reason).unwrap(), *name);
    }
}

#[test]
fn what_later_versions_add_is_passed_over() {
    let error = r#"{"error":{"code":"too-sleepy","text":"Zzz.","until":7}}"#;
    let ServerMessage::Error { code, .. } = serde_json::from_str::<ServerMessage<Signal>>(error).unwrap()
    else {
        unreachable!("another message")
    };
    assert_eq!(code, ErrorCode::Other);
    let bare = r#"{"candidate":{"link":1,"seq":1,"candidate":{"candidate":""}}}"#;
    let signal: Signal = serde_json::from_str(bare).unwrap();
    assert_eq!(
        signal,
        Signal::Candidate {
            link: 1,
            seq: 1,
            candidate: Candidate::default()
        }
    );
}
