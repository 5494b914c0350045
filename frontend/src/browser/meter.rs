use std::rc::Rc;

use gloo_timers::callback::Interval;
use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamTrack};

use super::task::Task;

/// How often the loudness is reported, in milliseconds.
const PERIOD: u32 = 66;
/// After how many reports a suspended audio context is asked to start again.
const RESUME_EVERY: u32 = 8;

/// Measures how loud a microphone is. Dropped, it stops and frees the audio context.
#[derive(Debug)]
pub(crate) struct Meter {
    context: AudioContext,
    _interval: Interval,
}

impl Meter {
    /// Nothing where the browser has no Web Audio.
    pub(crate) fn new(track: &MediaStreamTrack, level: Rc<dyn Fn(f64)>) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let stream = MediaStream::new().ok()?;
        stream.add_track(track);
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(512);
        context
            .create_media_stream_source(&stream)
            .ok()?
            .connect_with_audio_node(&analyser)
            .ok()?;
        let interval = {
            let context = context.clone();
            let mut samples = [0.0_f32; 512];
            // Held so that an older try ends when a newer one begins.
            let mut _resuming = None;
            let mut ticks = 0_u32;
            Interval::new(PERIOD, move || {
                // A browser may start audio only after a press; ask now and then until it does.
                if context.state() == AudioContextState::Suspended && ticks.is_multiple_of(RESUME_EVERY) {
                    _resuming = context.resume().ok().map(ignore);
                }
                ticks += 1;
                level(loudness(&analyser, &mut samples));
            })
        };
        Some(Self {
            context,
            _interval: interval,
        })
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        // It closes by itself; there is nothing to wait for.
        let _closing = self.context.close();
    }
}

fn ignore(promise: Promise) -> Task {
    Task::spawn(async move {
        let _result = JsFuture::from(promise).await;
    })
}

/// The root mean square of the newest samples on a scale of decibels: -60 dB is 0, full scale is 1.
fn loudness(analyser: &AnalyserNode, samples: &mut [f32]) -> f64 {
    analyser.get_float_time_domain_data(samples);
    let power = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    if power <= 0.0 {
        return 0.0;
    }
    (1.0 + 10.0 * power.log10() / 60.0).clamp(0.0, 1.0)
}
