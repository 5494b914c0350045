//! Whom limits are counted for.

use std::{fmt, net::IpAddr};

/// The address that counts as one source: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 4291, section
/// 2.5.1), all of which one machine may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source(IpAddr);

impl Source {
    /// That of an address.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(network.into())
            }
            address => address,
        })
    }

    /// Whether it is of this machine, or of a network of one's own (RFC 1918, RFC 4193).
    pub(crate) fn is_near(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.is_loopback() || address.is_private(),
            // The first half of an address is not enough to tell the loopback's from nobody's.
            IpAddr::V6(network) => network.is_unspecified() || network.is_unique_local(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
