//! The page of the benchmarks to compare with: plain JavaScript and the smallest relay that can serve it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{Outcome, Site};

/// The plain page and its relay on one port.
pub struct PlainPage {
    site: Site,
}

impl PlainPage {
    /// Serves them on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Outcome<Self> {
        let rooms = Rooms::default();
        let router =
            Router::new()
                .route("/", get(|| async { Html(include_str!("../bench/index.html")) }))
                .route(
                    "/app.js",
                    get(|| async { typed("text/javascript", include_str!("../bench/app.js")) }),
                )
                .route(
                    "/app.css",
                    get(|| async { typed("text/css", include_str!("../bench/app.css")) }),
                )
                .route(
                    "/relay",
                    get(|upgrade: WebSocketUpgrade| async move {
                        upgrade.on_upgrade(|socket| rooms.serve(socket))
                    }),
                );
        Ok(Self {
            site: Site::serve(router).await?,
        })
    }

    /// Where the page is.
    pub fn address(&self) -> &str {
        &self.site.address
    }
}

fn typed(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

/// Who is in which room, by the socket's number.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<HashMap<u64, Seat>>>);

struct Seat {
    room: String,
    out: UnboundedSender<Utf8Bytes>,
}

impl Rooms {
    /// The first message names the room; all others go to everybody else in it, with the sender's number.
    async fn serve(self, socket: WebSocket) {
        let (mut sink, mut stream) = socket.split();
        let (out, mut messages) = unbounded_channel::<Utf8Bytes>();
        let writer = tokio::spawn(async move {
            while let Some(text) = messages.recv().await {
                if sink.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
        });
        let mut me = None;
        while let Some(Ok(Message::Text(text))) = stream.next().await {
            let Ok(mut message) = serde_json::from_str::<Value>(&text) else {
                break;
            };
            let id = *me.get_or_insert_with(|| self.sit(&message, out.clone()));
            message["from"] = json!(id);
            self.tell_others(id, &message);
        }
        if let Some(id) = me {
            self.tell_others(id, &json!({ "type": "leave", "from": id }));
            self.seats().remove(&id);
        }
        writer.abort();
    }

    fn sit(&self, join: &Value, out: UnboundedSender<Utf8Bytes>) -> u64 {
        let room = join["room"].as_str().unwrap_or_default().to_owned();
        let mut seats = self.seats();
        let id = seats.keys().max().map_or(1, |last| last + 1);
        seats.insert(id, Seat { room, out });
        id
    }

    fn tell_others(&self, me: u64, message: &Value) {
        let seats = self.seats();
        let Some(room) = seats.get(&me).map(|seat| &seat.room) else {
            return;
        };
        let target = message["target"].as_u64();
        for (id, seat) in seats.iter() {
            if *id != me && seat.room == *room && target.is_none_or(|target| target == *id) {
                // A socket that is closing takes its seat away itself.
                let _ = seat.out.send(message.to_string().into());
            }
        }
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
