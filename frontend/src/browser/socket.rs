use std::future::poll_fn;

use futures_channel::mpsc;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, futures::WebSocket};
use maju_call::SocketEvent;
use maju_protocol::{ClientMessage, ServerMessage, Signal};
use serde_json::value::RawValue;
use wasm_bindgen_futures::spawn_local;

use super::{Reporter, task::Task};

/// The signaling socket. Dropped, it reports nothing more, and closes once what was sent before is on its way.
#[derive(Debug)]
pub(crate) struct Socket {
    outgoing: mpsc::UnboundedSender<String>,
    _reading: Task,
}

impl Socket {
    pub(crate) fn open(address: &str, reporter: Reporter) -> Self {
        let (outgoing, waiting) = mpsc::unbounded();
        let address = address.to_owned();
        let (opened, opening) = mpsc::unbounded();
        let reading = Task::spawn(async move {
            match WebSocket::open(&address) {
                Ok(socket) => {
                    let (write, read) = socket.split();
                    // Its own end is the end of the queue, so that a `leave` gets out after the drop.
                    spawn_local(self::write(write, waiting, opened));
                    self::read(read, opening, &reporter).await;
                }
                Err(error) => reporter.socket(SocketEvent::Nonsense(error.to_string())),
            }
            reporter.socket(SocketEvent::Closed);
        });
        Self {
            outgoing,
            _reading: reading,
        }
    }

    pub(crate) fn send(&self, message: &ClientMessage<Signal>) {
        if let Ok(text) = serde_json::to_string(message) {
            // A closed queue is a closed socket, which is reported by the reading end.
            let _closed = self.outgoing.unbounded_send(text);
        }
    }
}

async fn write(
    mut socket: SplitSink<WebSocket, Message>,
    mut waiting: mpsc::UnboundedReceiver<String>,
    opened: mpsc::UnboundedSender<()>,
) {
    if poll_fn(|context| socket.poll_ready_unpin(context)).await.is_err() {
        return;
    }
    // Nobody listens any more if the socket was dropped before it opened.
    let _dropped = opened.unbounded_send(());
    while let Some(text) = waiting.next().await {
        if socket.send(Message::Text(text)).await.is_err() {
            return;
        }
    }
    let _closed = socket.close().await;
}

async fn read(
    mut socket: SplitStream<WebSocket>,
    mut opening: mpsc::UnboundedReceiver<()>,
    reporter: &Reporter,
) {
    if opening.next().await.is_none() {
        return;
    }
    reporter.socket(SocketEvent::Opened);
    while let Some(Ok(message)) = socket.next().await {
        reporter.socket(match message {
            Message::Text(text) => understand(&text),
            Message::Bytes(_) => SocketEvent::Nonsense("a binary message".to_owned()),
        });
    }
}

/// Parses what the server said, and what a peer had relayed apart from it: the peer's mistake is not the server's.
fn understand(text: &str) -> SocketEvent {
    match serde_json::from_str::<ServerMessage<Box<RawValue>>>(text) {
        Ok(message) => SocketEvent::Message(
            message.map(|payload| serde_json::from_str::<Signal>(payload.get()).map_err(|e| e.to_string())),
        ),
        Err(error) => SocketEvent::Nonsense(error.to_string()),
    }
}
