//! The reverse proxies behind which calls are tried. They are unpacked and not installed: installed ones would start to serve
//! this machine's port 80.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::machine::{Machine, make_folder};
use crate::step;

/// Programs, and the packages that have them.
const PROGRAMS: [(&str, &str); 2] = [("nginx", "nginx"), ("caddy", "caddy")];

/// Brings those that are missing where Debian's packages can be had. Elsewhere it says so: the tests that need them are
/// skipped then, and no other.
///
/// # Errors
/// When a folder cannot be made.
pub(crate) fn prepare(machine: &mut Machine) -> Result<()> {
    for (program, package) in PROGRAMS {
        let root = machine.cache.join("tools").join(package);
        let folders = ["usr/sbin", "usr/bin"].map(|folder| root.join(folder));
        let unpacked = |folders: &[std::path::PathBuf; 2]| {
            folders
                .iter()
                .find(|folder| folder.join(program).is_file())
                .cloned()
        };
        // nginx lies where the `PATH` of others than root may not lead.
        if machine.find(program).is_some() || Path::new("/usr/sbin").join(program).is_file() {
            continue;
        }
        if unpacked(&folders).is_none() && machine.find("apt-get").is_some() {
            // Without a network nothing is lost but those tests.
            if let Err(error) = unpack(machine, package, &root) {
                eprintln!("  {error:#}");
            }
        }
        match unpacked(&folders) {
            Some(folder) => machine.prefer(&folder),
            None => eprintln!("there is no {program}: the calls behind it will be skipped"),
        }
    }
    Ok(())
}

fn unpack(machine: &Machine, package: &str, root: &Path) -> Result<()> {
    let folder = machine.cache.join("build").join(package);
    make_folder(&folder)?;
    step::run(
        &format!("Fetching {package}"),
        "`apt-get update` as root",
        machine
            .command("apt-get")
            .args(["download", package])
            .current_dir(&folder),
    )?;
    for entry in fs::read_dir(&folder)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            let title = format!("Unpacking {package}");
            let mut command = machine.command("dpkg-deb");
            step::run(
                &title,
                "look at the reason above",
                command.arg("-x").arg(file).arg(root),
            )?;
        }
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(())
}
