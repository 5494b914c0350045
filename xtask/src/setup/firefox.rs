//! Firefox and its driver, with which the end-to-end tests hold half of their calls.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::browser::named;
use super::{debian, tools};
use crate::machine::Machine;

const BROWSERS: [&str; 2] = ["firefox-esr", "firefox"];
const DRIVER: &str = "geckodriver";

/// The Firefox that the environment names, or else the one on `PATH`.
pub(crate) fn find(machine: &Machine) -> Option<PathBuf> {
    named("MAJU_FIREFOX").or_else(|| BROWSERS.iter().find_map(|name| machine.find(name)))
}

/// The geckodriver that the environment names, or else the one on `PATH`.
pub(crate) fn find_driver(machine: &Machine) -> Option<PathBuf> {
    named("MAJU_GECKODRIVER").or_else(|| machine.find(DRIVER))
}

/// Makes sure that both are there.
pub(crate) fn prepare(machine: &mut Machine) -> Result<()> {
    if find(machine).is_none() {
        if !debian::is_at_hand() {
            bail!(
                "the end-to-end tests need Firefox beside Chromium, and only on Debian as root can it be \
                 installed from here.\n  what to try: install it and put it on PATH, or name it in MAJU_FIREFOX"
            );
        }
        // Debian's name. Ubuntu's own Firefox is a snap, which root cannot drive, so nothing else is tried there.
        debian::install(machine, &["firefox-esr"])?;
    }
    if named("MAJU_GECKODRIVER").is_none() {
        tools::prepare_geckodriver(machine)?;
    }
    Ok(())
}
