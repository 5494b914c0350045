//! Maju's server.
fn main() {}
