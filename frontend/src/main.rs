//! The entry of Maju's app.

fn main() {}
