//! What the rooms are asked, and what they answer.

use maju_protocol::{LeaveReason, PeerId, Role, Secret, ServerMessage};

use super::{Charter, Mark, Marks};

/// Something that a client wants, or that happened to it.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "an action lives for one call, and is never stored"
)]
pub enum Action<P> {
    /// To take a seat.
    Join(Entry),
    /// To give a payload to somebody in the same room.
    Relay {
        /// Whose socket it came from.
        from: PeerId,
        /// Who is to get it.
        to: PeerId,
        /// What to hand on.
        payload: P,
    },
    /// The socket is gone and may be followed by another: the seat is kept, and what is for the person with it. Who
    /// waits to be let in waits no longer.
    Away {
        /// Whose seat.
        peer: PeerId,
        /// What was delivered and not sent any more, oldest first.
        unsent: Vec<ServerMessage<P>>,
    },
    /// To give the seat up, or to wait no longer.
    Leave {
        /// Whose seat.
        peer: PeerId,
        /// What the others are told.
        reason: LeaveReason,
    },
    /// To be called something else.
    Rename {
        /// Who.
        peer: PeerId,
        /// The new name, checked.
        name: String,
    },
    /// What only a host may do.
    Host {
        /// Who wants it.
        by: PeerId,
        /// What.
        act: HostAct,
    },
    /// Nobody came back to an empty room in time: its life is over.
    Forget {
        /// Which room.
        room: RoomKey,
        /// Since when nobody was there.
        vacancy: Vacancy,
    },
}

/// What only a host may do.
#[derive(Clone, Debug)]
pub enum HostAct {
    /// To change the rules; what is `None` stays.
    Rules {
        /// Whether nobody new comes in.
        locked: Option<bool>,
        /// Whether who comes has to wait.
        waiting: Option<bool>,
        /// What passwords are checked against, or that there is none.
        password: Option<Option<String>>,
    },
    /// To let somebody in.
    Admit(PeerId),
    /// To send somebody away who waits.
    Refuse(PeerId),
    /// To ask for somebody's microphone to be turned off.
    Mute(PeerId),
    /// To take somebody's seat away for as long as the room lives.
    Remove(PeerId),
    /// To make somebody else the host, who gets this secret.
    HandOver(PeerId, Secret, Mark),
}

/// Somebody who wants a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The seat's id: never used before, or the one of a token for this room.
    pub peer: PeerId,
    /// Which room.
    pub room: RoomName,
    /// The person's name, checked: the one of the token, if there is one. A seat that is held keeps its name.
    pub name: String,
    /// What a token says that gives this seat.
    pub resumed: Option<Resumed>,
    /// What the person showed.
    pub papers: Papers,
    /// For the room, should it begin with them.
    pub founding: Founding,
}

/// What somebody brought who has a token for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// The room's charter when the token was signed.
    pub charter: Charter,
    /// Whether another server signed it, most likely the one before, and this one has just started. Then the room is to go
    /// on as the charter says, even if somebody was quicker and began another under its name.
    pub restoring: bool,
}

/// What somebody showed at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Papers {
    /// What the operator's own system says that they are. Without it, roles are the room's own matter.
    pub role: Option<Role>,
    /// Of the host's secret that they brought.
    pub host: Option<Mark>,
    /// What their password was found to match.
    pub password: Option<String>,
    /// What they are known by.
    pub marks: Marks,
}

/// What a room begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    /// Tells this life of the room from others. Random.
    pub life: String,
    /// When that is, in seconds since 1970.
    pub begun: u64,
    /// For the host, unless they brought one.
    pub secret: Secret,
    /// Of that secret.
    pub mark: Mark,
}

/// Tells one time in which nobody was in a room from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vacancy {
    pub(super) life: String,
    /// How many seats the room had given by then.
    pub(super) seatings: u64,
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<P> {
    /// Who gets it.
    pub to: PeerId,
    /// What they get.
    pub message: ServerMessage<P>,
}

/// A room's name in its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomName {
    /// Equal for all ways of writing the same name.
    pub key: RoomKey,
    /// What people are shown.
    pub shown: String,
}

/// What rooms are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomKey(pub String);
