//! What is seen. Events go up by callbacks, state comes down by signals; nothing in here knows of WebRTC.

mod face;

pub use face::{Face, Show, Whose};
