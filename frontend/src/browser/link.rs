//! A peer connection: its set-up, the order of its work, and what it reports.

mod descriptions;
mod transceivers;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use gloo_events::EventListener;
use js_sys::Reflect;
use maju_call::{ConnectionState, Ice, Kind, LinkCommand, LinkEvent, LinkId, Pictures, Sending};
use maju_protocol::{CHANNEL_LABEL, ChannelMessage};
use wasm_bindgen::JsCast;
use web_sys::{
    Event, MediaStream, RtcBundlePolicy, RtcConfiguration, RtcDataChannelEvent, RtcIceTransportPolicy,
    RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpTransceiver, RtcTrackEvent,
};

use super::capture::error_text;
use super::channel::{Channel, Overfull};
use super::hearing::Arriving;
use super::{Devices, Identity, Reporter, Tracks, method, task::Task};

/// One peer connection with all that belongs to it. Dropped, its listeners go, then it closes.
#[derive(Debug)]
pub struct Link {
    commands: mpsc::UnboundedSender<LinkCommand>,
    wires: Rc<Wires>,
    listeners: Vec<EventListener>,
    _work: Task,
}

/// What the link's task and its listeners share.
#[derive(Debug)]
struct Wires {
    id: LinkId,
    reporter: Reporter,
    connection: RtcPeerConnection,
    /// The transceiver of each kind, in the order of [`Kind::ALL`]; there is none before the first description.
    transceivers: RefCell<[Option<RtcRtpTransceiver>; 4]>,
    sending: Cell<Sending>,
    /// Which pictures the other end wants.
    pictures: Cell<Pictures>,
    tracks: Tracks,
    /// What arrives from the other end: of devices, and of the screen.
    streams: [Option<MediaStream>; 2],
    channel: RefCell<Option<Channel>>,
    arriving: Arriving,
}

impl Link {
    /// See [`LinkCommand::Open`]. The reason is given where the browser refuses, as for an ICE server that it
    /// cannot read.
    pub fn open(
        id: &LinkId,
        offerer: bool,
        ice: &Ice,
        sending: Sending,
        devices: &Devices,
        identity: &Identity,
        reporter: Reporter,
    ) -> Result<Self, String> {
        let configuration = RtcConfiguration::new();
        configure(&configuration, ice)?;
        if let Some(certificates) = identity.certificates() {
            configuration.set_certificates(&certificates);
        }
        configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
        let connection =
            RtcPeerConnection::new_with_configuration(&configuration).map_err(|error| error_text(&error))?;
        let wires = Rc::new(Wires {
            id: id.clone(),
            reporter,
            connection,
            transceivers: RefCell::default(),
            sending: Cell::new(sending),
            pictures: Cell::default(),
            tracks: devices.tracks().clone(),
            streams: [MediaStream::new().ok(), MediaStream::new().ok()],
            channel: RefCell::new(None),
            arriving: Arriving::default(),
        });
        let listeners = wires.listen();
        if offerer {
            wires.prepare_to_offer();
        }
        let (commands, waiting) = mpsc::unbounded();
        let work = Task::spawn(work(wires.clone(), waiting));
        Ok(Self {
            commands,
            wires,
            listeners,
            _work: work,
        })
    }

    /// Carries out a command, after those before it.
    pub fn carry_out(&self, command: LinkCommand) {
        if let LinkCommand::Say(message) = &command {
            self.wires.say(message);
            return;
        }
        // The task takes commands as long as this link lives.
        let _taken = self.commands.unbounded_send(command);
    }

    /// What arrives from the other end: of devices, or of the screen.
    pub fn stream(&self, shared: bool) -> Option<MediaStream> {
        self.wires.streams[usize::from(shared)].clone()
    }

    /// How loud the other end's microphone is, 0 to 1.
    pub fn amplitude(&self) -> f64 {
        let microphone = self.wires.transceivers.borrow()[Kind::Microphone as usize].clone();
        microphone.map_or(0.0, |transceiver| {
            self.wires.arriving.amplitude(&transceiver.receiver())
        })
    }

    /// The browser's own value.
    pub fn js(&self) -> &RtcPeerConnection {
        &self.wires.connection
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listeners.clear();
        *self.wires.channel.borrow_mut() = None;
        self.wires.connection.close();
    }
}

/// One command after the other: descriptions and candidates must not overtake each other.
async fn work(wires: Rc<Wires>, mut waiting: mpsc::UnboundedReceiver<LinkCommand>) {
    wires.tune().await;
    while let Some(command) = waiting.next().await {
        let result = match command {
            LinkCommand::MakeOffer => wires.make_offer().await,
            LinkCommand::TakeOffer(sdp) => wires.take_offer(&sdp).await,
            LinkCommand::TakeAnswer(sdp) => wires.take_answer(&sdp).await,
            LinkCommand::AddCandidate(candidate) => {
                wires.add_candidate(&candidate).await;
                Ok(())
            }
            LinkCommand::Send(kind, on) => {
                wires.send(kind, on).await;
                Ok(())
            }
            LinkCommand::Limit(pictures) => {
                wires.limit(pictures).await;
                Ok(())
            }
            LinkCommand::Configure(ice) => {
                wires.configure(&ice);
                Ok(())
            }
            LinkCommand::Restart => {
                wires.restart();
                Ok(())
            }
            LinkCommand::Open { .. } | LinkCommand::Say(_) | LinkCommand::Close => Ok(()),
        };
        if let Err(error) = result {
            wires.report(LinkEvent::DescriptionFailed(error_text(&error)));
        }
    }
}

impl Wires {
    fn report(&self, event: LinkEvent) {
        self.reporter.link(&self.id, event);
    }

    /// The channel and the transceivers are there before the first offer, so that one offer covers all.
    fn prepare_to_offer(&self) {
        let channel = self.connection.create_data_channel(CHANNEL_LABEL);
        *self.channel.borrow_mut() = Some(Channel::new(channel, &self.id, &self.reporter));
        for kind in Kind::ALL {
            self.add_transceiver(kind);
        }
    }

    /// See [`LinkCommand::Configure`].
    fn configure(&self, ice: &Ice) {
        let configuration = self.connection.get_configuration();
        let taken = configure(&configuration, ice).and_then(|()| {
            self.connection
                .set_configuration_with_configuration(&configuration)
                .map_err(|error| error_text(&error))
        });
        if let Err(reason) = taken {
            self.report(LinkEvent::State("ICE servers", reason));
        }
    }

    /// See [`LinkCommand::Restart`].
    fn restart(&self) {
        // It cannot fail on a connection that is open, and one that is closed needs none.
        let _closed = method::call(&self.connection, "restartIce", None);
    }

    fn listen(self: &Rc<Self>) -> Vec<EventListener> {
        let on = |name: &'static str, act: fn(&Self, &Event)| {
            let wires = Rc::downgrade(self);
            EventListener::new(&self.connection, name, move |event| {
                if let Some(wires) = wires.upgrade() {
                    act(&wires, event);
                }
            })
        };
        vec![
            on("negotiationneeded", |wires, _| {
                wires.report(LinkEvent::NegotiationNeeded)
            }),
            on("icecandidate", |wires, event| {
                wires.candidate_found(event.unchecked_ref())
            }),
            on("track", |wires, event| wires.track_arrived(event.unchecked_ref())),
            on("datachannel", |wires, event| {
                wires.channel_arrived(event.unchecked_ref())
            }),
            on("connectionstatechange", |wires, _| {
                wires.report(LinkEvent::Connection(state_of(
                    wires.connection.connection_state(),
                )));
            }),
            on("signalingstatechange", |wires, _| {
                wires.state_changed("signaling", "signalingState")
            }),
            on("iceconnectionstatechange", |wires, _| {
                wires.state_changed("ICE", "iceConnectionState")
            }),
            on("icegatheringstatechange", |wires, _| {
                wires.state_changed("gathering", "iceGatheringState")
            }),
        ]
    }

    fn state_changed(&self, what: &'static str, property: &str) {
        let state = Reflect::get(&self.connection, &property.into())
            .ok()
            .and_then(|state| state.as_string());
        self.report(LinkEvent::State(what, state.unwrap_or_default()));
    }

    fn candidate_found(&self, event: &RtcPeerConnectionIceEvent) {
        let candidate = event
            .candidate()
            .map(|candidate| serde_wasm_bindgen::from_value(candidate.to_json().into()));
        if let Some(Ok(candidate)) = candidate {
            self.report(LinkEvent::Candidate(candidate));
        }
    }

    fn track_arrived(&self, event: &RtcTrackEvent) {
        let arrived = event.transceiver();
        let described = self.described();
        let Some((kind, _)) = described.iter().find(|(_, transceiver)| *transceiver == arrived) else {
            return;
        };
        if let Some(stream) = &self.streams[usize::from(kind.is_shared())] {
            stream.add_track(&event.track());
        }
        self.report(LinkEvent::Track(*kind));
    }

    fn say(&self, message: &ChannelMessage) {
        let said = match &mut *self.channel.borrow_mut() {
            Some(channel) => channel.say(message),
            None => Ok(()),
        };
        if let Err(Overfull) = said {
            self.report(LinkEvent::ChannelClosed);
        }
    }

    fn channel_arrived(&self, event: &RtcDataChannelEvent) {
        let channel = event.channel();
        // The first one counts; a peer that opens more gets no ear for them.
        if channel.label() == CHANNEL_LABEL && self.channel.borrow().is_none() {
            *self.channel.borrow_mut() = Some(Channel::new(channel, &self.id, &self.reporter));
        }
    }
}

fn state_of(state: RtcPeerConnectionState) -> ConnectionState {
    match state {
        RtcPeerConnectionState::Connecting => ConnectionState::Connecting,
        RtcPeerConnectionState::Connected => ConnectionState::Connected,
        RtcPeerConnectionState::Disconnected => ConnectionState::Disconnected,
        RtcPeerConnectionState::Failed => ConnectionState::Failed,
        RtcPeerConnectionState::Closed => ConnectionState::Closed,
        _ => ConnectionState::New,
    }
}

/// Says how ways are to be looked for.
pub(super) fn configure(configuration: &RtcConfiguration, ice: &Ice) -> Result<(), String> {
    let servers = serde_wasm_bindgen::to_value(&ice.servers).map_err(|error| error.to_string())?;
    configuration.set_ice_servers(&servers);
    configuration.set_ice_transport_policy(if ice.relay_only {
        RtcIceTransportPolicy::Relay
    } else {
        RtcIceTransportPolicy::All
    });
    Ok(())
}
