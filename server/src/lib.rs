//! Maju's server: hands out the app and introduces people to one another.
//!
//! It is a post office. It knows rooms and envelopes, never the letters: what people send one another is handed
//! on as it came, and who a message is from is what the server knows, not what the sender says.
//!
//! ```text
//!  http ──▶ assets, folder      the app
//!   │
//!   └─────▶ session ──▶ hub ──▶ rooms
//!           one task a socket   who gets what
//!           token               whose seat it is, across restarts
//! ```

pub mod args;
pub mod assets;
mod auth;
mod config;
mod counts;
pub mod doctor;
mod door;
mod end;
mod folder;
mod headers;
mod http;
mod hub;
mod ice;
mod id;
mod incoming;
mod keeping;
mod lan;
mod lan_page;
mod lines;
mod machine;
mod meters;
mod monitoring;
mod names;
mod origin;
mod outbox;
mod pace;
mod page;
mod passwords;
mod patience;
mod proxy;
mod requests;
pub mod rooms;
mod serve;
mod session;
pub mod state;
pub mod tasks;
mod tls;
mod token;

use std::{io, pin::pin, time::Duration};

use tokio::{
    net::TcpListener,
    select,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    http::{Server, site},
    serve::serve,
};

pub use auth::{Auth, Keys};
pub use config::{App, Config};
pub use headers::Embedders;
pub use ice::{Ice, IceError, SharedTurn, check_ice_url, parse_ice_servers};
pub use lan::Lan;
pub use names::{person_name, room_name};
pub use origin::Origins;
pub use proxy::Proxies;
pub use tls::Tls;
pub use token::ResumeKey;

/// How much longer than the sockets themselves the server waits for them, so that their own deadline comes first.
const GRACE: Duration = Duration::from_millis(250);

/// Serves on `listener` until `shutdown` is ready. Then every socket is told, and the server waits until all are
/// closed and all requests answered, or until [`Config::shutdown_deadline`] has passed.
///
/// While sockets are being closed, `/readyz` answers 503 and new sockets are refused.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (deadline, metrics) = (config.shutdown_deadline, config.metrics_listen);
    let server = Server::new(config).map_err(io::Error::other)?;
    let _metrics = match metrics {
        Some(address) => Some(monitoring::listen(address, server.clone()).await?),
        None => None,
    };
    let _doctor = server.look_after();
    let _certificate = server.look_after_certificate();
    let stop = CancellationToken::new();
    let mut serving = pin!(serve(listener, site(&server), stop.clone()));
    select! {
        () = &mut serving => return Ok(()),
        () = shutdown => {}
    }

    info!(sockets = server.sockets(), "stopping");
    let until = Instant::now() + deadline + GRACE;
    select! {
        () = &mut serving => return Ok(()),
        closed = timeout_at(until, server.close_sockets()) => {
            if closed.is_err() {
                warn!(sockets = server.sockets(), "some sockets did not close in time");
            }
        }
    }
    stop.cancel();
    if timeout_at(until.max(Instant::now() + GRACE), serving)
        .await
        .is_err()
    {
        warn!("some requests did not end in time");
    }
    Ok(())
}
