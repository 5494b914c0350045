use crate::{Command, Event, Moment, View};

/// A whole call: see the crate's documentation.
#[derive(Debug)]
pub struct Call {
    view: View,
}

/// What a call starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The room's name.
    pub room: String,
    /// The person's name as far as it is known; may be empty.
    pub name: String,
    /// Whether to join without a further press.
    pub join: bool,
    /// Whether the microphone is wanted on.
    pub microphone: bool,
    /// Whether the camera is wanted on.
    pub camera: bool,
    /// Picks the waiting times, so that many clients do not come back in the same moment.
    pub random: u64,
}

impl Call {
    /// A call in the lobby, and what to do first.
    pub fn new(_now: Moment, _setup: Setup) -> (Self, Vec<Command>) {
        todo!()
    }

    /// Takes one event in and tells what to do about it.
    pub fn update(&mut self, _now: Moment, _event: Event) -> Vec<Command> {
        todo!()
    }

    /// What a person is shown.
    pub fn view(&self) -> &View {
        &self.view
    }
}
