//! Drives real browsers against the real server.
//!
//! A [`Stage`] is a server of one's own and the turn to use this machine; a [`Person`] is a browser of their own
//! with fake devices. Controls are found as a screen reader finds them, by role and accessible name, and what
//! arrives at the other side is measured in the page: decoded frames, colours, the energy of the sound.
//!
//! | variable | what | default |
//! |---|---|---|
//! | `MAJU_BIN` | the server, with the app embedded | `target/release/maju` of this workspace |
//! | `MAJU_CHROMIUM` | Chromium or Chrome | `chromium` |
//! | `MAJU_CHROMEDRIVER` | its WebDriver server | `chromedriver` |
//! | `MAJU_FIREFOX` | Firefox | `firefox-esr`, else `firefox` |
//! | `MAJU_GECKODRIVER` | its WebDriver server | `geckodriver` |
//! | `MAJU_AXE` | axe-core's `axe.min.js` | none: the tests of accessibility fail |
//! | `MAJU_FAULT_RUNS` | how often the fault tests repeat each fault | as often as the quick part does |

mod aria;
mod bidi;
mod browser;
mod capture;
mod driver;
mod engine;
mod entry;
mod eyes;
mod failure;
mod firefox;
mod front;
mod inside;
mod invitation;
mod keys;
mod lab;
mod main_thread;
mod person;
mod plain;
mod probe;
mod process;
mod proxy;
mod raw;
mod reaper;
mod report;
mod server;
mod site;
mod turn;
mod wait;
mod watch;

pub use aria::Node;
pub use browser::{Browser, Options};
pub use capture::{Look, Portrait, sound};
pub use engine::Engine;
pub use entry::{Devices, Entry};
pub use eyes::Sight;
pub use failure::{Failure, Outcome};
pub use front::{Front, Kind};
pub use keys::Focus;
pub use lab::{Lab, Nat, Place};
pub use main_thread::MainThread;
pub use person::Person;
pub use plain::PlainPage;
pub use probe::{LinkSeen, Seen};
pub use proxy::Proxy;
pub use raw::RawPeer;
pub use report::{Measure, note, runs};
pub use server::{Server, Stage, workspace_file};
pub use site::Site;
pub use turn::Turn;
pub use wait::{holds, until, until_within};
pub use watch::{
    Moment, NoticeSeen, Route, SocketSeen, StateSeen, Tile, Watch, WelcomeSeen, between, moment, now,
};
