use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::window;

use super::method::{call, property};

/// Keeps the screen from going dark (Screen Wake Lock), where the browser can and the system lets it. Dropped, it lets
/// the screen sleep again.
#[derive(Debug)]
pub(crate) struct Awake {
    lock: Lock,
    _shown: Option<EventListener>,
}

/// The `WakeLockSentinel`, once there is one.
type Lock = Rc<RefCell<Option<JsValue>>>;

impl Awake {
    pub(crate) fn hold() -> Self {
        let lock = Lock::default();
        ask(Rc::downgrade(&lock));
        let place = Rc::downgrade(&lock);
        let document = window().and_then(|window| window.document());
        // The browser lets go of it by itself while the page is not seen.
        let shown = document
            .map(|document| EventListener::new(&document, "visibilitychange", move |_| ask(place.clone())));
        Self { lock, _shown: shown }
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        release(self.lock.take());
    }
}

/// Asks for it while the page is seen. A refusal, as by a system that saves its battery, is no error.
fn ask(place: Weak<RefCell<Option<JsValue>>>) {
    let Some(window) = window() else { return };
    if window.document().is_none_or(|document| document.hidden()) {
        return;
    }
    let wake_lock = property(&window.navigator(), "wakeLock");
    let Some(asked) = call(&wake_lock, "request", Some(&"screen".into())) else {
        return;
    };
    // Not a task that can be ended: whoever ends it could not let go of what comes after.
    spawn_local(async move {
        if let Ok(lock) = JsFuture::from(asked.unchecked_into::<js_sys::Promise>()).await {
            match place.upgrade() {
                Some(place) => release(place.replace(Some(lock))),
                None => release(Some(lock)),
            }
        }
    });
}

fn release(lock: Option<JsValue>) {
    if let Some(lock) = lock {
        call(&lock, "release", None);
    }
}
