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

use std::{num::NonZeroU32, ops::ControlFlow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use maju_protocol::{ClientMessage, ErrorCode, Join, LeaveReason, NewRules, PeerId, ServerMessage, VERSION};
use tokio::{
    join, select,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout},
};
use tracing::{debug, error, info, warn};

use crate::{
    door::{
        called,
        pace::{SocketPace, too_fast},
    },
    id::short_id,
    rooms::{HostAct, Refusal},
    signal::{
        Payload, Surroundings,
        end::End,
        hub::Seat,
        incoming::{self, Refused, Trouble},
        keeping::{keep, overslept},
        outbox::{Crowd, Inbox, Outbox},
    },
    source::Source,
    watch::{
        lines::Line,
        meters::{UNREADABLE, variant_name},
    },
};

/// The longest WebSocket message that is taken in at all, in bytes. A longer one ends the socket.
pub(crate) const MAX_SOCKET_MESSAGE: usize = 1088 * 1024;

/// How many messages beyond its pace a socket may send before it is ended, and how many of them are forgotten each second.
const STRIKES: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
const FORGIVEN: NonZeroU32 = NonZeroU32::new(10).expect("not zero");

/// How long a client may take to answer a close frame when the server is not stopping.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// Serves the socket until it is closed, and keeps the seat of somebody who may come back.
///
/// `place` is free again with the end of the socket.
pub(crate) async fn serve(socket: WebSocket, around: Surroundings, source: Source, place: impl Send) {
    around.meters.opened();
    let (outbox, inbox) = Outbox::new(around.config.queue, around.config.queue_bytes);
    let mut session = Session {
        socket,
        inbox,
        around: around.clone(),
        outbox: outbox.clone(),
        source,
        pace: SocketPace::new(around.config.message_rate, around.config.message_burst),
        strikes: SocketPace::new(FORGIVEN, STRIKES),
        renamings: SocketPace::of_names(),
        use_by: Instant::now() + around.config.greeting,
        greeted: false,
        seat: None,
        crowd: Crowd::new(),
        patience: Instant::now(),
        heard: Instant::now(),
    };
    let end = session.run().await;
    around.meters.ended(end);
    if end == End::Slow
        && let Some(Line { left_out }) = around.lines.refusal(source, "slow")
    {
        warn!(
            peer = session.seat.as_ref().map(|seat| short_id(&seat.peer)),
            left_out, "cut off: does not read"
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
    /// Where the client is.
    source: Source,
    pace: SocketPace,
    /// Counts what came too fast.
    strikes: SocketPace,
    /// Until when a socket without a seat has to do something with itself.
    use_by: Instant,
    greeted: bool,
    /// Counts the changes of name.
    renamings: SocketPace,
    /// The seat that it has or waits for, as far as this side knows: the hub may have given it away.
    seat: Option<Seat>,
    /// Whom this client sends to faster than they read. It is not listened to until they have caught up.
    crowd: Crowd,
    /// Until when they may take.
    patience: Instant,
    /// When anything last came from the client.
    heard: Instant,
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
                Some(queued) = self.inbox.recv() => {
                    let sent = self.send(&queued.message).await;
                    if let Some(read) = queued.read {
                        self.around.meters.relayed(read);
                    }
                    self.outbox.wrote(&queued);
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
                () = sleep_until(self.use_by), if self.seat.is_none() => {
                    ControlFlow::Break(if self.greeted { End::Idle } else { End::NotGreeted })
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
        if self.seat.as_ref().is_some_and(|seat| !self.around.hub.has(seat)) {
            // A host took it away, or did not give it.
            self.seat = None;
            self.use_by = Instant::now() + self.around.config.idle;
        }
        let due = self
            .seat
            .as_ref()
            .map(|seat| self.around.hub.due(seat))
            .unwrap_or_default();
        if let Some(ice_servers) = due.ice_servers {
            self.send(&ServerMessage::IceServers { ice_servers }).await?;
        }
        self.send(&ServerMessage::Beat { resume: due.resume }).await
    }

    async fn take(&mut self, message: Message) -> ControlFlow<End> {
        self.heard = Instant::now();
        if !matches!(message, Message::Close(_))
            && let Err(wait) = self.pace.check()
        {
            return self.slow_down(wait).await;
        }
        let answer = match message {
            Message::Text(text) if text.len() > MAX_SOCKET_MESSAGE => {
                return ControlFlow::Break(End::TooLong);
            }
            Message::Binary(bytes) if bytes.len() > MAX_SOCKET_MESSAGE => {
                return ControlFlow::Break(End::TooLong);
            }
            Message::Text(text) => self.answer(&text).await,
            Message::Binary(_) => {
                self.around.meters.received(UNREADABLE, 0);
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
                let (code, about) = (variant_name(&refused.code), refused.about);
                match self.around.lines.refusal(self.source, code) {
                    Some(Line { left_out }) => info!(code, about, left_out, "refused"),
                    None => debug!(code, about, "refused"),
                }
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

    /// Tells the client that it sends too much, and ends the socket if that does not help.
    async fn slow_down(&mut self, wait: Duration) -> ControlFlow<End> {
        if self.strikes.check().is_err() {
            return ControlFlow::Break(End::Flood);
        }
        let text = "Too many messages in too short a time; this one was dropped.";
        self.send(&Refused::new(ErrorCode::TooFast, text).after(wait).message())
            .await
    }

    /// Carries a message out. What the hub delivers comes by the inbox; only `hello` and `iceServers` are answered from here.
    async fn answer(&mut self, text: &str) -> Result<Option<ServerMessage<Payload>>, Trouble> {
        let message = incoming::parse(text);
        let name = message.as_ref().map_or(UNREADABLE, incoming::name);
        self.around.meters.received(name, text.len());
        let message = message?;
        incoming::check_length(name, text.len())?;
        debug!(message = name, bytes = text.len(), "received");
        if !self.greeted && !matches!(message, ClientMessage::Hello { .. }) {
            let refused = Refused::new(ErrorCode::HelloFirst, "The first message must be hello.");
            return Err(refused.about(name).into());
        }
        match message {
            ClientMessage::Hello { versions } => self.greet(&versions).map(Some).map_err(Trouble::from),
            ClientMessage::Join(join) => self.join(join).await.map(|()| None),
            ClientMessage::IceServers { token } => self
                .around
                .door
                .ice_servers(token.as_ref(), &self.source)
                .map(|ice_servers| Some(ServerMessage::IceServers { ice_servers })),
            ClientMessage::Relay { to, payload } => self.relay(to, payload).map(|()| None),
            ClientMessage::Leave {} => self.leave().map(|()| None),
            ClientMessage::Rename { name } => self.rename(&name).map(|()| None),
            ClientMessage::Rules(rules) => self.rules(rules).await.map(|()| None),
            ClientMessage::Admit { peer } => self.host_act(HostAct::Admit(peer.clone()), peer),
            ClientMessage::Refuse { peer } => self.host_act(HostAct::Refuse(peer.clone()), peer),
            ClientMessage::Mute { peer } => self.host_act(HostAct::Mute(peer.clone()), peer),
            ClientMessage::Remove { peer } => self.host_act(HostAct::Remove(peer.clone()), peer),
            ClientMessage::HandOver { peer } => self
                .around
                .door
                .handing_over(&peer)
                .and_then(|act| self.host_act(act, peer)),
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
        self.use_by = Instant::now() + self.around.config.idle;
        Ok(ServerMessage::Hello {
            version: VERSION,
            beat: u32::try_from(self.around.config.heartbeat.as_millis()).unwrap_or(u32::MAX),
            turn: self.around.config.ice.has_turn(),
        })
    }

    async fn join(&mut self, join: Join) -> Result<(), Trouble> {
        let hub = &self.around.hub;
        if self.seat.as_ref().is_some_and(|seat| hub.has(seat)) {
            return Err(Refusal::AlreadyJoined.into());
        }
        let (entry, identity) = self
            .around
            .door
            .look_at(join, &self.source, |entry| hub.password(entry))
            .await?;
        let (seat, crowd) = hub.join(entry, identity, self.outbox.clone(), self.source)?;
        self.wait_for(crowd);
        self.seat = Some(seat);
        Ok(())
    }

    fn relay(&mut self, to: PeerId, payload: Payload) -> Result<(), Trouble> {
        let seat = self.seat.as_ref().ok_or(Refusal::NotJoined);
        let relayed = seat.and_then(|seat| self.around.hub.relay(seat, to.clone(), payload, self.heard));
        relayed
            .map(|crowd| self.wait_for(crowd))
            .map_err(|refusal| Refused::from(refusal).meant_for(to).into())
    }

    fn leave(&mut self) -> Result<(), Trouble> {
        let seat = self.seat.take().ok_or(Refusal::NotJoined)?;
        let crowd = self.around.hub.leave(&seat, LeaveReason::Left);
        self.wait_for(crowd);
        self.use_by = Instant::now() + self.around.config.idle;
        Ok(())
    }

    fn rename(&mut self, name: &str) -> Result<(), Trouble> {
        let seat = self.seat.as_ref().ok_or(Refusal::NotJoined)?;
        let name = called(name)?;
        self.renamings
            .check()
            .map_err(|wait| too_fast("The name was changed too often.", wait))?;
        let crowd = self.around.hub.rename(seat, name)?;
        self.wait_for(crowd);
        Ok(())
    }

    async fn rules(&mut self, rules: NewRules) -> Result<(), Trouble> {
        let seat = self.seat.as_ref().ok_or(Refusal::NotJoined)?;
        // Before anything is hashed: that is work.
        self.around.hub.is_host(seat)?;
        let act = self.around.door.new_rules(rules, &self.source).await?;
        let crowd = self.around.hub.host(seat, act)?;
        self.wait_for(crowd);
        Ok(())
    }

    /// Does to somebody what only a host may do.
    fn host_act(&mut self, act: HostAct, to: PeerId) -> Result<Option<ServerMessage<Payload>>, Trouble> {
        let seat = self.seat.as_ref().ok_or(Refusal::NotJoined);
        let done = seat.and_then(|seat| self.around.hub.host(seat, act));
        done.map(|crowd| self.wait_for(crowd))
            .map_err(|refusal| Refused::from(refusal).meant_for(to))?;
        Ok(None)
    }

    /// Does with the seat what the end of the socket calls for, and returns it if it is kept.
    fn vacate(&mut self, end: End) -> Option<Seat> {
        let seat = self.seat.take()?;
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
            Ok(text) => {
                self.around.meters.sent(message, text.len());
                self.write(Message::Text(text.into())).await
            }
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
                let text = "The server is stopping. Calls that are set up go on. Connect again, here or at a server with the \
                            same key, and take your seat."
                    .into();
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
