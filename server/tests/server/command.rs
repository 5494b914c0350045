//! The command as an operator uses it.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::support::Client;

pub(crate) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub(crate) fn maju() -> Command {
    let mut command = keyless();
    command.env("MAJU_RESUME_KEY", KEY);
    command
}

/// A command that has neither a key nor, without a home, a place for one.
fn keyless() -> Command {
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
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the command and returns it with the address of its one line.
pub(crate) fn start(command: &mut Command) -> (Running, SocketAddr, BufReader<ChildStdout>) {
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

pub(crate) fn send_signal(running: &Running, signal: &str) {
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
async fn a_server_that_stood_still_takes_nobody_for_silent() {
    let (running, address, _stdout) = start(
        maju()
            .args(["--heartbeat", "200ms", "--silence", "2s"])
            .stderr(Stdio::null()),
    );
    let mut people = Vec::new();
    for _ in 0..6 {
        let mut client = Client::connect(address).await;
        client.greet().await;
        client.join("den", "somebody").await;
        people.push(client);
    }
    send_signal(&running, "STOP");
    // Only time makes a silence.
    tokio::time::sleep(Duration::from_millis(3500)).await;
    send_signal(&running, "CONT");
    for client in &mut people {
        client.send_text("{").await;
    }
    for client in &mut people {
        loop {
            let message = client.next().await;
            assert!(message["left"].is_null(), "{message}");
            if message["error"].is_object() {
                break;
            }
        }
    }
}

#[test]
fn an_address_that_cannot_be_had_is_one_line_and_code_one() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for address in [&*taken, "192.0.2.1:0", "nowhere.invalid:0"] {
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
        &["--listen=8080"],
        &["--listen=127.0.0.1"],
        &["--listen=127.0.0.1:99999"],
        &["--turn-ttl=4"],
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
    let (_, help, _) = output(maju().arg("--help"));
    assert!(help.contains("MAJU_RESUME_KEY") && !help.contains(KEY));
    let (code, _, error) = output(maju().env("MAJU_RESUME_KEY", "hunter2"));
    assert!(
        code == Some(2) && error.contains("--resume-key") && !error.contains("hunter2"),
        "{error}"
    );
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

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_key_is_made_once_for_nobody_else_to_read_and_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state/maju");
    let mut before: Option<(String, Value, String)> = None;
    for _ in 0..2 {
        let (mut running, address, _stdout) =
            start(keyless().arg("--state").arg(&folder).stderr(Stdio::piped()));
        let key = fs::read_to_string(folder.join("resume.key")).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join("resume.key"))), (0o700, 0o600));
        let mut ana = Client::connect(address).await;
        ana.greet().await;
        let welcome = match &before {
            None => ana.join("den", "Ana").await,
            Some((_, _, token)) => ana.resume("den", "Ana", token).await,
        };
        let now = (
            key,
            welcome["you"].clone(),
            welcome["resume"].as_str().unwrap().to_owned(),
        );
        if let Some((key, id, _)) = &before {
            assert_eq!((key, id), (&now.0, &now.1));
        }
        before = Some(now);
        send_signal(&running, "KILL");
        let mut log = String::new();
        running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(!log.contains("no key can be kept"), "{log}");
    }
}

#[test]
fn a_key_file_that_others_may_read_or_that_is_no_key_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("resume.key");
    let short = "00ff".repeat(4);
    for (content, mode, words) in [
        (KEY, 0o640, "chmod 600"),
        (KEY, 0o604, "chmod 600"),
        ("", 0o600, "fewer than 32 bytes"),
        (&short, 0o600, "fewer than 32 bytes"),
        ("not a key", 0o600, "neither hexadecimal digits nor base64"),
    ] {
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (code, stdout, stderr) = output(keyless().arg("--state").arg(folder.path()));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.contains(words) && stderr.contains("resume.key"),
            "{stderr}"
        );
        assert!(!stderr.contains(KEY));
    }
}

#[test]
fn without_a_place_for_the_key_the_server_runs_and_says_once_what_that_means() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for state in [None, Some(file.join("maju"))] {
        let mut command = keyless();
        if let Some(state) = state {
            command.env("MAJU_STATE", state);
        }
        let (mut running, _, _stdout) = start(command.args(["--log", "warn"]).stderr(Stdio::piped()));
        send_signal(&running, "TERM");
        let mut log = String::new();
        running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        let warnings: Vec<_> = log.lines().filter(|line| line.contains("restart")).collect();
        assert_eq!(warnings.len(), 1, "{log}");
        assert!(warnings[0].contains("WARN"), "{log}");
    }
}
