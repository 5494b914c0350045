use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use maju_call::NetworkEvent;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, window};

use super::method::property;

/// Watches the life of the page and its way to the network, until it is dropped.
#[derive(Debug)]
pub(crate) struct Life {
    _listeners: Vec<EventListener>,
}

impl Life {
    /// Calls `seen` with what happened, and `leaving` when the page goes: by closing, by another address, into the
    /// cache of the history. Nothing that takes time comes to its end after that.
    pub(crate) fn watch(seen: impl Fn(NetworkEvent) + 'static, leaving: impl Fn() + 'static) -> Self {
        Self {
            _listeners: listen(Rc::new(seen), leaving).unwrap_or_default(),
        }
    }
}

fn listen(seen: Rc<dyn Fn(NetworkEvent)>, leaving: impl Fn() + 'static) -> Option<Vec<EventListener>> {
    let window = window()?;
    let document = window.document()?;
    let on = |target: &EventTarget, name: &'static str, event: NetworkEvent| {
        let seen = seen.clone();
        EventListener::new(target, name, move |_| seen(event))
    };
    let mut listeners = vec![
        on(&window, "online", NetworkEvent::Online),
        on(&window, "offline", NetworkEvent::Offline),
        on(&document, "resume", NetworkEvent::Shown),
        EventListener::new(&window, "pagehide", move |_| leaving()),
        {
            let seen = seen.clone();
            EventListener::new(&window, "pageshow", move |event| {
                // The first one belongs to the loading of the page.
                if property(event, "persisted").is_truthy() {
                    seen(NetworkEvent::Shown);
                }
            })
        },
        {
            let (seen, document) = (seen.clone(), document.clone());
            EventListener::new(&document.clone(), "visibilitychange", move |_| {
                if !document.hidden() {
                    seen(NetworkEvent::Shown);
                }
            })
        },
    ];
    if !window.navigator().on_line() {
        seen(NetworkEvent::Offline);
    }
    // Only some browsers have it, and only some of these tell the type; the estimates of speed that it also has
    // change all the time and say nothing of the way.
    if let Ok(connection) = property(&window.navigator(), "connection").dyn_into::<EventTarget>() {
        let last = RefCell::new(property(&connection, "type"));
        let now = connection.clone();
        listeners.push(EventListener::new(&connection, "change", move |_| {
            let kind = property(&now, "type");
            if last.replace(kind.clone()) != kind {
                seen(NetworkEvent::Changed);
            }
        }));
    }
    Some(listeners)
}
