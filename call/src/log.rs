//! The call log: how each connection was set up, for those who want to see it.

use std::sync::Arc;

use maju_protocol::{PeerId, Signal};

use crate::Moment;

/// One line of the call log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Counts the lines, from 1; a key for lists.
    pub id: u32,
    /// When.
    pub at: Moment,
    /// With whom: the id and the name at that time; nobody for what concerns the server alone.
    pub peer: Option<(PeerId, String)>,
    /// Which way it went.
    pub direction: Direction,
    /// What it was, in the field's terms: `offer`, `answer`, `candidate`, `connection`, ….
    pub what: &'static str,
    /// More about it: a candidate's type and address, the new state.
    pub detail: String,
}

/// Which way a logged thing went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From here to there.
    Sent,
    /// From there to here.
    Received,
    /// It happened here.
    Local,
}

/// The lines kept of each person, and of all together; older ones go.
const MAX_OF_ONE: usize = 250;
const MAX_OF_ALL: usize = 2000;
/// The longest detail, in characters: others may have written it.
const MAX_DETAIL: usize = 300;

/// All lines of all people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    lines: Arc<Vec<Arc<LogLine>>>,
    written: u32,
}

impl Log {
    pub(crate) fn lines(&self) -> &Arc<Vec<Arc<LogLine>>> {
        &self.lines
    }

    pub(crate) fn write(
        &mut self,
        at: Moment,
        peer: Option<(PeerId, String)>,
        direction: Direction,
        what: &'static str,
        detail: impl Into<String>,
    ) {
        self.written += 1;
        let lines = Arc::make_mut(&mut self.lines);
        let id = peer.as_ref().map(|(id, _)| id);
        let same = |line: &Arc<LogLine>| line.peer.as_ref().map(|(id, _)| id) == id;
        // One talkative pair must not push the lines of the others out.
        if lines.iter().filter(|line| same(line)).count() >= MAX_OF_ONE
            && let Some(oldest) = lines.iter().position(same)
        {
            lines.remove(oldest);
        } else if lines.len() >= MAX_OF_ALL {
            lines.remove(0);
        }
        let mut detail = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL) {
            detail.truncate(end);
            detail.push('…');
        }
        lines.push(Arc::new(LogLine {
            id: self.written,
            at,
            peer,
            direction,
            what,
            detail,
        }));
    }
}

/// A signal as the log tells of it, sent or received.
pub(crate) fn describe(signal: &Signal) -> (&'static str, String) {
    match signal {
        Signal::Offer { seq, sdp, .. } => ("offer", format!("#{seq}: {}", describe_sdp(sdp))),
        Signal::Answer {
            seq, answered, sdp, ..
        } => ("answer", format!("#{seq} to #{answered}: {}", describe_sdp(sdp))),
        Signal::Candidate { candidate, .. } => ("candidate", describe_candidate(&candidate.candidate)),
    }
}

/// A candidate in a few words: its type, transport and address (RFC 8839, section 5.1).
fn describe_candidate(candidate: &str) -> String {
    let fields: Vec<&str> = candidate.split_ascii_whitespace().collect();
    match fields[..] {
        [_, _, transport, _, address, port, "typ", kind, ..] => {
            format!("{kind} {} {address} port {port}", transport.to_ascii_lowercase())
        }
        [] => "no more".to_owned(),
        _ => "not understood".to_owned(),
    }
}

/// A session description in a few words: its media sections and their directions.
fn describe_sdp(sdp: &str) -> String {
    let sections: Vec<String> = sdp
        .split("\nm=")
        .skip(1)
        .map(|section| {
            let kind = section.split(' ').next().unwrap_or_default();
            match section
                .lines()
                .find(|l| matches!(*l, "a=sendrecv" | "a=sendonly" | "a=recvonly" | "a=inactive"))
            {
                Some(direction) => format!("{kind} {}", &direction[2..]),
                None => kind.to_owned(),
            }
        })
        .collect();
    sections.join(", ")
}
