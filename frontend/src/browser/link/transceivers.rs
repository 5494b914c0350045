//! What is sent and what is taken, by a transceiver for each kind.

use js_sys::{Array, Reflect};
use maju_call::{Kind, LinkEvent, Pictures};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcRtpTransceiverInit};

use super::Wires;
use crate::browser::capture::{error_text, is_sound};
use crate::browser::display::moves;
use crate::browser::method;

/// How much a small picture may take, in bits per second.
const SMALL_RATE: f64 = 150_000.0;
/// The height of a small picture.
const SMALL_HEIGHT: f64 = 90.0;

impl Wires {
    pub(super) fn add_transceiver(&self, kind: Kind) {
        let init = RtcRtpTransceiverInit::new();
        let streams = self.tracks.stream(kind.is_shared());
        init.set_streams(&streams.into_iter().collect::<Array>());
        let track = self.track_to_send(kind);
        init.set_direction(direction(track.is_some()));
        let transceiver = match track {
            Some(track) => self
                .connection
                .add_transceiver_with_media_stream_track_and_init(&track, &init),
            None => self.connection.add_transceiver_with_str_and_init(
                if is_sound_kind(kind) { "audio" } else { "video" },
                &init,
            ),
        };
        self.transceivers.borrow_mut()[kind as usize] = Some(transceiver);
    }

    /// Who answers takes over the transceivers that the offer made.
    pub(super) async fn adopt_transceivers(&self) {
        for (kind, transceiver) in self.described() {
            let known = self.transceivers.borrow()[kind as usize].clone();
            if known.as_ref() == Some(&transceiver) {
                continue;
            }
            if let Some(known) = known {
                // Both ends added one for their screens at once: the one that was offered here is taken back.
                let _stopped = method::call(&known, "stop", None);
            }
            if let Some(stream) = self.tracks.stream(kind.is_shared()) {
                // Sound and picture of one stream are played in step. Without it the call works too.
                let _refused = method::call(&transceiver.sender(), "setStreams", Some(&stream));
            }
            self.transceivers.borrow_mut()[kind as usize] = Some(transceiver);
            if self.track_to_send(kind).is_some() {
                self.send(kind, true).await;
            }
        }
        for kind in [Kind::Screen, Kind::ScreenSound] {
            if self.track_to_send(kind).is_some() {
                self.add_missing(kind);
            }
        }
        self.tune().await;
        let pictures = self.pictures.get();
        if pictures != Pictures::All {
            self.limit(pictures).await;
        }
    }

    /// The transceivers that are in a description, each with what it is for: the first of a medium is the device's, the
    /// second the screen's. Others may bring more, of which nothing is taken.
    pub(super) fn described(&self) -> Vec<(Kind, RtcRtpTransceiver)> {
        let mut sounds = [Kind::Microphone, Kind::ScreenSound].into_iter();
        let mut pictures = [Kind::Camera, Kind::Screen].into_iter();
        let mut described = Vec::new();
        for transceiver in self.connection.get_transceivers().iter() {
            let transceiver: RtcRtpTransceiver = transceiver.unchecked_into();
            if transceiver.mid().is_none() {
                continue;
            }
            let kind = if is_sound(&transceiver.receiver().track()) {
                sounds.next()
            } else {
                pictures.next()
            };
            described.extend(kind.map(|kind| (kind, transceiver)));
        }
        described
    }

    /// Makes the transceiver for what is shared where the offer brought none, as that of an earlier version.
    fn add_missing(&self, kind: Kind) {
        let before = if kind == Kind::Screen {
            Kind::Camera
        } else {
            Kind::Microphone
        };
        let missing = {
            let transceivers = self.transceivers.borrow();
            // Without the first of its medium it would be taken for that.
            transceivers[kind as usize].is_none() && transceivers[before as usize].is_some()
        };
        if missing {
            self.add_transceiver(kind);
        }
    }

    pub(super) async fn send(&self, kind: Kind, on: bool) {
        let mut sending = self.sending.get();
        sending.set(kind, on);
        self.sending.set(sending);
        let track = self.track_to_send(kind);
        if track.is_some() && kind.is_shared() {
            self.add_missing(kind);
        }
        let Some(transceiver) = self.transceivers.borrow()[kind as usize].clone() else {
            return;
        };
        if track.is_some() && transceiver.direction() == direction(false) {
            transceiver.set_direction(direction(true));
        }
        if let Err(error) = JsFuture::from(transceiver.sender().replace_track(track.as_ref())).await {
            self.report(LinkEvent::State("track not sent", error_text(&error)));
        }
        if kind == Kind::Screen {
            self.tune().await;
        }
    }

    fn track_to_send(&self, kind: Kind) -> Option<web_sys::MediaStreamTrack> {
        let wanted = kind != Kind::Camera || self.pictures.get() != Pictures::None;
        if wanted && self.sending.get().has(kind) {
            self.tracks.get(kind)
        } else {
            None
        }
    }

    /// See [`LinkCommand::Limit`].
    pub(super) async fn limit(&self, pictures: Pictures) {
        self.pictures.set(pictures);
        self.send(Kind::Camera, self.sending.get().camera).await;
        let Some(transceiver) = self.transceivers.borrow()[Kind::Camera as usize].clone() else {
            return;
        };
        let sender = transceiver.sender();
        let Some(parameters) = method::call(&sender, "getParameters", None) else {
            return;
        };
        let encodings = Reflect::get(&parameters, &"encodings".into()).unwrap_or_default();
        let set = |encoding: &JsValue, name: &str, value: JsValue| {
            // A plain object takes any property.
            let _set = Reflect::set(encoding, &name.into(), &value);
        };
        // Who saves data themselves captures little already.
        let camera = self.tracks.get(Kind::Camera);
        let height = camera.and_then(|camera| camera.get_settings().get_height());
        let small = (f64::from(height.unwrap_or(360)) / SMALL_HEIGHT).max(1.0);
        for encoding in Array::from(&encodings).iter() {
            let (scale, most) = match pictures {
                Pictures::Small => (small, JsValue::from_f64(SMALL_RATE)),
                Pictures::All | Pictures::None => (1.0, JsValue::UNDEFINED),
            };
            set(&encoding, "scaleResolutionDownBy", scale.into());
            set(&encoding, "maxBitrate", most);
        }
        let set = method::call(&sender, "setParameters", Some(&parameters));
        if let Some(set) = set.and_then(|set| set.dyn_into::<js_sys::Promise>().ok())
            && let Err(error) = JsFuture::from(set).await
        {
            self.report(LinkEvent::State("pictures not limited", error_text(&error)));
        }
    }

    /// Where not everything of the shared picture can be sent: text stays sharp, what moves stays smooth.
    pub(super) async fn tune(&self) {
        let Some(track) = self.track_to_send(Kind::Screen) else {
            return;
        };
        let Some(transceiver) = self.transceivers.borrow()[Kind::Screen as usize].clone() else {
            return;
        };
        let preference = if moves(&track) {
            "maintain-framerate"
        } else {
            "maintain-resolution"
        };
        let sender = transceiver.sender();
        let Some(parameters) = method::call(&sender, "getParameters", None) else {
            return;
        };
        let _set = Reflect::set(&parameters, &"degradationPreference".into(), &preference.into());
        let set = method::call(&sender, "setParameters", Some(&parameters));
        if let Some(set) = set.and_then(|set| set.dyn_into::<js_sys::Promise>().ok()) {
            // A browser that does not know it degrades as it likes.
            let _unknown = JsFuture::from(set).await;
        }
    }
}

fn direction(sending: bool) -> RtcRtpTransceiverDirection {
    if sending {
        RtcRtpTransceiverDirection::Sendrecv
    } else {
        RtcRtpTransceiverDirection::Recvonly
    }
}

fn is_sound_kind(kind: Kind) -> bool {
    matches!(kind, Kind::Microphone | Kind::ScreenSound)
}
