//! The doctor while the server runs: at its start and every few minutes, beside everything else.

use std::{
    fmt::Write as _,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::{
    examine,
    report::{Finding, Level, Report},
};
use crate::signal::ice::Ice;

/// How long after a look the next one follows.
const PAUSE: Duration = Duration::from_secs(300);
/// The same while there is a problem: somebody is probably about to mend it.
const PAUSE_IN_TROUBLE: Duration = Duration::from_secs(30);

/// What the doctor saw last.
#[derive(Debug, Default)]
pub(crate) struct Checkup(RwLock<Option<(Report, Instant)>>);

impl Checkup {
    /// Looks again and again, for as long as it is polled. Without STUN and TURN there is nothing to look at.
    pub(crate) async fn run(&self, ice: &Ice) {
        if ice.servers.is_empty() && ice.shared.is_none() {
            return;
        }
        let mut before = Report::default();
        loop {
            let report = examine(ice).await;
            tell(&before, &report);
            let pause = pause_after(&report);
            before = report.clone();
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((report, Instant::now()));
            sleep(pause).await;
        }
    }

    /// What was seen last, a line for each finding; nothing if nothing was looked at.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if let Some((report, at)) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            for finding in &report.findings {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{}: {finding}", finding.level.word());
            }
            let _ = writeln!(text, "(looked at {} s ago)", at.elapsed().as_secs());
        }
        text
    }
}

fn pause_after(report: &Report) -> Duration {
    if report
        .findings
        .iter()
        .any(|finding| finding.level == Level::Problem)
    {
        PAUSE_IN_TROUBLE
    } else {
        PAUSE
    }
}

/// Logs what was not there before, and what is there no more.
fn tell(before: &Report, now: &Report) {
    let matters = |finding: &&Finding| finding.level >= Level::Warning;
    let has = |report: &Report, finding: &Finding| {
        let same = |other: &Finding| (&other.about, other.verdict) == (&finding.about, finding.verdict);
        report.findings.iter().any(same)
    };
    for finding in now.findings.iter().filter(matters) {
        if !has(before, finding) {
            let advice = finding.advice.as_deref().unwrap_or_default();
            warn!(verdict = finding.verdict.word(), "{finding}. {advice}");
        }
    }
    for finding in before.findings.iter().filter(matters) {
        if !has(now, finding) {
            info!(
                verdict = finding.verdict.word(),
                "{} does not have this problem any more", finding.about
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::Verdict;

    #[test]
    fn whoever_mends_a_problem_does_not_wait_long_for_the_next_look() {
        let report = |level| Report {
            findings: vec![Finding {
                level,
                verdict: Verdict::Refused,
                about: "turn:turn.example.org".into(),
                text: "is refused".into(),
                advice: None,
            }],
        };
        assert_eq!(pause_after(&Report::default()), PAUSE);
        assert_eq!(pause_after(&report(Level::Warning)), PAUSE);
        assert_eq!(pause_after(&report(Level::Problem)), PAUSE_IN_TROUBLE);
    }
}
