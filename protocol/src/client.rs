use serde::{Deserialize, Serialize};

use crate::PeerId;

/// What a client tells the server. `P` is the relayed payload: [`Signal`](crate::Signal) in a client,
/// unparsed text in the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientMessage<P> {
    /// The first message on a socket: which versions of the wire the client speaks.
    /// Answered with `hello` or with the error `unsupported-version`.
    Hello {
        /// All versions that the client can speak, in any order.
        versions: Vec<u32>,
    },
    /// Asks for a seat in a room, which exists from its first person on. Answered with `welcome`.
    Join {
        /// The room's name, 1 to 64 characters; see [`check_room`](crate::check_room).
        room: String,
        /// The person's name, 1 to 64 characters; see [`check_name`](crate::check_name).
        name: String,
        /// The newest token that `welcome` or `beat` gave to this client: asks for the same seat again. One that
        /// does not hold, or not for this room, is ignored, and the seat is a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
    /// Gives a payload to one person of the same room.
    Relay {
        /// Who is to get it.
        to: PeerId,
        /// What the server hands on as it is.
        payload: P,
    },
    /// Gives the seat up, at once. The socket stays open and may join again. Without it, a seat is kept for a while
    /// for a socket that closed.
    Leave {},
}
