//! How many columns a number of tiles is laid out in.

/// The shape of the room that there is for tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Much wider than high: a screen.
    Wide,
    /// A little wider than high: a screen with a panel open.
    Square,
    /// Higher than wide.
    Tall,
}

/// Columns and rows for that many tiles, so that they are about as big as they can be.
pub(super) fn grid(tiles: usize, shape: Shape) -> (usize, usize) {
    let columns = match (shape, tiles) {
        (_, 0 | 1) => 1,
        (Shape::Wide, 2..=4) => 2,
        (Shape::Wide, 5..=9) => 3,
        (Shape::Wide, 10..=16) => 4,
        (Shape::Wide, _) => 5,
        (Shape::Square, 2) => 1,
        (Shape::Square, 3..=6) => 2,
        (Shape::Square, 7..=12) => 3,
        (Shape::Square, 13..=16) => 4,
        (Shape::Square, _) => 5,
        (Shape::Tall, 2 | 3) => 1,
        (Shape::Tall, 4..=10) => 2,
        (Shape::Tall, _) => 3,
    };
    (columns, tiles.div_ceil(columns).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_has_a_place_and_no_row_is_empty() {
        for tiles in 1..=40 {
            for shape in [Shape::Wide, Shape::Square, Shape::Tall] {
                let (columns, rows) = grid(tiles, shape);
                assert!(columns * rows >= tiles, "{tiles} {shape:?}");
                assert!(columns * (rows - 1) < tiles, "{tiles} {shape:?}");
            }
        }
    }

    #[test]
    fn a_phone_stacks_what_a_desktop_puts_side_by_side() {
        assert_eq!(grid(2, Shape::Wide), (2, 1));
        assert_eq!(grid(2, Shape::Square), (1, 2));
        assert_eq!(grid(2, Shape::Tall), (1, 2));
        assert_eq!(grid(12, Shape::Wide), (4, 3));
        assert_eq!(grid(12, Shape::Tall), (3, 4));
        assert_eq!(grid(0, Shape::Wide), (1, 1));
    }
}
