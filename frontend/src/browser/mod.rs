//! What is done: the home of web-sys (the ui names only the element types that its events and nodes give it). One [`Driver`] reports what the browser tells to the call and carries
//! out what the call wants; every listener, timer, task, track and connection in here undoes itself on drop.

mod address;
mod awake;
mod back;
mod capture;
mod channel;
mod check;
mod chime;
mod constraints;
mod devices;
mod display;
mod driver;
mod frame;
mod hearing;
mod identity;
mod keep;
mod language;
mod life;
mod link;
mod living;
mod meter;
mod method;
mod page;
mod permission;
mod read;
mod reporter;
mod search;
mod session;
mod socket;
mod sound;
mod stage;
mod tab;
mod task;
mod theme;
mod treat;
mod typed;

pub use address::{Page, drop_query, fragment, named_by, query};
pub use back::Back;
pub use capture::Track;
pub use check::{Checkup, Outlets as CheckOutlets};
pub use devices::{Devices, Tracks};
pub use display::can_share;
pub use driver::{Driver, Outlets};
pub use frame::{Abilities, Frame, FrameOutlets, abilities};
pub use identity::Identity;
pub use keep::{
    Settings, hide_address, hides_address, hosted, keep_language, keep_settings, remember_name,
    remembered_name, settings,
};
pub use language::{fetch_words, plural_category, set_language, wanted_language};
pub use link::Link;
pub use living::interrupted;
pub use page::{copy, normalize, now, random, room_link, share, signal_address, suggest_room, time_of_day};
pub use reporter::Reporter;
pub use stage::Stage;
pub use tab::{set_sign, set_title};
pub use theme::{add_style, dress};
pub use typed::Typed;
