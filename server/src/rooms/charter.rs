//! Whose a room is and how it lets people in.

use std::fmt;

use maju_protocol::Rules;
use serde::{Deserialize, Serialize};

use super::Refusal;

/// How many marks of people who were removed are remembered in a room; the oldest are dropped.
const MAX_BANNED: usize = 64;

/// What a room keeps for as long as it lives. The tokens of its people carry it across a restart of the server, so there is
/// nothing in it that they must not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charter {
    /// Tells one life of a room from another of the same name. Random.
    pub life: String,
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

impl Charter {
    /// That of a room whose first person comes.
    pub(super) fn new(life: String, host: Option<Mark>) -> Self {
        Self {
            life,
            host,
            ..Self::default()
        }
    }

    /// What everybody in the room may know of it.
    pub fn rules(&self) -> Rules {
        Rules {
            locked: self.locked,
            waiting: self.waiting,
            password: self.password.is_some(),
        }
    }

    /// Whether it keeps anybody out.
    pub(super) fn is_strict(&self) -> bool {
        self.locked || self.waiting || self.password.is_some() || !self.banned.is_empty()
    }

    /// Whether this mark is that of the host's secret.
    pub(super) fn is_host(&self, mark: Option<&Mark>) -> bool {
        mark.is_some() && self.host.as_ref() == mark
    }

    /// How somebody is let in who was not in the room before. `password` is what theirs was found to match.
    pub(super) fn gate(&self, marks: &Marks, password: Option<&str>) -> Result<Gate, Refusal> {
        self.bans(&marks.person)?;
        if self.locked {
            return Err(Refusal::Locked);
        }
        if self.password.is_some() && self.password.as_deref() != password {
            return Err(Refusal::PasswordNeeded);
        }
        // Behind one address there may be many, so nobody is turned away for it without being looked at.
        if self.waiting || self.banned.contains(&marks.address) {
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
        self.revision += 1;
        for mark in marks.person.iter().chain([&marks.address]) {
            if !self.banned.contains(mark) {
                self.banned.push(mark.clone());
            }
        }
        let excess = self.banned.len().saturating_sub(MAX_BANNED);
        self.banned.drain(..excess);
    }
}
