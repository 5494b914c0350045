//! A call by itself, before anybody else is there.

#![allow(dead_code, reason = "each file of tests uses a part of it")]

use maju_call::{
    Call, Captured, Command, Event, Kind, MediaEvent, Misread, RequestId, Setup, SocketCommand, SocketEvent,
};
use maju_protocol::{ClientMessage, ServerMessage, Signal};

/// A call in the lobby that wants both devices.
pub(crate) fn lobby() -> (Call, Vec<Command>) {
    with(|_| {})
}

/// The same with something else in its setup.
pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> (Call, Vec<Command>) {
    let mut setup = Setup {
        room: "room".to_owned(),
        name: "Ana".to_owned(),
        microphone: true,
        camera: true,
        random: 1,
        ..Setup::default()
    };
    change(&mut setup);
    Call::new(0, setup)
}

pub(crate) fn greeted(call: &mut Call) {
    call.update(1, Event::Socket(SocketEvent::Opened));
    call.update(
        2,
        said(ServerMessage::Hello {
            version: 1,
            beat: 0,
            turn: false,
        }),
    );
}

/// The server says that.
pub(crate) fn said(message: ServerMessage<Result<Signal, Misread>>) -> Event {
    Event::Socket(SocketEvent::Message(message))
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
    commands
        .iter()
        .any(|c| matches!(c, Command::Socket(SocketCommand::Send(ClientMessage::Join(_)))))
}
