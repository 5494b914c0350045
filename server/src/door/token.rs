//! Tokens that take a seat again: signed by the server, kept by clients, remembered by nobody.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use maju_protocol::{PeerId, Role, Secret};
use serde::{Deserialize, Serialize};
use tracing::error;

use crate::{
    clock::since_1970,
    rooms::{Charter, Mark, RoomKey},
};

/// What tells these tokens from all others that may one day be signed with the same key.
const AUDIENCE: &str = "maju-resume";

/// The shortest key, in bytes: as long as what HS256 makes of it (RFC 7518, section 3.2).
const MIN_KEY_BYTES: usize = 32;

/// How much of a keyed hash stands for what was hashed: too much to be met by chance or found by trying.
const MARK_BYTES: usize = 16;

/// Makes and reads the tokens, and whatever else hangs on the same key. Two servers with the same key understand each
/// other's.
pub(crate) struct Tokens {
    key: ResumeKey,
    signing: EncodingKey,
    checking: DecodingKey,
    validity: Duration,
    validation: Validation,
    /// Tells this run of the server from others.
    run: u64,
}

/// The key that tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeKey(Vec<u8>);

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Whose seat.
    pub(crate) peer: PeerId,
    /// What they were called when the token was signed.
    pub(crate) name: Option<String>,
    /// What the room was when the token was signed.
    pub(crate) charter: Charter,
    /// Who the operator's own system said that they are.
    pub(crate) identity: Option<Identity>,
}

/// Who signed a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// This run of the server.
    This,
    /// Another server, or this one before it was restarted.
    Other,
}

/// Who somebody is in the operator's own system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// What they may do.
    pub(crate) role: Role,
    /// What they are called, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Stands for who they are, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Mark>,
    /// Until when they are not asked for a token of that system again, in seconds since 1970.
    pub(crate) until: u64,
}

/// The claims (RFC 7519, section 4).
#[derive(Serialize, Deserialize)]
struct Claims {
    /// What kind of token it is: [`AUDIENCE`].
    aud: String,
    /// Whose seat: the person's id.
    sub: String,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// In which room: its key, not its name.
    room: String,
    /// Until when it holds, in seconds since 1970.
    exp: u64,
    /// Which run of the server signed it.
    run: u64,
    charter: Charter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
}

/// What a [`Mark`] stands for. The same text is another mark in another of these.
#[derive(Clone, Copy)]
pub(crate) enum Marked {
    Person,
    Address,
    Subject,
    HostSecret,
}

impl Tokens {
    /// Tokens that hold for `validity`.
    pub(crate) fn new(key: ResumeKey, validity: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        // Made and read by the same clock; nothing is to be forgiven.
        validation.leeway = 0;
        Self {
            signing: EncodingKey::from_secret(&key.0),
            checking: DecodingKey::from_secret(&key.0),
            key,
            validity,
            validation,
            run: RandomState::new().hash_one(AUDIENCE),
        }
    }

    /// A token for that seat, if it can be made.
    pub(crate) fn issue(&self, room: &RoomKey, ticket: Ticket) -> Option<Secret> {
        // Rounded up: a token never ends before its time.
        let seconds = self.validity.as_secs() + u64::from(self.validity.subsec_nanos() > 0);
        let claims = Claims {
            aud: AUDIENCE.into(),
            sub: ticket.peer.as_str().into(),
            name: ticket.name,
            room: room.0.clone(),
            exp: since_1970().as_secs().saturating_add(seconds),
            run: self.run,
            charter: ticket.charter,
            identity: ticket.identity,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .inspect_err(|error| error!(%error, "a token could not be signed"))
            .map(Secret::new)
            .ok()
    }

    /// What the token gives in that room, if it holds, and who signed it.
    pub(crate) fn read(&self, token: &Secret, room: &RoomKey) -> Option<(Ticket, Signer)> {
        let claims: Claims = decode(token.reveal(), &self.checking, &self.validation)
            .ok()?
            .claims;
        let signer = if claims.run == self.run {
            Signer::This
        } else {
            Signer::Other
        };
        let ticket = Ticket {
            peer: PeerId::new(claims.sub),
            name: claims.name,
            charter: claims.charter,
            identity: claims.identity,
        };
        (claims.room == room.0).then_some((ticket, signer))
    }

    /// How long a token holds.
    pub(crate) fn validity(&self) -> Duration {
        self.validity
    }

    /// After how long a client is to be given a newer token.
    pub(crate) fn renewal(&self) -> Duration {
        self.validity / 2
    }

    /// What stands for the text, and gives nothing of it away to who has not the key.
    pub(crate) fn mark(&self, what: Marked, text: &str) -> Mark {
        let label = match what {
            Marked::Person => "person",
            Marked::Address => "address",
            Marked::Subject => "subject",
            Marked::HostSecret => "host",
        };
        let hash = self.key.derive(&[label.as_bytes(), &[0], text.as_bytes()]);
        Mark(BASE64_URL_SAFE_NO_PAD.encode(&hash[..MARK_BYTES]))
    }

    /// What passwords are hashed with besides themselves, so that their hashes are worthless without the key.
    pub(crate) fn pepper(&self) -> [u8; 32] {
        self.key.derive(&[b"password"])
    }
}

impl ResumeKey {
    /// Reads a key of at least 32 bytes, written as hexadecimal digits or in base64 (RFC 4648, section 4). The
    /// error is a reason for people, to follow "the key", and shows nothing of the key.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let bytes = unhex(text)
            .or_else(|| BASE64_STANDARD.decode(text).ok())
            .ok_or("is neither hexadecimal digits nor base64")?;
        if bytes.len() < MIN_KEY_BYTES {
            return Err("has fewer than 32 bytes");
        }
        Ok(Self(bytes))
    }

    /// A key that nobody else has, from the system's randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; MIN_KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Another key, for what these parts name. Whoever knows it does not know this one.
    fn derive(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(&self.0) else {
            unreachable!("HMAC refused a key")
        };
        mac.update(b"maju");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The key in hexadecimal digits, as [`ResumeKey::parse`] reads it.
    pub(crate) fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Keys stay out of logs.
impl fmt::Debug for ResumeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeKey(…)")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(byte: u8) -> ResumeKey {
        ResumeKey(vec![byte; 32])
    }

    fn room(name: &str) -> RoomKey {
        RoomKey(name.into())
    }

    fn ticket() -> Ticket {
        Ticket {
            peer: PeerId::new("9f2c"),
            name: Some("Ana".into()),
            charter: Charter {
                life: "1".into(),
                begun: 7,
                revision: 3,
                host: Some(Mark("h".into())),
                locked: true,
                waiting: true,
                password: Some("$argon2id$…".into()),
                banned: vec![Mark("b".into())],
            },
            identity: Some(Identity {
                role: Role::Host,
                name: Some("Ana".into()),
                subject: Some(Mark("s".into())),
                until: 9,
            }),
        }
    }

    #[test]
    fn a_token_holds_for_its_room_and_its_key_and_tells_who_signed_it() {
        let tokens = Tokens::new(key(1), HOUR);
        let token = tokens.issue(&room("den"), ticket()).unwrap();
        assert_eq!(tokens.read(&token, &room("den")), Some((ticket(), Signer::This)));
        let restarted = Tokens::new(key(1), HOUR);
        assert_eq!(
            restarted.read(&token, &room("den")),
            Some((ticket(), Signer::Other))
        );
        assert_eq!(tokens.read(&token, &room("attic")), None);
        assert_eq!(Tokens::new(key(2), HOUR).read(&token, &room("den")), None);
    }

    #[test]
    fn what_is_no_token_of_this_kind_does_not_hold() {
        let tokens = Tokens::new(key(1), HOUR);
        let sign = |algorithm, claims: &serde_json::Value| {
            encode(&Header::new(algorithm), claims, &tokens.signing).map(Secret::new)
        };
        let later = since_1970().as_secs() + 60;
        let good = serde_json::json!({
            "aud": AUDIENCE, "sub": "a", "room": "den", "exp": later, "run": 1, "charter": {"life": "1"},
        });
        let token = sign(Algorithm::HS256, &good).unwrap();
        assert!(tokens.read(&token, &room("den")).is_some());
        for (member, value) in [
            ("aud", serde_json::json!("maju-invite")),
            ("aud", serde_json::json!(null)),
            ("exp", serde_json::json!(since_1970().as_secs() - 1)),
            ("exp", serde_json::json!(null)),
            ("sub", serde_json::json!(null)),
            ("room", serde_json::json!("attic")),
            ("charter", serde_json::json!(null)),
            ("run", serde_json::json!(null)),
        ] {
            let mut claims = good.clone();
            claims[member] = value;
            let token = sign(Algorithm::HS256, &claims).unwrap();
            assert_eq!(tokens.read(&token, &room("den")), None, "{claims}");
        }
        // The signature of one token does not fit to another, and none is not enough.
        let mut parts: Vec<_> = token.reveal().split('.').collect();
        let mut other = good.clone();
        other["sub"] = "b".into();
        let other = sign(Algorithm::HS256, &other).unwrap();
        parts[1] = other.reveal().split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
        for token in [
            parts.join("."),
            unsigned,
            String::new(),
            "x".repeat(60_000),
            "..".into(),
        ] {
            assert_eq!(tokens.read(&Secret::new(token), &room("den")), None);
        }
        assert!(sign(Algorithm::HS512, &good).is_ok_and(|token| tokens.read(&token, &room("den")).is_none()));
    }

    #[test]
    fn a_mark_is_always_the_same_and_another_for_another_kind_text_or_key() {
        let tokens = Tokens::new(key(1), HOUR);
        let mark = tokens.mark(Marked::Person, "ana");
        assert_eq!(Tokens::new(key(1), HOUR).mark(Marked::Person, "ana"), mark);
        for other in [
            tokens.mark(Marked::Subject, "ana"),
            tokens.mark(Marked::Address, "ana"),
            tokens.mark(Marked::HostSecret, "ana"),
            tokens.mark(Marked::Person, "ben"),
            Tokens::new(key(2), HOUR).mark(Marked::Person, "ana"),
        ] {
            assert!(other != mark);
        }
        assert!(!mark.0.contains("ana"));
        assert_ne!(tokens.pepper(), Tokens::new(key(2), HOUR).pepper());
    }

    #[test]
    fn keys_are_read_in_both_forms_and_short_ones_refused() {
        let digits = "00ff".repeat(16);
        let key = ResumeKey::parse(&format!(" {digits}\n")).unwrap();
        assert_eq!(key.to_hex(), digits);
        let base64 = BASE64_STANDARD.encode(&key.0);
        assert_eq!(ResumeKey::parse(&base64), Ok(key));
        for bad in [
            "",
            "secret",
            "00ff",
            &"0".repeat(63),
            "not base64 at all, however long it may be …",
        ] {
            let reason = ResumeKey::parse(bad).unwrap_err();
            assert!(bad.is_empty() || !reason.contains(bad), "{reason}");
        }
        assert_eq!(format!("{:?}", ResumeKey::random().unwrap()), "ResumeKey(…)");
    }
}
