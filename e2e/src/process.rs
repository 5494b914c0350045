use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

use tokio::task::spawn_blocking;

use crate::{Failure, Outcome, driver::line_with, inside::inside, reaper};

/// A process that the tests started: it gets signals by name and ends when dropped, or with this process, and all that it
/// started with it.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program, in a network namespace if one is named. With a mark, waits for a line on its standard output
    /// with the mark in it, and returns what follows the mark, too.
    pub(crate) async fn start(
        program: &str,
        args: &[String],
        namespace: Option<&str>,
        mark: Option<&'static str>,
    ) -> Outcome<(Self, String)> {
        let mut command = Command::new(program);
        let namespace = namespace.map(str::to_owned);
        // Kept with what the tests leave behind, for whoever looks while they run.
        let name = program.rsplit('/').next().unwrap_or(program);
        let path = reaper::folder()?.join(format!("{name}.log"));
        let log = File::options().create(true).append(true).open(&path)?;
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(if mark.is_some() {
                Stdio::piped()
            } else {
                log.try_clone()?.into()
            })
            .stderr(log)
            .process_group(0);
        let started = format!("starting {program}");
        spawn_blocking(move || {
            let child = inside(namespace.as_deref(), || Ok(command.spawn()?))?;
            reaper::watch_group(child.id())?;
            let mut process = Self { child };
            let rest = match mark {
                Some(mark) => line_with(&mut process.child, mark)?,
                None => String::new(),
            };
            Ok((process, rest))
        })
        .await?
        .map_err(|failure: Failure| {
            // Its complaints are in the log, if there are any.
            let log = fs::read_to_string(&path).unwrap_or_default();
            Failure::new(format!("{failure}{}", log.lines().last().unwrap_or_default())).at(started)
        })
    }

    /// Its number in the system.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) -> Outcome {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("the process took no SIG{name}")))
        }
    }

    /// Sends a signal that ends it, and waits until it has ended.
    pub(crate) async fn end(mut self, signal: &str) -> Outcome {
        self.signal(signal)?;
        spawn_blocking(move || {
            self.child.wait()?;
            Ok(())
        })
        .await?
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        reaper::end_group(self.child.id());
        // Collects the ended process; its status says only that it was ended.
        let _ = self.child.wait();
    }
}
