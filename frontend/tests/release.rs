//! In a real browser with fake devices: what the driver holds is released when its owner goes.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use maju_call::{
    ConnectionState, Event, Kind, LinkCommand, LinkEvent, LinkId, MediaEvent, PeerId, Phase, RequestId,
    Sending, Setup, View, Want, Whose,
};
use maju_frontend::browser::{Devices, Driver, Identity, Link, Outlets, Reporter, Stage};
use maju_protocol::ChannelMessage;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    Event as DomEvent, HtmlVideoElement, MediaStreamTrack, MediaStreamTrackState, RtcPeerConnectionState,
};

wasm_bindgen_test_configure!(run_in_browser);

/// Where the events of a part arrive.
struct Ear {
    reporter: Reporter,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Ear {
    fn new() -> Self {
        let (heard, events) = mpsc::unbounded();
        // The end of a test is the end of the ear; what comes after is not missed.
        let reporter = Reporter::new(move |event| drop(heard.unbounded_send(event)));
        Self { reporter, events }
    }

    /// The first event from which `pick` makes something.
    async fn hear<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = self.events.next().await.expect("the reporter lives");
            if let Some(found) = pick(event) {
                return found;
            }
        }
    }

    fn silent(&mut self) -> bool {
        self.events.try_recv().is_err()
    }
}

fn devices(ear: &Ear) -> Devices {
    Devices::new(ear.reporter.clone(), Rc::new(|_| {}))
}

/// Captures both kinds and adopts them.
async fn captured(devices: &mut Devices, ear: &mut Ear) {
    devices.capture(RequestId(1), Some(Want::Any), Some(Want::Any));
    let result = ear.hear(captured_tracks).await;
    assert_eq!(result, 2);
    devices.adopt(RequestId(1));
}

fn captured_tracks(event: Event) -> Option<usize> {
    match event {
        Event::Media(MediaEvent::Captured(_, tracks)) => Some(tracks.len()),
        _ => None,
    }
}

fn tracks(devices: &Devices) -> Vec<MediaStreamTrack> {
    Kind::ALL
        .iter()
        .filter_map(|kind| devices.tracks().get(*kind))
        .collect()
}

fn ended(tracks: &[MediaStreamTrack]) -> bool {
    tracks
        .iter()
        .all(|track| track.ready_state() == MediaStreamTrackState::Ended)
}

/// Lets everything that is under way in the page come to its end.
async fn settle() {
    TimeoutFuture::new(300).await;
}

#[wasm_bindgen_test]
async fn devices_that_go_stop_their_tracks() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let tracks = tracks(&devices);
    assert_eq!(tracks.len(), 2);
    assert!(!ended(&tracks[..1]) && !ended(&tracks[1..]));
    drop(devices);
    assert!(ended(&tracks));
}

#[wasm_bindgen_test]
async fn a_released_camera_stops_alone() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let tracks = tracks(&devices);
    devices.release(Kind::Camera);
    assert!(!ended(&tracks[..1]) && ended(&tracks[1..]));
    assert!(devices.tracks().get(Kind::Camera).is_none());
    assert_eq!(devices.stream().expect("a stream").get_tracks().length(), 1);
}

#[wasm_bindgen_test]
async fn a_capture_that_nobody_waits_for_is_stopped() {
    let mut ear = Ear::new();
    let devices = devices(&ear);
    devices.capture(RequestId(7), None, Some(Want::Any));
    assert_eq!(ear.hear(captured_tracks).await, 1);
    devices.discard(RequestId(7));
    assert!(devices.tracks().get(Kind::Camera).is_none());
}

#[wasm_bindgen_test]
async fn a_capture_that_ends_after_its_owner_is_stopped_and_not_reported() {
    let stopped = count_stops();
    let mut ear = Ear::new();
    let devices = devices(&ear);
    devices.capture(RequestId(1), Some(Want::Any), Some(Want::Any));
    drop(devices);
    while stopped() < 2.0 {
        TimeoutFuture::new(20).await;
    }
    assert!(ear.silent());
}

/// Counts the calls of `MediaStreamTrack.stop` from now on.
fn count_stops() -> impl Fn() -> f64 {
    let script = "(() => { let n = 0; const stop = MediaStreamTrack.prototype.stop; \
        MediaStreamTrack.prototype.stop = function () { n++; return stop.call(this); }; return () => n; })()";
    let counter: js_sys::Function = js_sys::eval(script).expect("a function").unchecked_into();
    move || {
        counter
            .call0(&wasm_bindgen::JsValue::NULL)
            .expect("a number")
            .as_f64()
            .unwrap_or_default()
    }
}

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
        &[],
        sending,
        devices,
        &identity,
        ear_a.reporter.clone(),
    )
    .expect("a link");
    let b = Link::open(
        &id("a"),
        false,
        &[],
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
        },
    )
    .await;
    assert_eq!(b.stream().expect("a stream").get_tracks().length(), 2);
    assert_eq!(a.stream().expect("a stream").get_tracks().length(), 2);
    let message = ChannelMessage::Chat {
        seq: 1,
        text: "마주 보기".to_owned(),
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
        &[],
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
        &[server],
        Sending::default(),
        &devices,
        &Identity::new(),
        ear.reporter,
    );
    assert!(opened.is_err_and(|reason| reason.contains("SyntaxError")));
}

fn video() -> HtmlVideoElement {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .expect("a document");
    let video: HtmlVideoElement = document
        .create_element("video")
        .expect("a video")
        .unchecked_into();
    document
        .body()
        .expect("a body")
        .append_child(&video)
        .expect("appended");
    video
}

#[wasm_bindgen_test]
async fn the_stage_joins_stream_and_element_in_either_order_and_lets_go_of_both() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let mut stage = Stage::new(ear.reporter.clone());
    let (mine, theirs) = (video(), video());
    let peer = Whose::Peer(PeerId::new("a"));
    stage.show(&Whose::Mine, Some(mine.clone()));
    assert!(mine.src_object().is_none());
    stage.set(&Whose::Mine, devices.stream());
    assert!(mine.src_object().is_some() && mine.muted());
    stage.set(&peer, devices.stream());
    stage.show(&peer, Some(theirs.clone()));
    assert!(theirs.src_object().is_some() && !theirs.muted());
    stage.clear(&peer);
    assert!(theirs.src_object().is_none());
    stage.show(&Whose::Mine, None);
    assert!(mine.src_object().is_none());
}

#[wasm_bindgen_test]
async fn a_driver_that_goes_lets_the_camera_go_and_publishes_nothing_more() {
    let published = Rc::new(RefCell::new(0));
    let (seen, mut views) = mpsc::unbounded::<View>();
    let outlets = Outlets {
        view: Box::new({
            let published = published.clone();
            move |view| {
                *published.borrow_mut() += 1;
                drop(seen.unbounded_send(view));
            }
        }),
        level: Rc::new(|_| {}),
    };
    let setup = Setup {
        room: "room".to_owned(),
        name: "Ana".to_owned(),
        join: true,
        microphone: true,
        camera: true,
        random: 1,
    };
    let driver = Driver::start(setup, "ws://127.0.0.1:9/signal".to_owned(), outlets);
    let preview = video();
    driver.show(&Whose::Mine, Some(preview.clone()));
    while let Some(view) = views.next().await {
        assert_eq!(view.phase, Phase::Joining, "nobody is there to let us in");
        if view.camera.on {
            break;
        }
    }
    let stream = preview.src_object().expect("the preview");
    let tracks: Vec<MediaStreamTrack> = stream.get_tracks().iter().map(JsCast::unchecked_into).collect();
    assert!(tracks.len() == 2 && !ended(&tracks));
    drop(driver);
    assert!(ended(&tracks));
    let before = *published.borrow();
    settle().await;
    assert_eq!(*published.borrow(), before);
}
