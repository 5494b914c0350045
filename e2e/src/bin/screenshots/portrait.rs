//! People drawn with a few soft shapes, who sway a little.

use std::f64::consts::TAU;

/// Who sits for the pictures; the first one is the host.
pub(crate) const CAST: [Sitter; 4] = [
    Sitter {
        name: "Ana",
        tone: 440,
        wall: ([238.0, 214.0, 190.0], [206.0, 150.0, 128.0]),
        shirt: [52.0, 92.0, 108.0],
        skin: [232.0, 182.0, 150.0],
        hair: [74.0, 44.0, 34.0],
        long_hair: true,
    },
    Sitter {
        name: "Bo",
        tone: 640,
        wall: ([190.0, 214.0, 206.0], [92.0, 142.0, 142.0]),
        shirt: [226.0, 164.0, 80.0],
        skin: [152.0, 104.0, 78.0],
        hair: [34.0, 28.0, 28.0],
        long_hair: false,
    },
    Sitter {
        name: "지영",
        tone: 840,
        wall: ([216.0, 208.0, 236.0], [142.0, 128.0, 184.0]),
        shirt: [236.0, 232.0, 226.0],
        skin: [240.0, 204.0, 174.0],
        hair: [30.0, 26.0, 34.0],
        long_hair: true,
    },
    Sitter {
        name: "Sara",
        tone: 1040,
        wall: ([240.0, 226.0, 178.0], [206.0, 168.0, 92.0]),
        shirt: [158.0, 66.0, 72.0],
        skin: [214.0, 160.0, 124.0],
        hair: [148.0, 96.0, 52.0],
        long_hair: false,
    },
];

type Colour = [f64; 3];

/// Somebody to be drawn.
pub(crate) struct Sitter {
    /// What they are called.
    pub(crate) name: &'static str,
    /// Their voice in Hz.
    pub(crate) tone: u32,
    wall: (Colour, Colour),
    shirt: Colour,
    skin: Colour,
    hair: Colour,
    long_hair: bool,
}

impl Sitter {
    /// The colour at a point of the picture, for [`maju_e2e::Portrait`].
    pub(crate) fn painter(&self) -> impl Fn(f64, f64, f64) -> Colour {
        move |x, y, time| {
            let sway = (time * TAU).sin() * 0.012;
            let nod = (time * TAU * 2.0).sin() * 0.006;
            // Square units, from the middle of the picture's width.
            let (x, y) = ((x - 0.5) * 16.0 / 9.0, y);
            let mut colour = mix(self.wall.0, self.wall.1, (x * 0.35 + y * 0.75).clamp(0.0, 1.0));
            let lamp = 1.0 - ((x + 0.55).hypot(y - 0.15) / 0.7).min(1.0);
            colour = mix(colour, [255.0, 250.0, 240.0], lamp * lamp * 0.55);

            let head = (x - sway, y - 0.42 - nod);
            let body = (x - sway * 0.4, y - 1.08);
            if self.long_hair {
                colour = over(colour, self.hair, ellipse((head.0, head.1 - 0.09), 0.215, 0.33));
            }
            colour = over(colour, self.shirt, ellipse(body, 0.46, 0.38));
            colour = over(
                colour,
                shade(self.shirt, 0.88),
                ellipse((body.0, body.1 + 0.36), 0.13, 0.07),
            );
            colour = over(
                colour,
                shade(self.skin, 0.86),
                ellipse((head.0, head.1 - 0.23), 0.075, 0.13),
            );
            colour = over(colour, self.hair, ellipse((head.0, head.1 + 0.05), 0.19, 0.2));
            colour = over(colour, self.skin, ellipse((head.0, head.1 - 0.01), 0.16, 0.2));
            // A fringe, cut off by the forehead.
            let fringe = ellipse((head.0 + 0.05, head.1 + 0.19), 0.16, 0.1).min(ellipse(
                (head.0, head.1 - 0.0),
                0.175,
                0.215,
            ));
            colour = over(colour, self.hair, fringe);
            let open = if (0.5..0.54).contains(&time) { 0.003 } else { 0.019 };
            for side in [-0.062, 0.062] {
                colour = over(
                    colour,
                    [44.0, 34.0, 34.0],
                    ellipse((head.0 - side, head.1 - 0.005), 0.014, open),
                );
                colour = over(
                    colour,
                    mix(self.skin, [232.0, 110.0, 100.0], 0.35),
                    ellipse((head.0 - side * 1.5, head.1 - 0.075), 0.034, 0.022) * 0.6,
                );
            }
            // A smile is the lower edge of one ellipse outside of another.
            let smile = ellipse((head.0, head.1 - 0.092), 0.058, 0.036)
                .min(1.0 - ellipse((head.0, head.1 - 0.076), 0.066, 0.038));
            over(colour, shade(self.skin, 0.45), smile)
        }
    }
}

/// How much of the point lies within the ellipse around the origin: 0 to 1, soft at the edge.
fn ellipse((x, y): (f64, f64), width: f64, height: f64) -> f64 {
    let distance = ((x / width).hypot(y / height) - 1.0) * width.min(height);
    (0.5 - distance / 0.006).clamp(0.0, 1.0)
}

fn over(below: Colour, above: Colour, cover: f64) -> Colour {
    mix(below, above, cover)
}

fn mix(from: Colour, to: Colour, share: f64) -> Colour {
    [0, 1, 2].map(|part| from[part] + (to[part] - from[part]) * share)
}

fn shade(colour: Colour, light: f64) -> Colour {
    colour.map(|part| part * light)
}
