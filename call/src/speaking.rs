//! Who speaks, and who of them is the one to look at: from loudness, some times a second.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::{Moment, PeerId, PersonView, Whose};

/// What is louder than this at all can be speech.
const AUDIBLE: u8 = Loudness::FULL.0 - 52;
/// By how much speech is louder than the steady noise behind it, in decibels.
const ABOVE_NOISE: u8 = 10;
/// Speech has a gap within so many times [`NOISE_PART`]; what has none is noise.
const NOISE_PARTS: usize = 6;
/// In milliseconds.
const NOISE_PART: u64 = 500;

/// One look counts for no longer than this, in milliseconds: what happened in a longer gap is not known.
const LONGEST_LOOK: u64 = 250;
/// After a gap of that length everything begins anew, in milliseconds.
const FORGOTTEN: u64 = 5000;

/// After so much speech somebody counts as speaking, in milliseconds.
const ATTACK: u64 = 300;
/// How much speech is remembered at most; with it, the pause that ends speaking is at most 1.2 s.
const RELEASE: u64 = 700;
/// How long somebody speaks, or does not, at least: nobody flickers.
pub(crate) const STEADY: u64 = 500;

/// After so much speech somebody becomes the main speaker where the one before is silent.
const TAKES_OVER: u64 = 800;
/// The same where the one before goes on: to be louder for less is no reason.
const DROWNS: u64 = 2000;
/// By how much they have to be louder then, in decibels.
const LOUDER: f64 = 6.0;
/// How much speech counts for becoming the main speaker at most.
const MOST: u64 = 3000;
/// How long a main speaker stays one at least, unless they go.
pub(crate) const DWELL: u64 = 2000;

/// How loud something is: decibels above silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loudness(u8);

impl Loudness {
    /// Nothing at all.
    pub const SILENCE: Self = Self(0);
    /// As loud as can be.
    pub const FULL: Self = Self(127);

    /// From an amplitude, 0 to 1, as browsers tell it.
    pub fn of(amplitude: f64) -> Self {
        let decibels = f64::from(Self::FULL.0) + 20.0 * amplitude.log10();
        // What is no number was no amplitude.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was clamped; no number becomes 0"
        )]
        Self(decibels.round().clamp(0.0, f64::from(Self::FULL.0)) as u8)
    }
}

/// How loud everybody is at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Levels {
    /// The own microphone, muted or not.
    pub mine: Loudness,
    /// The others, in any order. Who is missing is silent.
    pub people: Vec<(PeerId, Loudness)>,
}

/// Who speaks, and who is the main speaker.
///
/// ```text
///            300 ms of speech in all                    800 ms, the main speaker silent; or
///  silent ────────────────────────────▶ speaking ─────────────────────────────────────▶ main speaker
///    ▲                                     │   ▲      2 s, and 6 dB louder than they       │
///    └────────── at most 1.2 s of silence ─┘   └──────────── another takes over ───────────┘
/// ```
///
/// Each pause takes away a part of what speech brought, so clicks and coughs come to nothing. Steady noise is not
/// speech: what has no gap for 3 s raises the level that counts. A main speaker who falls silent stays it until
/// another one speaks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Speaking {
    mine: Voice,
    others: BTreeMap<PeerId, Voice>,
    /// The main speaker, and since when.
    main: Option<(PeerId, Moment)>,
    last: Option<Moment>,
    /// Whether the own microphone was on.
    on: bool,
    views: Arc<Vec<Whose>>,
}

impl Speaking {
    /// Who speaks now: the main speaker first if they do, then the others as they are in the room.
    pub(crate) fn views(&self) -> &Arc<Vec<Whose>> {
        &self.views
    }

    /// The main speaker, who may have fallen silent. Never oneself.
    pub(crate) fn main(&self) -> Option<&PeerId> {
        self.main.as_ref().map(|(id, _)| id)
    }

    /// How long one has been heard to speak of late, in milliseconds, since the microphone was turned on or off.
    pub(crate) fn own_speech(&self) -> u64 {
        self.mine.speech
    }

    /// Takes in how loud everybody is. `on` tells whether the own microphone is.
    pub(crate) fn hear(&mut self, now: Moment, levels: &Levels, on: bool, people: &[PersonView]) {
        let gap = self.last.map_or(0, |last| now.saturating_sub(last));
        self.last = Some(now);
        if gap > FORGOTTEN {
            self.mine = Voice::default();
            self.others.clear();
        }
        let look = Look {
            now,
            length: gap.min(LONGEST_LOOK),
        };
        if std::mem::replace(&mut self.on, on) != on {
            self.mine.hush();
        }
        self.mine.hear(look, levels.mine);
        self.others
            .retain(|id, _| people.iter().any(|person| person.id == *id));
        for person in people {
            let voice = self.others.entry(person.id.clone()).or_default();
            if person.microphone == Some(false) {
                voice.hush();
                continue;
            }
            let level = levels.people.iter().find(|(id, _)| *id == person.id);
            voice.hear(look, level.map_or(Loudness::SILENCE, |(_, level)| *level));
        }
        self.choose(now);
        self.publish(on, people);
    }

    /// Somebody may have gone or muted themselves, which ends speaking at once, levels or not.
    pub(crate) fn settle(&mut self, on: bool, people: &[PersonView]) {
        if self.main().is_none() && self.views.is_empty() {
            return;
        }
        for person in people {
            if person.microphone == Some(false)
                && let Some(voice) = self.others.get_mut(&person.id)
            {
                voice.hush();
            }
        }
        self.others
            .retain(|id, _| people.iter().any(|person| person.id == *id));
        self.main.take_if(|(id, _)| !self.others.contains_key(id));
        self.publish(on, people);
    }

    fn choose(&mut self, now: Moment) {
        self.main.take_if(|(id, _)| !self.others.contains_key(id));
        let (needed, loudness) = match &self.main {
            None => (TAKES_OVER, None),
            Some((_, since)) if now.saturating_sub(*since) < DWELL => return,
            Some((id, _)) => match self.others.get(id) {
                Some(voice) if voice.speaks => (DROWNS, Some(voice.loudness + LOUDER)),
                _ => (TAKES_OVER, None),
            },
        };
        let is_main = |id: &PeerId| self.main.as_ref().is_some_and(|(main, _)| main == id);
        let next = self
            .others
            .iter()
            .filter(|(id, voice)| {
                voice.speaks
                    && voice.speech >= needed
                    && loudness.is_none_or(|loudness| voice.loudness >= loudness)
                    && !is_main(id)
            })
            .max_by(|(_, a), (_, b)| a.loudness.total_cmp(&b.loudness))
            .map(|(id, _)| id.clone());
        if let Some(id) = next {
            self.main = Some((id, now));
        }
    }

    /// Lists who speaks anew, only if that changed.
    fn publish(&mut self, on: bool, people: &[PersonView]) {
        let speaks = |id: &PeerId| self.others.get(id).is_some_and(|voice| voice.speaks);
        let main = self.main();
        let first = main.filter(|id| speaks(id));
        let rest = people
            .iter()
            .map(|person| &person.id)
            .filter(|id| speaks(id) && Some(*id) != main);
        let mine = (on && self.mine.speaks).then_some(Whose::Mine);
        let views: Vec<_> = first
            .into_iter()
            .chain(rest)
            .map(|id| Whose::Peer(id.clone()))
            .chain(mine)
            .collect();
        if views != *self.views {
            self.views = Arc::new(views);
        }
    }
}

/// It decides nothing of what a call does, only what is seen of it.
impl Hash for Speaking {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// One look at how loud somebody is.
#[derive(Clone, Copy)]
struct Look {
    now: Moment,
    length: u64,
}

/// Somebody's voice.
#[derive(Clone, Debug, Default)]
struct Voice {
    /// The quietest of each of the latest times, the newest last; steady noise is all that is as loud as all of them.
    quietest: [Loudness; NOISE_PARTS],
    /// When the newest of those times began.
    began: Moment,
    /// Speech of late less the pauses in it, for speaking or not.
    recent: u64,
    /// The same with a longer memory.
    speech: u64,
    /// How loud the speech is on average, in decibels.
    loudness: f64,
    speaks: bool,
    changed: Moment,
}

impl Voice {
    fn hear(&mut self, Look { now, length }: Look, level: Loudness) {
        let is_speech = level.0 >= AUDIBLE && level.0 >= self.noise().saturating_add(ABOVE_NOISE);
        self.remember(now, level);
        if is_speech {
            self.recent = (self.recent + length).min(RELEASE);
            self.speech = (self.speech + length).min(MOST);
            let share = if self.loudness == 0.0 {
                1.0
            } else {
                length as f64 / 1000.0
            };
            self.loudness += (f64::from(level.0) - self.loudness) * share;
        } else {
            self.recent = self.recent.saturating_sub(length * 3 / 5);
            self.speech = self.speech.saturating_sub(length / 2);
            if self.speech == 0 {
                self.loudness = 0.0;
            }
        }
        let speaks = if self.speaks {
            self.recent > 0
        } else {
            self.recent >= ATTACK
        };
        if speaks != self.speaks && now.saturating_sub(self.changed) >= STEADY {
            self.speaks = speaks;
            self.changed = now;
        }
    }

    /// They are muted: whatever is heard of them is not they.
    fn hush(&mut self) {
        *self = Self {
            quietest: self.quietest,
            began: self.began,
            changed: self.changed,
            ..Self::default()
        };
    }

    fn noise(&self) -> u8 {
        self.quietest.iter().min().map_or(0, |level| level.0)
    }

    fn remember(&mut self, now: Moment, level: Loudness) {
        let [.., newest] = &mut self.quietest;
        *newest = level.min(*newest);
        if now.saturating_sub(self.began) >= NOISE_PART {
            self.quietest.rotate_left(1);
            let [.., newest] = &mut self.quietest;
            *newest = level;
            self.began = now;
        }
    }
}
