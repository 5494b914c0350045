//! One configured server, over its transport, at each of its addresses.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use futures_util::future::join_all;

use super::{
    clock::{Clock, Next, Search},
    target::{Target, Transport},
    tls::Trust,
    trouble::Trouble,
    turn::{Allocated, Allocation, Login, allocate, bind},
    wire::Wire,
};
use crate::{clock::since_1970, signal::ice::SharedTurn};

/// Who asks, as far as the user name tells.
const USER: &str = "doctor";

/// How to be let in.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    /// A STUN server lets everybody in.
    Free,
    /// By this name and password.
    Fixed(&'a Login),
    /// By the secret.
    Shared(&'a SharedTurn),
}

/// What was seen at one address.
type At = (SocketAddr, Result<Seen, Trouble>);

/// What was seen of a server.
pub(super) struct Look {
    /// Whether this or that address did what it should; or why there is none.
    pub(super) addresses: Result<Vec<At>, Trouble>,
    /// If none did, and another transport to the same port was answered: which.
    pub(super) instead: Option<Transport>,
}

/// What a server did that does what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) what: Deed,
    /// When its certificate ends, if that is soon.
    pub(super) ends: Option<SystemTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It told from where it sees us.
    Told(SocketAddr),
    /// It relays, or the server to which it sends everybody does.
    Relays(Allocation, Option<SocketAddr>),
}

/// Looks at all addresses of a server at once.
pub(super) async fn look(target: &Target, entry: Entry<'_>, trust: &Trust) -> Look {
    let found = match target.transport {
        // Nothing that browsers could use is there to be looked at.
        Transport::Dtls => Ok(Vec::new()),
        _ => target.addresses().await,
    };
    let addresses = match found {
        Ok(addresses) => addresses,
        Err(trouble) => {
            return Look {
                addresses: Err(trouble),
                instead: None,
            };
        }
    };
    let looks = addresses.iter().map(async |address| {
        let login = entry.login();
        (*address, look_at(target, *address, login.as_ref(), trust).await)
    });
    let looks = join_all(looks).await;
    let mut instead = None;
    let lost = |seen: &Result<_, Trouble>| seen.as_ref().is_err_and(Trouble::is_of_the_way);
    if !looks.is_empty() && looks.iter().all(|(_, seen)| lost(seen)) {
        let other = match target.transport {
            Transport::Udp | Transport::Dtls => Transport::Tcp,
            Transport::Tcp | Transport::Tls => Transport::Udp,
        };
        let tries = looks.iter().map(async |(address, _)| {
            let mut wire = Wire::open(target, other, *address, trust).await?;
            bind(&mut wire).await
        });
        if join_all(tries).await.iter().any(Result::is_ok) {
            instead = Some(other);
        }
    }
    Look {
        addresses: Ok(looks),
        instead,
    }
}

/// Learns how far the clock of that server is from this one's, where its answers to the ordinary question are known.
pub(super) async fn clock(
    target: &Target,
    address: SocketAddr,
    shared: &SharedTurn,
    accepted: bool,
    trust: &Trust,
) -> Result<Clock, Trouble> {
    let mut search = Search::default();
    search.learn(shared.ttl.as_secs().cast_signed(), accepted);
    loop {
        let until = match search.next() {
            Next::Try(until) => until,
            Next::Found(clock) => return Ok(clock),
        };
        let login = Entry::Shared(shared).login_until(until);
        match look_at(target, address, login.as_ref(), trust).await {
            Ok(_) => search.learn(until, true),
            Err(Trouble::Unauthorized) => search.learn(until, false),
            // The name and the password were right, or it would not have come to this.
            Err(Trouble::Code(403 | 486 | 508, _)) => search.learn(until, true),
            Err(trouble) => return Err(trouble),
        }
    }
}

async fn look_at(
    target: &Target,
    address: SocketAddr,
    login: Option<&Login>,
    trust: &Trust,
) -> Result<Seen, Trouble> {
    let mut wire = Wire::open(target, target.transport, address, trust).await?;
    let Some(login) = login else {
        let what = Deed::Told(bind(&mut wire).await?);
        return Ok(Seen {
            what,
            ends: wire.ends,
        });
    };
    let what = match allocate(&mut wire, login).await? {
        Allocated::Here(allocation) => Deed::Relays(allocation, None),
        Allocated::Elsewhere(other) => {
            let mut wire = Wire::open(target, target.transport, other, trust).await?;
            match allocate(&mut wire, login).await? {
                Allocated::Here(allocation) => Deed::Relays(allocation, Some(other)),
                Allocated::Elsewhere(_) => {
                    return Err(Trouble::Code(300, "sent on from one server to another".into()));
                }
            }
        }
    };
    Ok(Seen {
        what,
        ends: wire.ends,
    })
}

impl Entry<'_> {
    fn login(self) -> Option<Login> {
        match self {
            Self::Free => None,
            Self::Fixed(login) => Some(login.clone()),
            Self::Shared(shared) => self.login_until(shared.ttl.as_secs().cast_signed()),
        }
    }

    /// A name and a password by the secret that hold until so many seconds from now.
    fn login_until(self, until: i64) -> Option<Login> {
        let Self::Shared(shared) = self else {
            return None;
        };
        let until = since_1970().as_secs().saturating_add_signed(until);
        let server = shared.mint(Duration::from_secs(until), USER);
        Some(Login {
            username: server.username?,
            credential: server.credential?,
        })
    }
}
