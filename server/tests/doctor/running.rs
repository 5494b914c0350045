//! The doctor in a server that runs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    coturn::{Coturn, SECRET, free_port},
    maju::{Running, maju},
};

/// How long the first look may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn readyz(address: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\n{more}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_server_says_at_its_start_what_is_wrong_with_turn_and_is_ready_all_the_same() {
    let Some(coturn) = Coturn::start("the doctor in a server", &[]) else {
        return;
    };
    let well = coturn.url("udp");
    let away = format!("turn:127.0.0.1:{}", free_port());
    let mut running = Running::start(maju().args([
        "--listen=127.0.0.1:0",
        "--trusted-proxy=127.0.0.1",
        "--turn",
        &well,
        "--turn",
        &away,
        "--turn-secret",
        SECRET,
    ]));
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.strip_prefix("maju listening on http://").unwrap().trim_end();

    let start = Instant::now();
    let answer = loop {
        let answer = readyz(address, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("\r\n\r\nready\n"), "{answer}");
        if answer.contains("looked at") {
            break answer;
        }
        assert!(start.elapsed() < PATIENCE, "no look was taken: {answer}");
        sleep(Duration::from_millis(20));
    };
    assert!(answer.contains(&format!("ok: {well} relays")), "{answer}");
    assert!(
        answer.contains(&format!("problem: {away} is refused")),
        "{answer}"
    );
    assert!(!answer.contains(SECRET), "{answer}");

    let from_afar = readyz(address, "x-forwarded-for: 203.0.113.9\r\n");
    assert!(from_afar.ends_with("\r\n\r\nready\n"), "{from_afar}");

    let log = running.log();
    let problems: Vec<_> = log.lines().filter(|line| line.contains(&away)).collect();
    assert_eq!(problems.len(), 1, "{log}");
    assert!(
        problems[0].contains("WARN") && problems[0].contains("Start turnserver"),
        "{log}"
    );
    assert!(!log.contains(SECRET), "{log}");
}
