use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use maju_protocol::{ClientMessage, Join, PeerId, Person, ServerMessage, VERSION};
use serde_json::Value;
use tokio::{net::TcpStream, select, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{Failure, Outcome, Server};

const PATIENCE: Duration = Duration::from_secs(15);

/// A client without a browser, which can say anything. It answers the server's pings while nobody asks it
/// anything, and leaves like a page when it is dropped.
pub struct RawPeer {
    /// The id that the server gave to it.
    pub id: PeerId,
    /// Who was in the room before.
    pub people: Vec<Person>,
    to_server: mpsc::Sender<Message>,
    /// All but the beats.
    from_server: mpsc::UnboundedReceiver<Outcome<ServerMessage<Value>>>,
}

impl RawPeer {
    /// Opens a socket, greets and takes a seat.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub async fn join(server: &Server, room: &str, name: &str) -> Outcome<Self> {
        let (socket, _) = connect_async(server.socket()).await?;
        let (to_server, outgoing) = mpsc::channel(16);
        let (incoming, from_server) = mpsc::unbounded_channel();
        tokio::spawn(attend(socket, outgoing, incoming));
        let mut peer = Self {
            id: PeerId::new(""),
            people: Vec::new(),
            to_server,
            from_server,
        };
        peer.say(&ClientMessage::Hello {
            versions: vec![VERSION],
        })
        .await?;
        peer.say(&ClientMessage::Join(Join {
            room: room.to_owned(),
            name: name.to_owned(),
            ..Join::default()
        }))
        .await?;
        let (you, people) = peer
            .hear("welcome", |message| match message {
                ServerMessage::Welcome(welcome) => Some((welcome.you, welcome.people)),
                _ => None,
            })
            .await?;
        peer.id = you;
        peer.people = people;
        Ok(peer)
    }

    /// Says something in the words of the wire.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say(&mut self, message: &ClientMessage<Value>) -> Outcome {
        self.say_text(&serde_json::to_string(message)?).await
    }

    /// Says anything.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say_text(&mut self, text: &str) -> Outcome {
        let sent = self.to_server.send(Message::text(text)).await;
        sent.map_err(|_| Failure::new("the socket is closed"))
    }

    /// Has anything handed to somebody in the room.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn relay(&mut self, to: &PeerId, payload: Value) -> Outcome {
        self.say(&ClientMessage::Relay {
            to: to.clone(),
            payload,
        })
        .await
    }

    /// Waits for a message that the picker takes, dropping those before it.
    ///
    /// # Errors
    /// When none comes within 15 s.
    pub async fn hear<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(ServerMessage<Value>) -> Option<T>,
    ) -> Outcome<T> {
        let search = async {
            loop {
                let message = self.next().await?;
                if let Some(found) = pick(message) {
                    return Ok(found);
                }
            }
        };
        timeout(PATIENCE, search).await.unwrap_or_else(|_| {
            Err(Failure::new(format!(
                "the server did not send this in time: {what}"
            )))
        })
    }

    /// All that the server says before it answers a question asked now. Because a socket keeps the order, whatever
    /// the server had to say earlier is among it.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn all_until_now(&mut self) -> Outcome<Vec<ServerMessage<Value>>> {
        // A second hello is refused with an error, and refusing it changes nothing.
        self.say(&ClientMessage::Hello {
            versions: vec![VERSION],
        })
        .await?;
        let mut before = Vec::new();
        self.hear("a refusal of the second hello", |message| match message {
            ServerMessage::Error {
                code: maju_protocol::ErrorCode::AlreadyGreeted,
                ..
            } => Some(()),
            other => {
                before.push(other);
                None
            }
        })
        .await?;
        Ok(before)
    }

    async fn next(&mut self) -> Outcome<ServerMessage<Value>> {
        let closed = || Err(Failure::new("the server closed the socket"));
        self.from_server.recv().await.unwrap_or_else(closed)
    }
}

/// Carries messages both ways until the peer is dropped or the socket ends. Without somebody who reads all the time
/// no ping would be answered, and the server would take the peer for gone.
async fn attend(
    mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    mut outgoing: mpsc::Receiver<Message>,
    incoming: mpsc::UnboundedSender<Outcome<ServerMessage<Value>>>,
) {
    loop {
        let heard = select! {
            said = outgoing.recv() => match said {
                Some(message) => match socket.send(message).await {
                    Ok(()) => continue,
                    Err(error) => Err(error.into()),
                },
                None => {
                    let frame = CloseFrame {
                        code: CloseCode::Away,
                        reason: "".into(),
                    };
                    // A socket that is broken needs no goodbye.
                    let _ = socket.send(Message::text(r#"{"leave":{}}"#)).await;
                    let _ = socket.close(Some(frame)).await;
                    return;
                }
            },
            received = socket.next() => match received {
                Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).map_err(Failure::from),
                Some(Ok(_)) => continue,
                Some(Err(error)) => Err(error.into()),
                None => return,
            },
        };
        if matches!(heard, Ok(ServerMessage::Beat { .. })) {
            continue;
        }
        let over = heard.is_err();
        // Where nobody listens any more, the next turn says goodbye.
        let _ = incoming.send(heard);
        if over {
            return;
        }
    }
}
