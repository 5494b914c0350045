//! Debian's packages: the way to a compiler on a machine that reaches nothing but package registries.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use super::toolchain::WASM;
use crate::machine::{Machine, make_folder, output};
use crate::step;

/// The compiler of the packages.
const RUSTC: &str = "/usr/bin/rustc";
/// What of the standard library is built: `test` for the tests in the browser, and both ways to end a panic.
const LIBRARIES: &str = "-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test";

/// Whether packages may be installed: on Debian and its children, as root.
pub(crate) fn is_at_hand() -> bool {
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is_debian = system
        .lines()
        .filter(|line| line.starts_with("ID=") || line.starts_with("ID_LIKE="))
        .any(|line| line.contains("debian") || line.contains("ubuntu"));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_root = status
        .lines()
        .any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"));
    is_debian && is_root && Path::new("/usr/bin/apt-get").exists()
}

/// Installs packages and nothing that they only recommend.
pub(crate) fn install(machine: &Machine, packages: &[&str]) -> Result<()> {
    static LISTS_ARE_FRESH: AtomicBool = AtomicBool::new(false);
    if !LISTS_ARE_FRESH.swap(true, Ordering::Relaxed) {
        step::run(
            "Reading the lists of packages",
            "look at the network and at /etc/apt/sources.list",
            apt(machine).arg("update"),
        )?;
    }
    let title = format!("Installing {}", packages.join(" "));
    let advice = "`dpkg --configure -a`, then `apt-get install` of the packages by hand";
    let attempt = || {
        let mut command = apt(machine);
        command.args(["install", "--yes", "--no-install-recommends"]);
        if machine.find("rustup").is_some() {
            // Debian's own package of rustup and its compiler exclude each other: rather fail than remove it.
            command.arg("--no-remove");
        }
        step::run(&title, advice, command.args(packages))
    };
    attempt().or_else(|error| {
        // An interrupted installation leaves packages half done, and apt-get refuses everything until they are not.
        if output(
            machine
                .command("dpkg")
                .args(["--configure", "-a"])
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
        .is_err()
        {
            return Err(error);
        }
        attempt()
    })
}

/// The compiler with the source of its standard library and the linker for WebAssembly.
pub(crate) fn install_compiler(machine: &Machine) -> Result<()> {
    install(machine, &["rustc-web", "cargo-web", "rust-web-src"])?;
    let about = output(machine.command(RUSTC).arg("-vV"))?;
    let field = |name: &str| {
        about
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let llvm = field("LLVM version:")
        .and_then(|version| version.split('.').next())
        .context("rustc names no LLVM")?;
    let host = field("host:").context("rustc names no host")?;
    install(machine, &[&format!("lld-{llvm}")])?;

    // rustc asks for the linker under a name of its own.
    let linker = PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/lld"));
    let folder = PathBuf::from(format!("/usr/lib/rustlib/{host}/bin"));
    make_folder(&folder)?;
    let link = folder.join("rust-lld");
    if fs::read_link(&link).ok().as_ref() != Some(&linker) {
        let _ = fs::remove_file(&link);
        symlink(&linker, &link).with_context(|| format!("{} could not be made", link.display()))?;
    }
    Ok(())
}

/// Builds the standard library for WebAssembly from the source that came with the compiler, and puts it where the
/// compiler looks for it, whole or not at all.
pub(crate) fn build_standard_library(machine: &Machine) -> Result<()> {
    let about = output(machine.command(RUSTC).arg("--version"))?;
    let folder = machine.cache.join("build").join(format!(
        "std-{}",
        about.replace(|c: char| !c.is_alphanumeric(), "-")
    ));
    make_folder(&folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    )?;
    fs::write(folder.join("src/lib.rs"), "")?;
    step::run(
        "Building the standard library for WebAssembly (about a minute)",
        "look at the reason above; the network must reach the registry of crates",
        machine
            .command("/usr/bin/cargo")
            .current_dir(&folder)
            .args(["build", "--release", "--target", WASM, LIBRARIES])
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            // A build of the app with `lto = "fat"` needs the bitcode.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;

    let place = PathBuf::from("/usr/lib/rustlib").join(WASM);
    let fresh = place.with_extension("fresh");
    let _ = fs::remove_dir_all(&fresh);
    make_folder(&fresh.join("lib"))?;
    let mut copied = 0;
    for entry in fs::read_dir(folder.join("target").join(WASM).join("release/deps"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            fs::copy(&path, fresh.join("lib").join(&name))?;
            copied += 1;
        }
    }
    if copied == 0 {
        bail!(
            "building the standard library left no library in {}",
            folder.display()
        );
    }
    let _ = fs::remove_dir_all(&place);
    fs::rename(&fresh, &place).with_context(|| format!("{} could not be put in place", place.display()))?;
    // The build was worth keeping only until it was done.
    let _ = fs::remove_dir_all(&folder);
    Ok(())
}

fn apt(machine: &Machine) -> std::process::Command {
    let mut command = machine.command("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["--quiet", "-o", "DPkg::Lock::Timeout=120"]);
    command
}

#[cfg(unix)]
fn symlink(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn symlink(_original: &Path, _link: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
