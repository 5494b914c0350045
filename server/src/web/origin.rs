//! Which pages may open a socket here: browsers say by `Origin` where a page is from (RFC 6454), and let any page try.

use std::fmt;

use axum::http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

use crate::web::proxy::Client;

/// How many bytes of what `Origin` says are told.
const MAX_NAMED: usize = 200;

/// The origins whose pages may open a socket, besides the server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    any: bool,
    list: Vec<Origin>,
}

/// A scheme, a host and a port.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    scheme: String,
    authority: Authority,
}

impl Origins {
    /// Origins like `https://a.example`, or `*` for all.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut origins = Self::default();
        for text in texts {
            if text == "*" {
                origins.any = true;
            } else {
                origins.list.push(Origin::parse(text)?);
            }
        }
        Ok(origins)
    }

    /// Whether the page that sent this head may open a socket. What is no browser names no origin, and could name any.
    pub(crate) fn admit(&self, headers: &HeaderMap, client: &Client) -> bool {
        let mut named = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (named.next(), named.next()) else {
            return !headers.contains_key(header::ORIGIN);
        };
        if self.any {
            return true;
        }
        origin
            .to_str()
            .ok()
            .and_then(|text| Origin::parse(text).ok())
            .is_some_and(|origin| self.list.contains(&origin) || origin.is_own(client))
    }
}

impl Origin {
    /// An origin like `https://a.example` or `http://localhost:8081`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let problem = || {
            let what = if text.contains('*') {
                "a * in a host is for --embed only, as its first part; name each host, or * for all"
            } else {
                "that is http:// or https://, a host, and a port where it is not the usual one"
            };
            format!("'{text}' is no origin: {what}")
        };
        let uri: Uri = text.parse().map_err(|_| problem())?;
        let parts = uri.into_parts();
        let bare = parts
            .path_and_query
            .is_none_or(|path| path == "/" && !text.ends_with('/'));
        match (parts.scheme, parts.authority) {
            (Some(scheme), Some(authority))
                if bare && matches!(scheme.as_str(), "http" | "https") && is_host(&authority) =>
            {
                Ok(Self {
                    scheme: scheme.as_str().to_owned(),
                    authority,
                })
            }
            _ => Err(problem()),
        }
    }

    /// Whether a page of this origin is one of this server's. A page on plain HTTP is not, where the server is known to be reached
    /// by HTTPS. Otherwise the scheme does not count: a proxy in between may not tell which it was.
    fn is_own(&self, client: &Client) -> bool {
        let same = |host: &Authority| {
            let port = host.port_u16().or_else(|| self.usual_port());
            host.host().eq_ignore_ascii_case(self.authority.host()) && port == self.port()
        };
        (self.scheme == "https" || !client.secure) && client.hosts.iter().any(same)
    }

    fn port(&self) -> Option<u16> {
        self.authority.port_u16().or_else(|| self.usual_port())
    }

    fn usual_port(&self) -> Option<u16> {
        match self.scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        }
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.authority.host().eq_ignore_ascii_case(other.authority.host())
            && self.port() == other.port()
    }
}

impl Eq for Origin {}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Whether it is a host that a name in a header may be made of, and a port that is one.
fn is_host(authority: &Authority) -> bool {
    let host = authority.host();
    let port = &authority.as_str()[host.len()..];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !host.is_empty()
        && host.bytes().all(plain)
        && authority.as_str().starts_with(host)
        && (port.is_empty() || authority.port_u16().is_some())
}

/// Such an authority as a value for a header; nothing where it is unusual.
pub(crate) fn as_host(authority: &Authority) -> Option<&str> {
    is_host(authority).then_some(authority.as_str())
}

/// What `Origin` says, for the log; no more of it than a line is to hold.
pub(crate) fn named(headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?.as_bytes();
    HeaderValue::from_bytes(&origin[..origin.len().min(MAX_NAMED)]).ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::source::Source;

    fn admits(origins: &[&str], origin: &str, hosts: &[&str], secure: bool) -> bool {
        let client = Client {
            source: Source::of(Ipv4Addr::LOCALHOST.into()),
            secure,
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            hidden: false,
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        Origins::parse(origins.iter().copied())
            .unwrap()
            .admit(&headers, &client)
    }

    #[test]
    fn the_servers_own_pages_are_admitted() {
        for (origin, host) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("https://maju.example", "maju.example"),
            ("https://maju.example", "maju.example:443"),
            ("http://maju.example", "maju.example:80"),
            ("https://Maju.example", "maju.EXAMPLE"),
            ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ] {
            assert!(admits(&[], origin, &[host], false), "{origin} {host}");
        }
        assert!(admits(
            &[],
            "http://127.0.0.1:8081",
            &["127.0.0.1:8081", "127.0.0.1"],
            false
        ));
    }

    #[test]
    fn others_are_not() {
        for (origin, host) in [
            ("https://elsewhere.example", "maju.example"),
            ("https://maju.example:8443", "maju.example"),
            ("http://maju.example", "maju.example:443"),
            ("https://maju.example.evil.example", "maju.example"),
            ("https://evilmaju.example", "maju.example"),
            ("null", "maju.example"),
            ("", "maju.example"),
            ("https://maju.example/", "maju.example"),
            ("https://maju.example/x", "maju.example"),
            ("https://user@maju.example", "maju.example"),
            ("ftp://maju.example", "maju.example"),
            ("maju.example", "maju.example"),
        ] {
            assert!(!admits(&[], origin, &[host], false), "{origin} {host}");
        }
        assert!(!admits(&[], "https://maju.example", &[], false));
        assert!(admits(&[], "http://maju.example", &["maju.example"], false));
        assert!(!admits(&[], "http://maju.example", &["maju.example"], true));
    }

    #[test]
    fn the_list_adds_to_them_and_a_star_is_all() {
        let list = ["https://a.example", "http://localhost:8081"];
        for (origin, admitted) in [
            ("https://a.example", true),
            ("https://a.example:443", true),
            ("http://localhost:8081", true),
            ("http://a.example", false),
            ("https://b.example", false),
            ("http://maju.example", true),
        ] {
            assert_eq!(
                admits(&list, origin, &["maju.example"], false),
                admitted,
                "{origin}"
            );
        }
        assert!(admits(&["*"], "null", &["maju.example"], true));
    }

    #[test]
    fn who_names_no_origin_is_no_browser_and_who_names_two_is_none_either() {
        let client = Client {
            source: Source::of(Ipv4Addr::LOCALHOST.into()),
            secure: true,
            hosts: vec!["maju.example".parse().unwrap()],
            hidden: false,
        };
        let mut headers = HeaderMap::new();
        assert!(Origins::default().admit(&headers, &client));
        for _ in 0..2 {
            headers.append(header::ORIGIN, "https://maju.example".parse().unwrap());
        }
        assert!(!Origins::default().admit(&headers, &client));
    }

    #[test]
    fn what_is_no_origin_is_refused_in_words() {
        for bad in [
            "a.example",
            "https://",
            "https://a.example/",
            "wss://a.example",
            "https://a b",
            "https://a.example:x",
        ] {
            let problem = Origins::parse([bad]).unwrap_err();
            assert!(problem.contains("is no origin"), "{problem}");
        }
        for bad in [
            "https://*.a.example",
            "https://*",
            "https://a.*.example",
            "https://a.example:*",
        ] {
            let problem = Origins::parse([bad]).unwrap_err();
            assert!(problem.contains("name each host, or * for all"), "{problem}");
        }
    }

    #[test]
    fn no_more_of_a_long_origin_is_told_than_a_line_holds() {
        let mut headers = HeaderMap::new();
        assert_eq!(named(&headers), None);
        headers.insert(header::ORIGIN, "https://a.example".parse().unwrap());
        assert_eq!(named(&headers).unwrap(), "https://a.example");
        headers.insert(header::ORIGIN, "x".repeat(32_000).parse().unwrap());
        assert_eq!(named(&headers).unwrap(), "x".repeat(200).as_str());
    }
}
