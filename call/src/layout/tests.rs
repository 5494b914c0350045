use proptest::prelude::*;

use super::areas::{MIN_HEIGHT, MIN_WIDTH};
use super::*;
use maju_protocol::PeerId;

/// A desktop, a phone, the same held the other way, a tablet: what is left of them for the stage.
const DESKTOP: (u32, u32) = (1256, 650);
const PHONE: (u32, u32) = (374, 700);
const LANDSCAPE: (u32, u32) = (828, 322);
const TABLET: (u32, u32) = (740, 900);
const STAGES: [(u32, u32); 4] = [DESKTOP, PHONE, LANDSCAPE, TABLET];

fn others(count: usize) -> Vec<Whose> {
    (1..=count)
        .map(|number| Whose::Peer(PeerId::new(format!("p{number}"))))
        .collect()
}

fn screens(count: usize) -> Vec<Whose> {
    (1..=count)
        .map(|number| Whose::Screen(PeerId::new(format!("p{number}"))))
        .collect()
}

fn scene<'a>((width, height): (u32, u32), people: &'a [Whose], screens: &'a [Whose]) -> Scene<'a> {
    Scene {
        width,
        height,
        people,
        screens,
        pinned: None,
        spotlight: None,
        speaking: None,
        arrangement: Arrangement::Automatic,
        own: SelfView::Automatic,
        corner: Corner::default(),
        page: 0,
    }
}

fn part(layout: &Layout, part: Part) -> Vec<(Whose, Place)> {
    layout
        .places
        .iter()
        .filter(|(_, place)| place.part == part)
        .cloned()
        .collect()
}

fn areas(layout: &Layout) -> Vec<Area> {
    let seen = layout
        .places
        .iter()
        .filter(|(_, place)| place.part != Part::Floating);
    let seen = seen.map(|(_, place)| place.area).chain(layout.invitation);
    seen.chain(layout.more.map(|more| more.area)).collect()
}

fn overlap(one: Area, two: Area) -> bool {
    one.x < two.x + two.width
        && two.x < one.x + one.width
        && one.y < two.y + two.height
        && two.y < one.y + one.height
}

fn inside(area: Area, scene: &Scene) -> bool {
    area.width > 0
        && area.height > 0
        && area.x + area.width <= scene.width
        && area.y + area.height <= scene.height
}

fn size(area: Area) -> u32 {
    area.width * area.height
}

/// What is covered, in hundredths of the stage.
fn covered(layout: &Layout, scene: &Scene) -> u32 {
    areas(layout).into_iter().map(size).sum::<u32>() * 100 / (scene.width * scene.height)
}

#[test]
fn whoever_is_alone_sees_the_own_picture_and_the_invitation() {
    for stage in STAGES {
        let scene = scene(stage, &[], &[]);
        let layout = layout(&scene);
        let invitation = layout.invitation.unwrap_or_default();
        assert!(
            invitation.width >= 300 && invitation.height >= 260,
            "{stage:?}: {invitation:?}"
        );
        assert_eq!(layout.places.len(), 1);
        assert_eq!(layout.places[0].0, Whose::Mine);
        assert!(covered(&layout, &scene) > 75, "{stage:?}");
    }
    let hidden = Scene {
        own: SelfView::Hidden,
        ..scene(PHONE, &[], &[])
    };
    assert!(layout(&hidden).places.is_empty());
    assert!(layout(&hidden).invitation.is_some());
}

#[test]
fn on_a_phone_the_one_other_is_full_and_the_own_picture_floats() {
    let people = others(1);
    for (stage, least) in [(PHONE, 85), (LANDSCAPE, 65)] {
        let scene = scene(stage, &people, &[]);
        let layout = layout(&scene);
        let [(whose, place)] = &part(&layout, Part::Main)[..] else {
            panic!("{layout:?}")
        };
        assert_eq!(*whose, people[0]);
        assert!(size(place.area) * 100 / (stage.0 * stage.1) >= least, "{place:?}");
        assert_eq!(part(&layout, Part::Floating).len(), 1);
    }
    let desktop = layout(&scene(DESKTOP, &people, &[]));
    assert_eq!(part(&desktop, Part::Equal).len(), 2);
}

#[test]
fn small_rooms_fill_each_stage() {
    for (stage, people, columns) in [
        (DESKTOP, 1, 2),
        (DESKTOP, 2, 2),
        (DESKTOP, 3, 2),
        (DESKTOP, 4, 3),
        (DESKTOP, 11, 4),
        (PHONE, 2, 1),
        (PHONE, 3, 2),
        (PHONE, 4, 2),
        (PHONE, 11, 3),
        (LANDSCAPE, 2, 3),
        (LANDSCAPE, 4, 3),
        (TABLET, 1, 1),
    ] {
        let people = others(people);
        let scene = scene(stage, &people, &[]);
        let layout = layout(&scene);
        let first = layout.places[0].1.area.y;
        let row = layout
            .places
            .iter()
            .filter(|(_, place)| place.area.y == first)
            .count();
        assert_eq!(row, columns, "{stage:?} {} {:?}", people.len() + 1, layout.places);
        assert!(
            covered(&layout, &scene) >= 60,
            "{stage:?} {}: {}",
            people.len() + 1,
            covered(&layout, &scene)
        );
        assert_eq!(layout.more, None);
    }
}

#[test]
fn a_screen_is_big_and_whole_with_the_people_in_a_strip() {
    let (people, screens) = (others(3), screens(1));
    for stage in STAGES {
        let scene = scene(stage, &people, &screens);
        let layout = layout(&scene);
        let [(whose, main)] = &part(&layout, Part::Main)[..] else {
            panic!("{layout:?}")
        };
        assert_eq!((whose, main.whole), (&screens[0], true));
        assert!(
            size(main.area) * 100 / (stage.0 * stage.1) >= 65,
            "{stage:?} {main:?}"
        );
        let strip = part(&layout, Part::Strip);
        assert_eq!(strip.len(), 4, "{stage:?}");
        for (_, place) in strip {
            let beside = place.area.x >= main.area.x + main.area.width;
            let under = place.area.y >= main.area.y + main.area.height;
            assert_eq!(
                (beside, under),
                (stage.0 > stage.1, stage.0 < stage.1),
                "{stage:?}"
            );
        }
    }
}

#[test]
fn of_two_screens_both_are_big_and_a_pinned_one_alone() {
    let (people, screens) = (others(3), screens(3));
    for (stage, beside) in [(DESKTOP, false), (PHONE, false), (LANDSCAPE, true)] {
        let scene = scene(stage, &people, &screens);
        let main = part(&layout(&scene), Part::Main);
        assert_eq!(main.len(), 2);
        assert_eq!(main[0].1.area.y == main[1].1.area.y, beside, "{stage:?} {main:?}");
        let scene = Scene {
            pinned: Some(&screens[2]),
            ..scene
        };
        let pinned = part(&layout(&scene), Part::Main);
        assert_eq!(pinned.len(), 1);
        assert_eq!(pinned[0].0, screens[2]);
    }
}

#[test]
fn speaking_makes_big_in_the_speaker_arrangement_only_and_never_oneself() {
    let people = others(4);
    for speaking in [&people[2], &Whose::Mine] {
        let quiet = scene(DESKTOP, &people, &[]);
        let spoken = Scene {
            speaking: Some(speaking),
            ..quiet
        };
        assert_eq!(layout(&quiet), layout(&spoken));
        let spoken = Scene {
            arrangement: Arrangement::Speaker,
            ..spoken
        };
        let main = part(&layout(&spoken), Part::Main);
        assert_eq!(main.len(), 1);
        assert_eq!(
            main[0].0,
            if *speaking == Whose::Mine {
                people[0].clone()
            } else {
                speaking.clone()
            }
        );
    }
}

#[test]
fn the_own_picture_goes_where_it_is_told() {
    let people = others(3);
    for stage in STAGES {
        let tile = Scene {
            own: SelfView::Tile,
            ..scene(stage, &people[..1], &[])
        };
        assert_eq!(part(&layout(&tile), Part::Equal).len(), 2);
        let hidden = Scene {
            own: SelfView::Hidden,
            ..scene(stage, &people, &[])
        };
        assert!(
            layout(&hidden)
                .places
                .iter()
                .all(|(whose, _)| *whose != Whose::Mine)
        );
        for (top, start) in [(true, true), (true, false), (false, true), (false, false)] {
            let scene = Scene {
                own: SelfView::Floating,
                corner: Corner { top, start },
                ..scene(stage, &people, &[])
            };
            let [(whose, place)] = &part(&layout(&scene), Part::Floating)[..] else {
                panic!()
            };
            assert_eq!(*whose, Whose::Mine);
            assert_eq!(
                (place.area.y * 2 < stage.1, place.area.x * 2 < stage.0),
                (top, start)
            );
        }
    }
}

#[test]
fn a_pin_on_somebody_who_is_gone_pins_nobody() {
    let people = others(3);
    let plain = scene(DESKTOP, &people[..2], &[]);
    assert_eq!(
        layout(&Scene {
            pinned: Some(&people[2]),
            ..plain
        }),
        layout(&plain)
    );
}

#[test]
fn a_spotlight_makes_big_but_over_no_screen_and_no_own_pin() {
    let (people, shared) = (others(3), screens(1));
    let (one, lit) = (Some(&people[1]), Some(&people[2]));
    let (screen, mine) = (Some(&shared[0]), [Whose::MyScreen]);
    let gone = Whose::Peer(PeerId::new("gone"));
    let grid = Arrangement::Grid;
    for (screens, pinned, spotlight, arrangement, big) in [
        (&[][..], None, lit, Arrangement::Automatic, lit),
        (&[], None, lit, grid, lit),
        (&[], one, lit, grid, one),
        (&[], Some(&gone), lit, grid, lit),
        (&[], None, Some(&gone), grid, None),
        (&mine, None, lit, grid, lit),
        (&shared, None, lit, Arrangement::Automatic, screen),
        (&shared, None, lit, Arrangement::Speaker, screen),
        (&shared, None, lit, grid, None),
        (&shared, one, lit, Arrangement::Automatic, one),
    ] {
        let layout = layout(&Scene {
            pinned,
            spotlight,
            arrangement,
            ..scene(DESKTOP, &people, screens)
        });
        let main = part(&layout, Part::Main);
        let main: Vec<&Whose> = main.iter().map(|(whose, _)| whose).collect();
        assert_eq!(
            main,
            big.into_iter().collect::<Vec<_>>(),
            "{pinned:?} {spotlight:?}"
        );
    }
}

#[test]
fn pages_lead_to_everybody_and_back() {
    let people = others(80);
    for stage in STAGES {
        let mut seen = Vec::new();
        let mut page = 0;
        loop {
            let layout = layout(&Scene {
                page,
                ..scene(stage, &people, &[])
            });
            seen.extend(layout.places.iter().map(|(whose, _)| whose.clone()));
            let more = layout.more.map_or(0, |more| more.unseen);
            assert_eq!(layout.places.len() + more, people.len() + 1);
            page = layout.more.map_or(0, |more| more.next);
            if page == 0 {
                break;
            }
        }
        assert_eq!(seen[0], Whose::Mine);
        assert_eq!(seen[1..], people[..]);
    }
}

fn any_scene() -> impl Strategy<Value = (u32, u32, usize, usize, usize, usize, u8, u8, usize)> {
    (
        160_u32..2600,
        160_u32..1600,
        0_usize..40,
        0_usize..4,
        0_usize..44,
        0_usize..44,
        0_u8..3,
        0_u8..16,
        0_usize..5,
    )
}

proptest! {
    #[test]
    fn nothing_overlaps_all_is_inside_and_everybody_is_seen_or_counted(
        (width, height, people, shared, pin, speaker, arrangement, own, page) in any_scene()
    ) {
        let (people, shared) = (others(people), screens(shared));
        let all: Vec<Whose> = [Whose::Mine].into_iter().chain(people.clone()).chain(shared.clone()).collect();
        let scene = Scene {
            pinned: all.get(pin),
            spotlight: all.get(page * 9),
            speaking: all.get(speaker),
            arrangement: [Arrangement::Automatic, Arrangement::Grid, Arrangement::Speaker][usize::from(arrangement)],
            own: [SelfView::Automatic, SelfView::Tile, SelfView::Floating, SelfView::Hidden][usize::from(own % 4)],
            corner: Corner { top: own & 4 == 0, start: own & 8 == 0 },
            page,
            ..scene((width, height), &people, &shared)
        };
        let laid = layout(&scene);
        prop_assert_eq!(&laid, &layout(&scene));
        let areas = areas(&laid);
        for (index, area) in areas.iter().enumerate() {
            prop_assert!(inside(*area, &scene), "{:?}", laid);
            for other in &areas[..index] {
                prop_assert!(!overlap(*area, *other), "{:?} {:?}", area, other);
            }
        }
        for (whose, place) in &laid.places {
            prop_assert!(inside(place.area, &scene));
            prop_assert_eq!(place.whole, shared.contains(whose));
            if width >= 320 && height >= 240 && !people.is_empty() {
                prop_assert!(place.area.width >= MIN_WIDTH && place.area.height >= MIN_HEIGHT, "{:?}", laid);
            }
        }
        let mut seen: Vec<&Whose> = laid.places.iter().map(|(whose, _)| whose).collect();
        let places = seen.len();
        seen.dedup();
        prop_assert_eq!(seen.len(), places);
        let hidden = usize::from(scene.own == SelfView::Hidden);
        prop_assert_eq!(places + laid.more.map_or(0, |more| more.unseen) + hidden, all.len());
        prop_assert_eq!(laid.invitation.is_some(), people.is_empty());
    }

    #[test]
    fn more_people_never_mean_bigger_tiles(width in 200_u32..2600, height in 200_u32..1600, count in 1_usize..60) {
        let people = others(count + 1);
        let biggest = |people: &[Whose]| {
            let scene = Scene {
                arrangement: Arrangement::Grid,
                own: SelfView::Tile,
                ..scene((width, height), people, &[])
            };
            let seen = layout(&scene).places;
            // As the pictures grow: with the height, and then with what the width shows of them.
            seen.iter().map(|(_, place)| size(place.area) * place.area.height).max()
        };
        prop_assert!(biggest(&people) <= biggest(&people[..count]));
    }
}
