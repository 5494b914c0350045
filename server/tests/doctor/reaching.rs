//! Servers that are not there, or not to be reached.

use crate::{
    coturn::{Coturn, SECRET, free_port},
    fakes::{Silence, another_service},
    maju::doctor,
};

fn shared(url: &str) -> [&str; 4] {
    ["--turn", url, "--turn-secret", SECRET]
}

#[test]
fn where_no_server_is_that_is_said_for_every_transport() {
    let port = free_port();
    for url in [
        format!("turn:127.0.0.1:{port}"),
        format!("turn:127.0.0.1:{port}?transport=tcp"),
        format!("turns:127.0.0.1:{port}"),
    ] {
        doctor(&shared(&url)).shows(&url, "refused");
    }
    let url = format!("stun:127.0.0.1:{port}");
    doctor(&["--ice-server", &url]).shows(&url, "refused");
}

#[test]
fn where_nothing_answers_that_is_said() {
    let silence = Silence::new();
    let url = format!("turn:127.0.0.1:{}", silence.port());
    doctor(&shared(&url)).shows(&url, "no-answer");
}

#[test]
fn udp_that_is_blocked_is_told_from_a_server_that_is_not_there() {
    let Some(coturn) = Coturn::start("blocked UDP", &["--no-udp"]) else {
        return;
    };
    let url = coturn.url("udp");
    doctor(&shared(&url)).shows(&url, "udp-blocked");
}

#[test]
fn udp_that_is_swallowed_is_told_from_a_server_that_is_not_there() {
    let Some(coturn) = Coturn::start("swallowed UDP", &["--no-udp"]) else {
        return;
    };
    let _swallows = std::net::UdpSocket::bind(("127.0.0.1", coturn.port)).unwrap();
    let url = coturn.url("udp");
    doctor(&shared(&url)).shows(&url, "udp-blocked");
}

#[test]
fn tcp_that_is_blocked_is_told_from_a_server_that_is_not_there() {
    let Some(coturn) = Coturn::start("blocked TCP", &["--no-tcp"]) else {
        return;
    };
    let url = coturn.url("tcp");
    doctor(&shared(&url)).shows(&url, "tcp-blocked");
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    let url = "turn:turn.invalid:3478";
    let examined = doctor(&shared(url));
    examined.shows(url, "unresolved");
    assert!(examined.text("unresolved").contains("turn.invalid"));
}

#[test]
fn another_service_on_the_port_is_told_from_a_server() {
    let port = another_service();
    for url in [
        format!("turn:127.0.0.1:{port}"),
        format!("turn:127.0.0.1:{port}?transport=tcp"),
    ] {
        doctor(&shared(&url)).shows(&url, "not-stun");
    }
    let url = format!("turns:127.0.0.1:{port}");
    doctor(&shared(&url)).shows(&url, "not-tls");
}

#[test]
fn what_no_browser_can_use_is_a_warning() {
    let url = "turns:127.0.0.1:1?transport=udp";
    assert_eq!(doctor(&shared(url)).verdicts(url), ["no-browser"]);
}

#[test]
fn relaying_only_without_a_relay_that_works_is_a_problem_of_its_own() {
    let port = free_port();
    let url = format!("turn:127.0.0.1:{port}");
    let examined = doctor(&["--turn", &url, "--turn-secret", SECRET, "--relay-only"]);
    examined.shows("--relay-only", "relay-only-broken");
}

#[test]
fn one_server_that_is_away_does_not_hide_that_another_one_works() {
    let Some(coturn) = Coturn::start("one of two servers", &[]) else {
        return;
    };
    let (well, away) = (coturn.url("tcp"), format!("turn:127.0.0.1:{}", free_port()));
    let examined = doctor(&["--turn", &well, "--turn", &away, "--turn-secret", SECRET]);
    assert_eq!(examined.verdicts(&well), ["relays"]);
    examined.shows(&away, "refused");
}
