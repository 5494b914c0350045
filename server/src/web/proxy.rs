//! Whom a request is from and how it came, also where reverse proxies are in between.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header, uri::Authority};
use ipnet::IpNet;

use crate::source::Source;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Stands for what cannot be read: it is no address, no scheme and no host.
const UNREADABLE: &str = "?";

/// The reverse proxies whose word is taken for whom a request is from.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

/// The connection on which a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its other end.
    pub(crate) peer: SocketAddr,
    /// Whether this server itself does TLS on it.
    pub(crate) tls: bool,
}

/// What is known of the browser that sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) source: Source,
    /// Whether it is certain that it speaks HTTPS, be it with this server or with a trusted proxy.
    pub(crate) secure: bool,
    /// The host and the port, where one is named, that it asked for. There are two where a trusted proxy names another one
    /// than it asks for itself; the browser's comes first.
    pub(crate) hosts: Vec<Authority>,
    /// Whether its address is a guess: a proxy seems to be in between, and is not trusted.
    pub(crate) hidden: bool,
}

impl Proxies {
    /// Networks in CIDR notation (RFC 4632), or single addresses.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let network = |text: &str| {
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>()
                .map(|network| network.trunc())
                .or_else(|_| single())
                .map_err(|_| format!("'{text}' is neither an address nor a network like 10.0.0.0/8"))
        };
        networks
            .into_iter()
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether none is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whom a request with this head is from. What cannot be read in it is as if it were not there.
    pub(crate) fn client(&self, link: Link, headers: &HeaderMap) -> Client {
        let peer = link.peer.ip();
        let mut hosts: Vec<_> = headers
            .get(header::HOST)
            .and_then(authority)
            .into_iter()
            .collect();
        if !self.trust(peer) {
            let told = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
            return Client {
                source: Source::of(peer),
                secure: link.tls,
                hosts,
                hidden: told && Source::of(peer).is_near(),
            };
        }
        let hops = Hops::of(headers);
        if let Some(host) = hops.host.filter(|host| !hosts.contains(host)) {
            hosts.insert(0, host);
        }
        Client {
            source: Source::of(self.origin(peer, &hops.addresses)),
            secure: link.tls || hops.secure,
            hosts,
            hidden: false,
        }
    }

    /// The last address of the way that no trusted proxy has. Whatever is before it, anybody could have written.
    fn origin(&self, peer: IpAddr, addresses: &[Option<IpAddr>]) -> IpAddr {
        let mut origin = peer;
        for address in addresses.iter().rev() {
            // Where the way cannot be read, it ends.
            let Some(address) = address.filter(|_| self.trust(origin)) else {
                break;
            };
            origin = address;
        }
        origin
    }
}

/// What proxies say of the way of a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hops {
    /// From the browser to the last proxy but one; nothing where an entry is no address.
    addresses: Vec<Option<IpAddr>>,
    /// Whether the last one was reached by HTTPS.
    secure: bool,
    /// The host that it was asked for.
    host: Option<Authority>,
}

impl Hops {
    /// Reads `X-Forwarded-*` where it tells whom the request is from, and `Forwarded` (RFC 7239) otherwise: a proxy
    /// that writes the one may well hand on the other as a browser made it up.
    fn of(headers: &HeaderMap) -> Self {
        let list = items(headers, &X_FORWARDED_FOR);
        if !list.is_empty() || !headers.contains_key(header::FORWARDED) {
            let last = |name| items(headers, name).pop();
            return Self {
                addresses: list.iter().map(|item| address(item)).collect(),
                secure: last(&X_FORWARDED_PROTO).is_some_and(is_secure),
                host: last(&X_FORWARDED_HOST).and_then(|host| host.parse().ok()),
            };
        }
        let mut hops = Self::default();
        for element in elements(headers) {
            hops.secure = false;
            hops.host = None;
            let mut origin = None;
            // Its quotes are those of a line that could be read.
            for pair in split(element, b';').unwrap_or_default() {
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                let value = unquoted(value.trim());
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => origin = address(&value),
                    "proto" => hops.secure = is_secure(&value),
                    "host" => hops.host = value.parse().ok(),
                    _ => {}
                }
            }
            hops.addresses.push(origin);
        }
        hops
    }
}

/// The items of a field's list over all its lines (RFC 9110, section 5.3), empty ones left out. What is no text means
/// nothing. These fields know no quotes: one that a client made up must not take in what a proxy put behind it.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let lines = headers.get_all(name).into_iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|item| str::from_utf8(item).unwrap_or(UNREADABLE).trim())
        .filter(|item| !item.is_empty())
        .collect()
}

/// The elements of `Forwarded` over all its lines. A line whose quotes cannot be read is one that means nothing: what
/// was put behind the quote that a client left open cannot be told from what the client made up.
fn elements(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(header::FORWARDED).into_iter();
    lines
        .flat_map(|line| {
            let parts = line.to_str().ok().and_then(|line| split(line, b','));
            parts.unwrap_or_else(|| vec![UNREADABLE])
        })
        .collect()
}

/// The parts between separators that are in no quotes, without blanks around them; empty ones left out. Nothing where
/// quotes are not around whole values (RFC 7239, section 4).
fn split(text: &str, separator: u8) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut before) = (Vec::new(), 0, 0);
    let (mut quoted, mut escaped, mut closed) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if quoted => (quoted, closed) = (false, true),
            _ if quoted => {}
            b'"' if before == b'=' => quoted = true,
            b'"' | b'\\' => return None,
            b',' | b';' => {
                closed = false;
                if byte == separator {
                    parts.extend(text.get(start..at));
                    start = at + 1;
                }
            }
            b' ' | b'\t' => {}
            _ if closed => return None,
            _ => {}
        }
        before = byte;
    }
    if quoted {
        return None;
    }
    parts.extend(text.get(start..));
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    Some(parts.collect())
}

/// A token or the content of a quoted string (RFC 9110, section 5.6.4).
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut escaped = false;
    inner
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

/// An address with or without a port, and in brackets where it is IPv6 with one (RFC 7239, section 6).
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address: Option<IpAddr> = text.parse().ok().or_else(with_port).or_else(bracketed);
    address.map(|address| address.to_canonical())
}

fn authority(value: &axum::http::HeaderValue) -> Option<Authority> {
    let authority: Authority = value.to_str().ok()?.parse().ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

fn is_secure(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[(&'static str, &str)]) -> Client {
        let proxies = Proxies::parse(trusted.iter().copied()).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        proxies.client(Link { peer, tls: false }, &headers)
    }

    fn source(trusted: &[&str], peer: &str, lines: &[(&'static str, &str)]) -> Source {
        client(trusted, peer, lines).source
    }

    fn of(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    #[test]
    fn only_a_trusted_peer_is_asked_who_was_before_it() {
        let lines = [("x-forwarded-for", "203.0.113.9")];
        assert_eq!(source(&["127.0.0.1"], "127.0.0.1", &lines), of("203.0.113.9"));
        assert_eq!(source(&["127.0.0.1"], "127.0.0.2", &lines), of("127.0.0.2"));
        assert_eq!(source(&[], "127.0.0.1", &lines), of("127.0.0.1"));
        assert!(client(&[], "127.0.0.1", &lines).hidden);
        assert!(!client(&[], "198.51.100.1", &lines).hidden);
        assert!(!client(&["127.0.0.1"], "127.0.0.1", &lines).hidden);
    }

    #[test]
    fn the_last_one_who_is_no_trusted_proxy_counts_whatever_is_before() {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        for (lines, expected) in [
            (
                &[("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.1.1.1")][..],
                "203.0.113.9",
            ),
            (
                &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")],
                "203.0.113.9",
            ),
            (&[("x-forwarded-for", "203.0.113.9:1234")], "203.0.113.9"),
            (
                &[("x-forwarded-for", "[2001:db9::7]:443,[2001:db8::1]")],
                "2001:db9::7",
            ),
            (&[("x-forwarded-for", "::ffff:203.0.113.9")], "203.0.113.9"),
            (&[("x-forwarded-for", "10.0.0.7, 10.0.0.8")], "10.0.0.7"),
            (
                &[(
                    "forwarded",
                    "for=1.1.1.1, For=203.0.113.9;proto=https;by=10.0.0.2",
                )],
                "203.0.113.9",
            ),
            (
                &[("forwarded", r#"for="[2001:db9:cafe::17]:4711";host="a,b;c""#)],
                "2001:db9:cafe::17",
            ),
            (
                &[("forwarded", r#"host="\",for=1.1.1.1;\"";for="203.0.113.9""#)],
                "203.0.113.9",
            ),
            (
                &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "203.0.113.9")],
                "203.0.113.9",
            ),
        ] {
            assert_eq!(source(&trusted, "10.0.0.1", lines), of(expected), "{lines:?}");
        }
    }

    #[test]
    fn where_the_way_cannot_be_read_it_ends_at_the_last_proxy_that_can() {
        for (lines, expected) in [
            (&[("x-forwarded-for", "203.0.113.9, unknown")][..], "10.0.0.1"),
            (
                &[("x-forwarded-for", "203.0.113.9, _hidden, 10.0.0.2")],
                "10.0.0.2",
            ),
            (&[("x-forwarded-for", "")], "10.0.0.1"),
            (&[("x-forwarded-for", ",,;\"")], "10.0.0.1"),
            (&[("x-forwarded-for", "999.1.1.1")], "10.0.0.1"),
            (&[("forwarded", "for=203.0.113.9, for=unknown")], "10.0.0.1"),
            (&[("forwarded", "for")], "10.0.0.1"),
            (&[("forwarded", "=;=,\"\\")], "10.0.0.1"),
            (&[("forwarded", "proto=https")], "10.0.0.1"),
        ] {
            assert_eq!(
                source(&["10.0.0.0/8"], "10.0.0.1", lines),
                of(expected),
                "{lines:?}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        assert_eq!(Hops::of(&headers).addresses, [None]);
    }

    #[test]
    fn no_quote_of_a_client_hides_what_a_proxy_put_behind_it() {
        for (name, value, expected) in [
            ("x-forwarded-for", r#"[2001:db9::7]", 203.0.113.9"#, "203.0.113.9"),
            (
                "x-forwarded-for",
                r#"198.51.100.1, "x, 203.0.113.9"#,
                "203.0.113.9",
            ),
            ("x-forwarded-for", r#"[2001:db9::7]", unknown"#, "10.0.0.1"),
            ("x-forwarded-for", "[2001:db9::7]:x", "10.0.0.1"),
            ("x-forwarded-for", "[2001:db9::7]8", "10.0.0.1"),
            (
                "forwarded",
                r#"for=198.51.100.1;x=", for=203.0.113.9"#,
                "10.0.0.1",
            ),
            (
                "forwarded",
                r#"for=198.51.100.1;x="\", for=203.0.113.9"#,
                "10.0.0.1",
            ),
            (
                "forwarded",
                r#"for=198.51.100.1;x=\", for="203.0.113.9""#,
                "10.0.0.1",
            ),
            (
                "forwarded",
                r#"for=198.51.100.1;x=", for="203.0.113.9""#,
                "10.0.0.1",
            ),
            (
                "forwarded",
                r#"for=198.51.100.1;x=", for=203.0.113.9;host="a\"b""#,
                "10.0.0.1",
            ),
            (
                "forwarded",
                r#"for=198.51.100.1;x="y", for=203.0.113.9"#,
                "203.0.113.9",
            ),
        ] {
            assert_eq!(
                source(&["10.0.0.0/8"], "10.0.0.1", &[(name, value)]),
                of(expected),
                "{name}: {value}"
            );
        }
        let lines = [
            ("forwarded", "for=198.51.100.1;x=\""),
            ("forwarded", "for=203.0.113.9"),
        ];
        assert_eq!(source(&["10.0.0.0/8"], "10.0.0.1", &lines), of("203.0.113.9"));
    }

    /// Whatever a field may hold, and often what such fields are made of.
    fn any_value() -> impl Strategy<Value = Vec<u8>> {
        let pieces = r#"for= = " \ , ; x [ ] : :80 198.51.100.1 10.0.0.2 2001:db9::7 [2001:db9::7] for="1.1.1.1" ;x=""#;
        let pieces: Vec<_> = pieces.split(' ').chain([" "]).collect();
        let piece = prop_oneof![
            4 => prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => prop_oneof![Just(b'\t'), 32..=126_u8, 128..=255_u8].prop_map(|byte| vec![byte]),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nobody_before_an_appending_proxy_picks_an_address(
            mut lines in prop::collection::vec(any_value(), 0..4),
            apart in any::<bool>(),
            (name, appended) in prop::sample::select(vec![
                (X_FORWARDED_FOR, "203.0.113.9"),
                (header::FORWARDED, "for=203.0.113.9"),
                (header::FORWARDED, "for=\"203.0.113.9:4711\";proto=https"),
            ]),
        ) {
            match lines.last_mut() {
                Some(last) if !apart => last.extend([b", ", appended.as_bytes()].concat()),
                _ => lines.push(appended.into()),
            }
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(&name, HeaderValue::from_bytes(line).unwrap());
            }
            let peer = SocketAddr::from(([10, 0, 0, 1], 1));
            let proxies = Proxies::parse(["10.0.0.0/8"]).unwrap();
            let source = proxies.client(Link { peer, tls: false }, &headers).source;
            prop_assert!([of("203.0.113.9"), of("10.0.0.1")].contains(&source), "{source}");
            // Only a line of Forwarded that somebody else began may be of no use.
            if name == X_FORWARDED_FOR || apart {
                prop_assert_eq!(source, of("203.0.113.9"));
            }
        }
    }

    #[test]
    fn scheme_and_host_are_the_last_proxys_word_and_nobody_elses() {
        let of_proxy = [
            ("host", "backend"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example, maju.example"),
        ];
        let trusted = client(&["127.0.0.0/8"], "127.0.0.1", &of_proxy);
        assert!(trusted.secure);
        assert_eq!(trusted.hosts, ["maju.example", "backend"]);
        let other = client(&[], "127.0.0.1", &of_proxy);
        assert!(!other.secure);
        assert_eq!(other.hosts, ["backend"]);
        let lines = [("forwarded", "for=1.1.1.1;proto=https;host=\"maju.example:8443\"")];
        let standard = client(&["127.0.0.1"], "127.0.0.1", &lines);
        assert!(standard.secure);
        assert_eq!(standard.hosts, ["maju.example:8443"]);
        let lines = [("forwarded", "for=1.1.1.1;proto=https, for=2.2.2.2")];
        assert!(!client(&["127.0.0.1"], "127.0.0.1", &lines).secure);
    }

    #[test]
    fn networks_are_addresses_or_cidr_and_nothing_else() {
        for good in ["127.0.0.1", "10.1.2.3/8", "::1", "fd00::/8"] {
            assert!(Proxies::parse([good]).is_ok(), "{good}");
        }
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0", "*"] {
            assert!(Proxies::parse([bad]).is_err(), "{bad}");
        }
        assert!(
            Proxies::parse(["10.1.2.3/8"])
                .unwrap()
                .trust("::ffff:10.9.9.9".parse().unwrap())
        );
    }
}
