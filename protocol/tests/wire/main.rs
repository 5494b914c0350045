//! The wire's types, its document and its text must not part ways.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod document;
mod golden;
mod names;
