//! What is reported, as a table and as a drawing.

use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
    time::Duration,
};

use maju_e2e::Outcome;

use crate::crowd::Tally;

/// From when on the memory is to be flat.
const WARM: Duration = Duration::from_secs(5 * 60);

/// All that was found.
pub(crate) struct Figures {
    empty: u64,
    sockets: usize,
    gathering: Duration,
    gathered: u64,
    /// When the memory was looked at, and how much of it was used, in bytes.
    looks: Vec<(Duration, u64)>,
    tally: Option<Tally>,
    relays: Vec<u32>,
    reference: Vec<u32>,
}

impl Figures {
    pub(crate) fn new(empty: u64) -> Self {
        Self {
            empty,
            sockets: 0,
            gathering: Duration::ZERO,
            gathered: empty,
            looks: Vec::new(),
            tally: None,
            relays: Vec::new(),
            reference: Vec::new(),
        }
    }

    pub(crate) fn gathered(&mut self, sockets: usize, took: Duration, memory: u64) {
        self.sockets = sockets;
        self.gathering = took;
        self.gathered = memory;
    }

    pub(crate) fn look(&mut self, at: Duration, memory: u64) {
        self.looks.push((at, memory));
    }

    pub(crate) fn relays(&mut self, tally: Tally, relays: Vec<u32>, reference: Vec<u32>) {
        self.tally = Some(tally);
        self.relays = relays;
        self.reference = reference;
    }

    pub(crate) fn lost(&self) -> u64 {
        self.tally.as_ref().map_or(0, |tally| tally.lost)
    }

    /// The memory at the first look after the start is over, and at the last.
    fn flat(&self) -> Option<(u64, u64)> {
        let warm = self
            .looks
            .iter()
            .find(|(at, _)| *at >= WARM)
            .or(self.looks.first())?;
        Some((warm.1, self.looks.last()?.1))
    }

    /// Leaves a drawing of the memory over time.
    pub(crate) fn draw(&self, path: &Path) -> Outcome {
        let (width, height, left, right, bottom, top_margin) = (744.0, 260.0, 64.0, 40.0, 36.0, 16.0);
        let end = self.looks.last().map_or(1.0, |(at, _)| at.as_secs_f64().max(1.0));
        let most = self.looks.iter().map(|(_, memory)| *memory).max().unwrap_or(1);
        let top = megabytes(most) * 1.2;
        let x = |at: f64| left + at / end * (width - left - right);
        let y = |memory: f64| height - bottom - memory / top * (height - bottom - top_margin);
        let mut points = String::new();
        for (at, memory) in &self.looks {
            write!(points, "{:.1},{:.1} ", x(at.as_secs_f64()), y(megabytes(*memory)))?;
        }
        let mut marks = String::new();
        for part in 0..=4 {
            let part = f64::from(part) / 4.0;
            let (at, memory) = (end * part, top * part);
            write!(
                marks,
                "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#8884\"/><text x=\"{tx}\" y=\"{ty:.1}\" text-anchor=\"end\">{memory:.0} MB</text>\
                 <text x=\"{x:.1}\" y=\"{by}\" text-anchor=\"middle\">{minutes:.0} min</text>",
                y = y(memory),
                right = width - right,
                tx = left - 6.0,
                ty = y(memory) + 4.0,
                x = x(at),
                by = height - 12.0,
                minutes = at / 60.0,
            )?;
        }
        let drawing = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#777\">\
             <title>Memory of the server with {} people, over time</title>{marks}\
             <polyline points=\"{points}\" fill=\"none\" stroke=\"#c8502d\" stroke-width=\"2\"/></svg>\n",
            self.sockets
        );
        Ok(fs::write(path, drawing)?)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each =
            (self.gathered - self.empty.min(self.gathered)) as f64 / self.sockets.max(1) as f64 / 1000.0;
        writeln!(f, "| what | measured |\n|---|---|")?;
        writeln!(f, "| people, a socket each | {} |", self.sockets)?;
        writeln!(
            f,
            "| until all had joined | {:.1} s |",
            self.gathering.as_secs_f64()
        )?;
        writeln!(
            f,
            "| memory of the empty server | {:.1} MB |",
            megabytes(self.empty)
        )?;
        writeln!(
            f,
            "| memory with all of them | {:.1} MB, {each:.1} kB each |",
            megabytes(self.gathered)
        )?;
        if let Some((warm, last)) = self.flat() {
            writeln!(
                f,
                "| memory after 5 minutes, and at the end | {:.1} MB, {:.1} MB |",
                megabytes(warm),
                megabytes(last)
            )?;
        }
        if let Some(Tally {
            sent,
            arrived,
            lost,
            moved,
        }) = &self.tally
        {
            writeln!(f, "| relays sent, arrived, lost | {sent}, {arrived}, {lost} |")?;
            writeln!(f, "| people who left and came back | {moved} |")?;
        }
        for (name, part) in [("median", 0.5), ("99 %", 0.99), ("99.9 %", 0.999)] {
            let (relay, bare) = (quantile(&self.relays, part), quantile(&self.reference, part));
            writeln!(
                f,
                "| a relay from client to client, {name} | {:.2} ms; {:.1} times bare TCP there and back, {:.2} ms |",
                relay / 1000.0,
                relay / bare.max(1.0),
                bare / 1000.0
            )?;
        }
        Ok(())
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The value, in microseconds, below which that part of the sorted values lies.
fn quantile(sorted: &[u32], part: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let index = (sorted.len() as f64 * part) as usize;
    sorted
        .get(index.min(sorted.len().saturating_sub(1)))
        .map_or(0.0, |micros| f64::from(*micros))
}
