//! How long things took.

use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long things took, in microseconds.
#[derive(Default)]
pub(crate) struct Latencies(Mutex<Vec<u32>>);

impl Latencies {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn add(&self, took: Duration) {
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(micros);
    }

    /// All of them, the shortest first.
    pub(crate) fn take(&self) -> Vec<u32> {
        let mut all = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        all.sort_unstable();
        all
    }
}
