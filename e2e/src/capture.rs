//! Pictures and sounds for the fake devices, so that a test can tell whom it sees and hears.

use std::{f64::consts::TAU, fs, path::PathBuf};

use crate::{Outcome, reaper};

/// What a person looks and sounds like: one colour with a bar that moves, and one beeping tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Red, green, blue, 0 to 255.
    pub colour: [u8; 3],
    /// The tone in Hz.
    pub tone: u32,
}

impl Look {
    /// Red, with a low tone.
    pub const RED: Self = Self {
        colour: [200, 40, 40],
        tone: 440,
    };
    /// Green, with a tone above it.
    pub const GREEN: Self = Self {
        colour: [40, 170, 40],
        tone: 640,
    };
    /// Blue, with a tone above that.
    pub const BLUE: Self = Self {
        colour: [40, 60, 210],
        tone: 840,
    };
    /// Yellow, with the highest tone.
    pub const YELLOW: Self = Self {
        colour: [210, 200, 40],
        tone: 1040,
    };

    /// Whether a picture with this average colour can be of this person and of no other of those above.
    pub fn resembles(&self, colour: [u8; 3]) -> bool {
        self.colour
            .iter()
            .zip(colour)
            .all(|(own, seen)| own.abs_diff(seen) < 60)
    }

    /// Writes the picture as a Y4M film of one second, to be repeated.
    pub(crate) fn film(&self) -> Outcome<PathBuf> {
        let portrait = Portrait::of_colour(self.colour);
        portrait.film(&format!(
            "{:02x}{:02x}{:02x}",
            self.colour[0], self.colour[1], self.colour[2]
        ))
    }

    /// Writes the tone as a WAV file of one second, to be repeated: two beeps, because the browser takes a steady
    /// tone for noise and filters it out.
    pub(crate) fn sound(&self) -> Outcome<PathBuf> {
        let tone = TAU * f64::from(self.tone);
        sound(&self.tone.to_string(), 1, |second| {
            let loud = second % 0.5 < 0.25;
            if loud { (tone * second).sin() * 0.366 } else { 0.0 }
        })
    }
}

/// Writes so many seconds of a sound, to be repeated, as a WAV file in this process's folder: `wave` tells it at each
/// second, between -1 and 1.
///
/// # Errors
/// When the file cannot be written.
pub fn sound(name: &str, seconds: u32, wave: impl Fn(f64) -> f64) -> Outcome<PathBuf> {
    let path = reaper::folder()?.join(format!("{name}.wav"));
    let samples = seconds * RATE;
    let data: Vec<u8> = (0..samples)
        .flat_map(|sample| {
            let level = wave(f64::from(sample) / f64::from(RATE)) * f64::from(i16::MAX);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast to an integer keeps within its bounds"
            )]
            let level = level as i16;
            level.to_le_bytes()
        })
        .collect();
    let size = 2 * samples;
    let mut file = Vec::from(*b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(*b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]); // PCM, one channel
    file.extend(RATE.to_le_bytes());
    file.extend((2 * RATE).to_le_bytes());
    file.extend([2, 0, 16, 0]); // two bytes a sample, 16 bits
    file.extend(*b"data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    fs::write(&path, file)?;
    Ok(path)
}

/// Samples a second.
const RATE: u32 = 48_000;

/// A film for a fake camera, drawn point by point.
pub struct Portrait<F> {
    /// Pixels, even.
    pub width: u32,
    /// Pixels, even.
    pub height: u32,
    /// Frames a second.
    pub rate: u32,
    /// How many frames there are before it begins again.
    pub frames: u32,
    /// The colour at a point: x and y from 0 to 1 from the left and the top, time from 0 to 1 through the film.
    pub paint: F,
}

impl Portrait<()> {
    fn of_colour(colour: [u8; 3]) -> Portrait<impl Fn(f64, f64, f64) -> [f64; 3]> {
        let paint = move |x: f64, _: f64, time: f64| {
            let shade = if (x - time).abs() < 0.1 { 0.75 } else { 1.0 };
            colour.map(|part| f64::from(part) * shade)
        };
        Portrait {
            width: 160,
            height: 120,
            rate: 10,
            frames: 10,
            paint,
        }
    }
}

impl<F: Fn(f64, f64, f64) -> [f64; 3]> Portrait<F> {
    /// Writes the film in Y4M (yuv420p, limited range of ITU-R BT.601) to this process's folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn film(&self, name: &str) -> Outcome<PathBuf> {
        let path = reaper::folder()?.join(format!("{name}.y4m"));
        let mut file = format!(
            "YUV4MPEG2 W{} H{} F{}:1 Ip A1:1 C420\n",
            self.width, self.height, self.rate
        )
        .into_bytes();
        for frame in 0..self.frames {
            let time = f64::from(frame) / f64::from(self.frames);
            file.extend(*b"FRAME\n");
            self.plane(&mut file, 1, time, |[r, g, b]| {
                16.0 + 0.2568 * r + 0.5041 * g + 0.0979 * b
            });
            self.plane(&mut file, 2, time, |[r, g, b]| {
                128.0 - 0.1482 * r - 0.2910 * g + 0.4392 * b
            });
            self.plane(&mut file, 2, time, |[r, g, b]| {
                128.0 + 0.4392 * r - 0.3678 * g - 0.0714 * b
            });
        }
        fs::write(&path, file)?;
        Ok(path)
    }

    fn plane(&self, file: &mut Vec<u8>, step: u32, time: f64, part: impl Fn([f64; 3]) -> f64) {
        for y in (0..self.height).step_by(step as usize) {
            for x in (0..self.width).step_by(step as usize) {
                let colour = (self.paint)(
                    f64::from(x) / f64::from(self.width),
                    f64::from(y) / f64::from(self.height),
                    time,
                );
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the value was clamped to what a byte holds"
                )]
                file.push(part(colour).round().clamp(0.0, 255.0) as u8);
            }
        }
    }
}
