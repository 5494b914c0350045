//! What is asked of devices, in the browser's words.

use maju_call::{Kind, Treatment, Want};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// `MediaStreamConstraints` for what is wanted.
pub(super) fn constraints(
    microphone: Option<Want>,
    camera: Option<Want>,
    treatment: &Treatment,
) -> Result<JsValue, String> {
    js(&Constraints {
        audio: microphone.map(|want| Wished::new(want, treatment, Audio::new)),
        video: camera.map(|want| Wished::new(want, treatment, Video::new)),
    })
}

/// `MediaTrackConstraints` for a track that is there, of a device that captures this kind.
pub(super) fn of_track(kind: Kind, treatment: &Treatment) -> Result<JsValue, String> {
    if kind == Kind::Microphone {
        js(&Audio::new(None, treatment))
    } else {
        js(&Video {
            facing_mode: None,
            ..Video::new(None, treatment)
        })
    }
}

fn js(value: &impl Serialize) -> Result<JsValue, String> {
    serde_wasm_bindgen::to_value(value).map_err(|error| error.to_string())
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
    fn new(want: Want, treatment: &Treatment, wishes: fn(Option<Exact>, &Treatment) -> T) -> Self {
        match want {
            Want::Plain => Self::Plain(true),
            Want::Any => Self::Wishes(wishes(None, treatment)),
            Want::Device(exact) => Self::Wishes(wishes(Some(Exact { exact }), treatment)),
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
    fn new(device_id: Option<Exact>, treatment: &Treatment) -> Self {
        Self {
            device_id,
            echo_cancellation: treatment.echo,
            noise_suppression: treatment.noise,
            auto_gain_control: treatment.gain,
        }
    }
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    background_blur: Option<bool>,
}

impl Video {
    fn new(device_id: Option<Exact>, treatment: &Treatment) -> Self {
        let ideal = |ideal| Ideal { ideal };
        Self {
            facing_mode: device_id.is_none().then_some("user"),
            device_id,
            width: ideal(treatment.height * 16 / 9),
            height: ideal(treatment.height),
            frame_rate: ideal(treatment.rate),
            background_blur: treatment.blur,
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
