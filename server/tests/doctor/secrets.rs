//! Secrets, passwords, clocks and quotas.

use crate::{
    coturn::{Coturn, SECRET},
    fakes::refusing,
    maju::doctor,
};

#[test]
fn a_wrong_secret_is_told_from_a_wrong_clock() {
    let Some(coturn) = Coturn::start("a wrong secret", &[]) else {
        return;
    };
    for transport in ["udp", "tcp"] {
        let url = coturn.url(transport);
        let examined = doctor(&["--turn", &url, "--turn-secret", "another secret"]);
        examined.shows(&url, "wrong-secret");
        assert!(examined.verdicts("127.0.0.1").is_empty());
        for finding in &examined.findings {
            assert!(!finding.to_string().contains("another secret"), "{finding}");
        }
    }
}

#[test]
fn a_wrong_password_is_found() {
    let flags = ["--lt-cred-mech", "--user=ana:secret"];
    let Some(coturn) = Coturn::start_with("a wrong password", &flags, None) else {
        return;
    };
    let url = coturn.url("udp");
    for who in ["username=ana,credential=wrong", "username=bo,credential=secret"] {
        doctor(&["--ice-server", &format!("{url},{who}")]).shows(&url, "wrong-password");
    }
}

#[test]
fn a_fixed_password_where_a_secret_is_wanted_is_found() {
    let Some(coturn) = Coturn::start("a password for a secret", &[]) else {
        return;
    };
    let url = coturn.url("udp");
    doctor(&["--ice-server", &format!("{url},username=ana,credential=secret")]).shows(&url, "wrong-password");
}

#[test]
fn a_clock_that_is_ten_minutes_ahead_is_found_with_what_it_breaks() {
    let Some(coturn) = Coturn::start_off("a clock that is ahead", "+10m") else {
        return;
    };
    let url = coturn.url("udp");
    let flags = ["--turn", &url, "--turn-secret", SECRET, "--turn-ttl"];

    // Long enough for passwords to be of use, though for less time than they should.
    let examined = doctor(&[&flags[..], &["4h"]].concat());
    assert_eq!(examined.verdicts(&url), ["relays"], "{:#?}", examined.findings);
    assert_eq!(examined.finding("clock-ahead")["level"], "warning");
    assert!(
        examined.text("clock-ahead").contains("10 minutes ahead"),
        "{:#?}",
        examined.findings
    );
    assert_eq!(examined.code, Some(0));

    // Newer ones come too late.
    let examined = doctor(&[&flags[..], &["15m"]].concat());
    examined.shows("127.0.0.1", "clock-ahead");

    // All of them have ended when they are made. It is not the secret.
    let examined = doctor(&[&flags[..], &["5m", "--relay-only"]].concat());
    examined.shows("127.0.0.1", "clock-ahead");
    assert!(examined.text("clock-ahead").contains("10 minutes ahead"));
    assert!(!examined.has("wrong-secret"), "{:#?}", examined.findings);
    assert!(examined.has("relay-only-broken"));
}

#[test]
fn a_clock_that_is_ten_minutes_behind_is_found() {
    let Some(coturn) = Coturn::start_off("a clock that is behind", "-10m") else {
        return;
    };
    let url = coturn.url("tcp");
    let examined = doctor(&["--turn", &url, "--turn-secret", SECRET]);
    assert_eq!(examined.verdicts(&url), ["relays"], "{:#?}", examined.findings);
    assert_eq!(examined.finding("clock-behind")["level"], "warning");
    assert!(
        examined.text("clock-behind").contains("10 minutes behind"),
        "{:#?}",
        examined.findings
    );
}

#[test]
fn a_wrong_secret_is_found_with_a_wrong_clock_too() {
    let Some(coturn) = Coturn::start_off("a wrong secret and a wrong clock", "+10m") else {
        return;
    };
    let url = coturn.url("udp");
    doctor(&["--turn", &url, "--turn-secret", "another secret"]).shows(&url, "wrong-secret");
}

#[test]
fn refusals_are_told_apart() {
    for (code, verdict) in [
        (486, "quota"),
        (508, "quota"),
        (403, "forbidden"),
        (400, "server-error"),
    ] {
        let url = format!("turn:127.0.0.1:{}", refusing(code));
        let examined = doctor(&["--ice-server", &format!("{url},username=ana,credential=secret")]);
        examined.shows(&url, verdict);
        assert!(examined.text(verdict).contains(&code.to_string()));
    }
}
