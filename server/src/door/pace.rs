//! How often somebody may try something.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use maju_protocol::ErrorCode;

use crate::{config::Config, rooms::RoomKey, signal::incoming::Refused, source::Source};

/// How many passwords may be tried at once, and how long it takes until one more may.
const GUESSES: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
const GUESS_EVERY: Duration = Duration::from_secs(10);

/// After so many questions, those who have not asked for long are forgotten.
const TIDY_EVERY: u32 = 1024;

/// What is counted for each source.
pub(crate) struct Pace {
    joins: Keyed<Source>,
    guesses: Keyed<(RoomKey, Source)>,
}

impl Pace {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            joins: Keyed::new(Quota::per_minute(config.joins_per_minute)),
            guesses: Keyed::new(quota(GUESS_EVERY, GUESSES)),
        }
    }

    /// Somebody who was not here before wants to come in.
    pub(crate) fn join(&self, source: &Source) -> Result<(), Refused> {
        self.joins
            .check(source)
            .map_err(|wait| too_fast("Too many people came from your network in the last minute.", wait))
    }

    /// Somebody tries a password.
    pub(crate) fn guess(&self, room: &RoomKey, source: &Source) -> Result<(), Refused> {
        self.guesses
            .check(&(room.clone(), *source))
            .map_err(|wait| too_fast("Too many wrong passwords.", wait))
    }
}

/// What is counted for one socket.
pub(crate) struct SocketPace(DefaultDirectRateLimiter);

impl SocketPace {
    /// So many messages in a second, and so many at once.
    pub(crate) fn new(each_second: NonZeroU32, at_once: NonZeroU32) -> Self {
        Self(RateLimiter::direct(
            Quota::per_second(each_second).allow_burst(at_once),
        ))
    }

    /// A message came. How long to wait, if it came too early.
    pub(crate) fn check(&self) -> Result<(), Duration> {
        self.0
            .check()
            .map_err(|early| early.wait_time_from(DefaultClock::default().now()))
    }
}

struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(quota: Quota) -> Self {
        Self {
            limiter: RateLimiter::keyed(quota),
            asked: AtomicU32::new(0),
        }
    }

    fn check(&self, key: &K) -> Result<(), Duration> {
        if self
            .asked
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(TIDY_EVERY)
        {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter
            .check_key(key)
            .map_err(|early| early.wait_time_from(DefaultClock::default().now()))
    }
}

fn quota(every: Duration, at_once: NonZeroU32) -> Quota {
    match Quota::with_period(every) {
        Some(quota) => quota.allow_burst(at_once),
        None => Quota::per_second(at_once),
    }
}

fn too_fast(what: &str, wait: Duration) -> Refused {
    let seconds = wait.as_secs() + 1;
    Refused::new(ErrorCode::TooFast, format!("{what} Try again in {seconds} s.")).after(wait)
}
