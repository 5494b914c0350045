//! The call log: how each connection was set up, for those who want to see it.

use maju_protocol::PeerId;

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
