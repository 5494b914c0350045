use std::{
    env,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tokio::{
    sync::{Mutex, MutexGuard},
    task::spawn_blocking,
};
use url::Url;

use crate::{Failure, Outcome, driver::line_with, reaper};

/// One test's part of the machine: its own server, and the turn to run browsers.
pub struct Stage {
    /// The server.
    pub server: Server,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Waits until no other test of this process has browsers open, then starts a server.
    ///
    /// # Errors
    /// When the server does not start.
    pub async fn new() -> Outcome<Self> {
        Self::with_flags(&[]).await
    }

    /// The same with flags for the server.
    ///
    /// # Errors
    /// When the server does not start.
    pub async fn with_flags(flags: &[&str]) -> Outcome<Self> {
        let turn = Self::turn().await;
        Ok(Self {
            server: Server::start(flags).await?,
            _turn: turn,
        })
    }
}

impl Stage {
    /// Only waits until no other test of this process has browsers open.
    pub async fn turn() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::const_new(());
        TURN.lock().await
    }
}

/// A running server, ended when dropped.
pub struct Server {
    /// Where it listens, such as `http://127.0.0.1:40123/`.
    pub address: Url,
    child: Child,
}

impl Server {
    /// Starts the server on a free port and waits until it listens.
    ///
    /// # Errors
    /// When there is no such program, or it ends without telling where it listens.
    pub async fn start(flags: &[&str]) -> Outcome<Self> {
        let program =
            env::var_os("MAJU_BIN").map_or_else(|| workspace_file("target/release/maju"), PathBuf::from);
        let mut command = Command::new(&program);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        spawn_blocking(move || {
            let mut child = command.spawn().map_err(|error| {
                Failure::from(error).at(format!(
                    "starting {} (build it with `cargo xtask build`, or name another one in MAJU_BIN)",
                    program.display()
                ))
            })?;
            reaper::watch(child.id())?;
            let address = line_with(&mut child, "maju listening on ")?;
            Ok(Self {
                address: Url::parse(&address)?,
                child,
            })
        })
        .await?
    }

    /// The signaling socket's address.
    pub fn socket(&self) -> String {
        format!("{}signal", self.address).replacen("http", "ws", 1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        reaper::end(self.child.id());
        // Collects the ended process; its status says only that it was ended.
        let _ = self.child.wait();
    }
}

/// A file of this workspace by its path from the root.
pub fn workspace_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
