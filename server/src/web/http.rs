//! What is answered over HTTP, and the way from there to a signaling socket.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::{Extension, Request, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use maju_protocol::MAX_MESSAGE_BYTES;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tower_http::services::ServeDir;
use tracing::{Instrument, Span, info, warn};

use crate::{
    config::{App, Config},
    doctor::Checkup,
    door::{
        Door,
        token::{ResumeKey, Tokens},
    },
    signal::{
        Surroundings,
        hub::Hub,
        session::{self, MAX_SOCKET_MESSAGE},
    },
    source::Source,
    tls::lan_page,
    watch::{
        lines::{Line, Lines},
        meters::{Census, Meters},
    },
    web::{
        assets::{self, is_page},
        counts::{Counted, Counts},
        folder,
        headers::Headers,
        origin,
        page::Page,
        proxy::{Client, Link},
        requests::{Ids, identify},
        serve::Site,
    },
};

/// All of a server's state; clones share it.
#[derive(Clone)]
pub(crate) struct Server(Arc<Shared>);

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
    sources: Counts<Source>,
    headers: Headers,
    /// Whether it was said that a proxy in front is not trusted.
    doubted: AtomicBool,
    checkup: Checkup,
}

/// The place of one socket among those that may be open, until it is dropped.
pub(crate) struct Place {
    _among_all: OwnedSemaphorePermit,
    _of_source: Counted<Source>,
}

/// How many connections that are no sockets (yet) one address may have, for each socket that it may have. A browser that
/// loads the page has some.
const CONNECTIONS_PER_SOCKET: usize = 10;

/// What connections are served with.
pub(crate) fn site(server: &Server) -> Site {
    let config = &server.0.config;
    let plain = config.tls.as_ref().map(lan_page::site).unwrap_or_default();
    let per_address = config.sockets_per_address.saturating_mul(CONNECTIONS_PER_SOCKET);
    Site {
        app: dressed(app(server.clone()), server),
        plain: dressed(plain, server),
        tls: config.tls.clone(),
        proxies: config.proxies.clone(),
        handshake: config.handshake,
        keep_alive: config.keep_alive,
        connections: Counts::new(per_address),
        all_connections: Counts::new(config.max_connections),
        max_connections: config.max_connections,
        meters: server.0.meters.clone(),
        lines: server.0.lines.clone(),
    }
}

/// What every request goes through.
fn dressed(router: Router, server: &Server) -> Router {
    router
        .layer(from_fn_with_state(server.clone(), meet))
        .layer(from_fn_with_state(Arc::<Ids>::default(), identify))
}

/// The routes of the server.
fn app(server: Server) -> Router {
    let router = Router::new()
        .route("/healthz", get(|| async { plain(StatusCode::OK, "alive\n") }))
        .route("/readyz", get(ready))
        .route("/signal", get(signal));
    // Addresses that lost their end, or got a slash too much.
    let moved = [("/r", "/"), ("/r/", "/"), ("/test/", "/test")];
    let router = moved.into_iter().fold(router, |router, (from, to)| {
        let moved = async move |uri: Uri| match uri.query() {
            Some(query) => Redirect::temporary(&format!("{to}?{query}")),
            None => Redirect::temporary(to),
        };
        router.route(from, get(moved))
    });
    let router = match &server.0.config.app {
        App::Embedded(files) => {
            let files = *files;
            let page = Arc::new(Page::of(assets::page(files)));
            router.fallback(get(async move |request: Request| {
                with_page(
                    request.uri().path(),
                    page.clone(),
                    assets::respond(files, &request),
                )
            }))
        }
        App::Folder(folder) => {
            let (folder, files) = (folder.clone(), ServeDir::new(folder));
            router.fallback(get(async move |request: Request| {
                let page = Page::of(&folder::page(&folder).await);
                let path = request.uri().path().to_owned();
                with_page(&path, page.into(), folder::respond(files.clone(), request).await)
            }))
        }
    };
    router.with_state(server)
}

/// The answer to a request for that path, with what the page brings, where it is the page.
fn with_page(path: &str, page: Arc<Page>, mut response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // Where nothing is, the page says so.
    let lost = html && response.status() == StatusCode::NOT_FOUND;
    if is_page(path) || path == "/index.html" || lost {
        response.extensions_mut().insert(page);
    }
    response
}

/// Tells the routes whom a request is from, and the browser what it is not to do with the answer.
async fn meet(
    State(server): State<Server>,
    Extension(link): Extension<Link>,
    mut request: Request,
    next: Next,
) -> Response {
    let shared = &server.0;
    let client = shared.config.proxies.client(link, request.headers());
    if client.hidden && !shared.doubted.swap(true, Ordering::Relaxed) {
        warn!("{}", doubt(link.peer.ip()));
    }
    request.extensions_mut().insert(client.clone());
    let mut response = next.run(request).await;
    shared.headers.dress(&client, &mut response);
    response
}

/// What is said of an untrusted proxy. Its address is named only where it is this machine's: anybody on a private network
/// may pass for a proxy, and then it is a person's.
fn doubt(proxy: IpAddr) -> String {
    let proxy = proxy.to_canonical();
    let say = if proxy.is_loopback() {
        format!("--trusted-proxy {proxy}")
    } else {
        "--trusted-proxy and its address".to_owned()
    };
    format!(
        "a proxy seems to be in front, and is not trusted: all who come through it count as one. If it is yours, \
         say {say}"
    )
}

impl Server {
    /// A server with no sockets yet. Without a key the system's randomness makes one, or fails to.
    pub(crate) fn new(config: Config) -> Result<Self, getrandom::Error> {
        let key = config.resume_key.clone().map_or_else(ResumeKey::random, Ok)?;
        let tokens = Arc::new(Tokens::new(key, config.resume_for));
        let meters = Arc::new(Meters::new());
        let lines = Arc::new(Lines::new(meters.clone()));
        let hub = Hub::new(&config, tokens.clone(), meters.clone(), lines.clone());
        let door = Door::new(&config, tokens, meters.clone());
        let places = Semaphore::new(config.max_sockets.min(Semaphore::MAX_PERMITS));
        let sources = Counts::new(config.sockets_per_address);
        // A name that is only good on one network, for those who were told to trust it, is no name to insist on.
        let lasting = config.tls.as_ref().is_none_or(|tls| tls.local().is_none());
        let headers = Headers::new(config.embedders.clone(), lasting);
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
            sources,
            headers,
            doubted: AtomicBool::new(false),
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

    /// Keeps the certificate good, where there is one, until what is returned is dropped.
    pub(crate) fn look_after_certificate(&self) -> Option<AbortOnDropHandle<()>> {
        let tls = self.0.config.tls.clone()?;
        let looking = async move { tls.look_after().await };
        Some(AbortOnDropHandle::new(tokio::spawn(looking)))
    }

    /// How many signaling sockets are open.
    pub(crate) fn sockets(&self) -> usize {
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
    pub(crate) async fn close_sockets(&self) {
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

    /// A place for one more socket of this client, or why there is none.
    fn place(&self, client: &Client, headers: &HeaderMap) -> Result<Place, (StatusCode, &'static str)> {
        let shared = &self.0;
        let source = client.source;
        if !shared.config.origins.admit(headers, client) {
            if let Some(Line { left_out }) = self.refused(source, "origin") {
                let origin = origin::named(headers);
                info!(
                    ?origin,
                    left_out, "a socket was refused: the page is another site's; --origin allows it"
                );
            }
            let text = "This page is another site's, and may not open a socket here. Whoever runs this server can allow it: --origin.\n";
            return Err((StatusCode::FORBIDDEN, text));
        }
        let Some(of_source) = shared.sources.take(source) else {
            if let Some(Line { left_out }) = self.refused(source, "sockets-per-address") {
                let limit = shared.config.sockets_per_address;
                info!(
                    limit,
                    left_out, "a socket was refused: too many are open from its address"
                );
            }
            let text = "too many sockets are open from your network\n";
            return Err((StatusCode::TOO_MANY_REQUESTS, text));
        };
        let Ok(among_all) = shared.places.clone().try_acquire_owned() else {
            if let Some(Line { left_out }) = self.refused(source, "sockets") {
                let limit = shared.config.max_sockets;
                warn!(limit, left_out, "a socket was refused: too many are open");
            }
            return Err((StatusCode::SERVICE_UNAVAILABLE, "too many sockets are open\n"));
        };
        Ok(Place {
            _among_all: among_all,
            _of_source: of_source,
        })
    }

    /// Counts a refusal, and says whether to tell of it.
    fn refused(&self, source: Source, code: &'static str) -> Option<Line> {
        self.0.meters.refused(code);
        self.0.lines.refusal(source, code)
    }
}

async fn ready(State(server): State<Server>, Extension(client): Extension<Client>) -> Response {
    if server.stops() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    // What the doctor found is no reason to take the server out: it introduces people as well as before.
    // Strangers need not know what is wrong with a relay.
    let mut text = "ready\n".to_owned();
    if client.source.is_near() && !client.hidden {
        text += &server.0.checkup.text();
    }
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

async fn signal(
    State(server): State<Server>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    if server.stops() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    let place = match server.place(&client, &headers) {
        Ok(place) => place,
        Err((status, text)) => return plain(status, text),
    };
    let shared = server.0;
    let source = client.source;
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
        .max_message_size(MAX_SOCKET_MESSAGE + MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_SOCKET_MESSAGE + MAX_MESSAGE_BYTES)
        .on_upgrade(move |socket| {
            let served = async move {
                let _counted = counted;
                session::serve(socket, around, source, place).await;
            };
            // The socket has the id of the request that it was.
            served.instrument(span)
        })
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_but_this_machines_is_named_to_be_trusted() {
        for (proxy, said) in [
            ("127.0.0.1", "say --trusted-proxy 127.0.0.1"),
            ("::ffff:127.0.0.1", "say --trusted-proxy 127.0.0.1"),
            ("::1", "say --trusted-proxy ::1"),
            ("192.168.1.23", "say --trusted-proxy and its address"),
            ("fd00::23", "say --trusted-proxy and its address"),
        ] {
            let line = doubt(proxy.parse().unwrap());
            assert!(line.ends_with(said), "{line}");
            assert!(!line.contains("23"), "{line}");
        }
    }
}
