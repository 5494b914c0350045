//! The app from a folder on disk, for those who work on it.

use std::path::Path;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tower_http::services::ServeDir;
use tracing::warn;

use crate::web::assets::{is_page, wants_page};

/// Answers with a file as it is at this time; browsers ask again every time. A person at an address where nothing is gets the
/// page, too.
pub(crate) async fn respond(files: ServeDir, mut request: Request) -> Response {
    if is_page(request.uri().path()) {
        *request.uri_mut() = Uri::from_static("/");
    }
    let person = wants_page(request.headers());
    let response = answer(files.clone(), request).await;
    if response.status() != StatusCode::NOT_FOUND || !person {
        return response;
    }
    let mut page = answer(files, Request::default()).await;
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}

async fn answer(mut files: ServeDir, request: Request) -> Response {
    let mut response = match files.try_call(request).await {
        Ok(response) => response.map(Body::new),
        // Paths that lead out of the folder, names that no file can have, files that may not be read.
        Err(error) => {
            warn!(%error, "a file of the app could not be read");
            StatusCode::NOT_FOUND.into_response()
        }
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The page as it is at this time; empty where there is none.
pub(crate) async fn page(folder: &Path) -> String {
    let page = tokio::fs::read_to_string(folder.join("index.html")).await;
    page.unwrap_or_default()
}
