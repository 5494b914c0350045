//! What the script `probe.js` measures in a page.

use serde::Deserialize;

/// The script itself, to run in each document before its own scripts.
pub(crate) const SCRIPT: &str = include_str!("probe.js");

/// What a participant's figure shows at one moment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Seen {
    /// `data-peer`.
    pub peer: String,
    /// `data-state`.
    pub state: String,
    /// `data-camera`.
    pub camera: Option<String>,
    /// `data-microphone`.
    pub microphone: Option<String>,
    /// Whether it is the person's own.
    pub own: bool,
    /// Which of the page's connections feeds it, by the order in which they were made.
    pub link: Option<usize>,
    /// Frames shown so far.
    pub frames: u64,
    /// The picture's width in pixels, 0 without one.
    pub width: u32,
    /// The picture's height in pixels, 0 without one.
    pub height: u32,
    /// Whether the video element stands still.
    pub paused: bool,
    /// Whether the video element is mute.
    pub muted: bool,
    /// Whether a telephone shows it in its place.
    pub inline: bool,
    /// Whether it is shown as in a mirror.
    pub mirrored: bool,
    /// The energy of all sound played so far, as `totalAudioEnergy` of WebRTC's statistics has it.
    pub energy: f64,
    /// Seconds of sound or silence played so far.
    pub heard: f64,
    /// The picture's average colour: red, green, blue, 0 to 255.
    pub colour: [u8; 3],
    /// Changes when the picture does.
    pub checksum: u64,
}

impl Seen {
    /// Whether the person sends a picture, as the figure tells it; nothing while it does not tell.
    pub fn camera_on(&self) -> Option<bool> {
        switch(self.camera.as_deref())
    }

    /// Whether the person sends sound, as the figure tells it; nothing while it does not tell.
    pub fn microphone_on(&self) -> Option<bool> {
        switch(self.microphone.as_deref())
    }
}

fn switch(text: Option<&str>) -> Option<bool> {
    match text? {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}

/// What a page did with one `RTCPeerConnection`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LinkSeen {
    /// `connectionState`.
    pub state: String,
    /// `signalingState`.
    pub signaling: String,
    /// How often `negotiationneeded` fired.
    pub needed: u32,
    /// How many local candidates were found.
    pub candidates: u32,
    /// The types of the local descriptions that were set, in order.
    pub local: Vec<String>,
    /// The types of the remote descriptions that were set, in order.
    pub remote: Vec<String>,
    /// The data channels made here.
    pub made: Vec<ChannelMade>,
    /// The labels of the data channels that the other side made.
    pub got: Vec<String>,
    /// Kind and label of each track that is being sent.
    pub sending: Vec<String>,
}

/// A data channel that a page made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelMade {
    /// Its label.
    pub label: String,
    /// Whether no local description had been set yet.
    pub before_offer: bool,
}
