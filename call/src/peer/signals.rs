//! Signals from them and to them, and what the negotiation wants done.

use maju_protocol::{ChannelMessage, ClientMessage, Signal};

use super::{Output, Own, Peer, note};
use crate::budget::Act;
use crate::log::describe;
use crate::negotiation::{Offer, Step};
use crate::{Command, Direction, LinkCommand, Misread, SocketCommand};

/// How far a number of a new link may be above the highest seen: numbers that are made up must not use them all up.
const MAX_LEAP: u32 = 1000;

impl Peer {
    /// They relayed a signal.
    pub(crate) fn receive(&mut self, signal: Result<Signal, Misread>, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_some() || !self.may(Act::Signal, own, out) {
            return;
        }
        match signal {
            Ok(signal) => self.take_signal(signal, own, out),
            Err(misread) => self.not_understood(misread, own, out),
        }
    }

    fn take_signal(&mut self, signal: Signal, own: Own<'_>, out: &mut Vec<Output>) {
        let is_offer = matches!(signal, Signal::Offer { .. });
        if is_offer && !self.may(Act::Offer, own, out) {
            return;
        }
        let (Signal::Offer { link, .. } | Signal::Answer { link, .. } | Signal::Candidate { link, .. }) =
            signal;
        if link < self.number || (link == self.number && !self.open) {
            return out.push(note("a message of an earlier connection, dropped"));
        }
        if link > self.number {
            if !is_offer || link - self.number > MAX_LEAP {
                return out.push(note("a message of a connection that is not there, dropped"));
            }
            if !self.may(Act::Link, own, out) {
                return;
            }
            out.push(Output::Log(
                Direction::Received,
                "new connection",
                format!("number {link}"),
            ));
            self.open(link, false, own, out);
        }
        let flooding = matches!(signal, Signal::Candidate { .. }) && self.negotiation.flooded();
        if !flooding {
            let (what, detail) = describe(&signal);
            out.push(Output::Log(Direction::Received, what, detail));
        }
        let mut steps = Vec::new();
        match signal {
            Signal::Offer {
                seq, answered, sdp, ..
            } => self
                .negotiation
                .receive_offer(Offer { seq, answered, sdp }, &mut steps),
            Signal::Answer {
                seq, answered, sdp, ..
            } => self.negotiation.receive_answer(seq, answered, sdp, &mut steps),
            Signal::Candidate { seq, candidate, .. } => {
                self.negotiation.receive_candidate(seq, candidate, &mut steps);
            }
        }
        self.carry_out(steps, own, out);
    }

    pub(super) fn carry_out(&self, steps: Vec<Step>, own: Own<'_>, out: &mut Vec<Output>) {
        if !self.open {
            return;
        }
        for step in steps {
            match step {
                Step::Do(command) => out.push(self.command(command)),
                Step::Note(what) => out.push(note(what)),
                Step::Tell(signal) => self.tell(signal, own, out),
            }
        }
    }

    /// Whether signals go by the server.
    pub(super) fn is_by_server(&self, own: Own<'_>) -> bool {
        own.seated && self.presence.is_here()
    }

    /// Sends a signal by the server, or by the data channel while the server is away. Without any way it is lost;
    /// what matters is sent again.
    fn tell(&self, signal: Signal, own: Own<'_>, out: &mut Vec<Output>) {
        let (what, detail) = describe(&signal);
        if self.is_by_server(own) {
            out.push(Output::Log(Direction::Sent, what, detail));
            let message = ClientMessage::Relay {
                to: self.person.id.clone(),
                payload: signal,
            };
            out.push(Output::Command(Command::Socket(SocketCommand::Send(message))));
        } else if self.channel_open {
            out.push(Output::Log(
                Direction::Sent,
                what,
                format!("{detail}, by the data channel"),
            ));
            out.push(self.command(LinkCommand::Say(ChannelMessage::Signal(signal))));
        }
    }
}
