//! `maju check-config`: what would be in force, in plain words, and every setting with where it comes from.

use std::{
    collections::BTreeMap,
    env, io,
    io::Write,
    net::{SocketAddr, ToSocketAddrs},
};

use clap::{Arg, ArgMatches, CommandFactory, parser::ValueSource};

use crate::{
    args::{Args, Network},
    config::{App, Config},
    doctor::about_time,
    door::auth::Auth,
    signal::ice::Ice,
    state::{KEY_FILE, default_folder},
};

/// Prints what these flags and variables mean, or returns what is still wrong with them. Secrets are not shown.
pub fn check_config(args: &Args, config: &Config, given: &ArgMatches) -> Result<(), String> {
    let listen = args.listen.to_socket_addrs();
    let listen: Vec<_> = listen
        .map_err(|error| format!("--listen {}: {error}", args.listen))?
        .collect();
    let mut text = String::from("Nothing is wrong with this configuration. With it, Maju\n\n");
    for sentence in sentences(args, config, &listen) {
        text.push_str(&format!("- {sentence}\n"));
    }
    text.push_str(&settings(given));
    // Without standard output nobody is there to be told.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// The rest of sentences that begin with "Maju".
fn sentences(args: &Args, config: &Config, listen: &[SocketAddr]) -> Vec<String> {
    let reached = if listen.iter().all(|address| address.ip().is_loopback()) {
        "which only this machine reaches"
    } else {
        "for everybody who reaches this machine"
    };
    let app = match &config.app {
        App::Embedded([]) => "has no app built in to hand out".to_owned(),
        App::Embedded(_) => "hands out the app that is built in".to_owned(),
        App::Folder(folder) => format!("hands out the app in '{}'", folder.display()),
    };
    let auth = match &config.auth {
        Auth::Open => "lets in everybody who knows a room's name".to_owned(),
        Auth::Jwt(_) => match &args.auth_audience {
            Some(audience) => format!("lets in who has a token of your own system for '{audience}'"),
            None => "lets in who has a token of your own system".to_owned(),
        },
    };
    let mut sentences = vec![format!("listens on {}, {reached}", args.listen)];
    sentences.extend(of_network(&args.network, listen));
    sentences.extend([app, auth]);
    sentences.extend(of_ice(&config.ice));
    sentences.push(of_key(args, config));
    sentences
}

fn of_network(network: &Network, listen: &[SocketAddr]) -> Vec<String> {
    let mut sentences = Vec::new();
    if network.lan {
        sentences.push("does HTTPS with a certificate of its own making, for your own network".into());
    }
    if let Some(certificate) = &network.tls_cert {
        sentences.push(format!(
            "does HTTPS with the certificate in '{}'",
            certificate.display()
        ));
    }
    if !network.trusted_proxies.is_empty() {
        let proxies = network.trusted_proxies.join(", ");
        sentences.push(format!("believes proxies at {proxies} whom a request is from"));
    }
    if listen.iter().any(|address| network.is_bare(address.ip())) {
        let words = "speaks plain HTTP, over which browsers on other machines give no camera: it needs a proxy with a certificate \
                     (--trusted-proxy), --tls-cert, or --lan";
        sentences.push(words.into());
    }
    if !network.origins.is_empty() {
        sentences.push(format!("serves pages of {} too", network.origins.join(", ")));
    }
    if !network.embed.is_empty() {
        sentences.push(format!("may be shown in frames of {}", network.embed.join(", ")));
    }
    sentences
}

fn of_ice(ice: &Ice) -> Vec<String> {
    let mut sentences = Vec::new();
    let urls = |turn: bool| {
        let urls = ice
            .servers
            .iter()
            .filter(move |server| server.credential.is_some() == turn);
        urls.flat_map(|server| server.urls.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !urls(false).is_empty() {
        sentences.push(format!("tells people their own address by {}", urls(false)));
    }
    if !urls(true).is_empty() {
        sentences.push(format!(
            "has people relayed by {}, all with the same password",
            urls(true)
        ));
    }
    if let Some(shared) = &ice.shared {
        sentences.push(format!(
            "has people relayed by {}, each with a password of their own that holds for {}",
            shared.urls.join(", "),
            about_time(shared.ttl)
        ));
    }
    if sentences.is_empty() {
        sentences.push(
            "names no STUN or TURN server: people on one network see each other, others mostly do not".into(),
        );
    }
    if ice.relay_only {
        sentences.push("lets nobody learn the address of anybody else: all is relayed".into());
    }
    sentences
}

fn of_key(args: &Args, config: &Config) -> String {
    if config.resume_key.is_some() {
        return "gives people their seats back after a restart, by the key that is set".into();
    }
    let folder = args
        .state
        .clone()
        .or_else(|| default_folder(|name| env::var_os(name)));
    match folder.map(|folder| folder.join(KEY_FILE)) {
        Some(file) if file.exists() => {
            format!(
                "gives people their seats back after a restart, by the key in '{}'",
                file.display()
            )
        }
        Some(file) => format!(
            "gives people their seats back after a restart, by a key that it will make in '{}'",
            file.display()
        ),
        None => "gives everybody a new seat after a restart, for it has no folder to keep a key in (--state)"
            .into(),
    }
}

/// Every setting with its value and where that comes from, by the headings of the help.
fn settings(given: &ArgMatches) -> String {
    let command = Args::command();
    let mut groups: Vec<(&str, Vec<[String; 3]>)> = Vec::new();
    for arg in command.get_arguments() {
        let (Some(heading), Some(row)) = (arg.get_help_heading(), row(arg, given)) else {
            continue;
        };
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((heading, vec![row])),
        }
    }
    let widths = (0..2).map(|column| {
        let cells = groups
            .iter()
            .flat_map(|(_, rows)| rows)
            .map(|row| row[column].len());
        cells.filter(|width| *width < 40).max().unwrap_or_default()
    });
    let widths: BTreeMap<_, _> = widths.enumerate().collect();
    let mut text = String::new();
    for (heading, rows) in &groups {
        text.push_str(&format!("\n{heading}\n"));
        for [flag, value, source] in rows {
            let row = format!("  {flag:<0$}  {value:<1$}  {source}", widths[&0], widths[&1]);
            text.push_str(row.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Flag, value, source.
fn row(arg: &Arg, given: &ArgMatches) -> Option<[String; 3]> {
    let flag = format!("--{}", arg.get_long()?);
    let variable = arg.get_env().and_then(|name| name.to_str()).unwrap_or_default();
    let source = match given.value_source(arg.get_id().as_str()) {
        Some(ValueSource::CommandLine) => "flag".to_owned(),
        Some(ValueSource::EnvVariable) => variable.to_owned(),
        _ => "default".to_owned(),
    };
    let values = given.get_raw(arg.get_id().as_str());
    let value = match values {
        None => return Some([flag, "not set".to_owned(), String::new()]),
        // Whatever stays out of the help stays out of this.
        Some(_) if arg.is_hide_env_values_set() => "(not shown)".to_owned(),
        Some(values) => {
            let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
            values.join(" ")
        }
    };
    Some([flag, value, source])
}
