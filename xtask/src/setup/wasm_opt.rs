//! wasm-opt, which makes the WebAssembly of a release small.
//!
//! wasm-bindgen writes an instruction (`table.fill`) that older ones refuse, among them those of several
//! distributions. Trunk takes whichever is on `PATH`, and fetches a newer one only where none is.

use std::fs;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::npm;
use crate::machine::{Machine, make_folder, output};
use crate::step;

/// The package that brings wasm-opt from npm's registry.
const PACKAGE: &str = "binaryen@132.0.0";
/// Where Trunk fetches its own from.
const TRUNKS_SOURCE: (&str, u16) = ("github.com", 443);
const PROBE: &str =
    "(module (table 1 externref) (func (table.fill 0 (i32.const 0) (ref.null extern) (i32.const 1))))\n";

/// Makes sure that `maju-shrink` and Trunk find a wasm-opt that is new enough, or that Trunk can fetch one.
pub(super) fn prepare(machine: &mut Machine) -> Result<()> {
    let folder = npm::folder(machine, PACKAGE).join(".bin");
    let places = machine.find_all("wasm-opt");
    let first = places.first().cloned();
    for place in places.iter().chain([&folder.join("wasm-opt")]) {
        if place.is_file() && is_new_enough(machine, place)? {
            if first.as_ref() != Some(place) {
                machine.prefer(place.parent().unwrap_or(&folder));
            }
            return Ok(());
        }
    }
    if !npm::is_there(machine)? {
        if first.is_none() && trunk_can_fetch() {
            return Ok(());
        }
        let Some(old) = first else {
            eprintln!("wasm-opt is not on PATH; Trunk will try to fetch it");
            return Ok(());
        };
        bail!(
            "{} is too old.\n  what to try: `npm install --global {PACKAGE}`, or remove it, so that Trunk fetches \
             a newer one",
            old.display()
        );
    }
    match first {
        // Where every program finds it, Trunk too when it is called by hand.
        None => {
            let mut npm = machine.command("npm");
            npm.current_dir(&machine.cache)
                .args(["install", "--no-audit", "--no-fund", "--global", PACKAGE]);
            make_folder(&machine.cache)?;
            let installed = step::run("Installing wasm-opt", "", &mut npm).is_ok();
            if installed && machine.find("wasm-opt").is_some() {
                return Ok(());
            }
            eprintln!("  not possible here");
        }
        Some(old) => eprintln!("{} is too old; a newer one is kept apart", old.display()),
    }
    npm::modules(machine, PACKAGE)?;
    machine.prefer(&folder);
    Ok(())
}

/// Whether it takes what wasm-bindgen writes: tried out, as versions are counted in more than one way.
fn is_new_enough(machine: &Machine, wasm_opt: &Path) -> Result<bool> {
    let notes = machine.notes()?;
    let probe = notes.join("probe.wat");
    fs::write(&probe, PROBE).with_context(|| format!("{} could not be written", probe.display()))?;
    let mut command = machine.command(wasm_opt);
    command
        .arg("--all-features")
        .arg(&probe)
        .arg("-o")
        .arg(notes.join("probe-opt.wasm"));
    Ok(output(&mut command).is_ok())
}

/// Whether Trunk has fetched one before, or reaches the place to fetch it from.
fn trunk_can_fetch() -> bool {
    let fetched = std::env::var_os("HOME")
        .and_then(|home| fs::read_dir(Path::new(&home).join(".cache/trunk")).ok())
        .is_some_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("wasm-opt-"))
        });
    fetched
        || TRUNKS_SOURCE.to_socket_addrs().is_ok_and(|mut addresses| {
            addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(3)).is_ok())
        })
}
