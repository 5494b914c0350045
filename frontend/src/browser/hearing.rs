use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use js_sys::{Array, Reflect};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcRtpReceiver;

use super::{method, now, task::Task};

/// How often everybody's loudness is looked at, in milliseconds.
const PERIOD: u32 = 125;
/// The same while nobody sees the page. Browsers may make it longer.
const HIDDEN: u64 = 450;

/// The one timer by which everybody is heard. Dropped, it ends.
#[derive(Debug)]
pub(crate) struct Hearing {
    _timer: Interval,
}

impl Hearing {
    pub(crate) fn begin(look: Rc<dyn Fn()>) -> Self {
        let mut last = 0;
        let timer = Interval::new(PERIOD, move || {
            let hidden = web_sys::window()
                .and_then(|window| window.document())
                .is_some_and(|document| document.hidden());
            let now = now();
            if !hidden || now.saturating_sub(last) >= HIDDEN {
                last = now;
                look();
            }
        });
        Self { _timer: timer }
    }
}

/// How loud what arrives at a receiver is.
///
/// It is read from the receiver itself: all browsers have that since 2020, it needs no promise and no audio graph, and
/// it costs the machine the least: see docs/performance.md.
#[derive(Debug, Default)]
pub(crate) struct Arriving {
    /// When the newest sound that was seen was played.
    heard: Cell<f64>,
    /// Where the receiver does not tell.
    asked: Rc<Asked>,
    asking: RefCell<Option<Task>>,
}

/// The statistics' answer, which comes later.
#[derive(Debug, Default)]
struct Asked {
    amplitude: Cell<f64>,
    waits: Cell<bool>,
}

impl Arriving {
    /// The amplitude of what is played, 0 to 1.
    pub(crate) fn amplitude(&self, receiver: &RtcRtpReceiver) -> f64 {
        let Some(sources) = method::call(receiver, "getSynchronizationSources", None) else {
            return self.ask(receiver);
        };
        let number = |source: &_, name: &str| Reflect::get(source, &name.into()).ok()?.as_f64();
        // A sender that began anew is listed beside what it was before.
        let newest = Array::from(&sources)
            .iter()
            .map(|source| {
                (
                    number(&source, "timestamp").unwrap_or_default(),
                    number(&source, "audioLevel"),
                )
            })
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        match newest {
            // What ceased is listed for ten seconds more, as loud as it was.
            Some((at, _)) if self.heard.replace(at) == at => 0.0,
            Some((_, Some(level))) => level,
            Some((_, None)) => self.ask(receiver),
            None => 0.0,
        }
    }

    /// What the statistics said last; they are asked anew if they have answered.
    fn ask(&self, receiver: &RtcRtpReceiver) -> f64 {
        if !self.asked.waits.replace(true) {
            let (asked, statistics) = (self.asked.clone(), receiver.get_stats());
            *self.asking.borrow_mut() = Some(Task::spawn(async move {
                let report = JsFuture::from(statistics).await.ok();
                let values = report.and_then(|report| method::call(&report, "values", None));
                let level = values.and_then(|values| {
                    Array::from(&values).iter().find_map(|entry| {
                        let of = |name: &str| Reflect::get(&entry, &name.into()).ok();
                        (of("type")?.as_string()? == "inbound-rtp").then(|| of("audioLevel")?.as_f64())?
                    })
                });
                asked.amplitude.set(level.unwrap_or_default());
                asked.waits.set(false);
            }));
        }
        self.asked.amplitude.get()
    }
}
