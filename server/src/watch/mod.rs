//! What an operator sees of a running server: counters, and lines of the log that do not drown one another.

pub(crate) mod lines;
pub(crate) mod meters;
pub(crate) mod monitoring;
