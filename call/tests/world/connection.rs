//! An `RTCPeerConnection` as far as negotiation goes (JSEP, RFC 9429): signaling states, rollback, transceivers,
//! and when a negotiation is needed.

use std::collections::VecDeque;

use maju_call::{ConnectionState, Kind, LinkCommand, LinkEvent, LinkId, Sending};
use maju_protocol::Candidate;

/// One end.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: LinkId,
    /// Commands that wait for their turn.
    pub(crate) operations: VecDeque<LinkCommand>,
    /// How often an own offer was taken back.
    pub(crate) rollbacks: u32,
    /// How many offers were made.
    pub(crate) offers: u32,
    state: State,
    transceivers: Vec<Transceiver>,
    sending: Sending,
    remote_set: bool,
    connected: bool,
    /// `negotiationneeded` was fired and not yet answered by a negotiation.
    flagged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stable,
    HaveLocalOffer,
}

/// A media section, as this end sees it.
#[derive(Clone, Debug)]
struct Transceiver {
    kind: Kind,
    /// What the own direction says.
    sends: bool,
    /// What it said in the newest offer from here.
    offered: bool,
    /// What was agreed: who sends, this end and the other.
    agreed: Option<(bool, bool)>,
}

impl Connection {
    pub(crate) fn open(id: LinkId, offerer: bool, sending: Sending) -> (Self, Vec<LinkEvent>) {
        let transceivers = if offerer {
            Kind::ALL
                .map(|kind| Transceiver {
                    kind,
                    sends: wants(sending, kind),
                    offered: false,
                    agreed: None,
                })
                .to_vec()
        } else {
            Vec::new()
        };
        let mut connection = Self {
            id,
            operations: VecDeque::new(),
            rollbacks: 0,
            offers: 0,
            state: State::Stable,
            transceivers,
            sending,
            remote_set: false,
            connected: false,
            flagged: false,
        };
        let events = connection.flag();
        (connection, events)
    }

    /// Whether an own offer is being made or out.
    pub(crate) fn is_negotiating(&self) -> bool {
        self.state != State::Stable || self.operations.contains(&LinkCommand::MakeOffer)
    }

    /// Carries out the oldest command.
    pub(crate) fn operate(&mut self) -> Vec<LinkEvent> {
        let Some(command) = self.operations.pop_front() else {
            return Vec::new();
        };
        let result = match command {
            LinkCommand::MakeOffer => self.make_offer(),
            LinkCommand::TakeOffer(sdp) => self.take_offer(&sdp),
            LinkCommand::TakeAnswer(sdp) => self.take_answer(&sdp),
            LinkCommand::AddCandidate(_) => {
                assert!(self.remote_set, "a candidate before any description");
                self.connect()
            }
            LinkCommand::Send(kind, on) => self.send(kind, on),
            other => panic!("not for a connection: {other:?}"),
        };
        result.unwrap_or_else(|reason| vec![LinkEvent::DescriptionFailed(reason)])
    }

    /// Both ends are stable and agree on what each of them sends, and that is what each of them wants to send.
    pub(crate) fn check_against(&self, other: &Self) {
        assert_eq!(self.state, State::Stable);
        assert_eq!(other.state, State::Stable);
        let ours: Vec<_> = self.transceivers.iter().map(|t| (t.kind, t.agreed)).collect();
        let theirs: Vec<_> = other
            .transceivers
            .iter()
            .map(|t| (t.kind, t.agreed.map(|(here, there)| (there, here))))
            .collect();
        assert_eq!(ours, theirs, "both ends agree on the media");
        for transceiver in &self.transceivers {
            assert_eq!(
                transceiver.agreed.map(|(here, _)| here),
                Some(transceiver.sends),
                "what is wanted is agreed"
            );
            assert!(
                transceiver.sends || !wants(self.sending, transceiver.kind),
                "what is on is sent"
            );
        }
        assert!(
            self.connected && other.connected,
            "candidates arrived at both ends"
        );
    }

    fn make_offer(&mut self) -> Result<Vec<LinkEvent>, String> {
        if self.state != State::Stable {
            return Err("an offer while not stable".to_owned());
        }
        self.state = State::HaveLocalOffer;
        self.flagged = false;
        self.offers += 1;
        for transceiver in &mut self.transceivers {
            transceiver.offered = transceiver.sends;
        }
        let sdp = self.describe();
        Ok(vec![LinkEvent::OfferMade(sdp), candidate(1), candidate(2)])
    }

    fn take_offer(&mut self, sdp: &str) -> Result<Vec<LinkEvent>, String> {
        let sections = parse(sdp)?;
        if self.state == State::HaveLocalOffer {
            self.rollbacks += 1;
            self.state = State::Stable;
        }
        self.remote_set = true;
        self.flagged = false;
        for (index, (kind, they_send)) in sections.into_iter().enumerate() {
            if index == self.transceivers.len() {
                self.transceivers.push(Transceiver {
                    kind,
                    sends: wants(self.sending, kind),
                    offered: false,
                    agreed: None,
                });
            }
            let transceiver = &mut self.transceivers[index];
            assert_eq!(transceiver.kind, kind, "a media section keeps its kind");
            transceiver.agreed = Some((transceiver.sends, they_send));
        }
        let mut events = vec![LinkEvent::AnswerMade(self.describe()), candidate(3), candidate(4)];
        events.extend(self.flag());
        Ok(events)
    }

    fn take_answer(&mut self, sdp: &str) -> Result<Vec<LinkEvent>, String> {
        if self.state != State::HaveLocalOffer {
            return Err("an answer without an offer".to_owned());
        }
        let sections = parse(sdp)?;
        if sections.len() != self.transceivers.len() {
            return Err("an answer to another offer".to_owned());
        }
        self.state = State::Stable;
        self.remote_set = true;
        self.flagged = false;
        for (transceiver, (_, they_send)) in self.transceivers.iter_mut().zip(sections) {
            transceiver.agreed = Some((transceiver.offered, they_send));
        }
        let mut events = vec![LinkEvent::AnswerTaken];
        events.extend(self.flag());
        Ok(events)
    }

    fn send(&mut self, kind: Kind, on: bool) -> Result<Vec<LinkEvent>, String> {
        match kind {
            Kind::Microphone => self.sending.microphone = on,
            Kind::Camera => self.sending.camera = on,
        }
        if on {
            for transceiver in self.transceivers.iter_mut().filter(|t| t.kind == kind) {
                transceiver.sends = true;
            }
        }
        Ok(self.flag())
    }

    /// Fires `negotiationneeded` if one is needed and the state allows it.
    fn flag(&mut self) -> Vec<LinkEvent> {
        let open = |t: &Transceiver| t.agreed.is_none_or(|(here, _)| here != t.sends);
        if self.state == State::Stable && !self.flagged && self.transceivers.iter().any(open) {
            self.flagged = true;
            return vec![LinkEvent::NegotiationNeeded];
        }
        Vec::new()
    }

    fn connect(&mut self) -> Result<Vec<LinkEvent>, String> {
        if self.connected {
            return Ok(Vec::new());
        }
        self.connected = true;
        Ok(vec![
            LinkEvent::Connection(ConnectionState::Connected),
            LinkEvent::ChannelOpened,
        ])
    }

    fn describe(&self) -> String {
        let section = |t: &Transceiver| {
            let kind = if t.kind == Kind::Microphone {
                "audio"
            } else {
                "video"
            };
            format!("{kind}:{}", t.sends)
        };
        self.transceivers
            .iter()
            .map(section)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn parse(sdp: &str) -> Result<Vec<(Kind, bool)>, String> {
    sdp.split(' ')
        .map(|section| match section {
            "audio:true" => Ok((Kind::Microphone, true)),
            "audio:false" => Ok((Kind::Microphone, false)),
            "video:true" => Ok((Kind::Camera, true)),
            "video:false" => Ok((Kind::Camera, false)),
            _ => Err(format!("not a description: {section}")),
        })
        .collect()
}

fn candidate(number: u32) -> LinkEvent {
    LinkEvent::Candidate(Candidate {
        candidate: format!("candidate:{number} 1 udp 1 10.0.0.1 {number} typ host"),
        ..Candidate::default()
    })
}

fn wants(sending: Sending, kind: Kind) -> bool {
    match kind {
        Kind::Microphone => sending.microphone,
        Kind::Camera => sending.camera,
    }
}
