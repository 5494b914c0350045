//! Tokens that take a seat again: signed by the server, kept by clients, remembered by nobody.

use std::{fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    decode, encode,
    errors::{ErrorKind, Result as JwtResult},
    get_current_timestamp,
    signature::{self, Signer, Verifier},
};
use maju_protocol::PeerId;
use serde::{Deserialize, Serialize};
use tracing::error;

use crate::rooms::RoomKey;

/// What tells these tokens from all others that may one day be signed with the same key.
const AUDIENCE: &str = "maju-resume";

/// The shortest key, in bytes: as long as what HS256 makes of it (RFC 7518, section 3.2).
const MIN_KEY_BYTES: usize = 32;

/// Makes and reads the tokens. Two servers with the same key understand each other's.
pub(crate) struct Tokens {
    /// `None` where the system had no randomness for a key. Then there are no tokens.
    keys: Option<(EncodingKey, DecodingKey)>,
    validity: Duration,
    validation: Validation,
}

/// The key that tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeKey(Vec<u8>);

/// What a token says (RFC 7519, section 4).
#[derive(Serialize, Deserialize)]
struct Claims {
    /// What kind of token it is: [`AUDIENCE`].
    aud: String,
    /// Whose seat: the person's id.
    sub: String,
    /// In which room: its key, not its name.
    room: String,
    /// Until when it holds, in seconds since 1970.
    exp: u64,
}

impl Tokens {
    /// Tokens that hold for `validity`. Without a key one is made up, which nobody else will ever know.
    pub(crate) fn new(key: Option<ResumeKey>, validity: Duration) -> Self {
        // Where the process has another provider already, that one knows HS256 as well.
        let _ = HS256_ONLY.install_default();
        let key = key.or_else(|| {
            ResumeKey::random()
                .inspect_err(
                    |error| error!(%error, "the system has no randomness for a key; nobody can resume"),
                )
                .ok()
        });
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        // Made and read by the same clock; nothing is to be forgiven.
        validation.leeway = 0;
        Self {
            keys: key
                .map(|ResumeKey(bytes)| (EncodingKey::from_secret(&bytes), DecodingKey::from_secret(&bytes))),
            validity,
            validation,
        }
    }

    /// A token for that seat, if any can be made.
    pub(crate) fn issue(&self, peer: &PeerId, room: &RoomKey) -> Option<String> {
        let (key, _) = self.keys.as_ref()?;
        // Rounded up: a token never ends before its time.
        let seconds = self.validity.as_secs() + u64::from(self.validity.subsec_nanos() > 0);
        let claims = Claims {
            aud: AUDIENCE.into(),
            sub: peer.as_str().into(),
            room: room.0.clone(),
            exp: get_current_timestamp().saturating_add(seconds),
        };
        encode(&Header::new(Algorithm::HS256), &claims, key)
            .inspect_err(|error| error!(%error, "a token could not be signed"))
            .ok()
    }

    /// Whose seat in that room the token is for, if it holds.
    pub(crate) fn read(&self, token: &str, room: &RoomKey) -> Option<PeerId> {
        let (_, key) = self.keys.as_ref()?;
        let claims: Claims = decode(token, key, &self.validation).ok()?.claims;
        (claims.room == room.0).then(|| PeerId::new(claims.sub))
    }

    /// After how long a client is to be given a newer token.
    pub(crate) fn renewal(&self) -> Duration {
        self.validity / 2
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

/// HMAC with SHA-256 (RFC 7518, section 3.2) and nothing else.
static HS256_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.family(), key.as_bytes())?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(
            *algorithm,
            key.family(),
            key.try_get_as_bytes()?,
        )?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<sha2::Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, key: &[u8]) -> JwtResult<Self> {
        if algorithm != Algorithm::HS256 || family != AlgorithmFamily::Hmac {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let mac = Hmac::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(mac))
    }

    fn over(&self, message: &[u8]) -> Hmac<sha2::Sha256> {
        self.0.clone().chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.over(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.over(message)
            .verify_slice(signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
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

    #[test]
    fn a_token_holds_for_its_room_and_its_key() {
        let peer = PeerId::new("9f2c");
        let tokens = Tokens::new(Some(key(1)), HOUR);
        let token = tokens.issue(&peer, &room("den")).unwrap();
        assert_eq!(tokens.read(&token, &room("den")), Some(peer.clone()));
        let restarted = Tokens::new(Some(key(1)), HOUR);
        assert_eq!(restarted.read(&token, &room("den")), Some(peer));
        assert_eq!(tokens.read(&token, &room("attic")), None);
        assert_eq!(Tokens::new(Some(key(2)), HOUR).read(&token, &room("den")), None);
        assert_eq!(Tokens::new(None, HOUR).read(&token, &room("den")), None);
    }

    #[test]
    fn what_is_no_token_of_this_kind_does_not_hold() {
        let tokens = Tokens::new(Some(key(1)), HOUR);
        let (signing, _) = tokens.keys.as_ref().unwrap();
        let sign = |algorithm, claims: &serde_json::Value| encode(&Header::new(algorithm), claims, signing);
        let later = get_current_timestamp() + 60;
        let good = serde_json::json!({"aud": AUDIENCE, "sub": "a", "room": "den", "exp": later});
        let token = sign(Algorithm::HS256, &good).unwrap();
        assert!(tokens.read(&token, &room("den")).is_some());
        for (member, value) in [
            ("aud", serde_json::json!("maju-invite")),
            ("aud", serde_json::json!(null)),
            ("exp", serde_json::json!(get_current_timestamp() - 1)),
            ("exp", serde_json::json!(null)),
            ("sub", serde_json::json!(null)),
            ("room", serde_json::json!("attic")),
        ] {
            let mut claims = good.clone();
            claims[member] = value;
            let token = sign(Algorithm::HS256, &claims).unwrap();
            assert_eq!(tokens.read(&token, &room("den")), None, "{claims}");
        }
        // The signature of one token does not fit to another, and none is not enough.
        let mut parts: Vec<_> = token.split('.').collect();
        let other = sign(
            Algorithm::HS256,
            &serde_json::json!({"aud": AUDIENCE, "sub": "b", "room": "den", "exp": later}),
        );
        let other = other.unwrap();
        parts[1] = other.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
        for token in [
            parts.join("."),
            unsigned,
            String::new(),
            "x".repeat(60_000),
            "..".into(),
        ] {
            assert_eq!(tokens.read(&token, &room("den")), None);
        }
        assert!(sign(Algorithm::HS512, &good).is_err());
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
