//! Agreeing on what one peer connection carries: the *perfect negotiation* pattern (W3C WebRTC, section 10.7)
//! with numbered descriptions, so that it holds when messages are late or out of order too.

use maju_protocol::{Candidate, Signal};

use crate::clock::Deadline;
use crate::{LinkCommand, Moment};

/// Candidates that wait for their description, and candidates taken after one description.
const MAX_HELD: usize = 128;
const MAX_CANDIDATES: usize = 512;
/// Own candidates that are sent again with a description.
const MAX_FOUND: usize = 64;
/// The waits between the repetitions of an offer, in milliseconds: doubled from the first to the last.
const FIRST_REPEAT: u64 = 2000;
const LAST_REPEAT: u64 = 16_000;
/// An offer repeated that often in vain is not going to be answered.
const VAIN_REPEATS: u32 = 6;

/// The negotiation on one link, seen from one of its ends.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Negotiation {
    /// The number of the link, as on the wire.
    link: u32,
    /// Who is polite takes the own offer back when two offers cross.
    polite: bool,
    phase: Phase,
    /// An offer that has to wait for what is under way.
    held: Option<Offer>,
    /// The own offer that is out, to be sent again.
    offer: Option<String>,
    /// The answer to their newest offer, to be sent again: the number of the offer, its own, its text.
    answer: Option<(u32, u32, String)>,
    /// When the offer is sent again, and how often it was.
    repeat: Deadline,
    repeats: u32,
    /// Candidates found here of the ways that hold, to be sent again.
    found: Vec<Candidate>,
    /// The number of the newest description made here.
    seq: u32,
    /// The number of the newest offer from there that was answered here.
    answered: u32,
    /// The highest number seen on a description from there.
    seen: u32,
    /// The number of the newest description from there that was set here; candidates up to it can be added.
    applied: u32,
    /// Candidates found here that wait for the description they belong to.
    outgoing: Vec<Candidate>,
    /// Candidates from there that came before their description.
    incoming: Vec<(u32, Candidate)>,
    /// How many candidates came from there since their newest description.
    candidates: usize,
}

/// What is under way.
///
/// ```text
///            needed            OfferMade: send offer
///   Stable ─────────▶ Offering ─────────────────────▶ Offered
///    ▲  ▲ │                │                           │   │
///    │  │ │ offer          │ an offer came meanwhile,  │   │ answer
///    │  │ │                │ polite: take it instead   │   ▼
///    │  │ └──▶ Answering ◀─┴───── glare and polite ────┘ Settling
///    │  │        │                                         │
///    │  └────────┘ AnswerMade: send answer                 │
///    └─────────────────────────────────────────────────────┘ AnswerTaken
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// Nothing.
    Stable,
    /// An offer is being made.
    Offering,
    /// The own offer of this number is out.
    Offered(u32),
    /// The offer of this number is being set and answered, over the own one of the number in `instead_of`.
    Answering { theirs: u32, instead_of: Option<u32> },
    /// The answer to the own offer of this number is being set.
    Settling(u32),
}

/// An offer from the other end.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Offer {
    pub(crate) seq: u32,
    pub(crate) answered: u32,
    pub(crate) sdp: String,
}

/// What a negotiation wants done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// With the peer connection.
    Do(LinkCommand),
    /// Send this to the other end.
    Tell(Signal),
    /// Put this into the log.
    Note(&'static str),
}

impl Negotiation {
    pub(crate) fn new(link: u32, polite: bool) -> Self {
        Self {
            link,
            polite,
            phase: Phase::Stable,
            held: None,
            offer: None,
            answer: None,
            repeat: Deadline::default(),
            repeats: 0,
            found: Vec::new(),
            seq: 0,
            answered: 0,
            seen: 0,
            applied: 0,
            outgoing: Vec::new(),
            incoming: Vec::new(),
            candidates: 0,
        }
    }

    /// A negotiation is needed. Nothing to remember while another one is under way: a browser looks again when
    /// that is over, and fires `negotiationneeded` again if it still is (W3C WebRTC, section 4.7.3).
    pub(crate) fn needed(&mut self, out: &mut Vec<Step>) {
        if self.phase == Phase::Stable {
            self.phase = Phase::Offering;
            out.push(Step::Do(LinkCommand::MakeOffer));
        }
    }

    /// When the offer that is out is to be sent again.
    pub(crate) fn deadline(&self) -> Deadline {
        self.repeat
    }

    /// Whether the offer that is out was sent so often that no answer is to be expected.
    pub(crate) fn is_wedged(&self) -> bool {
        self.repeats >= VAIN_REPEATS
    }

    /// Sends the own offer again if the time has come.
    pub(crate) fn tick(&mut self, now: Moment, out: &mut Vec<Step>) {
        if self.repeat.take(now) {
            self.repeats = (self.repeats + 1).min(VAIN_REPEATS);
            self.send_offer(now, out);
        }
    }

    /// There is a way to the other end again: what went before may be lost.
    pub(crate) fn signaling_opened(&mut self, now: Moment, out: &mut Vec<Step>) {
        self.repeats = 0;
        self.send_offer(now, out);
    }

    fn send_offer(&mut self, now: Moment, out: &mut Vec<Step>) {
        let (Phase::Offered(seq), Some(sdp)) = (self.phase, &self.offer) else {
            return;
        };
        out.push(Step::Tell(Signal::Offer {
            link: self.link,
            seq,
            answered: self.answered,
            sdp: sdp.clone(),
        }));
        self.candidates_again(seq, out);
        self.repeat
            .set(now + (FIRST_REPEAT << self.repeats.min(10)).min(LAST_REPEAT));
    }

    fn candidates_again(&self, seq: u32, out: &mut Vec<Step>) {
        let link = self.link;
        out.extend(self.found.iter().map(|candidate| {
            Step::Tell(Signal::Candidate {
                link,
                seq,
                candidate: candidate.clone(),
            })
        }));
    }

    /// The own offer is made and set.
    pub(crate) fn offer_made(&mut self, now: Moment, sdp: String, out: &mut Vec<Step>) {
        if self.phase != Phase::Offering {
            return;
        }
        if self.polite
            && let Some(theirs) = self.held.take()
        {
            out.push(Step::Note("glare: taking the own offer back"));
            return self.take_offer(theirs, Some(self.seq + 1), out);
        }
        if self.held.take().is_some() {
            out.push(Step::Note("glare: dropping their offer"));
        }
        self.seq += 1;
        self.phase = Phase::Offered(self.seq);
        self.forget_other_ways(&sdp);
        self.offer = Some(sdp);
        self.repeats = 0;
        self.send_offer(now, out);
        self.release_candidates(out);
    }

    /// The answer to their offer is made and set.
    pub(crate) fn answer_made(&mut self, sdp: String, out: &mut Vec<Step>) {
        let Phase::Answering { theirs, .. } = self.phase else {
            return;
        };
        self.seq += 1;
        self.answered = theirs;
        self.phase = Phase::Stable;
        self.forget_other_ways(&sdp);
        self.answer = Some((theirs, self.seq, sdp.clone()));
        out.push(Step::Tell(Signal::Answer {
            link: self.link,
            seq: self.seq,
            answered: theirs,
            sdp,
        }));
        self.release_candidates(out);
        self.go_on(out);
    }

    /// Their answer is set.
    pub(crate) fn answer_taken(&mut self, out: &mut Vec<Step>) {
        if let Phase::Settling(_) = self.phase {
            self.phase = Phase::Stable;
            self.offer = None;
            self.repeats = 0;
            self.go_on(out);
        }
    }

    /// The description at hand could not be made or set: back to where it began.
    pub(crate) fn failed(&mut self, now: Moment, out: &mut Vec<Step>) {
        match self.phase {
            // Sending the offer again would bring the same answer.
            Phase::Settling(_) => self.repeats = VAIN_REPEATS,
            Phase::Answering {
                instead_of: Some(_), ..
            } => self.repeat.set(now + FIRST_REPEAT),
            _ => {}
        }
        if let Phase::Answering { theirs, .. } = self.phase {
            // It may be taken when it comes again.
            self.seen = self.seen.min(theirs - 1);
        }
        self.phase = match self.phase {
            // What they sent is no good; the own offer is still out.
            Phase::Settling(mine) => Phase::Offered(mine),
            Phase::Answering {
                instead_of: Some(mine),
                ..
            } if mine <= self.seq => Phase::Offered(mine),
            // What was made here could not be set.
            Phase::Offering | Phase::Offered(_) | Phase::Stable | Phase::Answering { .. } => Phase::Stable,
        };
        self.go_on(out);
    }

    /// An offer came.
    pub(crate) fn receive_offer(&mut self, theirs: Offer, out: &mut Vec<Step>) {
        if theirs.seq <= self.seen {
            return self.offered_again(theirs.seq, out);
        }
        self.seen = theirs.seq;
        match self.phase {
            Phase::Stable => self.take_offer(theirs, None, out),
            // It was made after the answer that is still on its way here.
            Phase::Offered(mine) if theirs.answered >= mine => self.held = Some(theirs),
            Phase::Offered(mine) if self.polite => {
                out.push(Step::Note("glare: taking the own offer back"));
                self.take_offer(theirs, Some(mine), out);
            }
            Phase::Offered(_) => out.push(Step::Note("glare: dropping their offer")),
            Phase::Offering | Phase::Answering { .. } | Phase::Settling(_) => self.held = Some(theirs),
        }
    }

    /// An offer came that came before: if it is the one that was answered last, the answer may be lost.
    fn offered_again(&self, theirs: u32, out: &mut Vec<Step>) {
        match &self.answer {
            Some((answered, seq, sdp)) if *answered == theirs => {
                out.push(Step::Note("their offer again, answered again"));
                out.push(Step::Tell(Signal::Answer {
                    link: self.link,
                    seq: *seq,
                    answered: theirs,
                    sdp: sdp.clone(),
                }));
                self.candidates_again(*seq, out);
            }
            _ => out.push(Step::Note("a late offer, dropped")),
        }
    }

    /// An answer came.
    pub(crate) fn receive_answer(&mut self, seq: u32, answered: u32, sdp: String, out: &mut Vec<Step>) {
        if self.phase != Phase::Offered(answered) {
            return out.push(Step::Note("a late answer, dropped"));
        }
        self.seen = self.seen.max(seq);
        self.phase = Phase::Settling(answered);
        self.repeat.clear();
        out.push(Step::Do(LinkCommand::TakeAnswer(sdp)));
        self.apply(seq, out);
    }

    /// A candidate came, found after the description of that number was made.
    pub(crate) fn receive_candidate(&mut self, seq: u32, candidate: Candidate, out: &mut Vec<Step>) {
        self.candidates += 1;
        if self.candidates > MAX_CANDIDATES {
            return;
        }
        if seq <= self.applied {
            out.push(Step::Do(LinkCommand::AddCandidate(candidate)));
        } else if self.incoming.len() < MAX_HELD {
            self.incoming.push((seq, candidate));
        }
    }

    /// A candidate was found here.
    pub(crate) fn found_candidate(&mut self, candidate: Candidate, out: &mut Vec<Step>) {
        if self.found.len() < MAX_FOUND {
            self.found.push(candidate.clone());
        }
        self.outgoing.push(candidate);
        if self.seq > 0 && !matches!(self.phase, Phase::Offering | Phase::Answering { .. }) {
            self.release_candidates(out);
        }
    }

    /// Whether what is under way is a description of theirs.
    pub(crate) fn is_about_theirs(&self) -> bool {
        matches!(self.phase, Phase::Answering { .. } | Phase::Settling(_))
    }

    /// Whether so many candidates came that further ones are not looked at.
    pub(crate) fn flooded(&self) -> bool {
        self.candidates > MAX_CANDIDATES
    }

    /// Begins what waited for the phase to be over.
    fn go_on(&mut self, out: &mut Vec<Step>) {
        if self.phase != Phase::Stable {
            return;
        }
        if let Some(theirs) = self.held.take() {
            self.take_offer(theirs, None, out);
        }
    }

    fn take_offer(&mut self, theirs: Offer, instead_of: Option<u32>, out: &mut Vec<Step>) {
        self.phase = Phase::Answering {
            theirs: theirs.seq,
            instead_of,
        };
        self.repeat.clear();
        self.repeats = 0;
        out.push(Step::Do(LinkCommand::TakeOffer(theirs.sdp)));
        self.apply(theirs.seq, out);
    }

    /// Their description of that number is being set: the candidates that waited for it can follow.
    fn apply(&mut self, seq: u32, out: &mut Vec<Step>) {
        self.applied = self.applied.max(seq);
        self.candidates = 0;
        let applied = self.applied;
        out.extend(
            self.incoming
                .extract_if(.., |(seq, _)| *seq <= applied)
                .map(|(_, candidate)| Step::Do(LinkCommand::AddCandidate(candidate))),
        );
    }

    /// A restart makes new candidates; those of before are not told again (RFC 8839, section 5.4: they bear another
    /// user name fragment).
    fn forget_other_ways(&mut self, sdp: &str) {
        self.found.retain(|candidate| {
            let fragment = candidate.username_fragment.as_ref();
            fragment.is_none_or(|fragment| sdp.contains(&format!("ice-ufrag:{fragment}")))
        });
    }

    fn release_candidates(&mut self, out: &mut Vec<Step>) {
        let (link, seq) = (self.link, self.seq);
        out.extend(
            self.outgoing
                .drain(..)
                .map(|candidate| Step::Tell(Signal::Candidate { link, seq, candidate })),
        );
    }
}
