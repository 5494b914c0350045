//! What was seen, in plain words, with what to change.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime},
};

use super::{
    clock::Clock,
    report::{Finding, Level, Verdict},
    server::{Deed, Look, Seen},
    target::{Target, Transport},
    trouble::{Certificate, Trouble},
};

/// What is to be said of a server. `shared` tells whether its password comes from a shared secret.
pub(super) fn of_server(target: &Target, look: &Look, shared: bool) -> Vec<Finding> {
    let about = &*target.url;
    if target.transport == Transport::Dtls {
        let text = "asks for TURN over DTLS, which browsers do not speak";
        let finding = Finding::new(Level::Warning, Verdict::NoBrowser, about, text);
        return vec![finding.advise("Take ?transport=udp out, or write turn: for turns:.")];
    }
    let addresses = match &look.addresses {
        Ok(addresses) => addresses,
        Err(trouble) => return vec![of_trouble(target, None, trouble, look.instead, shared)],
    };
    let mut findings = Vec::new();
    for (address, seen) in addresses {
        if let Ok(seen) = seen {
            findings.extend(of_seen(target, *address, seen));
        }
    }
    if findings.is_empty() {
        // Where one family of addresses is not to be had here, the other one says more.
        let told = |trouble: &Trouble| !matches!(trouble, Trouble::NoWay(_));
        let troubles = || {
            addresses
                .iter()
                .filter_map(|(at, seen)| Some((*at, seen.as_ref().err()?)))
        };
        let worst = troubles()
            .find(|(_, trouble)| told(trouble))
            .or_else(|| troubles().next());
        findings
            .extend(worst.map(|(at, trouble)| of_trouble(target, Some(at), trouble, look.instead, shared)));
        return findings;
    }
    for (address, seen) in addresses {
        match seen {
            Ok(_) | Err(Trouble::NoWay(_)) => {}
            Err(trouble) => {
                let reason = of_trouble(target, Some(*address), trouble, None, shared);
                let text = format!(
                    "does not work at {address}, one of its addresses; there it {}",
                    reason.text
                );
                findings.push(
                    Finding::new(Level::Warning, Verdict::PartlyReached, about, text)
                        .advise("Mend that, or take the address out of the name's records: browsers lose time with it."),
                );
            }
        }
    }
    findings
}

fn of_seen(target: &Target, address: SocketAddr, seen: &Seen) -> Vec<Finding> {
    let about = &*target.url;
    let transport = target.transport;
    let mut findings = Vec::new();
    match seen.what {
        Deed::Told(public) => {
            let text = format!(
                "answers over {transport}, and sees this machine at {}",
                public.ip()
            );
            findings.push(Finding::new(Level::Ok, Verdict::Answers, about, text));
        }
        Deed::Relays(allocation, elsewhere) => {
            let relayed = allocation.relayed;
            let by =
                elsewhere.map_or_else(String::new, |other| format!(", sending everybody on to {other},"));
            let text = format!("relays over {transport}{by} at {relayed}");
            findings.push(Finding::new(Level::Ok, Verdict::Relays, about, text));
            if !allocation.guarded {
                findings.push(
                    Finding::new(
                        Level::Warning,
                        Verdict::OpenRelay,
                        about,
                        "relays for everybody, without a password",
                    )
                    .advise(
                        "Strangers will use it. In turnserver.conf, take no-auth out, and say use-auth-secret and \
                         static-auth-secret=….",
                    ),
                );
            }
            findings.extend(of_relay(about, elsewhere.unwrap_or(address).ip(), relayed.ip()));
            // Private addresses are denied on purpose.
            if allocation.denies && !is_private(relayed.ip()) {
                let text = format!(
                    "refuses to relay to {}, and so between two whom it relays for",
                    relayed.ip()
                );
                findings.push(Finding::new(Level::Problem, Verdict::PeersDenied, about, text).advise(
                    "One of the ranges of denied-peer-ip in turnserver.conf covers it. The log of turnserver says which.",
                ));
            }
        }
    }
    if let Some(ends) = seen.ends {
        let left = ends.duration_since(SystemTime::now()).unwrap_or_default();
        let text = format!("has a certificate that ends in {}", about_time(left));
        findings.push(
            Finding::new(Level::Warning, Verdict::CertificateSoonExpired, about, text).advise(
                "Renew it, and see to it that this happens by itself. coturn takes a new one in on SIGUSR2.",
            ),
        );
    }
    findings
}

/// What is to be said of where a server relays that was reached at another address.
fn of_relay(about: &str, reached: IpAddr, relayed: IpAddr) -> Option<Finding> {
    if !is_private(relayed) {
        return None;
    }
    let (text, advice) = if relayed.is_loopback() {
        (
            format!("relays at {relayed}, which is every machine's own address: nobody else reaches it"),
            "In turnserver.conf, let listening-ip and relay-ip be addresses that people reach.".to_owned(),
        )
    } else if is_private(reached) {
        (
            format!(
                "relays at {relayed}, an address of a private network: only people in that network reach it"
            ),
            format!(
                "For people from outside, say external-ip=PUBLIC/{relayed} in turnserver.conf, and name the server \
                 by its public address or name."
            ),
        )
    } else {
        (
            format!("relays at {relayed}, an address of a private network: people elsewhere cannot reach it"),
            format!("Say external-ip={reached}/{relayed} in turnserver.conf."),
        )
    };
    Some(Finding::new(Level::Warning, Verdict::RelayPrivate, about, text).advise(advice))
}

fn of_trouble(
    target: &Target,
    address: Option<SocketAddr>,
    trouble: &Trouble,
    instead: Option<Transport>,
    shared: bool,
) -> Finding {
    let (host, port, transport) = (&target.host, target.port, target.transport);
    let at = address.map_or_else(|| format!("{host}:{port}"), |address| address.to_string());
    // What carries the transport, as a firewall sees it.
    let carrier = match transport {
        Transport::Udp | Transport::Dtls => "UDP",
        Transport::Tcp | Transport::Tls => "TCP",
    };
    let finding = |verdict, text: String, advice: String| {
        Finding::new(Level::Problem, verdict, &target.url, text).advise(advice)
    };
    if instead == Some(Transport::Tcp) && trouble.is_of_the_way() {
        return finding(
            Verdict::UdpBlocked,
            format!(
                "does not answer over UDP, though it does over TCP to the same port: UDP to {at} is blocked"
            ),
            format!(
                "Let UDP to port {port} pass in the firewalls of that machine, of its provider and of this one, and \
                 see that turnserver.conf does not say no-udp."
            ),
        );
    }
    if instead == Some(Transport::Udp) && trouble.is_of_the_way() {
        return finding(
            Verdict::TcpBlocked,
            format!(
                "does not answer over TCP, though it does over UDP to the same port: TCP to {at} is blocked"
            ),
            format!(
                "Let TCP to port {port} pass in the firewalls of that machine, of its provider and of this one, and \
                 see that turnserver.conf does not say no-tcp."
            ),
        );
    }
    match trouble {
        Trouble::Unresolved(reason) => finding(
            Verdict::Unresolved,
            format!("leads nowhere: the name {host} does not resolve ({reason})"),
            "Mend the name, or its A and AAAA records.".into(),
        ),
        Trouble::Silence => finding(
            Verdict::NoAnswer,
            format!("does not answer over {carrier}: at {at} runs no server, or a firewall drops what goes there"),
            format!(
                "See that turnserver runs there and listens on port {port}, and let UDP and TCP to that port pass in \
                 the firewalls of that machine, of its provider and of this one."
            ),
        ),
        Trouble::Refused => finding(
            Verdict::Refused,
            format!("is refused: nobody listens over {carrier} at {at}"),
            "Start turnserver there, or mend the address or the port.".into(),
        ),
        Trouble::NoWay(reason) => finding(
            Verdict::Unreachable,
            format!("cannot be reached from here: {reason}"),
            format!("See that this machine has a route to {at}, and that its firewall lets {carrier} out."),
        ),
        Trouble::Closed(reason) => finding(
            Verdict::NoAnswer,
            format!("ends the connection to {at} without an answer: {reason}"),
            "See in the log of the server why, or whether another service has that port.".into(),
        ),
        Trouble::NotStun => finding(
            Verdict::NotStun,
            format!("answers, but not as a STUN or TURN server: another service is at {at}"),
            "Mend the address or the port.".into(),
        ),
        Trouble::NoTls(reason) => finding(
            Verdict::NotTls,
            format!("speaks no TLS on port {port}: {reason}"),
            "In turnserver.conf, cert= and pkey= name files that its user may read, and no-tls is not said.".into(),
        ),
        Trouble::Certificate(wrong) => of_certificate(target, wrong),
        Trouble::Unauthorized if shared => finding(
            Verdict::WrongSecret,
            "refuses every password: it does not have the secret of --turn-secret".into(),
            "Let static-auth-secret in turnserver.conf be the same as --turn-secret, with use-auth-secret next to it, \
             and restart turnserver."
                .into(),
        ),
        Trouble::Unauthorized => finding(
            Verdict::WrongPassword,
            "refuses the user name or the password".into(),
            "Let user=NAME:PASSWORD in turnserver.conf be the same as in --ice-server, with lt-cred-mech next to it. \
             If static-auth-secret is there instead, use --turn and --turn-secret."
                .into(),
        ),
        Trouble::Unsigned => finding(
            Verdict::ServerError,
            "answers without knowing the password itself: somebody in between may have changed the answer".into(),
            "See that nothing between this machine and the server rewrites addresses in messages (ALG).".into(),
        ),
        Trouble::Unspeakable(reason) => finding(
            Verdict::ServerError,
            format!("cannot be asked with that user name and password: {reason}"),
            "A user name has at most 508 bytes.".into(),
        ),
        Trouble::Code(403, reason) => finding(
            Verdict::Forbidden,
            format!("forbids relaying (403 {reason})"),
            "See what turnserver.conf allows and denies, and the log of the server.".into(),
        ),
        Trouble::Code(486, reason) => finding(
            Verdict::Quota,
            format!("relays no more: its quota is reached (486 {reason})"),
            "Raise user-quota and total-quota in turnserver.conf, or find out who uses them up.".into(),
        ),
        Trouble::Code(508, reason) => finding(
            Verdict::Quota,
            format!("relays no more: it has no port left (508 {reason})"),
            "Widen min-port and max-port in turnserver.conf, and the firewalls with them.".into(),
        ),
        Trouble::Code(code, reason) => finding(
            Verdict::ServerError,
            format!("refuses with error {code} ({reason})"),
            "See in the log of the server why.".into(),
        ),
    }
}

fn of_certificate(target: &Target, wrong: &Certificate) -> Finding {
    let host = &target.host;
    let (verdict, text, advice) = match wrong {
        Certificate::Expired(since) => {
            let since = since.and_then(|end| SystemTime::now().duration_since(end).ok());
            let ago = since.map_or_else(String::new, |since| format!(" {} ago", about_time(since)));
            (
                Verdict::CertificateExpired,
                format!("has a certificate that ended{ago}"),
                "Renew it, see to it that this happens by itself, and let turnserver take it in (SIGUSR2).".to_owned(),
            )
        }
        Certificate::Name(names) if names.is_empty() => (
            Verdict::CertificateName,
            format!("has a certificate that is not for {host}"),
            "Name the server as its certificate does, or get one for that name.".to_owned(),
        ),
        Certificate::Name(names) => (
            Verdict::CertificateName,
            format!("has a certificate for {} and not for {host}", plain_names(names)),
            "Name the server as its certificate does, or get one for that name.".to_owned(),
        ),
        Certificate::Authority => (
            Verdict::CertificateAuthority,
            "has a certificate that browsers do not trust: it is self-made, or those between it and its authority \
             are missing"
                .to_owned(),
            "Get one from a public authority, and let cert= in turnserver.conf name the file with the whole chain \
             (fullchain.pem)."
                .to_owned(),
        ),
        Certificate::Other(reason) => (
            Verdict::CertificateInvalid,
            format!("has a certificate that browsers do not accept: {reason}"),
            "Get another one.".to_owned(),
        ),
    };
    Finding::new(Level::Problem, verdict, &target.url, text).advise(advice)
}

/// What is to be said of the clock of a machine with a TURN server, where passwords hold so long.
pub(super) fn of_clock(host: &str, clock: &Result<Clock, Trouble>, ttl: Duration) -> Option<Finding> {
    const MEND: &str = "Let both machines take their time from the network (`timedatectl set-ntp true`), and look at \
                        it on both (`date -u`).";
    Some(match clock {
        Ok(Clock::InTime) => Finding::new(
            Level::Ok,
            Verdict::InTime,
            host,
            "knows the secret, and its clock goes with this machine's",
        ),
        // Pages get new passwords after half of the time.
        Ok(Clock::Ahead(by)) => {
            let time = about_time(*by);
            let (level, effect) = if *by >= ttl {
                (
                    Level::Problem,
                    "every password has ended before somebody can use it",
                )
            } else if *by >= ttl / 2 {
                (Level::Problem, "passwords end before pages get new ones")
            } else {
                (Level::Warning, "passwords end so much too early")
            };
            Finding::new(
                level,
                Verdict::ClockAhead,
                host,
                format!("has a clock that is {time} ahead of this machine's: {effect}"),
            )
            .advise(MEND)
        }
        Ok(Clock::Behind(by)) => Finding::new(
            Level::Warning,
            Verdict::ClockBehind,
            host,
            format!(
                "has a clock that is {} behind this machine's: passwords hold so much too long",
                about_time(*by)
            ),
        )
        .advise(MEND),
        Ok(Clock::FarBehind) => Finding::new(
            Level::Warning,
            Verdict::ClockBehind,
            host,
            "accepts a password that ended a day ago: its clock is far behind this machine's, or it does not look at \
             times",
        )
        .advise(MEND),
        // The server's own line says it.
        Ok(Clock::WrongSecret) => return None,
        Err(_) => Finding::new(
            Level::Note,
            Verdict::ClockUnknown,
            host,
            "stopped answering while its clock was being compared with this machine's",
        ),
    })
}

/// The names of a certificate without what the library writes around them.
fn plain_names(names: &[String]) -> String {
    let names: Vec<_> = names
        .iter()
        .map(|name| {
            name.split_once('(')
                .map_or(&**name, |(_, inner)| inner.trim_end_matches(')'))
        })
        .map(|name| name.trim_matches('"'))
        .collect();
    names.join(", ")
}

/// A time as people say it.
pub(crate) fn about_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => ((seconds + 30) / 60, "minute"),
        7_200..172_800 => ((seconds + 1800) / 3600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Whether only a private network, or one machine, knows that address.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            // The last is what carriers give to many customers at once (RFC 6598).
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_in_a_private_network_is_told_from_a_public_one() {
        let private = |reached: &str, relayed: &str| {
            of_relay("turn:a", reached.parse().unwrap(), relayed.parse().unwrap())
        };
        assert_eq!(private("203.0.113.1", "203.0.113.1"), None);
        assert_eq!(private("2001:db8::1", "2001:db8::1"), None);
        let behind = private("203.0.113.1", "10.0.0.5").unwrap();
        assert_eq!(
            (behind.level, behind.verdict),
            (Level::Warning, Verdict::RelayPrivate)
        );
        assert!(
            behind
                .advice
                .unwrap()
                .contains("external-ip=203.0.113.1/10.0.0.5")
        );
        for relayed in [
            "192.168.1.1",
            "100.64.0.1",
            "169.254.0.1",
            "fd00::1",
            "127.0.0.1",
            "::ffff:10.0.0.1",
        ] {
            assert!(private("10.0.0.5", relayed).is_some(), "{relayed}");
        }
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (seconds, words) in [
            (1, "1 second"),
            (45, "45 seconds"),
            (604, "10 minutes"),
            (7_200, "2 hours"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(about_time(Duration::from_secs(seconds)), words);
        }
    }
}
