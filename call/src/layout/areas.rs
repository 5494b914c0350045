//! Rectangles, and how to cut them.

use super::Corner;

/// Between two pictures, and less of it where there is little room.
const GAP: u32 = 10;
const SMALL_GAP: u32 = 6;
/// Nobody is shown smaller than this; there is another page instead.
pub(super) const MIN_WIDTH: u32 = 84;
pub(super) const MIN_HEIGHT: u32 = 72;
/// How much a finger needs to hit the button that leads to the next page.
const BUTTON: u32 = 44;
/// A tile in the strip at the side is between these wide.
const SIDE: (u32, u32) = (128, 240);
/// A tile in the strip under the big one is between these high.
const UNDER: (u32, u32) = (72, 160);

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// From where lines of text begin.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// A strip, and what it leaves.
pub(super) struct Strip {
    pub(super) free: Area,
    pub(super) areas: Vec<Area>,
    pub(super) per_page: usize,
    pub(super) more: Option<Area>,
}

impl Area {
    pub(super) fn of(width: u32, height: u32) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    pub(super) fn is_high(self) -> bool {
        self.height >= self.width
    }

    fn gap(self) -> u32 {
        if self.width.min(self.height) < 480 {
            SMALL_GAP
        } else {
            GAP
        }
    }

    /// The part of that height at the top, and what is left under it.
    pub(super) fn cut_under(self, height: u32) -> (Self, Self) {
        let height = height.min(self.height);
        let used = (height + self.gap()).min(self.height);
        let lower = Self {
            y: self.y + used,
            height: self.height - used,
            ..self
        };
        (Self { height, ..self }, lower)
    }

    /// The part of that width where lines begin, and what is left beside it.
    fn cut_beside(self, width: u32) -> (Self, Self) {
        let width = width.min(self.width);
        let used = (width + self.gap()).min(self.width);
        let rest = Self {
            x: self.x + used,
            width: self.width - used,
            ..self
        };
        (Self { width, ..self }, rest)
    }

    /// What is left over a button, and the button.
    pub(super) fn cut_for_more(self) -> (Self, Self) {
        let (free, under) = self.cut_under(self.height.saturating_sub(BUTTON + self.gap()));
        (free, under.middle((BUTTON * 3, BUTTON)))
    }

    /// The rectangle of that size in the middle, no bigger than this one.
    pub(super) fn middle(self, (width, height): (u32, u32)) -> Self {
        let (width, height) = (width.min(self.width), height.min(self.height));
        Self {
            x: self.x + (self.width - width) / 2,
            y: self.y + (self.height - height) / 2,
            width,
            height,
        }
    }

    /// Two of the same size, beside or under each other, whichever shows more of a wide picture.
    pub(super) fn halves(self) -> (Self, Self) {
        let beside = self.width.saturating_sub(self.gap()) / 2;
        let under = self.height.saturating_sub(self.gap()) / 2;
        let shown = |width: u32, height: u32| width.min(height * 16 / 9);
        if shown(beside, self.height) >= shown(self.width, under) {
            let (one, two) = self.cut_beside(beside);
            (
                one,
                Self {
                    width: beside.min(two.width),
                    ..two
                },
            )
        } else {
            let (one, two) = self.cut_under(under);
            (
                one,
                Self {
                    height: under.min(two.height),
                    ..two
                },
            )
        }
    }
}

/// The biggest tile within a cell that is no flatter than 16:9 and no higher than `highest`, as width to height.
pub(super) fn tile(width: u32, height: u32, highest: (u32, u32)) -> (u32, u32) {
    (
        width.min(height * 16 / 9),
        height.min(width * highest.1 / highest.0),
    )
}

/// Columns and the size of a tile for so many, so that what is in a tile is as big as can be: a picture grows with the
/// height of its tile, and the width shows more of it. In a wide stage a tile is wide too, so that a wide picture loses
/// little at its sides. `stage` is what the area is a part of.
fn best(area: Area, tiles: usize, stage: Area) -> (usize, (u32, u32)) {
    let gap = stage.gap();
    let highest = if stage.is_high() { (4, 5) } else { (6, 5) };
    let tiles = tiles.max(1);
    let part = |length: u32, count: usize| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        length.saturating_sub((count - 1).saturating_mul(gap)) / count
    };
    let worth = |(width, height): (u32, u32)| {
        let size = u64::from(width) * u64::from(height) * u64::from(height);
        (width >= MIN_WIDTH && height >= MIN_HEIGHT, size)
    };
    let mut best = (1, (0, 0));
    for columns in 1..=tiles {
        let rows = tiles.div_ceil(columns);
        let size = tile(part(area.width, columns), part(area.height, rows), highest);
        // The first of equals: fewer columns.
        if worth(size) > worth(best.1) {
            best = (columns, size);
        }
    }
    best
}

/// The rectangles of the first `tiles` in a grid made for `places`; the last row is in the middle.
pub(super) fn grid(area: Area, places: usize, tiles: usize, stage: Area) -> Vec<Area> {
    let (columns, (width, height)) = best(area, places, stage);
    let gap = stage.gap();
    let rows = tiles.div_ceil(columns);
    let length = |count: usize, size: u32| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        count * size + count.saturating_sub(1) * gap
    };
    let top = area.y + area.height.saturating_sub(length(rows, height)) / 2;
    (0..tiles)
        .map(|tile| {
            let (row, column) = (tile / columns, tile % columns);
            let in_row = columns.min(tiles - row * columns);
            let left = area.x + area.width.saturating_sub(length(in_row, width)) / 2;
            let before = |count: usize, size: u32| length(count + 1, size) - size;
            Area {
                x: left + before(column, width),
                y: top + before(row, height),
                width,
                height,
            }
        })
        .collect()
}

/// How many fit into a grid of which no tile is too small.
pub(super) fn capacity(area: Area, stage: Area) -> usize {
    // Not more than this many could, however they lie.
    let most = u64::from(area.width) * u64::from(area.height) / u64::from(MIN_WIDTH * MIN_HEIGHT);
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(1000);
    let fits = |tiles: &usize| {
        let (_, (width, height)) = best(area, *tiles, stage);
        width >= MIN_WIDTH && height >= MIN_HEIGHT
    };
    (1..=most).take_while(fits).count()
}

/// A strip at the side where lines end, for so many; none where there is no room for one.
pub(super) fn side_strip(stage: Area, tiles: usize) -> Option<Strip> {
    let gap = stage.gap();
    if stage.width < 2 * SIDE.0 + gap || stage.height < MIN_HEIGHT + BUTTON + gap {
        return None;
    }
    let count = u32::try_from(tiles).ok()?;
    let even = stage.height.saturating_sub((count - 1).saturating_mul(gap)) / count;
    let width = (even * 16 / 9).clamp(SIDE.0, (stage.width / 5).clamp(SIDE.0, SIDE.1));
    let height = width * 9 / 16;
    let (per_page, more) = along(stage.height, height, gap, tiles);
    let (free, strip) = stage.cut_beside(stage.width - width - gap);
    let (starts, end) = lie(stage.height, height, gap, tiles.min(per_page), more);
    let area = |y: u32, height: u32| Area {
        y: strip.y + y,
        height,
        ..strip
    };
    Some(Strip {
        free,
        areas: starts.into_iter().map(|y| area(y, height)).collect(),
        per_page,
        more: more.then(|| area(end, BUTTON)),
    })
}

/// A strip at the bottom for so many; none where there is no room for one.
pub(super) fn under_strip(stage: Area, tiles: usize) -> Option<Strip> {
    let gap = stage.gap();
    if stage.height < 3 * UNDER.0 || stage.width < MIN_WIDTH + BUTTON + gap {
        return None;
    }
    let count = u32::try_from(tiles).ok()?;
    let even = stage.width.saturating_sub((count - 1).saturating_mul(gap)) / count;
    let height = (stage.height / 6).clamp(UNDER.0, UNDER.1);
    let width = even.clamp(MIN_WIDTH, height * 16 / 9);
    let height = height.min(width * 5 / 4);
    let (per_page, more) = along(stage.width, width, gap, tiles);
    let (free, strip) = stage.cut_under(stage.height - height - gap);
    let (starts, end) = lie(stage.width, width, gap, tiles.min(per_page), more);
    let area = |x: u32, width: u32| Area {
        x: strip.x + x,
        width,
        ..strip
    };
    Some(Strip {
        free,
        areas: starts.into_iter().map(|x| area(x, width)).collect(),
        per_page,
        more: more.then(|| area(end, BUTTON)),
    })
}

/// How many fit along a strip, and whether a button is needed for the others.
fn along(length: u32, size: u32, gap: u32, tiles: usize) -> (usize, bool) {
    let fit = |length: u32| usize::try_from((length + gap) / (size + gap)).unwrap_or(usize::MAX);
    if fit(length) >= tiles {
        (tiles, false)
    } else {
        (fit(length.saturating_sub(BUTTON + gap)).max(1), true)
    }
}

/// Where so many begin along a strip, together in its middle, and where the button after them does.
fn lie(length: u32, size: u32, gap: u32, tiles: usize, button: bool) -> (Vec<u32>, u32) {
    let tiles = u32::try_from(tiles).unwrap_or(u32::MAX);
    let all = tiles * (size + gap) + if button { BUTTON } else { 0 } - if button { 0 } else { gap };
    let start = length.saturating_sub(all) / 2;
    let at = |tile: u32| start + tile * (size + gap);
    ((0..tiles).map(at).collect(), at(tiles))
}

/// The rectangle in a corner for what floats over the others.
pub(super) fn floating(free: Area, corner: Corner) -> Area {
    let gap = SMALL_GAP.min(free.width / 8).min(free.height / 8);
    let (width, height) = if free.is_high() {
        let width = (free.width * 7 / 25).clamp(MIN_WIDTH, 160);
        (width, width * 4 / 3)
    } else {
        let width = (free.width / 6).clamp(SIDE.0, SIDE.1);
        (width, width * 9 / 16)
    };
    let (width, height) = (width.min(free.width - 2 * gap), height.min(free.height - 2 * gap));
    Area {
        x: free.x
            + if corner.start {
                gap
            } else {
                free.width - gap - width
            },
        y: free.y
            + if corner.top {
                gap
            } else {
                free.height - gap - height
            },
        width,
        height,
    }
}
