//! The people: a socket each, and who is where.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use maju_e2e::{Failure, Outcome, Server};
use maju_protocol::{ClientMessage, Join, PeerId, ServerMessage, VERSION};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Mutex as AsyncMutex, Notify},
    time::{Instant, interval, sleep, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::latencies::Latencies;

/// How much one relay carries: about a candidate with all that is around it.
pub(crate) const PAYLOAD_BYTES: usize = 300;

/// How long something may be under way before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many sockets are opened at a time.
const AT_A_TIME: usize = 64;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Everybody.
pub(crate) struct Crowd {
    people: Vec<Arc<Member>>,
    room: usize,
    begun: Instant,
    counts: Arc<Counts>,
}

/// What came of all relays.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    arrived: AtomicU64,
    lost: AtomicU64,
    moved: AtomicU64,
    latencies: Latencies,
    /// What should not happen, the first of it.
    complaint: Mutex<Option<String>>,
}

/// What is told of the relays.
pub(crate) struct Tally {
    pub(crate) sent: u64,
    pub(crate) arrived: u64,
    pub(crate) lost: u64,
    pub(crate) moved: u64,
}

/// One of them.
struct Member {
    room: String,
    to_server: AsyncMutex<SplitSink<Socket, Message>>,
    id: Mutex<Option<PeerId>>,
    seated: Notify,
    /// Whether others may send to it: not while it leaves.
    here: AtomicBool,
    /// How much is under way to it.
    expected: AtomicU32,
}

impl Crowd {
    /// Opens the sockets and has everybody join, so many to a room.
    pub(crate) async fn gather(server: &Server, sockets: usize, room: usize) -> Outcome<Self> {
        let counts = Arc::<Counts>::default();
        let begun = Instant::now();
        let address = server.socket();
        let next = AtomicUsize::new(0);
        let people = Mutex::new(Vec::with_capacity(sockets));
        let open = async || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= sockets {
                    return Ok::<_, Failure>(());
                }
                let member = Member::join(&address, number / room, counts.clone(), begun).await?;
                people
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((number, member));
            }
        };
        futures_util::future::try_join_all((0..AT_A_TIME).map(|_| open())).await?;
        let mut people = people.into_inner().unwrap_or_else(PoisonError::into_inner);
        people.sort_by_key(|(number, _)| *number);
        Ok(Self {
            people: people.into_iter().map(|(_, member)| member).collect(),
            room,
            begun,
            counts,
        })
    }

    /// Has so many relays sent each second, one person after the other, each to the next one in the room who is there.
    pub(crate) async fn relay(self: Arc<Self>, each_second: u32) {
        let mut pace = interval(Duration::from_secs(1) / each_second);
        for number in (0..self.people.len()).cycle() {
            pace.tick().await;
            let sender = &self.people[number];
            let receiver = self.neighbour(number);
            if !sender.here.load(Ordering::SeqCst) {
                continue;
            }
            // Counted before it is looked whether they are there, so that nobody leaves in between.
            receiver.expected.fetch_add(1, Ordering::SeqCst);
            if receiver.here.load(Ordering::SeqCst)
                && let Some(to) = receiver.id()
            {
                self.counts.sent.fetch_add(1, Ordering::Relaxed);
                let payload = self.payload();
                if let Err(failure) = sender.say(&ClientMessage::Relay { to, payload }).await {
                    self.counts.complain(failure.to_string());
                }
            } else {
                receiver.expected.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    /// Has so many people each second leave their rooms and come back.
    pub(crate) async fn move_about(self: Arc<Self>, each_second: u32) {
        let mut pace = interval(Duration::from_secs(1) / each_second);
        // Far from those who send just now, and nobody twice in a row.
        for step in 0.. {
            pace.tick().await;
            let member = self.people[(step * 7919 + self.people.len() / 2) % self.people.len()].clone();
            let counts = self.counts.clone();
            tokio::spawn(async move {
                match member.leave_and_come_back().await {
                    Ok(lost) => {
                        counts.lost.fetch_add(lost, Ordering::Relaxed);
                        counts.moved.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(failure) => counts.complain(failure.to_string()),
                }
            });
        }
    }

    /// What went wrong, if anything did.
    pub(crate) fn complain(&self) -> Outcome {
        match &*self
            .counts
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(complaint) => Err(Failure::new(complaint.clone())),
            None => Ok(()),
        }
    }

    /// What came of the relays; what is still under way is lost.
    pub(crate) fn tally(&self) -> Tally {
        let waiting: u64 = self
            .people
            .iter()
            .map(|member| u64::from(member.expected.load(Ordering::SeqCst)))
            .sum();
        Tally {
            sent: self.counts.sent.load(Ordering::SeqCst),
            arrived: self.counts.arrived.load(Ordering::SeqCst),
            lost: self.counts.lost.load(Ordering::SeqCst) + waiting,
            moved: self.counts.moved.load(Ordering::SeqCst),
        }
    }

    /// How long the relays took, in microseconds, the shortest first.
    pub(crate) fn latencies(&self) -> Vec<u32> {
        self.counts.latencies.take()
    }

    /// The next one of the same room.
    fn neighbour(&self, number: usize) -> &Arc<Member> {
        let first = number - number % self.room;
        let size = self.room.min(self.people.len() - first);
        &self.people[first + (number - first + 1) % size]
    }

    fn payload(&self) -> Value {
        let sent = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        json!({ "sent": sent, "rest": "x".repeat(PAYLOAD_BYTES - 40) })
    }
}

impl Member {
    async fn join(address: &str, room: usize, counts: Arc<Counts>, begun: Instant) -> Outcome<Arc<Self>> {
        let (socket, _) = connect_async(address).await?;
        let (to_server, from_server) = socket.split();
        let member = Arc::new(Self {
            room: format!("soak {room}"),
            to_server: AsyncMutex::new(to_server),
            id: Mutex::new(None),
            seated: Notify::new(),
            here: AtomicBool::new(false),
            expected: AtomicU32::new(0),
        });
        tokio::spawn(member.clone().listen(from_server, counts, begun));
        let versions = vec![VERSION];
        member.say(&ClientMessage::Hello { versions }).await?;
        member.sit_down().await?;
        Ok(member)
    }

    async fn sit_down(&self) -> Outcome {
        let seated = self.seated.notified();
        self.say(&ClientMessage::Join(Join {
            room: self.room.clone(),
            name: "Soak".to_owned(),
            ..Join::default()
        }))
        .await?;
        timeout(PATIENCE, seated)
            .await
            .map_err(|_| Failure::new("nobody was welcomed in time"))?;
        self.here.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Returns how much did not arrive before.
    async fn leave_and_come_back(&self) -> Outcome<u64> {
        if !self.here.swap(false, Ordering::SeqCst) {
            return Ok(0);
        }
        let until = Instant::now() + PATIENCE;
        while self.expected.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
        let lost = self.expected.swap(0, Ordering::SeqCst);
        self.say(&ClientMessage::Leave {}).await?;
        self.sit_down().await?;
        Ok(lost.into())
    }

    async fn listen(
        self: Arc<Self>,
        mut from_server: SplitStream<Socket>,
        counts: Arc<Counts>,
        begun: Instant,
    ) {
        loop {
            let text = match from_server.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    // The answer that the library prepared goes out with this.
                    let _flushed = self.to_server.lock().await.flush().await;
                    continue;
                }
                other => return counts.complain(format!("a socket ended: {other:?}")),
            };
            match serde_json::from_str::<ServerMessage<Value>>(&text) {
                Ok(ServerMessage::Relay { payload, .. }) => {
                    let sent = payload["sent"].as_u64().unwrap_or_default();
                    let took = begun.elapsed().saturating_sub(Duration::from_micros(sent));
                    counts.latencies.add(took);
                    counts.arrived.fetch_add(1, Ordering::Relaxed);
                    self.expected.fetch_sub(1, Ordering::SeqCst);
                }
                Ok(ServerMessage::Welcome(welcome)) => {
                    *self.id.lock().unwrap_or_else(PoisonError::into_inner) = Some(welcome.you);
                    self.seated.notify_waiters();
                }
                Ok(ServerMessage::Error { text, .. }) => counts.complain(text),
                Ok(_) => {}
                Err(error) => counts.complain(error.to_string()),
            }
        }
    }

    async fn say(&self, message: &ClientMessage<Value>) -> Outcome {
        let text = serde_json::to_string(message)?;
        Ok(self.to_server.lock().await.send(Message::text(text)).await?)
    }

    fn id(&self) -> Option<PeerId> {
        self.id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Counts {
    fn complain(&self, what: String) {
        let mut complaint = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        complaint.get_or_insert(what);
    }
}
