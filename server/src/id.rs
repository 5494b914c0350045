//! The ids that people are given.

use maju_protocol::PeerId;

/// Nobody guesses one, and no two are alike.
pub(crate) fn new_id() -> Result<PeerId, getrandom::Error> {
    random().map(PeerId::new)
}

/// Sixteen bytes of the system's randomness in hexadecimal digits.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// Enough of an id to follow it through a log.
pub(crate) fn short_id(peer: &PeerId) -> &str {
    peer.as_str().get(..8).unwrap_or(peer.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_long_url_safe_and_never_alike() {
        let one = new_id().unwrap();
        assert_ne!(one, new_id().unwrap());
        assert_eq!(one.as_str().len(), 32);
        assert!(one.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
