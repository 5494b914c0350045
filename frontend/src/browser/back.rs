use gloo_events::EventListener;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, window};

use super::method::{self, property};

/// Going back, by the button or gesture of a phone, closes something instead of leaving the page, as long as this value
/// lives (`CloseWatcher`, HTML, "Close requests and close watchers"). Escape on a desktop does the same there.
pub struct Back {
    watcher: JsValue,
    _closing: EventListener,
}

impl Back {
    /// None where the browser cannot do that.
    pub fn new(close: impl FnOnce() + 'static) -> Option<Self> {
        let make: Function = property(&window().into(), "CloseWatcher").dyn_into().ok()?;
        let watcher = Reflect::construct(&make, &Array::new()).ok()?;
        let target: &EventTarget = watcher.dyn_ref()?;
        let closing = EventListener::once(target, "close", move |_| close());
        Some(Self {
            watcher,
            _closing: closing,
        })
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        method::call(&self.watcher, "destroy", None);
    }
}
