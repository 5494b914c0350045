//! Building and running the app and its server.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::machine::{Machine, output};
use crate::{setup, step};

/// What the bundle is made of.
const INPUTS: [&str; 11] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "protocol",
    "call",
    "frontend",
    "shrink",
    "xtask/src/app.rs",
    "rust-toolchain.toml",
];

/// The package that brings esbuild from npm's registry.
const ESBUILD: &str = "esbuild@0.28.2";

/// What lies beside the inputs and does not go into the bundle.
const BESIDE: [&str; 3] = ["tests", "examples", "webdriver.json"];

/// Leaves the bundle of the app in `dist/` and the server that carries it at `target/release/maju`.
pub(crate) fn build(machine: &Machine) -> Result<()> {
    bundle(machine)?;
    let mut command = machine.cargo();
    command.args(["build", "--release", "--package", "maju"]);
    // A build that has nothing to do is not worth a line.
    if server_binary(machine).exists() {
        command.arg("--quiet");
    }
    step::show("Building the server", &mut command)
}

/// The server with the app inside.
pub(crate) fn server_binary(machine: &Machine) -> PathBuf {
    machine
        .target()
        .join("release")
        .join(format!("maju{}", std::env::consts::EXE_SUFFIX))
}

/// Becomes the server.
pub(crate) fn run(machine: &Machine, flags: &[String]) -> Result<ExitCode> {
    let mut command = machine.command(server_binary(machine));
    command.args(flags);
    replace_by(&mut command)
}

/// Runs the server and `trunk serve` side by side; the end of one ends the other.
pub(crate) fn serve(machine: &Machine, flags: &[String]) -> Result<ExitCode> {
    step::show(
        "Building the server",
        machine.cargo().args(["build", "--package", "maju"]),
    )?;
    let server = machine
        .target()
        .join("debug")
        .join(format!("maju{}", std::env::consts::EXE_SUFFIX));
    // Trunk stands between the browser and the server as a proxy, and says for which host it does.
    let mut server = machine
        .command(server)
        .args(["--trusted-proxy", "127.0.0.1"])
        .spawn()
        .context("the server could not be started")?;
    let mut trunk = machine
        .command("trunk")
        .arg("serve")
        .args(flags)
        .spawn()
        .inspect_err(|_| drop(server.kill()))
        .context("trunk could not be started")?;
    let ended = loop {
        if let Some(status) = server.try_wait()? {
            trunk.kill()?;
            break status;
        }
        if let Some(status) = trunk.try_wait()? {
            server.kill()?;
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    trunk.wait()?;
    server.wait()?;
    Ok(if ended.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs Trunk unless the bundle at hand came from the same sources and tools: Trunk itself always does everything.
fn bundle(machine: &Machine) -> Result<()> {
    let stamp = machine.notes()?.join("bundle.stamp");
    let dist = machine.root.join("dist");
    let esbuild = setup::modules(machine, ESBUILD)?
        .filter(|_| machine.find("wasm-opt").is_some())
        .map(|modules| modules.join(".bin").join("esbuild"));
    let tools = format!("{} {esbuild:?}", tool_versions(machine)?);
    let inputs = digest(&machine.root, &INPUTS.map(PathBuf::from), &tools)?;
    // What `trunk serve` left in the folder is not optimised and must not be taken for the real thing.
    let now = |inputs: u64| -> Result<String> {
        Ok(format!(
            "{inputs:016x} {:016x}",
            digest(&dist, &[PathBuf::from("")], "")?
        ))
    };
    if dist.join("index.html").exists() && fs::read_to_string(&stamp).ok() == Some(now(inputs)?) {
        return Ok(());
    }
    let mut trunk = machine.command("trunk");
    trunk.args(["build", "--release"]);
    match esbuild {
        Some(esbuild) => {
            step::show("Building the app", trunk.args(["--features", "split"]))?;
            shrink(machine, &dist, &esbuild)?;
        }
        None => {
            eprintln!(
                "there is no npm to bring esbuild, or no wasm-opt; the app stays in one piece, and bigger"
            );
            step::show("Building the app", &mut trunk)?;
        }
    }
    fs::write(&stamp, now(inputs)?).with_context(|| format!("{} could not be written", stamp.display()))
}

/// Makes the bundle smaller than Trunk left it.
fn shrink(machine: &Machine, dist: &Path, esbuild: &Path) -> Result<()> {
    let linked = machine
        .target()
        .join("wasm32-unknown-unknown/wasm-release/maju-frontend.wasm");
    step::run(
        "Making the bundle small",
        "",
        machine
            .cargo()
            .args(["run", "--quiet", "--package", "maju-shrink", "--"])
            .args([&linked, dist, esbuild, &machine.target().join("shrink")]),
    )
}

fn tool_versions(machine: &Machine) -> Result<String> {
    let mut versions = String::new();
    for tool in ["rustc", "wasm-bindgen", "trunk"] {
        versions += &output(machine.command(tool).arg("--version"))?;
    }
    // Which one it is says enough, and asking it takes longer than all the others.
    versions += &format!("{:?}", machine.find("wasm-opt"));
    Ok(versions)
}

/// A number that changes with any name or content below `paths`. A path that does not exist counts as such.
fn digest(root: &Path, paths: &[PathBuf], extra: &str) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    extra.hash(&mut hasher);
    let mut waiting: Vec<PathBuf> = paths.iter().rev().map(|path| root.join(path)).collect();
    while let Some(path) = waiting.pop() {
        path.strip_prefix(root).unwrap_or(&path).hash(&mut hasher);
        if path.is_dir() {
            let mut inside = fs::read_dir(&path)
                .and_then(|entries| {
                    entries
                        .map(|entry| entry.map(|entry| entry.path()))
                        .collect::<Result<Vec<_>, _>>()
                })
                .with_context(|| format!("{} cannot be read", path.display()))?;
            inside.retain(|path| !BESIDE.iter().any(|name| path.ends_with(name)));
            // A folder tells its files in any order.
            inside.sort_by(|a, b| b.cmp(a));
            waiting.extend(inside);
        } else if path.exists() {
            fs::read(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?
                .hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

#[cfg(unix)]
fn replace_by(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    // Returns only when it fails; signals then reach the server and nobody else.
    Err(command.exec()).context("the server could not be started")
}

#[cfg(not(unix))]
fn replace_by(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().context("the server could not be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_changes_with_contents_and_names_and_with_nothing_else() {
        let folder = std::env::temp_dir().join(format!("maju-xtask-digest-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/one"), "1").unwrap();
        let paths = [PathBuf::from("a"), PathBuf::from("missing")];
        let of = |extra: &str| digest(&folder, &paths, extra).unwrap();

        let first = of("");
        fs::write(folder.join("a/one"), "1").unwrap();
        fs::write(folder.join("beside"), "3").unwrap();
        assert_eq!(of(""), first);
        assert_ne!(of("another tool"), first);
        fs::write(folder.join("a/one"), "2").unwrap();
        let second = of("");
        assert_ne!(second, first);
        fs::rename(folder.join("a/one"), folder.join("a/two")).unwrap();
        assert_ne!(of(""), second);
        fs::remove_dir_all(folder).unwrap();
    }
}
