//! What is answered over HTTP, and the way from there to a signaling socket.

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::{ConnectInfo, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use maju_protocol::MAX_MESSAGE_BYTES;
use tokio::sync::Semaphore;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tower_http::services::ServeDir;
use tracing::{Instrument, Span, warn};

use crate::{
    assets,
    config::{App, Config},
    doctor::Checkup,
    door::{Door, Source},
    folder,
    hub::Hub,
    lines::{Line, Lines},
    meters::{Census, Meters},
    requests::{Ids, identify},
    session::{self, MAX_SOCKET_MESSAGE, Surroundings},
    token::{ResumeKey, Tokens},
};

/// All of a server's state; clones share it.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    config: Arc<Config>,
    hub: Arc<Hub>,
    door: Arc<Door>,
    meters: Arc<Meters>,
    lines: Arc<Lines>,
    /// Cancelled when sockets are to close.
    stopping: CancellationToken,
    stopped: AtomicBool,
    /// Every socket from its upgrade on, and after its end the seat that is kept for the next one. Graceful
    /// shutdown of the HTTP server knows nothing of them.
    sockets: TaskTracker,
    places: Arc<Semaphore>,
    checkup: Checkup,
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
    router
        .layer(map_response(harden))
        .layer(from_fn_with_state(Arc::<Ids>::default(), identify))
        .with_state(server)
}

impl Server {
    /// A server with no sockets yet. Without a key the system's randomness makes one, or fails to.
    pub fn new(config: Config) -> Result<Self, getrandom::Error> {
        let key = config.resume_key.clone().map_or_else(ResumeKey::random, Ok)?;
        let tokens = Arc::new(Tokens::new(key, config.resume_for));
        let meters = Arc::new(Meters::new());
        let lines = Arc::new(Lines::new(meters.clone()));
        let hub = Hub::new(&config, tokens.clone(), meters.clone(), lines.clone());
        let door = Door::new(&config, tokens, meters.clone());
        let places = Semaphore::new(config.max_sockets.min(Semaphore::MAX_PERMITS));
        Ok(Self(Arc::new(Shared {
            config: Arc::new(config),
            hub: Arc::new(hub),
            door: Arc::new(door),
            meters,
            lines,
            stopping: CancellationToken::new(),
            stopped: AtomicBool::new(false),
            sockets: TaskTracker::new(),
            places: Arc::new(places),
            checkup: Checkup::default(),
        })))
    }

    /// Has the doctor look at STUN and TURN now and from time to time, until what is returned is dropped.
    pub(crate) fn look_after(&self) -> AbortOnDropHandle<()> {
        let shared = self.0.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            shared.checkup.run(&shared.config.ice).await;
        }))
    }

    /// How many signaling sockets are open.
    pub fn sockets(&self) -> usize {
        self.0.config.max_sockets.min(Semaphore::MAX_PERMITS) - self.0.places.available_permits()
    }

    /// What was counted, in OpenMetrics' text format.
    pub(crate) fn metrics(&self) -> Result<String, fmt::Error> {
        let sockets = self.sockets();
        self.0.meters.text(Census {
            sockets,
            ..self.0.hub.census()
        })
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
    // What the doctor found is no reason to take the server out: it introduces people as well as before.
    let text = format!("ready\n{}", server.0.checkup.text());
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// Where the page that opens a socket comes from does not matter: the app may be on another host.
async fn signal(
    State(server): State<Server>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
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
    let source = Source::of(address.ip());
    let Ok(place) = shared.places.clone().try_acquire_owned() else {
        shared.meters.refused("sockets");
        if let Some(Line { left_out }) = shared.lines.refusal(source, "sockets") {
            let limit = shared.config.max_sockets;
            warn!(limit, left_out, "a socket was refused: too many are open");
        }
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many sockets are open\n");
    };
    let span = Span::current();
    // Counted from here, not from the end of the upgrade: shutdown must not miss a socket in between.
    let counted = shared.sockets.token();
    let around = Surroundings {
        hub: shared.hub.clone(),
        door: shared.door.clone(),
        config: shared.config.clone(),
        meters: shared.meters.clone(),
        lines: shared.lines.clone(),
        stopping: shared.stopping.clone(),
    };
    upgrade
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(16 * MAX_MESSAGE_BYTES)
        // Somewhat more than the session allows, so that what is a little too long can be refused in words.
        .max_message_size(2 * MAX_SOCKET_MESSAGE)
        .max_frame_size(2 * MAX_SOCKET_MESSAGE)
        .on_upgrade(move |socket| {
            let served = async move {
                let _counted = counted;
                session::serve(socket, around, source, place).await;
            };
            // The socket has the id of the request that it was.
            served.instrument(span)
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
