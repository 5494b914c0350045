//! What the server says, and what becomes of it.

use maju_protocol::{ErrorCode, PeerId, Role, Secret, ServerMessage, Signal};

use super::Call;
use crate::membership::Seat;
use crate::{Command, Direction, Misread, Moment, Phase, Refusal};

impl Call {
    pub(super) fn server_said(
        &mut self,
        now: Moment,
        message: ServerMessage<Result<Signal, Misread>>,
        out: &mut Vec<Command>,
    ) {
        match message {
            ServerMessage::Beat { resume } => {
                self.membership.renewed(resume);
            }
            ServerMessage::Hello { version, beat, turn } => {
                self.socket.greeted(now, beat);
                self.roster.offer_hiding(turn);
                self.closing = false;
                // A page that was frozen missed it.
                self.offline = false;
                self.log.write(
                    now,
                    None,
                    Direction::Received,
                    "hello",
                    format!("version {version}"),
                );
            }
            ServerMessage::Welcome(welcome) => {
                if !matches!(self.membership.seat(), Seat::Asked | Seat::Knocking) {
                    return;
                }
                self.log.write(
                    now,
                    None,
                    Direction::Received,
                    "welcome",
                    format!("{} here before", welcome.people.len()),
                );
                let host = self.membership.welcome(&welcome);
                out.extend(host.map(Command::Keep));
                self.phase = Phase::InCall;
                self.room.clone_from(&welcome.room);
                let (roster, room) = self.roster(now, out);
                roster.welcome(welcome, room);
                self.ask_for_name(out);
            }
            ServerMessage::Waiting { attended } => {
                if self.membership.wait(attended) && self.phase == Phase::Joining {
                    self.phase = Phase::Waiting;
                }
            }
            ServerMessage::Rules(rules) => self.membership.ruled(rules),
            ServerMessage::Role { peer, role, host } => self.became(now, &peer, role, host, out),
            ServerMessage::Knock { person } => self.membership.knocked(&person),
            ServerMessage::Unknock { peer } => self.membership.unknocked(&peer),
            ServerMessage::Mute { by } => {
                if self.phase == Phase::InCall
                    && let Some(changed) = self.media.silence(out)
                {
                    self.muted_by = Some(self.roster.name(&by).unwrap_or_default().to_owned());
                    self.tell_changed(now, changed, out);
                }
            }
            ServerMessage::Removed {} => self.end_removed(now, out),
            ServerMessage::IceServers { ice_servers } => {
                let (roster, room) = self.roster(now, out);
                roster.ice_servers(ice_servers, room);
            }
            ServerMessage::Joined { person } => {
                let (roster, room) = self.roster(now, out);
                roster.joined(person, room);
            }
            ServerMessage::Renamed { id, name } => self.renamed(now, &id, name),
            ServerMessage::Left { peer, reason } => {
                let (roster, room) = self.roster(now, out);
                roster.left(&peer, reason, room);
            }
            ServerMessage::Relay { from, payload } => {
                let (roster, room) = self.roster(now, out);
                roster.receive(&from, payload, room);
            }
            ServerMessage::Error {
                code,
                text,
                about,
                wait,
                ..
            } => {
                self.log
                    .write(now, None, Direction::Received, "error", text.clone());
                let refusal = Refusal { code, text };
                match about.as_deref() {
                    Some("join") => self.refused(now, refusal, wait, out),
                    _ if code == ErrorCode::UnsupportedVersion => {
                        self.socket.shut(out);
                        self.refused(now, refusal, wait, out);
                    }
                    Some("rename") => {
                        self.renaming = None;
                        self.membership.refused_act(refusal);
                    }
                    Some("rules" | "admit" | "refuse" | "mute" | "remove" | "handOver") => {
                        self.membership.refused_act(refusal);
                    }
                    _ => {}
                }
            }
            ServerMessage::Closing { text } => {
                self.closing = true;
                self.log.write(now, None, Direction::Received, "closing", text);
            }
        }
    }

    /// The server refused a seat.
    fn refused(&mut self, now: Moment, refusal: Refusal, wait: Option<u32>, out: &mut Vec<Command>) {
        match (self.phase, refusal.code) {
            // It is the host's word, not an accident on the way.
            (Phase::InCall, ErrorCode::Banned | ErrorCode::Refused) => return self.end_removed(now, out),
            (Phase::Joining | Phase::Waiting, _) => self.phase = Phase::Lobby,
            _ => {}
        }
        let in_call = self.phase == Phase::InCall;
        self.membership.refused(refusal, wait, in_call, now);
    }

    /// A host took the seat away.
    fn end_removed(&mut self, now: Moment, out: &mut Vec<Command>) {
        if self.phase == Phase::InCall {
            self.log.write(now, None, Direction::Received, "removed", "");
            self.removed = true;
            self.end(now, out);
        }
    }

    fn became(
        &mut self,
        now: Moment,
        peer: &PeerId,
        role: Role,
        host: Option<Secret>,
        out: &mut Vec<Command>,
    ) {
        if self.roster.me() == Some(peer) {
            let host = self.membership.became(role, host);
            out.extend(host.map(Command::Keep));
            if role == Role::Guest {
                self.lose_spotlight(now, out);
            }
        } else {
            self.roster.became(peer, role);
        }
    }
}
