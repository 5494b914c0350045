//! Networks of one's own: people behind routers, a public network with the server and a relay. Nothing of it can be
//! reached from outside, and it meets no other lab.
//!
//! ```text
//!  client 1 ─ eth0 10.1.0.2 ─┐
//!           ─ eth1 10.11.0.2 ─ router 1, 203.0.113.11 ─┐
//!                                                      ├─ public 203.0.113.1: server :8080, TURN :3478
//!  client 2 ─ eth0 10.2.0.2 ─┐                         │
//!           ─ eth1 10.12.0.2 ─ router 2, 203.0.113.12 ─┤
//!                                     client 3, 203.0.113.13
//! ```

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio, id},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::{Entry, Failure, Outcome, Server, Turn, inside::inside, reaper, server::program, turn::faketime};

/// Where the server and the relay are.
pub(crate) const PUBLIC: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const PORT: u16 = 8080;

/// The namespaces of one lab, removed when dropped.
pub struct Lab {
    prefix: String,
}

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind router 1.
    One,
    /// Behind router 2.
    Two,
    /// In the public network.
    Outside,
}

/// What a router does with the addresses of those behind it (RFC 4787's terms: mapping, then filtering).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// The same port for every destination; only those who were sent something may answer.
    Cone,
    /// Another port for each destination.
    Symmetric,
    /// As cone, and no UDP passes.
    UdpBlocked,
}

impl Lab {
    /// Builds the networks, or says on standard error that `what` is skipped because this machine does not allow it.
    ///
    /// # Errors
    /// When a machine that allows namespaces does not allow this.
    pub async fn build(what: &str, one: Nat, two: Nat) -> Outcome<Option<Self>> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let missing = spawn_blocking(Self::missing).await?;
        if let Some(missing) = missing {
            // Not by `eprintln`, which the test harness swallows.
            writeln!(io::stderr(), "SKIPPED, for {missing}: {what}")?;
            return Ok(None);
        }
        let lab = Self {
            prefix: format!("maju{}-{}-", id(), COUNT.fetch_add(1, Ordering::Relaxed)),
        };
        for name in ["pub", "r1", "r2", "c1", "c2", "c3"] {
            let namespace = lab.namespace(name);
            shell(None, format!("ip netns add {namespace}")).await?;
            reaper::watch_namespace(&namespace)?;
        }
        shell(None, lab.plan()).await?;
        // Nobody has IPv6 but on the loopback, where the drivers of browsers want it.
        for (name, interfaces) in [("c1", "eth0 eth1"), ("c2", "eth0 eth1"), ("c3", "eth0")] {
            let script =
                format!("for i in {interfaces}; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; done");
            lab.run(name, &script).await?;
        }
        for name in ["r1", "r2"] {
            lab.run(name, "sysctl -qw net.ipv4.ip_forward=1").await?;
        }
        lab.set_nat(Place::One, one).await?;
        lab.set_nat(Place::Two, two).await?;
        Ok(Some(lab))
    }

    /// What this machine lacks for a lab: nothing, or a reason to skip.
    pub fn missing() -> Option<&'static str> {
        static MISSING: OnceLock<Option<&'static str>> = OnceLock::new();
        *MISSING.get_or_init(|| {
            let works = |script: &str| {
                Command::new("sh")
                    .args(["-euc", script])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .is_ok_and(|status| status.success())
            };
            let probe = format!("maju{}-probe", id());
            let add = format!("ip netns add {probe} && ip -n {probe} link add br0 type bridge");
            let rules = "iptables -t nat -A POSTROUTING -j MASQUERADE --random-fully
                 iptables -A FORWARD -m statistic --mode random --probability 0.2 -j DROP
                 iptables -A FORWARD -m conntrack --ctstate NEW -j DROP";
            let allowed = || {
                let allowed = works(&add) && inside(Some(&probe), || Ok(works(rules))).unwrap_or(false);
                reaper::end_namespace(&probe);
                allowed
            };
            if !works("command -v ip && command -v iptables") {
                Some("`ip` or `iptables` is not installed")
            } else if !works("command -v turnserver && command -v conntrack") {
                Some("`turnserver` (of coturn) or `conntrack` is not installed")
            } else if !allowed() {
                Some("this machine allows no network namespaces with packet filters")
            } else {
                None
            }
        })
    }

    /// Starts the server in the public network, with flags.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(&self, flags: &[&str]) -> Outcome<Server> {
        let listen = SocketAddr::from((PUBLIC, PORT));
        Server::start_at(listen, Some(&self.namespace("pub")), flags).await
    }

    /// Starts the relay in the public network.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn turn(&self) -> Outcome<Turn> {
        Turn::start(PUBLIC, self.namespace("pub")).await
    }

    /// Starts a relay in the public network with flags of coturn's on who is let in and how, and with a clock that is off by
    /// `+10m` or the like. Nothing where the clock cannot be moved on this machine.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn turn_with(&self, flags: &[String], clock: Option<&str>) -> Outcome<Option<Turn>> {
        if clock.is_some() && faketime().is_none() {
            writeln!(
                io::stderr(),
                "SKIPPED, for libfaketime is not installed: a relay whose clock is off"
            )?;
            return Ok(None);
        }
        let clock = clock.map(str::to_owned);
        let turn = Turn::start_with(PUBLIC, self.namespace("pub"), flags.to_vec(), clock).await?;
        Ok(Some(turn))
    }

    /// Runs `maju doctor` at that place, and returns what it says as JSON. It trusts the authority in that file, if one is
    /// named.
    ///
    /// # Errors
    /// When there is no such program, or it says nothing.
    pub async fn doctor(&self, place: Place, authority: Option<&Path>, flags: &[String]) -> Outcome<Value> {
        let mut command = Command::new(program());
        command
            .args(["doctor", "--json"])
            .args(flags)
            .stdin(Stdio::null());
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        let namespace = self.namespace(place.client());
        let output = spawn_blocking(move || inside(Some(&namespace), || Ok(command.output()?))).await??;
        serde_json::from_slice(&output.stdout).map_err(|failure| {
            let said = String::from_utf8_lossy(&output.stderr);
            Failure::from(failure).at(format!("the doctor says {}", said.trim()))
        })
    }

    /// Somebody who is at that place.
    pub fn at(&self, place: Place, entry: Entry) -> Entry {
        entry.inside(&self.namespace(place.client()))
    }

    /// Has the router of a place treat addresses otherwise from now on, and forget all connections.
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn set_nat(&self, place: Place, nat: Nat) -> Outcome {
        let plain = "iptables -t nat -A POSTROUTING -o wan -j MASQUERADE";
        let closed = "iptables -A FORWARD -i wan -m conntrack --ctstate NEW -j DROP";
        let rules = match nat {
            Nat::Cone => format!("{plain}\n{closed}"),
            Nat::Symmetric => format!("{plain} --random-fully\n{closed}"),
            Nat::UdpBlocked => format!("{plain}\niptables -I FORWARD -p udp -j DROP\n{closed}"),
        };
        // A packet that nobody asked for must not make the router take its port for used.
        self.run(
            place.router()?,
            &format!(
                "iptables -t nat -F
                 iptables -F
                 iptables -N TROUBLE 2>/dev/null || true
                 iptables -A FORWARD -j TROUBLE
                 iptables -A INPUT -i wan -m conntrack --ctstate NEW -j DROP
                 iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
                 {rules}
                 conntrack -F"
            ),
        )
        .await
    }

    /// Takes the router's cable out: the client's own interface stays up.
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn cut(&self, place: Place) -> Outcome {
        self.run(place.router()?, "ip link set wan down").await
    }

    /// Puts the router's cable back.
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn mend(&self, place: Place) -> Outcome {
        self.run(place.router()?, "ip link set wan up").await
    }

    /// Lets the router drop every packet in silence, so that nobody is told of anything.
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn swallow(&self, place: Place) -> Outcome {
        self.run(place.router()?, "iptables -A TROUBLE -j DROP").await
    }

    /// Loses this share of all packets in both directions, 0 to 1.
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn lose(&self, place: Place, share: f64) -> Outcome {
        let rule = format!("iptables -A TROUBLE -m statistic --mode random --probability {share} -j DROP");
        self.run(place.router()?, &rule).await
    }

    /// Ends [`swallow`](Self::swallow) and [`lose`](Self::lose).
    ///
    /// # Errors
    /// When there is no router, or it refuses.
    pub async fn let_through(&self, place: Place) -> Outcome {
        self.run(place.router()?, "iptables -F TROUBLE").await
    }

    /// Gives the client another address on the interface that it has, as a new lease does.
    ///
    /// # Errors
    /// When there is no router, or the client refuses.
    pub async fn change_address(&self, place: Place) -> Outcome {
        let number = place.number()?;
        // The last part goes up by one with each change.
        self.run(
            place.client(),
            &format!(
                "old=$(ip -4 -o addr show dev eth0 | sed 's/.* inet \\([0-9.]*\\).*/\\1/')
                 last=${{old##*.}}
                 ip addr del $old/24 dev eth0
                 ip addr add 10.{number}.0.$((last + 1))/24 dev eth0
                 ip route replace default via 10.{number}.0.1 dev eth0"
            ),
        )
        .await
    }

    /// Moves the client from the interface that it uses to its other one, as from a cable to the air.
    ///
    /// # Errors
    /// When there is no router, or the client refuses.
    pub async fn change_interface(&self, place: Place) -> Outcome {
        let number = place.number()?;
        // The address comes with the cable and goes with it, as a machine's manager of networks has it.
        self.run(
            place.client(),
            &format!(
                "case $(ip route show default) in
                   *eth0*) old=eth0 new=eth1 net=10.1{number}.0 ;;
                   *) old=eth1 new=eth0 net=10.{number}.0 ;;
                 esac
                 ip addr flush dev $old
                 ip link set $old down
                 ip link set $new up
                 ip addr add $net.2/24 dev $new
                 ip route add default via $net.1 dev $new"
            ),
        )
        .await
    }

    fn namespace(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// How everything is connected.
    fn plan(&self) -> String {
        let p = &self.prefix;
        // The route to nowhere: without one, coturn takes a peer's private address for unreachable and gives the
        // whole relaying up.
        let mut plan = format!(
            "ip -n {p}pub link set lo up
             ip -n {p}pub link add br0 type bridge
             ip -n {p}pub addr add {PUBLIC}/24 dev br0
             ip -n {p}pub link set br0 up
             ip -n {p}pub link add hole0 type veth peer name hole1
             ip -n {p}pub link set hole0 up
             ip -n {p}pub link set hole1 up
             ip -n {p}pub addr add 198.51.100.1/30 dev hole0
             ip -n {p}pub neigh add 198.51.100.2 lladdr 02:00:00:00:00:01 dev hole0
             ip -n {p}pub route add default via 198.51.100.2
             ip -n {p}c3 link add eth0 type veth peer name w3 netns {p}pub
             ip -n {p}pub link set w3 master br0 up
             ip -n {p}c3 addr add 203.0.113.13/24 dev eth0
             ip -n {p}c3 link set lo up
             ip -n {p}c3 link set eth0 up
             ip -n {p}c3 route add default via {PUBLIC}\n"
        );
        for i in [1, 2] {
            plan.push_str(&format!(
                "ip -n {p}r{i} link add wan type veth peer name w{i} netns {p}pub
                 ip -n {p}pub link set w{i} master br0 up
                 ip -n {p}r{i} addr add 203.0.113.1{i}/24 dev wan
                 for n in 0 1; do
                   ip -n {p}r{i} link add lan$n type veth peer name eth$n netns {p}c{i}
                   ip -n {p}r{i} link set lan$n up
                 done
                 ip -n {p}r{i} addr add 10.{i}.0.1/24 dev lan0
                 ip -n {p}r{i} addr add 10.1{i}.0.1/24 dev lan1
                 ip -n {p}c{i} addr add 10.{i}.0.2/24 dev eth0
                 ip -n {p}r{i} link set lo up
                 ip -n {p}r{i} link set wan up
                 ip -n {p}c{i} link set lo up
                 ip -n {p}c{i} link set eth0 up
                 ip -n {p}c{i} route add default via 10.{i}.0.1\n"
            ));
        }
        plan
    }

    /// Runs a script of a moment in one of the namespaces.
    async fn run(&self, name: &str, script: &str) -> Outcome {
        shell(Some(self.namespace(name)), script.to_owned()).await
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for name in ["c1", "c2", "c3", "r1", "r2", "pub"] {
            reaper::end_namespace(&self.namespace(name));
        }
    }
}

impl Place {
    fn client(self) -> &'static str {
        match self {
            Self::One => "c1",
            Self::Two => "c2",
            Self::Outside => "c3",
        }
    }

    fn router(self) -> Outcome<&'static str> {
        match self {
            Self::One => Ok("r1"),
            Self::Two => Ok("r2"),
            Self::Outside => Err(Failure::new("there is no router outside")),
        }
    }

    fn number(self) -> Outcome<u8> {
        match self {
            Self::One => Ok(1),
            Self::Two => Ok(2),
            Self::Outside => Err(Failure::new("there is no router outside")),
        }
    }
}

/// Runs a script of a moment and takes its complaints for the reason when it fails.
async fn shell(namespace: Option<String>, script: String) -> Outcome {
    let output = spawn_blocking(move || {
        inside(namespace.as_deref(), || {
            Ok(Command::new("sh")
                .args(["-euc", &script])
                .stdin(Stdio::null())
                .output()?)
        })
    })
    .await??;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the lab: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}
