use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use maju_call::{Captured, Device, DeviceKind, Kind, MediaEvent, RequestId, Treatment, Want, Wishes};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MediaDeviceInfo, MediaDeviceKind, MediaStream, MediaStreamTrack};

use super::capture::{capture, media_devices};
use super::display;
use super::permission::{Permissions, askable};
use super::{
    Reporter, Track,
    meter::{Ear, Meter},
    method::{self, property},
    task::Task,
};

/// The devices, the tracks captured from them, and who needs to know. Dropped, it lets go of all.
#[derive(Debug)]
pub struct Devices {
    reporter: Reporter,
    /// Captured and not yet adopted. A capture that ends after the drop finds it gone and stops its tracks.
    captured: Rc<RefCell<BTreeMap<RequestId, Vec<Track>>>>,
    tracks: Tracks,
    treatment: Treatment,
    meter: Option<Meter>,
    /// Whether the microphone is to be heard, muted or not.
    listening: bool,
    ear: Option<Ear>,
    level: Level,
    listing: Rc<RefCell<Option<Task>>>,
    _changes: Option<EventListener>,
    _permissions: Permissions,
}

/// The tracks that are current, shared with the links that send them.
#[derive(Clone, Debug)]
pub struct Tracks(Rc<RefCell<Current>>);

#[derive(Debug)]
struct Current {
    /// In the order of [`Kind::ALL`].
    tracks: [Option<Track>; 4],
    /// Hold the current tracks, those of devices and those of the screen; their ids tell receivers which sound belongs to
    /// which picture.
    streams: [Option<MediaStream>; 2],
}

#[derive(Clone)]
struct Level(Rc<dyn Fn(f64)>);

impl std::fmt::Debug for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Level")
    }
}

impl Devices {
    /// Nothing is captured yet; the devices are listed now and at each change. `level` gets the microphone's
    /// loudness, 0 to 1, while it is metered.
    pub fn new(reporter: Reporter, level: Rc<dyn Fn(f64)>) -> Self {
        let listing = Rc::new(RefCell::new(None));
        let changes = media_devices().map(|devices| {
            let (reporter, listing) = (reporter.clone(), Rc::downgrade(&listing));
            EventListener::new(&devices, "devicechange", move |_| {
                list_devices(&listing, reporter.clone());
            })
        });
        list_devices(&Rc::downgrade(&listing), reporter.clone());
        let permissions = {
            let (reporter, listing) = (reporter.clone(), Rc::downgrade(&listing));
            Permissions::watch(move |kind| {
                list_devices(&listing, reporter.clone());
                reporter.media(MediaEvent::Permitted(kind));
            })
        };
        Self {
            reporter,
            captured: Rc::default(),
            tracks: Tracks::new(),
            treatment: Wishes::default().treatment(),
            meter: None,
            listening: false,
            ear: None,
            level: Level(level),
            listing,
            _changes: changes,
            _permissions: permissions,
        }
    }

    /// Asks for tracks; see [`maju_call::MediaCommand::Capture`].
    pub fn capture(&self, request: RequestId, microphone: Option<Want>, camera: Option<Want>) {
        let (captured, listing) = (Rc::downgrade(&self.captured), Rc::downgrade(&self.listing));
        let (reporter, treatment) = (self.reporter.clone(), self.treatment);
        // Not a task that can be ended: whoever ends it could not stop the tracks that come after.
        spawn_local(async move {
            let kinds = [
                microphone.is_some().then_some(Kind::Microphone),
                camera.is_some().then_some(Kind::Camera),
            ];
            let result = capture(request, microphone, camera, treatment, reporter.clone()).await;
            let Some(captured) = captured.upgrade() else {
                return;
            };
            match result {
                Ok(tracks) => {
                    // Names of devices are told only after a permission.
                    list_devices(&listing, reporter.clone());
                    keep(&captured, request, tracks, &reporter);
                }
                Err(error) => {
                    let alone = askable(&error, kinds).await;
                    reporter.media(MediaEvent::Refused(request, error, alone));
                }
            }
        });
    }

    /// Asks what to share of the screen, in this moment; see [`maju_call::MediaCommand::CaptureScreen`].
    pub fn capture_screen(&self, request: RequestId) {
        let asked = display::ask();
        let (captured, reporter) = (Rc::downgrade(&self.captured), self.reporter.clone());
        // Not a task that can be ended, as above.
        spawn_local(async move {
            let result = display::picked(asked, request, &reporter).await;
            let Some(captured) = captured.upgrade() else {
                return;
            };
            match result {
                Ok(tracks) => keep(&captured, request, tracks, &reporter),
                Err(error) => reporter.media(MediaEvent::Refused(request, error, Vec::new())),
            }
        });
    }

    /// Has what is shared treated as moving pictures, or as text.
    pub fn motion(&self, motion: bool) {
        if let Some(track) = self.tracks.get(Kind::Screen) {
            display::hint(&track, motion);
        }
    }

    /// Captures like this from now on, and changes the current tracks as far as they can be changed.
    pub fn treat(&mut self, treatment: Treatment) {
        let before = std::mem::replace(&mut self.treatment, treatment);
        for kind in Kind::DEVICES {
            if !before.same(&treatment, kind) {
                self.tracks.treat(kind, &treatment);
            }
        }
    }

    /// Makes captured tracks the current ones.
    pub fn adopt(&mut self, request: RequestId) {
        let Some(tracks) = self.captured.borrow_mut().remove(&request) else {
            return;
        };
        for track in tracks {
            let kind = track.kind();
            if track.js().muted() {
                self.reporter.media(MediaEvent::Interrupted(request, kind, true));
            }
            self.tracks.put(kind, Some(track));
            if !kind.is_shared() {
                self.tracks.treat(kind, &self.treatment);
            }
            self.measure_anew(kind);
        }
    }

    /// Reports the current tracks that have ended without being noticed.
    pub fn check(&self) {
        self.tracks.check();
    }

    /// Stops captured tracks that nobody waits for.
    pub fn discard(&self, request: RequestId) {
        self.captured.borrow_mut().remove(&request);
    }

    /// Stops the current track of that kind.
    pub fn release(&mut self, kind: Kind) {
        self.tracks.put(kind, None);
        self.measure_anew(kind);
    }

    /// Lets the current track of that kind carry something, or silence and darkness.
    pub fn enable(&self, kind: Kind, on: bool) {
        if let Some(track) = self.tracks.get(kind) {
            track.set_enabled(on);
        }
    }

    /// Begins or ends measuring the microphone.
    pub fn meter(&mut self, on: bool) {
        self.meter = None;
        if on && let Some(track) = self.tracks.get(Kind::Microphone) {
            self.meter = Meter::new(&track, self.level.0.clone());
        }
        if self.meter.is_none() {
            (self.level.0)(0.0);
        }
    }

    /// Begins or ends hearing the microphone, muted or not.
    pub fn listen(&mut self, on: bool) {
        self.listening = on;
        // The copy that is heard goes with what it is a copy of.
        self.ear = None;
        if on {
            self.ear = self
                .tracks
                .get(Kind::Microphone)
                .and_then(|track| Ear::new(&track));
        }
    }

    /// How loud the microphone is while it is heard, 0 to 1.
    pub fn amplitude(&self) -> f64 {
        self.ear.as_ref().map_or(0.0, Ear::amplitude)
    }

    /// The current tracks, shared.
    pub fn tracks(&self) -> &Tracks {
        &self.tracks
    }

    /// The stream of the current tracks of devices, or of the screen, for the own preview.
    pub fn stream(&self, shared: bool) -> Option<MediaStream> {
        self.tracks.stream(shared)
    }

    fn measure_anew(&mut self, kind: Kind) {
        if kind == Kind::Microphone && self.meter.is_some() {
            self.meter(true);
        }
        if kind == Kind::Microphone && self.listening {
            self.listen(true);
        }
    }
}

impl Tracks {
    fn new() -> Self {
        Self(Rc::new(RefCell::new(Current {
            tracks: [const { None }; 4],
            streams: [MediaStream::new().ok(), MediaStream::new().ok()],
        })))
    }

    /// The current track of that kind: the same one, not what JavaScript's `clone` makes, which would go on
    /// when this one is muted or stopped.
    pub fn get(&self, kind: Kind) -> Option<MediaStreamTrack> {
        let current = self.0.borrow();
        let track = current.tracks[kind as usize].as_ref();
        track.map(|track| Clone::clone(track.js()))
    }

    /// The stream that all current tracks of devices, or of the screen, belong to.
    pub fn stream(&self, shared: bool) -> Option<MediaStream> {
        self.0.borrow().streams[usize::from(shared)].clone()
    }

    fn treat(&self, kind: Kind, treatment: &Treatment) {
        if let Some(track) = &self.0.borrow().tracks[kind as usize] {
            track.treat(treatment);
        }
    }

    fn check(&self) {
        let current = self.0.borrow();
        for track in current.tracks.iter().flatten() {
            track.check();
        }
    }

    fn put(&self, kind: Kind, track: Option<Track>) {
        let mut current = self.0.borrow_mut();
        let stream = current.streams[usize::from(kind.is_shared())].clone();
        let place = &mut current.tracks[kind as usize];
        let old = std::mem::replace(place, track);
        if let Some(stream) = stream {
            if let Some(old) = &old {
                stream.remove_track(old.js());
            }
            if let Some(new) = place {
                stream.add_track(new.js());
            }
        }
    }
}

/// Keeps what was captured until it is used or discarded, and tells of it.
fn keep(
    captured: &RefCell<BTreeMap<RequestId, Vec<Track>>>,
    request: RequestId,
    tracks: Vec<Track>,
    reporter: &Reporter,
) {
    let list = tracks.iter().map(captured_as).collect();
    captured.borrow_mut().insert(request, tracks);
    reporter.media(MediaEvent::Captured(request, list));
}

fn captured_as(track: &Track) -> Captured {
    Captured {
        kind: track.kind(),
        device: track.device(),
    }
}

/// Reports the devices that there are. A newer listing takes the place of one that is not done.
fn list_devices(listing: &Weak<RefCell<Option<Task>>>, reporter: Reporter) {
    let Some(listing) = listing.upgrade() else { return };
    let task = Task::spawn(async move {
        let Some(asked) = media_devices().and_then(|devices| devices.enumerate_devices().ok()) else {
            return;
        };
        let Ok(found) = JsFuture::from(asked).await else {
            return;
        };
        let found = js_sys::Array::from(&found);
        let devices = found
            .iter()
            .map(|device| device_of(device.unchecked_ref()))
            .collect();
        reporter.media(MediaEvent::Devices(devices));
    });
    *listing.borrow_mut() = Some(task);
}

fn device_of(info: &MediaDeviceInfo) -> Device {
    let kind = match info.kind() {
        MediaDeviceKind::Audioinput => DeviceKind::Microphone,
        MediaDeviceKind::Videoinput => DeviceKind::Camera,
        _ => DeviceKind::Speaker,
    };
    Device {
        kind,
        id: info.device_id(),
        label: info.label(),
        group: info.group_id(),
        away: away(info),
    }
}

/// Whether a camera looks away from the person. Not every browser tells, and none before a permission.
fn away(info: &MediaDeviceInfo) -> Option<bool> {
    let able = method::call(info, "getCapabilities", None)?;
    let modes = property(&able, "facingMode").dyn_into::<js_sys::Array>().ok()?;
    let mode = modes.get(0).as_string()?;
    Some(mode == "environment")
}
