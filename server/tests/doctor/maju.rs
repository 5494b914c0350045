//! The command, and what it says.

use std::{
    io::Read,
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// The command without any settings of this test's surroundings.
pub(crate) fn maju() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maju"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// What a doctor said.
pub(crate) struct Examination {
    pub(crate) code: Option<i32>,
    pub(crate) findings: Vec<Value>,
}

/// Runs `maju doctor` with these flags.
pub(crate) fn doctor(flags: &[&str]) -> Examination {
    examined(maju().arg("doctor").args(flags))
}

/// Runs `maju doctor` with these flags, and with an authority to trust next to those of the machine.
pub(crate) fn trusting_doctor(authority: &Path, flags: &[&str]) -> Examination {
    examined(maju().env("SSL_CERT_FILE", authority).arg("doctor").args(flags))
}

fn examined(command: &mut Command) -> Examination {
    let output = command.arg("--json").output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let findings = said["findings"].as_array().unwrap().clone();
    let problems = findings.iter().filter(|finding| finding["level"] == "problem");
    assert_eq!(said["problems"], problems.count());
    for finding in &findings {
        let advised = finding["advice"]
            .as_str()
            .is_some_and(|advice| advice.ends_with('.'));
        let bad = finding["level"] == "problem" || finding["level"] == "warning";
        assert!(advised || !bad, "no word on what to change: {finding}");
    }
    Examination {
        code: output.status.code(),
        findings,
    }
}

impl Examination {
    /// The verdicts on what it is about, without those on how the relay's address is: here it is always private.
    pub(crate) fn verdicts(&self, about: &str) -> Vec<&str> {
        let about = self.findings.iter().filter(|finding| finding["about"] == about);
        let verdicts = about.map(|finding| finding["verdict"].as_str().unwrap());
        verdicts.filter(|verdict| *verdict != "relay-private").collect()
    }

    /// The one finding of that verdict.
    pub(crate) fn finding(&self, verdict: &str) -> &Value {
        let mut of = self
            .findings
            .iter()
            .filter(|finding| finding["verdict"] == verdict);
        match (of.next(), of.next()) {
            (Some(finding), None) => finding,
            _ => panic!("not one {verdict}: {:#?}", self.findings),
        }
    }

    pub(crate) fn text(&self, verdict: &str) -> &str {
        self.finding(verdict)["text"].as_str().unwrap()
    }

    pub(crate) fn has(&self, verdict: &str) -> bool {
        self.findings.iter().any(|finding| finding["verdict"] == verdict)
    }

    /// Shows that this server has that one problem, and that the command tells so by its code.
    pub(crate) fn shows(&self, about: &str, problem: &str) {
        assert_eq!(self.verdicts(about), [problem], "{:#?}", self.findings);
        assert_eq!(self.finding(problem)["level"], "problem");
        assert_eq!(self.code, Some(1));
    }
}

/// A server that runs. It ends when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
        }
    }

    /// Ends it and returns what it logged.
    pub(crate) fn log(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
