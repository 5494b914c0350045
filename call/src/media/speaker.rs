use crate::{Command, Device, DeviceKind, MediaCommand};

use super::list::{hidden, listed};

/// Where the others are heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Speaker {
    /// The one in use; empty for the browser's choice.
    pub(super) id: String,
    /// The one before that.
    before: String,
    /// The one that was in use when it went.
    lost: Option<String>,
}

impl Speaker {
    /// The person picked one.
    pub(super) fn choose(&mut self, id: String, out: &mut Vec<Command>) {
        self.lost = None;
        self.before = self.id.clone();
        self.turn_to(id, out);
    }

    /// It could not be used: the one before is.
    pub(super) fn refuse(&mut self, id: &str, out: &mut Vec<Command>) {
        if self.id == id && self.before != id {
            self.turn_to(self.before.clone(), out);
        }
    }

    /// One that is gone gives way to the browser's choice until it is there again.
    pub(super) fn relist(&mut self, devices: &[Device], out: &mut Vec<Command>) {
        if hidden(devices, DeviceKind::Speaker) {
            return;
        }
        let there = |id: &str| listed(devices, DeviceKind::Speaker, id);
        if !self.id.is_empty() && !there(&self.id) {
            self.lost = Some(std::mem::take(&mut self.id));
            self.before.clear();
            self.turn_to(String::new(), out);
        } else if let Some(id) = self.lost.take_if(|id| there(id)) {
            self.turn_to(id, out);
        }
    }

    fn turn_to(&mut self, id: String, out: &mut Vec<Command>) {
        self.id.clone_from(&id);
        out.push(Command::Media(MediaCommand::Speaker(id)));
    }
}
