//! Which lines of the log are written: what one source does again and again is told of now and then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{source::Source, watch::meters::Meters};

/// For how long lines are counted together.
const MINUTE: Duration = Duration::from_secs(60);

/// How many sources and kinds are told apart. All others share one count of each kind, so that a crowd of sources does
/// not fill the log either.
const MAX_TOLD_APART: usize = 4096;

/// Counts the lines about each source.
pub(crate) struct Lines {
    /// A std mutex: it is held for a look into a map.
    inner: Mutex<Inner>,
    meters: Arc<Meters>,
}

struct Inner {
    spells: HashMap<Key, Spell>,
    /// When what is over was last removed.
    tidied: Instant,
}

/// A source, or all that are not told apart, and a kind of line.
type Key = (Option<Source>, &'static str);

/// A minute in which something happened.
#[derive(Clone, Copy)]
struct Spell {
    began: Instant,
    written: u32,
    left_out: u64,
}

/// A line that may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// How many of its kind, about the same source, were not since the last one, if any.
    pub(crate) left_out: Option<u64>,
}

impl Lines {
    pub(crate) fn new(meters: Arc<Meters>) -> Self {
        Self {
            inner: Mutex::new(Inner {
                spells: HashMap::new(),
                tidied: Instant::now(),
            }),
            meters,
        }
    }

    /// Whether to tell of a refusal: once a minute for each source and kind.
    pub(crate) fn refusal(&self, source: Source, kind: &'static str) -> Option<Line> {
        self.may(Some(source), kind, 1, Instant::now())
    }

    /// Whether to tell of something that is nobody's doing: once a minute.
    pub(crate) fn of_the_server(&self, kind: &'static str) -> Option<Line> {
        self.may(None, kind, 1, Instant::now())
    }

    /// Whether to tell of a change in a life: some times a minute, for whole offices come from one address.
    pub(crate) fn life(&self, source: Source, kind: &'static str) -> Option<Line> {
        self.may(Some(source), kind, 20, Instant::now())
    }

    fn may(&self, source: Option<Source>, kind: &'static str, a_minute: u32, now: Instant) -> Option<Line> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = (source, kind);
        if !inner.spells.contains_key(&key) && inner.is_full(now) {
            key.0 = None;
        }
        let fresh = Spell {
            began: now,
            written: 0,
            left_out: 0,
        };
        let spell = inner.spells.entry(key).or_insert(fresh);
        let mut line = Line { left_out: None };
        if now.duration_since(spell.began) >= MINUTE {
            line.left_out = Some(spell.left_out).filter(|count| *count > 0);
            *spell = fresh;
        }
        if spell.written < a_minute {
            spell.written += 1;
            return Some(line);
        }
        spell.left_out += 1;
        drop(inner);
        self.meters.left_out(kind);
        None
    }
}

impl Inner {
    /// Whether as many are told apart as may be. Removes those whose minute is over, but does not look for them at every
    /// line of a crowd.
    fn is_full(&mut self, now: Instant) -> bool {
        if self.spells.len() >= MAX_TOLD_APART && now.duration_since(self.tidied) >= MINUTE / 60 {
            self.spells
                .retain(|_, spell| now.duration_since(spell.began) < MINUTE);
            self.tidied = now;
        }
        self.spells.len() >= MAX_TOLD_APART
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn lines() -> Lines {
        Lines::new(Arc::new(Meters::new()))
    }

    fn source(number: u32) -> Source {
        Source::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn a_refusal_is_one_line_a_minute_that_says_how_many_were_left_out() {
        let lines = lines();
        let start = Instant::now();
        let at = |seconds| lines.may(Some(source(1)), "locked", 1, start + Duration::from_secs(seconds));
        let line = |left_out| Some(Line { left_out });
        assert_eq!(at(0), line(None));
        for second in 1..60 {
            assert_eq!(at(second), None);
        }
        assert_eq!(at(60), line(Some(59)));
        assert_eq!(at(61), None);
        assert_eq!(at(130), line(Some(1)));
        assert_eq!(at(200), line(None));
    }

    #[test]
    fn lives_are_some_lines_a_minute() {
        let lines = lines();
        let told = (0..100).filter(|_| lines.life(source(1), "joined").is_some());
        assert_eq!(told.count(), 20);
    }

    #[test]
    fn sources_and_kinds_do_not_silence_one_another() {
        let lines = lines();
        for source in [source(1), source(2)] {
            for kind in ["locked", "too-fast"] {
                assert!(lines.refusal(source, kind).is_some());
                assert!(lines.refusal(source, kind).is_none());
            }
        }
    }

    #[test]
    fn a_crowd_of_sources_fills_neither_the_log_nor_the_memory() {
        let lines = lines();
        let start = Instant::now();
        let told =
            (0..100_000).filter(|number| lines.may(Some(source(*number)), "too-fast", 1, start).is_some());
        assert_eq!(told.count(), MAX_TOLD_APART + 1);
        let remembered = || lines.inner.lock().unwrap().spells.len();
        assert_eq!(remembered(), MAX_TOLD_APART + 1);
        let later = start + MINUTE;
        assert!(lines.may(Some(source(200_000)), "too-fast", 1, later).is_some());
        assert_eq!(remembered(), 1);
    }
}
