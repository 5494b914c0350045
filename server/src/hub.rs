//! The one place where sockets meet: rooms behind a lock, and a queue to each person.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use maju_protocol::{LeaveReason, PeerId, ServerMessage};
use serde_json::value::RawValue;
use tokio::select;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    config::Config,
    id::short_id,
    rooms::{Action, Delivery, Refusal, RoomKey, RoomName, Rooms},
};

/// A relayed payload: JSON that was checked to be JSON and nothing more.
pub(crate) type Payload = Box<RawValue>;

/// All rooms and the way to everybody in them.
pub(crate) struct Hub {
    /// A std mutex: it is held for computing and queueing only, never across an `await`.
    inner: Mutex<Inner>,
    /// Makes short names of rooms for the log that cannot be turned back into names.
    shortener: RandomState,
}

struct Inner {
    rooms: Rooms<Payload>,
    /// Of everybody who has a seat, also of those who are away: then it is that of the last socket.
    holders: HashMap<PeerId, Holder>,
    /// How many seats were taken so far.
    holds: u64,
    /// How many people may be away at a time.
    max_away: usize,
    closed: bool,
}

/// The socket that holds a seat, or held it last.
struct Holder {
    hold: u64,
    outbox: Outbox,
}

/// A seat as the socket knows it that took it. Another socket may take it over; from then on the number is
/// another one, and this one can do nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) peer: PeerId,
    hold: u64,
}

/// Somebody who wants a seat.
pub(crate) struct Newcomer {
    pub(crate) peer: PeerId,
    pub(crate) room: RoomName,
    pub(crate) name: String,
    /// Whether a token says that the seat is theirs.
    pub(crate) resuming: bool,
    /// The token to hand out.
    pub(crate) token: Option<String>,
}

/// The way to one socket.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<ServerMessage<Payload>>,
    /// Told whenever a message was taken from the queue and written.
    written: Arc<Notify>,
    cut: CancellationToken,
    taken_over: CancellationToken,
}

/// The other end of an [`Outbox`].
pub(crate) type Inbox = mpsc::Receiver<ServerMessage<Payload>>;

/// Those whose queues are more than half full after what was delivered. Who caused it is to wait for them.
pub(crate) type Crowd = Vec<Outbox>;

impl Outbox {
    /// A queue of at most `length` messages and its other end.
    pub(crate) fn new(length: usize) -> (Self, Inbox) {
        let (queue, inbox) = mpsc::channel(length);
        let outbox = Self {
            queue,
            written: Arc::default(),
            cut: CancellationToken::new(),
            taken_over: CancellationToken::new(),
        };
        (outbox, inbox)
    }

    /// A message was taken from the queue and written.
    pub(crate) fn wrote(&self) {
        self.written.notify_waiters();
    }

    /// Waits until half the queue is free or nobody takes from it any more.
    pub(crate) async fn relieved(&self) {
        loop {
            let written = self.written.notified();
            if !self.is_crowded() {
                return;
            }
            select! {
                () = written => {}
                () = self.cut.cancelled() => return,
                () = self.queue.closed() => return,
            }
        }
    }

    /// Ends the socket: its client does not read.
    pub(crate) fn cut_off(&self) {
        self.cut.cancel();
    }

    /// Cancelled when the client does not read.
    pub(crate) fn cut(&self) -> &CancellationToken {
        &self.cut
    }

    /// Cancelled when another socket took the seat.
    pub(crate) fn taken_over(&self) -> &CancellationToken {
        &self.taken_over
    }

    fn is_crowded(&self) -> bool {
        self.queue.capacity() < self.queue.max_capacity() / 2
    }

    /// Queues a message without waiting. There is room as long as who sends waits for [`Outbox::relieved`]; where
    /// so many send at once that there is none, the socket is cut off.
    fn push(&self, message: ServerMessage<Payload>) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(message) {
            self.cut_off();
        }
    }
}

impl Hub {
    pub(crate) fn new(config: &Config) -> Self {
        // What was kept must fit into an empty queue behind the welcome.
        let max_parked = config.queue / 2;
        Self {
            inner: Mutex::new(Inner {
                rooms: Rooms::new(config.max_people, max_parked, config.ice_servers.clone()),
                holders: HashMap::new(),
                holds: 0,
                max_away: config.max_sockets,
                closed: false,
            }),
            shortener: RandomState::new(),
        }
    }

    /// Gives the newcomer a seat, or another socket's seat; the welcome is the first thing in the outbox that
    /// concerns the room.
    pub(crate) fn join(&self, newcomer: Newcomer, outbox: Outbox) -> Result<(Seat, Crowd), Refusal> {
        let Newcomer {
            peer,
            room,
            name,
            resuming,
            token,
        } = newcomer;
        let key = room.key.clone();
        let mut inner = self.lock();
        let was_away = inner.rooms.is_away(&peer);
        let deliveries = inner.rooms.act(Action::Join {
            peer: peer.clone(),
            room,
            name,
            resuming,
            token,
        })?;
        inner.holds += 1;
        let hold = inner.holds;
        let before = inner.holders.insert(peer.clone(), Holder { hold, outbox });
        let crowd = inner.deliver(deliveries);
        let people = inner.rooms.people(&key);
        drop(inner);
        let (room, id) = (self.short(&key), short_id(&peer));
        match before {
            Some(before) => {
                before.outbox.taken_over.cancel();
                info!(%room, peer = id, people, was_away, "resumed");
            }
            None => info!(%room, peer = id, people, resuming, "joined"),
        }
        Ok((Seat { peer, hold }, crowd))
    }

    /// Hands a payload on.
    pub(crate) fn relay(&self, from: &Seat, to: PeerId, payload: Payload) -> Result<Crowd, Refusal> {
        debug!(
            from = short_id(&from.peer),
            to = short_id(&to),
            bytes = payload.get().len(),
            "relay"
        );
        let mut inner = self.lock();
        if !inner.holds(from) {
            return Err(Refusal::NotJoined);
        }
        let from = from.peer.clone();
        let deliveries = inner.rooms.act(Action::Relay { from, to, payload })?;
        Ok(inner.deliver(deliveries))
    }

    /// Keeps the seat of a socket that is gone, with what is still in its inbox. Tells nobody. Returns whether
    /// there is anything to keep: not when another socket took the seat, not once the hub is closed, and not when
    /// too many are away already. In that case the seat is free, and the others are told.
    pub(crate) fn keep(&self, seat: &Seat, inbox: &mut Inbox) -> bool {
        let mut inner = self.lock();
        if inner.closed || !inner.holds(seat) {
            return false;
        }
        if inner.rooms.away() >= inner.max_away {
            drop(inner);
            warn!("too many people are away; a seat was not kept");
            self.leave(seat, LeaveReason::Lost);
            return false;
        }
        // Under the lock, so that nothing gets lost between what is still in there and what is kept from now on.
        inbox.close();
        let unsent = std::iter::from_fn(|| inbox.try_recv().ok()).collect();
        let peer = seat.peer.clone();
        let kept = inner.rooms.act(Action::Away { peer, unsent }).is_ok();
        drop(inner);
        info!(peer = short_id(&seat.peer), "away");
        kept
    }

    /// Frees the seat and tells the others, unless another socket took it, or the hub is closed: whoever loses the
    /// server with everybody else is still in the call, and nobody must be told that they left.
    pub(crate) fn leave(&self, seat: &Seat, reason: LeaveReason) -> Crowd {
        let peer = &seat.peer;
        let mut inner = self.lock();
        if inner.closed || !inner.holds(seat) {
            return Crowd::new();
        }
        let key = inner.rooms.room_of(peer).cloned();
        let action = Action::Leave {
            peer: peer.clone(),
            reason,
        };
        // Whoever holds a seat has one.
        let Ok(deliveries) = inner.rooms.act(action) else {
            return Crowd::new();
        };
        inner.holders.remove(peer);
        let crowd = inner.deliver(deliveries);
        let people = key.as_ref().map_or(0, |key| inner.rooms.people(key));
        drop(inner);
        if let Some(key) = key {
            info!(room = %self.short(&key), peer = short_id(peer), people, ?reason, "left");
        }
        crowd
    }

    /// From now on nobody is told that somebody left.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    fn short(&self, key: &RoomKey) -> String {
        format!("{:08x}", self.shortener.hash_one(key) >> 32)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether the seat was not taken by another socket since.
    fn holds(&self, seat: &Seat) -> bool {
        self.holders
            .get(&seat.peer)
            .is_some_and(|holder| holder.hold == seat.hold)
    }

    /// Queues the deliveries while the lock is held, so that everybody learns of changes in the order in which
    /// they happened. Nothing here waits: the sockets are written to by their own tasks.
    fn deliver(&self, deliveries: Vec<Delivery<Payload>>) -> Crowd {
        let mut crowd = Crowd::new();
        for delivery in deliveries {
            if let Some(Holder { outbox, .. }) = self.holders.get(&delivery.to) {
                outbox.push(delivery.message);
                if outbox.is_crowded() {
                    crowd.push(outbox.clone());
                }
            }
        }
        crowd
    }
}
