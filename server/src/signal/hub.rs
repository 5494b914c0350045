//! The one place where sockets meet: rooms behind a lock, and a queue to each person.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use maju_protocol::{IceServer, LeaveReason, PeerId, Secret, ServerMessage, Welcome};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::{
    config::Config,
    door::token::{Identity, Ticket, Tokens},
    id::short_id,
    rooms::{Action, Delivery, Entry, HostAct, Limits, Refusal, RoomKey, Rooms, Vacancy},
    signal::{
        Payload,
        ice::Ice,
        outbox::{Crowd, Inbox, Outbox},
    },
    source::Source,
    watch::{
        lines::{Line, Lines},
        meters::{Arrival, Census, Meters},
    },
};

/// How long an empty room lives on whose last person was lost, or that lets not everybody in. Until then its host can come
/// back to it.
pub(crate) const LINGER: Duration = Duration::from_secs(60);

/// How many bytes of payloads are kept for each who is away. Twelve offers and all their candidates fit in.
const MAX_PARKED_BYTES: usize = 512 * 1024;

/// All rooms and the way to everybody in them.
pub(crate) struct Hub {
    /// A std mutex: it is held for computing and queueing only, never across an `await`.
    inner: Mutex<Inner>,
    /// Makes short names of rooms for the log that cannot be turned back into names.
    shortener: RandomState,
    meters: Arc<Meters>,
    lines: Arc<Lines>,
}

struct Inner {
    rooms: Rooms<Payload>,
    /// Of everybody who has a seat or waits for one, also of those who are away: then it is that of the last socket.
    holders: HashMap<PeerId, Holder>,
    /// How many seats were taken so far.
    holds: u64,
    /// How many people may be away at a time.
    max_away: usize,
    /// Empty rooms and when their lives are over, the soonest first.
    lingering: VecDeque<(Instant, RoomKey, Vacancy)>,
    tokens: Arc<Tokens>,
    ice: Ice,
    meters: Arc<Meters>,
    closed: bool,
}

/// The socket that holds a seat, or held it last.
struct Holder {
    hold: u64,
    outbox: Outbox,
    identity: Option<Identity>,
    /// Of which life and revision of the room the newest token is, and when the next one is due.
    token: (String, u32, Instant),
    /// When other credentials for TURN are due.
    ice: Option<Instant>,
}

/// A seat as the socket knows it that took it. Another socket may take it over; from then on the number is
/// another one, and this one can do nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) peer: PeerId,
    hold: u64,
    /// Where the socket is.
    source: Source,
}

/// What a client is to be given from time to time.
#[derive(Default)]
pub(crate) struct Due {
    /// A newer token for the seat.
    pub(crate) resume: Option<Secret>,
    /// Newer credentials.
    pub(crate) ice_servers: Option<Vec<IceServer>>,
}

impl Hub {
    pub(crate) fn new(config: &Config, tokens: Arc<Tokens>, meters: Arc<Meters>, lines: Arc<Lines>) -> Self {
        let limits = Limits {
            people: config.max_people,
            rooms: config.max_rooms,
            // What was kept must fit into an empty queue behind the welcome.
            parked: config.queue / 2,
            parked_bytes: MAX_PARKED_BYTES.min(config.queue_bytes / 2),
        };
        Self {
            inner: Mutex::new(Inner {
                rooms: Rooms::new(limits),
                holders: HashMap::new(),
                holds: 0,
                max_away: config.max_sockets,
                lingering: VecDeque::new(),
                tokens,
                ice: config.ice.clone(),
                meters: meters.clone(),
                closed: false,
            }),
            shortener: RandomState::new(),
            meters,
            lines,
        }
    }

    /// Gives the newcomer a seat, or another socket's seat, or lets them wait for one; the answer is the first thing in
    /// the outbox that concerns the room.
    pub(crate) fn join(
        &self,
        entry: Entry,
        identity: Option<Identity>,
        outbox: Outbox,
        source: Source,
    ) -> Result<(Seat, Crowd), Refusal> {
        let (peer, key) = (entry.peer.clone(), entry.room.key.clone());
        let resuming = entry.resumed.is_some();
        let mut inner = self.lock();
        inner.sweep();
        let was_away = inner.rooms.is_away(&peer);
        let deliveries = inner.rooms.act(Action::Join(entry))?;
        inner.holds += 1;
        let hold = inner.holds;
        let holder = Holder {
            hold,
            outbox,
            identity,
            token: (String::new(), 0, Instant::now()),
            ice: None,
        };
        let before = inner.holders.insert(peer.clone(), holder);
        let mut crowd = inner.deliver(deliveries);
        crowd.extend(inner.renew(&key));
        let people = inner.rooms.people(&key).len();
        let seated = inner.rooms.room_of(&peer).is_some();
        drop(inner);
        if let Some(before) = &before {
            before.outbox.take_over();
        }
        let (arrival, what) = match before {
            Some(_) => (Arrival::Held, "resumed"),
            None if seated && resuming => (Arrival::Restored, "joined"),
            None if seated => (Arrival::Seated, "joined"),
            None => (Arrival::Waiting, "knocked"),
        };
        self.meters.arrived(arrival);
        if let Some(Line { left_out }) = self.lines.life(source, what) {
            let (room, peer) = (self.short(&key), short_id(&peer));
            info!(%room, peer, people, resuming, was_away, left_out, "{what}");
        }
        Ok((Seat { peer, hold, source }, crowd))
    }

    /// Who and what is there, but for the sockets.
    pub(crate) fn census(&self) -> Census {
        let inner = self.lock();
        let away = inner.rooms.away();
        Census {
            rooms: inner.rooms.len(),
            seated: inner.rooms.seated().saturating_sub(away),
            away,
            knocking: inner.rooms.knocking(),
            sockets: 0,
        }
    }

    /// What the password of somebody is to be checked against, if that decides on whether they come in.
    pub(crate) fn password(&self, entry: &Entry) -> Option<String> {
        self.lock().rooms.password(entry).map(str::to_owned)
    }

    /// Whether this socket has that seat, or waits for it.
    pub(crate) fn has(&self, seat: &Seat) -> bool {
        self.lock().holds(seat)
    }

    /// Calls the person something else.
    pub(crate) fn rename(&self, seat: &Seat, name: String) -> Result<Crowd, Refusal> {
        let mut inner = self.lock();
        if !inner.holds(seat) {
            return Err(Refusal::NotJoined);
        }
        let holder = inner.holders.get(&seat.peer);
        let given = |holder: &Holder| {
            let identity = holder.identity.as_ref();
            identity.is_some_and(|identity| identity.name.is_some())
        };
        if holder.is_some_and(given) {
            return Err(Refusal::NameIsGiven);
        }
        let peer = seat.peer.clone();
        let deliveries = inner.rooms.act(Action::Rename { peer, name })?;
        let mut crowd = inner.deliver(deliveries);
        crowd.extend(inner.renew_one(&seat.peer));
        Ok(crowd)
    }

    /// Does what only a host may do.
    pub(crate) fn host(&self, seat: &Seat, act: HostAct) -> Result<Crowd, Refusal> {
        let mut inner = self.lock();
        if !inner.holds(seat) {
            return Err(Refusal::NotJoined);
        }
        let by = seat.peer.clone();
        let deliveries = inner.rooms.act(Action::Host { by, act })?;
        let mut crowd = inner.deliver(deliveries);
        if let Some(key) = inner.rooms.room_of(&seat.peer).cloned() {
            crowd.extend(inner.renew(&key));
        }
        Ok(crowd)
    }

    /// Whether this seat is that of a host.
    pub(crate) fn is_host(&self, seat: &Seat) -> Result<(), Refusal> {
        let inner = self.lock();
        if !inner.holds(seat) {
            return Err(Refusal::NotJoined);
        }
        inner.rooms.host(&seat.peer).map(|_| ())
    }

    /// What the client is to be given now.
    pub(crate) fn due(&self, seat: &Seat) -> Due {
        let mut inner = self.lock();
        inner.sweep();
        if inner.holds(seat) {
            inner.due(&seat.peer)
        } else {
            Due::default()
        }
    }

    /// Hands a payload on that was read at that time.
    pub(crate) fn relay(
        &self,
        from: &Seat,
        to: PeerId,
        payload: Payload,
        read: Instant,
    ) -> Result<Crowd, Refusal> {
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
        Ok(inner.deliver_read(deliveries, Some(read)))
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
            if let Some(Line { left_out }) = self.lines.refusal(seat.source, "not-kept") {
                warn!(left_out, "too many people are away; a seat was not kept");
            }
            self.leave(seat, LeaveReason::Lost);
            return false;
        }
        // Under the lock, so that nothing gets lost between what is still in there and what is kept from now on.
        inbox.close();
        let unsent = std::iter::from_fn(|| inbox.try_recv().ok())
            .map(|queued| queued.message)
            .collect();
        let peer = seat.peer.clone();
        let Ok(deliveries) = inner.rooms.act(Action::Away { peer, unsent }) else {
            return false;
        };
        inner.deliver(deliveries);
        let kept = inner.rooms.is_away(&seat.peer);
        if !kept {
            // Who waits to be let in waits with the socket only.
            inner.holders.remove(&seat.peer);
        }
        drop(inner);
        if let Some(Line { left_out }) = self.lines.life(seat.source, "away") {
            info!(peer = short_id(&seat.peer), kept, left_out, "away");
        }
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
        inner.linger(key.as_ref());
        let people = key.as_ref().map_or(0, |key| inner.rooms.people(key).len());
        drop(inner);
        if let Some(key) = key
            && let Some(Line { left_out }) = self.lines.life(seat.source, "left")
        {
            info!(room = %self.short(&key), peer = short_id(peer), people, ?reason, left_out, "left");
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
    fn deliver(&mut self, deliveries: Vec<Delivery<Payload>>) -> Crowd {
        self.deliver_read(deliveries, None)
    }

    /// The same with what was read at that time.
    fn deliver_read(&mut self, deliveries: Vec<Delivery<Payload>>, read: Option<Instant>) -> Crowd {
        let mut crowd = Crowd::new();
        for Delivery { to, mut message } in deliveries {
            if let ServerMessage::Welcome(welcome) = &mut message {
                self.complete(welcome);
            }
            if let Some(Holder { outbox, .. }) = self.holders.get(&to) {
                let behind = outbox.push(message, read);
                self.meters.queued(behind);
                if outbox.is_crowded() {
                    crowd.push(outbox.clone());
                }
            }
            if !self.rooms.knows(&to) {
                // That was the last that they are told.
                self.holders.remove(&to);
            }
        }
        crowd
    }

    /// Adds what rooms know nothing of.
    fn complete(&mut self, welcome: &mut Welcome) {
        if let Some(holder) = self.holders.get_mut(&welcome.you) {
            holder.token.2 = Instant::now();
            holder.ice = Some(Instant::now());
        }
        let due = self.due(&welcome.you);
        welcome.resume = due.resume;
        welcome.ice_servers = due.ice_servers.unwrap_or_default();
        welcome.relay_only = self.ice.relay_only;
    }

    fn due(&mut self, peer: &PeerId) -> Due {
        let now = Instant::now();
        let (Some(holder), Some(key)) = (self.holders.get_mut(peer), self.rooms.room_of(peer)) else {
            return Due::default();
        };
        let Some(charter) = self.rooms.charter(key) else {
            return Due::default();
        };
        let mut due = Due::default();
        let (life, revision, until) = &holder.token;
        if *until <= now || *revision != charter.revision || *life != charter.life {
            let until = now + self.tokens.renewal();
            holder.token = (charter.life.clone(), charter.revision, until);
            let ticket = Ticket {
                peer: peer.clone(),
                name: self.rooms.name_of(peer).map(str::to_owned),
                charter: charter.clone(),
                identity: holder.identity.clone(),
            };
            due.resume = self.tokens.issue(key, ticket);
        }
        if holder.ice.is_some_and(|time| time <= now) {
            holder.ice = self.ice.renewal().map(|after| now + after);
            due.ice_servers = Some(self.ice.servers(peer));
        }
        due
    }

    /// Gives somebody at once a token that says what they are called.
    fn renew_one(&mut self, peer: &PeerId) -> Crowd {
        if let Some(holder) = self.holders.get_mut(peer) {
            holder.token.2 = Instant::now();
        }
        let Due { resume, ice_servers } = self.due(peer);
        let deliveries = given(peer, resume, ice_servers);
        self.deliver(deliveries)
    }

    /// Gives everybody in the room at once a token that says what is new in its charter: the server may stop at any time.
    fn renew(&mut self, key: &RoomKey) -> Crowd {
        let Some(charter) = self.rooms.charter(key) else {
            return Crowd::new();
        };
        let old = |peer: &&PeerId| {
            self.holders.get(*peer).is_some_and(|holder| {
                let (life, revision, _) = &holder.token;
                (*revision, life) != (charter.revision, &charter.life)
            })
        };
        let here = |peer: &&PeerId| !self.rooms.is_away(peer);
        let people = self.rooms.people(key).filter(old).filter(here);
        let people: Vec<_> = people.cloned().collect();
        let mut deliveries = Vec::new();
        for to in people {
            let Due { resume, ice_servers } = self.due(&to);
            deliveries.extend(given(&to, resume, ice_servers));
        }
        self.deliver(deliveries)
    }

    /// Remembers a room that is empty and lives on, so that it does not for ever.
    fn linger(&mut self, key: Option<&RoomKey>) {
        self.sweep();
        if let Some(key) = key
            && let Some(vacancy) = self.rooms.vacancy(key)
        {
            self.lingering
                .push_back((Instant::now() + LINGER, key.clone(), vacancy));
        }
    }

    /// Ends the lives of rooms to which nobody came back in time.
    fn sweep(&mut self) {
        while let Some((until, ..)) = self.lingering.front()
            && *until <= Instant::now()
            && let Some((_, room, vacancy)) = self.lingering.pop_front()
        {
            let deliveries = self.rooms.act(Action::Forget { room, vacancy });
            self.deliver(deliveries.unwrap_or_default());
        }
    }
}

/// What gives somebody a newer token, and newer credentials if it is time for them.
fn given(to: &PeerId, resume: Option<Secret>, ice_servers: Option<Vec<IceServer>>) -> Vec<Delivery<Payload>> {
    let beat = ServerMessage::Beat { resume };
    let ice_servers = ice_servers.map(|ice_servers| ServerMessage::IceServers { ice_servers });
    let messages = std::iter::once(beat).chain(ice_servers);
    let deliveries = messages.map(|message| Delivery {
        to: to.clone(),
        message,
    });
    deliveries.collect()
}
