use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use maju_call::{MediaEvent, PeerId, UserEvent, Whose};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream, window};

use super::{Reporter, method, task::Task};

/// Brings streams and `<video>` elements together, in whichever order they come.
#[derive(Debug)]
pub struct Stage {
    reporter: Reporter,
    streams: HashMap<Whose, MediaStream>,
    videos: HashMap<Whose, Shown>,
    speaker: Option<String>,
    /// How loud those are played who were made quieter, in percent.
    loudness: HashMap<PeerId, u8>,
    /// Whether sound waits for a press, wherever that is.
    waits: Rc<Cell<bool>>,
    _presses: Vec<EventListener>,
}

#[derive(Debug)]
struct Shown {
    video: HtmlVideoElement,
    _playing: Option<Task>,
    _speaking: Option<Task>,
}

impl Stage {
    /// Nothing to show, nowhere to show it.
    pub fn new(reporter: Reporter) -> Self {
        let waits = Rc::new(Cell::new(false));
        let pressed = |name| {
            let (waits, reporter, window) = (waits.clone(), reporter.clone(), window()?);
            Some(EventListener::new(&window, name, move |_| {
                if waits.take() {
                    reporter.user(UserEvent::AllowPlayback);
                }
            }))
        };
        Self {
            _presses: ["pointerup", "keydown"].into_iter().filter_map(pressed).collect(),
            waits,
            reporter,
            streams: HashMap::new(),
            videos: HashMap::new(),
            speaker: None,
            loudness: HashMap::new(),
        }
    }

    /// A stream is there.
    pub fn set(&mut self, whose: &Whose, stream: Option<MediaStream>) {
        if let Some(stream) = stream {
            self.streams.insert(whose.clone(), stream);
            self.start(whose);
        }
    }

    /// A stream is gone.
    pub fn clear(&mut self, whose: &Whose) {
        self.streams.remove(whose);
        self.start(whose);
    }

    /// An element is there, or gone.
    pub fn show(&mut self, whose: &Whose, video: Option<HtmlVideoElement>) {
        let Some(video) = video else {
            if let Some(shown) = self.videos.remove(whose) {
                shown.video.set_src_object(None);
            }
            return;
        };
        self.videos.insert(
            whose.clone(),
            Shown {
                video,
                _playing: None,
                _speaking: None,
            },
        );
        self.start(whose);
        self.speak(whose);
    }

    /// Plays the others on that speaker; empty for the browser's choice.
    pub fn speaker(&mut self, id: String) {
        self.speaker = Some(id);
        for whose in self.videos.keys().cloned().collect::<Vec<_>>() {
            self.speak(&whose);
        }
    }

    /// The speaker on which the others are played; empty for the browser's choice.
    pub fn speaks_on(&self) -> &str {
        self.speaker.as_deref().unwrap_or_default()
    }

    /// Plays somebody and their screen at this loudness, in percent.
    pub fn louden(&mut self, id: PeerId, percent: u8) {
        self.loudness.insert(id.clone(), percent);
        for whose in [Whose::Peer(id.clone()), Whose::Screen(id)] {
            self.set_loudness(&whose);
        }
    }

    /// Some systems know on and off only: there, what is not silent is loud.
    fn set_loudness(&self, whose: &Whose) {
        let Some(shown) = self.videos.get(whose) else {
            return;
        };
        let percent = match whose {
            Whose::Peer(id) | Whose::Screen(id) => self.loudness.get(id).copied().unwrap_or(100),
            Whose::Mine | Whose::MyScreen | Whose::Preview => 0,
        };
        shown.video.set_muted(percent == 0);
        shown.video.set_volume(f64::from(percent) / 100.0);
    }

    /// Plays what the browser refused to play with sound; called in the moment of a press.
    pub fn play(&mut self) {
        for whose in self.videos.keys().cloned().collect::<Vec<_>>() {
            self.start(&whose);
        }
        self.reporter.media(MediaEvent::PlaybackAllowed);
    }

    fn start(&mut self, whose: &Whose) {
        self.set_loudness(whose);
        let Some(shown) = self.videos.get_mut(whose) else {
            return;
        };
        let stream = self.streams.get(whose);
        let same = match (shown.video.src_object(), stream) {
            (Some(old), Some(new)) => old == *new,
            (None, None) => true,
            _ => false,
        };
        if !same {
            shown.video.set_src_object(stream);
        }
        if stream.is_none() {
            shown._playing = None;
            return;
        }
        shown._playing = shown.video.play().ok().map(|playing| {
            let (video, reporter) = (shown.video.clone(), self.reporter.clone());
            let waits = self.waits.clone();
            Task::spawn(async move {
                if let Err(error) = JsFuture::from(playing).await
                    && is_refusal(&error)
                {
                    // The picture at least, and a button for the sound.
                    video.set_muted(true);
                    waits.set(true);
                    reporter.media(MediaEvent::PlaybackRefused);
                    if let Ok(playing) = video.play() {
                        let _result = JsFuture::from(playing).await;
                    }
                }
            })
        });
    }

    fn speak(&mut self, whose: &Whose) {
        let (Some(shown), Some(speaker)) = (self.videos.get_mut(whose), &self.speaker) else {
            return;
        };
        if is_own(whose) {
            return;
        }
        // web-sys has it only as an unstable interface; browsers without it have one speaker.
        let asked = method::call(&shown.video, "setSinkId", Some(&speaker.into()));
        let (reporter, speaker) = (self.reporter.clone(), speaker.clone());
        shown._speaking = asked.map(|asked| {
            Task::spawn(async move {
                if JsFuture::from(asked.unchecked_into::<js_sys::Promise>())
                    .await
                    .is_err()
                {
                    reporter.media(MediaEvent::SpeakerRefused(speaker));
                }
            })
        });
    }
}

/// Whether it is the person's own, which they do not want to hear.
fn is_own(whose: &Whose) -> bool {
    matches!(whose, Whose::Mine | Whose::Preview | Whose::MyScreen)
}

fn is_refusal(error: &JsValue) -> bool {
    let name = Reflect::get(error, &"name".into())
        .ok()
        .and_then(|name| name.as_string());
    name.as_deref() == Some("NotAllowedError")
}
