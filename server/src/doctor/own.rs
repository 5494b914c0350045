//! Whether Maju itself is there, and its certificate good.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{
    report::{Finding, Level, Verdict},
    tls::connect_to_anybody,
};
use crate::tls::{Age, Tls};

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks whether a Maju answers where this configuration has it listen, over TLS or without. It need not run yet.
pub async fn own_port(listen: &str, tls: bool) -> Finding {
    let about = format!("--listen {listen}");
    let asked = timeout(PATIENCE, ask(listen, tls)).await;
    match asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(true) => Finding::new(Level::Ok, Verdict::ServerRuns, &about, "is answered by Maju"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Finding::new(
            Level::Note,
            Verdict::ServerAway,
            &about,
            "is not answered: Maju does not run now",
        ),
        Ok(false) => foreign(&about, "something that is not Maju"),
        Err(error) => foreign(
            &about,
            &format!("something that does not behave like Maju ({error})"),
        ),
    }
}

/// What is to be said of the certificate of this server's own, if there is something to say.
pub fn own_certificate(tls: &Tls) -> Option<Finding> {
    let (level, verdict, text, advice) = match tls.age() {
        Age::Good => return None,
        Age::Early => (
            Level::Problem,
            Verdict::CertificateInvalid,
            "begins to hold later: no browser accepts it yet",
            "Most likely the clock of this machine is wrong: `timedatectl set-ntp true`.",
        ),
        Age::Soon => (
            Level::Warning,
            Verdict::CertificateSoonExpired,
            "ends in less than a week",
            "Renew it, and see to it that this happens by itself. Maju takes the new file in without a restart.",
        ),
        Age::Over => (
            Level::Problem,
            Verdict::CertificateExpired,
            "has ended: no browser accepts it any more",
            "Renew it, and see to it that this happens by itself. Maju takes the new file in without a restart.",
        ),
    };
    Some(Finding::new(level, verdict, "--tls-cert", text).advise(advice))
}

fn foreign(about: &str, by: &str) -> Finding {
    Finding::new(
        Level::Problem,
        Verdict::ForeignServer,
        about,
        format!("is answered by {by}"),
    )
    .advise("Stop that, or choose another port.")
}

async fn ask(listen: &str, tls: bool) -> io::Result<bool> {
    let addresses: Vec<_> = lookup_host(listen).await?.map(reachable).collect();
    let stream = TcpStream::connect(&*addresses).await?;
    if tls {
        is_maju(connect_to_anybody(stream).await?).await
    } else {
        is_maju(stream).await
    }
}

async fn is_maju(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<bool> {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    stream.flush().await?;
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
