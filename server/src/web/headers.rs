//! What every answer tells the browser not to do.
//!
//! A page of the app may run the scripts that came with it, and no others; talk to this server, and to nobody else; use
//! camera, microphone and screen, and no other device; and be shown in a frame only where the operator allows it.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use crate::web::{
    origin::{Origin, as_host},
    page::Page,
    proxy::Client,
};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const EMBEDDER_POLICY: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What the app uses, and only in its own pages.
const USED: [&str; 9] = [
    "autoplay",
    "camera",
    "clipboard-write",
    "display-capture",
    "fullscreen",
    "microphone",
    "picture-in-picture",
    "screen-wake-lock",
    "speaker-selection",
];

/// What it does not use. Only those that browsers know, which complain about others.
const UNUSED: [&str; 15] = [
    "accelerometer",
    "clipboard-read",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "publickey-credentials-get",
    "serial",
    "usb",
    "xr-spatial-tracking",
];

/// A year. Host names below this one are none of the server's business.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The pages that may show the app in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embedders(Vec<String>);

impl Embedders {
    /// Origins like `https://a.example` or `https://*.a.example`, or `*` for all.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let source = |text: &str| {
            if text == "*" {
                return Ok(text.to_owned());
            }
            // Only this policy knows a star, and only before the rest of a host (Content Security Policy, 2.3.1).
            let (exact, below) = match text.split_once("://*.") {
                Some((scheme, rest)) => (format!("{scheme}://{rest}"), "*."),
                None => (text.to_owned(), ""),
            };
            let origin = Origin::parse(&exact).map_err(|problem| problem.replace(&exact, text))?;
            Ok(origin.to_string().replacen("://", &format!("://{below}"), 1))
        };
        texts.into_iter().map(source).collect::<Result<_, _>>().map(Self)
    }
}

/// Puts the headers on.
#[derive(Debug)]
pub(crate) struct Headers {
    embedders: Embedders,
    permissions: HeaderValue,
    /// Whether browsers are to come by HTTPS only, from the first time that they do.
    hsts: bool,
}

impl Headers {
    pub(crate) fn new(embedders: Embedders, hsts: bool) -> Self {
        let mut permissions = String::new();
        for (names, who) in [(&USED[..], "(self)"), (&UNUSED[..], "()")] {
            for name in names {
                let separator = if permissions.is_empty() { "" } else { ", " };
                // Writing to a string does not fail.
                let _ = write!(permissions, "{separator}{name}={who}");
            }
        }
        Self {
            embedders,
            permissions: value(permissions),
            hsts,
        }
    }

    /// Puts them on an answer for this client. A page of the app has its [`Page`] among its extensions.
    pub(crate) fn dress(&self, client: &Client, response: &mut Response) {
        let page = response.extensions().get::<Arc<Page>>().cloned();
        let embedded = !self.embedders.0.is_empty();
        let policy = match &page {
            Some(page) => self.page_policy(page, client),
            None => format!("default-src 'none'; {}", self.frame_ancestors()),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, value(policy));
        // Nothing but a page has anything to permit.
        if page.is_some() {
            headers.insert(PERMISSIONS_POLICY, self.permissions.clone());
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        // The address of a room is as good as a key to it.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(EMBEDDER_POLICY, HeaderValue::from_static("require-corp"));
        if !embedded {
            headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        }
        let who = if embedded && page.is_some() {
            "cross-origin"
        } else {
            "same-origin"
        };
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static(who));
        // It would hold for all ports of the developer's machine.
        let lasting = |host: &axum::http::uri::Authority| host.host() != "localhost";
        if self.hsts && client.secure && client.hosts.iter().all(lasting) {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }

    fn page_policy(&self, page: &Page, client: &Client) -> String {
        let mut connect = String::from("'self'");
        // Not every browser counts WebSockets to the page's own host as its own.
        if let Some(host) = client.hosts.first().and_then(as_host) {
            let _ = write!(connect, " wss://{host}");
            if !client.secure {
                let _ = write!(connect, " ws://{host}");
            }
        }
        if let Some(signal) = &page.signal {
            let _ = write!(connect, " {signal}");
        }
        let (scripts, styles) = (&page.scripts, &page.styles);
        let frames = self.frame_ancestors();
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
             img-src 'self' data:; connect-src {connect}; manifest-src 'self'; object-src 'none'; base-uri 'none'; \
             form-action 'none'; {frames}"
        )
    }

    fn frame_ancestors(&self) -> String {
        if self.embedders.0.is_empty() {
            return "frame-ancestors 'none'".to_owned();
        }
        format!("frame-ancestors 'self' {}", self.embedders.0.join(" "))
    }
}

/// All of it is ASCII of this file's or of [`Page`]'s and [`as_host`]'s making.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
