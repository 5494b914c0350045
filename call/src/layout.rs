//! Where every picture is: who is there and how much room there is go in, rectangles come out. All in whole CSS
//! pixels; `x` counts from where lines of text begin.

use crate::Whose;

mod areas;
pub use areas::Area;
use areas::{capacity, floating, grid, side_strip, tile, under_strip};

/// How the pictures are to be arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// All alike; a screen that is shared is big.
    #[default]
    Automatic,
    /// All alike, screens too.
    Grid,
    /// Whoever speaks is big.
    Speaker,
}

/// Where the own picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfView {
    /// A tile, or floating where that shows more of the others.
    #[default]
    Automatic,
    /// A tile like the others.
    Tile,
    /// In a corner, over the others.
    Floating,
    /// Nowhere.
    Hidden,
}

/// A corner of the stage; `end` is where lines of text end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corner {
    /// Whether it is at the top.
    pub top: bool,
    /// Whether it is where lines begin.
    pub start: bool,
}

/// What there is to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The width of the stage.
    pub width: u32,
    /// The height of the stage.
    pub height: u32,
    /// The others, in an order that stays.
    pub people: &'a [Whose],
    /// The shared screens, in an order that stays.
    pub screens: &'a [Whose],
    /// Which one is to be big in any arrangement, if it is there.
    pub pinned: Option<&'a Whose>,
    /// Whom a host shows to all: big while no screen is to be seen, if they are there.
    pub spotlight: Option<&'a Whose>,
    /// Who speaks, or spoke last.
    pub speaking: Option<&'a Whose>,
    /// How to arrange them.
    pub arrangement: Arrangement,
    /// Where the own picture is to be.
    pub own: SelfView,
    /// The corner in which it floats.
    pub corner: Corner,
    /// Which page, where not all fit at once; the number of the last one is followed by the first.
    pub page: usize,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The pictures that are seen. Who is not in here is on another page, or hidden.
    pub places: Vec<(Whose, Place)>,
    /// Where others are invited; only while nobody else is there.
    pub invitation: Option<Area>,
    /// What leads to those for whom there is no place on this page.
    pub more: Option<More>,
}

/// Where a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its rectangle.
    pub area: Area,
    /// What it is among the others.
    pub part: Part,
    /// Whether all of it is to be seen, as of a screen, instead of filling the rectangle.
    pub whole: bool,
}

/// What a picture is among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One like the others.
    Equal,
    /// A big one.
    Main,
    /// A small one beside or under the big ones.
    Strip,
    /// Over the others.
    Floating,
}

/// What leads to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// Where it is.
    pub area: Area,
    /// How many are not seen.
    pub unseen: usize,
    /// The page that it leads to.
    pub next: usize,
}

/// No more than so many screens are big at once.
const MAX_MAIN: usize = 2;
/// A stage whose shorter side is below this is a phone's.
const COMPACT: u32 = 480;
/// On one whose shorter side is below this, what floats would cover who is under it.
const TINY: u32 = 200;

/// Lays the scene out. The same scene gives the same layout; who speaks changes nothing but who is big, and that in
/// [`Arrangement::Speaker`] only.
pub fn layout(scene: &Scene) -> Layout {
    let stage = Area::of(scene.width, scene.height);
    let mut all: Vec<Whose> = Vec::new();
    if scene.own != SelfView::Hidden {
        all.push(Whose::Mine);
    }
    all.extend(scene.people.iter().chain(scene.screens).cloned());
    let mut layout = Layout::default();
    if scene.people.is_empty() {
        alone(scene, stage, all, &mut layout);
        return layout;
    }
    let mut main = main(scene, &all);
    let floats = match scene.own {
        SelfView::Floating => !main.contains(&Whose::Mine),
        // One other fills a phone; who is the only small one covers less than a strip would take.
        SelfView::Automatic if main.is_empty() => {
            scene.people.len() == 1
                && scene.screens.is_empty()
                && scene.arrangement == Arrangement::Automatic
                && (TINY..COMPACT).contains(&scene.width.min(scene.height))
        }
        SelfView::Automatic => !main.contains(&Whose::Mine) && all.len() == main.len() + 1,
        SelfView::Tile | SelfView::Hidden => false,
    };
    if floats {
        all.retain(|whose| *whose != Whose::Mine);
        if all.len() == 1 {
            main.clone_from(&all);
        }
    }
    let rest: Vec<Whose> = all
        .iter()
        .filter(|whose| !main.contains(whose))
        .cloned()
        .collect();
    let place = Placing {
        scene,
        layout: &mut layout,
    };
    let free = if main.is_empty() {
        place.equal(stage, &all)
    } else {
        place.around(stage, &main, &rest)
    };
    if floats {
        let area = floating(free, scene.corner);
        layout.places.push((
            Whose::Mine,
            Place {
                area,
                part: Part::Floating,
                whole: false,
            },
        ));
    }
    layout
}

/// The own pictures and the invitation, of which the own ones are the smaller part of a high stage.
fn alone(scene: &Scene, stage: Area, all: Vec<Whose>, layout: &mut Layout) {
    let areas = if stage.is_high() && !all.is_empty() {
        let (upper, lower) = stage.cut_under(stage.height * 2 / 5);
        let mut areas = grid(upper, all.len(), all.len(), stage);
        areas.push(lower);
        areas
    } else {
        grid(stage, all.len() + 1, all.len() + 1, stage)
    };
    layout.invitation = areas.last().copied();
    let place = |whose: Whose, area| {
        let whole = scene.screens.contains(&whose);
        (
            whose,
            Place {
                area,
                part: Part::Equal,
                whole,
            },
        )
    };
    layout.places = all
        .into_iter()
        .zip(areas)
        .map(|(whose, area)| place(whose, area))
        .collect();
}

/// Who is big; nobody where all are alike.
fn main(scene: &Scene, all: &[Whose]) -> Vec<Whose> {
    // The own screen is in front of its owner anyway.
    let shared = scene.screens.iter().filter(|whose| **whose != Whose::MyScreen);
    let shared: Vec<Whose> = shared.take(MAX_MAIN).cloned().collect();
    let spotlight = scene.spotlight.filter(|_| shared.is_empty());
    for chosen in [scene.pinned, spotlight].into_iter().flatten() {
        if all.contains(chosen) {
            return vec![chosen.clone()];
        }
    }
    if scene.arrangement == Arrangement::Grid {
        return Vec::new();
    }
    if !shared.is_empty() {
        return shared;
    }
    if scene.arrangement == Arrangement::Speaker {
        // Nobody speaks in order to see the own face.
        let speaking = scene.speaking.filter(|whose| scene.people.contains(whose));
        return speaking.or(scene.people.first()).cloned().into_iter().collect();
    }
    Vec::new()
}

struct Placing<'a, 'b> {
    scene: &'a Scene<'a>,
    layout: &'b mut Layout,
}

impl Placing<'_, '_> {
    fn put(&mut self, whose: &Whose, area: Area, part: Part) {
        let whole = self.scene.screens.contains(whose);
        // A screen makes use of all the room there is; a face loses too much when it is cut to any shape.
        let area = if part == Part::Main && !whole {
            area.middle(tile(area.width, area.height, (9, 16)))
        } else {
            area
        };
        self.layout
            .places
            .push((whose.clone(), Place { area, part, whole }));
    }

    /// All alike. Gives back where something may float.
    fn equal(mut self, stage: Area, all: &[Whose]) -> Area {
        // Counted with the button there, so that the first page that needs one has no bigger tiles.
        let (free, button) = stage.cut_for_more();
        let per_page = capacity(free, stage).max(1);
        let (free, button, per_page) = if all.len() <= per_page {
            (stage, None, all.len())
        } else {
            (free, Some(button), per_page)
        };
        let page = self.turn(all.len(), per_page, button);
        let seen: Vec<&Whose> = all.iter().skip(page * per_page).take(per_page).collect();
        for (whose, area) in seen.iter().zip(grid(free, per_page, seen.len(), stage)) {
            self.put(whose, area, Part::Equal);
        }
        free
    }

    /// The big ones, and the rest in a strip. Gives back where something may float.
    fn around(mut self, stage: Area, main: &[Whose], rest: &[Whose]) -> Area {
        let mut free = stage;
        if !rest.is_empty() {
            let strip = if stage.is_high() {
                under_strip(stage, rest.len())
            } else {
                side_strip(stage, rest.len())
            };
            let Some(strip) = strip else {
                // No room for a strip: leaf through them one by one, the big ones first.
                return self.equal(stage, &[main, rest].concat());
            };
            free = strip.free;
            let page = self.turn(rest.len(), strip.per_page, strip.more);
            for (whose, area) in rest.iter().skip(page * strip.per_page).zip(strip.areas) {
                self.put(whose, area, Part::Strip);
            }
        }
        match main {
            [first, second] => {
                let (one, two) = free.halves();
                self.put(first, one, Part::Main);
                self.put(second, two, Part::Main);
            }
            [first, ..] => self.put(first, free, Part::Main),
            [] => {}
        }
        free
    }

    /// The page that is shown, and the button that leads to the next where there is one.
    fn turn(&mut self, all: usize, per_page: usize, button: Option<Area>) -> usize {
        let per_page = per_page.max(1);
        let pages = all.div_ceil(per_page).max(1);
        let page = self.scene.page % pages;
        self.layout.more = button.map(|area| More {
            area,
            unseen: all - (all - page * per_page).min(per_page),
            next: (page + 1) % pages,
        });
        page
    }
}

#[cfg(test)]
mod tests;
