//! HTTPS on one's own network, without a host name and without anybody's help: a certificate authority of this server alone,
//! which phones and computers are told once to trust.
//!
//! Whoever has the authority's key could pass for others towards those who trust it. It stays in the state folder, and by
//! its own certificate it cannot vouch for anything but names and addresses of local networks and of this machine (RFC 5280,
//! section 4.2.1.10).

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ipnet::IpNet;
use qrcode::{QrCode, render::unicode::Dense1x2};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_rustls::rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use tracing::{info, warn};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

use crate::{
    state::{StateError, secret},
    tls::{
        Unfit, certified,
        machine::{Names, reached_at},
    },
};

/// The authority's certificate and key in the state folder.
pub(crate) const AUTHORITY_FILE: &str = "lan-authority.pem";

/// How long the authority holds.
const AUTHORITY_DAYS: i64 = 3650;
/// How long a certificate of the server holds. Apple's systems take none of more than 825 days.
const DAYS: i64 = 90;
/// How old it gets.
const RENEW_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// How far the clocks of phones may be behind.
const CLOCKS: time::Duration = time::Duration::days(1);

/// The networks that are nobody's in particular: RFC 1918, 1122, 3927, 6598, 4193 and 4291.
const LOCAL_NETWORKS: [(IpAddr, u8); 9] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];
/// The names that are (RFC 6761, RFC 6762, RFC 8375, and what home routers use).
const LOCAL_NAMES: [&str; 5] = ["localhost", "local", "home.arpa", "internal", "lan"];

/// The local authority, and what it vouched for.
pub struct Lan {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    vouched: Mutex<(Names, Instant)>,
}

impl Lan {
    /// The authority in that folder, made now if there is none. The error is for people.
    pub fn open(folder: Option<&Path>) -> Result<Self, String> {
        let (path, text) = secret(folder, AUTHORITY_FILE, found).map_err(|error| match error {
            StateError::Unusable(problem) | StateError::Refused(problem) => {
                format!("--lan needs a place for its authority: {problem}")
            }
        })?;
        Self::read(&text).map_err(|problem| {
            format!(
                "the authority in '{}' cannot be used: {problem}. Delete the file for a new one, which every phone has to be \
                 told to trust again",
                path.display()
            )
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        let broken = |error: &dyn fmt::Display| error.to_string();
        let certificate = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|_| "it has no certificate".to_owned())?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| "it has no key".to_owned())?;
        let pair = certified(vec![certificate.clone()], key.clone_key());
        pair.map_err(|unfit| match unfit {
            Unfit::Mismatch => "its certificate and its key are not of one another".to_owned(),
            Unfit::Other(problem) => problem,
        })?;
        let key = KeyPair::try_from(key.secret_der()).map_err(|error| broken(&error))?;
        let ends = {
            let (_, parsed) = parse_x509_certificate(&certificate).map_err(|error| broken(&error))?;
            parsed.validity().not_after.to_datetime()
        };
        if ends < OffsetDateTime::now_utc() {
            return Err("its time is over".to_owned());
        }
        let end = text.find("-----BEGIN PRIVATE KEY").unwrap_or(0);
        Ok(Self {
            issuer: Issuer::from_ca_cert_der(&certificate, key).map_err(|error| broken(&error))?,
            certificate,
            // Nothing of the key, wherever in the file it is.
            pem: text.get(..end).unwrap_or_default().to_owned(),
            vouched: Mutex::new((Names::default(), Instant::now())),
        })
    }

    /// The authority's certificate in PEM, for those who are to trust it.
    pub(crate) fn certificate(&self) -> &str {
        &self.pem
    }

    /// The SHA-256 fingerprint of the authority's certificate, as systems show it.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.certificate);
        let bytes: Vec<_> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    /// What is said to the operator of a server that listens there: where phones go, with a QR code for a terminal.
    pub fn invitation(&self, listen: SocketAddr, terminal: bool) -> String {
        let places = reached_at(listen);
        let mut words = String::from(
            "Phones and computers on your network come in here; the page says what to do once:\n\n",
        );
        for place in &places {
            words += &format!("    http://{place}\n");
        }
        words += &format!(
            "\nThe SHA-256 fingerprint of its certificate, to be compared with the one that a device shows:\n\n    {}\n",
            self.fingerprint()
        );
        let code = places.first().map(|place| QrCode::new(format!("http://{place}")));
        if let (true, Some(Ok(code))) = (terminal, code) {
            // Terminals are dark more often than not, and phones read both.
            let (dark, light) = (Dense1x2::Light, Dense1x2::Dark);
            words += &format!(
                "\n{}\n",
                code.render().dark_color(dark).light_color(light).build()
            );
        }
        words
    }

    /// A certificate for what this machine is called now.
    pub(crate) fn certify(&self) -> Result<CertifiedKey, String> {
        self.vouch(Names::of_this_machine())
    }

    /// Another one, where the machine is called otherwise by now or the old one is old.
    pub(crate) fn renew(&self) -> Option<Result<CertifiedKey, String>> {
        let names = Names::of_this_machine();
        let (vouched, when) = self
            .vouched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if names == vouched && when.elapsed() < RENEW_AFTER {
            return None;
        }
        info!("the machine's names or addresses changed, or its certificate is old: it gets a new one");
        Some(self.vouch(names))
    }

    fn vouch(&self, names: Names) -> Result<CertifiedKey, String> {
        // Also where it does not work out, so that it is not tried all the time.
        *self.vouched.lock().unwrap_or_else(PoisonError::into_inner) = (names.clone(), Instant::now());
        let failed = |error: rcgen::Error| format!("no certificate could be made: {error}");
        let (permitted, others) = self.permitted(names);
        if !others.is_empty() {
            warn!(
                ?others,
                "the local authority was made for another machine and cannot vouch for these; delete {AUTHORITY_FILE} in the \
                 state folder for a new one, which every phone has to be told to trust again"
            );
        }
        let mut params = dated(DAYS);
        params.distinguished_name.push(DnType::CommonName, "Maju");
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for host in permitted.hosts {
            let name = host.try_into().map_err(failed)?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        let addresses = permitted.addresses.into_iter().map(SanType::IpAddress);
        params.subject_alt_names.extend(addresses);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        certified(chain, key.into()).map_err(|unfit| match unfit {
            Unfit::Mismatch => "the new certificate does not fit its key".to_owned(),
            Unfit::Other(problem) => problem,
        })
    }

    /// Those of the names that the authority may vouch for, and the others.
    fn permitted(&self, names: Names) -> (Names, Vec<String>) {
        let mut permitted = Names::default();
        let mut others = Vec::new();
        let Ok((_, authority)) = parse_x509_certificate(&self.certificate) else {
            return (permitted, others);
        };
        let subtrees = authority
            .name_constraints()
            .ok()
            .flatten()
            .and_then(|constraints| constraints.value.permitted_subtrees.clone())
            .unwrap_or_default();
        for host in names.hosts {
            let below =
                |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
            let may =
                |subtree: &GeneralName<'_>| matches!(subtree, GeneralName::DNSName(name) if below(name));
            if subtrees.iter().any(|subtree| may(&subtree.base)) {
                permitted.hosts.insert(host);
            } else {
                others.push(host);
            }
        }
        for address in names.addresses {
            let may = |subtree: &GeneralName<'_>| matches!(subtree, GeneralName::IPAddress(net) if is_in(address, net));
            if subtrees.iter().any(|subtree| may(&subtree.base)) {
                permitted.addresses.insert(address);
            } else {
                others.push(address.to_string());
            }
        }
        (permitted, others)
    }
}

/// Without the key.
impl fmt::Debug for Lan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lan").field(&self.fingerprint()).finish()
    }
}

/// Makes an authority: its certificate and its key in PEM.
fn found() -> Result<String, String> {
    let failed = |error: rcgen::Error| format!("no authority could be made: {error}");
    let machine = Names::of_this_machine();
    let local = LOCAL_NETWORKS.map(|(network, prefix)| CidrSubnet::from_addr_prefix(network, prefix));
    let beyond = |address: &&IpAddr| {
        !LOCAL_NETWORKS.iter().any(|(network, prefix)| {
            IpNet::new(*network, *prefix).is_ok_and(|network| network.contains(*address))
        })
    };
    let own = machine
        .addresses
        .iter()
        .filter(beyond)
        .map(|address| CidrSubnet::from_addr_prefix(*address, if address.is_ipv4() { 32 } else { 128 }));
    let networks = local.into_iter().chain(own).map(GeneralSubtree::IpAddress);
    let names = LOCAL_NAMES.map(str::to_owned).into_iter().chain(machine.hosts);
    let names: BTreeSet<String> = names.collect();
    let names = names.into_iter().map(GeneralSubtree::DnsName);
    let host = hostname::get().unwrap_or_default();
    let mut params = dated(AUTHORITY_DAYS);
    let name = format!("Maju on {}", host.to_string_lossy());
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Maju, local network only");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // No code, and no mail.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: names.chain(networks).collect(),
        excluded_subtrees: Vec::new(),
    });
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

/// A certificate that holds from yesterday on.
fn dated(days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = now - CLOCKS;
    params.not_after = now + time::Duration::days(days);
    params
}

/// Whether an address is in a network that is written as an address and a mask.
fn is_in(address: IpAddr, network: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    if network.len() != 2 * octets.len() {
        return false;
    }
    let (base, mask) = network.split_at(octets.len());
    let bytes = octets.iter().zip(base).zip(mask);
    bytes
        .into_iter()
        .all(|((octet, base), mask)| octet & mask == base & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &[&str], addresses: &[&str]) -> Names {
        Names {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn the_authority_is_made_once_and_what_is_given_away_is_not_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lan::open(Some(folder.path())).unwrap();
        let again = Lan::open(Some(folder.path())).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        assert!(first.certificate().starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(!first.certificate().contains("PRIVATE"));
        let text = std::fs::read_to_string(folder.path().join(AUTHORITY_FILE)).unwrap();
        assert!(text.contains(first.certificate()));
        let key = text.split("PRIVATE KEY-----").nth(1).unwrap().trim();
        for shown in [format!("{first:?}"), first.certificate().to_owned()] {
            assert!(!shown.contains(&key[..20]), "{shown}");
        }
    }

    #[test]
    fn it_vouches_for_local_networks_and_nothing_else() {
        let lan = Lan::read(&found().unwrap()).unwrap();
        let local = names(
            &["localhost", "kitchen.local", "box.home.arpa"],
            &[
                "192.168.1.7",
                "10.9.8.7",
                "172.31.0.1",
                "127.0.0.1",
                "::1",
                "fd12::1",
            ],
        );
        assert_eq!(lan.permitted(local.clone()), (local, vec![]));
        let others = names(
            &["example.com", "evillocal", "local.example"],
            &["1.1.1.1", "172.32.0.1", "2606:4700::1111"],
        );
        let (permitted, refused) = lan.permitted(others);
        assert_eq!((permitted, refused.len()), (Names::default(), 6));
    }

    #[test]
    fn an_authority_that_is_broken_is_refused_in_words() {
        let (one, other) = (found().unwrap(), found().unwrap());
        let key = &other[other.find("-----BEGIN PRIVATE").unwrap()..];
        let certificate = &one[..one.find("-----BEGIN PRIVATE").unwrap()];
        for (text, words) in [
            ("", "no certificate"),
            (certificate, "no key"),
            (&[certificate, key].concat(), "not of one another"),
        ] {
            let problem = Lan::read(text).unwrap_err();
            assert!(problem.contains(words), "{problem}");
        }
    }
}
