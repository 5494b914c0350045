//! What can be set.

use std::{path::PathBuf, time::Duration};

use maju_protocol::IceServer;

use crate::{
    assets::{self, Asset},
    token::ResumeKey,
};

/// How a server is to behave. [`Default`] is what `maju` does without any flag.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the app comes from.
    pub app: App,
    /// The STUN and TURN servers that clients are told to use.
    pub ice_servers: Vec<IceServer>,
    /// How many people one room holds, 2 to 100. Everybody sends to everybody, so browsers set the limit.
    pub max_people: usize,
    /// How many signaling sockets may be open at a time.
    pub max_sockets: usize,
    /// How many messages may wait for one socket before it is cut off.
    pub queue: usize,
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
            ice_servers: Vec::new(),
            max_people: 12,
            max_sockets: 10_000,
            queue: 512,
            heartbeat: Duration::from_secs(4),
            silence: Duration::from_secs(12),
            patience: Duration::from_secs(10),
            resume_for: Duration::from_secs(12 * 3600),
            resume_key: None,
            shutdown_deadline: Duration::from_secs(5),
        }
    }
}
