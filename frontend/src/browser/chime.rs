use gloo_timers::callback::Timeout;
use js_sys::Promise;
use maju_call::MediaEvent;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState, HtmlAudioElement, MediaStreamAudioDestinationNode};

use super::{Reporter, method, task::Task};

/// The notes, in Hz: a chord, one note after the other.
const NOTES: [f32; 3] = [523.25, 659.25, 783.99];
/// From one note to the next, and how long each fades, in seconds.
const STEP: f64 = 0.18;
const FADE: f64 = 0.6;
/// After how long all is silent, in milliseconds.
const LENGTH: u32 = 1200;

/// A short tone to try a speaker by. Dropped, it is silent and frees what made it.
#[derive(Debug)]
pub(crate) struct Chime {
    sound: Sound,
    playing: Option<Task>,
    _end: Timeout,
}

#[derive(Clone, Debug)]
struct Sound {
    context: AudioContext,
    /// Only an element can be told where to play, in all browsers that can do that.
    audio: HtmlAudioElement,
}

impl Chime {
    /// Plays on that speaker; on the browser's choice if empty. One that cannot be used is reported as in a call. Nothing where
    /// the browser makes no sound.
    pub(crate) fn play(speaker: &str, reporter: &Reporter) -> Option<Self> {
        let sound = Sound {
            context: AudioContext::new().ok()?,
            audio: HtmlAudioElement::new().ok()?,
        };
        let end = {
            let sound = sound.clone();
            Timeout::new(LENGTH, move || sound.stop())
        };
        let chime = Self {
            playing: sound.begin(speaker, reporter).ok(),
            sound,
            _end: end,
        };
        chime.playing.is_some().then_some(chime)
    }
}

impl Drop for Chime {
    fn drop(&mut self) {
        self.sound.stop();
    }
}

impl Sound {
    fn begin(&self, speaker: &str, reporter: &Reporter) -> Result<Task, JsValue> {
        let out: MediaStreamAudioDestinationNode = self.context.create_media_stream_destination()?;
        let start = self.context.current_time() + 0.05;
        for (place, note) in NOTES.into_iter().enumerate() {
            let at = start + place as f64 * STEP;
            let (tone, loudness) = (self.context.create_oscillator()?, self.context.create_gain()?);
            tone.frequency().set_value(note);
            let gain = loudness.gain();
            gain.set_value(0.0);
            gain.set_value_at_time(0.0, at)?;
            gain.linear_ramp_to_value_at_time(0.2, at + 0.02)?;
            gain.exponential_ramp_to_value_at_time(0.001, at + FADE)?;
            tone.connect_with_audio_node(&loudness)?
                .connect_with_audio_node(&out)?;
            tone.start_with_when(at)?;
            tone.stop_with_when(at + FADE)?;
        }
        self.audio.set_src_object(Some(&out.stream()));
        let turned = method::call(&self.audio, "setSinkId", Some(&speaker.into()));
        let turned = turned.and_then(|turned| turned.dyn_into::<Promise>().ok());
        let playing = self.audio.play()?;
        let (reporter, speaker) = (reporter.clone(), speaker.to_owned());
        Ok(Task::spawn(async move {
            // In the moment of a press browsers let it play; where not, silence says so.
            let _result = JsFuture::from(playing).await;
            if let Some(turned) = turned
                && JsFuture::from(turned).await.is_err()
            {
                reporter.media(MediaEvent::SpeakerRefused(speaker));
            }
        }))
    }

    fn stop(&self) {
        // Nothing to do, or to wait for, where it has stopped already.
        let _paused = self.audio.pause();
        self.audio.set_src_object(None);
        if self.context.state() != AudioContextState::Closed {
            let _closing = self.context.close();
        }
    }
}
