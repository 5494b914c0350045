use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::Outcome;

/// A web server that knows nothing but files: any address that is no file gets `index.html`.
pub struct Site {
    /// Where it listens, such as `http://127.0.0.1:40123/`.
    pub address: String,
    task: JoinHandle<()>,
}

impl Site {
    /// A free port, of which a server may be told before the site is there.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn port() -> Outcome<TcpListener> {
        Ok(TcpListener::bind("127.0.0.1:0").await?)
    }

    /// Serves the files of a folder on that port, with `index` instead of its `index.html`.
    ///
    /// # Errors
    /// When the port is none.
    pub fn start(port: TcpListener, folder: PathBuf, index: String) -> Outcome<Self> {
        let index: Arc<str> = index.into();
        let router =
            Router::new().fallback(move |request: Request| file(folder.clone(), index.clone(), request));
        Self::serve_on(port, router)
    }

    /// Serves a router on a free port.
    pub(crate) async fn serve(router: Router) -> Outcome<Self> {
        Self::serve_on(Self::port().await?, router)
    }

    fn serve_on(listener: TcpListener, router: Router) -> Outcome<Self> {
        let address = format!("http://{}/", listener.local_addr()?);
        let task = tokio::spawn(async move {
            // It runs until the task is aborted, and then there is nobody to tell.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn file(folder: PathBuf, index: Arc<str>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let kind = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        _ => {
            return (
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                index.to_string(),
            )
                .into_response();
        }
    };
    if path.contains("..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read(folder.join(path)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
