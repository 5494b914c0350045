//! Checks and benchmarks with real browsers.
