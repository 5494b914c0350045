//! The samples of `deploy/`, as the programs read them that they are for. Where such a program is missing, that part is
//! skipped, in words.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use clap::CommandFactory;
use maju::args::Args;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sample(name: &str) -> String {
    fs::read_to_string(project().join("deploy").join(name)).unwrap()
}

/// The program, where it is; nginx and systemd's lie where the `PATH` of others may not lead.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        // Not by `eprintln`, which the test harness swallows.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED, for {name} is missing: what it says of its sample"
        );
    }
    found
}

fn is_content(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The words in a text that begin like the server's variables.
fn variables(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_uppercase() && c != '_')
        .filter(|word| word.starts_with("MAJU_") && word.len() > 5)
        .collect()
}

#[test]
fn the_samples_name_only_variables_that_the_server_knows() {
    let command = Args::command();
    let known: BTreeSet<_> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    for entry in fs::read_dir(project().join("deploy")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let unknown: Vec<_> = variables(&text)
            .into_iter()
            .filter(|name| !known.contains(name))
            .collect();
        assert_eq!(unknown, [""; 0]);
    }
    assert!(variables(&sample("maju.env")).contains("MAJU_TURN_SECRET"));
}

#[test]
fn every_flag_and_variable_has_a_row_in_the_table_of_settings_and_no_row_is_made_up() {
    let document = fs::read_to_string(project().join("docs/deploying.md")).unwrap();
    let (_, settings) = document.split_once("\n## Settings\n").unwrap();
    let settings = settings.split("\n## ").next().unwrap();
    let rows = || settings.lines().filter(|line| line.starts_with("| `--"));
    let command = Args::command();
    let mut known = BTreeSet::new();
    for argument in command.get_arguments() {
        // Those of clap's own need no explanation.
        let Some(long) = argument
            .get_long()
            .filter(|long| !matches!(*long, "help" | "version"))
        else {
            continue;
        };
        known.insert(format!("--{long}"));
        let (bare, valued) = (format!("`--{long}`"), format!("`--{long} "));
        let row = rows().find(|row| row.contains(&bare) || row.contains(&valued));
        let row = row.unwrap_or_else(|| panic!("--{long} is not in the table"));
        if let Some(variable) = argument.get_env() {
            let variable = format!("`{}`", variable.to_str().unwrap());
            assert!(
                row.contains(&variable),
                "{variable} is not in the row of --{long}"
            );
        }
    }
    let named = rows().flat_map(|row| row.split('`').filter(|word| word.starts_with("--")));
    let first = |word: &str| word.split(' ').next().unwrap_or_default().to_owned();
    let unknown: Vec<_> = named.map(first).filter(|flag| !known.contains(flag)).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn nginx_takes_its_sample() {
    let Some(nginx) = program("nginx") else { return };
    let folder = tempfile::tempdir().unwrap();
    let own = |name: &str| folder.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(["maju.example.org".to_owned()]).unwrap();
    fs::write(own("cert.pem"), made.cert.pem()).unwrap();
    fs::write(own("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let keys = "/etc/letsencrypt/live/maju.example.org";
    let site = sample("nginx.conf")
        .replace(&format!("{keys}/fullchain.pem"), &own("cert.pem"))
        .replace(&format!("{keys}/privkey.pem"), &own("key.pem"))
        // It binds what it is to listen on, and whether the ports are free here is not the sample's concern.
        .replace("listen 80;", &format!("listen unix:{};", own("80")))
        .replace("listen [::]:80;", "")
        .replace("listen 443 ssl", &format!("listen unix:{} ssl", own("443")))
        .replace("listen [::]:443 ssl http2;", "")
        .replace("/var/log/nginx/error.log", "stderr");
    assert!(!site.contains("letsencrypt"));
    fs::write(own("site.conf"), site).unwrap();
    // An nginx that was unpacked and not installed has no places of its own.
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("{what}_temp_path {}; ", own(what)))
        .collect();
    let main = format!(
        "pid {}; error_log stderr; events {{}} http {{ {places} include {}; }}",
        own("pid"),
        own("site.conf")
    );
    fs::write(own("nginx.conf"), main).unwrap();
    is_content(Command::new(nginx).args(["-t", "-e", "stderr", "-c", &own("nginx.conf")]));
}

#[test]
fn caddy_takes_its_sample_and_would_not_write_it_otherwise() {
    let Some(caddy) = program("caddy") else { return };
    let file = project().join("deploy/Caddyfile");
    let folder = tempfile::tempdir().unwrap();
    let caddy = |arguments: &[&str]| {
        let mut command = Command::new(&caddy);
        command.args(arguments).arg(&file);
        // Where it keeps what it makes.
        command
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path());
        is_content(&mut command)
    };
    caddy(&["validate", "--adapter", "caddyfile", "--config"]);
    assert_eq!(caddy(&["fmt"]), sample("Caddyfile"));
}

#[test]
fn systemd_takes_the_unit_and_finds_little_that_it_exposes() {
    let Some(analyze) = program("systemd-analyze") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("maju.service");
    let text = sample("maju.service").replace("/usr/local/bin/maju", env!("CARGO_BIN_EXE_maju"));
    fs::write(&unit, text).unwrap();
    let said = is_content(Command::new(&analyze).args(["verify", "--man=no"]).arg(&unit));
    assert_eq!(said.trim(), "", "it complains");
    // In tenths: from 0 for nothing to 100 for everything.
    let limits = ["security", "--offline=true", "--no-pager", "--threshold=20"];
    is_content(Command::new(&analyze).args(limits).arg(&unit));
}

#[test]
fn the_settings_are_for_shells_too_as_the_document_fills_them_in() {
    let document = fs::read_to_string(project().join("docs/deploying.md")).unwrap();
    let line = |start: &str| document.lines().find(|line| line.starts_with(start)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deploy")).unwrap();
    fs::write(folder.path().join("deploy/maju.env"), sample("maju.env")).unwrap();
    let fill_in = line("sed -i \"s/^#MAJU_TURN_SECRET");
    let read = line("set -a;").replace("/etc/maju/maju.env", "./deploy/maju.env");
    let script = format!("secret=hunter2\n{fill_in}\n{read}\nexec \"$0\" check-config");
    let output = Command::new("sh")
        .args(["-ec", &script, env!("CARGO_BIN_EXE_maju")])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    for words in [
        "turns:maju.example.org:5349",
        "stun:maju.example.org",
        "127.0.0.1",
        "::1",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
