//! The queue to one socket, bounded by messages and by bytes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use maju_protocol::ServerMessage;
use tokio::{
    select,
    sync::{Notify, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{rooms::Relayed, signal::Payload};

/// About what a message takes besides its payload, in bytes.
const ENVELOPE: usize = 256;

/// The way to one socket.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Queued>,
    bytes: Arc<AtomicUsize>,
    max_bytes: usize,
    /// Told whenever a message was taken from the queue and written.
    written: Arc<Notify>,
    cut: CancellationToken,
    taken_over: CancellationToken,
}

/// The other end of an [`Outbox`].
pub(crate) type Inbox = mpsc::Receiver<Queued>;

/// A message that waits to be written.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) message: ServerMessage<Payload>,
    /// When that was read of which it is the relay.
    pub(crate) read: Option<Instant>,
    bytes: usize,
}

/// Those whose queues are more than half full after what was delivered. Who caused it is to wait for them.
pub(crate) type Crowd = Vec<Outbox>;

impl Outbox {
    /// A queue of at most so many messages and so many bytes, and its other end.
    pub(crate) fn new(length: usize, max_bytes: usize) -> (Self, Inbox) {
        let (queue, inbox) = mpsc::channel(length);
        let outbox = Self {
            queue,
            bytes: Arc::default(),
            max_bytes,
            written: Arc::default(),
            cut: CancellationToken::new(),
            taken_over: CancellationToken::new(),
        };
        (outbox, inbox)
    }

    /// Queues a message without waiting. There is room as long as who sends waits for [`Outbox::relieved`]; where
    /// so many send at once that there is none, the socket is cut off. Returns behind how many it waits.
    pub(crate) fn push(&self, message: ServerMessage<Payload>, read: Option<Instant>) -> usize {
        let behind = self.queue.max_capacity() - self.queue.capacity();
        let bytes = ENVELOPE
            + match &message {
                ServerMessage::Relay { payload, .. } => payload.bytes(),
                _ => 0,
            };
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let full = before + bytes > self.max_bytes;
        let queued = Queued { message, read, bytes };
        if full
            || matches!(
                self.queue.try_send(queued),
                Err(mpsc::error::TrySendError::Full(_))
            )
        {
            self.cut_off();
        }
        behind
    }

    /// A message was taken from the queue and written.
    pub(crate) fn wrote(&self, queued: &Queued) {
        self.bytes.fetch_sub(queued.bytes, Ordering::Relaxed);
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

    /// Has the socket end: another one has the seat.
    pub(crate) fn take_over(&self) {
        self.taken_over.cancel();
    }

    /// Cancelled when another socket took the seat.
    pub(crate) fn taken_over(&self) -> &CancellationToken {
        &self.taken_over
    }

    /// Whether more than half of the queue is taken.
    pub(crate) fn is_crowded(&self) -> bool {
        self.queue.capacity() < self.queue.max_capacity() / 2
            || self.bytes.load(Ordering::Relaxed) > self.max_bytes / 2
    }
}
