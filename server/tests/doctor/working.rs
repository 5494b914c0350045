//! What works is found to work.

use crate::{
    certificates::Certificate,
    coturn::{Coturn, SECRET},
    maju::{doctor, trusting_doctor},
};

#[test]
fn a_relay_that_works_over_udp_tcp_and_tls_is_found_to_work() {
    let certificate = Certificate::new("127.0.0.1", 90);
    let [cert, key] = certificate.flags("--cert", "--pkey");
    let Some(coturn) = Coturn::start("relaying over UDP, TCP and TLS", &[&cert, &key]) else {
        return;
    };
    let urls = ["udp", "tcp", "tls"].map(|transport| coturn.url(transport));
    let flags = urls.iter().flat_map(|url| ["--turn", url]);
    let flags: Vec<_> = flags.chain(["--turn-secret", SECRET, "--relay-only"]).collect();
    let examined = trusting_doctor(&certificate.authority(), &flags);
    for url in &urls {
        assert_eq!(examined.verdicts(url), ["relays"], "{:#?}", examined.findings);
    }
    assert_eq!(examined.verdicts("127.0.0.1"), ["in-time"]);
    assert_eq!(examined.code, Some(0));
}

#[test]
fn a_server_that_tells_people_their_address_is_found_to_do_so() {
    let Some(coturn) = Coturn::start("STUN", &[]) else {
        return;
    };
    let url = format!("stun:127.0.0.1:{}", coturn.port);
    let examined = doctor(&["--ice-server", &url]);
    assert_eq!(examined.verdicts(&url), ["answers"], "{:#?}", examined.findings);
    assert!(examined.text("answers").contains("127.0.0.1"));
    assert_eq!(examined.finding("no-turn")["level"], "note");
    assert_eq!(examined.code, Some(0));
}

#[test]
fn a_fixed_name_and_password_are_tried() {
    let flags = ["--lt-cred-mech", "--user=ana:secret"];
    let Some(coturn) = Coturn::start_with("a fixed password", &flags, None) else {
        return;
    };
    let url = coturn.url("tcp");
    let examined = doctor(&["--ice-server", &format!("{url},username=ana,credential=secret")]);
    assert_eq!(examined.verdicts(&url), ["relays"], "{:#?}", examined.findings);
    assert_eq!(examined.code, Some(0));
}

#[test]
fn who_is_sent_on_to_another_server_is_looked_at_there() {
    let Some(other) = Coturn::start("servers that send on", &[]) else {
        return;
    };
    let on = format!("--alternate-server=127.0.0.1:{}", other.port);
    let Some(first) = Coturn::start("servers that send on", &[&on]) else {
        return;
    };
    let url = first.url("udp");
    let examined = doctor(&["--turn", &url, "--turn-secret", SECRET]);
    assert_eq!(examined.verdicts(&url), ["relays"], "{:#?}", examined.findings);
    assert!(examined.text("relays").contains(&other.port.to_string()));
    drop(other);
    let examined = doctor(&["--turn", &url, "--turn-secret", SECRET]);
    assert_eq!(examined.code, Some(1), "{:#?}", examined.findings);
}

#[test]
fn a_relay_at_a_private_address_is_a_warning() {
    let Some(coturn) = Coturn::start("a private relay", &[]) else {
        return;
    };
    let examined = doctor(&["--turn", &coturn.url("udp"), "--turn-secret", SECRET]);
    assert_eq!(examined.finding("relay-private")["level"], "warning");
    assert_eq!(examined.finding("only-udp")["level"], "note");
    assert_eq!(examined.code, Some(0));
}

#[test]
fn a_relay_for_everybody_is_a_warning() {
    let Some(coturn) = Coturn::start_with("a relay without passwords", &["--no-auth"], None) else {
        return;
    };
    let url = coturn.url("udp");
    let examined = doctor(&["--turn", &url, "--turn-secret", SECRET]);
    assert_eq!(examined.finding("open-relay")["level"], "warning");
    assert_eq!(examined.code, Some(0));
}
