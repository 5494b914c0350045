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
mod config;
mod end;
mod folder;
mod http;
mod hub;
mod ice;
mod id;
mod incoming;
mod keeping;
mod names;
pub mod rooms;
mod session;
pub mod state;
mod token;

use std::{io, pin::pin, time::Duration};

use axum::serve::ListenerExt;
use tokio::{
    net::TcpListener,
    select,
    sync::oneshot,
    time::{Instant, timeout_at},
};
use tracing::{debug, info, warn};

pub use config::{App, Config};
pub use http::{Server, app};
pub use ice::{IceError, parse_ice_servers};
pub use names::{person_name, room_name};
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
    let deadline = config.shutdown_deadline;
    let server = Server::new(config);
    let listener = listener.tap_io(|stream| {
        // Signaling is small messages that somebody waits for.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app(server.clone())).with_graceful_shutdown(async {
        // Dropping the sender is the message.
        let _ = stopped.await;
    });
    let mut serving = pin!(serving.into_future());
    select! {
        result = &mut serving => return result,
        () = shutdown => {}
    }

    info!(sockets = server.sockets(), "stopping");
    let until = Instant::now() + deadline + GRACE;
    select! {
        result = &mut serving => return result,
        closed = timeout_at(until, server.close_sockets()) => {
            if closed.is_err() {
                warn!(sockets = server.sockets(), "some sockets did not close in time");
            }
        }
    }
    drop(stop);
    match timeout_at(until.max(Instant::now() + GRACE), serving).await {
        Ok(result) => result,
        Err(_) => {
            warn!("some requests did not end in time");
            Ok(())
        }
    }
}
