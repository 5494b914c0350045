//! Steps: what is done and how long it takes, told while it happens.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How many of the last lines of a failed command are shown.
const SHOWN: usize = 20;
/// How often a long step says that it still lives, where lines cannot be overwritten.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Runs a command whose output matters only when it fails. `title` says what it does, `advice` what to try when
/// it fails.
pub(crate) fn run(title: &str, advice: &str, command: &mut Command) -> Result<()> {
    eprintln!("▸ {title}");
    let start = Instant::now();
    let (status, tail) = watch(title, command)?;
    if status.success() {
        eprintln!("  done in {}", Took(start.elapsed()));
        return Ok(());
    }
    let tail: String = tail.iter().map(|line| format!("\n    {line}")).collect();
    bail!(
        "{title}: {status} after {}{tail}\n  what to try: {advice}",
        Took(start.elapsed())
    )
}

/// Runs a command whose output is shown as it comes.
pub(crate) fn show(title: &str, command: &mut Command) -> Result<()> {
    eprintln!("▸ {title}");
    let start = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("`{program}` could not be started"))?;
    if !status.success() {
        let arguments: Vec<_> = command
            .get_args()
            .map(|argument| argument.to_string_lossy())
            .collect();
        bail!("{title}: `{program} {}` ended with {status}", arguments.join(" "));
    }
    eprintln!("  done in {}", Took(start.elapsed()));
    Ok(())
}

/// Runs the command, shows that it lives and returns its last lines.
fn watch(title: &str, command: &mut Command) -> Result<(ExitStatus, VecDeque<String>)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{title}: `{program}` could not be started"))?;
    let (sender, lines) = mpsc::channel();
    read_lines(child.stdout.take(), sender.clone());
    read_lines(child.stderr.take(), sender);

    let terminal = std::io::stderr().is_terminal();
    let start = Instant::now();
    let mut said = start;
    let mut tail = VecDeque::new();
    loop {
        match lines.recv_timeout(Duration::from_millis(250)) {
            Ok(line) => {
                tail.push_back(line);
                if tail.len() > SHOWN {
                    tail.pop_front();
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let latest: String = tail
            .back()
            .map(|line| line.trim().chars().take(60).collect())
            .unwrap_or_default();
        if terminal && said.elapsed() > Duration::from_millis(250) {
            eprint!("\r\x1b[K  {} {latest}", Took(start.elapsed()));
            // A picture of progress that cannot be drawn is no reason to stop.
            let _ = std::io::stderr().flush();
            said = Instant::now();
        } else if !terminal && said.elapsed() > SIGN_OF_LIFE {
            eprintln!("  … {} {latest}", Took(start.elapsed()));
            said = Instant::now();
        }
    }
    if terminal {
        eprint!("\r\x1b[K");
    }
    let status = child
        .wait()
        .with_context(|| format!("{title}: `{program}` was lost"))?;
    Ok((status, tail))
}

fn read_lines(stream: Option<impl Read + Send + 'static>, sender: Sender<String>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if sender
                .send(String::from_utf8_lossy(&line).trim_end().to_owned())
                .is_err()
            {
                return;
            }
        }
    });
}

/// A length of time as people say it.
pub(crate) struct Took(pub(crate) Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds < 10.0 {
            write!(f, "{seconds:.1} s")
        } else if seconds < 60.0 {
            write!(f, "{seconds:.0} s")
        } else {
            write!(f, "{} min {} s", self.0.as_secs() / 60, self.0.as_secs() % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        let told = |milliseconds| Took(Duration::from_millis(milliseconds)).to_string();
        assert_eq!(told(340), "0.3 s");
        assert_eq!(told(51_200), "51 s");
        assert_eq!(told(138_900), "2 min 18 s");
    }

    #[cfg(unix)]
    #[test]
    fn a_failed_step_names_itself_the_reason_and_what_to_try() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo the disk is full >&2; exit 3"]);
        let error = run("Fetching the moon", "another moon", &mut command)
            .unwrap_err()
            .to_string();
        for part in [
            "Fetching the moon",
            "exit status: 3",
            "the disk is full",
            "what to try: another moon",
        ] {
            assert!(error.contains(part), "{part:?} is missing in {error:?}");
        }
    }
}
