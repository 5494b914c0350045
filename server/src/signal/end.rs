//! Why a socket ends, and what its client is told.

use axum::extract::ws::close_code;
use serde::Serialize;

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// The client closed it, or the connection broke.
    Closed,
    /// It was closed with code 1001: the page is gone, or a proxy in between ended the connection.
    WentAway,
    /// Nothing came for too long, not even the answer to a ping, or nothing could be written.
    Silent,
    /// The client reads more slowly than messages come.
    Slow,
    /// Another socket took the seat.
    TakenOver,
    /// Nothing was greeted in time.
    NotGreeted,
    /// Greeted, and then in no room for too long.
    Idle,
    /// More messages than are allowed, again and again.
    Flood,
    /// No common version.
    NoVersion,
    /// A message beyond [`MAX_SOCKET_MESSAGE`](crate::signal::session::MAX_SOCKET_MESSAGE).
    TooLong,
    /// The client breaks the rules of WebSocket.
    Broken,
    /// Something failed in the server.
    Failed,
    /// The server stops.
    Stopping,
}

impl End {
    /// The end that an error of the socket is.
    pub(crate) fn of_error(error: axum::Error) -> Self {
        use tungstenite::Error::{Capacity, Protocol, Utf8};
        use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
        match error.into_inner().downcast_ref() {
            Some(Capacity(_)) => Self::TooLong,
            Some(Protocol(ResetWithoutClosingHandshake)) => Self::Closed,
            Some(Protocol(_) | Utf8(_)) => Self::Broken,
            _ => Self::Closed,
        }
    }

    /// The code and reason of the close frame (RFC 6455, section 7.4); nothing where the client closes.
    pub(crate) fn close_frame(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Closed | Self::WentAway => None,
            Self::Silent => Some((close_code::POLICY, "silent for too long")),
            Self::Slow => Some((close_code::POLICY, "messages were not read in time")),
            Self::TakenOver => Some((close_code::POLICY, "taken over by another socket")),
            Self::NotGreeted => Some((close_code::POLICY, "no hello in time")),
            Self::Idle => Some((close_code::AWAY, "in no room for too long")),
            Self::Flood => Some((close_code::POLICY, "too many messages")),
            Self::NoVersion => Some((close_code::POLICY, "no common version")),
            Self::TooLong => Some((close_code::SIZE, "message too long")),
            Self::Broken => Some((close_code::PROTOCOL, "not WebSocket text")),
            Self::Failed => Some((close_code::ERROR, "internal error")),
            Self::Stopping => Some((close_code::AWAY, "server stopping")),
        }
    }
}
