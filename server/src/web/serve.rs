//! Connections: taken in, spoken with in HTTP/1.1, over TLS where it is on, and not waited for without end.
//!
//! ```text
//!            ┌── no TLS ──────────────────┐
//!  accepted ─┤                            ├──▶ head ──▶ answer ──▶ idle ──▶ head …
//!            └── first byte ─▶ handshake ─┘      │         │         │
//!                (not TLS: says so)             10 s      75 s      75 s ──▶ closed
//! ```
//!
//! What becomes a signaling socket leaves this file: from then on its session looks after it.

use std::{error::Error as _, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{Request, StatusCode},
};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    source::Source,
    tls::Tls,
    watch::{
        lines::{Line, Lines},
        meters::Meters,
    },
    web::{
        counts::{Counted, Counts},
        patience::{Bounded, Patience},
        proxy::{Link, Proxies},
    },
};

/// How long to wait when no connection can be taken in, because there are no file descriptors left for instance.
const BREATH: Duration = Duration::from_millis(500);

/// The first byte of a TLS handshake: the content type of its record (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// The longest head of a request, in bytes, and what is read ahead.
const MAX_HEAD: usize = 32 * 1024;

/// What connections are served with.
pub(crate) struct Site {
    pub(crate) app: Router,
    /// What those get who speak plain HTTP where TLS is spoken.
    pub(crate) plain: Router,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) proxies: Proxies,
    /// How long a TLS handshake and the head of a request may take.
    pub(crate) handshake: Duration,
    /// How long a connection may be of no use to anybody: without a request, or without reading its answer.
    pub(crate) keep_alive: Duration,
    /// The connections from one address, but for those that became signaling sockets.
    pub(crate) connections: Counts<Source>,
    /// The same from all addresses together, of which somebody may have many, also those of trusted proxies.
    pub(crate) all_connections: Counts<()>,
    /// How many these may be.
    pub(crate) max_connections: usize,
    pub(crate) meters: Arc<Meters>,
    pub(crate) lines: Arc<Lines>,
}

/// Serves connections until `stop` is cancelled, and then until all requests are answered. When this is dropped, all
/// connections end; signaling sockets do not.
pub(crate) async fn serve(listener: TcpListener, site: Site, stop: CancellationToken) {
    let site = Arc::new(site);
    let mut tasks = JoinSet::new();
    loop {
        select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                // One too many is closed by being dropped here.
                Ok((stream, peer)) => if let Some(counted) = one_more(&site) {
                    let connection = Connection { site: site.clone(), peer, stop: stop.clone(), _counted: counted };
                    tasks.spawn(connection.run(stream));
                },
                Err(error) => not_taken_in(&error, &site.lines).await,
            },
            Some(_) = tasks.join_next() => {}
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

/// One more connection, unless there are as many as may be.
fn one_more(site: &Site) -> Option<Counted<()>> {
    let counted = site.all_connections.take(());
    if counted.is_none() {
        site.meters.refused("connections");
        if let Some(Line { left_out }) = site.lines.of_the_server("connections") {
            let limit = site.max_connections;
            warn!(limit, left_out, "a connection was refused: too many are open");
        }
    }
    counted
}

/// A connection could not be taken in. Where that is its own fault the next one may be better; otherwise the machine has
/// no more to give at the moment.
async fn not_taken_in(error: &io::Error, lines: &Lines) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        if let Some(Line { left_out }) = lines.of_the_server("accept") {
            warn!(%error, left_out, "connections cannot be taken in");
        }
        sleep(BREATH).await;
    }
}

struct Connection {
    site: Arc<Site>,
    peer: SocketAddr,
    stop: CancellationToken,
    _counted: Counted<()>,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        let site = self.site.clone();
        let address = self.peer.ip();
        let source = Source::of(address);
        // A proxy brings as many as it likes.
        let _counted = if site.proxies.trust(address) {
            None
        } else {
            let Some(counted) = site.connections.take(source) else {
                site.meters.refused("connections-per-address");
                if let Some(Line { left_out }) = site.lines.refusal(source, "connections-per-address") {
                    info!(
                        left_out,
                        "a connection was refused: too many are open from its address"
                    );
                }
                return;
            };
            Some(counted)
        };
        // Signaling is small messages that somebody waits for.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "TCP_NODELAY could not be set");
        }
        let Some(tls) = &site.tls else {
            return self.converse(stream, site.app.clone(), false).await;
        };
        let by = Instant::now() + site.handshake;
        let opened = select! {
            opened = timeout_at(by, open(stream, tls)) => opened,
            () = self.stop.cancelled() => return,
        };
        match opened {
            Ok(Ok(Opened::Tls(stream))) => self.converse(*stream, site.app.clone(), true).await,
            Ok(Ok(Opened::Plain(stream))) => self.converse(stream, site.plain.clone(), false).await,
            Ok(Err(error)) => debug!(%error, "no TLS"),
            Err(_) => self.was_too_slow(),
        }
    }

    /// Answers requests until the connection ends or becomes a signaling socket.
    async fn converse<S>(&self, stream: S, app: Router, tls: bool)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let link = Link { peer: self.peer, tls };
        let patience = Arc::new(Patience::new(self.site.handshake, self.site.keep_alive));
        let stream = Bounded::new(stream, patience.clone());
        let late = patience.clone();
        let app = TowerToHyperService::new(app);
        let service = service_fn(move |mut request: Request<Incoming>| {
            patience.asked();
            request.extensions_mut().insert(link);
            let (answer, patience) = (app.call(request), patience.clone());
            async move {
                let answer = answer.await;
                if let Ok(response) = &answer
                    && response.status() == StatusCode::SWITCHING_PROTOCOLS
                {
                    patience.end();
                }
                answer
            }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .max_buf_size(MAX_HEAD)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!(%error, "a connection ended");
            if is_timeout(&error) && late.waits_for_head() {
                self.was_too_slow();
            }
        }
    }

    /// No TLS, or no head of a request, came in time.
    fn was_too_slow(&self) {
        let (site, source) = (&self.site, Source::of(self.peer.ip()));
        site.meters.refused("handshake");
        match site.lines.refusal(source, "handshake") {
            Some(Line { left_out }) => info!(left_out, "a connection said nothing whole in time"),
            None => debug!("a connection said nothing whole in time"),
        }
    }
}

fn is_timeout(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

/// What a connection turned out to speak.
enum Opened {
    Tls(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
}

async fn open(stream: TcpStream, tls: &Tls) -> io::Result<Opened> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first[0] == TLS_HANDSHAKE {
        tls.accept(stream).await.map(Box::new).map(Opened::Tls)
    } else {
        Ok(Opened::Plain(stream))
    }
}
