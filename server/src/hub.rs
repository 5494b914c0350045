//! The one place where sockets meet: rooms behind a lock, and a queue to each person.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use maju_protocol::{IceServer, LeaveReason, PeerId, ServerMessage};
use serde_json::value::RawValue;
use tokio::select;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::rooms::{Action, Delivery, Refusal, RoomKey, RoomName, Rooms};

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
    rooms: Rooms,
    outboxes: HashMap<PeerId, Outbox>,
    closed: bool,
}

/// The way to one socket.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<ServerMessage<Payload>>,
    /// Told whenever a message was taken from the queue and written.
    written: Arc<Notify>,
    cut: CancellationToken,
}

/// Those whose queues are more than half full after what was delivered. Who caused it is to wait for them.
pub(crate) type Crowd = Vec<Outbox>;

impl Outbox {
    /// A queue of at most `length` messages, its other end, and the token that says that it overflowed.
    pub(crate) fn new(length: usize) -> (Self, mpsc::Receiver<ServerMessage<Payload>>, CancellationToken) {
        let (queue, inbox) = mpsc::channel(length);
        let cut = CancellationToken::new();
        (
            Self {
                queue,
                written: Arc::default(),
                cut: cut.clone(),
            },
            inbox,
            cut,
        )
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
    pub(crate) fn new(max_people: usize, ice_servers: Vec<IceServer>) -> Self {
        Self {
            inner: Mutex::new(Inner {
                rooms: Rooms::new(max_people, ice_servers),
                outboxes: HashMap::new(),
                closed: false,
            }),
            shortener: RandomState::new(),
        }
    }

    /// Gives `peer` a seat; the welcome is the first thing in its outbox that concerns the room.
    pub(crate) fn join(
        &self,
        peer: &PeerId,
        outbox: Outbox,
        room: RoomName,
        name: String,
    ) -> Result<Crowd, Refusal> {
        let key = room.key.clone();
        let mut inner = self.lock();
        let deliveries = inner.rooms.act(Action::Join {
            peer: peer.clone(),
            room,
            name,
        })?;
        inner.outboxes.insert(peer.clone(), outbox);
        let crowd = inner.deliver(deliveries);
        let people = inner.rooms.people(&key);
        drop(inner);
        info!(room = %self.short(&key), peer = short_id(peer), people, "joined");
        Ok(crowd)
    }

    /// Hands a payload on.
    pub(crate) fn relay(&self, from: PeerId, to: PeerId, payload: Payload) -> Result<Crowd, Refusal> {
        debug!(
            from = short_id(&from),
            to = short_id(&to),
            bytes = payload.get().len(),
            "relay"
        );
        let mut inner = self.lock();
        let deliveries = inner.rooms.act(Action::Relay { from, to, payload })?;
        Ok(inner.deliver(deliveries))
    }

    /// Frees the seat and tells the others, unless the hub is closed: whoever loses the server with everybody
    /// else is still in the call, and nobody must be told that they left.
    pub(crate) fn leave(&self, peer: &PeerId, reason: LeaveReason) -> Result<Crowd, Refusal> {
        let mut inner = self.lock();
        if inner.closed {
            return Ok(Crowd::new());
        }
        let key = inner.rooms.room_of(peer).cloned();
        let deliveries = inner.rooms.act(Action::Leave {
            peer: peer.clone(),
            reason,
        })?;
        inner.outboxes.remove(peer);
        let crowd = inner.deliver(deliveries);
        let people = key.as_ref().map_or(0, |key| inner.rooms.people(key));
        drop(inner);
        if let Some(key) = key {
            info!(room = %self.short(&key), peer = short_id(peer), people, ?reason, "left");
        }
        Ok(crowd)
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
    /// Queues the deliveries while the lock is held, so that everybody learns of changes in the order in which
    /// they happened. Nothing here waits: the sockets are written to by their own tasks.
    fn deliver(&self, deliveries: Vec<Delivery<Payload>>) -> Crowd {
        let mut crowd = Crowd::new();
        for delivery in deliveries {
            if let Some(outbox) = self.outboxes.get(&delivery.to) {
                outbox.push(delivery.message);
                if outbox.is_crowded() {
                    crowd.push(outbox.clone());
                }
            }
        }
        crowd
    }
}

/// Enough of an id to follow it through a log.
pub(crate) fn short_id(peer: &PeerId) -> &str {
    peer.as_str().get(..8).unwrap_or(peer.as_str())
}
