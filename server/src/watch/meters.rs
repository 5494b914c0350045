//! What is counted and measured for the operator's monitoring, in the text format of OpenMetrics 1.0, which Prometheus
//! reads.
//!
//! No label is a name, an address or an id: the series are few, and nobody can be found in them.
//!
//! The registry belongs to one [`Server`](crate::Server) value, of which a process may have many. Its histograms take the
//! same memory whether anybody ever asks for them or not.

use std::fmt;

use maju_protocol::ServerMessage;
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Metric, Registry, Unit},
};
use serde::Serialize;
use serde_variant::to_variant_name;
use tokio::time::Instant;

use crate::signal::{Payload, end::End, incoming};

/// The kind of a message that could not be read as one.
pub(crate) const UNREADABLE: &str = "unreadable";

/// The `content-type` of [`Meters::text`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted of one server.
#[derive(Debug)]
pub(crate) struct Meters {
    registry: Registry,
    rooms: Gauge,
    people: Family<Labels<1>, Gauge>,
    sockets: Gauge,
    opened: Counter,
    ended: Counters<1>,
    messages: Counters<2>,
    bytes: Counters<2>,
    refusals: Counters<1>,
    joins: Counters<1>,
    resumes: Counters<1>,
    queue: Histogram,
    latency: Histogram,
    left_out: Counters<1>,
}

/// Names and values.
type Labels<const N: usize> = [(&'static str, &'static str); N];

type Counters<const N: usize> = Family<Labels<N>, Counter>;

/// Who and what is there at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) rooms: usize,
    /// With a seat and a socket.
    pub(crate) seated: usize,
    /// With a seat and no socket.
    pub(crate) away: usize,
    /// Waiting to be let in.
    pub(crate) knocking: usize,
    pub(crate) sockets: usize,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// To a seat that is new.
    Seated,
    /// To wait until a host lets them in.
    Waiting,
    /// Back to the seat that was held for them.
    Held,
    /// Back, by a token, to a seat that was not held: after a restart, from another server, or late.
    Restored,
}

impl Meters {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("maju");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "Which version runs", Info::new(version));
        let queue = Histogram::new([0.0].into_iter().chain(exponential_buckets(1.0, 2.0, 14)));
        let help = "Messages that waited for a socket already, whenever one more was queued";
        registry.register("queue_depth", help, queue.clone());
        let latency = Histogram::new(exponential_buckets(0.000_025, 2.0, 20));
        let help = "From having read a message for somebody else to having written it to their socket";
        registry.register_with_unit("relay_latency", help, Unit::Seconds, latency.clone());
        let bytes = Counters::<2>::default();
        let help = "Length of the messages read and written, as JSON text";
        registry.register_with_unit("message", help, Unit::Bytes, bytes.clone());
        let meters = Self {
            rooms: add(&mut registry, "rooms", "Rooms that live"),
            people: add(
                &mut registry,
                "people",
                "People in rooms, away from them, and waiting to be let in",
            ),
            sockets: add(&mut registry, "sockets", "Signaling sockets that are open"),
            opened: add(
                &mut registry,
                "sockets_opened",
                "Signaling sockets that were opened",
            ),
            ended: add(
                &mut registry,
                "sockets_ended",
                "Signaling sockets that ended, by reason",
            ),
            messages: add(
                &mut registry,
                "messages",
                "Messages read from and written to sockets",
            ),
            refusals: add(&mut registry, "refusals", "What was refused, by code"),
            joins: add(&mut registry, "joins", "People who came anew, by what they got"),
            resumes: add(&mut registry, "resumes", "Tokens for a seat, by what they got"),
            left_out: add(
                &mut registry,
                "log_lines_left_out",
                "Log lines that were too many alike",
            ),
            queue,
            latency,
            bytes,
            registry,
        };
        meters.begin();
        meters
    }

    /// Makes the series whose values are known, so that the first of something is a change and not a beginning.
    fn begin(&self) {
        for kind in incoming::NAMES.into_iter().chain([UNREADABLE]) {
            self.messages.get_or_create(&traffic(IN, kind)).inc_by(0);
            self.bytes.get_or_create(&traffic(IN, kind)).inc_by(0);
        }
        for state in [SEATED, AWAY, KNOCKING] {
            self.people.get_or_create(&[state]).set(0);
        }
        for arrival in [Arrival::Seated, Arrival::Waiting] {
            self.joins.get_or_create(&[arrival.label()]).inc_by(0);
        }
        for arrival in [Arrival::Held, Arrival::Restored] {
            self.resumes.get_or_create(&[arrival.label()]).inc_by(0);
        }
        self.resumes.get_or_create(&[VOID]).inc_by(0);
    }

    /// A message came; its kind is its name on the wire, or [`UNREADABLE`]. `bytes` is its length.
    pub(crate) fn received(&self, kind: &'static str, bytes: usize) {
        self.passed(traffic(IN, kind), bytes);
    }

    /// A message is about to be written. Where it is an error, that is the refusal of which the client learns.
    pub(crate) fn sent(&self, message: &ServerMessage<Payload>, bytes: usize) {
        self.passed(traffic(OUT, variant_name(message)), bytes);
        if let ServerMessage::Error { code, .. } = message {
            self.refused(variant_name(code));
        }
    }

    fn passed(&self, labels: Labels<2>, bytes: usize) {
        self.messages.get_or_create(&labels).inc();
        self.bytes.get_or_create(&labels).inc_by(bytes as u64);
    }

    /// Something was refused for a reason that the protocol has a code for, or before there was a socket to say so.
    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&[("code", code)]).inc();
    }

    /// A socket was opened.
    pub(crate) fn opened(&self) {
        self.opened.inc();
    }

    /// A socket ended.
    pub(crate) fn ended(&self, end: End) {
        self.ended.get_or_create(&[("reason", variant_name(&end))]).inc();
    }

    /// Somebody came in.
    pub(crate) fn arrived(&self, arrival: Arrival) {
        let counters = match arrival {
            Arrival::Seated | Arrival::Waiting => &self.joins,
            Arrival::Held | Arrival::Restored => &self.resumes,
        };
        counters.get_or_create(&[arrival.label()]).inc();
    }

    /// Somebody came with a token for a seat that does not hold.
    pub(crate) fn token_void(&self) {
        self.resumes.get_or_create(&[VOID]).inc();
    }

    /// A message was queued behind so many others.
    pub(crate) fn queued(&self, behind: usize) {
        self.queue.observe(behind as f64);
    }

    /// A message that was read at that time was written to the socket of whom it was for.
    pub(crate) fn relayed(&self, read: Instant) {
        self.latency.observe(read.elapsed().as_secs_f64());
    }

    /// A line of this kind was not written to the log.
    pub(crate) fn left_out(&self, line: &'static str) {
        self.left_out.get_or_create(&[("line", line)]).inc();
    }

    /// All of it, with what there is at this moment.
    pub(crate) fn text(&self, census: Census) -> Result<String, fmt::Error> {
        let set = |gauge: &Gauge, count: usize| gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        set(&self.rooms, census.rooms);
        set(&self.sockets, census.sockets);
        for (state, count) in [
            (SEATED, census.seated),
            (AWAY, census.away),
            (KNOCKING, census.knocking),
        ] {
            set(&self.people.get_or_create(&[state]), count);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

const IN: &str = "in";
const OUT: &str = "out";

const SEATED: (&str, &str) = ("state", "seated");
const AWAY: (&str, &str) = ("state", "away");
const KNOCKING: (&str, &str) = ("state", "knocking");

/// What somebody got whose token does not hold: what anybody gets.
const VOID: (&str, &str) = ("outcome", "void");

impl Arrival {
    fn label(self) -> (&'static str, &'static str) {
        let outcome = match self {
            Self::Seated => "seated",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Restored => "restored",
        };
        ("outcome", outcome)
    }
}

fn traffic(direction: &'static str, kind: &'static str) -> Labels<2> {
    [("direction", direction), ("kind", kind)]
}

/// What serde calls the variant.
pub(crate) fn variant_name<T: Serialize>(variant: &T) -> &'static str {
    to_variant_name(variant).unwrap_or(UNREADABLE)
}

fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

#[cfg(test)]
mod tests {
    use maju_protocol::ErrorCode;

    use super::*;

    fn lines(meters: &Meters) -> Vec<String> {
        let text = meters.text(Census::default()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn variants_are_called_as_on_the_wire() {
        assert_eq!(variant_name(&ErrorCode::TooFast), "too-fast");
        let removed = ServerMessage::<Payload>::Removed {};
        assert_eq!(variant_name(&removed), "removed");
        let ice = ServerMessage::<Payload>::IceServers {
            ice_servers: Vec::new(),
        };
        assert_eq!(variant_name(&ice), "iceServers");
        assert_eq!(variant_name(&End::TakenOver), "taken-over");
    }

    #[test]
    fn an_error_that_is_sent_is_a_refusal() {
        let meters = Meters::new();
        let error = ServerMessage::Error {
            code: ErrorCode::RoomFull,
            text: String::new(),
            about: None,
            peer: None,
            wait: None,
        };
        meters.sent(&error, 100);
        meters.sent(&error, 20);
        let lines = lines(&meters);
        for line in [
            r#"maju_refusals_total{code="room-full"} 2"#,
            r#"maju_messages_total{direction="out",kind="error"} 2"#,
            r#"maju_message_bytes_total{direction="out",kind="error"} 120"#,
        ] {
            assert!(lines.iter().any(|it| it == line), "{line} is not in {lines:#?}");
        }
    }

    #[test]
    fn what_has_not_happened_yet_is_nought_and_every_name_is_the_projects() {
        let lines = lines(&Meters::new());
        for line in [
            r#"maju_messages_total{direction="in",kind="relay"} 0"#,
            r#"maju_resumes_total{outcome="held"} 0"#,
            r#"maju_people{state="away"} 0"#,
            "maju_relay_latency_seconds_count 0",
            "maju_queue_depth_count 0",
        ] {
            assert!(lines.iter().any(|it| it == line), "{line} is not in {lines:#?}");
        }
        assert!(
            lines
                .iter()
                .all(|line| line.starts_with('#') || line.starts_with("maju_"))
        );
        assert_eq!(lines.last().map(String::as_str), Some("# EOF"));
    }
}
