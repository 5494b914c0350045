use std::fmt;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::Reflect;
use maju_call::{Phase, View};
use web_sys::{Storage, window};

use super::{Reporter, awake::Awake, page::lower, session::Session};

/// Where the state of microphone and camera waits for a reload of the page; each tab has its own.
const DURING: &str = "maju.during";

/// What goes along with a call: the screen stays on, the system's controls work, a reload finds microphone and camera as
/// they were, and the browser asks before the page is closed by accident. Dropped, all of it ends.
pub(crate) struct Living {
    reporter: Reporter,
    in_call: Option<InCall>,
    guard: Option<EventListener>,
    going: bool,
}

struct InCall {
    room: String,
    kept: String,
    session: Option<Session>,
    _awake: Awake,
}

impl Living {
    pub(crate) fn new(reporter: Reporter) -> Self {
        Self {
            reporter,
            in_call: None,
            guard: None,
            going: false,
        }
    }

    /// The page goes. What it leaves behind is for the next one.
    pub(crate) fn going(&mut self) {
        self.going = true;
    }

    /// Does what follows from the state of the call.
    pub(crate) fn follow(&mut self, view: &View) {
        if view.phase != Phase::InCall {
            self.guard = None;
            if let Some(call) = self.in_call.take()
                && !self.going
            {
                keep(&call.room, None);
            }
            return;
        }
        self.going = false;
        let call = self.in_call.get_or_insert_with(|| InCall {
            room: view.room.clone(),
            kept: String::new(),
            session: Session::begin(&view.room, &self.reporter),
            _awake: Awake::hold(),
        });
        let (microphone, camera) = (view.microphone.on, view.camera.on);
        if let Some(session) = &mut call.session {
            session.tell(microphone, camera);
        }
        let now = format!("{}{}", u8::from(microphone), u8::from(camera));
        if call.kept != now {
            keep(&call.room, Some(&now));
            call.kept = now;
        }
        // Whoever is alone loses nothing.
        if view.people.is_empty() {
            self.guard = None;
        } else if self.guard.is_none() {
            self.guard = guard();
        }
    }
}

impl fmt::Debug for Living {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Living")
    }
}

/// Has the browser ask before the page goes, in words of its own.
fn guard() -> Option<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    let asks = |event: &web_sys::Event| {
        event.prevent_default();
        // What older browsers look at.
        let _set = Reflect::set(event, &"returnValue".into(), &true.into());
    };
    Some(EventListener::new_with_options(
        &window()?.into(),
        "beforeunload",
        options,
        asks,
    ))
}

/// Whether microphone and camera were on when this tab was last in a call in that room, if the page went without a press
/// on Leave.
pub fn interrupted(room: &str) -> Option<(bool, bool)> {
    let kept = storage()?.get_item(DURING).ok()??;
    let state = kept.strip_suffix(&lower(room))?;
    match state {
        "00" => Some((false, false)),
        "01" => Some((false, true)),
        "10" => Some((true, false)),
        "11" => Some((true, true)),
        _ => None,
    }
}

fn keep(room: &str, state: Option<&str>) {
    let Some(storage) = storage() else { return };
    // A browser that keeps nothing is no obstacle.
    let _kept = match state {
        Some(state) => storage.set_item(DURING, &(state.to_owned() + &lower(room))),
        None => storage.remove_item(DURING),
    };
}

fn storage() -> Option<Storage> {
    window()?.session_storage().ok().flatten()
}
