//! A call by itself, before anybody else is there.

use maju_call::{
    Call, Captured, Command, Event, Kind, MediaEvent, RequestId, Setup, SocketCommand, SocketEvent,
};
use maju_protocol::{ClientMessage, ServerMessage};

/// A call in the lobby that wants both devices.
pub(crate) fn lobby() -> (Call, Vec<Command>) {
    Call::new(
        0,
        Setup {
            room: "room".to_owned(),
            name: "Ana".to_owned(),
            join: false,
            microphone: true,
            camera: true,
            random: 1,
        },
    )
}

pub(crate) fn greeted(call: &mut Call) {
    call.update(1, Event::Socket(SocketEvent::Opened));
    call.update(
        2,
        Event::Socket(SocketEvent::Message(ServerMessage::Hello { version: 1, beat: 0 })),
    );
}

pub(crate) fn captured(request: u32, kinds: &[Kind]) -> Event {
    let tracks = kinds
        .iter()
        .map(|kind| Captured {
            kind: *kind,
            device: format!("{kind:?} {request}"),
        })
        .collect();
    Event::Media(MediaEvent::Captured(RequestId(request), tracks))
}

pub(crate) fn joins(commands: &[Command]) -> bool {
    commands.iter().any(|c| {
        matches!(
            c,
            Command::Socket(SocketCommand::Send(ClientMessage::Join { .. }))
        )
    })
}
