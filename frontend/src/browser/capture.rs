use gloo_events::EventListener;
use js_sys::Reflect;
use maju_call::{Kind, MediaError, MediaEvent, RequestId, Want};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, PermissionState, PermissionStatus,
};

use super::Reporter;

/// A track that is captured. Dropped, it is stopped, and the device's light goes out.
#[derive(Debug)]
pub struct Track {
    track: MediaStreamTrack,
    kind: Kind,
    _ended: EventListener,
}

impl Track {
    fn new(request: RequestId, track: MediaStreamTrack, reporter: Reporter) -> Self {
        let kind = kind_of(&track);
        let ended = EventListener::new(&track, "ended", move |_| {
            reporter.media(MediaEvent::Ended(request, kind))
        });
        Self {
            track,
            kind,
            _ended: ended,
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
}

impl Drop for Track {
    fn drop(&mut self) {
        self.track.stop();
    }
}

/// What a track carries.
pub(crate) fn kind_of(track: &MediaStreamTrack) -> Kind {
    if track.kind() == "audio" {
        Kind::Microphone
    } else {
        Kind::Camera
    }
}

/// Asks for one track of each kind that is wanted.
pub(crate) async fn capture(
    request: RequestId,
    microphone: Option<Want>,
    camera: Option<Want>,
    reporter: Reporter,
) -> Result<Vec<Track>, MediaError> {
    let constraints = Constraints {
        audio: microphone.map(Audio::new),
        video: camera.map(Video::new),
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
        .map(|track| Track::new(request, track.unchecked_into(), reporter.clone()))
        .collect())
}

/// Which of the kinds that were refused together may be asked for by themselves without putting the same question
/// to the person twice: all when it was not about permission; else those that are permitted, and those that are
/// still to be asked about when only another one is forbidden.
pub(crate) async fn askable(error: &MediaError, kinds: [Option<Kind>; 2]) -> Vec<Kind> {
    let mut known = Vec::new();
    for kind in kinds.into_iter().flatten() {
        let state = if *error == MediaError::Denied {
            permission(kind).await
        } else {
            Some(PermissionState::Granted)
        };
        known.push((kind, state));
    }
    let one_forbidden = known
        .iter()
        .any(|(_, state)| *state == Some(PermissionState::Denied));
    known.retain(|(_, state)| match state {
        Some(PermissionState::Granted) => true,
        Some(PermissionState::Prompt) => one_forbidden,
        _ => false,
    });
    known.into_iter().map(|(kind, _)| kind).collect()
}

/// What the Permissions API says; nothing where it does not know devices.
async fn permission(kind: Kind) -> Option<PermissionState> {
    let name = match kind {
        Kind::Microphone => "microphone",
        Kind::Camera => "camera",
    };
    let descriptor = serde_wasm_bindgen::to_value(&Permission { name }).ok()?;
    let asked = web_sys::window()?
        .navigator()
        .permissions()
        .ok()?
        .query(descriptor.unchecked_ref())
        .ok()?;
    Some(
        JsFuture::from(asked)
            .await
            .ok()?
            .unchecked_into::<PermissionStatus>()
            .state(),
    )
}

/// `PermissionDescriptor`.
#[derive(Serialize)]
struct Permission {
    name: &'static str,
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

fn media_error(error: &JsValue) -> MediaError {
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
    audio: Option<Audio>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<Video>,
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
    fn new(want: Want) -> Self {
        Self {
            device_id: Exact::new(want),
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
    fn new(want: Want) -> Self {
        let device_id = Exact::new(want);
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

impl Exact {
    fn new(want: Want) -> Option<Self> {
        match want {
            Want::Any => None,
            Want::Device(exact) => Some(Self { exact }),
        }
    }
}
