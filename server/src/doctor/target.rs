//! Where a configured address leads.

use std::{fmt, io, net::SocketAddr, time::Duration};

use tokio::{net::lookup_host, time::timeout};

use super::trouble::Trouble;
use crate::signal::ice::split_port;

/// How long a name may take to be looked up.
const LOOKUP: Duration = Duration::from_secs(5);
/// How many addresses of one name are looked at.
const ADDRESSES: usize = 4;

/// A STUN or TURN server, and the way to talk to it (RFC 7064, RFC 7065).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// As it was configured.
    pub(super) url: String,
    /// A name, or an IP address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) transport: Transport,
    pub(super) turn: bool,
}

/// What carries the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Udp,
    Tcp,
    Tls,
    /// What `turns:` with `transport=udp` asks for.
    Dtls,
}

impl Target {
    /// Reads an address that [`check_ice_url`](crate::check_ice_url) lets pass.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, port) = split_port(authority)?;
        let secure = scheme.ends_with('s');
        let transport = match (secure, query) {
            (false, "transport=tcp") => Transport::Tcp,
            (false, _) => Transport::Udp,
            (true, "transport=udp") => Transport::Dtls,
            (true, _) => Transport::Tls,
        };
        Some(Self {
            url: url.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: match port {
                Some(port) => port.parse().ok()?,
                None if secure => 5349,
                None => 3478,
            },
            transport,
            turn: scheme.starts_with("turn"),
        })
    }

    /// Its addresses, a few of them if it has many.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Trouble> {
        let looked_up = timeout(LOOKUP, lookup_host((self.host.as_str(), self.port))).await;
        let found = looked_up
            .unwrap_or_else(|_| Err(io::Error::other("no answer of a name server in 5 s")))
            .map_err(|error| Trouble::Unresolved(error.to_string()))?;
        let mut addresses = Vec::new();
        for address in found {
            if !addresses.contains(&address) && addresses.len() < ADDRESSES {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            return Err(Trouble::Unresolved("the name has no address".into()));
        }
        Ok(addresses)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Dtls => "DTLS",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_where_browsers_go() {
        for (url, host, port, transport, turn) in [
            ("stun:a.example", "a.example", 3478, Transport::Udp, false),
            ("stuns:a.example", "a.example", 5349, Transport::Tls, false),
            ("turn:a.example:80", "a.example", 80, Transport::Udp, true),
            (
                "turn:a.example?transport=udp",
                "a.example",
                3478,
                Transport::Udp,
                true,
            ),
            ("turn:[::1]:5?transport=tcp", "::1", 5, Transport::Tcp, true),
            ("turns:192.0.2.1", "192.0.2.1", 5349, Transport::Tls, true),
            (
                "turns:a.example:443?transport=tcp",
                "a.example",
                443,
                Transport::Tls,
                true,
            ),
            (
                "turns:a.example?transport=udp",
                "a.example",
                5349,
                Transport::Dtls,
                true,
            ),
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!(
                (&*target.host, target.port, target.transport, target.turn),
                (host, port, transport, turn),
                "{url}"
            );
        }
    }
}
