//! Maju's own port and certificate, and the report for people.

use std::io::{BufRead, BufReader};

use crate::{
    certificates::Certificate,
    coturn::free_port,
    fakes::another_service,
    maju::{Running, doctor, maju},
};

/// A server that listens when this returns, and the flags for it.
fn serving(flags: &[String]) -> (Running, Vec<String>) {
    let listen = format!("--listen=127.0.0.1:{}", free_port());
    let flags = [&[listen], flags].concat();
    let mut running = Running::start(maju().args(&flags));
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("maju listening on"), "{line}");
    (running, flags)
}

fn examined(flags: &[String]) -> crate::maju::Examination {
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    doctor(&flags)
}

#[test]
fn a_server_that_runs_is_told_from_one_that_does_not_and_from_another_service() {
    let (running, flags) = serving(&[]);
    let well = examined(&flags);
    assert!(
        well.has("server-runs") && well.code == Some(0),
        "{:#?}",
        well.findings
    );
    drop(running);
    let away = examined(&flags);
    assert!(
        away.has("server-away") && away.code == Some(0),
        "{:#?}",
        away.findings
    );
    let foreign = doctor(&["--listen", &format!("127.0.0.1:{}", another_service())]);
    assert!(
        foreign.has("foreign-server") && foreign.code == Some(1),
        "{:#?}",
        foreign.findings
    );
}

#[test]
fn a_server_is_found_behind_its_own_tls_with_what_its_certificate_lacks() {
    for (days, verdict, code) in [
        (90, None, 0),
        (3, Some("certificate-soon-expired"), 0),
        (-1, Some("certificate-expired"), 1),
    ] {
        let certificate = Certificate::new("localhost", days);
        let (_running, flags) = serving(&certificate.flags("--tls-cert", "--tls-key"));
        let examined = examined(&flags);
        assert!(examined.has("server-runs"), "{:#?}", examined.findings);
        assert_eq!(examined.verdicts("--tls-cert"), Vec::from_iter(verdict));
        assert_eq!(examined.code, Some(code));
    }
}

#[test]
fn without_servers_that_is_said_and_no_problem() {
    let examined = doctor(&[]);
    assert_eq!(examined.finding("no-servers")["level"], "note");
    assert_eq!(examined.code, Some(0));
}

#[test]
fn people_are_told_in_lines_without_colours_in_a_pipe() {
    let url = format!("turn:127.0.0.1:{}", free_port());
    let flags = ["--turn", &url, "doctor", "--turn-secret", "secret"];
    let output = maju().args(flags).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("problem  {url} is refused")), "{text}");
    assert!(
        text.lines()
            .nth(1)
            .unwrap()
            .starts_with("         Start turnserver"),
        "{text}"
    );
    assert!(text.ends_with("\n1 problem.\n"), "{text}");
    assert!(!text.contains('\x1b') && !text.contains("secret"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}
