//! coturn on this machine.

use std::{
    fs,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::maju::Running;

pub(crate) const SECRET: &str = "the secret of coturn and Maju";

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// One that listens on 127.0.0.1. It ends when dropped.
pub(crate) struct Coturn {
    /// Where it listens for UDP and TCP.
    pub(crate) port: u16,
    /// Where it listens for TLS, if it has a certificate.
    pub(crate) tls_port: u16,
    _running: Running,
    _folder: TempDir,
}

impl Coturn {
    /// One that shares [`SECRET`], with these flags; or a word to standard error that `what` is skipped.
    pub(crate) fn start(what: &str, flags: &[&str]) -> Option<Self> {
        let secret = format!("--static-auth-secret={SECRET}");
        Self::start_with(what, &[&["--use-auth-secret", &secret], flags].concat(), None)
    }

    /// One as [`start`](Self::start) does, whose clock is off like `+10m`.
    pub(crate) fn start_off(what: &str, off: &str) -> Option<Self> {
        let Some(library) = faketime() else {
            return skipped("libfaketime is not installed", what);
        };
        let secret = format!("--static-auth-secret={SECRET}");
        let flags = ["--use-auth-secret", &secret];
        Self::start_with(what, &flags, Some((&library, off)))
    }

    /// One with nothing but these flags and what tests need.
    pub(crate) fn start_with(what: &str, flags: &[&str], clock: Option<(&Path, &str)>) -> Option<Self> {
        let there = Command::new("turnserver")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if there.is_err() {
            return skipped("`turnserver` (of coturn) is not installed", what);
        }
        // A port may be taken by somebody else between the look and the start.
        for _ in 0..5 {
            if let Some(coturn) = Self::try_start(flags, clock) {
                return Some(coturn);
            }
        }
        panic!("coturn does not start with {flags:?}");
    }

    fn try_start(flags: &[&str], clock: Option<(&Path, &str)>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (port, tls_port) = (free_port(), free_port());
        let mut command = Command::new("turnserver");
        command
            .args(["-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-m", "1"])
            .args(["--realm=maju.test", "--no-cli", "--fingerprint"])
            .args(["--no-dtls", "--no-rfc5780", "--log-file=stdout"])
            .arg(format!("--listening-port={port}"))
            .arg(format!("--tls-listening-port={tls_port}"))
            .arg(format!("--pidfile={}", folder.path().join("pid").display()))
            .arg(format!("--userdb={}", folder.path().join("users").display()))
            .args(flags)
            .stdin(Stdio::null());
        if !flags.iter().any(|flag| flag.starts_with("--cert")) {
            command.arg("--no-tls");
        }
        if let Some((library, off)) = clock {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME", off)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let mut running = Running::start(&mut command);
        // Nobody reads them, so they must not fill a pipe.
        for stream in [
            running
                .stdout
                .take()
                .map(|stream| Box::new(stream) as Box<dyn io::Read + Send>),
            running
                .stderr
                .take()
                .map(|stream| Box::new(stream) as Box<dyn io::Read + Send>),
        ] {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || io::copy(&mut stream, &mut io::sink()));
        }
        let start = Instant::now();
        while start.elapsed() < PATIENCE && !running.has_ended() {
            if answers(port) {
                return Some(Self {
                    port,
                    tls_port,
                    _running: running,
                    _folder: folder,
                });
            }
            sleep(Duration::from_millis(20));
        }
        None
    }

    /// Its address for that transport.
    pub(crate) fn url(&self, transport: &str) -> String {
        match transport {
            "tls" => format!("turns:127.0.0.1:{}", self.tls_port),
            transport => format!("turn:127.0.0.1:{}?transport={transport}", self.port),
        }
    }
}

/// A port that nobody has, neither for UDP nor for TCP.
pub(crate) fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether a STUN binding is answered there, over TCP or over UDP.
fn answers(port: u16) -> bool {
    /// A request without attributes (RFC 8489, section 5).
    const BINDING: &[u8; 20] = b"\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes";
    const MOMENT: Option<Duration> = Some(Duration::from_millis(200));
    let there = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut answer = [0; 1500];
    let mut tcp = || -> io::Result<usize> {
        let mut stream = std::net::TcpStream::connect(there)?;
        stream.set_read_timeout(MOMENT)?;
        stream.write_all(BINDING)?;
        io::Read::read(&mut stream, &mut answer)
    };
    if tcp().is_ok_and(|length| length > 0) {
        return true;
    }
    let mut udp = || -> io::Result<usize> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(there)?;
        socket.set_read_timeout(MOMENT)?;
        socket.send(BINDING)?;
        socket.recv(&mut answer)
    };
    udp().is_ok()
}

/// Where distributions keep libfaketime's library for programs with threads.
fn faketime() -> Option<PathBuf> {
    let folders = ["/usr/lib", "/usr/lib64"]
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok());
    let inside = folders.flatten().flatten().map(|entry| entry.path());
    inside
        .chain(["/usr/lib".into(), "/usr/lib64".into()])
        .map(|folder: PathBuf| folder.join("faketime/libfaketimeMT.so.1"))
        .find(|file| file.is_file())
}

fn skipped(missing: &str, what: &str) -> Option<Coturn> {
    // Not by `eprintln`, which the test harness swallows.
    let words = format!("SKIPPED, for {missing}: {what}\n");
    io::stderr().write_all(words.as_bytes()).unwrap();
    None
}
