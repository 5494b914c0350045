//! Every message as it is on the wire, to the letter and in both directions.

use std::{collections::BTreeSet, fmt::Debug};

use maju_protocol::{
    Candidate, ChannelMessage, ClientMessage, ErrorCode, HistoryLine, IceServer, Join, LeaveReason, NewRules,
    PeerId, Person, Pictures, Role, Rules, Secret, ServerMessage, Signal, Status, Welcome,
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
        role: Role::Guest,
    }
}

fn peer() -> PeerId {
    PeerId::new("41d7")
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
            ClientMessage::Join(Join {
                room: "가족 방".into(),
                name: "Ana".into(),
                ..Join::default()
            }),
            r#"{"join":{"room":"가족 방","name":"Ana"}}"#,
        ),
        (
            ClientMessage::Join(Join {
                room: "den".into(),
                name: "Ana".into(),
                resume: Some(Secret::new("t0")),
                host: Some(Secret::new("h0")),
                password: Some(Secret::new("p0")),
                token: Some(Secret::new("j0")),
            }),
            r#"{"join":{"room":"den","name":"Ana","resume":"t0","host":"h0","password":"p0","token":"j0"}}"#,
        ),
        (ClientMessage::IceServers { token: None }, r#"{"iceServers":{}}"#),
        (
            ClientMessage::IceServers {
                token: Some(Secret::new("j0")),
            },
            r#"{"iceServers":{"token":"j0"}}"#,
        ),
        (
            ClientMessage::Relay {
                to: PeerId::new("41d7"),
                payload: answer(),
            },
            &relay,
        ),
        (ClientMessage::Leave {}, r#"{"leave":{}}"#),
        (
            ClientMessage::Rename {
                name: "아나".into()
            },
            r#"{"rename":{"name":"아나"}}"#,
        ),
        (ClientMessage::Rules(NewRules::default()), r#"{"rules":{}}"#),
        (
            ClientMessage::Rules(NewRules {
                locked: Some(true),
                waiting: Some(false),
                password: Some(Secret::default()),
            }),
            r#"{"rules":{"locked":true,"waiting":false,"password":""}}"#,
        ),
        (
            ClientMessage::Admit { peer: peer() },
            r#"{"admit":{"peer":"41d7"}}"#,
        ),
        (
            ClientMessage::Refuse { peer: peer() },
            r#"{"refuse":{"peer":"41d7"}}"#,
        ),
        (
            ClientMessage::Mute { peer: peer() },
            r#"{"mute":{"peer":"41d7"}}"#,
        ),
        (
            ClientMessage::Remove { peer: peer() },
            r#"{"remove":{"peer":"41d7"}}"#,
        ),
        (
            ClientMessage::HandOver { peer: peer() },
            r#"{"handOver":{"peer":"41d7"}}"#,
        ),
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
                turn: false,
            },
            r#"{"hello":{"version":1,"beat":4000}}"#,
        ),
        (
            ServerMessage::Hello {
                version: 1,
                beat: 0,
                turn: true,
            },
            r#"{"hello":{"version":1,"beat":0,"turn":true}}"#,
        ),
        (ServerMessage::Beat { resume: None }, r#"{"beat":{}}"#),
        (
            ServerMessage::Beat {
                resume: Some(Secret::new("t1")),
            },
            r#"{"beat":{"resume":"t1"}}"#,
        ),
        (
            ServerMessage::Welcome(Welcome {
                you: PeerId::new("9f2c"),
                room: "den".into(),
                people: vec![ben()],
                ice_servers: Vec::new(),
                ..Welcome::default()
            }),
            concat!(
                r#"{"welcome":{"you":"9f2c","room":"den","people":[{"id":"41d7","name":"벤"}],"iceServers":[],"#,
                r#""kept":false,"rules":{"locked":false,"waiting":false,"password":false}}}"#
            ),
        ),
        (
            ServerMessage::Welcome(Welcome {
                you: PeerId::new("9f2c"),
                room: "den".into(),
                people: Vec::new(),
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
                relay_only: true,
                resume: Some(Secret::new("t0")),
                kept: true,
                role: Role::Host,
                host: Some(Secret::new("h0")),
                rules: Rules {
                    locked: true,
                    waiting: true,
                    password: true,
                },
                knocking: vec![ben()],
            }),
            concat!(
                r#"{"welcome":{"you":"9f2c","room":"den","people":[],"iceServers":[{"urls":["stun:a"]},"#,
                r#"{"urls":["turn:b"],"username":"u","credential":"c"}],"relayOnly":true,"resume":"t0","kept":true,"#,
                r#""role":"host","host":"h0","rules":{"locked":true,"waiting":true,"password":true},"#,
                r#""knocking":[{"id":"41d7","name":"벤"}]}}"#
            ),
        ),
        (
            ServerMessage::Waiting { attended: true },
            r#"{"waiting":{"attended":true}}"#,
        ),
        (
            ServerMessage::Joined {
                person: Person {
                    role: Role::Host,
                    ..ben()
                },
            },
            r#"{"joined":{"person":{"id":"41d7","name":"벤","role":"host"}}}"#,
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
            ServerMessage::Renamed {
                id: peer(),
                name: "Benno".into(),
            },
            r#"{"renamed":{"id":"41d7","name":"Benno"}}"#,
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
                wait: None,
            },
            r#"{"error":{"code":"unknown-peer","text":"Nobody.","about":"relay","peer":"41d7"}}"#,
        ),
        (
            ServerMessage::Error {
                code: ErrorCode::Malformed,
                text: "This is not JSON.".into(),
                about: None,
                peer: None,
                wait: None,
            },
            r#"{"error":{"code":"malformed","text":"This is not JSON."}}"#,
        ),
        (
            ServerMessage::Error {
                code: ErrorCode::TooFast,
                text: "Slowly.".into(),
                about: Some("join".into()),
                peer: None,
                wait: Some(10_000),
            },
            r#"{"error":{"code":"too-fast","text":"Slowly.","about":"join","wait":10000}}"#,
        ),
        (
            ServerMessage::Rules(Rules {
                locked: true,
                waiting: false,
                password: true,
            }),
            r#"{"rules":{"locked":true,"waiting":false,"password":true}}"#,
        ),
        (
            ServerMessage::Role {
                peer: peer(),
                role: Role::Guest,
                host: None,
            },
            r#"{"role":{"peer":"41d7","role":"guest"}}"#,
        ),
        (
            ServerMessage::Role {
                peer: peer(),
                role: Role::Host,
                host: Some(Secret::new("h1")),
            },
            r#"{"role":{"peer":"41d7","role":"host","host":"h1"}}"#,
        ),
        (
            ServerMessage::Knock { person: ben() },
            r#"{"knock":{"person":{"id":"41d7","name":"벤"}}}"#,
        ),
        (
            ServerMessage::Unknock { peer: peer() },
            r#"{"unknock":{"peer":"41d7"}}"#,
        ),
        (ServerMessage::Mute { by: peer() }, r#"{"mute":{"by":"41d7"}}"#),
        (ServerMessage::Removed {}, r#"{"removed":{}}"#),
        (
            ServerMessage::IceServers {
                ice_servers: vec![IceServer {
                    urls: vec!["stun:a".into()],
                    username: None,
                    credential: None,
                }],
            },
            r#"{"iceServers":{"iceServers":[{"urls":["stun:a"]}]}}"#,
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
                order: 9,
                text: "안녕".into(),
                age: 0,
                private: false,
            },
            r#"{"chat":{"seq":7,"order":9,"text":"안녕"}}"#,
        ),
        (
            ChannelMessage::Chat {
                seq: 8,
                order: 10,
                text: "psst".into(),
                age: 61,
                private: true,
            },
            r#"{"chat":{"seq":8,"order":10,"text":"psst","age":61,"private":true}}"#,
        ),
        (ChannelMessage::AskHistory {}, r#"{"askHistory":{}}"#),
        (
            ChannelMessage::History {
                lines: vec![HistoryLine {
                    author: peer(),
                    name: "벤".into(),
                    seq: 7,
                    order: 9,
                    age: 61,
                    text: "안녕".into(),
                }],
            },
            concat!(
                r#"{"history":{"lines":[{"author":"41d7","name":"벤","seq":7,"order":9,"age":61,"#,
                r#""text":"안녕"}]}}"#
            ),
        ),
        (
            ChannelMessage::Typing {
                on: true,
                private: false,
            },
            r#"{"typing":{"on":true}}"#,
        ),
        (
            ChannelMessage::Typing {
                on: false,
                private: true,
            },
            r#"{"typing":{"on":false,"private":true}}"#,
        ),
        (
            ChannelMessage::Reaction { emoji: "👍".into() },
            r#"{"reaction":{"emoji":"👍"}}"#,
        ),
        (
            ChannelMessage::Status(Status {
                microphone: true,
                ..Status::default()
            }),
            r#"{"status":{"microphone":true,"camera":false}}"#,
        ),
        (
            ChannelMessage::Status(Status {
                microphone: true,
                camera: false,
                screen: true,
                hand: Some(3),
                pictures: Pictures::Small,
                spotlight: Some(peer()),
            }),
            concat!(
                r#"{"status":{"microphone":true,"camera":false,"screen":true,"hand":3,"pictures":"small","#,
                r#""spotlight":"41d7"}}"#
            ),
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
fn error_codes_reasons_wishes_and_roles() {
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
    for name in names::PICTURES {
        let pictures: Pictures = serde_json::from_value((*name).into()).unwrap();
        assert_eq!(names::pictures(&pictures), *name);
        assert_eq!(serde_json::to_value(pictures).unwrap(), *name);
    }
    for name in names::ROLES {
        let role: Role = serde_json::from_value((*name).into()).unwrap();
        assert_eq!(names::role(&role), *name);
        assert_eq!(serde_json::to_value(role).unwrap(), *name);
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
    let person = r#"{"id":"41d7","name":"벤","role":"moderator","mood":"good"}"#;
    assert_eq!(serde_json::from_str::<Person>(person).unwrap(), ben());
    let rules = r#"{"rules":{"locked":true,"quiet":true}}"#;
    let ruled: ServerMessage<Signal> = serde_json::from_str(rules).unwrap();
    let locked = Rules {
        locked: true,
        ..Rules::default()
    };
    assert_eq!(ruled, ServerMessage::Rules(locked));
    let status = r#"{"status":{"microphone":true,"camera":true,"pictures":"sepia","mood":"good"}}"#;
    let all = Status {
        microphone: true,
        camera: true,
        ..Status::default()
    };
    assert_eq!(
        serde_json::from_str::<ChannelMessage>(status).unwrap(),
        ChannelMessage::Status(all)
    );
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

#[test]
fn what_earlier_servers_left_out_has_a_meaning() {
    let welcome = r#"{"welcome":{"you":"9f2c","room":"den","people":[],"iceServers":[]}}"#;
    let welcomed: ServerMessage<Signal> = serde_json::from_str(welcome).unwrap();
    let expected = Welcome {
        you: PeerId::new("9f2c"),
        room: "den".into(),
        ..Welcome::default()
    };
    assert_eq!(welcomed, ServerMessage::Welcome(expected));
    let chat: ChannelMessage = serde_json::from_str(r#"{"chat":{"seq":1,"text":"안녕"}}"#).unwrap();
    let expected = ChannelMessage::Chat {
        seq: 1,
        order: 0,
        text: "안녕".into(),
        age: 0,
        private: false,
    };
    assert_eq!(chat, expected);
}

#[test]
fn secrets_are_not_shown_by_debug() {
    let join = ClientMessage::<Signal>::Join(Join {
        resume: Some(Secret::new("t0")),
        host: Some(Secret::new("h0")),
        password: Some(Secret::new("p0")),
        token: Some(Secret::new("j0")),
        ..Join::default()
    });
    let shown = format!("{join:?}");
    for secret in ["t0", "h0", "p0", "j0"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
