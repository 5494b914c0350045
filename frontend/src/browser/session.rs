use js_sys::{Array, Function, Object, Reflect};
use maju_call::{Kind, UserEvent};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::window;

use super::Reporter;
use super::method::{apply, call, property};

/// The call among what the system shows of media: keys of a headset, the picture in picture's buttons, the lock screen.
/// Dropped, it is there no more.
#[derive(Debug)]
pub(crate) struct Session {
    session: JsValue,
    /// Held for as long as the browser may call them.
    handlers: Vec<(&'static str, Handler)>,
    /// What was told of microphone and camera.
    told: Option<(bool, bool)>,
}

type Handler = Closure<dyn FnMut()>;

impl Session {
    /// Nothing where the browser has no Media Session. What it does not have of it is left out.
    pub(crate) fn begin(room: &str, reporter: &Reporter) -> Option<Self> {
        let session = property(&window()?.navigator(), "mediaSession");
        if session.is_undefined() {
            return None;
        }
        describe(&session, room);
        let actions = [
            ("togglemicrophone", UserEvent::Toggle(Kind::Microphone)),
            ("togglecamera", UserEvent::Toggle(Kind::Camera)),
            ("hangup", UserEvent::Leave),
        ];
        let handlers = actions.map(|(action, event)| {
            let reporter = reporter.clone();
            let handler = Handler::new(move || reporter.user(event.clone()));
            handle(&session, action, handler.as_ref());
            (action, handler)
        });
        Some(Self {
            session,
            handlers: handlers.into(),
            told: None,
        })
    }

    /// Tells whether microphone and camera are on.
    pub(crate) fn tell(&mut self, microphone: bool, camera: bool) {
        if self.told.replace((microphone, camera)) != Some((microphone, camera)) {
            call(&self.session, "setMicrophoneActive", Some(&microphone.into()));
            call(&self.session, "setCameraActive", Some(&camera.into()));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.tell(false, false);
        for (action, _) in &self.handlers {
            handle(&self.session, action, &JsValue::NULL);
        }
        put(&self.session, "metadata", &JsValue::NULL);
    }
}

/// A browser throws at the name of an action that it does not know.
fn handle(session: &JsValue, action: &str, handler: &JsValue) {
    apply(session, "setActionHandler", &Array::of2(&action.into(), handler));
}

fn describe(session: &JsValue, room: &str) {
    let description = Object::new();
    put(&description, "title", &room.into());
    put(&description, "artist", &"Maju".into());
    let make = property(&js_sys::global(), "MediaMetadata").dyn_into::<Function>();
    if let Ok(made) = make.and_then(|make| Reflect::construct(&make, &Array::of1(&description))) {
        put(session, "metadata", &made);
    }
}

fn put(on: &JsValue, name: &str, value: &JsValue) {
    // What cannot be set is shown by no system.
    let _set = Reflect::set(on, &name.into(), value);
}
