use std::future::poll_fn;
use std::pin::pin;

use futures_channel::mpsc;
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, State, futures::WebSocket};
use maju_call::SocketEvent;
use maju_protocol::{ClientMessage, ServerMessage, Signal};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestCache, RequestInit, RequestMode, Response, ResponseType, window};

use super::{
    Reporter,
    read::{Unread, from_text, to_text},
};

/// The signaling socket. Dropped, it reports nothing more, and closes once what was sent before is on its way.
#[derive(Debug)]
pub(crate) struct Socket(mpsc::UnboundedSender<String>);

impl Socket {
    pub(crate) fn open(address: &str, reporter: Reporter) -> Self {
        Self::start(address, false, reporter)
    }

    /// Asks first by a plain request whether the server is there; reports that it closed if not.
    pub(crate) fn open_if_there(address: &str, reporter: Reporter) -> Self {
        Self::start(address, true, reporter)
    }

    fn start(address: &str, ask: bool, reporter: Reporter) -> Self {
        let (outgoing, waiting) = mpsc::unbounded();
        // The end of the queue is the task's own end, so that a `leave` gets out after the drop.
        spawn_local(run(address.to_owned(), ask, waiting, reporter));
        Self(outgoing)
    }

    pub(crate) fn send(&self, message: &ClientMessage<Signal>) {
        if let Some(text) = to_text(message) {
            // A closed queue is a closed socket, which has been reported.
            let _closed = self.0.unbounded_send(text);
        }
    }
}

async fn run(address: String, ask: bool, mut waiting: mpsc::UnboundedReceiver<String>, reporter: Reporter) {
    if ask {
        let question = pin!(is_there(&address));
        // Nothing is sent before it is open: all that the queue can say until then is that its owner is gone.
        match select(waiting.next(), question).await {
            Either::Left(_) => return,
            Either::Right((true, _)) => {}
            Either::Right((false, _)) => return reporter.socket(SocketEvent::Closed),
        }
    }
    match WebSocket::open(&address) {
        Ok(mut socket) => {
            if let Gone::Dropped = talk(&mut socket, &mut waiting, &reporter).await {
                return;
            }
        }
        Err(error) => reporter.socket(SocketEvent::Nonsense(error.to_string())),
    }
    reporter.socket(SocketEvent::Closed);
}

/// Whether anything but a proxy that misses its server answers at the socket's address.
async fn is_there(address: &str) -> bool {
    let (Some(window), Ok(asking)) = (window(), Asking::new()) else {
        return true;
    };
    let init = RequestInit::new();
    // The server may be on another host; then that it answers is all that can be known.
    init.set_mode(RequestMode::NoCors);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&asking.0.signal()));
    // `ws:` and `wss:` become `http:` and `https:`.
    let address = address.replacen("ws", "http", 1);
    match JsFuture::from(window.fetch_with_str_and_init(&address, &init)).await {
        Ok(response) => response
            .dyn_into::<Response>()
            .is_ok_and(|response| response.type_() == ResponseType::Opaque || response.status() < 500),
        Err(_) => false,
    }
}

/// A request that ends with its owner.
struct Asking(AbortController);

impl Asking {
    fn new() -> Result<Self, JsValue> {
        AbortController::new().map(Self)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Who ended it.
enum Gone {
    /// The owner: nothing more is to be reported.
    Dropped,
    /// The network or the server.
    Closed,
}

async fn talk(
    socket: &mut WebSocket,
    waiting: &mut mpsc::UnboundedReceiver<String>,
    reporter: &Reporter,
) -> Gone {
    let open = pin!(poll_fn(|context| socket.poll_ready_unpin(context)));
    // Nothing is sent before it is open: all that the queue can say until then is that its owner is gone.
    if let Either::Left(_) = select(waiting.next(), open).await {
        return Gone::Dropped;
    }
    if !matches!(socket.state(), State::Open) {
        return Gone::Closed;
    }
    reporter.socket(SocketEvent::Opened);
    loop {
        // The queue comes first: an owner that is gone hears nothing more.
        match select(waiting.next(), socket.next()).await {
            Either::Left((Some(text), _)) => {
                if socket.send(Message::Text(text)).await.is_err() {
                    return Gone::Closed;
                }
            }
            Either::Left((None, _)) => return Gone::Dropped,
            Either::Right((Some(Ok(message)), _)) => reporter.socket(match message {
                Message::Text(text) => understand(&text),
                Message::Bytes(_) => SocketEvent::Nonsense("a binary message".to_owned()),
            }),
            Either::Right((Some(Err(_)) | None, _)) => return Gone::Closed,
        }
    }
}

/// Parses what the server said, and what a peer had relayed apart from it: the peer's mistake is not the server's.
fn understand(text: &str) -> SocketEvent {
    match from_text::<ServerMessage<Unread>>(text) {
        Ok(message) => SocketEvent::Message(message.map(Unread::read::<Signal>)),
        Err(error) => SocketEvent::Nonsense(error.to_string()),
    }
}
