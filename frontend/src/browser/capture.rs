use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use maju_call::{Kind, MediaError, MediaEvent, RequestId, Want};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState};

use super::{Reporter, permission::permission, task::Task};

/// A track that is captured. Dropped, it is stopped, and the device's light goes out.
#[derive(Debug)]
pub struct Track {
    track: MediaStreamTrack,
    kind: Kind,
    end: Rc<End>,
    _listeners: [EventListener; 3],
}

/// How the end of a track is told, once.
#[derive(Debug)]
struct End {
    request: RequestId,
    kind: Kind,
    reporter: Reporter,
    telling: RefCell<Option<Task>>,
}

impl Track {
    pub(super) fn new(request: RequestId, kind: Kind, track: MediaStreamTrack, reporter: &Reporter) -> Self {
        let end = Rc::new(End {
            request,
            kind,
            reporter: reporter.clone(),
            telling: RefCell::default(),
        });
        let ended = {
            let end = end.clone();
            EventListener::new(&track, "ended", move |_| end.tell())
        };
        let on = |name: &'static str, interrupted| {
            let reporter = reporter.clone();
            EventListener::new(&track, name, move |_| {
                reporter.media(MediaEvent::Interrupted(request, kind, interrupted));
            })
        };
        let listeners = [ended, on("mute", true), on("unmute", false)];
        Self {
            track,
            kind,
            end,
            _listeners: listeners,
        }
    }

    /// What it carries.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The browser's own value.
    pub fn js(&self) -> &MediaStreamTrack {
        &self.track
    }

    /// The id of the device that it comes from; empty where the browser does not tell.
    pub fn device(&self) -> String {
        self.track.get_settings().get_device_id().unwrap_or_default()
    }

    /// Reports what no event told: a machine that slept may have missed it.
    pub(crate) fn check(&self) {
        if self.track.ready_state() == MediaStreamTrackState::Ended {
            self.end.tell();
        }
    }
}

impl End {
    fn tell(&self) {
        let mut telling = self.telling.borrow_mut();
        if telling.is_some() {
            return;
        }
        let (request, kind, reporter) = (self.request, self.kind, self.reporter.clone());
        *telling = Some(Task::spawn(async move {
            let permission = permission(kind).await;
            reporter.media(MediaEvent::Ended(request, kind, permission));
        }));
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        self.track.stop();
    }
}

/// What a track of a device carries.
fn device_kind(track: &MediaStreamTrack) -> Kind {
    if is_sound(track) {
        Kind::Microphone
    } else {
        Kind::Camera
    }
}

/// Whether a track carries sound rather than a picture.
pub(crate) fn is_sound(track: &MediaStreamTrack) -> bool {
    track.kind() == "audio"
}

/// Asks for one track of each kind that is wanted.
pub(crate) async fn capture(
    request: RequestId,
    microphone: Option<Want>,
    camera: Option<Want>,
    reporter: Reporter,
) -> Result<Vec<Track>, MediaError> {
    let constraints = Constraints {
        audio: microphone.map(|want| Wished::new(want, Audio::new)),
        video: camera.map(|want| Wished::new(want, Video::new)),
    };
    let constraints = serde_wasm_bindgen::to_value(&constraints)
        .map_err(|error| MediaError::Other(error.to_string()))?
        .unchecked_into::<MediaStreamConstraints>();
    let asked = media_devices()
        .ok_or(MediaError::Insecure)?
        .get_user_media_with_constraints(&constraints);
    let stream = JsFuture::from(asked.map_err(|error| media_error(&error))?)
        .await
        .map_err(|error| media_error(&error))?
        .unchecked_into::<MediaStream>();
    let tracks = stream.get_tracks();
    Ok(tracks
        .iter()
        .map(|track| {
            let track: MediaStreamTrack = track.unchecked_into();
            Track::new(request, device_kind(&track), track, &reporter)
        })
        .collect())
}

/// `navigator.mediaDevices`, which is not there on a page that came over plain HTTP.
pub(crate) fn media_devices() -> Option<MediaDevices> {
    let devices = web_sys::window()?.navigator().media_devices().ok()?;
    (!devices.is_undefined()).then_some(devices)
}

/// The words and the name of whatever was thrown.
pub(crate) fn error_text(error: &JsValue) -> String {
    let field = |name: &str| Reflect::get(error, &name.into()).ok()?.as_string();
    match (field("name"), field("message")) {
        (Some(name), Some(message)) if !message.is_empty() => format!("{name}: {message}"),
        (Some(name), _) => name,
        _ => format!("{error:?}"),
    }
}

pub(super) fn media_error(error: &JsValue) -> MediaError {
    let name = Reflect::get(error, &"name".into())
        .ok()
        .and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => MediaError::Denied,
        Some("NotFoundError") => MediaError::NotFound,
        Some("NotReadableError" | "AbortError") => MediaError::Busy,
        Some("OverconstrainedError") => MediaError::Overconstrained,
        _ => MediaError::Other(error_text(error)),
    }
}

/// `MediaStreamConstraints` as Maju uses them.
#[derive(Serialize)]
struct Constraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Wished<Audio>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<Wished<Video>>,
}

/// `true`, or what is wished for.
#[derive(Serialize)]
#[serde(untagged)]
enum Wished<T> {
    Plain(bool),
    Wishes(T),
}

impl<T> Wished<T> {
    fn new(want: Want, wishes: fn(Option<Exact>) -> T) -> Self {
        match want {
            Want::Plain => Self::Plain(true),
            Want::Any => Self::Wishes(wishes(None)),
            Want::Device(exact) => Self::Wishes(wishes(Some(Exact { exact }))),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Audio {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<Exact>,
    echo_cancellation: bool,
    noise_suppression: bool,
    auto_gain_control: bool,
}

impl Audio {
    fn new(device_id: Option<Exact>) -> Self {
        Self {
            device_id,
            echo_cancellation: true,
            noise_suppression: true,
            auto_gain_control: true,
        }
    }
}

/// In a mesh each picture is encoded once for every other person: moderate sizes keep a dozen possible.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Video {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facing_mode: Option<&'static str>,
    width: Ideal,
    height: Ideal,
    frame_rate: Ideal,
}

impl Video {
    fn new(device_id: Option<Exact>) -> Self {
        Self {
            facing_mode: device_id.is_none().then_some("user"),
            device_id,
            width: Ideal { ideal: 640 },
            height: Ideal { ideal: 360 },
            frame_rate: Ideal { ideal: 24 },
        }
    }
}

#[derive(Serialize)]
struct Ideal {
    ideal: u32,
}

#[derive(Serialize)]
struct Exact {
    exact: String,
}
