//! What this machine is called, and where it is on the networks that it is in.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

/// The names and addresses of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) hosts: BTreeSet<String>,
    pub(crate) addresses: BTreeSet<IpAddr>,
}

impl Names {
    pub(crate) fn of_this_machine() -> Self {
        let mut hosts = BTreeSet::from(["localhost".to_owned()]);
        let host = hostname::get().ok().and_then(|name| name.into_string().ok());
        if let Some(host) = host
            .map(|host| host.to_ascii_lowercase())
            .filter(|host| is_host(host))
        {
            let label = host.split('.').next().unwrap_or_default();
            // What multicast DNS calls it (RFC 6762).
            hosts.insert(format!("{label}.local"));
            // A name of one label could as well be a top-level domain: there are machines called dev.
            if host != label {
                hosts.insert(host);
            }
        }
        let mut addresses = BTreeSet::from([Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        // A link-local IPv6 address does not go into an address bar: it needs a zone.
        let usable =
            |address: &IpAddr| !matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
        addresses.extend(interfaces.iter().map(|interface| interface.ip()).filter(usable));
        Self { hosts, addresses }
    }
}

/// Where browsers on the network reach a server that listens at `listen`, best first.
pub(crate) fn reached_at(listen: SocketAddr) -> Vec<String> {
    let port = listen.port();
    if !listen.ip().is_unspecified() {
        return vec![listen.to_string()];
    }
    let names = Names::of_this_machine();
    let mut addresses: Vec<_> = names
        .addresses
        .into_iter()
        .filter(|address| !address.is_loopback() && (address.is_ipv4() || listen.is_ipv6()))
        .collect();
    let main = main_address();
    addresses.sort_by_key(|address| (Some(*address) != main, address.is_ipv6()));
    let mut reached: Vec<_> = addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, port).to_string())
        .collect();
    reached.extend(
        names
            .hosts
            .iter()
            .filter(|host| host.ends_with(".local"))
            .map(|host| format!("{host}:{port}")),
    );
    reached
}

/// The address from which this machine speaks to others. Nothing is sent: connecting a UDP socket only picks the route.
fn main_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // A network for documentation (RFC 5737), which is nowhere in particular.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// Whether it is a host name (RFC 1123, section 2.1).
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_reached_at_those_of_the_machine() {
        let all = reached_at("0.0.0.0:8443".parse().unwrap());
        assert!(
            all.iter()
                .all(|place| place.ends_with(":8443") && !place.starts_with("127.")),
            "{all:?}"
        );
        assert_eq!(reached_at("192.168.1.7:1".parse().unwrap()), ["192.168.1.7:1"]);
    }

    #[test]
    fn what_is_no_host_name_is_not_vouched_for() {
        for good in ["box", "kitchen-2.example", "a1"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a_b", "-a", "a..b", "ä", "a b", &"a".repeat(64)] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
