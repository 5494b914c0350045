//! Certificates of TURN servers.

use crate::{
    certificates::Certificate,
    coturn::{Coturn, SECRET},
    maju::{doctor, trusting_doctor},
};

/// What is found of a server with that certificate, by one who trusts its authority.
fn found(what: &str, certificate: &Certificate) -> Option<(Coturn, crate::maju::Examination)> {
    let [cert, key] = certificate.flags("--cert", "--pkey");
    let coturn = Coturn::start(what, &[&cert, &key])?;
    let flags = ["--turn", &coturn.url("tls"), "--turn-secret", SECRET];
    let examined = trusting_doctor(&certificate.authority(), &flags);
    Some((coturn, examined))
}

#[test]
fn an_expired_certificate_is_found() {
    let certificate = Certificate::new("127.0.0.1", -3);
    if let Some((coturn, examined)) = found("an expired certificate", &certificate) {
        examined.shows(&coturn.url("tls"), "certificate-expired");
        assert!(
            examined.text("certificate-expired").contains("3 days ago"),
            "{:#?}",
            examined.findings
        );
    }
}

#[test]
fn a_certificate_that_soon_expires_is_a_warning() {
    let certificate = Certificate::new("127.0.0.1", 3);
    if let Some((coturn, examined)) = found("a certificate that soon expires", &certificate) {
        assert_eq!(
            examined.verdicts(&coturn.url("tls")),
            ["relays", "certificate-soon-expired"]
        );
        assert!(examined.text("certificate-soon-expired").contains("3 days"));
        assert_eq!(examined.code, Some(0));
    }
}

#[test]
fn a_certificate_for_another_name_is_found_with_that_name() {
    let certificate = Certificate::new("turn.example.org", 90);
    if let Some((coturn, examined)) = found("a certificate for another name", &certificate) {
        examined.shows(&coturn.url("tls"), "certificate-name");
        let text = examined.text("certificate-name");
        assert!(
            text.ends_with("for turn.example.org and not for 127.0.0.1"),
            "{text}"
        );
    }
}

#[test]
fn a_certificate_of_nobody_who_is_trusted_is_found() {
    let certificate = Certificate::new("127.0.0.1", 90);
    let [cert, key] = certificate.flags("--cert", "--pkey");
    if let Some(coturn) = Coturn::start("a certificate of nobody", &[&cert, &key]) {
        let url = coturn.url("tls");
        doctor(&["--turn", &url, "--turn-secret", SECRET]).shows(&url, "certificate-authority");
    }
}

#[test]
fn a_server_without_tls_is_found() {
    if let Some(coturn) = Coturn::start("a server without TLS", &[]) {
        let url = format!("turns:127.0.0.1:{}", coturn.port);
        doctor(&["--turn", &url, "--turn-secret", SECRET]).shows(&url, "not-tls");
    }
}
