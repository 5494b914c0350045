//! Flags and environment variables, and the configuration that they make.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use clap::{CommandFactory, Parser, ValueEnum, builder::ArgPredicate};
use clap_complete::Shell;

mod network;

pub use network::Network;

use crate::{
    App, Auth, Config, Ice, Keys, ResumeKey, SharedTurn, check_ice_url, config::CONNECTIONS_BESIDES,
    parse_ice_servers,
};

/// Variables that begin like the server's own but belong to the programs that test it.
const FOREIGN_VARIABLES: [&str; 7] = [
    "MAJU_BIN",
    "MAJU_FAULT_RUNS",
    "MAJU_CHROMIUM",
    "MAJU_CHROMEDRIVER",
    "MAJU_FIREFOX",
    "MAJU_GECKODRIVER",
    "MAJU_AXE",
];

const EXAMPLES: &str = "\
Examples:
  maju
      On this machine only, at http://127.0.0.1:8080

  maju --listen 0.0.0.0:8080 --ice-server stun:stun.example.org:3478
      For everybody who reaches this machine. Browsers give cameras only to pages that come
      over HTTPS or from localhost, so put a reverse proxy with a certificate in front.

  maju --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem
      The same without a proxy.

  maju --lan
      On your own network, with a certificate of its own making; phones are told once to trust it.

  MAJU_ICE_SERVERS='turn:turn.example.org?transport=udp,username=U,credential=C' maju
      With a relay for those behind difficult routers. The environment keeps the credential
      out of the list of processes.

  maju doctor --turn turn:turn.example.org --turn-secret S
      Whether people will be relayed with these flags, and if not, what to change.

A person whose connection to the server breaks comes back unnoticed, and so do all after a restart,
as long as the key is the same; see --resume-key and --state.

A flag wins over its environment variable. SIGTERM or Ctrl+C stops the server in order.";

const ICE_SERVER_HELP: &str = "\
A STUN or TURN server for clients to use: stun:HOST[:PORT], or \
turn:HOST[:PORT][?transport=udp|tcp],username=USER,credential=SECRET (turns: for TLS). \
May be given several times; in the variable, separate servers by blanks. None by default";

/// Private video rooms from one small server: hands out the app and introduces people to one another.
/// Sound and picture go straight from browser to browser.
// Without `Debug`, for secrets are among the flags.
#[derive(Clone, Parser)]
#[command(name = "maju", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// What to do instead of serving
    #[arg(value_name = "COMMAND")]
    pub task: Option<Task>,

    /// For completions: which shell it is
    #[arg(value_name = "SHELL", required_if_eq("task", "completions"))]
    pub shell: Option<Shell>,

    /// For doctor: say it as JSON
    #[arg(long)]
    pub json: bool,

    /// Where to listen; port 0 picks a free one
    #[arg(
        long,
        env = "MAJU_LISTEN",
        value_name = "ADDR:PORT",
        value_parser = listener,
        default_value = "127.0.0.1:8080",
        default_value_if("lan", ArgPredicate::Equals("true".into()), "0.0.0.0:8443")
    )]
    #[arg(help_heading = "Serving")]
    pub listen: String,

    /// Serve the app from this folder instead of the one built in, for development
    #[arg(long, env = "MAJU_APP", value_name = "FOLDER", help_heading = "Serving")]
    pub app: Option<PathBuf>,

    #[expect(
        missing_docs,
        reason = "clap would show it in place of the command's own words"
    )]
    #[command(flatten)]
    pub network: Network,

    /// STUN and TURN servers for clients to use, each as [`parse_ice_servers`] reads it.
    #[arg(long = "ice-server", env = "MAJU_ICE_SERVERS", value_name = "SERVER")]
    #[arg(help = ICE_SERVER_HELP, hide_env_values = true, help_heading = "Calls")]
    pub ice_servers: Vec<String>,

    /// A TURN server that shares a secret with this one, so that each person gets a user name and a password of their own
    /// that soon end: `turn:HOST[:PORT][?transport=udp|tcp]`, or turns: for TLS. May be given several times
    #[arg(long = "turn", env = "MAJU_TURN", value_name = "URL", value_delimiter = ' ')]
    #[arg(help_heading = "Calls", requires = "turn_secret")]
    pub turn: Vec<String>,

    /// That secret; coturn's static-auth-secret
    #[arg(long, env = "MAJU_TURN_SECRET", value_name = "SECRET", hide_env_values = true)]
    #[arg(help_heading = "Calls", requires = "turn")]
    pub turn_secret: Option<String>,

    /// How long such a password holds; pages get newer ones in time
    #[arg(long, env = "MAJU_TURN_TTL", value_name = "TIME", default_value = "4h")]
    #[arg(value_parser = duration, help_heading = "Calls")]
    pub turn_ttl: Duration,

    /// Let people reach each other by TURN only, so that nobody learns the address of anybody else
    #[arg(long, env = "MAJU_RELAY_ONLY", help_heading = "Calls")]
    pub relay_only: bool,

    /// Whom to let in: everybody who knows a room's name, or who has a token of your own system
    #[arg(long, env = "MAJU_AUTH", value_name = "KIND", default_value = "open")]
    #[arg(help_heading = "Who may enter")]
    pub auth: AuthKind,

    /// The secret of at least 32 bytes with which your system signs tokens (HS256, HS384, HS512)
    #[arg(long, env = "MAJU_AUTH_SECRET", value_name = "SECRET", hide_env_values = true)]
    #[arg(help_heading = "Who may enter", conflicts_with = "auth_keys")]
    pub auth_secret: Option<String>,

    /// A file with the public keys with which your system signs tokens: a JSON Web Key Set
    #[arg(
        long,
        env = "MAJU_AUTH_KEYS",
        value_name = "FILE",
        help_heading = "Who may enter"
    )]
    pub auth_keys: Option<PathBuf>,

    /// The audience ("aud") that tokens must have; any if not given
    #[arg(
        long,
        env = "MAJU_AUTH_AUDIENCE",
        value_name = "TEXT",
        help_heading = "Who may enter"
    )]
    pub auth_audience: Option<String>,

    /// How many people one room holds, 2 to 100
    #[arg(long, env = "MAJU_MAX_PEOPLE", value_name = "N", default_value_t = 12)]
    #[arg(value_parser = clap::value_parser!(u16).range(2..=100), help_heading = "Calls")]
    pub max_people: u16,

    /// What tokens are signed with that let people take their seats again, also after a restart or on
    /// another server: at least 32 bytes in hexadecimal or base64. By default it is in the state folder
    #[arg(long, env = "MAJU_RESUME_KEY", value_name = "KEY", hide_env_values = true)]
    #[arg(help_heading = "Coming back")]
    pub resume_key: Option<String>,

    /// How long such a token holds
    #[arg(long, env = "MAJU_RESUME_FOR", value_name = "TIME", default_value = "12h")]
    #[arg(value_parser = duration, help_heading = "Coming back")]
    pub resume_for: Duration,

    /// Where the server keeps that key, if none is given [default: systemd's $STATE_DIRECTORY, or
    /// $XDG_STATE_HOME/maju, or ~/.local/state/maju]
    #[arg(long, env = "MAJU_STATE", value_name = "FOLDER", help_heading = "Coming back")]
    pub state: Option<PathBuf>,

    /// How many rooms there may be at a time
    #[arg(long, env = "MAJU_MAX_ROOMS", value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Limits")]
    pub max_rooms: u32,

    /// How many people may come from one address in a minute; those who come back are not counted
    #[arg(
        long,
        env = "MAJU_JOINS_PER_MINUTE",
        value_name = "N",
        default_value = "120",
        help_heading = "Limits"
    )]
    pub joins_per_minute: NonZeroU32,

    /// How many messages one socket may send each second, in the long run
    #[arg(
        long,
        env = "MAJU_MESSAGE_RATE",
        value_name = "N",
        default_value = "60",
        help_heading = "Limits"
    )]
    pub message_rate: NonZeroU32,

    /// How many it may send at once; candidates for a whole room come in bursts
    #[arg(
        long,
        env = "MAJU_MESSAGE_BURST",
        value_name = "N",
        default_value = "1000",
        help_heading = "Limits"
    )]
    pub message_burst: NonZeroU32,

    /// How many signaling sockets may be open at a time
    #[arg(long, env = "MAJU_MAX_SOCKETS", value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Limits")]
    pub max_sockets: u32,

    /// How long a socket may take to say hello
    #[arg(long, env = "MAJU_GREETING", value_name = "TIME", default_value = "10s")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub greeting: Duration,

    /// How long a socket may be in no room, as while somebody stands in the lobby; then the page opens another
    #[arg(long, env = "MAJU_IDLE", value_name = "TIME", default_value = "1h")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub idle: Duration,

    /// How many messages may wait for one socket before it is cut off, at least 32
    #[arg(long, env = "MAJU_QUEUE", value_name = "N", default_value_t = 512)]
    #[arg(value_parser = clap::value_parser!(u32).range(32..=100_000), help_heading = "Limits")]
    pub queue: u32,

    /// How many bytes of messages may wait for one socket before it is cut off
    #[arg(long, env = "MAJU_QUEUE_BYTES", value_name = "N", default_value_t = 4 * 1024 * 1024)]
    #[arg(value_parser = clap::value_parser!(u32).range(262_144..=1_073_741_824), help_heading = "Limits")]
    pub queue_bytes: u32,

    /// How often a socket is asked whether it is alive, and told that the server is (like 15s or 500ms)
    #[arg(long, env = "MAJU_HEARTBEAT", value_name = "TIME", default_value = "4s")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub heartbeat: Duration,

    /// How long nothing may be heard of somebody before they count as gone; longer than the heartbeat
    #[arg(long, env = "MAJU_SILENCE", value_name = "TIME", default_value = "12s")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub silence: Duration,

    /// How long sockets and requests may take to end when the server stops
    #[arg(
        long,
        env = "MAJU_SHUTDOWN_DEADLINE",
        value_name = "TIME",
        default_value = "5s"
    )]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub shutdown_deadline: Duration,

    /// Where to serve /metrics, and nothing else, in the text format of OpenMetrics. Not served if not given: leave it
    /// on an address that only you can reach
    #[arg(
        long,
        env = "MAJU_METRICS_LISTEN",
        value_name = "ADDR:PORT",
        help_heading = "Watching"
    )]
    pub metrics_listen: Option<SocketAddr>,

    /// What to log on standard error: error, warn, info, debug or trace, or such levels by part
    /// (maju=debug,info). No names, descriptions or addresses of people at info and above
    #[arg(
        long,
        env = "MAJU_LOG",
        value_name = "LEVEL",
        default_value = "info",
        help_heading = "Watching"
    )]
    pub log: String,

    /// How lines of the log look
    #[arg(
        long,
        env = "MAJU_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Watching"
    )]
    pub log_format: LogFormat,
}

impl Args {
    /// Refuses what only another command takes.
    pub fn check_task(&self) -> Result<(), String> {
        if self.json && self.task != Some(Task::Doctor) {
            return Err("--json is for maju doctor".into());
        }
        match self.shell {
            Some(shell) if self.task != Some(Task::Completions) => {
                Err(format!("'{shell}' is for maju completions"))
            }
            _ => Ok(()),
        }
    }

    /// The configuration that they make, or what is wrong with them, for people.
    pub fn config(&self) -> Result<Config, String> {
        let mut config = Config::default();
        if self.silence <= self.heartbeat {
            return Err("--silence must be longer than --heartbeat".into());
        }
        if let Some(folder) = &self.app {
            if !folder.is_dir() {
                return Err(format!("--app: there is no folder '{}'", folder.display()));
            }
            config.app = App::Folder(folder.clone());
        }
        self.network.configure(&mut config)?;
        config.ice = self.ice()?;
        config.auth = self.auth()?;
        config.max_rooms = self.max_rooms as usize;
        config.joins_per_minute = self.joins_per_minute;
        config.message_rate = self.message_rate;
        config.message_burst = self.message_burst;
        config.greeting = self.greeting;
        config.idle = self.idle;
        config.max_people = self.max_people.into();
        config.max_sockets = self.max_sockets as usize;
        config.max_connections = config.max_sockets.saturating_add(CONNECTIONS_BESIDES);
        config.queue = self.queue as usize;
        config.queue_bytes = self.queue_bytes as usize;
        config.heartbeat = self.heartbeat;
        config.silence = self.silence;
        config.metrics_listen = self.metrics_listen;
        config.shutdown_deadline = self.shutdown_deadline;
        config.resume_for = self.resume_for;
        config.resume_key = self
            .resume_key
            .as_deref()
            .map(ResumeKey::parse)
            .transpose()
            .map_err(|reason| format!("--resume-key: the key {reason}"))?;
        Ok(config)
    }

    fn ice(&self) -> Result<Ice, String> {
        let servers = parse_ice_servers(&self.ice_servers.join(" ")).map_err(|error| error.to_string())?;
        for (index, url) in self.turn.iter().enumerate() {
            match check_ice_url(url) {
                Ok(true) => {}
                Ok(false) => return Err(format!("--turn number {} is a STUN server", index + 1)),
                Err(reason) => return Err(format!("--turn number {} {reason}", index + 1)),
            }
        }
        let shared = self.turn_secret.as_ref().map(|secret| SharedTurn {
            urls: self.turn.clone(),
            secret: secret.clone(),
            ttl: self.turn_ttl,
        });
        let ice = Ice {
            servers,
            shared,
            relay_only: self.relay_only,
        };
        if ice.relay_only && !ice.has_turn() {
            return Err("--relay-only needs a TURN server: --turn or --ice-server".into());
        }
        Ok(ice)
    }

    fn auth(&self) -> Result<Auth, String> {
        let audience = self.auth_audience.clone();
        match (self.auth, &self.auth_secret, &self.auth_keys) {
            (AuthKind::Open, None, None) => Ok(Auth::Open),
            (AuthKind::Open, ..) => Err("--auth-secret and --auth-keys need --auth jwt".into()),
            (AuthKind::Jwt, Some(secret), _) => Keys::secret(secret, audience)
                .map_err(|reason| format!("--auth-secret: the secret {reason}"))
                .map(|keys| Auth::Jwt(Arc::new(keys))),
            (AuthKind::Jwt, None, Some(path)) => Keys::file(path, audience)
                .map_err(|reason| format!("--auth-keys: '{}' {reason}", path.display()))
                .map(|keys| Auth::Jwt(Arc::new(keys))),
            (AuthKind::Jwt, None, None) => Err("--auth jwt needs --auth-secret or --auth-keys".into()),
        }
    }
}

/// What the command does instead of serving. Flags may stand before it and after it, and are those of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// Try the STUN and TURN servers and say what to change
    Doctor,
    /// Say what would be in force with these flags and variables, or what is wrong with them
    CheckConfig,
    /// Print what lets a shell complete this command
    Completions,
    /// Print the manual page
    Man,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Whom to let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuthKind {
    /// Everybody who knows a room's name.
    Open,
    /// Who has a JSON Web Token.
    Jwt,
}

/// Refuses environment variables that look like the server's and are not: a typing error would otherwise be a
/// setting that silently does nothing. `names` are those of all variables that are set.
pub fn check_environment(names: impl IntoIterator<Item = String>) -> Result<(), String> {
    let command = Args::command();
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|arg| arg.get_env()?.to_str())
        .collect();
    for name in names {
        let ours = name.starts_with("MAJU_") && !FOREIGN_VARIABLES.contains(&name.as_str());
        if !ours || known.contains(&name.as_str()) {
            continue;
        }
        let nearest = known.iter().max_by(|one, other| {
            strsim::jaro_winkler(&name, one).total_cmp(&strsim::jaro_winkler(&name, other))
        });
        let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
        return Err(format!("the environment variable {name} is not known{hint}"));
    }
    Ok(())
}

/// An address to listen on, or a name of this machine, and a port.
fn listener(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => Err("this is an address and a port, like 127.0.0.1:8080 or [::]:8080".into()),
    }
}

/// `500ms`, `15s`, `2m` or `12h`; more than nothing and at most a day.
fn duration(text: &str) -> Result<Duration, String> {
    const FORM: &str = "a time is a whole number and ms, s, m or h, like 500ms or 15s";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(FORM.into()),
    };
    let count: u64 = digits.parse().map_err(|_| FORM)?;
    match count.saturating_mul(unit) {
        milliseconds @ 1..=86_400_000 => Ok(Duration::from_millis(milliseconds)),
        _ => Err("a time is more than nothing and at most a day".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(flags: &[&str]) -> Result<Config, String> {
        let args = Args::try_parse_from([&["maju"], flags].concat()).map_err(|error| error.to_string())?;
        args.config()
    }

    #[test]
    fn the_command_is_well_formed_and_its_defaults_are_those_of_the_library() {
        Args::command().debug_assert();
        assert_eq!(
            format!("{:?}", config(&[]).unwrap()),
            format!("{:?}", Config::default())
        );
    }

    #[test]
    fn flags_make_the_configuration() {
        let config = config(&[
            "--ice-server=stun:a.example",
            "--ice-server=turn:b.example,username=u,credential=c",
            "--max-people=4",
            "--heartbeat=500ms",
            "--silence=2s",
            "--shutdown-deadline=1m",
            "--resume-for=24h",
            "--resume-key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        ])
        .unwrap();
        assert_eq!(config.ice.servers.len(), 2);
        assert_eq!(config.max_people, 4);
        assert_eq!(config.heartbeat, Duration::from_millis(500));
        assert_eq!(config.silence, Duration::from_secs(2));
        assert_eq!(config.shutdown_deadline, Duration::from_secs(60));
        assert_eq!(config.resume_for, Duration::from_secs(24 * 3600));
        assert!(config.resume_key.is_some());
    }

    #[test]
    fn nonsense_is_refused() {
        for flag in [
            "--nonsense",
            "--max-people=1",
            "--max-people=101",
            "--heartbeat=0",
            "--heartbeat=15x",
            "--heartbeat=1m",
            "--resume-for=25h",
            "--resume-key=secret",
            "--silence=999999999999999999999s",
            "--app=/there/is/no/such/folder",
            "--ice-server=example.org",
        ] {
            assert!(config(&[flag]).is_err(), "{flag}");
        }
    }

    #[test]
    fn unknown_variables_are_refused_with_the_nearest_known_one() {
        let check = |name: &str| check_environment([name.to_owned()]);
        assert_eq!(check("MAJU_LISTEN"), Ok(()));
        assert_eq!(check("MAJU_CHROMIUM"), Ok(()));
        assert_eq!(check("PATH"), Ok(()));
        assert_eq!(
            check("MAJU_LISTN"),
            Err("the environment variable MAJU_LISTN is not known; did you mean MAJU_LISTEN?".into())
        );
        assert!(
            check("MAJU_ICE_SERVER")
                .unwrap_err()
                .ends_with("did you mean MAJU_ICE_SERVERS?")
        );
    }
}
