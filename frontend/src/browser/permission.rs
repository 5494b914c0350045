use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use maju_call::{Kind, MediaError, Permission};
use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{PermissionState, PermissionStatus};

use super::task::Task;

/// Watches the permissions of both kinds until it is dropped.
#[derive(Debug)]
pub(crate) struct Permissions {
    _listeners: Rc<RefCell<Vec<EventListener>>>,
    _asking: Task,
}

impl Permissions {
    /// Calls `granted` when the devices of a kind may be used from now on, and could not before.
    pub(crate) fn watch(granted: impl Fn(Kind) + 'static) -> Self {
        let listeners = Rc::new(RefCell::new(Vec::new()));
        let (place, granted) = (listeners.clone(), Rc::new(granted));
        let asking = Task::spawn(async move {
            for kind in Kind::DEVICES {
                let Some(status) = status(kind).await else {
                    continue;
                };
                let (now, granted) = (status.clone(), granted.clone());
                let changed = EventListener::new(&status, "change", move |_| {
                    if now.state() == PermissionState::Granted {
                        granted(kind);
                    }
                });
                place.borrow_mut().push(changed);
            }
        });
        Self {
            _listeners: listeners,
            _asking: asking,
        }
    }
}

/// Whether devices of that kind may be used now without a question to the person.
pub(crate) async fn permission(kind: Kind) -> Permission {
    match status(kind).await.map(|status| status.state()) {
        Some(PermissionState::Granted) => Permission::Granted,
        Some(PermissionState::Denied) => Permission::Denied,
        _ => Permission::Unknown,
    }
}

/// Which of the kinds that were refused together may be asked for by themselves without putting the same question
/// to the person twice: all when it was not about permission; else those that are permitted, and those that are
/// still to be asked about when only another one is forbidden.
pub(crate) async fn askable(error: &MediaError, kinds: [Option<Kind>; 2]) -> Vec<Kind> {
    let mut known = Vec::new();
    for kind in kinds.into_iter().flatten() {
        let state = if *error == MediaError::Denied {
            status(kind).await.map(|status| status.state())
        } else {
            Some(PermissionState::Granted)
        };
        known.push((kind, state));
    }
    let one_forbidden = known
        .iter()
        .any(|(_, state)| *state == Some(PermissionState::Denied));
    known.retain(|(_, state)| match state {
        Some(PermissionState::Granted) => true,
        Some(PermissionState::Prompt) => one_forbidden,
        _ => false,
    });
    known.into_iter().map(|(kind, _)| kind).collect()
}

/// What the Permissions API says; nothing where it does not know devices.
async fn status(kind: Kind) -> Option<PermissionStatus> {
    let name = match kind {
        Kind::Microphone => "microphone",
        Kind::Camera => "camera",
        // What is shared is asked about each time.
        Kind::Screen | Kind::ScreenSound => return None,
    };
    let descriptor = serde_wasm_bindgen::to_value(&Descriptor { name }).ok()?;
    let asked = web_sys::window()?
        .navigator()
        .permissions()
        .ok()?
        .query(descriptor.unchecked_ref())
        .ok()?;
    Some(JsFuture::from(asked).await.ok()?.unchecked_into())
}

/// `PermissionDescriptor`.
#[derive(Serialize)]
struct Descriptor {
    name: &'static str,
}
