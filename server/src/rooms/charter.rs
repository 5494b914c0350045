//! Whose a room is and how it lets people in.

use std::fmt;

use maju_protocol::{Role, Rules};
use serde::{Deserialize, Serialize};

use super::{Papers, Refusal};

/// How many marks of people who were removed are remembered in a room; the oldest are dropped.
const MAX_BANNED: usize = 64;

/// What a room keeps for as long as it lives. The tokens of its people carry it across a restart of the server, so there is
/// nothing in it that they must not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charter {
    /// Tells one life of a room from another of the same name. Random.
    pub life: String,
    /// When that life began, in seconds since 1970.
    pub begun: u64,
    /// Counts the changes. Of two charters of one life, the one with the higher number is the newer.
    pub revision: u32,
    /// Of the secret that makes whoever has it the host. None where the operator's tokens say who is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Mark>,
    /// Whether nobody new comes in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// Whether who comes has to wait until a host lets them in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waiting: bool,
    /// What passwords are checked against: a hash that is worthless without the server's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Of those who were removed, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub banned: Vec<Mark>,
}

/// Stands for a secret, an id or an address, and gives nothing of it away: a keyed hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(pub String);

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark(…)")
    }
}

/// What a newcomer is known by, and is known by again after being removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Of the id, and of who they are in the operator's own system.
    pub person: Vec<Mark>,
    /// Of the network address.
    pub address: Mark,
}

/// How somebody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// At once.
    Open,
    /// When a host says so.
    Knock,
}

/// Tells which of two charters of one room is the newer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age {
    begun: u64,
    life: String,
    revision: u32,
}

impl Charter {
    /// What everybody in the room may know of it.
    pub fn rules(&self) -> Rules {
        Rules {
            locked: self.locked,
            waiting: self.waiting,
            password: self.password.is_some(),
        }
    }

    pub(super) fn age(&self) -> Age {
        Age {
            begun: self.begun,
            life: self.life.clone(),
            revision: self.revision,
        }
    }

    /// Whether it keeps anybody out.
    pub(super) fn is_strict(&self) -> bool {
        self.locked || self.waiting || self.password.is_some() || !self.banned.is_empty()
    }

    /// What somebody may do in the room who has these papers.
    pub(super) fn role_of(&self, papers: &Papers) -> Role {
        let host = papers.host.is_some() && papers.host == self.host;
        papers.role.unwrap_or(if host { Role::Host } else { Role::Guest })
    }

    /// How somebody is let in who was not in the room before and is no host.
    pub(super) fn gate(&self, papers: &Papers) -> Result<Gate, Refusal> {
        self.bans(&papers.marks.person)?;
        if self.locked {
            return Err(Refusal::Locked);
        }
        if self.password.is_some() && self.password != papers.password {
            return Err(Refusal::PasswordNeeded);
        }
        // Behind one address there may be many, so nobody is turned away for it without being looked at.
        if self.waiting || self.banned.contains(&papers.marks.address) {
            return Ok(Gate::Knock);
        }
        Ok(Gate::Open)
    }

    /// Refuses those who were removed.
    pub(super) fn bans(&self, person: &[Mark]) -> Result<(), Refusal> {
        if person.iter().any(|mark| self.banned.contains(mark)) {
            return Err(Refusal::Banned);
        }
        Ok(())
    }

    pub(super) fn ban(&mut self, marks: &Marks) {
        self.changed();
        for mark in marks.person.iter().chain([&marks.address]) {
            // The newest last, also those who were known already.
            self.banned.retain(|known| known != mark);
            self.banned.push(mark.clone());
        }
        let excess = self.banned.len().saturating_sub(MAX_BANNED);
        self.banned.drain(..excess);
    }

    pub(super) fn changed(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }
}
