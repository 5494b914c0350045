//! Every check and test, in the order in which they are cheapest to fail.

use std::env;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::machine::Machine;
use crate::setup::{self, Browser, Needs};
use crate::step::Took;
use crate::{app, step, tidy};

/// One check or kind of test.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The code is formatted
    Fmt,
    /// The small walls between the parts stand
    Tidy,
    /// Every dependency has a licence that fits, a source that is known, and no second version without a reason
    Deny,
    /// No warning, on this machine's code and on the browser's
    Clippy,
    /// The documentation builds without a warning
    Docs,
    /// Tests without a browser
    Native,
    /// Tests of the app's browser side inside a browser
    Wasm,
    /// Browsers in calls with each other over the real server
    Browser,
    /// Servers, sockets, networks, relays and tabs that fail in the middle of a call
    Faults,
}

/// How often a full run repeats each fault.
const RUNS: &str = "10";

const HOST: [&str; 5] = [
    "--workspace",
    "--exclude",
    "maju-frontend",
    "--all-targets",
    "--quiet",
];
const APP: [&str; 6] = [
    "--package",
    "maju-frontend",
    "--target",
    "wasm32-unknown-unknown",
    "--all-targets",
    "--quiet",
];

/// Runs the steps that are asked for, all when none is, and stops at the first that fails. With `all_faults` that is
/// the step of faults, each of them and each many times.
pub(crate) fn run(only: &[Step], all_faults: bool, arguments: &[String]) -> Result<ExitCode> {
    let asked = |step: &Step| {
        if all_faults {
            *step == Step::Faults
        } else {
            only.is_empty() || only.contains(step)
        }
    };
    let steps: Vec<Step> = Step::value_variants().iter().copied().filter(asked).collect();
    let start = Instant::now();
    let machine = setup::prepare(needs(&steps))?;
    let mut passed = vec![("set-up", start.elapsed())];
    for step in &steps {
        let name = step.name();
        eprintln!("\n━━ {name} ━━");
        let start = Instant::now();
        let outcome = step.run(&machine, all_faults, arguments);
        let took = start.elapsed();
        if let Err(error) = outcome {
            summarise(&passed);
            eprintln!("  ✗ {name:<8} {}", Took(took));
            let alone = if all_faults {
                "--faults".to_owned()
            } else {
                format!("--only {name}")
            };
            eprintln!("\n{name} failed: {error:#}\nalone: `cargo xtask test {alone}`");
            return Ok(ExitCode::FAILURE);
        }
        passed.push((name, took));
    }
    summarise(&passed);
    eprintln!("\neverything passed in {}", Took(start.elapsed()));
    Ok(ExitCode::SUCCESS)
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Native => "native",
            Self::Wasm => "wasm",
            Self::Browser => "browser",
            Self::Faults => "faults",
        }
    }

    fn run(self, machine: &Machine, all_faults: bool, arguments: &[String]) -> Result<()> {
        match self {
            Self::Fmt => step::show("Formatting", machine.cargo().args(["fmt", "--all", "--check"])),
            Self::Tidy => tidy::check(&machine.root),
            Self::Deny => deny(machine),
            Self::Clippy => {
                step::show(
                    "clippy, for this machine",
                    strict(machine.cargo().arg("clippy").args(HOST)),
                )?;
                step::show(
                    "clippy, for the browser",
                    strict(machine.cargo().arg("clippy").args(APP)),
                )
            }
            Self::Docs => step::show(
                "Documentation",
                // The same packages as clippy's, so that what it compiled is used again.
                machine
                    .cargo()
                    .args(["doc", "--no-deps", "--document-private-items", "--quiet"])
                    .args(["--workspace", "--exclude", "maju-frontend"])
                    .env("RUSTDOCFLAGS", "-D warnings"),
            ),
            Self::Native => {
                let all = [
                    "test",
                    "--workspace",
                    "--exclude",
                    "maju-frontend",
                    "--exclude",
                    "maju-e2e",
                ];
                step::show(
                    "Tests without a browser",
                    machine.cargo().args(all).arg("--").args(arguments),
                )?;
                // What of the app needs no browser; the rest is the next step's.
                let app = ["test", "--package", "maju-frontend", "--lib"];
                step::show(
                    "Tests of the app without a browser",
                    machine.cargo().args(app).arg("--").args(arguments),
                )
            }
            Self::Wasm => wasm(machine, arguments),
            Self::Browser => browser(machine, arguments),
            Self::Faults => faults(machine, all_faults, arguments),
        }
    }
}

/// Holds the dependencies against `deny.toml`. Of their known weaknesses a database tells that is fetched from its own host;
/// where that is out of reach, this part is left out and says so.
fn deny(machine: &Machine) -> Result<()> {
    // A warning here is an exception that is not needed any more.
    let check = || {
        let mut command = machine.cargo();
        command.args(["deny", "check", "--deny", "warnings"]);
        command
    };
    step::show(
        "Licences, bans and sources of what is depended on",
        check().args(["licenses", "bans", "sources"]),
    )?;
    let fetched = machine
        .cargo()
        .args(["deny", "fetch", "db"])
        // Nobody is there to be asked for a name and a password.
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .context("`cargo deny` could not be started")?;
    if !fetched.status.success() {
        eprintln!("▸ Advisories: skipped, for their database cannot be fetched from here");
        return Ok(());
    }
    step::show("Advisories", check().arg("advisories"))
}

fn wasm(machine: &Machine, arguments: &[String]) -> Result<()> {
    let browser = Browser::find(machine).context("there is no browser")?;
    step::show(
        "Tests of the app inside a browser",
        browser
            .tell(&mut machine.cargo())
            .args([
                "test",
                "--package",
                "maju-frontend",
                "--target",
                "wasm32-unknown-unknown",
                "--",
            ])
            .args(arguments)
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                "wasm-bindgen-test-runner",
            )
            .env("CHROMEDRIVER", &browser.chromedriver)
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                browser.webdriver_json(machine)?,
            ),
    )
}

fn browser(machine: &Machine, arguments: &[String]) -> Result<()> {
    let browser = Browser::find(machine).context("there is no browser")?;
    app::build(machine)?;
    step::show(
        "Browsers in calls with each other",
        browser
            .tell(&mut machine.cargo())
            .args([
                "test",
                "--package",
                "maju-e2e",
                "--lib",
                "--bins",
                "--test",
                "browser",
            ])
            .args(["--", "--test-threads=1"])
            .args(arguments)
            .env("MAJU_BIN", app::server_binary(machine)),
    )
}

/// Lets everything fail that can, and prints what it took to heal; the quick ones of the faults, or all and often.
fn faults(machine: &Machine, all: bool, arguments: &[String]) -> Result<()> {
    let browser = Browser::find(machine).context("there is no browser")?;
    app::build(machine)?;
    let table = machine.root.join("target").join("faults.md");
    for old in [table.with_extension("tsv"), table.clone()] {
        // There is none before the first run.
        let _ = fs::remove_file(old);
    }
    let mut command = machine.cargo();
    browser
        .tell(&mut command)
        .args(["test", "--package", "maju-e2e", "--test", "faults"])
        .args(["--", "--test-threads=1"])
        .args(arguments)
        .env("MAJU_BIN", app::server_binary(machine));
    if all {
        command.arg("--include-ignored");
        if env::var_os("MAJU_FAULT_RUNS").is_none() {
            command.env("MAJU_FAULT_RUNS", RUNS);
        }
    }
    let title = if all {
        "What fails in a call, all of it, again and again"
    } else {
        "What fails in a call, the quick part"
    };
    let outcome = step::show(title, &mut command);
    // What was measured counts even when a fault was not survived.
    if let Ok(text) = fs::read_to_string(&table) {
        eprintln!("\n{text}\nalso in {}", table.display());
    }
    outcome
}

fn strict(command: &mut Command) -> &mut Command {
    command.args(["--", "-D", "warnings"])
}

fn needs(steps: &[Step]) -> Needs {
    let end_to_end = steps.contains(&Step::Browser) || steps.contains(&Step::Faults);
    let browser = steps.contains(&Step::Wasm) || end_to_end;
    Needs {
        app: browser,
        clippy: steps.contains(&Step::Clippy),
        rustfmt: steps.contains(&Step::Fmt),
        deny: steps.contains(&Step::Deny),
        browser,
        lab: end_to_end || steps.contains(&Step::Native),
        end_to_end,
    }
}

fn summarise(passed: &[(&str, Duration)]) {
    eprintln!();
    for (name, took) in passed {
        eprintln!("  ✓ {name:<8} {}", Took(*took));
    }
}
