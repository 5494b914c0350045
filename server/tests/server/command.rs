//! The command as an operator uses it.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use serde_json::json;

use crate::support::Client;

fn maju() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maju"));
    // The surroundings of the tests may have settings of their own.
    command.env_clear().stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// Ends the process if the test does not come to it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the command and returns it with the address of its one line.
fn start(command: &mut Command) -> (Running, SocketAddr, BufReader<ChildStdout>) {
    let mut child = command
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line
        .strip_prefix("maju listening on http://")
        .expect("another line");
    (running, address.trim_end().parse().unwrap(), stdout)
}

fn send_signal(running: &Running, signal: &str) {
    let command = format!("kill -{signal} {}", running.0.id());
    assert!(
        Command::new("/bin/sh")
            .args(["-c", &command])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn one_line_tells_the_address_and_a_signal_ends_it_in_order() {
    for signal in ["TERM", "INT"] {
        let (mut running, address, mut stdout) = start(maju().stderr(Stdio::null()));
        assert_ne!(address.port(), 0);
        send_signal(&running, signal);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "more than one line");
        assert_eq!(running.0.wait().unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn the_log_tells_of_lives_and_not_of_people() {
    let (mut running, address, _stdout) = start(maju().args(["--log", "debug"]).stderr(Stdio::piped()));
    let mut ana = Client::connect(address).await;
    ana.greet().await;
    let id = ana.join("secret-room", "secret-name").await["you"]
        .as_str()
        .unwrap()
        .to_owned();
    ana.relay(&id, json!({"offer": {"sdp": "secret-sdp"}})).await;
    ana.next().await;
    ana.refused(r#"{"secret-nonsense":1}"#).await;
    ana.close().await;
    send_signal(&running, "TERM");
    let mut log = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    for told in ["joined", "left", "relay", "refused", "stopping"] {
        assert!(log.contains(told), "{told} is missing in {log}");
    }
    assert!(!log.contains("secret"), "{log}");
    assert!(!log.contains(&id), "{log}");
}

#[test]
fn an_address_that_cannot_be_had_is_one_line_and_code_one() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for address in [&*taken, "127.0.0.1:99999", "127.0.0.1", "nonsense"] {
        let (code, stdout, stderr) = output(maju().args(["--listen", address]));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{address}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(address), "{stderr}");
    }
}

#[test]
fn bad_usage_is_code_two() {
    for flags in [
        &["--nonsense"][..],
        &["--max-people=1"],
        &["--ice-server=example.org"],
        &["--log=a=b=c"],
        &["--log=loud"],
        &["x"],
    ] {
        let (code, _, stderr) = output(maju().args(flags));
        assert_eq!(code, Some(2), "{flags:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
    let (code, _, stderr) = output(maju().env("MAJU_LISTN", "127.0.0.1:0"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("did you mean MAJU_LISTEN?"), "{stderr}");
    let (code, _, stderr) = output(maju().env("MAJU_MAX_PEOPLE", "many"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("many"), "{stderr}");
}

#[test]
fn credentials_stay_out_of_help_and_errors() {
    let (_, help, _) = output(
        maju()
            .arg("--help")
            .env("MAJU_ICE_SERVERS", "turn:x,username=u,credential=hunter2"),
    );
    assert!(help.contains("MAJU_ICE_SERVERS") && help.contains("Examples:"));
    assert!(!help.contains("hunter2"));
    let (_, _, error) = output(maju().args(["--ice-server", "turn:x:0,username=u,credential=hunter2"]));
    assert!(
        error.contains("has a port") && !error.contains("hunter2"),
        "{error}"
    );
}

#[test]
fn the_version_is_the_packages() {
    let (code, stdout, _) = output(maju().arg("--version"));
    assert_eq!(
        (code, stdout.trim()),
        (Some(0), concat!("maju ", env!("CARGO_PKG_VERSION")))
    );
}
