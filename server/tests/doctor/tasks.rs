//! What else the command does besides serving.

use std::process::Output;

use crate::maju::maju;

fn said(flags: &[&str]) -> (Option<i32>, String, String) {
    output(maju().args(flags))
}

fn output(command: &mut std::process::Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_configuration_is_told_in_words_with_where_each_setting_is_from_and_without_secrets() {
    let (code, text, _) = output(
        maju()
            .args([
                "--max-people",
                "4",
                "check-config",
                "--turn",
                "turn:turn.example.org",
            ])
            .env("MAJU_TURN_SECRET", "hunter2")
            .env(
                "MAJU_ICE_SERVERS",
                "turn:b.example,username=ana,credential=hunter2",
            ),
    );
    assert_eq!(code, Some(0));
    assert!(!text.contains("hunter2"), "{text}");
    let row = |words: &[&str]| {
        let rows = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(rows.filter(|row| row == words).count(), 1, "{words:?}: {text}");
    };
    row(&["--max-people", "4", "flag"]);
    row(&["--turn", "turn:turn.example.org", "flag"]);
    row(&["--turn-secret", "(not", "shown)", "MAJU_TURN_SECRET"]);
    row(&["--ice-server", "(not", "shown)", "MAJU_ICE_SERVERS"]);
    row(&["--heartbeat", "4s", "default"]);
    row(&["--auth-keys", "not", "set"]);
    for sentence in [
        "- listens on 127.0.0.1:8080, which only this machine reaches\n",
        "- lets in everybody who knows a room's name\n",
        "- has people relayed by turn:b.example, all with the same password\n",
        "- has people relayed by turn:turn.example.org, each with a password of their own that holds for 4 hours\n",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
}

#[test]
fn a_configuration_that_is_wrong_is_refused_as_the_server_refuses_it() {
    for flags in [
        &["check-config", "--heartbeat=1m"][..],
        &["--turn=turn:x", "check-config"],
        &["check-config", "--listen=nowhere"],
        &["check-config", "--log=loud"],
    ] {
        let (code, stdout, stderr) = said(flags);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{flags:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
    let (code, _, stderr) = output(maju().arg("check-config").env("MAJU_LISTN", "x"));
    assert!(
        code == Some(2) && stderr.contains("did you mean MAJU_LISTEN?"),
        "{stderr}"
    );
}

#[test]
fn shells_and_man_are_served() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, text, _) = said(&["completions", shell]);
        assert_eq!(code, Some(0));
        assert!(text.contains("turn-secret"), "{text}");
        // For the others, clap completes flags alone.
        let completes_tasks = ["bash", "zsh"].contains(&shell);
        assert_eq!(text.contains("check-config"), completes_tasks, "{shell}: {text}");
    }
    let turn = [
        ("MAJU_TURN", "turn:turn.example.org"),
        ("MAJU_TURN_SECRET", "hunter2"),
    ];
    let (code, page, stderr) = output(maju().arg("man").envs(turn));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(page.contains(".TH maju 1") && !page.contains("hunter2"), "{page}");
}

#[test]
fn what_only_another_command_takes_is_refused() {
    for flags in [
        &["--json"][..],
        &["check-config", "--json"],
        &["doctor", "bash"],
        &["completions"],
        &["completions", "tcsh"],
        &["serve"],
    ] {
        let (code, stdout, stderr) = said(flags);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{flags:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
}
