//! Tokens of the operator's own system: who may come into which room, and as what.

use std::{fmt, fs, path::Path, sync::Arc};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use maju_protocol::{ErrorCode, Role, Secret};
use serde::Deserialize;

use crate::{door::names::room_name, rooms::RoomKey};

/// The room's name in a token that is for all rooms.
const ANY_ROOM: &str = "*";

/// The shortest secret, in bytes (RFC 7518, section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// What is asked of somebody besides a room's name.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Nothing.
    #[default]
    Open,
    /// A JSON Web Token (RFC 7519) that one of these keys signed.
    Jwt(Arc<Keys>),
}

/// Whose signatures hold.
pub struct Keys {
    keys: Vec<Key>,
    /// The `aud` that tokens must have, if any.
    audience: Option<String>,
}

struct Key {
    id: Option<String>,
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admission {
    /// What the person is called, where the operator's system decides that.
    pub(crate) name: Option<String>,
    pub(crate) role: Role,
    /// Who the person is there.
    pub(crate) subject: Option<String>,
}

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(crate) code: ErrorCode,
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Claims {
    room: String,
    name: Option<String>,
    role: Option<String>,
    sub: Option<String>,
}

impl Auth {
    /// Tells what the token says if it holds for that room, or for any where none is named; nothing where none is asked for.
    pub(crate) fn check(
        &self,
        token: Option<&Secret>,
        room: Option<&RoomKey>,
    ) -> Result<Option<Admission>, Denied> {
        let Self::Jwt(keys) = self else {
            return Ok(None);
        };
        let Some(token) = token else {
            return Err(Denied {
                code: ErrorCode::TokenNeeded,
                text: "This server lets in only who was invited by its operator. Ask for a link of your own."
                    .into(),
            });
        };
        keys.check(token, room).map(Some).map_err(|reason| Denied {
            code: ErrorCode::BadToken,
            text: format!("Your link does not let you in here: it {reason}."),
        })
    }
}

impl Keys {
    /// One secret that the operator's system shares with the server (HS256, HS384, HS512).
    pub fn secret(secret: &str, audience: Option<String>) -> Result<Self, &'static str> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err("has fewer than 32 bytes");
        }
        let key = Key {
            id: None,
            key: DecodingKey::from_secret(secret.as_bytes()),
            algorithms: vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
        };
        let keys = vec![key];
        Ok(Self { keys, audience })
    }

    /// The public keys of a JSON Web Key Set (RFC 7517). Such as are not for signatures that can be checked here are left
    /// out; symmetric ones are refused, for a file of secrets is not meant to be public.
    pub fn file(path: &Path, audience: Option<String>) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
        let set: JwkSet = serde_json::from_str(&text).map_err(|error| format!("is no key set: {error}"))?;
        if set.keys.iter().any(is_secret) {
            return Err("has a symmetric key in it; that is a secret, for --auth-secret".into());
        }
        let keys: Vec<_> = set.keys.iter().filter_map(public_key).collect();
        if keys.is_empty() {
            return Err("has no public key for RS256, PS256, ES256, ES384, EdDSA or one of their kin".into());
        }
        Ok(Self { keys, audience })
    }

    fn check(&self, token: &Secret, room: Option<&RoomKey>) -> Result<Admission, String> {
        let header = decode_header(token.reveal()).map_err(|_| "has no token of the right form")?;
        // Whoever does not understand what is marked as critical has to refuse (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return Err("has a token that asks for what this server does not know".into());
        }
        let fits = |key: &&Key| {
            let named = header.kid.is_none() || key.id.is_none() || key.id == header.kid;
            named && key.algorithms.contains(&header.alg)
        };
        let mut reason = "was signed by somebody else".to_owned();
        for key in self.keys.iter().filter(fits) {
            match decode::<Claims>(token.reveal(), &key.key, &self.validation(header.alg)) {
                Ok(token) => return admit(token.claims, room),
                Err(error) => match error.kind() {
                    ErrorKind::InvalidSignature => {}
                    ErrorKind::ExpiredSignature => reason = "has expired".into(),
                    ErrorKind::ImmatureSignature => reason = "is not valid yet".into(),
                    ErrorKind::InvalidAudience => reason = "is for another server".into(),
                    ErrorKind::MissingRequiredClaim(claim) => {
                        reason = format!("lacks the claim '{claim}', or it is not of the right form")
                    }
                    _ => reason = "has claims that are not those of a link: a room, a name, a role".into(),
                },
            }
        }
        Err(reason)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp"]);
        validation.validate_nbf = true;
        match &self.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.set_required_spec_claims(&["exp", "aud"]);
            }
            None => validation.validate_aud = false,
        }
        validation
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.keys.len())
    }
}

fn admit(claims: Claims, room: Option<&RoomKey>) -> Result<Admission, String> {
    let is_here = |room: &RoomKey| {
        claims.room == ANY_ROOM || room_name(&claims.room).is_ok_and(|name| name.key == *room)
    };
    let here = room.is_none_or(is_here);
    if !here {
        return Err("is for another room".into());
    }
    let role = match claims.role.as_deref() {
        Some("host") => Role::Host,
        Some("guest") | None => Role::Guest,
        Some(_) => return Err("has a role that is neither 'host' nor 'guest'".into()),
    };
    Ok(Admission {
        name: claims.name,
        role,
        subject: claims.sub,
    })
}

fn is_secret(jwk: &Jwk) -> bool {
    matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_))
}

fn public_key(jwk: &Jwk) -> Option<Key> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => vec![
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    // A key may be for one of them only (RFC 7517, section 4.4).
    if let Some(only) = jwk.common.key_algorithm {
        algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
    }
    Some(Key {
        id: jwk.common.key_id.clone(),
        key: DecodingKey::from_jwk(jwk).ok()?,
        algorithms,
    })
}
