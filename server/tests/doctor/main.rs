//! `maju doctor` against real TURN servers (coturn) on this machine, each wrong in a way of its own. Where coturn is not
//! installed, what needs it is skipped.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod certificates;
mod coturn;
mod fakes;
mod maju;
mod own;
mod reaching;
mod running;
mod secrets;
mod tasks;
mod tls;
mod working;
