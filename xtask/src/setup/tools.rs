//! Programs that cargo installs: wasm-bindgen and Trunk turn the app into files for a browser, geckodriver drives
//! Firefox, cargo-deny looks at the dependencies.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::machine::{Machine, make_folder, output};
use crate::step;

/// Installed where no Trunk of the same series is. Later series ask for a newer compiler than the project does.
const TRUNK: &str = "0.21.14";
/// Installed where no geckodriver of the same series is.
const GECKODRIVER: &str = "0.37.1";

/// Installed where no cargo-deny of the same series is.
const CARGO_DENY: &str = "0.20.2";

/// Makes sure that the tools are there and that the right ones of several are used.
pub(crate) fn prepare(machine: &mut Machine) -> Result<()> {
    let lock =
        std::fs::read_to_string(machine.root.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let version = locked(&lock, "wasm-bindgen").context("Cargo.lock does not name wasm-bindgen")?;
    // What the command-line tool writes must match the library to the letter.
    prepare_one(
        machine,
        &Tool {
            program: "wasm-bindgen",
            package: "wasm-bindgen-cli",
            version,
            series: version,
            flags: &[],
        },
    )?;
    prepare_one(
        machine,
        &Tool {
            program: "trunk",
            package: "trunk",
            version: TRUNK,
            series: "0.21.",
            flags: &["--no-default-features", "--features", "rustls"],
        },
    )?;
    Ok(())
}

/// Makes sure that Firefox's driver is there.
pub(crate) fn prepare_geckodriver(machine: &mut Machine) -> Result<()> {
    prepare_one(
        machine,
        &Tool {
            program: "geckodriver",
            package: "geckodriver",
            version: GECKODRIVER,
            series: "0.37.",
            flags: &[],
        },
    )
}

/// Makes sure that the program is there that looks at the dependencies.
pub(crate) fn prepare_deny(machine: &mut Machine) -> Result<()> {
    prepare_one(
        machine,
        &Tool {
            program: "cargo-deny",
            package: "cargo-deny",
            version: CARGO_DENY,
            series: "0.20.",
            // What it leaves out asks registries and hosts of repositories over HTTPS, which no check here does.
            flags: &["--no-default-features"],
        },
    )
}

struct Tool<'a> {
    /// What is called.
    program: &'a str,
    /// What is installed.
    package: &'a str,
    /// Which version is installed.
    version: &'a str,
    /// How a version begins that does as well.
    series: &'a str,
    /// Flags for `cargo install`.
    flags: &'a [&'a str],
}

fn prepare_one(machine: &mut Machine, tool: &Tool<'_>) -> Result<()> {
    let own = machine
        .cache
        .join("tools")
        .join(format!("{}-{}", tool.package, tool.version));
    let mut places = machine.find_all(tool.program);
    let first = places.first().cloned();
    let file = format!("{}{}", tool.program, std::env::consts::EXE_SUFFIX);
    places.extend(
        machine
            .cargo_bin()
            .iter()
            .chain([&own.join("bin")])
            .map(|folder| folder.join(&file)),
    );

    let usable = |place: &PathBuf| {
        place.is_file() && found_version(machine, place).is_some_and(|v| v.starts_with(tool.series))
    };
    if let Some(place) = places.iter().find(|place| usable(place)) {
        if first.as_ref() != Some(place) {
            machine.prefer(place.parent().unwrap_or(&own));
        }
        return Ok(());
    }
    // A tool of another version belongs to somebody else's work: it stays, and ours goes to a folder of its own.
    let root = first.as_ref().map(|other| {
        let found = found_version(machine, other).unwrap_or_else(|| "of an unknown version".to_owned());
        eprintln!(
            "{} is {} {found}; the project needs {}, kept apart",
            other.display(),
            tool.program,
            tool.version
        );
        own.clone()
    });
    install(machine, tool, root.as_deref())?;
    if let Some(folder) = root.map(|root| root.join("bin")).or_else(|| machine.cargo_bin()) {
        if machine
            .find(tool.program)
            .is_none_or(|found| found.parent() != Some(&folder))
        {
            machine.prefer(&folder);
        }
    }
    Ok(())
}

fn install(machine: &Machine, tool: &Tool<'_>, root: Option<&Path>) -> Result<()> {
    let title = format!("{} {}", tool.package, tool.version);
    if machine.find("cargo-binstall").is_some() {
        let mut command = machine.cargo();
        command.args(["binstall", "--no-confirm", "--disable-strategies", "compile"]);
        if let Some(root) = root {
            command.arg("--root").arg(root);
        }
        command.arg(format!("{}@{}", tool.package, tool.version));
        if step::run(&format!("Fetching {title}"), "", &mut command).is_ok() {
            return Ok(());
        }
        eprintln!("  not possible here");
    }
    // The folder is kept until the tool is there, so that an interrupted build goes on where it was.
    let build = machine
        .cache
        .join("build")
        .join(format!("{}-{}", tool.package, tool.version));
    make_folder(&build)?;
    let mut command = machine.cargo();
    command
        .current_dir(&build)
        // Without optimisation it is there in a sixth of the time, and what it does is short.
        .args(["install", "--locked", "--debug", "--version", tool.version])
        .args(tool.flags)
        .env("CARGO_TARGET_DIR", &build)
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    if let Some(root) = root {
        command.arg("--root").arg(root);
    }
    step::run(
        &format!("Building {title} (one to four minutes)"),
        "look at the reason above; run the command again, it goes on where it was",
        command.arg(tool.package),
    )?;
    let _ = std::fs::remove_dir_all(&build);
    Ok(())
}

/// What `PROGRAM --version` says, without the name.
fn found_version(machine: &Machine, program: &Path) -> Option<String> {
    let said = output(machine.command(program).arg("--version")).ok()?;
    said.split_whitespace().nth(1).map(str::to_owned)
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_says_which_wasm_bindgen_is_needed() {
        let lock = "[[package]]\nname = \"wasm\"\nversion = \"3.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\n\
                    version = \"0.2.129\"\nsource = \"registry\"\n\n[[package]]\nname = \"zip\"\nversion = \"1.0.0\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.129"));
        assert_eq!(locked(lock, "wasm-bindgen-shared"), None);
    }
}
