use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::id,
    sync::atomic::{AtomicU16, Ordering},
    time::SystemTime,
};

use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use crate::{Failure, Outcome, process::Process, reaper};

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

    /// Only waits until no other test of this process has browsers open.
    pub async fn turn() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::const_new(());
        TURN.lock().await
    }
}

/// A server with an address and a folder for its state, both of which stay while the process comes and goes. It
/// ends when dropped.
pub struct Server {
    /// Where it listens, such as `http://127.0.0.1:20123/`.
    pub address: Url,
    program: String,
    args: Vec<String>,
    namespace: Option<String>,
    process: Option<Process>,
}

impl Server {
    /// Starts the server on a port of this machine and waits until it listens.
    ///
    /// # Errors
    /// When there is no such program, or it ends without telling where it listens.
    pub async fn start(flags: &[&str]) -> Outcome<Self> {
        Self::start_at(lasting_port()?, None, flags).await
    }

    /// Starts the server at an address, in a network namespace if one is named.
    ///
    /// # Errors
    /// When there is no such program, or it ends without telling where it listens.
    pub async fn start_at(listen: SocketAddr, namespace: Option<&str>, flags: &[&str]) -> Outcome<Self> {
        let program = program();
        let mut args = vec!["--listen".to_owned(), listen.to_string()];
        let state = reaper::folder()?.join(format!("state-{}-{}", listen.ip(), listen.port()));
        args.extend(["--state".to_owned(), state.display().to_string()]);
        args.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let mut server = Self {
            address: Url::parse(&format!("http://{listen}/"))?,
            program: program.display().to_string(),
            args,
            namespace: namespace.map(str::to_owned),
            process: None,
        };
        server.start_again().await?;
        Ok(server)
    }

    /// Starts it once more after it ended, and returns when it listened.
    ///
    /// # Errors
    /// When it ends without telling where it listens, for instance because it runs already.
    pub async fn start_again(&mut self) -> Outcome<SystemTime> {
        let (process, address) = Process::start(
            &self.program,
            &self.args,
            self.namespace.as_deref(),
            Some("maju listening on "),
        )
        .await
        .map_err(|failure| {
            failure.at("build it with `cargo xtask build`, or name another one in MAJU_BIN")
        })?;
        let ready = SystemTime::now();
        self.process = Some(process);
        if Url::parse(&address)? != self.address {
            return Err(Failure::new(format!(
                "the server listens on {address} and not on {}",
                self.address
            )));
        }
        Ok(ready)
    }

    /// Ends it at once, by SIGKILL.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> Outcome {
        self.end("KILL").await
    }

    /// Asks it to end, by SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn terminate(&mut self) -> Outcome {
        self.end("TERM").await
    }

    /// Stops its clock: it keeps its sockets and does nothing.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> Outcome {
        self.running()?.signal("STOP")
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> Outcome {
        self.running()?.signal("CONT")
    }

    /// How much of the machine's memory it holds now, in bytes.
    ///
    /// # Errors
    /// When it does not run, or the system does not tell.
    pub fn memory(&self) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running()?.id()))?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let kilobytes: u64 = resident
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Failure::new("the system does not tell the memory of a process"))?;
        Ok(kilobytes * 1024)
    }

    /// The signaling socket's address.
    pub fn socket(&self) -> String {
        format!("{}signal", self.address).replacen("http", "ws", 1)
    }

    async fn end(&mut self, signal: &str) -> Outcome {
        self.running()?;
        match self.process.take() {
            Some(process) => process.end(signal).await,
            None => Ok(()),
        }
    }

    fn running(&self) -> Outcome<&Process> {
        self.process
            .as_ref()
            .ok_or_else(|| Failure::new("the server does not run"))
    }
}

/// The server's program.
pub(crate) fn program() -> PathBuf {
    env::var_os("MAJU_BIN").map_or_else(|| workspace_file("target/release/maju"), PathBuf::from)
}

/// A free port of the loopback that nobody gets by chance while the server is away, as one of the range for outgoing
/// connections could be: not even a browser that tries to reach the server there.
pub(crate) fn lasting_port() -> Outcome<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 21_000;
    const COUNT: u16 = 10_000;
    #[expect(clippy::cast_possible_truncation, reason = "the rest of a division by 10,000")]
    let own = (id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, FIRST + (own + step) % COUNT));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    Err(Failure::new("no port is free"))
}

/// A file of this workspace by its path from the root.
pub fn workspace_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
