//! What a captured track is like, and how it is made otherwise while it runs.

use js_sys::{Array, Promise};
use maju_call::{Kind, MediaEvent, RequestId, Traits, Treatment};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::MediaStreamTrack;

use super::{
    Reporter,
    capture::media_devices,
    constraints::of_track,
    method::{self, property},
};

/// Brings a track as near to what is wished as it goes.
pub(super) async fn change(track: &MediaStreamTrack, kind: Kind, treatment: &Treatment) {
    let Ok(constraints) = of_track(kind, treatment) else {
        return;
    };
    let asked = method::call(track, "applyConstraints", Some(&constraints));
    if let Some(asked) = asked.and_then(|asked| asked.dyn_into::<Promise>().ok()) {
        // What came of it, whichever it was, is told by the track.
        let _result = JsFuture::from(asked).await;
    }
}

/// Reports what a track is like.
pub(super) fn tell(request: RequestId, kind: Kind, track: &MediaStreamTrack, reporter: &Reporter) {
    reporter.media(MediaEvent::Treated(request, kind, traits(track)));
}

fn traits(track: &MediaStreamTrack) -> Traits {
    let settings: JsValue = track.get_settings().into();
    let number = |name: &str| property(&settings, name).as_f64().unwrap_or_default().round() as u32;
    let able = Able::of(track);
    let flag = |name: &str| -> Option<bool> {
        let is = property(&settings, name);
        // Some tell which kind of it is there, in a word.
        (able.to_choose(name) && !is.is_undefined()).then(|| is.as_bool().unwrap_or(true))
    };
    Traits {
        size: (number("width"), number("height")),
        rate: number("frameRate"),
        away: property(&settings, "facingMode").as_string().as_deref() == Some("environment"),
        blur: flag("backgroundBlur"),
        echo: flag("echoCancellation"),
        noise: flag("noiseSuppression"),
        gain: flag("autoGainControl"),
    }
}

/// What the browser knows, and what the device can where the browser tells.
struct Able {
    known: JsValue,
    device: Option<JsValue>,
}

impl Able {
    fn of(track: &MediaStreamTrack) -> Self {
        Self {
            known: media_devices().map_or(JsValue::UNDEFINED, |devices| {
                devices.get_supported_constraints().into()
            }),
            device: method::call(track, "getCapabilities", None),
        }
    }

    /// Whether there is a choice.
    fn to_choose(&self, name: &str) -> bool {
        let both = |device: &JsValue| {
            let choices = property(device, name);
            Array::is_array(&choices) && Array::from(&choices).length() > 1
        };
        property(&self.known, name).is_truthy() && self.device.as_ref().is_none_or(both)
    }
}
