//! What is answered over HTTP, and the way from there to a signaling socket.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use maju_protocol::MAX_MESSAGE_BYTES;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::services::ServeDir;
use tracing::warn;

use crate::{
    assets,
    config::{App, Config},
    folder,
    hub::Hub,
    session::{self, MAX_SOCKET_MESSAGE, Surroundings},
    token::Tokens,
};

/// All of a server's state; clones share it.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    config: Arc<Config>,
    hub: Arc<Hub>,
    tokens: Arc<Tokens>,
    /// Cancelled when sockets are to close.
    stopping: CancellationToken,
    stopped: AtomicBool,
    /// Every socket from its upgrade on, and after its end the seat that is kept for the next one. Graceful
    /// shutdown of the HTTP server knows nothing of them.
    sockets: TaskTracker,
    places: Arc<Semaphore>,
}

/// The routes of the server.
pub fn app(server: Server) -> Router {
    let router = Router::new()
        .route("/healthz", get(|| async { plain(StatusCode::OK, "alive\n") }))
        .route("/readyz", get(ready))
        .route("/signal", get(signal));
    let router = match &server.0.config.app {
        App::Embedded(files) => {
            let files = *files;
            router.fallback(get(async move |request| assets::respond(files, &request)))
        }
        App::Folder(folder) => {
            let files = ServeDir::new(folder);
            router.fallback(get(async move |request| {
                folder::respond(files.clone(), request).await
            }))
        }
    };
    router.layer(map_response(harden)).with_state(server)
}

impl Server {
    /// A server with no sockets yet.
    pub fn new(config: Config) -> Self {
        let hub = Hub::new(&config);
        let tokens = Tokens::new(config.resume_key.clone(), config.resume_for);
        let places = Semaphore::new(config.max_sockets.min(Semaphore::MAX_PERMITS));
        Self(Arc::new(Shared {
            config: Arc::new(config),
            hub: Arc::new(hub),
            tokens: Arc::new(tokens),
            stopping: CancellationToken::new(),
            stopped: AtomicBool::new(false),
            sockets: TaskTracker::new(),
            places: Arc::new(places),
        }))
    }

    /// How many signaling sockets are open.
    pub fn sockets(&self) -> usize {
        self.0.config.max_sockets.min(Semaphore::MAX_PERMITS) - self.0.places.available_permits()
    }

    /// Refuses new sockets, tells the open ones that the server stops, and waits until all are closed.
    pub async fn close_sockets(&self) {
        let shared = &self.0;
        shared.stopped.store(true, Ordering::SeqCst);
        shared.hub.close();
        shared.stopping.cancel();
        shared.sockets.close();
        shared.sockets.wait().await;
    }

    fn stops(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }
}

async fn ready(State(server): State<Server>) -> Response {
    if server.stops() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    plain(StatusCode::OK, "ready\n")
}

/// Where the page that opens a socket comes from does not matter: the app may be on another host.
async fn signal(
    State(server): State<Server>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    if server.stops() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    let shared = server.0;
    let Ok(place) = shared.places.clone().try_acquire_owned() else {
        warn!(
            limit = shared.config.max_sockets,
            "a socket was refused: too many are open"
        );
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many sockets are open\n");
    };
    // Counted from here, not from the end of the upgrade: shutdown must not miss a socket in between.
    let counted = shared.sockets.token();
    let around = Surroundings {
        hub: shared.hub.clone(),
        tokens: shared.tokens.clone(),
        config: shared.config.clone(),
        stopping: shared.stopping.clone(),
    };
    upgrade
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(16 * MAX_MESSAGE_BYTES)
        // Somewhat more than the session allows, so that what is a little too long can be refused in words.
        .max_message_size(2 * MAX_SOCKET_MESSAGE)
        .max_frame_size(2 * MAX_SOCKET_MESSAGE)
        .on_upgrade(move |socket| async move {
            let _counted = counted;
            session::serve(socket, around, place).await;
        })
}

/// Headers that every answer bears.
async fn harden(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 2] = [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        // The address of a room is as good as a key to it.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    response.headers_mut().extend(HEADERS);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
