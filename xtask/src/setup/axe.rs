//! axe-core, which looks at pages for what keeps people out.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{browser::named, npm};
use crate::machine::Machine;

/// The package on npm's registry.
const PACKAGE: &str = "axe-core@4.14.1";

/// The script that the environment names, or else the one that was brought.
pub(super) fn find(machine: &Machine) -> Option<PathBuf> {
    let brought = npm::folder(machine, PACKAGE).join("axe-core/axe.min.js");
    named("MAJU_AXE").or_else(|| brought.is_file().then_some(brought))
}

/// Makes sure that it is there.
pub(super) fn prepare(machine: &Machine) -> Result<()> {
    if find(machine).is_none() && npm::modules(machine, PACKAGE)?.is_none() {
        bail!(
            "the tests of accessibility need axe-core, which npm brings.\n  what to try: install npm, or name \
             the file axe.min.js of {PACKAGE} in MAJU_AXE"
        );
    }
    Ok(())
}
