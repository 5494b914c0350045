//! Maju's server: hands out the app and introduces people to one another.
//!
//! It is a post office. It knows rooms and envelopes, never the letters: what people send one another is handed
//! on as it came, and who a message is from is what the server knows, not what the sender says.
//!
//! ```text
//!  web ─────▶ the app, and what else comes over HTTP
//!   │
//!   └──▶ signal ──▶ door      may they come in?
//!        a task       │
//!        a socket     ▼
//!           └──────▶ rooms    who is there, and who is to be told what: pure
//! ```

pub mod args;
mod clock;
mod config;
pub mod doctor;
mod door;
mod id;
pub mod rooms;
mod signal;
mod source;
pub mod state;
pub mod tasks;
mod tls;
mod watch;
mod web;

use std::{io, pin::pin, time::Duration};

use tokio::{
    net::TcpListener,
    select,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::web::{
    http::{Server, site},
    serve::serve,
};

pub use config::{App, Config};
pub use door::auth::{Auth, Keys};
pub use door::names::{person_name, room_name};
pub use door::token::ResumeKey;
pub use signal::ice::{Ice, IceError, SharedTurn, check_ice_url, parse_ice_servers};
pub use tls::Tls;
pub use tls::lan::Lan;
pub use web::assets;
pub use web::headers::Embedders;
pub use web::origin::Origins;
pub use web::proxy::Proxies;

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
        Some(address) => Some(watch::monitoring::listen(address, server.clone()).await?),
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
