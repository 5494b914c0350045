//! In a real browser with fake devices: what the driver holds is released when its owner goes.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

mod ear;

use std::cell::RefCell;
use std::rc::Rc;

use ear::{Ear, captured, captured_tracks, devices, settle};
use futures_channel::mpsc;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use maju_call::{Kind, PeerId, Phase, RequestId, Setup, UserEvent, View, Want, Whose};
use maju_frontend::browser::{Devices, Driver, Outlets, Stage};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{HtmlVideoElement, MediaStreamTrack, MediaStreamTrackState};

wasm_bindgen_test_configure!(run_in_browser);

fn tracks(devices: &Devices) -> Vec<MediaStreamTrack> {
    Kind::DEVICES
        .iter()
        .filter_map(|kind| devices.tracks().get(*kind))
        .collect()
}

fn ended(tracks: &[MediaStreamTrack]) -> bool {
    tracks
        .iter()
        .all(|track| track.ready_state() == MediaStreamTrackState::Ended)
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
    assert_eq!(devices.stream(false).expect("a stream").get_tracks().length(), 1);
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
    stage.set(&Whose::Mine, devices.stream(false));
    assert!(mine.src_object().is_some() && mine.muted());
    stage.set(&peer, devices.stream(false));
    stage.show(&peer, Some(theirs.clone()));
    assert!(theirs.src_object().is_some() && !theirs.muted());
    stage.clear(&peer);
    assert!(theirs.src_object().is_none());
    stage.show(&Whose::Mine, None);
    assert!(mine.src_object().is_none());
}

#[wasm_bindgen_test]
async fn the_copy_that_hears_a_silenced_microphone_ends_with_it() {
    let copies = js_sys::eval(
        "globalThis.copies = [];
        const clone = MediaStreamTrack.prototype.clone;
        MediaStreamTrack.prototype.clone = function () {
            const copy = clone.call(this);
            copies.push(copy);
            return copy;
        };
        copies",
    );
    let copies: js_sys::Array = copies.expect("an array").unchecked_into();
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    devices.enable(Kind::Microphone, false);
    devices.listen(true);
    while devices.amplitude() < 0.01 {
        TimeoutFuture::new(20).await;
    }
    let live = || {
        let copies = copies.iter().map(JsCast::unchecked_into);
        copies.filter(|copy| !ended(&[Clone::clone(copy)])).count()
    };
    assert_eq!(live(), 1);
    devices.release(Kind::Microphone);
    assert_eq!((live(), devices.amplitude()), (0, 0.0));
    captured(&mut devices, &mut ear).await;
    assert_eq!(live(), 1);
    devices.listen(false);
    assert_eq!(live(), 0);
    devices.listen(true);
    drop(devices);
    assert_eq!(live(), 0);
}

#[wasm_bindgen_test]
async fn a_view_that_did_not_change_is_not_published() {
    let published = Rc::new(RefCell::new(0));
    let outlets = Outlets {
        view: Box::new({
            let published = published.clone();
            move |_| *published.borrow_mut() += 1
        }),
        level: Rc::new(|_| {}),
    };
    let setup = Setup {
        room: "room".to_owned(),
        random: 1,
        ..Setup::default()
    };
    let driver = Driver::start(setup, "ws://127.0.0.1:9/signal".to_owned(), outlets);
    driver.send(UserEvent::Rename("Ana".to_owned()));
    let before = *published.borrow();
    driver.send(UserEvent::Rename("Ana".to_owned()));
    driver.send(UserEvent::Dismiss);
    assert_eq!(*published.borrow(), before);
    driver.send(UserEvent::Rename("Bo".to_owned()));
    assert_eq!(*published.borrow(), before + 1);
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
        ..Setup::default()
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
