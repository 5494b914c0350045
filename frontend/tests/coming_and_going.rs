//! Devices that come and go, in a real browser with fake devices and real events.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

mod ear;

use ear::{Ear, captured, devices};
use maju_call::{Device, Event, Kind, MediaEvent, Permission, RequestId, Want};
use maju_frontend::browser::Devices;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event as DomEvent, EventTarget, MediaStreamTrack};

wasm_bindgen_test_configure!(run_in_browser);

fn fire(target: &EventTarget, name: &str) {
    target
        .dispatch_event(&DomEvent::new(name).expect("an event"))
        .expect("dispatched");
}

fn track(devices: &Devices, kind: Kind) -> MediaStreamTrack {
    devices.tracks().get(kind).expect("a track")
}

fn end(event: &Event) -> Option<(RequestId, Kind, Permission)> {
    match event {
        Event::Media(MediaEvent::Ended(request, kind, permission)) => Some((*request, *kind, *permission)),
        _ => None,
    }
}

fn list(event: Event) -> Option<Vec<Device>> {
    match event {
        Event::Media(MediaEvent::Devices(devices)) => Some(devices),
        _ => None,
    }
}

#[wasm_bindgen_test]
async fn a_track_that_ends_is_told_once_with_what_is_permitted() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let camera = track(&devices, Kind::Camera);
    camera.stop();
    fire(&camera, "ended");
    fire(&camera, "ended");
    devices.check();
    let granted = (RequestId(1), Kind::Camera, Permission::Granted);
    assert_eq!(ear.hear(|event| end(&event)).await, granted);
    ear::settle().await;
    while let Ok(event) = ear.events.try_recv() {
        assert_eq!(end(&event), None);
    }
}

#[wasm_bindgen_test]
async fn a_track_that_ended_unnoticed_is_found_when_it_is_looked_for() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    devices.check();
    // It tells its owner nothing of an end that a script brought about.
    track(&devices, Kind::Microphone).stop();
    devices.check();
    assert_eq!(ear.hear(|event| end(&event)).await.1, Kind::Microphone);
}

#[wasm_bindgen_test]
async fn a_track_that_was_replaced_tells_nothing() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    // What the tracks really do is told behind them.
    ear::settle().await;
    while !ear.silent() {}
    let camera = track(&devices, Kind::Camera);
    devices.release(Kind::Camera);
    for name in ["ended", "mute", "unmute"] {
        fire(&camera, name);
    }
    ear::settle().await;
    while let Ok(event) = ear.events.try_recv() {
        assert!(matches!(event, Event::Media(MediaEvent::Devices(_))), "{event:?}");
    }
}

#[wasm_bindgen_test]
async fn an_interruption_and_its_end_are_told() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    let microphone = track(&devices, Kind::Microphone);
    for (name, interrupted) in [("mute", true), ("unmute", false)] {
        fire(&microphone, name);
        let told = ear
            .hear(|event| match event {
                Event::Media(MediaEvent::Interrupted(request, kind, now)) => Some((request, kind, now)),
                _ => None,
            })
            .await;
        assert_eq!(told, (RequestId(1), Kind::Microphone, interrupted));
    }
}

#[wasm_bindgen_test]
async fn the_devices_are_listed_again_when_they_change_with_what_belongs_together() {
    let mut ear = Ear::new();
    let mut devices = devices(&ear);
    captured(&mut devices, &mut ear).await;
    ear::settle().await;
    while !ear.silent() {}
    let all = web_sys::window()
        .and_then(|window| window.navigator().media_devices().ok())
        .expect("devices");
    fire(&all, "devicechange");
    let list = ear.hear(list).await;
    assert!(
        list.iter()
            .all(|device| !device.id.is_empty() && !device.group.is_empty())
    );
}

#[wasm_bindgen_test]
async fn a_device_without_wishes_is_asked_for_without_wishes() {
    let mut ear = Ear::new();
    let devices = devices(&ear);
    devices.capture(RequestId(1), Some(Want::Plain), Some(Want::Plain));
    assert_eq!(ear.hear(ear::captured_tracks).await, 2);
}
