use gloo_events::EventListener;
use maju_call::{LinkEvent, LinkId, Misread};
use maju_protocol::{ChannelMessage, MAX_MESSAGE_BYTES};
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, RtcDataChannel};

use super::{
    Reporter,
    read::{nonsense, read, to_text},
};

/// How much may wait in a channel, in bytes. A connection that is alive carries that within a second.
const MAX_WAITING: u32 = 1024 * 1024;

/// A data channel with its listeners. Dropped, it reports nothing more; it closes with its connection.
#[derive(Debug)]
pub(crate) struct Channel {
    channel: RtcDataChannel,
    /// None once it was given up.
    listeners: Option<[EventListener; 3]>,
}

/// Too much waits in the channel, which was given up.
#[derive(Debug)]
pub(crate) struct Overfull;

impl Channel {
    pub(crate) fn new(channel: RtcDataChannel, id: &LinkId, reporter: &Reporter) -> Self {
        let on = |name: &'static str, event: fn(&web_sys::Event) -> LinkEvent| {
            let (id, reporter) = (id.clone(), reporter.clone());
            EventListener::new(&channel, name, move |js| reporter.link(&id, event(js)))
        };
        let listeners = [
            on("open", |_| LinkEvent::ChannelOpened),
            on("close", |_| LinkEvent::ChannelClosed),
            on("message", |event| {
                LinkEvent::ChannelMessage(understand(event.unchecked_ref()))
            }),
        ];
        Self {
            channel,
            listeners: Some(listeners),
        }
    }

    /// Sends a message. A channel in which more than [`MAX_WAITING`] waits is given up: that is an error once,
    /// and nothing is said or heard on it any more.
    pub(crate) fn say(&mut self, message: &ChannelMessage) -> Result<(), Overfull> {
        if self.listeners.is_none() {
            return Ok(());
        }
        if self.channel.buffered_amount() > MAX_WAITING {
            self.listeners = None;
            self.channel.close();
            return Err(Overfull);
        }
        if let Some(text) = to_text(message) {
            // It fails on a channel that is closing, which its `close` event tells.
            let _closing = self.channel.send_with_str(&text);
        }
        Ok(())
    }
}

fn understand(event: &MessageEvent) -> Result<ChannelMessage, Misread> {
    let text = event
        .data()
        .as_string()
        .ok_or_else(|| nonsense("a binary message"))?;
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(nonsense("a message that is too long"));
    }
    read(&text)
}
