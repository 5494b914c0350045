//! The command `maju`.

use std::{env, io, io::IsTerminal, io::Write, path::Path, process::ExitCode};

use clap::{CommandFactory, Parser, error::ErrorKind};
use maju::{
    App, Config,
    args::{Args, check_environment},
    state::{StateError, default_folder, resume_key},
};
use tokio::{net::TcpListener, runtime};
use tracing::{level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = Args::parse();
    let variables = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let config = check_environment(variables).and_then(|()| args.config());
    let filter = log_filter(&args.log);
    let (config, filter) = match config.and_then(|config| Ok((config, filter?))) {
        Ok(both) => both,
        Err(problem) => Args::command().error(ErrorKind::ValueValidation, problem).exit(),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let config = with_key(config, args.state.as_deref());
    let served = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime could not be started: {error}"))
        .and_then(|runtime| runtime.block_on(serve(&args.listen, config?)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Without standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "maju: {problem}");
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

async fn serve(listen: &str, config: Config) -> Result<(), String> {
    let cannot_listen = |error: io::Error| format!("cannot listen on {listen}: {error}");
    let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let stopped = stop_signal().map_err(|error| format!("signals cannot be waited for: {error}"))?;
    if matches!(config.app, App::Embedded([])) {
        warn!("the app was not built before this server; `cargo xtask run` builds both");
    }
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "maju listening on http://{address}");
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
