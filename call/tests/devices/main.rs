//! What becomes of cameras, microphones and speakers, without a browser.

mod asking;
mod coming_and_going;
#[path = "../lobby/mod.rs"]
mod lobby;
mod screen;
mod wishes;
#[path = "../world/mod.rs"]
mod world;

use maju_call::{Command, Event, Kind, MediaCommand, MediaError, MediaEvent, RequestId, Want};

pub(crate) fn refused(request: u32, error: MediaError) -> Event {
    Event::Media(MediaEvent::Refused(
        RequestId(request),
        error,
        Kind::DEVICES.to_vec(),
    ))
}

pub(crate) fn asks(commands: &[Command]) -> Option<(u32, Option<Want>, Option<Want>)> {
    commands.iter().find_map(|command| match command {
        Command::Media(MediaCommand::Capture {
            request,
            microphone,
            camera,
        }) => Some((request.0, microphone.clone(), camera.clone())),
        _ => None,
    })
}
