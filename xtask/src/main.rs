//! The project's commands: `cargo xtask --help`.
//!
//! This program is compiled by whatever cargo a machine has and then brings the rest. What it does and how long
//! that takes goes to standard error; standard output belongs to the programs that it starts.

mod app;
mod bench;
mod http;
mod links;
mod machine;
mod setup;
mod step;
mod test;
mod tidy;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use setup::Needs;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Maju's commands",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Bring what is missing to build the app: a WebAssembly target, Trunk, wasm-bindgen
    Setup {
        /// Also bring what the tests need: clippy, rustfmt, Chromium and Firefox with their drivers, and what the
        /// networks of the tests are made of
        #[arg(long)]
        tests: bool,
    },
    /// Set up, build, and serve the app and its signaling on one port
    Run {
        /// Flags for the server, for instance `-- --listen 0.0.0.0:8080`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Set up, then rebuild and reload the app at each change of its sources, beside a running server
    Serve {
        /// Flags for `trunk serve`, for instance `-- --port 9000`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Set up, and leave the server with the app inside at target/release/maju
    Build,
    /// Set up, and run every check and test
    Test {
        /// Run these steps only
        #[arg(long, value_enum, value_delimiter = ',', value_name = "STEP")]
        only: Vec<test::Step>,
        /// Run every fault, ten times and more (MAJU_FAULT_RUNS), and nothing else; takes most of an hour
        #[arg(long, conflicts_with = "only")]
        faults: bool,
        /// Arguments for the test programs, for instance a part of a test's name
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Take what is not used any more out of frontend/locales, and print what is lacking there, ready to be filled in
    Words,
    /// Measure
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup { tests } => {
            setup::prepare(if tests { Needs::EVERYTHING } else { Needs::BUILD })?;
        }
        Task::Run { flags } => {
            let machine = setup::prepare(Needs::BUILD)?;
            app::build(&machine)?;
            return app::run(&machine, &flags);
        }
        Task::Serve { flags } => {
            let machine = setup::prepare(Needs::BUILD)?;
            return app::serve(&machine, &flags);
        }
        Task::Build => {
            let machine = setup::prepare(Needs::BUILD)?;
            app::build(&machine)?;
            eprintln!("built {}", app::server_binary(&machine).display());
        }
        Task::Test {
            only,
            faults,
            arguments,
        } => return test::run(&only, faults, &arguments),
        Task::Words => {
            let missing = words::prune(&machine::Machine::new()?.root)?;
            println!("{}", serde_json::to_string_pretty(&missing)?);
        }
        Task::Bench { what } => return bench::run(&what),
    }
    Ok(ExitCode::SUCCESS)
}
