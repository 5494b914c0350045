//! How many of something each has at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts for each key, up to a limit. Clones share the counts.
#[derive(Debug)]
pub(crate) struct Counts<K> {
    /// A std mutex: it is held for a look into a map.
    held: Arc<Mutex<HashMap<K, usize>>>,
    limit: usize,
}

/// One of what is counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted<K: Copy + Eq + Hash> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Copy + Eq + Hash> Counts<K> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            held: Arc::default(),
            limit,
        }
    }

    /// One more, unless there are as many as may be.
    pub(crate) fn take(&self, key: K) -> Option<Counted<K>> {
        let mut held = lock(&self.held);
        let count = held.get(&key).copied().unwrap_or(0);
        if count >= self.limit {
            return None;
        }
        held.insert(key, count + 1);
        Some(Counted {
            held: self.held.clone(),
            key,
        })
    }
}

impl<K: Copy + Eq + Hash> Drop for Counted<K> {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_the_limit_for_itself_and_what_is_dropped_is_free_again() {
        let counts = Counts::new(2);
        let first = counts.take('a');
        let second = counts.take('a');
        assert!(first.is_some() && second.is_some());
        assert!(counts.take('a').is_none());
        let other = counts.take('b');
        assert!(other.is_some());
        drop(first);
        let third = counts.take('a');
        assert!(third.is_some() && counts.take('a').is_none());
        drop((second, other, third));
        assert!(
            lock(&counts.held).is_empty(),
            "nothing is remembered of those who are gone"
        );
    }
}
