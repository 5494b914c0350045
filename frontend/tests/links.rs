//! Two connections in one page, in a real browser with fake devices.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

mod ear;

use ear::{Ear, captured, devices, settle};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Reflect};
use maju_call::{
    ConnectionState, Event, Ice, Kind, LinkCommand, LinkEvent, LinkId, MediaEvent, PeerId, RequestId, Sending,
};
use maju_frontend::browser::{Devices, Identity, Link};
use maju_protocol::ChannelMessage;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event as DomEvent, RtcPeerConnectionState};

wasm_bindgen_test_configure!(run_in_browser);

fn id(name: &str) -> LinkId {
    LinkId {
        peer: PeerId::new(name),
        number: 1,
    }
}

/// An identity whose certificate is there.
async fn made_identity() -> Identity {
    let identity = Identity::new();
    while identity.certificates().is_none() {
        TimeoutFuture::new(10).await;
    }
    identity
}

/// Two links in this page, and the signaling between them by hand.
struct Pair {
    a: Link,
    b: Link,
    ear_a: Ear,
    ear_b: Ear,
}

async fn pair(devices: &Devices, sending: Sending) -> Pair {
    let (mut ear_a, mut ear_b) = (Ear::new(), Ear::new());
    let identity = made_identity().await;
    let a = Link::open(
        &id("b"),
        true,
        &Ice::default(),
        sending,
        devices,
        &identity,
        ear_a.reporter.clone(),
    )
    .expect("a link");
    let b = Link::open(
        &id("a"),
        false,
        &Ice::default(),
        sending,
        devices,
        &identity,
        ear_b.reporter.clone(),
    )
    .expect("a link");
    ear_a
        .hear(|event| matches!(event, Event::Link(_, LinkEvent::NegotiationNeeded)).then_some(()))
        .await;
    a.carry_out(LinkCommand::MakeOffer);
    let offer = ear_a
        .hear(|event| {
            if let Event::Link(_, LinkEvent::OfferMade(sdp)) = event {
                Some(sdp)
            } else {
                None
            }
        })
        .await;
    b.carry_out(LinkCommand::TakeOffer(offer));
    let answer = ear_b
        .hear(|event| {
            if let Event::Link(_, LinkEvent::AnswerMade(sdp)) = event {
                Some(sdp)
            } else {
                None
            }
        })
        .await;
    a.carry_out(LinkCommand::TakeAnswer(answer));
    let (mut open, mut connected) = (false, false);
    while !(open && connected) {
        let forward = |event: Event, to: &Link| match event {
            Event::Link(_, LinkEvent::Candidate(candidate)) => {
                to.carry_out(LinkCommand::AddCandidate(candidate));
                None
            }
            Event::Link(_, event) => Some(event),
            _ => None,
        };
        while let Ok(event) = ear_b.events.try_recv() {
            connected |= forward(event, &a) == Some(LinkEvent::Connection(ConnectionState::Connected));
        }
        while let Ok(event) = ear_a.events.try_recv() {
            open |= forward(event, &b) == Some(LinkEvent::ChannelOpened);
        }
        TimeoutFuture::new(10).await;
    }
    Pair { a, b, ear_a, ear_b }
}

#[wasm_bindgen_test]
async fn two_links_bring_picture_and_sound_and_messages_across() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let Pair { a, b, mut ear_b, .. } = pair(
        &devices,
        Sending {
            microphone: true,
            camera: true,
            ..Sending::default()
        },
    )
    .await;
    assert_eq!(b.stream(false).expect("a stream").get_tracks().length(), 2);
    assert_eq!(a.stream(false).expect("a stream").get_tracks().length(), 2);
    let message = ChannelMessage::Chat {
        seq: 1,
        order: 1,
        text: "마주 보기".to_owned(),
        age: 0,
        private: false,
    };
    a.carry_out(LinkCommand::Say(message.clone()));
    let heard = ear_b
        .hear(|event| {
            if let Event::Link(_, LinkEvent::ChannelMessage(message)) = event {
                Some(message)
            } else {
                None
            }
        })
        .await;
    assert_eq!(heard, Ok(message));
}

/// Shares the fake screen of the browser.
async fn shared(devices: &mut Devices, ear: &mut Ear) {
    devices.capture_screen(RequestId(2));
    let kinds = ear
        .hear(|event| match event {
            Event::Media(MediaEvent::Captured(RequestId(2), tracks)) => {
                Some(tracks.into_iter().map(|track| track.kind).collect::<Vec<_>>())
            }
            _ => None,
        })
        .await;
    assert!(kinds.contains(&Kind::Screen), "{kinds:?}");
    devices.adopt(RequestId(2));
    devices.motion(false);
}

/// Takes an offer of one end to the other, and the answer back.
async fn negotiate(from: (&Link, &mut Ear), to: (&Link, &mut Ear)) {
    from.0.carry_out(LinkCommand::MakeOffer);
    let offer = from.1.hear(made).await;
    to.0.carry_out(LinkCommand::TakeOffer(offer));
    from.0.carry_out(LinkCommand::TakeAnswer(to.1.hear(made).await));
    let taken = |event| matches!(event, Event::Link(_, LinkEvent::AnswerTaken)).then_some(());
    from.1.hear(taken).await;
}

fn made(event: Event) -> Option<String> {
    match event {
        Event::Link(_, LinkEvent::OfferMade(sdp) | LinkEvent::AnswerMade(sdp)) => Some(sdp),
        _ => None,
    }
}

fn sections(link: &Link) -> usize {
    let sdp = link.js().local_description().expect("a description").sdp();
    sdp.lines().filter(|line| line.starts_with("m=")).count()
}

fn pictures(link: &Link, shared: bool) -> u32 {
    link.stream(shared).expect("a stream").get_video_tracks().length()
}

#[wasm_bindgen_test]
async fn a_screen_is_sent_beside_the_camera_from_either_end_and_needs_no_new_section() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    shared(&mut devices, &mut ear).await;
    let sending = Sending {
        microphone: true,
        camera: true,
        ..Sending::default()
    };
    let Pair {
        a,
        b,
        mut ear_a,
        mut ear_b,
    } = pair(&devices, sending).await;
    let before = sections(&a);
    assert_eq!((pictures(&a, true), pictures(&b, true)), (0, 0));
    b.carry_out(LinkCommand::Send(Kind::Screen, true));
    negotiate((&b, &mut ear_b), (&a, &mut ear_a)).await;
    assert_eq!((pictures(&a, false), pictures(&a, true)), (1, 1));
    a.carry_out(LinkCommand::Send(Kind::Screen, true));
    negotiate((&a, &mut ear_a), (&b, &mut ear_b)).await;
    assert_eq!((pictures(&b, false), pictures(&b, true)), (1, 1));
    assert_eq!(sections(&a), before);
    let sender = a.js().get_senders().get(2);
    let get = Reflect::get(&sender, &"getParameters".into()).expect("a method");
    let parameters = get
        .unchecked_into::<Function>()
        .call0(&sender)
        .expect("parameters");
    let preference = Reflect::get(&parameters, &"degradationPreference".into());
    assert_eq!(preference, Ok("maintain-resolution".into()));
}

#[wasm_bindgen_test]
async fn whoever_offers_no_place_for_a_screen_is_offered_one_when_it_is_shared() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    shared(&mut devices, &mut ear).await;
    let other = web_sys::RtcPeerConnection::new().expect("a connection");
    for medium in ["audio", "video"] {
        other.add_transceiver_with_str(medium);
    }
    let mut ear = Ear::new();
    let sending = Sending {
        camera: true,
        screen: true,
        ..Sending::default()
    };
    let link = Link::open(
        &id("a"),
        false,
        &Ice::default(),
        sending,
        &devices,
        &Identity::new(),
        ear.reporter.clone(),
    )
    .expect("a link");
    let offer = JsFuture::from(other.create_offer()).await.expect("an offer");
    let offer: web_sys::RtcSessionDescriptionInit = offer.unchecked_into();
    JsFuture::from(other.set_local_description(&offer))
        .await
        .expect("set");
    link.carry_out(LinkCommand::TakeOffer(offer.get_sdp().expect("a text")));
    ear.hear(made).await;
    let needed = |event| matches!(event, Event::Link(_, LinkEvent::NegotiationNeeded)).then_some(());
    ear.hear(needed).await;
    link.carry_out(LinkCommand::MakeOffer);
    let offer = ear.hear(made).await;
    assert_eq!(offer.matches("m=video").count(), 2);
    assert_eq!(offer.matches("m=audio").count(), 1);
}

#[wasm_bindgen_test]
async fn a_link_that_goes_closes_its_connection_and_falls_silent() {
    let ear = Ear::new();
    let devices = devices(&ear);
    let Pair {
        a,
        b,
        mut ear_a,
        mut ear_b,
    } = pair(&devices, Sending::default()).await;
    let connection = a.js().clone();
    settle().await;
    while !ear_a.silent() {}
    drop(a);
    assert_eq!(connection.connection_state(), RtcPeerConnectionState::Closed);
    // Nobody listens any more, whatever the connection still says.
    for name in [
        "negotiationneeded",
        "connectionstatechange",
        "icecandidate",
        "signalingstatechange",
    ] {
        connection
            .dispatch_event(&DomEvent::new(name).expect("an event"))
            .expect("dispatched");
    }
    assert!(ear_a.silent());
    // The other end, which lives, hears that the channel closed.
    ear_b
        .hear(|event| matches!(event, Event::Link(_, LinkEvent::ChannelClosed)).then_some(()))
        .await;
    drop(b);
}

#[wasm_bindgen_test]
async fn a_description_that_makes_no_sense_is_reported_and_the_link_lives_on() {
    let mut ear = Ear::new();
    let devices = devices(&ear);
    let link = Link::open(
        &id("a"),
        false,
        &Ice::default(),
        Sending::default(),
        &devices,
        &Identity::new(),
        ear.reporter.clone(),
    )
    .expect("a link");
    link.carry_out(LinkCommand::TakeOffer("nonsense".to_owned()));
    let failed = |event| matches!(event, Event::Link(_, LinkEvent::DescriptionFailed(_))).then_some(());
    ear.hear(failed).await;
    link.carry_out(LinkCommand::TakeAnswer("v=0".to_owned()));
    ear.hear(failed).await;
    assert_ne!(link.js().connection_state(), RtcPeerConnectionState::Closed);
}

#[wasm_bindgen_test]
async fn an_ice_server_that_cannot_be_read_is_an_error_with_the_reason() {
    let ear = Ear::new();
    let devices = devices(&ear);
    let server = maju_protocol::IceServer {
        urls: vec!["ftp://x".to_owned()],
        username: None,
        credential: None,
    };
    let opened = Link::open(
        &id("a"),
        true,
        &Ice {
            servers: vec![server],
            relay_only: false,
        },
        Sending::default(),
        &devices,
        &Identity::new(),
        ear.reporter,
    );
    assert!(opened.is_err_and(|reason| reason.contains("SyntaxError")));
}

#[wasm_bindgen_test]
async fn a_leave_gets_out_though_the_connection_closes_right_behind_it() {
    let ear = Ear::new();
    let devices = devices(&ear);
    for _ in 0..10 {
        let Pair { a, b, mut ear_b, .. } = pair(&devices, Sending::default()).await;
        a.carry_out(LinkCommand::Say(ChannelMessage::Leave {}));
        drop(a);
        let heard = ear_b
            .hear(|event| match event {
                Event::Link(_, LinkEvent::ChannelMessage(message)) => Some(message.ok()),
                Event::Link(_, LinkEvent::ChannelClosed) => Some(None),
                _ => None,
            })
            .await;
        assert_eq!(heard, Some(ChannelMessage::Leave {}), "before the channel closed");
        drop(b);
    }
}

#[wasm_bindgen_test]
async fn a_channel_in_which_too_much_waits_is_given_up_once() {
    let ear = Ear::new();
    let devices = devices(&ear);
    let Pair { a, b, mut ear_a, .. } = pair(&devices, Sending::default()).await;
    settle().await;
    while !ear_a.silent() {}
    let text = "x".repeat(60_000);
    for seq in 1..200 {
        let text = text.clone();
        a.carry_out(LinkCommand::Say(ChannelMessage::Chat {
            seq,
            order: 0,
            text,
            age: 0,
            private: false,
        }));
    }
    settle().await;
    let mut closed = 0;
    while let Ok(event) = ear_a.events.try_recv() {
        closed += usize::from(matches!(event, Event::Link(_, LinkEvent::ChannelClosed)));
    }
    assert_eq!(closed, 1);
    drop(b);
}

#[wasm_bindgen_test]
async fn a_restart_makes_a_negotiation_needed_and_new_ways_are_found() {
    let ear = Ear::new();
    let devices = devices(&ear);
    let Pair { a, b, mut ear_a, .. } = pair(&devices, Sending::default()).await;
    let before = ufrag(&a);
    a.carry_out(LinkCommand::Restart);
    a.carry_out(LinkCommand::MakeOffer);
    let offer = ear_a
        .hear(|event| match event {
            Event::Link(_, LinkEvent::OfferMade(sdp)) => Some(sdp),
            _ => None,
        })
        .await;
    assert!(!offer.contains(&before));
    drop(b);
}

#[wasm_bindgen_test]
async fn a_link_tells_of_no_way_that_shows_the_address_until_it_may() {
    let mut ear = Ear::new();
    let (devices, identity) = (devices(&ear), made_identity().await);
    let mut ice = Ice {
        servers: Vec::new(),
        relay_only: true,
    };
    let (to, reporter) = (id("b"), ear.reporter.clone());
    let link =
        Link::open(&to, true, &ice, Sending::default(), &devices, &identity, reporter).expect("a link");
    link.carry_out(LinkCommand::MakeOffer);
    // Without a TURN server there is none.
    assert_eq!(first_way(&mut ear).await, None);
    ice.relay_only = false;
    link.carry_out(LinkCommand::Configure(ice));
    link.carry_out(LinkCommand::Restart);
    link.carry_out(LinkCommand::MakeOffer);
    assert_ne!(first_way(&mut ear).await, None);
}

/// The first way that is found, unless none is.
async fn first_way(ear: &mut Ear) -> Option<String> {
    ear.hear(|event| match event {
        Event::Link(_, LinkEvent::Candidate(candidate)) if !candidate.candidate.is_empty() => {
            Some(Some(candidate.candidate))
        }
        Event::Link(_, LinkEvent::State("gathering", state)) if state == "complete" => Some(None),
        _ => None,
    })
    .await
}

/// The name of the ways that the connection looks for at present.
fn ufrag(link: &Link) -> String {
    let sdp = link.js().local_description().expect("a description").sdp();
    let line = sdp.lines().find(|line| line.starts_with("a=ice-ufrag:"));
    line.expect("a name").to_owned()
}
