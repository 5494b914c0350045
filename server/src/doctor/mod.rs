//! The doctor: asks the configured STUN and TURN servers to do what browsers will ask of them, and says in plain words
//! what does not work and what to change.
//!
//! ```text
//!  Ice ──▶ target   where an address leads
//!            │
//!            ▼
//!          server   each of its addresses, by wire (UDP, TCP, tls) and turn (binding, allocation)
//!            │      and by clock, how far its time is from ours
//!            ▼
//!          words ──▶ report
//! ```

mod checkup;
mod clock;
mod own;
mod report;
mod server;
mod target;
mod tls;
mod trouble;
mod turn;
mod wire;
mod words;

use futures_util::future::join_all;

pub(crate) use self::{checkup::Checkup, words::about_time};
pub use self::{
    own::{own_certificate, own_port},
    report::{Finding, Level, Report, Verdict},
};
use self::{
    server::{Entry, Look, clock, look},
    target::{Target, Transport},
    tls::Trust,
    trouble::Trouble,
    turn::Login,
};
use crate::signal::ice::{Ice, SharedTurn};

/// A server to look at.
struct Case {
    target: Target,
    login: Option<Login>,
    shared: bool,
}

/// Looks at all configured servers at once: a STUN binding (RFC 8489) from each STUN server, a relay (RFC 8656) from
/// each TURN server, given back at once. Ends within half a minute, whatever they do.
pub async fn examine(ice: &Ice) -> Report {
    let cases = cases(ice);
    if cases.is_empty() {
        return Report {
            findings: vec![no_servers()],
        };
    }
    let trust = match Trust::of_the_system() {
        Ok(trust) => trust,
        // Only a broken build of the library could do that.
        Err(reason) => {
            let text = format!("cannot be looked at, for TLS cannot be had: {reason}");
            let finding = Finding::new(Level::Problem, Verdict::ServerError, "STUN and TURN", text);
            return Report {
                findings: vec![finding],
            };
        }
    };
    let looks = join_all(
        cases
            .iter()
            .map(|case| look(&case.target, entry(case, ice), &trust)),
    )
    .await;
    let clocks = match &ice.shared {
        Some(shared) => clocks(&cases, &looks, shared, &trust).await,
        None => Vec::new(),
    };
    let mut findings = Vec::new();
    for (case, look) in cases.iter().zip(&looks) {
        let of_case = words::of_server(&case.target, look, case.shared);
        // Where the clock is the reason, the secret is none.
        let timely = clocks.iter().any(|(host, clock)| {
            *host == case.target.host && clock.level == Level::Problem && clock.verdict == Verdict::ClockAhead
        });
        findings.extend(
            of_case
                .into_iter()
                .filter(|finding| !(timely && finding.verdict == Verdict::WrongSecret)),
        );
    }
    findings.extend(clocks.into_iter().map(|(_, finding)| finding));
    findings.extend(of_all(ice, &cases, &findings));
    Report { findings }
}

fn cases(ice: &Ice) -> Vec<Case> {
    let mut cases = Vec::new();
    for server in &ice.servers {
        let login = server.username.clone().zip(server.credential.clone());
        for target in server.urls.iter().filter_map(|url| Target::parse(url)) {
            cases.push(Case {
                target,
                login: login
                    .clone()
                    .map(|(username, credential)| Login { username, credential }),
                shared: false,
            });
        }
    }
    let shared = ice.shared.iter().flat_map(|shared| &shared.urls);
    cases.extend(shared.filter_map(|url| {
        Some(Case {
            target: Target::parse(url)?,
            login: None,
            shared: true,
        })
    }));
    cases
}

fn entry<'a>(case: &'a Case, ice: &'a Ice) -> Entry<'a> {
    match (&case.login, &ice.shared) {
        (Some(login), _) => Entry::Fixed(login),
        (None, Some(shared)) if case.shared => Entry::Shared(shared),
        _ => Entry::Free,
    }
}

/// What is to be said of the clock of each machine that shares the secret and spoke with us, with its name.
async fn clocks(
    cases: &[Case],
    looks: &[Look],
    shared: &SharedTurn,
    trust: &Trust,
) -> Vec<(String, Finding)> {
    let mut machines = Vec::new();
    for (case, look) in cases.iter().zip(looks) {
        let known = machines
            .iter()
            .any(|(target, ..): &(&Target, _, _)| target.host == case.target.host);
        if !case.shared || known {
            continue;
        }
        let answers = look.addresses.iter().flatten();
        let spoke = answers.into_iter().find_map(|(address, seen)| match seen {
            Ok(_) => Some((*address, true)),
            Err(Trouble::Unauthorized) => Some((*address, false)),
            Err(_) => None,
        });
        if let Some((address, accepted)) = spoke {
            machines.push((&case.target, address, accepted));
        }
    }
    let asked = machines.iter().map(async |(target, address, accepted)| {
        let clock = clock(target, *address, shared, *accepted, trust).await;
        let finding = words::of_clock(&target.host, &clock, shared.ttl)?;
        Some((target.host.clone(), finding))
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// What is to be said of the servers together.
fn of_all(ice: &Ice, cases: &[Case], findings: &[Finding]) -> Vec<Finding> {
    let relays = findings.iter().any(|finding| finding.verdict == Verdict::Relays)
        && !findings.iter().any(is_untimely);
    let turns = || cases.iter().filter(|case| case.target.turn);
    if ice.relay_only && !relays {
        let finding = Finding::new(
            Level::Problem,
            Verdict::RelayOnlyBroken,
            "--relay-only",
            "lets people meet by TURN only, and no TURN server relays: nobody will see anybody",
        );
        return vec![finding.advise("Mend one of the TURN servers, or take --relay-only out.")];
    }
    if turns().next().is_none() {
        let finding = Finding::new(
            Level::Note,
            Verdict::NoTurn,
            "TURN",
            "is not configured: people behind some routers, and where UDP is blocked, will not see each other",
        );
        return vec![finding.advise("See --turn, and the chapter on STUN and TURN in docs/deploying.md.")];
    }
    if relays && turns().all(|case| case.target.transport == Transport::Udp) {
        let finding = Finding::new(
            Level::Note,
            Verdict::OnlyUdp,
            "TURN",
            "is to be had over UDP only: people whose network blocks UDP will not see anybody",
        );
        return vec![
            finding.advise("Name the server once more with ?transport=tcp, or as turns: on port 443."),
        ];
    }
    Vec::new()
}

/// Whether it says that no password works because of the time.
fn is_untimely(finding: &Finding) -> bool {
    finding.verdict == Verdict::ClockAhead && finding.level == Level::Problem
}

fn no_servers() -> Finding {
    Finding::new(
        Level::Note,
        Verdict::NoServers,
        "STUN and TURN",
        "are not configured: people on one network see each other, others mostly do not",
    )
    .advise("See --ice-server and --turn, and the chapter on STUN and TURN in docs/deploying.md.")
}
