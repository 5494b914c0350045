//! The machine that the project is on: where things are, and how other programs are started.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Where things are, and which of several versions of a program is meant.
#[derive(Clone)]
pub(crate) struct Machine {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// What is kept between checkouts: tools, and builds that were interrupted.
    pub(crate) cache: PathBuf,
    /// The rustup toolchain that every started cargo uses. Nothing where there is no rustup.
    pub(crate) toolchain: Option<OsString>,
    /// Folders that come before those of `PATH`.
    folders: Vec<PathBuf>,
}

impl Machine {
    /// The machine as it is found.
    pub(crate) fn new() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the xtask package lies in no workspace")?
            .to_path_buf();
        let home = |name: &str| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = home("XDG_CACHE_HOME")
            .or_else(|| home("HOME").map(|home| home.join(".cache")))
            .or_else(|| home("LOCALAPPDATA"))
            .unwrap_or_else(|| root.join("target"))
            .join("maju");
        // rustup tells the toolchain that was asked for, by name, by file or by default.
        let toolchain = env::var_os("RUSTUP_TOOLCHAIN");
        Ok(Self {
            root,
            cache,
            toolchain,
            folders: Vec::new(),
        })
    }

    /// The same machine with another toolchain.
    pub(crate) fn with_toolchain(&self, toolchain: &str) -> Self {
        Self {
            toolchain: Some(toolchain.into()),
            ..self.clone()
        }
    }

    /// Lets programs of this folder win over those of `PATH`.
    pub(crate) fn prefer(&mut self, folder: &Path) {
        if self.search_path().first().map(PathBuf::as_path) != Some(folder) {
            self.folders.retain(|known| known != folder);
            self.folders.insert(0, folder.to_path_buf());
        }
    }

    /// A program, started in the workspace with the chosen toolchain and without what the cargo that started this
    /// program left in the environment for it alone.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_left_by_cargo) {
                command.env_remove(name);
            }
        }
        for name in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
            if let Some(value) = env::var_os(name) {
                match env::join_paths(env::split_paths(&value).filter(|folder| !self.is_of_a_build(folder))) {
                    Ok(rest) if !rest.is_empty() => command.env(name, rest),
                    _ => command.env_remove(name),
                };
            }
        }
        match &self.toolchain {
            Some(toolchain) => command.env("RUSTUP_TOOLCHAIN", toolchain),
            None => command.env_remove("RUSTUP_TOOLCHAIN"),
        };
        if let Ok(path) = env::join_paths(self.search_path()) {
            command.env("PATH", path);
        }
        // Trunk takes these for flags and knows only `true` and `false`.
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        command
    }

    /// Cargo with the chosen toolchain.
    pub(crate) fn cargo(&self) -> Command {
        self.command("cargo")
    }

    /// Every program of that name, the one that wins first.
    pub(crate) fn find_all(&self, program: &str) -> Vec<PathBuf> {
        let file = format!("{program}{}", env::consts::EXE_SUFFIX);
        self.search_path()
            .iter()
            .map(|folder| folder.join(&file))
            .filter(|path| path.is_file())
            .collect()
    }

    /// The program that wins.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        self.find_all(program).into_iter().next()
    }

    /// Where `cargo install` puts programs.
    pub(crate) fn cargo_bin(&self) -> Option<PathBuf> {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
            Some(Path::new(&env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?).join(".cargo"))
        })?;
        Some(home.join("bin"))
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |folder| self.root.join(folder))
    }

    /// A folder for this program's own notes, made when it is missing.
    pub(crate) fn notes(&self) -> Result<PathBuf> {
        let folder = self.target().join("xtask");
        make_folder(&folder)?;
        Ok(folder)
    }

    fn search_path(&self) -> Vec<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        self.folders
            .iter()
            .cloned()
            .chain(env::split_paths(&path))
            .collect()
    }

    fn is_of_a_build(&self, folder: &Path) -> bool {
        folder.starts_with(self.target())
            || folder
                .components()
                .any(|part| part.as_os_str() == "toolchains" || part.as_os_str() == "rustlib")
    }
}

/// What a short command prints, or why it could not be asked.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("`{name}` could not be started"))?;
    if !output.status.success() {
        bail!(
            "`{name}` ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))
}

fn is_left_by_cargo(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "OUT_DIR",
        "CARGO_PRIMARY_PACKAGE",
        "RUSTUP_TOOLCHAIN_SOURCE",
        "RUST_RECURSION_COUNT",
    ];
    const BEGINNINGS: [&str; 4] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_"];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_outer_cargo_says_about_this_program_does_not_reach_an_inner_one() {
        for name in ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTC"] {
            assert!(is_left_by_cargo(name), "{name}");
        }
    }

    #[test]
    fn what_a_person_configures_reaches_an_inner_cargo() {
        for name in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "CARGO_TERM_COLOR",
            "RUSTFLAGS",
            "PATH",
        ] {
            assert!(!is_left_by_cargo(name), "{name}");
        }
    }

    #[test]
    fn a_preferred_folder_comes_before_those_of_the_path() {
        let mut machine = Machine::new().unwrap();
        machine.prefer(Path::new("/tools"));
        let command = machine.command("anything");
        let path = command
            .get_envs()
            .find(|(name, _)| *name == "PATH")
            .and_then(|(_, value)| value)
            .unwrap();
        assert_eq!(env::split_paths(path).next().unwrap(), Path::new("/tools"));
    }
}
