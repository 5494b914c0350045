//! The signaling socket: one task for each, and the hub where they meet.
//!
//! ```text
//!  session ──▶ incoming     text becomes a message or a refusal
//!     │  ▲
//!     │  └──── outbox       what waits to be written, bounded
//!     ▼           ▲
//!    hub ─────────┘         the lock: rooms, and the way to everybody in them
//! ```

pub(crate) mod end;
pub(crate) mod hub;
pub(crate) mod ice;
pub(crate) mod incoming;
pub(crate) mod keeping;
pub(crate) mod outbox;
pub(crate) mod session;

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    door::Door,
    rooms::Relayed,
    signal::hub::Hub,
    watch::{lines::Lines, meters::Meters},
};

/// A relayed payload: JSON that was checked to be JSON and nothing more.
pub(crate) type Payload = Box<RawValue>;

impl Relayed for Payload {
    fn bytes(&self) -> usize {
        self.get().len()
    }
}

/// What a session needs of the server.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) hub: Arc<Hub>,
    pub(crate) door: Arc<Door>,
    pub(crate) config: Arc<Config>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) lines: Arc<Lines>,
    /// Cancelled when the server stops.
    pub(crate) stopping: CancellationToken,
}
