//! What the command does besides serving.

mod check_config;
mod doctor;

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

pub use self::{check_config::check_config, doctor::doctor};
use crate::args::Args;

/// Prints what lets that shell complete the command.
pub fn completions(shell: Shell) -> io::Result<()> {
    // What it makes in memory cannot fail half-way, as it could into a pipe that is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "maju", &mut script);
    io::stdout().write_all(&script)
}

/// Prints the manual page, for `man -l -` or a file `maju.1`.
pub fn man() -> io::Result<()> {
    Man::new(Args::command()).render(&mut io::stdout())
}
