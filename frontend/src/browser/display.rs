use js_sys::{Object, Promise, Reflect};
use maju_call::{Kind, MediaError, RequestId};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStream, MediaStreamTrack};

use super::capture::{error_text, is_sound, media_devices, media_error};
use super::{Reporter, Track, method};

/// What is not sent: each picture is encoded once for every other person.
const MAX_WIDTH: u32 = 1920;
const MAX_HEIGHT: u32 = 1200;
const MAX_RATE: u32 = 30;

/// Whether the browser can share a screen.
pub fn can_share() -> bool {
    let devices = media_devices();
    devices.is_some_and(|devices| Reflect::has(&devices, &"getDisplayMedia".into()).unwrap_or_default())
}

/// Puts the question to the person, in the moment in which this is called: Safari and Firefox do not ask outside of a
/// press. Nothing where the browser cannot.
pub(super) fn ask() -> Option<Promise> {
    let max = |value: u32| object(&[("max", value.into())]);
    let video = object(&[
        ("width", max(MAX_WIDTH)),
        ("height", max(MAX_HEIGHT)),
        ("frameRate", max(MAX_RATE)),
    ]);
    // What is meant for voices spoils everything else; and nobody is to hear themselves by the sound of the whole system.
    let audio = object(&[
        ("echoCancellation", false.into()),
        ("noiseSuppression", false.into()),
        ("autoGainControl", false.into()),
        ("restrictOwnAudio", true.into()),
        ("suppressLocalAudioPlayback", false.into()),
    ]);
    // Whoever does not know one of these leaves it out.
    let options = object(&[
        ("video", video),
        ("audio", audio),
        ("systemAudio", "include".into()),
        ("surfaceSwitching", "include".into()),
        ("selfBrowserSurface", "exclude".into()),
    ]);
    let devices = media_devices()?;
    method::call(&devices, "getDisplayMedia", Some(&options))?
        .dyn_into()
        .ok()
}

/// The tracks that the person picked.
pub(super) async fn picked(
    asked: Option<Promise>,
    request: RequestId,
    reporter: &Reporter,
) -> Result<Vec<Track>, MediaError> {
    let asked = asked.ok_or_else(|| MediaError::Other("getDisplayMedia".to_owned()))?;
    let stream: MediaStream = JsFuture::from(asked)
        .await
        .map_err(|error| refusal(&error))?
        .unchecked_into();
    let track = |track: JsValue| {
        let track: MediaStreamTrack = track.unchecked_into();
        let kind = if is_sound(&track) {
            Kind::ScreenSound
        } else {
            Kind::Screen
        };
        Track::new(request, kind, track, reporter)
    };
    Ok(stream.get_tracks().iter().map(track).collect())
}

/// Has encoders treat the picture as moving, or as text.
pub(super) fn hint(track: &MediaStreamTrack, motion: bool) {
    let hint = if motion { "motion" } else { "detail" };
    // A browser without it takes what is shared as it comes.
    let _unknown = Reflect::set(track, &"contentHint".into(), &hint.into());
}

/// Whether [`hint`] said that the picture moves.
pub(super) fn moves(track: &MediaStreamTrack) -> bool {
    let hint = Reflect::get(track, &"contentHint".into());
    hint.is_ok_and(|hint| hint == "motion")
}

/// A person who closes the picker looks like a refusal; only the words tell when it was the system or a policy.
fn refusal(error: &JsValue) -> MediaError {
    let words = error_text(error);
    match media_error(error) {
        MediaError::Denied if !words.contains("system") && !words.contains("polic") => MediaError::Cancelled,
        error => error,
    }
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // It cannot fail on an object that was just made.
        let _set = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
