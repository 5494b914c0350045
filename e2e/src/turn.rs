use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use crate::{
    Failure, Outcome, inside::connect_inside, process::Process, reaper, server::workspace_file, until,
};

const USER: &str = "maju";
const CREDENTIAL: &str = "lab-only";
const PORT: u16 = 3478;

/// A STUN and TURN server (coturn) in a lab, which can be ended and started again. It ends when dropped.
pub struct Turn {
    address: Ipv4Addr,
    namespace: String,
    /// Who is let in, and how.
    flags: Vec<String>,
    /// How far its clock is off, as libfaketime has it: `+10m`.
    clock: Option<String>,
    process: Option<Process>,
}

impl Turn {
    /// One that lets in by a name and a password, over UDP and TCP.
    pub(crate) async fn start(address: Ipv4Addr, namespace: String) -> Outcome<Self> {
        let user = format!("--user={USER}:{CREDENTIAL}");
        let flags = ["--lt-cred-mech", &user, "--no-tls"].map(str::to_owned);
        Self::start_with(address, namespace, flags.to_vec(), None).await
    }

    /// One with these flags on who is let in and how, and with a clock that is so far off.
    pub(crate) async fn start_with(
        address: Ipv4Addr,
        namespace: String,
        flags: Vec<String>,
        clock: Option<String>,
    ) -> Outcome<Self> {
        let mut turn = Self {
            address,
            namespace,
            flags,
            clock,
            process: None,
        };
        turn.start_again().await?;
        Ok(turn)
    }

    /// Starts it once more after [`kill`](Self::kill); it knows nothing of what it relayed before.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Outcome {
        let address = self.address.to_string();
        // `env` becomes the program that it is given, so there is one process either way.
        let mut args = Vec::new();
        if let Some(clock) = &self.clock {
            let library = faketime().ok_or_else(|| Failure::new("libfaketime is not installed"))?;
            args.push(format!("LD_PRELOAD={}", library.display()));
            args.push(format!("FAKETIME={clock}"));
            args.push("FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned());
        }
        let own = [
            "turnserver",
            "-n",
            "-L",
            &address,
            "-E",
            &address,
            "--realm=maju.test",
            "--fingerprint",
            "--no-cli",
            "--no-dtls",
            "--min-port=50000",
            "--max-port=50999",
            "--log-file=stdout",
            &format!("--pidfile={}", reaper::folder()?.join("turn.pid").display()),
        ];
        args.extend(own.map(str::to_owned));
        // What the sample denies, so that it is seen to let people through.
        let sample = fs::read_to_string(workspace_file("deploy/turnserver.conf"))?;
        let denied = sample.lines().filter(|line| line.starts_with("denied-peer-ip="));
        args.extend(denied.map(|line| format!("--{line}")));
        args.extend(self.flags.iter().cloned());
        let (process, _) = Process::start("env", &args, Some(&self.namespace), None).await?;
        let listener = SocketAddr::from((self.address, PORT));
        until("the TURN server listens", async || {
            let connected = connect_inside(Some(self.namespace.clone()), listener).await;
            Ok(connected.map(drop).map_err(|failure| failure.to_string()))
        })
        .await?;
        self.process = Some(process);
        Ok(())
    }

    /// Ends it at once, with all that it relays.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> Outcome {
        let process = self
            .process
            .take()
            .ok_or_else(|| Failure::new("the TURN server does not run"))?;
        process.end("KILL").await
    }

    /// The flag by which the Maju server tells clients to ask it for their public address only.
    pub fn stun_flag(&self) -> String {
        format!("--ice-server=stun:{}:{PORT}", self.address)
    }

    /// The flag by which the Maju server tells clients to be relayed over `udp` or `tcp`.
    pub fn turn_flag(&self, transport: &str) -> String {
        format!(
            "--ice-server=turn:{}:{PORT}?transport={transport},username={USER},credential={CREDENTIAL}",
            self.address
        )
    }
}

/// libfaketime's library for programs with threads, where this machine has it.
pub(crate) fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|file| file.is_file())
}
