//! What is seen. Events go up by callbacks, state comes down by signals; nothing in here knows of WebRTC.

// `#[component]` makes more than the function: what is not named below has to be reachable too.
pub mod ended;
pub mod home;
pub mod lobby;
pub mod not_found;
pub mod pages;
pub mod room;

mod announce;
mod call_log;
mod chat;
mod chat_line;
mod chat_marks;
mod composer;
mod devices;
mod face;
mod field;
mod focus;
mod hiding;
mod host;
mod icons;
mod invite;
mod language;
mod layout_menu;
mod leaving;
mod notices;
mod panel;
mod people;
mod problems;
mod qr;
mod refusals;
mod screen;
mod settings;
mod shortcuts;
mod stage;
mod switch;
mod tab;
mod text;
mod tile;
mod tile_menu;
mod toolbar;
mod video;
mod voice;
mod waiting;
mod words;

pub use ended::Ended;
pub use face::{Ask, Can, Clip, Desk, Face, Frame, Looks, Show, Whose};
pub use home::Home;
pub use language::Tongue;
pub use leaving::leave_question;
pub use lobby::Lobby;
pub use not_found::NotFound;
pub use pages::Pages;
pub use room::Room;
pub use tab::Tab;
pub use words::{LANGUAGES, Words, knows, learn, speak};
