//! What a part of the driver reports, and what it needs to live.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use maju_call::{Event, MediaEvent, RequestId, Want};
use maju_frontend::browser::{Devices, Reporter};

/// Where the events of a part arrive.
pub(crate) struct Ear {
    pub(crate) reporter: Reporter,
    pub(crate) events: mpsc::UnboundedReceiver<Event>,
}

impl Ear {
    pub(crate) fn new() -> Self {
        let (heard, events) = mpsc::unbounded();
        // The end of a test is the end of the ear; what comes after is not missed.
        let reporter = Reporter::new(move |event| drop(heard.unbounded_send(event)));
        Self { reporter, events }
    }

    /// The first event from which `pick` makes something.
    pub(crate) async fn hear<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = self.events.next().await.expect("the reporter lives");
            if let Some(found) = pick(event) {
                return found;
            }
        }
    }

    pub(crate) fn silent(&mut self) -> bool {
        self.events.try_recv().is_err()
    }
}

pub(crate) fn devices(ear: &Ear) -> Devices {
    Devices::new(ear.reporter.clone(), Rc::new(|_| {}))
}

/// Captures both kinds and adopts them.
pub(crate) async fn captured(devices: &mut Devices, ear: &mut Ear) {
    devices.capture(RequestId(1), Some(Want::Any), Some(Want::Any));
    let result = ear.hear(captured_tracks).await;
    assert_eq!(result, 2);
    devices.adopt(RequestId(1));
}

pub(crate) fn captured_tracks(event: Event) -> Option<usize> {
    match event {
        Event::Media(MediaEvent::Captured(_, tracks)) => Some(tracks.len()),
        _ => None,
    }
}

/// Lets everything that is under way in the page come to its end.
pub(crate) async fn settle() {
    TimeoutFuture::new(300).await;
}
