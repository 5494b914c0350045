//! The link to them: opened, mended, closed.

use maju_protocol::ChannelMessage;

use super::{Output, Own, Peer, note, talk};
use crate::budget::Act;
use crate::healing::Remedy;
use crate::negotiation::Negotiation;
use crate::{ConnectionState, Direction, Kind, LinkCommand, LinkEvent, Moment, Pictures};

impl Peer {
    /// The link reported something.
    pub(crate) fn link_event(&mut self, number: u32, event: LinkEvent, own: Own<'_>, out: &mut Vec<Output>) {
        if number != self.number || !self.open {
            return;
        }
        let mut steps = Vec::new();
        match event {
            LinkEvent::NegotiationNeeded => {
                out.push(note("negotiation needed"));
                self.negotiation.needed(&mut steps);
            }
            LinkEvent::OfferMade(sdp) => self.negotiation.offer_made(own.now, sdp, &mut steps),
            LinkEvent::AnswerMade(sdp) => {
                self.negotiation.answer_made(sdp, &mut steps);
                self.healing.negotiated(own.now);
            }
            LinkEvent::AnswerTaken => {
                self.negotiation.answer_taken(&mut steps);
                self.healing.negotiated(own.now);
            }
            LinkEvent::DescriptionFailed(reason) => {
                out.push(Output::Log(Direction::Local, "description failed", reason));
                if self.negotiation.is_about_theirs() && !self.may(Act::Nonsense, own, out) {
                    return;
                }
                self.negotiation.failed(own.now, &mut steps);
            }
            LinkEvent::Candidate(candidate) => self.negotiation.found_candidate(candidate, &mut steps),
            LinkEvent::Connection(state) => self.connection_changed(state, own, out),
            LinkEvent::State(what, to) => out.push(Output::Log(Direction::Local, what, to)),
            LinkEvent::Track(kind) => {
                let kind = match kind {
                    Kind::Microphone => "audio",
                    Kind::Camera => "video",
                    Kind::Screen => "screen",
                    Kind::ScreenSound => "screen's sound",
                };
                out.push(Output::Log(Direction::Received, "track", kind.to_owned()));
            }
            LinkEvent::ChannelOpened => {
                self.channel_opened(own, out);
                if !self.is_by_server(own) {
                    self.negotiation.signaling_opened(own.now, &mut steps);
                }
            }
            LinkEvent::ChannelClosed => {
                self.channel_open = false;
                self.healing.channel_lost(own.now);
                out.push(Output::Log(Direction::Local, "data channel", "closed".to_owned()));
            }
            LinkEvent::ChannelMessage(message) => {
                if self.may(Act::Message, own, out) {
                    self.hear(message, own, out);
                }
            }
        }
        self.carry_out(steps, own, out);
        self.heal(own, out);
    }

    /// The own seat was taken again: what was sent meanwhile may be lost.
    pub(crate) fn signaling_opened(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        let mut steps = Vec::new();
        self.negotiation.signaling_opened(own.now, &mut steps);
        self.carry_out(steps, own, out);
        self.heal(own, out);
    }

    /// This machine's network is another one.
    pub(crate) fn network_changed(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_none() {
            self.healing.network_changed();
            self.heal(own, out);
        }
    }

    /// Ways are to be looked for in another manner from now on; at once, if those that are there will not do.
    pub(crate) fn configure(&mut self, were_relay_only: bool, own: Own<'_>, out: &mut Vec<Output>) {
        if self.open {
            out.push(self.command(LinkCommand::Configure(own.ice.clone())));
        }
        if own.ice.relay_only != were_relay_only && self.offence.is_none() {
            if own.ice.relay_only {
                self.healing.narrow();
            } else {
                self.healing.widen();
            }
            self.heal(own, out);
        }
    }

    /// What is sent of the own changed.
    pub(crate) fn own_changed(&mut self, kind: Kind, own: Own<'_>, out: &mut Vec<Output>) {
        if !self.open {
            return;
        }
        out.push(self.command(LinkCommand::Send(kind, own.sending.has(kind))));
        // Whether a screen has sound is not told.
        if self.channel_open && kind != Kind::ScreenSound {
            out.push(self.command(LinkCommand::Say(talk::status(own))));
        }
    }

    /// Says goodbye where that is possible, and closes the link.
    pub(crate) fn leave(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.channel_open {
            out.push(self.command(LinkCommand::Say(ChannelMessage::Leave {})));
        }
        self.close(now, out);
    }

    /// Closes the link.
    pub(crate) fn close(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.open {
            out.push(self.command(LinkCommand::Close));
        }
        self.open = false;
        self.channel_open = false;
        self.typing.clear();
        self.connection = ConnectionState::Closed;
        self.presence.carries(now, false);
    }

    /// Opens a link of that number in the place of the one that there may be.
    pub(super) fn open(&mut self, number: u32, offerer: bool, own: Own<'_>, out: &mut Vec<Output>) {
        self.close(own.now, out);
        self.number = number;
        self.open = true;
        self.negotiation = Negotiation::new(number, self.polite);
        self.connection = ConnectionState::New;
        self.healing.opened(own.now);
        let (ice, sending) = (own.ice.clone(), own.sending);
        let role = if offerer {
            "opened, will offer"
        } else {
            "opened, waits for an offer"
        };
        out.push(Output::Log(Direction::Local, "connection", role.to_owned()));
        out.push(self.command(LinkCommand::Open {
            offerer,
            ice,
            sending,
        }));
        let limit = self.pictures();
        if limit != Pictures::All {
            out.push(self.command(LinkCommand::Limit(limit)));
        }
        if offerer {
            // A new connection needs a negotiation; there is no use in waiting for the browser to say so.
            let mut steps = Vec::new();
            self.negotiation.needed(&mut steps);
            self.carry_out(steps, own, out);
        }
    }

    /// The next number above all that were seen: odd ones are the impolite side's, even ones the polite side's, so
    /// that two links that are begun at once never bear the same.
    pub(super) fn next_number(&self) -> u32 {
        let next = self.number.saturating_add(1);
        let mine = next.is_multiple_of(2) == self.polite;
        if mine { next } else { next.saturating_add(1) }
    }

    fn connection_changed(&mut self, state: ConnectionState, own: Own<'_>, out: &mut Vec<Output>) {
        out.push(Output::Log(
            Direction::Local,
            "connection",
            format!("{state:?}").to_ascii_lowercase(),
        ));
        self.connection = state;
        self.presence
            .carries(own.now, state == ConnectionState::Connected);
        match state {
            ConnectionState::Connected if self.channel_open => self.healing.well(),
            ConnectionState::Disconnected => self.healing.unsteady(own.now),
            ConnectionState::Failed => self.healing.failed(own.now),
            ConnectionState::Connected
            | ConnectionState::New
            | ConnectionState::Connecting
            | ConnectionState::Closed => {}
        }
    }

    /// Does what can be done about a link that does not carry.
    pub(super) fn heal(&mut self, own: Own<'_>, out: &mut Vec<Output>) {
        if self.offence.is_some() {
            return;
        }
        let by_server = self.is_by_server(own);
        if by_server && self.negotiation.is_wedged() {
            self.healing.wedged(own.now);
        }
        let by_channel = self.channel_open;
        let carries = self.connection == ConnectionState::Connected && by_channel;
        let remedy = self.healing.tick(own.now, carries, |remedy| match remedy {
            Remedy::Restart => by_server || by_channel,
            Remedy::Rebuild => by_server,
        });
        match remedy {
            Some(Remedy::Restart) => {
                out.push(note("looking for a new way"));
                out.push(self.command(LinkCommand::Restart));
                let mut steps = Vec::new();
                self.negotiation.needed(&mut steps);
                self.carry_out(steps, own, out);
            }
            Some(Remedy::Rebuild) => {
                let number = self.next_number();
                self.open(number, true, own, out);
            }
            None => {}
        }
    }
}
