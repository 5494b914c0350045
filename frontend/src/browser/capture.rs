use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use maju_call::{Kind, MediaError, MediaEvent, RequestId, Treatment, Want};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState};

use super::{Reporter, constraints::constraints, permission::permission, task::Task, treat};

/// A track that is captured. Dropped, it is stopped, and the device's light goes out.
#[derive(Debug)]
pub struct Track {
    track: MediaStreamTrack,
    kind: Kind,
    end: Rc<End>,
    treated: RefCell<Treated>,
    _listeners: [EventListener; 4],
}

/// How a track is treated.
#[derive(Debug, Default)]
struct Treated {
    as_wished: Option<Treatment>,
    changing: Option<Task>,
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
        let changed = {
            // The same one, not what JavaScript's `clone` makes.
            let (reporter, same) = (reporter.clone(), Clone::clone(&track));
            // The system itself may blur the background, or cease to.
            EventListener::new(&track, "configurationchange", move |_| {
                treat::tell(request, kind, &same, &reporter);
            })
        };
        let listeners = [ended, on("mute", true), on("unmute", false), changed];
        Self {
            track,
            kind,
            end,
            treated: RefCell::default(),
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

    /// Brings it nearer to what is wished, and reports what it is like then.
    pub(crate) fn treat(&self, treatment: &Treatment) {
        let mut treated = self.treated.borrow_mut();
        let End {
            request,
            kind,
            reporter,
            ..
        } = &*self.end;
        if treated
            .as_wished
            .is_some_and(|before| before.same(treatment, *kind))
        {
            return treat::tell(*request, *kind, &self.track, reporter);
        }
        treated.as_wished = Some(*treatment);
        let (track, reporter) = (Clone::clone(&self.track), reporter.clone());
        let (request, kind, treatment) = (*request, *kind, *treatment);
        treated.changing = Some(Task::spawn(async move {
            treat::change(&track, kind, &treatment).await;
            treat::tell(request, kind, &track, &reporter);
        }));
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
    treatment: Treatment,
    reporter: Reporter,
) -> Result<Vec<Track>, MediaError> {
    let constraints = constraints(microphone, camera, &treatment)
        .map_err(MediaError::Other)?
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
            let track = Track::new(request, device_kind(&track), track, &reporter);
            track.treated.borrow_mut().as_wished = Some(treatment);
            track
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
