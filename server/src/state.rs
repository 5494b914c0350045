//! What outlives a server: the key that tokens are signed with, in a file of its own, and other secrets of its kind.

use std::{
    error,
    ffi::OsString,
    fmt, fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use crate::ResumeKey;

/// The key's file in the state folder.
pub const KEY_FILE: &str = "resume.key";

/// The key in that folder, made now if there is none. Servers that start at the same time agree on one.
pub fn resume_key(folder: Option<&Path>) -> Result<ResumeKey, StateError> {
    let make = || {
        let no_key = |error| format!("the system has no randomness for a key: {error}");
        ResumeKey::random().map(|key| key.to_hex()).map_err(no_key)
    };
    let (path, text) = secret(folder, KEY_FILE, make)?;
    ResumeKey::parse(&text).map_err(|reason| Problem::Malformed(reason).of(&path))
}

/// The text in that file of the folder and the file's path. Made now if there is none; servers that start at the same
/// time agree on one. Nobody else may read the file.
pub(crate) fn secret(
    folder: Option<&Path>,
    name: &str,
    make: impl FnOnce() -> Result<String, String>,
) -> Result<(PathBuf, String), StateError> {
    let Some(folder) = folder else {
        return Err(StateError::Unusable(
            "there is no folder for it; --state names one".into(),
        ));
    };
    let path = folder.join(name);
    let unusable =
        |error: io::Error| StateError::Unusable(format!("'{}' cannot be used: {error}", path.display()));
    match read(&path) {
        Err(Problem::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Ok(text) => return Ok((path, text)),
        Err(problem) => return Err(problem.of(&path)),
    }
    make_folder(folder).map_err(unusable)?;
    let text = make().map_err(StateError::Unusable)?;
    publish(&path, &text).map_err(unusable)?;
    // Not necessarily the one made here: another server may have been quicker.
    match read(&path) {
        Ok(text) => Ok((path, text)),
        Err(problem) => Err(problem.of(&path)),
    }
}

/// Where the state is when no folder is named: as systemd says, as the XDG base directory specification says, or
/// where that is by default. `variable` looks one up in the environment.
pub fn default_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    // systemd gives a list where a unit has several.
    let given = variable("STATE_DIRECTORY")
        .and_then(|list| list.to_str()?.split(':').next().map(PathBuf::from))
        .filter(|path| path.is_absolute());
    given
        .or_else(|| absolute("XDG_STATE_HOME").map(|home| home.join("maju")))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state/maju")))
}

/// Why there is no key. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateError {
    /// None can be kept here. A server can do without.
    Unusable(String),
    /// There is one, and it must not be used as it is.
    Refused(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(problem) | Self::Refused(problem) => f.write_str(problem),
        }
    }
}

impl error::Error for StateError {}

enum Problem {
    Io(io::Error),
    /// Others may read it, as this mode says.
    Open(u32),
    Malformed(&'static str),
}

impl Problem {
    fn of(self, path: &Path) -> StateError {
        let path = path.display();
        match self {
            Self::Io(error) => StateError::Unusable(format!("'{path}' cannot be read: {error}")),
            Self::Open(mode) => StateError::Refused(format!(
                "the key in '{path}' may be known to others: its mode is {mode:03o}. Delete it for a new one, \
                 or trust it and say: chmod 600 '{path}'"
            )),
            Self::Malformed(reason) => StateError::Refused(format!(
                "the key in '{path}' {reason}. Delete the file for a new one"
            )),
        }
    }
}

fn read(path: &Path) -> Result<String, Problem> {
    let mut file = fs::File::open(path).map_err(Problem::Io)?;
    let mode = mode(&file.metadata().map_err(Problem::Io)?);
    if mode & 0o077 != 0 {
        return Err(Problem::Open(mode));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Problem::Io)?;
    String::from_utf8(bytes).map_err(|_| Problem::Malformed("is not text"))
}

/// Puts the text at that path, whole or not at all, unless there is one already.
fn publish(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_added_extension(format!("{:016x}", getrandom::u64()?));
    let published = write(&draft, text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Not every file system has links. Of two servers that start at once the later one then wins.
        Err(_) => fs::rename(&draft, path),
        Ok(()) => Ok(()),
    });
    // After a rename it is gone already.
    let _ = fs::remove_file(&draft);
    published
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private(fs::OpenOptions::new().write(true).create_new(true)).open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o777
}

/// Where there are no modes, the folder's own rights decide.
#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn folder_of(variables: &[(&str, &str)]) -> Option<PathBuf> {
        default_folder(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_folder_is_systemds_or_the_homes() {
        let all = [
            ("STATE_DIRECTORY", "/var/lib/maju:/var/lib/other"),
            ("XDG_STATE_HOME", "/state"),
            ("HOME", "/people/ana"),
        ];
        assert_eq!(folder_of(&all), Some("/var/lib/maju".into()));
        assert_eq!(folder_of(&all[1..]), Some("/state/maju".into()));
        assert_eq!(folder_of(&all[2..]), Some("/people/ana/.local/state/maju".into()));
        assert_eq!(folder_of(&[]), None);
        assert_eq!(folder_of(&[("XDG_STATE_HOME", "relative"), ("HOME", "")]), None);
    }

    #[test]
    fn servers_that_start_at_once_agree_on_one_key() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/maju");
        let keys: Vec<_> = thread::scope(|scope| {
            let start = || resume_key(Some(&folder)).unwrap();
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        let names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [KEY_FILE], "nothing else is left");
    }
}
