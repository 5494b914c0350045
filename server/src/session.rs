//! One signaling socket, from its upgrade to its end.
//!
//! ```text
//!  new ──hello──▶ greeted ◀──leave──┐
//!   │                │ └──join──▶ seated
//!   └───────┬────────┴────────────┘ │
//!           └──────▶ ended ◀────────┘   the socket closes, falls silent or does not read; another socket takes
//!                      │                the seat; the server stops
//!                      └──────▶ kept    where it just closed: until another socket takes the seat, or for the
//!                                       time of silence, or less after code 1001
//! ```

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use maju_protocol::{ClientMessage, ErrorCode, LeaveReason, PeerId, ServerMessage, VERSION};
use tokio::{
    join, select,
    sync::OwnedSemaphorePermit,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::{
    config::Config,
    end::End,
    hub::{Crowd, Hub, Inbox, Newcomer, Outbox, Payload, Seat},
    id::{new_id, short_id},
    incoming::{self, Refused, Trouble},
    keeping::{keep, overslept},
    names::{person_name, room_name},
    rooms::{Refusal, RoomKey},
    token::Tokens,
};

/// The longest WebSocket message that is taken in at all, in bytes. A longer one ends the socket.
pub(crate) const MAX_SOCKET_MESSAGE: usize = 4 * 1024 * 1024;

/// How long a client may take to answer a close frame when the server is not stopping.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// What a session needs of the server.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) hub: Arc<Hub>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) config: Arc<Config>,
    /// Cancelled when the server stops.
    pub(crate) stopping: CancellationToken,
}

/// Serves the socket until it is closed, and keeps the seat of somebody who may come back.
///
/// `place` is free again with the end of the socket.
pub(crate) async fn serve(socket: WebSocket, around: Surroundings, place: OwnedSemaphorePermit) {
    let (outbox, inbox) = Outbox::new(around.config.queue);
    let mut session = Session {
        socket,
        inbox,
        around: around.clone(),
        outbox: outbox.clone(),
        greeted: false,
        seat: None,
        crowd: Crowd::new(),
        patience: Instant::now(),
        heard: Instant::now(),
    };
    let end = session.run().await;
    if end == End::Slow {
        warn!(
            peer = session.seat.as_ref().map(|seated| short_id(&seated.seat.peer)),
            "cut off: does not read"
        );
    }
    debug!(?end, "socket ended");
    // Before the socket's last words are exchanged, which may take a while.
    let kept = session.vacate(end);
    let goodbye = async move {
        session.say_goodbye(end).await;
        drop((session, place));
    };
    let keeping = async {
        if let Some(seat) = kept {
            keep(&around, &seat, &outbox, end).await;
        }
    };
    join!(goodbye, keeping);
}

async fn relieved(crowd: &[Outbox]) {
    for outbox in crowd {
        outbox.relieved().await;
    }
}

struct Session {
    socket: WebSocket,
    inbox: Inbox,
    around: Surroundings,
    outbox: Outbox,
    greeted: bool,
    seat: Option<Seated>,
    /// Whom this client sends to faster than they read. It is not listened to until they have caught up.
    crowd: Crowd,
    /// Until when they may take.
    patience: Instant,
    /// When anything last came from the client.
    heard: Instant,
}

/// The seat of a session.
struct Seated {
    seat: Seat,
    room: RoomKey,
    /// When the client is to get a newer token.
    renew: Instant,
}

impl Session {
    async fn run(&mut self) -> End {
        let config = self.around.config.clone();
        let mut beat = interval_at(Instant::now() + config.heartbeat, config.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let step = select! {
                () = self.around.stopping.cancelled() => ControlFlow::Break(End::Stopping),
                () = self.outbox.cut().cancelled() => ControlFlow::Break(End::Slow),
                () = self.outbox.taken_over().cancelled() => ControlFlow::Break(End::TakenOver),
                received = self.socket.recv(), if self.crowd.is_empty() => match received {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(error)) => ControlFlow::Break(End::of_error(error)),
                    None => ControlFlow::Break(End::Closed),
                },
                Some(message) = self.inbox.recv() => {
                    let sent = self.send(&message).await;
                    self.outbox.wrote();
                    sent
                }
                () = relieved(&self.crowd), if !self.crowd.is_empty() => {
                    self.crowd.clear();
                    self.heard = Instant::now();
                    ControlFlow::Continue(())
                }
                () = sleep_until(self.patience), if !self.crowd.is_empty() => {
                    self.crowd.drain(..).for_each(|outbox| outbox.cut_off());
                    self.heard = Instant::now();
                    ControlFlow::Continue(())
                }
                // Who is not listened to is not silent.
                () = sleep_until(self.heard + config.silence), if self.crowd.is_empty() => {
                    if overslept(self.heard + config.silence) {
                        // What the client said meanwhile is still to be read.
                        self.heard = Instant::now();
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(End::Silent)
                    }
                }
                _ = beat.tick() => self.beat().await,
            };
            if let ControlFlow::Break(end) = step {
                return end;
            }
        }
    }

    /// Asks the client for a sign of life and gives one.
    async fn beat(&mut self) -> ControlFlow<End> {
        self.write(Message::Ping(Default::default())).await?;
        if !self.greeted {
            return ControlFlow::Continue(());
        }
        let tokens = &self.around.tokens;
        let due = |seated: &&mut Seated| seated.renew <= Instant::now();
        let resume = self.seat.as_mut().filter(due).and_then(|seated| {
            seated.renew = Instant::now() + tokens.renewal();
            tokens.issue(&seated.seat.peer, &seated.room)
        });
        self.send(&ServerMessage::Beat { resume }).await
    }

    async fn take(&mut self, message: Message) -> ControlFlow<End> {
        self.heard = Instant::now();
        let answer = match message {
            Message::Text(text) if text.len() > MAX_SOCKET_MESSAGE => {
                return ControlFlow::Break(End::TooLong);
            }
            Message::Binary(bytes) if bytes.len() > MAX_SOCKET_MESSAGE => {
                return ControlFlow::Break(End::TooLong);
            }
            Message::Text(text) => self.answer(&text),
            Message::Binary(_) => {
                Err(Refused::new(ErrorCode::Invalid, "Messages are text; this one was binary.").into())
            }
            // Browsers send it by themselves when a page goes away. Chromium does so even for a page whose process
            // crashed: its sockets live in another process. But proxies send it too, for pages that are still there.
            Message::Close(Some(frame)) if frame.code == close_code::AWAY => {
                return ControlFlow::Break(End::WentAway);
            }
            Message::Close(_) => return ControlFlow::Break(End::Closed),
            // The library answers pings by itself.
            Message::Ping(_) | Message::Pong(_) => Ok(None),
        };
        match answer {
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(message)) => self.send(&message).await,
            Err(Trouble::End(end)) => ControlFlow::Break(end),
            Err(Trouble::Refused(refused)) => {
                debug!(code = ?refused.code, about = refused.about, "refused");
                let fatal = refused.code == ErrorCode::UnsupportedVersion;
                self.send(&refused.message()).await?;
                if fatal {
                    ControlFlow::Break(End::NoVersion)
                } else {
                    ControlFlow::Continue(())
                }
            }
        }
    }

    /// Carries a message out. What the hub delivers comes by the inbox; only `hello` is answered from here.
    fn answer(&mut self, text: &str) -> Result<Option<ServerMessage<Payload>>, Trouble> {
        let message = incoming::parse(text)?;
        let name = incoming::name(&message);
        debug!(message = name, bytes = text.len(), "received");
        if !self.greeted && !matches!(message, ClientMessage::Hello { .. }) {
            let refused = Refused::new(ErrorCode::HelloFirst, "The first message must be hello.");
            return Err(refused.about(name).into());
        }
        match message {
            ClientMessage::Hello { versions } => self.greet(&versions).map(Some).map_err(Trouble::from),
            ClientMessage::Join { room, name, resume } => {
                self.join(&room, &name, resume.as_deref()).map(|()| None)
            }
            ClientMessage::Relay { to, payload } => self.relay(to, payload).map(|()| None),
            ClientMessage::Leave {} => self.leave().map(|()| None),
        }
        .map_err(|trouble| trouble.about(name))
    }

    fn greet(&mut self, versions: &[u32]) -> Result<ServerMessage<Payload>, Refused> {
        if self.greeted {
            return Err(Refused::new(
                ErrorCode::AlreadyGreeted,
                "The version is settled already.",
            ));
        }
        if !versions.contains(&VERSION) {
            let text = format!("None of the versions offered is spoken here; this server speaks {VERSION}.");
            return Err(Refused::new(ErrorCode::UnsupportedVersion, text));
        }
        self.greeted = true;
        Ok(ServerMessage::Hello {
            version: VERSION,
            beat: u32::try_from(self.around.config.heartbeat.as_millis()).unwrap_or(u32::MAX),
        })
    }

    fn join(&mut self, room: &str, name: &str, resume: Option<&str>) -> Result<(), Trouble> {
        if self.seat.is_some() {
            return Err(Refusal::AlreadyJoined.into());
        }
        let room = room_name(room)
            .map_err(|reason| Refused::new(ErrorCode::BadRoom, format!("The room's name {reason}.")))?;
        let name = person_name(name)
            .map_err(|reason| Refused::new(ErrorCode::BadName, format!("The person's name {reason}.")))?;
        let tokens = &self.around.tokens;
        let resumed = resume.and_then(|token| tokens.read(token, &room.key));
        if resume.is_some() && resumed.is_none() {
            debug!("a token does not hold, or not for this room");
        }
        let resuming = resumed.is_some();
        let peer = resumed.map_or_else(new_id, Ok).map_err(|error| {
            error!(%error, "the system has no randomness for an id");
            Trouble::End(End::Failed)
        })?;
        let token = tokens.issue(&peer, &room.key);
        let renew = Instant::now() + tokens.renewal();
        let key = room.key.clone();
        let newcomer = Newcomer {
            peer,
            room,
            name,
            resuming,
            token,
        };
        let (seat, crowd) = self.around.hub.join(newcomer, self.outbox.clone())?;
        self.wait_for(crowd);
        self.seat = Some(Seated {
            seat,
            room: key,
            renew,
        });
        Ok(())
    }

    fn relay(&mut self, to: PeerId, payload: Payload) -> Result<(), Trouble> {
        let relayed = match &self.seat {
            Some(Seated { seat, .. }) => self.around.hub.relay(seat, to.clone(), payload),
            None => Err(Refusal::NotJoined),
        };
        relayed.map(|crowd| self.wait_for(crowd)).map_err(|refusal| {
            // No id is that long; what was made up need not be sent back.
            let peer = Some(to).filter(|to| to.as_str().len() <= 64);
            Trouble::Refused(Refused {
                peer,
                ..refusal.into()
            })
        })
    }

    fn leave(&mut self) -> Result<(), Trouble> {
        let seated = self.seat.take().ok_or(Refusal::NotJoined)?;
        let crowd = self.around.hub.leave(&seated.seat, LeaveReason::Left);
        self.wait_for(crowd);
        Ok(())
    }

    /// Does with the seat what the end of the socket calls for, and returns it if it is kept.
    fn vacate(&mut self, end: End) -> Option<Seat> {
        let Seated { seat, .. } = self.seat.take()?;
        let hub = &self.around.hub;
        if end == End::Silent {
            hub.leave(&seat, LeaveReason::Lost);
            return None;
        }
        // The hub knows where the seat is another socket's, or all seats end.
        hub.keep(&seat, &mut self.inbox).then_some(seat)
    }

    /// Listens to the client again when these have caught up. Who does not in time does not read, and is cut off.
    fn wait_for(&mut self, crowd: Crowd) {
        if !crowd.is_empty() {
            self.crowd = crowd;
            self.patience = Instant::now() + self.around.config.patience;
        }
    }

    async fn send(&mut self, message: &ServerMessage<Payload>) -> ControlFlow<End> {
        match serde_json::to_string(message) {
            Ok(text) => self.write(Message::Text(text.into())).await,
            Err(error) => {
                error!(%error, "a message could not be written as JSON");
                ControlFlow::Break(End::Failed)
            }
        }
    }

    /// Writes to the socket, but waits no longer than is sensible for a client that does not read.
    async fn write(&mut self, message: Message) -> ControlFlow<End> {
        select! {
            sent = self.socket.send(message) => match sent {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(End::Closed),
            },
            () = self.around.stopping.cancelled() => ControlFlow::Break(End::Stopping),
            () = self.outbox.cut().cancelled() => ControlFlow::Break(End::Slow),
            () = self.outbox.taken_over().cancelled() => ControlFlow::Break(End::TakenOver),
            () = sleep(self.around.config.silence) => ControlFlow::Break(End::Silent),
        }
    }

    /// Tells the client why, where it can still be told, and waits for it to close the socket in turn.
    async fn say_goodbye(&mut self, end: End) {
        let patience = if end == End::Stopping {
            self.around.config.shutdown_deadline
        } else {
            CLOSE_PATIENCE
        };
        let goodbye = async {
            if end == End::Stopping {
                let text = "The server is stopping. Calls that are set up go on.".into();
                if let Ok(text) = serde_json::to_string(&ServerMessage::<Payload>::Closing { text }) {
                    self.socket.send(Message::Text(text.into())).await?;
                }
            }
            if let Some((code, reason)) = end.close_frame() {
                let reason = Utf8Bytes::from_static(reason);
                self.socket
                    .send(Message::Close(Some(CloseFrame { code, reason })))
                    .await?;
            }
            // Where the client closes the socket, this sends the answer.
            while let Some(received) = self.socket.recv().await {
                received?;
            }
            Ok::<(), axum::Error>(())
        };
        // A client that is gone needs no goodbye, and one that does not answer gets no more time.
        if !matches!(timeout(patience, goodbye).await, Ok(Ok(()))) {
            debug!("the socket did not close in order");
        }
    }
}
