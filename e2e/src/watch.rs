//! What a person would notice over time, as the script `watch.js` writes it down.

use std::{
    collections::BTreeSet,
    fmt::Display,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;

use crate::{Browser, Entry, Outcome, Person, until_within};

const SCRIPT: &str = include_str!("watch.js");
/// A picture moves when it had so many frames within [`WINDOW`] milliseconds.
const MOVING: usize = 4;
const WINDOW: u64 = 1500;

/// A picture stands still when it has no new frame for so many milliseconds.
const NOTICEABLE: u64 = 500;

/// A moment by the machine's clock, in milliseconds since 1970.
pub type Moment = u64;

/// The moment that it is now.
pub fn now() -> Moment {
    moment(SystemTime::now())
}

/// The moment of that time.
pub fn moment(time: SystemTime) -> Moment {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time from one moment to another, nothing when they are in the other order.
pub fn between(from: Moment, to: Moment) -> Duration {
    Duration::from_millis(to.saturating_sub(from))
}

/// What somebody noticed since some moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Watch {
    /// When the page told it.
    pub now: Moment,
    /// Every tile that was there, in the order in which they came.
    pub tiles: Vec<Tile>,
    /// Every notice and alert that stood there.
    pub notices: Vec<NoticeSeen>,
    /// Every signaling socket.
    pub sockets: Vec<SocketSeen>,
}

/// One tile's life.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tile {
    /// `data-peer`.
    pub peer: String,
    /// Whose it was.
    pub name: String,
    /// Whether it was the person's own.
    pub own: bool,
    /// When it came.
    pub from: Moment,
    /// When it went.
    pub until: Option<Moment>,
    /// Its `data-state`s, each from when it was shown.
    pub states: Vec<StateSeen>,
    /// When new frames were seen in its picture, looked at every 50 ms.
    pub frames: Vec<Moment>,
}

/// A tile's `data-state`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StateSeen {
    /// From when on.
    pub time: Moment,
    /// Which.
    pub state: String,
}

/// A notice or alert.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NoticeSeen {
    /// Its words.
    pub text: String,
    /// Whether it asks for something to be done.
    pub alert: bool,
    /// When it came.
    pub from: Moment,
    /// When it went.
    pub until: Option<Moment>,
}

/// A WebSocket of the page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SocketSeen {
    /// When it was made.
    pub made: Moment,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// The server's answers to `join` on it.
    pub welcomes: Vec<WelcomeSeen>,
}

/// An answer to `join`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WelcomeSeen {
    /// When it came.
    pub time: Moment,
    /// The id that the server gave.
    pub you: String,
    /// Whether the seat had been kept.
    pub kept: bool,
}

/// How the packets of one connection travel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Route {
    /// The kind of the own candidate: `host`, `srflx`, `prflx` or `relay`.
    pub local: String,
    /// The kind of the other's.
    pub remote: String,
    /// How the own relay is reached: `udp`, `tcp` or `tls`.
    pub relay: Option<String>,
}

impl Entry {
    /// With the script that writes down what the person would notice.
    #[must_use]
    pub fn watched(self) -> Self {
        self.script(SCRIPT)
    }
}

impl Person {
    /// What they noticed since that moment.
    ///
    /// # Errors
    /// When the page cannot tell, for instance because they are not [`watched`](Entry::watched).
    pub async fn noticed(&self, since: Moment) -> Outcome<Watch> {
        watch(&self.browser, since)
            .await
            .map_err(|failure| failure.at(&self.name))
    }

    /// Waits until what they noticed since that moment gives a value, and returns it.
    ///
    /// # Errors
    /// When it does not within the patience.
    pub async fn notices<T>(
        &self,
        what: impl Display,
        since: Moment,
        patience: Duration,
        find: impl Fn(&Watch) -> Option<T>,
    ) -> Outcome<T> {
        until_within(patience, format!("{}: {what}", self.name), async || {
            let watch = self.noticed(since).await?;
            Ok(find(&watch).ok_or_else(|| watch.in_words()))
        })
        .await
    }

    /// Waits until somebody's picture moves after that moment, and returns when its first frame came.
    ///
    /// # Errors
    /// When it does not within the patience.
    pub async fn sees_move_after(&self, name: &str, since: Moment, patience: Duration) -> Outcome<Moment> {
        let what = format!("{name} moves again");
        self.notices(what, since, patience, |watch| {
            watch.of(name).find_map(|tile| tile.moves_from(since))
        })
        .await
    }

    /// How the packets of each open connection travel.
    ///
    /// # Errors
    /// When the page cannot tell.
    pub async fn routes(&self) -> Outcome<Vec<Route>> {
        self.browser.eval("__watch.routes()").await
    }
}

impl Watch {
    /// The tiles of the others with this name.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tile> {
        self.tiles
            .iter()
            .filter(move |tile| !tile.own && tile.name == name)
    }

    /// How many tiles of the others with this name there were at most at the same time.
    pub fn at_once(&self, name: &str) -> usize {
        let count_at = |time: Moment| {
            self.of(name)
                .filter(|tile| tile.from <= time && tile.until.is_none_or(|until| until > time))
                .count()
        };
        self.of(name).map(|tile| count_at(tile.from)).max().unwrap_or(0)
    }

    /// When the person got a seat again.
    pub fn welcomed(&self, since: Moment) -> Option<&WelcomeSeen> {
        let welcomes = self.sockets.iter().flat_map(|socket| &socket.welcomes);
        welcomes
            .filter(|welcome| welcome.time >= since)
            .min_by_key(|welcome| welcome.time)
    }

    /// The longest that any of the others' pictures stood still between two moments.
    pub fn longest_still(&self, from: Moment, to: Moment) -> Duration {
        let tiles = self.tiles.iter().filter(|tile| !tile.own && tile.from <= from);
        tiles
            .map(|tile| tile.longest_still(from, to))
            .max()
            .unwrap_or_default()
    }

    /// What was noticed, short enough to be read.
    fn in_words(&self) -> String {
        let mut words = String::new();
        for tile in self.tiles.iter().filter(|tile| !tile.own) {
            let states: Vec<String> = tile
                .states
                .iter()
                .map(|seen| format!("{} for {:?}", seen.state, between(seen.time, self.now)))
                .collect();
            let last = tile.frames.last().map(|time| between(*time, self.now));
            words.push_str(&format!(
                "\n    {} ({}), there for {:?}, gone for {:?}: {}; {} frames, the last {last:?} ago",
                tile.name,
                tile.peer,
                between(tile.from, self.now),
                tile.until.map(|until| between(until, self.now)),
                states.join(", "),
                tile.frames.len(),
            ));
        }
        for notice in &self.notices {
            words.push_str(&format!("\n    {notice:?}"));
        }
        for socket in &self.sockets {
            words.push_str(&format!("\n    {socket:?}"));
        }
        words
    }
}

impl Tile {
    /// The states that were shown between two moments.
    pub fn states_between(&self, from: Moment, to: Moment) -> BTreeSet<&str> {
        let ends = self
            .states
            .iter()
            .skip(1)
            .map(|next| next.time)
            .chain([Moment::MAX]);
        let shown = self.states.iter().zip(ends);
        shown
            .filter(|(seen, end)| seen.time <= to && *end > from)
            .map(|(seen, _)| seen.state.as_str())
            .collect()
    }

    /// The longest without a new frame between two moments.
    pub fn longest_still(&self, from: Moment, to: Moment) -> Duration {
        let inside = self
            .frames
            .iter()
            .copied()
            .filter(|time| (from..=to).contains(time));
        let mut last = from;
        let mut longest = Duration::ZERO;
        for time in inside.chain([to]) {
            longest = longest.max(between(last, time));
            last = time;
        }
        longest
    }

    /// When the last standstill between two moments was over that was long enough to be noticed; the first of them
    /// when there was none.
    pub fn still_until(&self, from: Moment, to: Moment) -> Moment {
        let inside = self
            .frames
            .iter()
            .copied()
            .filter(|time| (from..=to).contains(time));
        let mut last = from;
        let mut over = from;
        for time in inside {
            if time - last >= NOTICEABLE {
                over = time;
            }
            last = time;
        }
        over
    }

    /// The first frame after a moment from which on the picture moves.
    pub fn moves_from(&self, since: Moment) -> Option<Moment> {
        let after: Vec<Moment> = self
            .frames
            .iter()
            .copied()
            .filter(|time| *time >= since)
            .collect();
        let run = after.windows(MOVING).find(|frames| {
            frames
                .last()
                .zip(frames.first())
                .is_some_and(|(last, first)| last - first <= WINDOW)
        })?;
        run.first().copied()
    }
}

async fn watch(browser: &Browser, since: Moment) -> Outcome<Watch> {
    browser.eval(&format!("__watch.tell({since})")).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(from: Moment, until: Option<Moment>, frames: &[Moment]) -> Tile {
        Tile {
            peer: "p".into(),
            name: "Ana".into(),
            own: false,
            from,
            until,
            states: [(from, "connected"), (3000, "reconnecting"), (4000, "connected")]
                .map(|(time, state)| StateSeen {
                    time,
                    state: state.into(),
                })
                .into(),
            frames: frames.to_vec(),
        }
    }

    #[test]
    fn a_picture_stands_still_between_frames_and_at_both_ends() {
        let tile = tile(0, None, &[1000, 1100, 1500]);
        assert_eq!(tile.longest_still(1000, 1600), Duration::from_millis(400));
        assert_eq!(tile.longest_still(200, 1600), Duration::from_millis(800));
        assert_eq!(tile.longest_still(1000, 3500), Duration::from_millis(2000));
        assert_eq!(tile.still_until(950, 1600), 950);
        assert_eq!(tile.still_until(200, 1600), 1000);
    }

    #[test]
    fn a_picture_moves_from_the_first_of_several_frames_close_together() {
        let tile = tile(0, None, &[100, 3000, 5000, 5100, 5200, 5300]);
        assert_eq!(tile.moves_from(50), Some(5000));
        assert_eq!(tile.moves_from(5050), None);
    }

    #[test]
    fn states_are_those_shown_at_any_time_between() {
        let tile = tile(0, None, &[]);
        assert_eq!(tile.states_between(100, 2999), BTreeSet::from(["connected"]));
        assert_eq!(tile.states_between(3500, 3600), BTreeSet::from(["reconnecting"]));
        assert_eq!(
            tile.states_between(3500, 4000),
            BTreeSet::from(["connected", "reconnecting"])
        );
    }

    #[test]
    fn somebody_is_there_twice_only_while_both_tiles_are() {
        let watch = |tiles| Watch {
            now: 9000,
            tiles,
            notices: Vec::new(),
            sockets: Vec::new(),
        };
        let one_after_another = vec![tile(0, Some(500), &[]), tile(500, None, &[])];
        assert_eq!(watch(one_after_another).at_once("Ana"), 1);
        let together = vec![tile(0, Some(501), &[]), tile(500, None, &[])];
        assert_eq!(watch(together).at_once("Ana"), 2);
    }
}
