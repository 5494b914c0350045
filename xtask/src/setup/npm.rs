//! What comes from npm's registry, kept apart from everything else on the machine.

use std::path::PathBuf;

use anyhow::Result;

use super::debian;
use crate::machine::{Machine, make_folder};
use crate::step;

/// The folder with the packages of `package`, written as `name@version`; fetched if it is not there. None where there is no
/// npm and none can be had.
pub(crate) fn modules(machine: &Machine, package: &str) -> Result<Option<PathBuf>> {
    let modules = folder(machine, package);
    // npm writes this one last.
    if modules.join(".package-lock.json").is_file() {
        return Ok(Some(modules));
    }
    if !is_there(machine)? {
        return Ok(None);
    }
    let own = modules.parent().unwrap_or(&machine.cache);
    make_folder(own)?;
    step::run(
        &format!("Fetching {package}"),
        "look at the reason above",
        machine
            .command("npm")
            .current_dir(&machine.cache)
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(own)
            .arg(package),
    )?;
    Ok(Some(modules))
}

/// Where the packages of `package` are, or will be.
pub(super) fn folder(machine: &Machine, package: &str) -> PathBuf {
    let own = machine.cache.join("tools").join(package.replace(['@', '/'], "-"));
    own.join("node_modules")
}

/// Whether npm is there, if need be because it was brought.
pub(super) fn is_there(machine: &Machine) -> Result<bool> {
    if machine.find("npm").is_none() && debian::is_at_hand() {
        debian::install(machine, &["nodejs", "npm"])?;
    }
    Ok(machine.find("npm").is_some())
}
