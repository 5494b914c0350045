//! STUN and TURN servers as an operator writes them.

use std::{error, fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use maju_protocol::{IceServer, PeerId};

use crate::clock::since_1970;

/// What clients are told of STUN and TURN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ice {
    /// The same for everybody, and for as long as the server runs.
    pub servers: Vec<IceServer>,
    /// TURN servers that share a secret with this one.
    pub shared: Option<SharedTurn>,
    /// Whether clients are to use TURN only, so that nobody learns the address of anybody else.
    pub relay_only: bool,
}

/// TURN servers for which everybody gets a user name and a password of their own, which soon end: the convention of
/// draft-uberti-behave-turn-rest-00, coturn's `use-auth-secret`.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedTurn {
    /// `turn:` and `turns:` addresses.
    pub urls: Vec<String>,
    /// The `static-auth-secret`.
    pub secret: String,
    /// How long what is minted holds.
    pub ttl: Duration,
}

impl Ice {
    /// The servers for that person, with what they are to say there from now on.
    pub(crate) fn servers(&self, peer: &PeerId) -> Vec<IceServer> {
        let mut servers = self.servers.clone();
        if let Some(shared) = &self.shared {
            servers.push(shared.mint(since_1970() + shared.ttl, peer.as_str()));
        }
        servers
    }

    /// Whether there is a TURN server among them.
    pub(crate) fn has_turn(&self) -> bool {
        self.shared.is_some() || self.servers.iter().any(|server| server.credential.is_some())
    }

    /// After how long a person is to get other credentials, if ever: well before the old ones end.
    pub(crate) fn renewal(&self) -> Option<Duration> {
        self.shared.as_ref().map(|shared| shared.ttl / 2)
    }
}

impl SharedTurn {
    /// Credentials that hold until that time, given since 1970.
    pub(crate) fn mint(&self, until: Duration, user: &str) -> IceServer {
        let username = format!("{}:{user}", until.as_secs());
        // HMAC takes keys of any length.
        let Ok(mac) = Hmac::<sha1::Sha1>::new_from_slice(self.secret.as_bytes()) else {
            unreachable!("HMAC refused a key")
        };
        let hash = mac.chain_update(username.as_bytes()).finalize().into_bytes();
        IceServer {
            urls: self.urls.clone(),
            credential: Some(BASE64_STANDARD.encode(hash)),
            username: Some(username),
        }
    }
}

/// The secret stays out of logs.
impl fmt::Debug for SharedTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTurn")
            .field("urls", &self.urls)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

/// Reads a list of servers, separated by blanks. Each is an address of RFC 7064 or RFC 7065, a TURN server's
/// followed by who may use it:
///
/// ```text
/// stun:stun.example.org:3478
/// turn:turn.example.org:3478?transport=udp,username=ana,credential=secret
/// ```
///
/// The credential is the rest of the text, so it may have commas in it.
pub fn parse_ice_servers(text: &str) -> Result<Vec<IceServer>, IceError> {
    let parse = |(index, text)| {
        parse(text).map_err(|reason| IceError {
            number: index + 1,
            reason,
        })
    };
    text.split_whitespace().enumerate().map(parse).collect()
}

/// Why a server's description cannot be used. It shows nothing of the description: a misspelt one has its secret
/// where an address belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceError {
    /// Which of the list it is, from 1.
    number: usize,
    reason: &'static str,
}

impl fmt::Display for IceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ICE server number {} {}", self.number, self.reason)
    }
}

impl error::Error for IceError {}

fn parse(text: &str) -> Result<IceServer, &'static str> {
    let (url, rest) = match text.split_once(',') {
        Some((url, rest)) => (url, Some(rest)),
        None => (text, None),
    };
    let turn = check_ice_url(url)?;
    let (username, credential) = match (turn, rest) {
        (true, Some(rest)) => {
            let (username, credential) = split_credentials(rest)
                .ok_or("needs ',username=…,credential=…' in this order after its address")?;
            (Some(username), Some(credential))
        }
        (true, None) => return Err("is a TURN server and needs ',username=…,credential=…'"),
        (false, Some(_)) => {
            return Err("is a STUN server, which takes neither username nor credential");
        }
        (false, None) => (None, None),
    };
    Ok(IceServer {
        urls: vec![url.to_owned()],
        username,
        credential,
    })
}

fn split_credentials(text: &str) -> Option<(String, String)> {
    let (username, credential) = text.strip_prefix("username=")?.split_once(",credential=")?;
    (!username.is_empty() && !credential.is_empty()).then(|| (username.to_owned(), credential.to_owned()))
}

/// Checks an address and tells whether it is a TURN server's. Browsers refuse all servers for one bad address.
pub fn check_ice_url(url: &str) -> Result<bool, &'static str> {
    let (scheme, rest) = url
        .split_once(':')
        .ok_or("has no scheme; it begins with stun:, turn: or turns:")?;
    let turn = match scheme {
        "stun" | "stuns" => false,
        "turn" | "turns" => true,
        _ => return Err("has an unknown scheme; it begins with stun:, turn: or turns:"),
    };
    if rest.starts_with("//") {
        return Err("has slashes after its scheme, where the host is to follow");
    }
    let authority = match rest.split_once('?') {
        Some((authority, "transport=udp" | "transport=tcp")) if turn => authority,
        Some(_) => {
            return Err("has something after '?' that is not a TURN server's transport=udp or transport=tcp");
        }
        None => rest,
    };
    let (host, port) = split_port(authority).ok_or("has brackets that do not match")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(fits) {
        return Err("has no host, or one that is no name or IP address");
    }
    match port.map(str::parse::<u16>) {
        None | Some(Ok(1..)) => Ok(turn),
        Some(_) => Err("has a port that is not a number from 1 to 65535"),
    }
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(crate) fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let (host, rest) = authority.split_at(authority.find(']')? + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    Some(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_their_credentials() {
        let servers = parse_ice_servers(
            " stun:[2001:db8::1]:3478 stun:stun.example.org\n turns:turn.example.org:443?transport=tcp,username=a:b=,credential=x,y=z ",
        )
        .unwrap();
        assert_eq!(
            servers,
            vec![
                IceServer {
                    urls: vec!["stun:[2001:db8::1]:3478".into()],
                    username: None,
                    credential: None
                },
                IceServer {
                    urls: vec!["stun:stun.example.org".into()],
                    username: None,
                    credential: None
                },
                IceServer {
                    urls: vec!["turns:turn.example.org:443?transport=tcp".into()],
                    username: Some("a:b=".into()),
                    credential: Some("x,y=z".into()),
                },
            ]
        );
        assert_eq!(parse_ice_servers("  "), Ok(Vec::new()));
    }

    #[test]
    fn what_a_browser_would_refuse_is_refused_here() {
        for text in [
            "stun.example.org",
            "http://example.org",
            "stun:",
            "stun://example.org",
            "stun::3478",
            "stun:example.org:0",
            "stun:example.org:65536",
            "stun:example.org:port",
            "stun:[::1",
            "stun:[::1]x",
            "stun:exa/mple.org",
            "stun:example.org?transport=udp",
            "stun:example.org,username=a,credential=b",
            "turn:example.org",
            "turn:example.org,username=a",
            "turn:example.org,credential=b,username=a",
            "turn:example.org,username=,credential=b",
            "turn:example.org?transport=sctp,username=a,credential=b",
        ] {
            assert!(parse_ice_servers(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_place_and_keep_the_secret_wherever_it_was_written() {
        for text in [
            "turn:example.org,user=a,credential=secret",
            "turn:u:secret@example.org",
            "turn://u:secret@example.org",
            "turn:example.org;username=u;credential=secret",
            "secret",
        ] {
            let error = parse_ice_servers(&format!("stun:example.org {text}"))
                .unwrap_err()
                .to_string();
            assert!(error.contains("number 2") && !error.contains("secret"), "{error}");
        }
    }
}
