//! What can be set.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    door::{auth::Auth, token::ResumeKey},
    signal::ice::Ice,
    tls::Tls,
    web::{
        assets::{self, Asset},
        headers::Embedders,
        origin::Origins,
        proxy::Proxies,
    },
};

/// How many connections there may be besides as many as there may be sockets.
pub(crate) const CONNECTIONS_BESIDES: usize = 10_000;

/// How a server is to behave. [`Default`] is what `maju` does without any flag.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the app comes from.
    pub app: App,
    /// What is needed to do TLS; nothing where a proxy does.
    pub tls: Option<Arc<Tls>>,
    /// Whose word is taken for whom a request is from.
    pub proxies: Proxies,
    /// Whose pages may open sockets, besides the server's own.
    pub origins: Origins,
    /// Whose pages may show the app in a frame.
    pub embedders: Embedders,
    /// The STUN and TURN servers that clients are told to use.
    pub ice: Ice,
    /// Who is let in.
    pub auth: Auth,
    /// How many people one room holds, 2 to 100. Everybody sends to everybody, so browsers set the limit.
    pub max_people: usize,
    /// How many rooms there may be.
    pub max_rooms: usize,
    /// How many signaling sockets may be open at a time.
    pub max_sockets: usize,
    /// How many connections there may be at a time that are no signaling sockets (yet): all sockets may come at once, as
    /// after a restart, and there are pages besides.
    pub max_connections: usize,
    /// How many signaling sockets one address may have.
    pub sockets_per_address: usize,
    /// How long a TLS handshake may take, and the head of a request.
    pub handshake: Duration,
    /// How long a connection may be without a request, or without reading its answer.
    pub keep_alive: Duration,
    /// How many people may come from one address in a minute; those who come back are not counted.
    pub joins_per_minute: NonZeroU32,
    /// How many messages one socket may send each second, in the long run.
    pub message_rate: NonZeroU32,
    /// How many it may send at once: candidates for a whole room come in bursts.
    pub message_burst: NonZeroU32,
    /// How long a socket may take to greet.
    pub greeting: Duration,
    /// How long a socket that greeted may be in no room, as while somebody stands in the lobby.
    pub idle: Duration,
    /// How many messages may wait for one socket before it is cut off.
    pub queue: usize,
    /// How many bytes of messages may wait for one socket before it is cut off.
    pub queue_bytes: usize,
    /// How often a socket is pinged, and told that the server is there.
    pub heartbeat: Duration,
    /// How long nothing may be heard of somebody before their seat is free, whether the socket is open or closed;
    /// longer than `heartbeat`.
    pub silence: Duration,
    /// How long a socket may leave half of its queue unread while others wait to write to it.
    pub patience: Duration,
    /// How long a token holds that takes a seat again.
    pub resume_for: Duration,
    /// What tokens are signed with. Without one the server makes one up, so that no token outlives it.
    pub resume_key: Option<ResumeKey>,
    /// Where `/metrics` is served, if anywhere; never where people come.
    pub metrics_listen: Option<SocketAddr>,
    /// How long sockets and requests may take to end when the server stops.
    pub shutdown_deadline: Duration,
}

/// Where the app comes from.
#[derive(Clone, Debug)]
pub enum App {
    /// From memory.
    Embedded(&'static [Asset]),
    /// From a folder that is read anew for every request.
    Folder(PathBuf),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            app: App::Embedded(assets::EMBEDDED),
            tls: None,
            proxies: Proxies::default(),
            origins: Origins::default(),
            embedders: Embedders::default(),
            ice: Ice::default(),
            auth: Auth::Open,
            max_people: 12,
            max_rooms: 10_000,
            max_sockets: 10_000,
            max_connections: 10_000 + CONNECTIONS_BESIDES,
            sockets_per_address: 100,
            handshake: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            joins_per_minute: const { NonZeroU32::new(120).expect("not zero") },
            message_rate: const { NonZeroU32::new(60).expect("not zero") },
            message_burst: const { NonZeroU32::new(1000).expect("not zero") },
            greeting: Duration::from_secs(10),
            idle: Duration::from_secs(3600),
            queue: 512,
            queue_bytes: 4 * 1024 * 1024,
            heartbeat: Duration::from_secs(4),
            silence: Duration::from_secs(12),
            patience: Duration::from_secs(10),
            resume_for: Duration::from_secs(12 * 3600),
            resume_key: None,
            metrics_listen: None,
            shutdown_deadline: Duration::from_secs(5),
        }
    }
}
