use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamTrack};

use super::{method, task::Task};

/// How often the loudness is reported, in milliseconds.
const PERIOD: u32 = 66;
/// After how many looks a suspended audio context is asked to start again.
const RESUME_EVERY: u32 = 8;
/// What is quieter is shown as silence, in decibels below full scale.
const RANGE: f64 = 60.0;

/// Reports how loud a microphone is. Dropped, it stops and frees the audio context.
#[derive(Debug)]
pub(crate) struct Meter {
    _interval: Interval,
}

impl Meter {
    /// Nothing where the browser has no Web Audio.
    pub(crate) fn new(track: &MediaStreamTrack, level: Rc<dyn Fn(f64)>) -> Option<Self> {
        let gauge = Gauge::new(track)?;
        let report = move || level((1.0 + 20.0 * gauge.amplitude().log10() / RANGE).clamp(0.0, 1.0));
        Some(Self {
            _interval: Interval::new(PERIOD, report),
        })
    }
}

/// Hears one's own microphone, muted or not. Dropped, it is deaf.
#[derive(Debug)]
pub(crate) struct Ear {
    gauge: Gauge,
    _copy: Copy,
}

impl Ear {
    /// Nothing where the browser has no Web Audio.
    pub(crate) fn new(track: &MediaStreamTrack) -> Option<Self> {
        let copy = Copy::of(track)?;
        Some(Self {
            gauge: Gauge::new(&copy.0)?,
            _copy: copy,
        })
    }

    /// How loud it is now, 0 to 1.
    pub(crate) fn amplitude(&self) -> f64 {
        self.gauge.amplitude()
    }
}

/// What JavaScript's `clone` makes of a track: another one of the same device, which carries sound though the first
/// one is silenced. Dropped, it is stopped; it would hold the device otherwise.
#[derive(Debug)]
struct Copy(MediaStreamTrack);

impl Copy {
    fn of(track: &MediaStreamTrack) -> Option<Self> {
        let copy = Self(method::call(track, "clone", None)?.dyn_into().ok()?);
        copy.0.set_enabled(true);
        Some(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Measures a track. Dropped, it frees the audio context.
#[derive(Debug)]
struct Gauge {
    context: AudioContext,
    analyser: AnalyserNode,
    looks: Cell<u32>,
    /// Held so that an older try to start ends when a newer one begins.
    resuming: RefCell<Option<Task>>,
}

impl Gauge {
    fn new(track: &MediaStreamTrack) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        let gauge = Self {
            context,
            analyser,
            looks: Cell::default(),
            resuming: RefCell::default(),
        };
        let stream = MediaStream::new().ok()?;
        stream.add_track(track);
        gauge.analyser.set_fft_size(512);
        gauge
            .context
            .create_media_stream_source(&stream)
            .ok()?
            .connect_with_audio_node(&gauge.analyser)
            .ok()?;
        Some(gauge)
    }

    /// The root mean square of the newest samples, 0 to 1.
    fn amplitude(&self) -> f64 {
        let looks = self.looks.replace(self.looks.get().wrapping_add(1));
        // A browser may start audio only after a press; ask now and then until it does.
        if looks.is_multiple_of(RESUME_EVERY) && self.context.state() == AudioContextState::Suspended {
            *self.resuming.borrow_mut() = self.context.resume().ok().map(|resuming| {
                Task::spawn(async move {
                    let _result = JsFuture::from(resuming).await;
                })
            });
        }
        let mut samples = [0.0_f32; 512];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
        power.sqrt()
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        // It closes by itself; there is nothing to wait for.
        let _closing = self.context.close();
    }
}
