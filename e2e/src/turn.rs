use std::net::{Ipv4Addr, SocketAddr};

use crate::{Failure, Outcome, inside::connect_inside, process::Process, reaper, until};

const USER: &str = "maju";
const CREDENTIAL: &str = "lab-only";
const PORT: u16 = 3478;

/// A STUN and TURN server (coturn) in a lab, which can be ended and started again. It ends when dropped.
pub struct Turn {
    address: Ipv4Addr,
    namespace: String,
    process: Option<Process>,
}

impl Turn {
    pub(crate) async fn start(address: Ipv4Addr, namespace: String) -> Outcome<Self> {
        let mut turn = Self {
            address,
            namespace,
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
        let args = [
            "-n",
            "-L",
            &address,
            "-E",
            &address,
            "--lt-cred-mech",
            &format!("--user={USER}:{CREDENTIAL}"),
            "--realm=maju.test",
            "--fingerprint",
            "--no-cli",
            "--no-tls",
            "--no-dtls",
            "--min-port=50000",
            "--max-port=50999",
            "--log-file=stdout",
            &format!("--pidfile={}", reaper::folder()?.join("turn.pid").display()),
            "--denied-peer-ip=10.0.0.0-10.255.255.255",
        ]
        .map(str::to_owned);
        let (process, _) = Process::start("turnserver", &args, Some(&self.namespace), None).await?;
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
