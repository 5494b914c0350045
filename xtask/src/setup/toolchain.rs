//! A Rust compiler that builds for this machine and for WebAssembly.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::machine::{Machine, output};
use crate::step;

/// The target of the app.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// The name under which rustup knows the compiler of Debian's packages.
const DEBIAN: &str = "debian";

/// The machine with a toolchain that was seen to compile and link for WebAssembly: the active one, one that an
/// earlier set-up made, the active one with its target added, or the compiler of Debian's packages.
pub(crate) fn choose(machine: &Machine) -> Result<Machine> {
    let missing = match try_out(machine) {
        Ok(()) => return Ok(machine.clone()),
        Err(reason) => reason,
    };
    let rustup = machine.find("rustup").is_some();
    let debian = if rustup {
        machine.with_toolchain(DEBIAN)
    } else {
        machine.clone()
    };
    if rustup && is_known(machine, DEBIAN) && try_out(&debian).is_ok() {
        return Ok(debian);
    }
    eprintln!("the compiler at hand does not build the app: {missing}");

    let mut reasons = vec![missing.to_string()];
    if rustup && matches!(missing, Missing::Target(_)) {
        match step::run(
            "Adding the WebAssembly target with rustup",
            "look at the network; a machine that reaches only package registries needs Debian or Ubuntu, as root",
            machine.command("rustup").args(["target", "add", WASM]),
        ) {
            Ok(()) => match try_out(machine) {
                Ok(()) => return Ok(machine.clone()),
                Err(reason) => reasons.push(reason.to_string()),
            },
            Err(error) => {
                eprintln!("  not possible here");
                reasons.push(error.to_string());
            }
        }
    }
    if !debian::is_at_hand() {
        bail!(
            "no compiler for WebAssembly.\n{}\n  what to try: `rustup update stable && rustup target add {WASM}`, \
             or on Debian or Ubuntu run this as root, so that it may install packages",
            reasons.join("\n")
        );
    }
    debian::install_compiler(machine)?;
    debian::build_standard_library(machine)?;
    if rustup {
        step::run(
            "Making the compiler known to rustup",
            "`rustup toolchain link debian /usr` by hand",
            machine
                .command("rustup")
                .args(["toolchain", "link", DEBIAN, "/usr"]),
        )?;
    }
    match try_out(&debian) {
        Ok(()) => Ok(debian),
        Err(reason) => bail!("the compiler that was just set up does not work: {reason}"),
    }
}

/// Makes sure that `cargo NAME` runs: rustup's component, or Debian's `package`.
pub(crate) fn component(machine: &Machine, name: &str, package: &str) -> Result<()> {
    let there = || output(machine.cargo().args([name, "--version"])).is_ok();
    if there() {
        return Ok(());
    }
    let of_debian = machine
        .toolchain
        .as_deref()
        .is_some_and(|toolchain| toolchain == DEBIAN);
    if (of_debian || machine.find("rustup").is_none()) && debian::is_at_hand() {
        return debian::install(machine, &[package]);
    }
    let component = if name == "fmt" { "rustfmt" } else { name };
    step::run(
        &format!("Adding {component} with rustup"),
        "look at the network, or add the component of the toolchain in use by hand",
        machine.command("rustup").args(["component", "add", component]),
    )
}

/// Why a toolchain does not do.
enum Missing {
    /// It is older than the workspace wants.
    TooOld(String),
    /// It compiles nothing for WebAssembly.
    Target(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld(text) | Self::Target(text) => f.write_str(text),
        }
    }
}

/// Compiles and links a small program. A look at the folders would miss a library of another compiler's version
/// and a linker that is not there.
fn try_out(machine: &Machine) -> Result<(), Missing> {
    let fails = |error: anyhow::Error| Missing::Target(first_line(&format!("{error:#}")));
    let found = output(machine.command("rustc").arg("--version")).map_err(fails)?;
    let wanted = wanted_version(machine).map_err(fails)?;
    if version(&found) < version(&wanted) {
        return Err(Missing::TooOld(format!(
            "{found} is older than {wanted}, which the project needs"
        )));
    }
    let source = probe(machine).map_err(fails)?;
    let product = source.with_extension("wasm");
    let compiled = output(
        machine
            .command("rustc")
            .args(["--edition=2024", "--target", WASM, "-Cdebuginfo=0", "-o"])
            .arg(&product)
            .arg(&source),
    );
    compiled.map(drop).map_err(|error| {
        let text = format!("{error:#}");
        Missing::Target(format!(
            "{found} does not build for {WASM}: {}",
            first_line(&text)
        ))
    })
}

/// What is wrong, without the traces and hints that follow it.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn probe(machine: &Machine) -> Result<PathBuf> {
    let source = machine.notes()?.join("probe.rs");
    std::fs::write(
        &source,
        "fn main() { println!(\"{}\", std::env::args().count()); }\n",
    )
    .with_context(|| format!("{} could not be written", source.display()))?;
    Ok(source)
}

/// `rust-version` of the workspace.
fn wanted_version(machine: &Machine) -> Result<String> {
    let manifest =
        std::fs::read_to_string(machine.root.join("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .context("Cargo.toml names no rust-version")?;
    Ok(version.trim_end_matches('"').to_owned())
}

/// The first version in a text, by its numbers.
fn version(text: &str) -> Vec<u32> {
    let word = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    word.unwrap_or_default()
        .split(['.', '-'])
        .map_while(|number| number.parse().ok())
        .collect()
}

fn is_known(machine: &Machine, toolchain: &str) -> bool {
    output(machine.command("rustup").args(["toolchain", "list"])).is_ok_and(|list| {
        list.lines()
            .any(|line| line.split_whitespace().next() == Some(toolchain))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(version("rustc 1.96.0 (ac68faa20 2026-05-25)") > version("1.95"));
        assert!(version("rustc 1.100.0") > version("1.95"));
        assert!(version("rustc 1.97.0-nightly (e50aa6fba)") > version("1.95"));
        assert!(version("rustc 1.63.0") < version("1.95"));
    }

    #[test]
    fn the_workspace_says_which_compiler_it_needs() {
        let wanted = wanted_version(&Machine::new().unwrap()).unwrap();
        assert!(version(&wanted) >= vec![1, 85], "{wanted}");
    }
}
