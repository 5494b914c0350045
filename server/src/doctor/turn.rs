//! What a STUN and TURN server is asked: what it sees of us (RFC 8489), and to relay for us (RFC 8656).

use std::{net::SocketAddr, time::Duration};

use stun_proto::{
    auth::{LongTermClientAuth, LongTermClientValidation},
    types::{
        attribute::{AlternateServer, ErrorCode, XorMappedAddress},
        message::{
            BINDING, LongTermCredentials, Message, MessageClass, MessageWrite, MessageWriteExt,
            MessageWriteVec, StunWriteError,
        },
    },
};
use tokio::time::timeout;
use turn_types::{
    attribute::{Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress},
    message::{ALLOCATE, CREATE_PERMISSION, REFRESH},
};

use super::{trouble::Trouble, wire::Wire};

/// IANA's number for UDP.
const UDP: u8 = 17;
/// How often the server may ask for another proof, as it does when its nonce is stale.
const PROOFS: usize = 4;
/// How long one more question about an allocation may take, or giving it back. If that gets lost, the server ends it after
/// some minutes.
const RELEASE: Duration = Duration::from_secs(1);
/// The longest reason for an error, in characters (RFC 8489, section 14.8).
const MAX_REASON: usize = 127;

/// Who asks for a relay.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) username: String,
    pub(super) credential: String,
}

/// What a server gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allocation {
    /// Where it relays.
    pub(super) relayed: SocketAddr,
    /// Whether it wanted to know who asks.
    pub(super) guarded: bool,
    /// Whether it refuses to relay to where it relays itself, and so between two whom it relays for.
    pub(super) denies: bool,
}

/// What is asked of a relay.
#[derive(Clone, Copy)]
enum Ask {
    /// To relay UDP.
    Relay,
    /// To let somebody at that address through.
    Permit(SocketAddr),
    /// To end it.
    Release,
}

/// What came of asking for a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allocated {
    Here(Allocation),
    /// The server sends everybody on to another one (300).
    Elsewhere(SocketAddr),
}

/// Asks for the address from which the server sees us.
pub(super) async fn bind(wire: &mut Wire) -> Result<SocketAddr, Trouble> {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    request.add_fingerprint()?;
    let response = wire.ask(&request.finish()).await?;
    let message = Message::from_bytes(&response).map_err(|_| Trouble::NotStun)?;
    if message.has_class(MessageClass::Error) {
        return Err(refusal(&message));
    }
    let seen = message.attribute::<XorMappedAddress>();
    seen.map(|seen| seen.addr(message.transaction_id()))
        .map_err(|_| Trouble::NotStun)
}

/// Asks the server to relay UDP, and gives back at once what it gave.
pub(super) async fn allocate(wire: &mut Wire, login: &Login) -> Result<Allocated, Trouble> {
    let mut auth = LongTermClientAuth::new();
    auth.set_credentials(LongTermCredentials::new(
        login.username.clone(),
        login.credential.clone(),
    ));
    let mut guarded = false;
    for _ in 0..PROOFS {
        let request = request(&mut auth, Ask::Relay)?;
        let response = wire.ask(&request).await?;
        let message = Message::from_bytes(&response).map_err(|_| Trouble::NotStun)?;
        if message.has_class(MessageClass::Success) {
            if guarded && auth.validate_incoming_message(&message).is_err() {
                return Err(Trouble::Unsigned);
            }
            let relayed = message.attribute::<XorRelayedAddress>();
            let relayed = relayed
                .map_err(|_| Trouble::NotStun)?
                .addr(message.transaction_id());
            let denies = denies(wire, &mut auth, relayed).await;
            release(wire, &mut auth).await;
            return Ok(Allocated::Here(Allocation {
                relayed,
                guarded,
                denies,
            }));
        }
        match message.attribute::<ErrorCode>().map(|error| error.code()) {
            Ok(ErrorCode::TRY_ALTERNATE) => {
                let other = message.attribute::<AlternateServer>();
                return other
                    .map(|other| Allocated::Elsewhere(other.server()))
                    .map_err(|_| refusal(&message));
            }
            Ok(ErrorCode::UNAUTHORIZED) if guarded => return Err(Trouble::Unauthorized),
            Ok(ErrorCode::UNAUTHORIZED | ErrorCode::STALE_NONCE) => {
                match auth.validate_incoming_message(&message) {
                    Ok(LongTermClientValidation::ResendRequest(_)) => guarded = true,
                    _ => return Err(refusal(&message)),
                }
            }
            _ => return Err(refusal(&message)),
        }
    }
    Err(Trouble::Unauthorized)
}

/// Whether it refuses a peer at that address; anything but a clear no is none. Nothing is sent to the peer.
async fn denies(wire: &mut Wire, auth: &mut LongTermClientAuth, peer: SocketAddr) -> bool {
    let Ok(request) = request(auth, Ask::Permit(peer)) else {
        return false;
    };
    let Ok(Ok(response)) = timeout(RELEASE, wire.ask(&request)).await else {
        return false;
    };
    Message::from_bytes(&response).is_ok_and(|message| {
        let code = message.attribute::<ErrorCode>().map(|error| error.code());
        code.is_ok_and(|code| code == ErrorCode::FORBIDDEN)
    })
}

/// Tells the server that its allocation is not needed any more.
async fn release(wire: &mut Wire, auth: &mut LongTermClientAuth) {
    let Ok(request) = request(auth, Ask::Release) else {
        return;
    };
    // It ends by itself when this is lost.
    let _ = timeout(RELEASE, wire.ask(&request)).await;
}

/// A request with the proof of who asks, once the server has said how it wants it.
fn request(auth: &mut LongTermClientAuth, ask: Ask) -> Result<Vec<u8>, Trouble> {
    let method = match ask {
        Ask::Relay => ALLOCATE,
        Ask::Permit(_) => CREATE_PERMISSION,
        Ask::Release => REFRESH,
    };
    let mut request = Message::builder_request(method, MessageWriteVec::new());
    match ask {
        Ask::Relay => request.add_attribute(&RequestedTransport::new(UDP))?,
        Ask::Permit(peer) => {
            let peer = XorPeerAddress::new(peer, request.transaction_id());
            request.add_attribute(&peer)?;
        }
        Ask::Release => request.add_attribute(&Lifetime::new(0))?,
    }
    let mut request = auth.sign_outgoing_message(request)?;
    request.add_fingerprint()?;
    Ok(request.finish())
}

fn refusal(message: &Message<'_>) -> Trouble {
    match message.attribute::<ErrorCode>() {
        Ok(error) => Trouble::Code(error.code(), legible(error.reason())),
        Err(_) => Trouble::NotStun,
    }
}

/// What anybody on the way may have written, made fit for a terminal and a line of the log: without what moves the
/// cursor, breaks the line or turns the direction of the text, and not longer than RFC 8489 has it.
fn legible(reason: &str) -> String {
    let steers = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    reason.chars().filter(|c| !steers(c)).take(MAX_REASON).collect()
}

impl From<StunWriteError> for Trouble {
    fn from(error: StunWriteError) -> Self {
        Self::Unspeakable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_because(reason: &str) -> Trouble {
        let request = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
        let request = Message::from_bytes(&request).unwrap();
        let mut answer = Message::builder_error(&request, MessageWriteVec::new());
        answer
            .add_attribute(&ErrorCode::new(500, reason).unwrap())
            .unwrap();
        refusal(&Message::from_bytes(&answer.finish()).unwrap())
    }

    #[test]
    fn a_reason_is_told_without_what_steers_a_terminal_and_has_an_end() {
        for (reason, told) in [
            ("Server Error", "Server Error"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}Ça\r\nva\u{9b}1m", "[2J]0;xÇava1m"),
            ("\u{202e}no\u{2066}\u{2028}", "no"),
            (&"x".repeat(700), &"x".repeat(127)),
        ] {
            assert_eq!(
                refused_because(reason),
                Trouble::Code(500, told.to_owned()),
                "{reason:?}"
            );
        }
    }
}
