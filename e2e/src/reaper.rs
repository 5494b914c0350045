//! Ends what the tests started, however the tests end.

use std::{
    env,
    fmt::Display,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::{Mutex, OnceLock},
};

use crate::{Failure, Outcome};

/// Reads `+ PID` and `- PID` until its input closes, which happens when this process is gone for whatever reason;
/// then ends the processes that are left and removes the folder, again and again, for the parts of a browser that
/// die last may still write. `n NAME` and `x NAME` do the same for network namenamespaces. It outlives an interrupt at
/// the keyboard.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
pids=' '
namespaces=' '
while read -r sign it; do
  case $sign in
    +) pids="$pids$it " ;;
    -) pids=$(printf '%s' "$pids" | sed "s/ $it / /") ;;
    n) namespaces="$namespaces$it " ;;
    x) namespaces=$(printf '%s' "$namespaces" | sed "s/ $it / /") ;;
  esac
done
for pid in $pids; do kill -KILL "$pid"; done
for namespace in $namespaces; do ip netns del "$namespace"; done
for again in 1 2 3; do rm -rf "$1"; sleep 0.4; done
"#;

struct Reaper {
    child: Child,
    folder: PathBuf,
}

static REAPER: OnceLock<Result<Mutex<Reaper>, String>> = OnceLock::new();

/// Has the process ended when this one is gone.
pub(crate) fn watch(pid: u32) -> Outcome {
    tell('+', pid)
}

/// Has the network namespace removed when this process is gone.
pub(crate) fn watch_namespace(name: &str) -> Outcome {
    tell('n', name)
}

/// Removes the network namespace now.
pub(crate) fn end_namespace(name: &str) {
    // As with processes: one that is gone already is as good as removed.
    let _ = Command::new("ip")
        .args(["netns", "del", name])
        .stderr(Stdio::null())
        .status();
    let _ = tell('x', name);
}

/// Ends the process now.
pub(crate) fn end(pid: u32) {
    // A process that is gone already is as good as ended, and this runs in `drop`: there is nobody to tell.
    let _ = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    let _ = tell('-', pid);
}

/// Has the process and all that it started ended when this one is gone. It must lead a process group.
pub(crate) fn watch_group(pid: u32) -> Outcome {
    // `kill` takes a negative number for the group.
    tell('+', format!("-{pid}"))
}

/// Ends the process and all that it started now. It must lead a process group.
pub(crate) fn end_group(pid: u32) {
    // As with one process, those that are gone already are as good as ended.
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{pid}")])
        .stderr(Stdio::null())
        .status();
    let _ = tell('-', format!("-{pid}"));
}

/// A folder of this process that vanishes with it.
pub(crate) fn folder() -> Outcome<PathBuf> {
    with(|reaper| Ok(reaper.folder.clone()))
}

fn tell(sign: char, it: impl Display) -> Outcome {
    with(|reaper| {
        let input = reaper
            .child
            .stdin
            .as_mut()
            .ok_or_else(|| Failure::new("the reaper has no input"))?;
        Ok(writeln!(input, "{sign} {it}")?)
    })
}

fn with<T>(work: impl FnOnce(&mut Reaper) -> Outcome<T>) -> Outcome<T> {
    let reaper = REAPER.get_or_init(|| {
        let folder = env::temp_dir().join(format!("maju-e2e-{}", id()));
        start(&folder).map_err(|failure| failure.to_string())
    });
    match reaper {
        Ok(reaper) => {
            let mut reaper = reaper
                .lock()
                .map_err(|_| Failure::new("a thread failed while it held the reaper"))?;
            work(&mut reaper)
        }
        Err(text) => Err(Failure::new(text)),
    }
}

fn start(folder: &Path) -> Outcome<Mutex<Reaper>> {
    fs::create_dir_all(folder)?;
    let child = Command::new("sh")
        .args(["-c", SCRIPT, "reaper"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(Mutex::new(Reaper {
        child,
        folder: folder.to_owned(),
    }))
}
