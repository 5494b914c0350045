//! What is said to those who come over plain HTTP to a port that speaks TLS.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Extension, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{
    tls::{Tls, lan::Lan},
    web::{assets::is_page, origin::as_host, page::Page, proxy::Client},
};

/// In words for people who know nothing of certificates. It has no script.
const TEXT: &str = include_str!("lan_page.html");

/// Where the authority's certificate is to be had.
const CERTIFICATE_PATH: &str = "/lan-authority.crt";

/// The site on plain HTTP: how to trust a local authority, or the way to the same address on HTTPS.
pub(crate) fn site(tls: &Arc<Tls>) -> Router {
    if tls.local().is_none() {
        return Router::new().fallback(to_https);
    }
    let page = Arc::new(Page::of(TEXT));
    let tls = tls.clone();
    let certificate = get(async move || certificate(tls.local()));
    let other = get(
        async move |Extension(client): Extension<Client>, request: Request| explain(&page, &client, &request),
    );
    Router::new().route(CERTIFICATE_PATH, certificate).fallback(other)
}

async fn to_https(Extension(client): Extension<Client>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match client.hosts.first().and_then(as_host) {
        Some(host) => Redirect::permanent(&format!("https://{host}{path}")).into_response(),
        None => (StatusCode::BAD_REQUEST, "This port speaks HTTPS.\n").into_response(),
    }
}

/// The type is the one at which phones offer to install it.
fn certificate(lan: Option<&Lan>) -> Response {
    let Some(lan) = lan else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, lan.certificate().to_owned()).into_response()
}

/// The page, without the fingerprint: what comes over plain HTTP vouches for nothing.
fn explain(page: &Arc<Page>, client: &Client, request: &Request) -> Response {
    let path = request.uri().path();
    let host = client.hosts.first().and_then(as_host);
    let (Some(host), true) = (host, is_page(path)) else {
        let words =
            "This port speaks HTTPS. Over plain HTTP it only says how to trust it, at its first page.\n";
        return (
            StatusCode::NOT_FOUND,
            [(header::CACHE_CONTROL, "no-store")],
            words,
        )
            .into_response();
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let text = TEXT
        .replace("{address}", &escaped(&format!("https://{host}{path}")))
        .replace("{certificate}", CERTIFICATE_PATH);
    let text = with_own_system(text, request.headers());
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (headers, text).into_response();
    response.extensions_mut().insert(page.clone());
    response
}

/// What a browser says of the system that it runs on, and what of the page is for that system, the most telling first. Firefox
/// has certificates of its own, but not on phones.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "{Android}"),
    ("iPhone", "{iPhone}"),
    ("iPad", "{iPhone}"),
    ("Firefox", "{Linux}"),
    ("Windows", "{Windows}"),
    ("Macintosh", "{Mac}"),
    ("Linux", "{Linux}"),
];

/// The page with the part open that is for the system of who asks.
fn with_own_system(page: String, headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let own = SYSTEMS.iter().find(|(name, _)| agent.contains(name));
    SYSTEMS.iter().fold(page, |page, (_, part)| {
        let open = own.is_some_and(|(_, own)| own == part);
        page.replace(part, if open { " open" } else { "" })
    })
}

/// Text as HTML has it, in an attribute too.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
