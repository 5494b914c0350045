//! HTTPS with a certificate of the server's own making.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use maju::{Config, Lan, Tls};
use rcgen::{CertificateParams, Issuer, KeyPair};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

use crate::{
    support::{Answer, Client, TestServer},
    tls::{connect, trust},
};

async fn start(state: &Path) -> TestServer {
    let lan = Lan::open(Some(state)).unwrap();
    TestServer::start_with(Config {
        tls: Some(Arc::new(Tls::lan(lan).unwrap())),
        ..Config::default()
    })
    .await
}

/// The authority's certificate as a phone gets it.
async fn authority(address: SocketAddr) -> CertificateDer<'static> {
    let answer = Answer::to(address, "GET", "/lan-authority.crt", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/x-x509-ca-cert");
    assert!(!answer.text().contains("PRIVATE"));
    CertificateDer::from_pem_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn who_trusts_the_authority_once_reaches_the_server_by_name_and_address_also_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let mut trusted = None;
    for _ in 0..2 {
        let server = start(state.path()).await;
        let given = authority(server.address).await;
        let known = trusted.get_or_insert_with(|| trust(given));
        for name in ["localhost", "127.0.0.1", "::1"] {
            let stream = connect(known, server.address, name).await.unwrap();
            let page = Answer::over(stream, "GET", "/r/den", &[]).await;
            assert_eq!(page.status, 200, "{name}");
            // It would outlast the trust, and hold for the plain page too.
            assert_eq!(page.header("strict-transport-security"), "", "{name}");
        }
        let stream = connect(known, server.address, "localhost").await.unwrap();
        let mut client = Client::ask(
            stream,
            "wss://localhost/signal",
            &[("origin", "https://localhost")],
        )
        .await
        .unwrap();
        client.greet().await;
        client.join("den", "Ana").await;
        client.close().await;
        for name in ["maju.example", "192.0.2.1", "sub.localhost"] {
            assert!(connect(known, server.address, name).await.is_err(), "{name}");
        }
        server.stop().await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn over_plain_http_a_page_says_what_to_do_and_where_to_go_on() {
    let state = tempfile::tempdir().unwrap();
    let server = start(state.path()).await;
    let page = server
        .request("GET", "/r/den?name=%3CAna&x='", &[("host", "192.168.1.7:8443")])
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let place = "https://192.168.1.7:8443/r/den?name=%3CAna&amp;x=&#39;";
    for words in [
        place,
        "href=\"/lan-authority.crt\"",
        "iPhone",
        "Android",
        "SHA-256",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("style-src 'self' 'sha256-"), "{policy}");
    for (agent, own) in [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)",
            "iPhone and iPad",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile", "Android"),
        (
            "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0",
            "Linux, and Firefox",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0", "Windows"),
    ] {
        let headers = [("host", "192.168.1.7:8443"), ("user-agent", agent)];
        let page = server.request("GET", "/", &headers).await;
        let open: Vec<_> = page
            .text()
            .split("<details open>")
            .skip(1)
            .map(str::to_owned)
            .collect();
        assert!(
            open.len() == 1 && open[0].trim_start().starts_with(&format!("<summary>{own}")),
            "{agent}"
        );
    }
    let body = page.text().split_once("</head>").unwrap().1.to_owned();
    assert!(!body.contains('{'), "a gap was left: {body}");
    for (path, status) in [
        ("/lan-authority.pem", 404),
        ("/signal", 404),
        ("/healthz", 404),
        ("/app.js", 404),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains("HTTPS"), "{path}");
    }
    let strange = server.request("GET", "/", &[("host", "<script>")]).await;
    assert!(!strange.text().contains("<script>"));
}

#[tokio::test]
async fn the_key_of_the_authority_is_in_no_answer_over_either_way() {
    let state = tempfile::tempdir().unwrap();
    let server = start(state.path()).await;
    let text = fs::read_to_string(state.path().join("lan-authority.pem")).unwrap();
    let key: Vec<_> = text
        .lines()
        .skip_while(|line| !line.contains("PRIVATE"))
        .collect();
    let key: Vec<_> = key.into_iter().filter(|line| !line.is_empty()).collect();
    assert!(key.len() > 3, "no key");
    let known = trust(authority(server.address).await);
    for path in [
        "/",
        "/lan-authority.crt",
        "/lan-authority.pem",
        "/../lan-authority.pem",
        "/readyz",
    ] {
        let secure = connect(&known, server.address, "localhost").await.unwrap();
        for answer in [
            server.get(path).await,
            Answer::over(secure, "GET", path, &[]).await,
        ] {
            for line in &key {
                assert!(!String::from_utf8_lossy(&answer.body).contains(line), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn even_its_key_makes_nobody_pass_for_a_site_of_the_world() {
    let state = tempfile::tempdir().unwrap();
    let authority = start(state.path()).await;
    let trust = trust(self::authority(authority.address).await);
    let text = fs::read_to_string(state.path().join("lan-authority.pem")).unwrap();
    let stolen = Issuer::from_ca_cert_pem(
        &text,
        KeyPair::from_pem(&text[text.find("-----BEGIN PRIVATE").unwrap()..]).unwrap(),
    )
    .unwrap();
    for (name, passes) in [
        ("kitchen.local", true),
        ("192.168.7.7", true),
        ("maju.example", false),
        ("1.1.1.1", false),
    ] {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &stolen).unwrap();
        let files = ["cert.pem", "key.pem"].map(|file| state.path().join(file));
        fs::write(&files[0], certificate.pem()).unwrap();
        fs::write(&files[1], key.serialize_pem()).unwrap();
        let tls = Tls::files(&files[0], &files[1]).unwrap();
        let impostor = TestServer::start_with(Config {
            tls: Some(Arc::new(tls)),
            ..Config::default()
        })
        .await;
        assert_eq!(
            connect(&trust, impostor.address, name).await.is_ok(),
            passes,
            "{name}"
        );
    }
}
