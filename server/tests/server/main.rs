//! The server as its clients see it: real sockets on a port of their own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod app;
mod auth;
mod bad_input;
mod command;
mod deploy;
mod handshake;
mod headers;
mod hosts;
mod lan;
mod limits;
mod log;
mod membership;
mod metrics;
mod origin;
mod patience;
mod proxies;
mod relay;
mod renaming;
mod resume;
mod shutdown;
mod slow;
mod support;
mod tls;
