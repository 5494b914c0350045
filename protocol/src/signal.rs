use serde::{Deserialize, Serialize};

/// What two clients tell each other through the server to set up the peer connection between them.
///
/// `link` tells the peer connections of a pair apart, from 1 on; an offer with a higher one than known
/// means that the sender began a new connection and the receiver is to do the same, a lower one is stale.
/// `seq` counts the descriptions (offers and answers) that a sender made on that link, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Signal {
    /// A session description of type `offer` (W3C WebRTC, section 4.4.1.5; RFC 9429).
    Offer {
        /// The peer connection that this belongs to.
        link: u32,
        /// The number of this description.
        seq: u32,
        /// The `seq` of the receiver's newest offer that the sender has answered, 0 for none. An offer that
        /// crosses one of the receiver's that is not yet answered is a *glare*.
        answered: u32,
        /// The description.
        sdp: String,
    },
    /// A session description of type `answer`.
    Answer {
        /// The peer connection that this belongs to.
        link: u32,
        /// The number of this description.
        seq: u32,
        /// The `seq` of the offer that this answers.
        answered: u32,
        /// The description.
        sdp: String,
    },
    /// A way to reach the sender (trickle ICE, RFC 8838).
    Candidate {
        /// The peer connection that this belongs to.
        link: u32,
        /// The `seq` of the sender's newest description when the candidate was found. The receiver keeps the
        /// candidate until that description has arrived.
        seq: u32,
        /// The candidate itself.
        candidate: Candidate,
    },
}

/// `RTCIceCandidateInit` of the W3C's WebRTC recommendation, section 4.8.1.1, under its own names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The `candidate` attribute (RFC 8839, section 5.1); empty when there are no more.
    pub candidate: String,
    /// The media section's identification tag.
    #[serde(default)]
    pub sdp_mid: Option<String>,
    /// The media section's index, from 0.
    #[serde(default, rename = "sdpMLineIndex")]
    pub sdp_m_line_index: Option<u16>,
    /// The ICE user name fragment that the candidate belongs to.
    #[serde(default)]
    pub username_fragment: Option<String>,
}
