//! Whether Maju itself is there.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::report::{Finding, Level, Verdict};

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks whether a Maju answers where this configuration has it listen. It need not run yet.
pub async fn own_port(listen: &str) -> Finding {
    let about = format!("--listen {listen}");
    let asked = timeout(PATIENCE, ask(listen)).await;
    match asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(true) => Finding::new(Level::Ok, Verdict::ServerRuns, &about, "is answered by Maju"),
        Ok(false) => Finding::new(
            Level::Problem,
            Verdict::ForeignServer,
            &about,
            "is answered by something that is not Maju",
        )
        .advise("Stop it, or choose another port."),
        Err(error) => Finding::new(
            Level::Note,
            Verdict::ServerAway,
            &about,
            format!("is not answered ({error}): Maju does not run now"),
        ),
    }
}

async fn ask(listen: &str) -> io::Result<bool> {
    let addresses: Vec<_> = lookup_host(listen).await?.map(reachable).collect();
    let mut stream = TcpStream::connect(&*addresses).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = Vec::new();
    // More than this is no answer of Maju's.
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"alive\n"))
}

/// Where to go to reach who listens there.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let address = match listening.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(address, listening.port())
}
