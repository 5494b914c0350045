//! `maju doctor`: what the doctor finds, for people and for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use tokio::join;

use crate::{
    args::Args,
    config::Config,
    doctor::{Finding, Level, Report, examine, own_certificate, own_port},
};

/// Looks at everything, prints what is found, and tells whether all that was configured works.
pub async fn doctor(args: &Args, config: &Config) -> io::Result<bool> {
    let tls = config.tls.is_some() || args.network.lan;
    let (own, mut report) = join!(own_port(&args.listen, tls), examine(&config.ice));
    report.findings.push(own);
    report
        .findings
        .extend(config.tls.as_deref().and_then(own_certificate));
    if args.json {
        print_json(&report)?;
    } else {
        print(&mut anstream::stdout(), &report)?;
    }
    Ok(!report.has_problems())
}

fn print_json(report: &Report) -> io::Result<()> {
    #[derive(Serialize)]
    struct Answer<'a> {
        problems: usize,
        warnings: usize,
        findings: &'a [Finding],
    }
    let answer = Answer {
        problems: report.of(Level::Problem).count(),
        warnings: report.of(Level::Warning).count(),
        findings: &report.findings,
    };
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&answer)?)
}

fn print(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for finding in &report.findings {
        let style = style(finding.level);
        let word = finding.level.word();
        writeln!(out, "{style}{word:<9}{style:#}{finding}")?;
        if let Some(advice) = &finding.advice {
            writeln!(out, "         {advice}")?;
        }
    }
    let count = |level, one: &str, many: &str| match report.of(level).count() {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let counts = [
        count(Level::Problem, "problem", "problems"),
        count(Level::Warning, "warning", "warnings"),
    ];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    if counts.is_empty() {
        writeln!(out, "\nNothing is wrong.")
    } else {
        writeln!(out, "\n{}.", counts.join(" and "))
    }
}

fn style(level: Level) -> Style {
    let color = match level {
        Level::Ok => AnsiColor::Green,
        Level::Note => AnsiColor::Cyan,
        Level::Warning => AnsiColor::Yellow,
        Level::Problem => AnsiColor::Red,
    };
    Style::new().bold().fg_color(Some(color.into()))
}
