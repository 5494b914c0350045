use std::fmt;
use std::rc::Rc;

use maju_call::{Event, LinkEvent, LinkId, MediaEvent, SocketEvent, UserEvent};

/// Where the parts of the driver report what the browser tells them.
#[derive(Clone)]
pub struct Reporter(Rc<dyn Fn(Event)>);

impl Reporter {
    /// Hands every event to `take`.
    pub fn new(take: impl Fn(Event) + 'static) -> Self {
        Self(Rc::new(take))
    }

    pub(crate) fn user(&self, event: UserEvent) {
        (self.0)(Event::User(event));
    }

    pub(crate) fn socket(&self, event: SocketEvent) {
        (self.0)(Event::Socket(event));
    }

    pub(crate) fn media(&self, event: MediaEvent) {
        (self.0)(Event::Media(event));
    }

    pub(crate) fn link(&self, id: &LinkId, event: LinkEvent) {
        (self.0)(Event::Link(id.clone(), event));
    }

    pub(crate) fn tick(&self) {
        (self.0)(Event::Tick);
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reporter")
    }
}
