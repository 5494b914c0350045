//! HTTPS with a certificate from files.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use maju::{Config, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::support::{Answer, Client, PATIENCE, TestServer, has_stopped, still_talk};

/// Who vouches for the servers of these tests.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for `localhost` that holds until then, and its key.
    fn vouch(&self, until: OffsetDateTime) -> (String, String) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = until;
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem() + &self.0.pem(), key.serialize_pem())
    }

    fn write_to(&self, folder: &Path) {
        self.write_until(folder, in_days(30));
    }

    fn write_until(&self, folder: &Path, until: OffsetDateTime) {
        let (certificate, key) = self.vouch(until);
        fs::write(folder.join("cert.pem"), certificate).unwrap();
        fs::write(folder.join("key.pem"), key).unwrap();
    }

    fn trust(&self) -> TlsConnector {
        trust(self.0.der().clone())
    }
}

pub(crate) fn in_days(days: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + time::Duration::days(days)
}

/// What trusts this authority and no other.
pub(crate) fn trust(authority: CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A connection over TLS with a server of that name, or why there is none.
pub(crate) async fn connect(
    trust: &TlsConnector,
    address: SocketAddr,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    timeout(PATIENCE, trust.connect(name, stream))
        .await
        .expect("no handshake")
}

/// A server with HTTPS, and the folder that its certificate is in.
async fn start(authority: &Authority) -> (TestServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    authority.write_to(folder.path());
    let tls = Tls::files(&folder.path().join("cert.pem"), &folder.path().join("key.pem")).unwrap();
    let server = TestServer::start_with(Config {
        tls: Some(Arc::new(tls)),
        handshake: Duration::from_millis(500),
        ..Config::default()
    })
    .await;
    (server, folder)
}

async fn joined(trust: &TlsConnector, address: SocketAddr, name: &str) -> (Client, String) {
    let stream = connect(trust, address, "localhost").await.unwrap();
    let url = format!("wss://localhost:{}/signal", address.port());
    let origin = format!("https://localhost:{}", address.port());
    let mut client = Client::ask(stream, &url, &[("origin", &origin)]).await.unwrap();
    client.greet().await;
    let id = client.join("den", name).await["you"].as_str().unwrap().to_owned();
    (client, id)
}

#[tokio::test]
async fn pages_and_sockets_come_over_tls() {
    let authority = Authority::new();
    let (server, _folder) = start(&authority).await;
    let trust = authority.trust();
    let page = Answer::over(
        connect(&trust, server.address, "localhost").await.unwrap(),
        "GET",
        "/",
        &[("host", "maju.example")],
    )
    .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    assert!(
        page.header("content-security-policy")
            .contains("connect-src 'self' wss://maju.example;")
    );
    let (mut ana, _) = joined(&trust, server.address, "Ana").await;
    let (mut ben, ben_id) = joined(&trust, server.address, "Ben").await;
    ana.next().await;
    ana.relay(&ben_id, "hello".into()).await;
    assert_eq!(ben.next().await["relay"]["payload"], "hello");
    let stopped = server.stop();
    for client in [&mut ana, &mut ben] {
        assert!(client.next().await["closing"].is_object());
        client.close_code().await;
    }
    has_stopped(stopped).await;
}

#[tokio::test]
async fn a_page_on_plain_http_is_not_the_servers_own() {
    let authority = Authority::new();
    let (server, _folder) = start(&authority).await;
    let stream = connect(&authority.trust(), server.address, "localhost")
        .await
        .unwrap();
    let url = format!("wss://localhost:{}/signal", server.address.port());
    let origin = format!("http://localhost:{}", server.address.port());
    let asked = Client::ask(stream, &url, &[("origin", &origin)]).await;
    assert_eq!(asked.err(), Some(403));
}

#[tokio::test]
async fn who_speaks_plain_http_is_sent_to_https() {
    let (server, _folder) = start(&Authority::new()).await;
    for (path, host, place) in [
        (
            "/r/den?x=1",
            "maju.example:8443",
            "https://maju.example:8443/r/den?x=1",
        ),
        ("/", "maju.example", "https://maju.example/"),
    ] {
        let answer = server.request("GET", path, &[("host", host)]).await;
        assert_eq!((answer.status, answer.header("location")), (308, place));
        assert_eq!(answer.header("strict-transport-security"), "");
    }
    let answer = server.request("GET", "/", &[("host", "a b")]).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_not_waited_for() {
    let authority = Authority::new();
    let (server, _folder) = start(&authority).await;
    let (mut ana, ana_id) = joined(&authority.trust(), server.address, "Ana").await;
    let (mut ben, ben_id) = joined(&authority.trust(), server.address, "Ben").await;
    ana.next().await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    // The beginning of a record that holds a ClientHello of 512 bytes.
    half.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    let mut nonsense = TcpStream::connect(server.address).await.unwrap();
    nonsense.write_all(&[22; 600]).await.unwrap();
    let mut shaken = connect(&authority.trust(), server.address, "localhost")
        .await
        .unwrap();
    for stream in [&mut silent, &mut half, &mut nonsense] {
        let mut said = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut said))
            .await
            .expect("it is still waited for");
    }
    // After the handshake the head of a request has to come.
    let mut said = Vec::new();
    let _ = timeout(PATIENCE, shaken.read_to_end(&mut said))
        .await
        .expect("it is still waited for");
    still_talk((&mut ana, &ana_id), (&mut ben, &ben_id)).await;
}

/// The command with a certificate, and what it says on standard error.
struct Command {
    process: Child,
    address: SocketAddr,
    log: mpsc::Receiver<String>,
}

impl Command {
    fn start(folder: &Path) -> Self {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_maju"));
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name));
        command
            .env_clear()
            .args([
                "--listen",
                "127.0.0.1:0",
                "--silence",
                "2m",
                "--log",
                "info",
                "--state",
            ])
            .arg(folder)
            .arg("--tls-cert")
            .arg(certificate)
            .arg("--tls-key")
            .arg(key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("maju listening on https://")
            .expect("another line");
        let (lines, log) = mpsc::channel();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            stderr
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| lines.send(line))
        });
        Self {
            address: address.parse().unwrap(),
            process,
            log,
        }
    }

    /// Waits until it says so.
    fn says(&self, words: &str) {
        while !self
            .log
            .recv_timeout(PATIENCE)
            .expect("it is not said")
            .contains(words)
        {}
    }

    /// Whether its certificate is of this authority now.
    async fn is_vouched_for_by(&self, authority: &Authority) -> bool {
        connect(&authority.trust(), self.address, "localhost")
            .await
            .is_ok()
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_while_people_talk_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new, newest] = [Authority::new(), Authority::new(), Authority::new()];
    old.write_to(folder.path());
    let server = Command::start(folder.path());
    let (mut ana, _) = joined(&old.trust(), server.address, "Ana").await;
    assert!(!server.is_vouched_for_by(&new).await);
    new.write_to(folder.path());
    server.says("the new certificate is in use");
    assert!(server.is_vouched_for_by(&new).await && !server.is_vouched_for_by(&old).await);

    let (certificate, key) = newest.vouch(in_days(30));
    fs::write(folder.path().join("key.pem"), &key).unwrap();
    server.says("the old one stays in use: --tls-key: the key in");
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    server.says("key.pem' cannot be read");
    assert!(server.is_vouched_for_by(&new).await);
    fs::write(folder.path().join("key.pem"), key).unwrap();
    fs::write(folder.path().join("cert.pem"), certificate).unwrap();
    server.says("the new certificate is in use");
    assert!(server.is_vouched_for_by(&newest).await);
    ana.is_undisturbed().await;
}

#[test]
fn a_certificate_whose_time_is_over_or_nearly_is_told_of() {
    for (days, words) in [(-1, "its time is over"), (3, "ends in less than a week")] {
        let folder = tempfile::tempdir().unwrap();
        Authority::new().write_until(folder.path(), in_days(days));
        Command::start(folder.path()).says(words);
    }
}

#[test]
fn files_that_are_no_pair_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let authority = Authority::new();
    let (certificate, key) = authority.vouch(in_days(30));
    let (_, other_key) = authority.vouch(in_days(30));
    let certificate_path = file("cert.pem", &certificate);
    let key_path = file("key.pem", &key);
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    for (certificate, key, words) in [
        (
            folder.path().join("none.pem"),
            key_path.clone(),
            "none.pem' cannot be read",
        ),
        (
            certificate_path.clone(),
            folder.path().join("none.key"),
            "none.key' cannot be read",
        ),
        (file("empty.pem", ""), key_path.clone(), "no certificate"),
        (key_path.clone(), key_path.clone(), "no certificate"),
        (
            certificate_path.clone(),
            certificate_path.clone(),
            "no private key",
        ),
        (
            certificate_path.clone(),
            file("encrypted.key", &encrypted),
            "encrypted",
        ),
        (certificate_path, file("other.key", &other_key), "does not belong"),
        (
            file(
                "broken.pem",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ),
            key_path,
            "cannot be used",
        ),
    ] {
        let problem = Tls::files(&certificate, &key).unwrap_err();
        assert!(problem.contains(words), "{problem}");
        assert!(!problem.contains(key_text(&other_key)), "{problem}");
    }
    let both = file("both.pem", &(key.clone() + &certificate));
    let tls = Tls::files(&both, &both).unwrap();
    assert!(!format!("{tls:?}").contains(key_text(&key)));
}

/// Some of the key's own digits.
fn key_text(pem: &str) -> &str {
    pem.lines().nth(1).unwrap()
}
