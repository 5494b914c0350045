//! What the networks of tests are made of: routers, their rules, a TURN server, and what moves its clock.

use std::path::Path;

use anyhow::Result;

use super::debian;
use crate::machine::Machine;

/// What is called, and the package that has it.
const PROGRAMS: [(&str, &str); 6] = [
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("turnserver", "coturn"),
    ("pgrep", "procps"),
    ("faketime", "faketime"),
];

/// Brings the programs where packages can be installed. Where they are missing and cannot be brought, it says so: the
/// tests that need them are skipped then, and no other.
///
/// # Errors
/// When packages can be installed here and these could not.
pub(crate) fn prepare(machine: &Machine) -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("networks for tests can be made on Linux only: the tests that need them will be skipped");
        return Ok(());
    }
    let missing: Vec<_> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| !is_there(machine, program))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if debian::is_at_hand() {
        let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
        return debian::install(machine, &packages);
    }
    let list = |names: Vec<&str>| names.join(" ");
    eprintln!(
        "networks for tests need {}: the tests that need them will be skipped\n  what to try: as root on Debian or \
         Ubuntu, `apt-get install {}`",
        list(missing.iter().map(|(program, _)| *program).collect()),
        list(missing.iter().map(|(_, package)| *package).collect()),
    );
    Ok(())
}

/// These programs are for root and lie where the `PATH` of others may not lead.
fn is_there(machine: &Machine, program: &str) -> bool {
    machine.find(program).is_some()
        || ["/usr/sbin", "/sbin"]
            .iter()
            .any(|folder| Path::new(folder).join(program).is_file())
}
