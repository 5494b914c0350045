//! What the fault tests measured, kept in a file over all of them, and the table made of it.
//!
//! | file | what |
//! |---|---|
//! | `target/faults.tsv` | one line a measurement: measure, milliseconds |
//! | `target/faults.md` | the table, written anew after each measurement |

use std::{
    env, fs,
    io::{self, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Failure, Outcome, workspace_file};

/// Something that a person notices and that has a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of each are in `row`")]
pub enum Measure {
    RestartStill,
    RestartResumed,
    RestartNewcomer,
    SocketCut,
    SocketSilent,
    ServerAwayLong,
    ServerFrozen,
    ServerFrozenStill,
    IdleProxy,
    Reload,
    TabCrashed,
    BrowserKilled,
    NetworkGone,
    TabClosed,
    Left,
    CutShort,
    CutLong,
    AddressChanged,
    InterfaceChanged,
    Loss,
    TurnOnly,
    TurnRestarted,
    NatConeCone,
    NatSymmetric,
    NatUdpBlocked,
    CameraWithoutServer,
}

/// A measure in words: the fault, what is measured, and the target in milliseconds where there is one.
type Row = (&'static str, &'static str, Option<u64>);

impl Measure {
    const ALL: [Self; 26] = [
        Self::RestartStill,
        Self::RestartResumed,
        Self::RestartNewcomer,
        Self::SocketCut,
        Self::SocketSilent,
        Self::ServerAwayLong,
        Self::ServerFrozen,
        Self::ServerFrozenStill,
        Self::IdleProxy,
        Self::Reload,
        Self::TabCrashed,
        Self::BrowserKilled,
        Self::NetworkGone,
        Self::TabClosed,
        Self::Left,
        Self::CutShort,
        Self::CutLong,
        Self::AddressChanged,
        Self::InterfaceChanged,
        Self::Loss,
        Self::TurnOnly,
        Self::TurnRestarted,
        Self::NatConeCone,
        Self::NatSymmetric,
        Self::NatUdpBlocked,
        Self::CameraWithoutServer,
    ];

    fn row(self) -> Row {
        match self {
            Self::RestartStill => (
                "server killed or stopped, and started again",
                "longest that a picture stood still",
                Some(1000),
            ),
            Self::RestartResumed => (
                "server killed or stopped, and started again",
                "from its return until everybody has their seat again",
                None,
            ),
            Self::RestartNewcomer => (
                "server killed or stopped, and started again",
                "from its return until a newcomer sees everybody",
                Some(3000),
            ),
            Self::SocketCut => (
                "signaling socket cut",
                "from the network's return until the seat is resumed",
                Some(2000),
            ),
            Self::SocketSilent => (
                "signaling socket that falls silent",
                "from the network's return until the seat is resumed",
                Some(2000),
            ),
            Self::ServerAwayLong => (
                "server away for 90 s",
                "from its return until everybody has their seat again",
                None,
            ),
            Self::ServerFrozen => (
                "server frozen for 20 s",
                "from its thaw until everybody has their seat again",
                None,
            ),
            Self::ServerFrozenStill => (
                "server frozen for 20 s",
                "longest that a picture stood still",
                Some(1000),
            ),
            Self::IdleProxy => (
                "proxy that drops sockets idle for 60 s",
                "longest that a picture stood still in 3 minutes",
                Some(1000),
            ),
            Self::Reload => (
                "page reloaded, and Join pressed in its lobby",
                "from the reload until the others see a moving picture",
                None,
            ),
            Self::TabCrashed => ("tab crashed", "until gone from the others", Some(15_000)),
            Self::BrowserKilled => ("browser killed", "until gone from the others", Some(15_000)),
            Self::NetworkGone => (
                "network gone for good, as when a machine loses power",
                "until gone from the others",
                Some(15_000),
            ),
            Self::TabClosed => ("tab closed", "until gone from the others", Some(1000)),
            Self::Left => ("Leave pressed", "until gone from the others", Some(1000)),
            Self::CutShort => (
                "network of one person cut for 5 s",
                "from the return until the picture moves again, on both sides",
                Some(3000),
            ),
            Self::CutLong => (
                "network of one person cut for 30 s",
                "from the return until the picture moves again, on both sides",
                Some(6000),
            ),
            Self::AddressChanged => (
                "address changed on the same interface",
                "until the picture moves again, on both sides",
                Some(5000),
            ),
            Self::InterfaceChanged => (
                "address changed to the other interface's",
                "until the picture moves again, on both sides",
                Some(5000),
            ),
            Self::Loss => (
                "20 % of all packets lost, both ways",
                "longest that a picture stood still in 10 s",
                None,
            ),
            Self::TurnOnly => (
                "symmetric NATs, TURN over UDP",
                "from the press of Join until both see a moving picture",
                None,
            ),
            Self::TurnRestarted => (
                "TURN server killed and started again",
                "from its return until the picture moves again, on both sides",
                None,
            ),
            Self::NatConeCone => (
                "cone NATs, STUN",
                "from the press of Join until both see a moving picture",
                None,
            ),
            Self::NatSymmetric => (
                "cone and symmetric NAT, TURN over UDP",
                "from the press of Join until both see a moving picture",
                None,
            ),
            Self::NatUdpBlocked => (
                "UDP blocked on one side, TURN over TCP",
                "from the press of Join until both see a moving picture",
                None,
            ),
            Self::CameraWithoutServer => (
                "camera turned on for the first time while the server is away",
                "until the others see a moving picture",
                None,
            ),
        }
    }
}

/// How often a fault is repeated: `MAJU_FAULT_RUNS` times the factor, or else as often as the quick part does it.
///
/// # Errors
/// When the variable is no number.
pub fn runs(quick: u32, factor: u32) -> Outcome<u32> {
    match env::var("MAJU_FAULT_RUNS") {
        Ok(text) => text
            .parse::<u32>()
            .map(|runs| runs.saturating_mul(factor))
            .map_err(|_| Failure::new(format!("MAJU_FAULT_RUNS is {text:?} and no number"))),
        Err(_) => Ok(quick),
    }
}

/// Writes a measurement down, and the table of all.
///
/// # Errors
/// When the files cannot be written.
pub fn note(measure: Measure, took: Duration) -> Outcome {
    static WRITING: Mutex<()> = Mutex::new(());
    let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let (fault, noticed, _) = measure.row();
    // Not by `eprintln`, which the test harness swallows.
    writeln!(io::stderr(), "  {fault}, {noticed}: {:.2} s", took.as_secs_f64())?;
    let list = file("faults.tsv");
    let mut lines = fs::File::options().create(true).append(true).open(&list)?;
    writeln!(lines, "{measure:?}\t{}", took.as_millis())?;
    fs::write(file("faults.md"), table(&fs::read_to_string(&list)?))?;
    Ok(())
}

fn file(name: &str) -> PathBuf {
    workspace_file("target").join(name)
}

/// The table in Markdown of a list of measurements.
fn table(list: &str) -> String {
    let mut table =
        String::from("| fault | measured | target | median | worst | runs |\n|---|---|---|---|---|---|\n");
    for measure in Measure::ALL {
        let name = format!("{measure:?}");
        let mut all: Vec<u64> = list
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter(|(of, _)| *of == name)
            .filter_map(|(_, milliseconds)| milliseconds.parse().ok())
            .collect();
        all.sort_unstable();
        let Some(worst) = all.last() else { continue };
        let median = all[(all.len() - 1) / 2].midpoint(all[all.len() / 2]);
        let (fault, noticed, target) = measure.row();
        let target = target.map_or_else(|| "–".to_owned(), seconds);
        table.push_str(&format!(
            "| {fault} | {noticed} | {target} | {} | {} | {} |\n",
            seconds(median),
            seconds(*worst),
            all.len()
        ));
    }
    table
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of minutes, shown with one or two digits"
)]
fn seconds(milliseconds: u64) -> String {
    let seconds = milliseconds as f64 / 1000.0;
    if milliseconds < 1000 {
        format!("{seconds:.2} s")
    } else {
        format!("{seconds:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_median_and_worst_of_what_was_measured() {
        let list = "Left\t300\nLeft\t100\nLeft\t2500\nLeft\t200\nTabClosed\t50\n";
        let table = table(list);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| tab closed | until gone from the others | 1.0 s | 0.05 s | 0.05 s | 1 |",
                "| Leave pressed | until gone from the others | 1.0 s | 0.25 s | 2.5 s | 4 |",
            ]
        );
    }
}
