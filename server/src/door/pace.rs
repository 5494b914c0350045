//! How often somebody may try something.

use std::{
    collections::HashMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use maju_protocol::ErrorCode;
use tokio::time::Instant;

use crate::{config::Config, rooms::RoomKey, signal::incoming::Refused, source::Source};

/// How many wrong passwords may be tried at once, and how long it takes until one more may.
const GUESSES: u32 = 5;
const GUESS_EVERY: Duration = Duration::from_secs(10);

/// How many passwords may be set at once, and how long it takes until one more may: each is hashed.
const SETTINGS: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const SETTING_EVERY: Duration = Duration::from_secs(5);

/// How many times somebody may change their name at once, and how long it takes until they may once more: everybody is told.
const RENAMINGS: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
const RENAMING_EVERY: Duration = Duration::from_secs(2);

/// How many times as many may come back as may come: all of an office may, when its server was started anew.
const RETURNS_PER_JOIN: NonZeroU32 = NonZeroU32::new(10).expect("not zero");

/// After so many questions, those who have not asked for long are forgotten.
const TIDY_EVERY: u32 = 1024;

/// What is counted for each source.
pub(crate) struct Pace {
    joins: Keyed<Source>,
    returns: Keyed<Source>,
    settings: Keyed<Source>,
    guesses: Guesses,
}

impl Pace {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            joins: Keyed::new(Quota::per_minute(config.joins_per_minute)),
            returns: Keyed::new(Quota::per_minute(
                config.joins_per_minute.saturating_mul(RETURNS_PER_JOIN),
            )),
            settings: Keyed::new(quota(SETTING_EVERY, SETTINGS)),
            guesses: Guesses::default(),
        }
    }

    /// Somebody who was not here before wants to come in.
    pub(crate) fn join(&self, source: &Source) -> Result<(), Refused> {
        self.joins
            .check(source)
            .map_err(|wait| too_fast("Too many people came from your network in the last minute.", wait))
    }

    /// Somebody comes back with the token of a seat.
    pub(crate) fn come_back(&self, source: &Source) -> Result<(), Refused> {
        self.returns.check(source).map_err(|wait| {
            too_fast(
                "Too many people came back from your network in the last minute.",
                wait,
            )
        })
    }

    /// Somebody sets a password.
    pub(crate) fn set_password(&self, source: &Source) -> Result<(), Refused> {
        self.settings
            .check(source)
            .map_err(|wait| too_fast("The password was changed too often.", wait))
    }

    /// Somebody tries a password. It counts as a wrong one until it turns out to be right.
    pub(crate) fn guess(&self, room: &RoomKey, source: &Source) -> Result<(), Refused> {
        self.guesses
            .take((room.clone(), *source))
            .map_err(|wait| too_fast("Too many wrong passwords.", wait))
    }

    /// It was right.
    pub(crate) fn guessed(&self, room: &RoomKey, source: &Source) {
        self.guesses.give_back(&(room.clone(), *source));
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

    /// For names: so often may they be changed.
    pub(crate) fn of_names() -> Self {
        Self(RateLimiter::direct(quota(RENAMING_EVERY, RENAMINGS)))
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

/// Tries at passwords: for each room and source the time at which all tries are there again (the generic cell rate algorithm, as
/// governor has it, which cannot give back).
#[derive(Default)]
struct Guesses(Mutex<HashMap<(RoomKey, Source), Instant>>);

impl Guesses {
    fn take(&self, key: (RoomKey, Source)) -> Result<(), Duration> {
        let mut rested = self.lock();
        let now = Instant::now();
        if rested.len() >= TIDY_EVERY as usize {
            rested.retain(|_, at| *at > now);
        }
        let at = rested.get(&key).map_or(now, |at| now.max(*at));
        let over = (at - now).saturating_sub(GUESS_EVERY * (GUESSES - 1));
        if !over.is_zero() {
            return Err(over);
        }
        rested.insert(key, at + GUESS_EVERY);
        Ok(())
    }

    fn give_back(&self, key: &(RoomKey, Source)) {
        if let Some(at) = self.lock().get_mut(key) {
            *at -= GUESS_EVERY;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(RoomKey, Source), Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn quota(every: Duration, at_once: NonZeroU32) -> Quota {
    match Quota::with_period(every) {
        Some(quota) => quota.allow_burst(at_once),
        None => Quota::per_second(at_once),
    }
}

pub(crate) fn too_fast(what: &str, wait: Duration) -> Refused {
    let seconds = wait.as_secs() + 1;
    Refused::new(ErrorCode::TooFast, format!("{what} Try again in {seconds} s.")).after(wait)
}
