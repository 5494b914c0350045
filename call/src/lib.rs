//! What a call is, without a browser in it.
//!
//! [`Call`] holds a whole call. The outside world reports an [`Event`], [`Call::update`] changes the state and
//! returns the [`Command`]s to carry out; [`Call::view`] is what a person is shown. There is no clock, no
//! randomness and no I/O in here, so that two calls joined by a simulated network run in a test, and a recorded
//! list of events replays to the same state.
//!
//! ```text
//!            Event                      Command
//!  ui ─────────────┐               ┌──────────────▶ socket, devices, peer connections
//!  socket ─────────┼─▶ Call::update┤
//!  devices, links ─┘               └─▶ Call::view ─▶ ui
//! ```

mod budget;
mod call;
mod chat;
pub mod check;
mod clock;
mod command;
mod event;
mod gestures;
mod healing;
mod highest;
mod layout;
mod log;
mod media;
mod membership;
mod negotiation;
mod past;
mod peer;
mod presence;
mod reactions;
mod reminder;
mod roster;
mod sign;
mod signaling;
mod speaking;
mod view;

pub use call::{Call, Setup};
pub use command::{Command, Ice, LinkCommand, LinkId, MediaCommand, Sending, SocketCommand, Want};
pub use event::{
    Captured, ConnectionState, Device, DeviceKind, Event, HostAct, Kind, LinkEvent, MediaError, MediaEvent,
    Misread, NetworkEvent, Permission, RequestId, SocketEvent, UserEvent,
};
pub use layout::{Area, Arrangement, Corner, Layout, More, Part, Place, Scene, SelfView, layout};
pub use log::{Direction, LogLine};
pub use maju_protocol::{
    ChatError, ErrorCode, MAX_CHAT_CHARS, MAX_NAME_CHARS, MAX_PASSWORD_CHARS, NameError, PeerId, Pictures,
    REACTIONS, Role, Rules, Secret, check_chat, check_name, check_room,
};
pub use media::{Rate, Size, Traits, Treatment, Wishes};
pub use sign::Sign;
pub use speaking::{Levels, Loudness};
pub use view::{
    ChatLine, Chosen, Hiding, Notice, Offence, PersonState, PersonView, Phase, ReactionView, Refusal,
    Sharing, Signaling, SourceView, View, Waiter, Whose,
};

/// A point in time: milliseconds since an origin that the driver picks and keeps, never going back.
pub type Moment = u64;
