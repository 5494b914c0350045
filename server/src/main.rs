//! The command `maju`.

use std::{env, io, io::IsTerminal, io::Write, path::Path, process::ExitCode, sync::Arc};

use clap::{CommandFactory, FromArgMatches, error::ErrorKind};
use maju::{
    App, Config, Lan, Tls,
    args::{Args, LogFormat, Task, check_environment},
    state::{StateError, default_folder, resume_key},
    tasks,
};
use tokio::{net::TcpListener, runtime};
use tracing::{level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let given = Args::command().get_matches();
    let args = Args::from_arg_matches(&given).unwrap_or_else(|error| error.exit());
    match (args.task, args.shell) {
        (Some(Task::Completions), Some(shell)) => return printed(tasks::completions(shell)),
        (Some(Task::Man), _) => return printed(tasks::man()),
        _ => {}
    }
    let variables = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let config = args
        .check_task()
        .and_then(|()| check_environment(variables))
        .and_then(|()| args.config());
    let filter = log_filter(&args.log);
    let (config, filter) = match config.and_then(|config| Ok((config, filter?))) {
        Ok(both) => both,
        Err(problem) => refuse(problem),
    };
    if args.task == Some(Task::CheckConfig) {
        match tasks::check_config(&args, &config, &given) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(problem) => refuse(problem),
        }
    }
    start_log(filter, args.log_format);
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime could not be started: {error}"));
    let runtime = match (runtime, args.task) {
        (Ok(runtime), Some(Task::Doctor)) => {
            return match runtime.block_on(tasks::doctor(&args, &config)) {
                Ok(false) => ExitCode::FAILURE,
                well => printed(well.map(drop)),
            };
        }
        (runtime, _) => runtime,
    };
    let config = with_key(config, args.state.as_deref()).and_then(|config| with_authority(config, &args));
    let served = runtime.and_then(|runtime| runtime.block_on(serve(&args, config?)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Without standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "maju: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Says what is wrong with flags and variables, and ends.
fn refuse(problem: String) -> ! {
    Args::command().error(ErrorKind::ValueValidation, problem).exit()
}

/// How a command ends that only prints something.
fn printed(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads it has read enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "maju: nothing can be printed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The configuration with the key of the state folder, unless it has one already.
fn with_key(mut config: Config, folder: Option<&Path>) -> Result<Config, String> {
    if config.resume_key.is_none() {
        let folder = folder.map(Path::to_owned);
        let folder = folder.or_else(|| default_folder(|name| env::var_os(name)));
        config.resume_key = match resume_key(folder.as_deref()) {
            Ok(key) => Some(key),
            Err(StateError::Unusable(problem)) => {
                warn!("no key can be kept, so a restart will give everybody a new seat: {problem}");
                None
            }
            Err(StateError::Refused(problem)) => return Err(problem),
        };
    }
    Ok(config)
}

/// The configuration with the local authority of the state folder, if one is asked for.
fn with_authority(mut config: Config, args: &Args) -> Result<Config, String> {
    if args.network.lan {
        let folder = args.state.clone();
        let folder = folder.or_else(|| default_folder(|name| env::var_os(name)));
        let tls = Lan::open(folder.as_deref()).and_then(Tls::lan)?;
        config.tls = Some(Arc::new(tls));
    }
    Ok(config)
}

async fn serve(args: &Args, config: Config) -> Result<(), String> {
    let listen = &args.listen;
    let cannot_listen = |error: io::Error| format!("cannot listen on {listen}: {error}");
    let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let stopped = stop_signal().map_err(|error| format!("signals cannot be waited for: {error}"))?;
    if matches!(config.app, App::Embedded([])) {
        warn!("the app was not built before this server; `cargo xtask run` builds both");
    }
    if args.network.is_bare(address.ip()) {
        warn!(
            "browsers on other machines get no camera over plain HTTP: put a proxy with a certificate in front and name it by \
             --trusted-proxy, or use --tls-cert, or --lan on a network of your own"
        );
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "maju listening on {scheme}://{address}");
    if let Some(lan) = config.tls.as_ref().and_then(|tls| tls.local()) {
        let words = lan.invitation(address, io::stdout().is_terminal());
        let _ = writeln!(io::stdout(), "\n{words}");
    }
    maju::run(listener, config, stopped)
        .await
        .map_err(|error| error.to_string())
}

/// Ready at the first SIGTERM or Ctrl+C. Both are caught from the call on, not only from the first poll.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready at the first Ctrl+C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

/// Logs from here on, on standard error.
fn start_log(filter: EnvFilter, format: LogFormat) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}

/// What to log. A lone word that is no level would be taken for the name of a part, and silence all the others.
fn log_filter(text: &str) -> Result<EnvFilter, String> {
    let lone = |part: &&str| !part.contains('=');
    if let Some(word) = text
        .split(',')
        .filter(lone)
        .find(|part| part.trim().parse::<LevelFilter>().is_err())
    {
        return Err(format!(
            "--log: '{word}' is no level; there are error, warn, info, debug and trace"
        ));
    }
    EnvFilter::try_new(text).map_err(|error| format!("--log: {error}"))
}
