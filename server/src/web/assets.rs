//! The app from memory: compressed when it was built, served without touching the disk.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file of the app.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Where it is served, beginning with a slash.
    pub path: &'static str,
    /// Its `content-type`.
    pub mime: &'static str,
    /// Whether the path changes whenever the content does, so that it may be kept for ever.
    pub immutable: bool,
    /// The content as it is.
    pub plain: Encoded,
    /// The content in brotli (RFC 7932), where that is shorter.
    pub brotli: Option<Encoded>,
    /// The content in gzip (RFC 1952), where that is shorter.
    pub gzip: Option<Encoded>,
}

/// A file's content in one encoding.
#[derive(Clone, Copy, Debug)]
pub struct Encoded {
    /// The bytes to send.
    pub bytes: &'static [u8],
    /// The entity tag of these bytes, quotes included.
    pub etag: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// What is shown where the app belongs when it was not there at build time.
const UNBUILT: &str = include_str!("unbuilt.html");

/// The page of the app, or what is shown in its place.
pub(crate) fn page(files: &'static [Asset]) -> &'static str {
    let page = files.iter().find(|file| file.path == "/index.html");
    page.and_then(|page| str::from_utf8(page.plain.bytes).ok())
        .unwrap_or(UNBUILT)
}

/// Answers a GET or HEAD request with one of the files. Pages of the app all get `/index.html`, and so does a person at an
/// address where nothing is: the app says so.
pub(crate) fn respond(files: &'static [Asset], request: &Request) -> Response {
    let path = request.uri().path();
    let wanted = if is_page(path) { "/index.html" } else { path };
    let find = |wanted| files.iter().find(|file| file.path == wanted);
    match find(wanted) {
        Some(file) => file.respond(request.headers(), StatusCode::OK),
        None if wanted == "/index.html" => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, UNBUILT).into_response()
        }
        None => match find("/index.html").filter(|_| wants_page(request.headers())) {
            Some(page) => page.respond(request.headers(), StatusCode::NOT_FOUND),
            None => (
                StatusCode::NOT_FOUND,
                [(header::CACHE_CONTROL, "no-cache"), (header::VARY, "accept")],
                "There is nothing here.\n",
            )
                .into_response(),
        },
    }
}

/// Whether it is a person who asks, by a browser, and not a script or a tool.
pub(crate) fn wants_page(request: &HeaderMap) -> bool {
    joined(request, header::ACCEPT.as_str()).contains("text/html")
}

/// Whether the address is one that the app itself understands: home, the test of devices, or a room.
pub(crate) fn is_page(path: &str) -> bool {
    path == "/" || path == "/test" || path.starts_with("/r/")
}

impl Asset {
    fn respond(&self, request: &HeaderMap, status: StatusCode) -> Response {
        let (encoding, encoded) = self.choose(&joined(request, header::ACCEPT_ENCODING.as_str()));
        let mut headers = HeaderMap::new();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        if status == StatusCode::OK {
            set(header::ETAG, encoded.etag);
            set(header::VARY, "accept-encoding");
        } else {
            set(header::VARY, "accept, accept-encoding");
        }
        set(
            header::CACHE_CONTROL,
            if self.immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        );
        let known = joined(request, header::IF_NONE_MATCH.as_str());
        if status == StatusCode::OK && matches(&known, encoded.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        set(header::CONTENT_TYPE, self.mime);
        if let Some(encoding) = encoding {
            set(header::CONTENT_ENCODING, encoding);
        }
        (status, headers, Body::from(Bytes::from_static(encoded.bytes))).into_response()
    }

    /// The encoding that the client likes best; of those it likes equally the shortest.
    fn choose(&self, accepted: &str) -> (Option<&'static str>, Encoded) {
        let candidates = [("br", self.brotli), ("gzip", self.gzip)];
        let mut best = (None, self.plain);
        let mut best_weight = 0;
        for (name, encoded) in candidates {
            let weight = weight(accepted, name);
            if let Some(encoded) = encoded
                && weight > best_weight
            {
                best = (Some(name), encoded);
                best_weight = weight;
            }
        }
        best
    }
}

/// All fields of that name as one list (RFC 9110, section 5.3). Fields that are not text are left out.
fn joined(headers: &HeaderMap, name: &str) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    values.join(",")
}

/// How much an `accept-encoding` list wants an encoding, in thousandths (RFC 9110, section 12.5.3).
fn weight(accepted: &str, encoding: &str) -> u16 {
    let mut any = 0;
    for item in accepted.split(',') {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let quality = quality.map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0));
        // Saturates: neither a negative number nor a huge one is a problem.
        let weight = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
        if name.eq_ignore_ascii_case(encoding) {
            return weight;
        }
        if name == "*" {
            any = weight;
        }
    }
    any
}

/// Whether an `if-none-match` list has the tag; compared weakly (RFC 9110, section 13.1.2).
fn matches(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Encoded = Encoded {
        bytes: b"plain",
        etag: "\"p\"",
    };
    const ASSET: Asset = Asset {
        path: "/app.js",
        mime: "text/javascript",
        immutable: true,
        plain: PLAIN,
        brotli: Some(Encoded {
            bytes: b"b",
            etag: "\"b\"",
        }),
        gzip: Some(Encoded {
            bytes: b"gz",
            etag: "\"g\"",
        }),
    };

    #[test]
    fn the_encoding_is_the_clients_favourite() {
        for (accepted, chosen) in [
            ("", None),
            ("identity", None),
            ("deflate", None),
            ("gzip", Some("gzip")),
            ("gzip, deflate, br, zstd", Some("br")),
            ("GZIP;q=1.0, br;q=0.5", Some("gzip")),
            ("br;q=0, *", Some("gzip")),
            ("br;q=0,gzip;q=0", None),
            ("*", Some("br")),
            ("br;q=nonsense, gzip;q=0.001", Some("gzip")),
        ] {
            assert_eq!(ASSET.choose(accepted).0, chosen, "{accepted}");
        }
    }

    #[test]
    fn what_did_not_shrink_is_sent_as_it_is() {
        let asset = Asset {
            brotli: None,
            gzip: None,
            ..ASSET
        };
        assert_eq!(asset.choose("br, gzip").0, None);
    }

    #[test]
    fn tags_match_alone_in_lists_and_weakly() {
        for list in ["\"b\"", "\"a\", \"b\"", "W/\"b\"", "*"] {
            assert!(matches(list, "\"b\""), "{list}");
        }
        for list in ["", "\"a\"", "b"] {
            assert!(!matches(list, "\"b\""), "{list}");
        }
    }

    #[test]
    fn rooms_and_home_are_pages_and_files_are_not() {
        for page in ["/", "/test", "/r/den", "/r/%EB%B0%A9%20x", "/r/a.js", "/r/"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/r", "/tests", "/x", "/app.js", "/room/den"] {
            assert!(!is_page(other), "{other}");
        }
    }
}
