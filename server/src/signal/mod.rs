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
