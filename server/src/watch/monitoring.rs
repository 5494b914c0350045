//! What was counted, for a program that watches the server. It has a listener of its own: the server's own port is open to
//! the world, and behind a proxy on the same machine a stranger comes from the same address as the operator.

use std::{io, net::SocketAddr};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info};

use crate::{watch::meters::CONTENT_TYPE, web::http::Server};

/// Serves `/metrics` there until what is returned is dropped.
pub(crate) async fn listen(address: SocketAddr, server: Server) -> io::Result<AbortOnDropHandle<()>> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let text = format!("cannot listen for /metrics on {address}: {error}");
        io::Error::new(error.kind(), text)
    })?;
    let address = listener.local_addr()?;
    info!(%address, "metrics");
    let routes = Router::new().route("/metrics", get(metrics)).with_state(server);
    Ok(AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            error!(%error, "metrics are served no longer");
        }
    })))
}

async fn metrics(State(server): State<Server>) -> Response {
    match server.metrics() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
