//! What a person is shown.

use super::Call;
use crate::{Kind, Notice, Phase, Signaling, Whose};

impl Call {
    /// Brings the view up to date.
    pub(super) fn publish(&mut self) {
        let view = &mut self.view;
        view.phase.clone_from(&self.phase);
        view.signaling = self.socket.view();
        view.room.clone_from(&self.room);
        view.me = self.roster.me().cloned();
        view.name.clone_from(&self.name);
        view.microphone = self.media.view(Kind::Microphone);
        view.camera = self.media.view(Kind::Camera);
        view.screen = self.media.view(Kind::Screen);
        self.media.show(&mut view.sharing);
        view.devices.clone_from(&self.devices);
        view.chosen = self.media.chosen();
        view.wishes = self.media.wishes();
        view.role = self.membership.role();
        view.rules = self.membership.rules();
        view.rules_told = self.membership.rules_told();
        view.waiters.clone_from(self.membership.waiters());
        view.attended = self.membership.attended();
        view.asks_password = self.membership.asks_password();
        view.removed = self.removed;
        view.hiding = self.roster.hiding();
        view.hand = self.gestures.hand;
        view.pictures = self.gestures.pictures;
        let spotlight = self.roster.spotlight(view.role, self.gestures.spotlight.as_ref());
        let (by, whom) = spotlight.unzip();
        (view.spotlight, view.spotlight_by) = (whom.cloned(), by.cloned());
        view.reactions.clone_from(self.reactions.views());
        view.people.clone_from(self.roster.views());
        view.speaking.clone_from(self.speaking.views());
        view.main_speaker = self.speaking.main().cloned().map(Whose::Peer);
        view.chat.clone_from(self.chat.lines());
        view.log.clone_from(self.log.lines());
        let lost = view.signaling == Signaling::Lost;
        view.notices.clear();
        if let Some(refusal) = self.membership.refusal() {
            view.notices.push(Notice::Refused(refusal.clone()));
        }
        if let Some(refusal) = self.membership.not_done() {
            view.notices.push(Notice::NotDone(refusal.clone()));
        }
        if let Some(name) = &self.muted_by {
            view.notices.push(Notice::Muted(name.clone()));
        }
        if self.reminder.is_told() {
            view.notices.push(Notice::TalkingMuted);
        }
        if self.playback_blocked {
            view.notices.push(Notice::PlaybackBlocked);
        }
        let offers = self.media.offers().iter().cloned();
        view.notices.extend(offers.map(Notice::NewDevice));
        // A call notices a restart of the server only when it lasts.
        if self.closing && self.phase != Phase::InCall {
            view.notices.push(Notice::ServerClosing);
        } else if lost {
            view.notices.push(if self.offline {
                Notice::Offline
            } else {
                Notice::ServerLost
            });
        }
    }
}
