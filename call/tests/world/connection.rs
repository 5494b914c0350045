//! An `RTCPeerConnection` as far as negotiation and ICE go (JSEP, RFC 9429): signaling states, rollback,
//! transceivers, restarts, and when a negotiation is needed.

use std::collections::VecDeque;

use maju_call::{ConnectionState, Kind, LinkCommand, LinkEvent, LinkId, PeerId, Sending};
use maju_protocol::{Candidate, ChannelMessage};

/// One end.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Connection {
    /// Under which id it was opened.
    pub(crate) me: PeerId,
    pub(crate) id: LinkId,
    /// Commands that wait for their turn.
    pub(crate) operations: VecDeque<LinkCommand>,
    /// How often an own offer was taken back.
    pub(crate) rollbacks: u32,
    /// How many offers were made.
    pub(crate) offers: u32,
    /// What was said on the data channel and did not arrive yet.
    pub(crate) said: VecDeque<ChannelMessage>,
    pub(crate) state: ConnectionState,
    /// Whether the data channel opened at this end.
    pub(crate) channel: bool,
    /// Whether it closed again.
    pub(crate) broken: bool,
    signaling: Signaling,
    transceivers: Vec<Transceiver>,
    sending: Sending,
    /// `negotiationneeded` was fired and not yet answered by a negotiation.
    flagged: bool,
    ice: Ice,
    /// How ways are to be looked for.
    configuration: maju_call::Ice,
    /// How they were looked for the last time.
    pub(crate) searched: maju_call::Ice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Signaling {
    Stable,
    HaveLocalOffer,
}

/// Each restart begins a new generation of ways, told apart by the user name fragment of the candidates.
#[derive(Clone, Debug, Default, Hash)]
struct Ice {
    generation: u32,
    /// The one before the offer that is out, should it be taken back.
    before: u32,
    /// The next offer is to begin a new one.
    restart: bool,
    /// The other end's.
    remote: Option<u32>,
    /// Whether a candidate of the other end's is known.
    candidate: bool,
    /// The generation that failed: it never comes back.
    failed: Option<u32>,
}

/// A media section, as this end sees it.
#[derive(Clone, Debug, Hash)]
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
    pub(crate) fn open(
        me: PeerId,
        id: LinkId,
        offerer: bool,
        configuration: maju_call::Ice,
        sending: Sending,
    ) -> (Self, Vec<LinkEvent>) {
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
            me,
            id,
            operations: VecDeque::new(),
            rollbacks: 0,
            offers: 0,
            said: VecDeque::new(),
            state: ConnectionState::New,
            channel: false,
            broken: false,
            signaling: Signaling::Stable,
            transceivers,
            sending,
            flagged: false,
            ice: Ice::default(),
            searched: configuration.clone(),
            configuration,
        };
        let events = connection.flag();
        (connection, events)
    }

    /// Whether an own offer is being made or out.
    pub(crate) fn is_negotiating(&self) -> bool {
        self.signaling != Signaling::Stable || self.operations.contains(&LinkCommand::MakeOffer)
    }

    /// Whether candidates of the same generations are known, so that the two ends find each other.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let knows = |one: &Self, other: &Self| one.ice.remote == Some(other.ice.generation);
        let lives = |one: &Self| one.ice.failed != Some(one.ice.generation);
        let stable = self.signaling == Signaling::Stable && other.signaling == Signaling::Stable;
        let either = self.ice.candidate || other.ice.candidate;
        stable && knows(self, other) && knows(other, self) && lives(self) && lives(other) && either
    }

    /// The way was found: what is reported of it.
    pub(crate) fn connect(&mut self) -> Vec<LinkEvent> {
        let mut events = self.change(ConnectionState::Connected);
        if !self.channel && !self.broken {
            self.channel = true;
            events.push(LinkEvent::ChannelOpened);
        }
        events
    }

    /// The way was lost, at first for a while and then for good.
    pub(crate) fn lose(&mut self) -> Vec<LinkEvent> {
        if self.state == ConnectionState::Connected {
            return self.change(ConnectionState::Disconnected);
        }
        self.ice.failed = Some(self.ice.generation);
        self.change(ConnectionState::Failed)
    }

    fn change(&mut self, state: ConnectionState) -> Vec<LinkEvent> {
        self.state = state;
        vec![LinkEvent::Connection(state)]
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
            LinkCommand::AddCandidate(candidate) => {
                let remote = self.ice.remote.expect("a description before any candidate");
                self.ice.candidate |= candidate.username_fragment == Some(remote.to_string());
                Ok(Vec::new())
            }
            LinkCommand::Configure(configuration) => {
                self.configuration = configuration;
                Ok(Vec::new())
            }
            LinkCommand::Restart => {
                self.ice.restart = true;
                Ok(self.flag())
            }
            LinkCommand::Send(kind, on) => self.send(kind, on),
            other => panic!("not for a connection: {other:?}"),
        };
        result.unwrap_or_else(|reason| vec![LinkEvent::DescriptionFailed(reason)])
    }

    /// Both ends are stable and connected, and agree on what each of them sends, and that is what each of them
    /// wants to send.
    pub(crate) fn agrees_with(&self, other: &Self) -> Result<(), String> {
        if self.signaling != Signaling::Stable || other.signaling != Signaling::Stable {
            return Err("not stable".to_owned());
        }
        let ours: Vec<_> = self.transceivers.iter().map(|t| (t.kind, t.agreed)).collect();
        let theirs: Vec<_> = other
            .transceivers
            .iter()
            .map(|t| (t.kind, t.agreed.map(|(here, there)| (there, here))))
            .collect();
        if ours != theirs {
            return Err(format!("different media: {ours:?} and {theirs:?}"));
        }
        for transceiver in &self.transceivers {
            if transceiver.agreed.map(|(here, _)| here) != Some(transceiver.sends) {
                return Err(format!("what is wanted is not agreed: {transceiver:?}"));
            }
            if wants(self.sending, transceiver.kind) && !transceiver.sends {
                return Err(format!("what is on is not sent: {transceiver:?}"));
            }
        }
        if self.state != ConnectionState::Connected || other.state != ConnectionState::Connected {
            return Err(format!("not connected: {:?} and {:?}", self.state, other.state));
        }
        Ok(())
    }

    fn make_offer(&mut self) -> Result<Vec<LinkEvent>, String> {
        if self.signaling != Signaling::Stable {
            return Err("an offer while not stable".to_owned());
        }
        self.signaling = Signaling::HaveLocalOffer;
        self.flagged = false;
        self.offers += 1;
        self.ice.before = self.ice.generation;
        if std::mem::take(&mut self.ice.restart) {
            self.ice.generation += 1;
            self.searched = self.configuration.clone();
        }
        for transceiver in &mut self.transceivers {
            transceiver.offered = transceiver.sends;
        }
        let sdp = self.describe();
        Ok(vec![LinkEvent::OfferMade(sdp), self.candidate(1)])
    }

    fn take_offer(&mut self, sdp: &str) -> Result<Vec<LinkEvent>, String> {
        let (generation, sections) = self.parse(sdp)?;
        if self.signaling == Signaling::HaveLocalOffer {
            self.rollbacks += 1;
            self.signaling = Signaling::Stable;
            self.ice.restart = self.ice.generation != self.ice.before;
            self.ice.generation = self.ice.before;
        }
        self.flagged = false;
        if self.ice.remote.is_some_and(|before| before != generation) {
            self.ice.generation += 1;
            self.ice.restart = false;
            self.searched = self.configuration.clone();
        }
        self.remote(generation);
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
        let mut events = vec![LinkEvent::AnswerMade(self.describe()), self.candidate(2)];
        events.extend(self.flag());
        Ok(events)
    }

    fn take_answer(&mut self, sdp: &str) -> Result<Vec<LinkEvent>, String> {
        if self.signaling != Signaling::HaveLocalOffer {
            return Err("an answer without an offer".to_owned());
        }
        let (generation, sections) = self.parse(sdp)?;
        if sections.len() != self.transceivers.len() {
            return Err("an answer to another offer".to_owned());
        }
        self.signaling = Signaling::Stable;
        self.flagged = false;
        self.remote(generation);
        for (transceiver, (_, they_send)) in self.transceivers.iter_mut().zip(sections) {
            transceiver.agreed = Some((transceiver.offered, they_send));
        }
        let mut events = vec![LinkEvent::AnswerTaken];
        events.extend(self.flag());
        Ok(events)
    }

    fn remote(&mut self, generation: u32) {
        if self.ice.remote != Some(generation) {
            self.ice.remote = Some(generation);
            self.ice.candidate = false;
        }
    }

    fn send(&mut self, kind: Kind, on: bool) -> Result<Vec<LinkEvent>, String> {
        self.sending.set(kind, on);
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
        let needed = self.ice.restart || self.transceivers.iter().any(open);
        if self.signaling == Signaling::Stable && !self.flagged && needed {
            self.flagged = true;
            return vec![LinkEvent::NegotiationNeeded];
        }
        Vec::new()
    }

    /// A browser would not see that a description is of another connection; it would be confused by it.
    fn parse(&self, sdp: &str) -> Result<(u32, Sections), String> {
        let (link, generation, sections) = parse(sdp)?;
        if link == self.id.number {
            Ok((generation, sections))
        } else {
            Err(format!("of connection {link}, not {}", self.id.number))
        }
    }

    fn describe(&self) -> String {
        let section = |t: &Transceiver| {
            let kind = if matches!(t.kind, Kind::Microphone | Kind::ScreenSound) {
                "audio"
            } else {
                "video"
            };
            format!(" {kind}:{}", t.sends)
        };
        let sections: String = self.transceivers.iter().map(section).collect();
        format!("{} ice-ufrag:{}{sections}", self.id.number, self.ice.generation)
    }

    fn candidate(&self, number: u32) -> LinkEvent {
        LinkEvent::Candidate(Candidate {
            candidate: format!("candidate:{number} 1 udp 1 10.0.0.1 {number} typ host"),
            username_fragment: Some(self.ice.generation.to_string()),
            ..Candidate::default()
        })
    }
}

/// What of each kind is sent, in the order of the media sections.
type Sections = Vec<(Kind, bool)>;

/// The link's number, the generation, and what each section sends.
fn parse(sdp: &str) -> Result<(u32, u32, Sections), String> {
    let mut parts = sdp.split(' ');
    let mut number = |label: &str| {
        let number = parts
            .next()
            .and_then(|text| text.strip_prefix(label)?.parse().ok());
        number.ok_or_else(|| format!("not a description: {sdp}"))
    };
    let (link, generation) = (number("")?, number("ice-ufrag:")?);
    // The first of a medium is the device's, the second the screen's.
    let (mut sounds, mut pictures) = (
        [Kind::Microphone, Kind::ScreenSound].into_iter(),
        [Kind::Camera, Kind::Screen].into_iter(),
    );
    let sections = parts.map(|section| {
        let (kind, sends) = match section {
            "audio:true" => (sounds.next(), true),
            "audio:false" => (sounds.next(), false),
            "video:true" => (pictures.next(), true),
            "video:false" => (pictures.next(), false),
            _ => (None, false),
        };
        let kind = kind.ok_or_else(|| format!("not a description: {section}"))?;
        Ok((kind, sends))
    });
    Ok((link, generation, sections.collect::<Result<_, String>>()?))
}

fn wants(sending: Sending, kind: Kind) -> bool {
    sending.has(kind)
}
