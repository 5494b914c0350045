use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use gloo_events::EventListener;
use js_sys::{Array, Reflect};
use maju_call::{ConnectionState, Ice, Kind, LinkCommand, LinkEvent, LinkId, Pictures, Sending};
use maju_protocol::{CHANNEL_LABEL, Candidate, ChannelMessage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, MediaStream, RtcBundlePolicy, RtcConfiguration, RtcDataChannelEvent, RtcIceTransportPolicy,
    RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpTransceiver,
    RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType, RtcSessionDescriptionInit, RtcTrackEvent,
};

use super::capture::{error_text, is_sound};
use super::channel::{Channel, Overfull};
use super::display::moves;
use super::hearing::Arriving;
use super::{Devices, Identity, Reporter, Tracks, method, task::Task};

/// How much a small picture may take, in bits per second.
const SMALL_RATE: f64 = 150_000.0;
/// The height of a small picture.
const SMALL_HEIGHT: f64 = 90.0;

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

    fn add_transceiver(&self, kind: Kind) {
        let init = RtcRtpTransceiverInit::new();
        let streams = self.tracks.stream(kind.is_shared());
        init.set_streams(&streams.into_iter().collect::<Array>());
        let track = self.track_to_send(kind);
        init.set_direction(direction(track.is_some()));
        let transceiver = match track {
            Some(track) => self
                .connection
                .add_transceiver_with_media_stream_track_and_init(&track, &init),
            None => self.connection.add_transceiver_with_str_and_init(
                if is_sound_kind(kind) { "audio" } else { "video" },
                &init,
            ),
        };
        self.transceivers.borrow_mut()[kind as usize] = Some(transceiver);
    }

    async fn make_offer(&self) -> Result<(), JsValue> {
        let offer = JsFuture::from(self.connection.create_offer()).await?;
        self.set_local(&offer, LinkEvent::OfferMade).await
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

    async fn take_offer(&self, sdp: &str) -> Result<(), JsValue> {
        self.set_remote(RtcSdpType::Offer, sdp).await?;
        self.adopt_transceivers().await;
        let answer = JsFuture::from(self.connection.create_answer()).await?;
        self.set_local(&answer, LinkEvent::AnswerMade).await
    }

    async fn take_answer(&self, sdp: &str) -> Result<(), JsValue> {
        self.set_remote(RtcSdpType::Answer, sdp).await?;
        self.report(LinkEvent::AnswerTaken);
        Ok(())
    }

    /// Sets a description that was made here. It is reported while it is being set, so that it travels meanwhile;
    /// candidates are found after that, and whatever comes back waits its turn behind it.
    async fn set_local(&self, made: &JsValue, report: fn(String) -> LinkEvent) -> Result<(), JsValue> {
        let init: &RtcSessionDescriptionInit = made.unchecked_ref();
        let setting = JsFuture::from(self.connection.set_local_description(init));
        self.report(report(init.get_sdp().unwrap_or_default()));
        setting.await?;
        Ok(())
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let init = RtcSessionDescriptionInit::new(kind);
        init.set_sdp(sdp);
        JsFuture::from(self.connection.set_remote_description(&init)).await?;
        Ok(())
    }

    async fn add_candidate(&self, candidate: &Candidate) {
        let Ok(init) = serde_wasm_bindgen::to_value(candidate) else {
            return;
        };
        let added = self
            .connection
            .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(init.unchecked_ref()));
        // A candidate for a description that was taken back does not fit and is not needed.
        let _unfit = JsFuture::from(added).await;
    }

    /// Who answers takes over the transceivers that the offer made.
    async fn adopt_transceivers(&self) {
        for (kind, transceiver) in self.described() {
            let known = self.transceivers.borrow()[kind as usize].clone();
            if known.as_ref() == Some(&transceiver) {
                continue;
            }
            if let Some(known) = known {
                // Both ends added one for their screens at once: the one that was offered here is taken back.
                let _stopped = method::call(&known, "stop", None);
            }
            if let Some(stream) = self.tracks.stream(kind.is_shared()) {
                // Sound and picture of one stream are played in step. Without it the call works too.
                let _refused = method::call(&transceiver.sender(), "setStreams", Some(&stream));
            }
            self.transceivers.borrow_mut()[kind as usize] = Some(transceiver);
            if self.track_to_send(kind).is_some() {
                self.send(kind, true).await;
            }
        }
        for kind in [Kind::Screen, Kind::ScreenSound] {
            if self.track_to_send(kind).is_some() {
                self.add_missing(kind);
            }
        }
        self.tune().await;
        let pictures = self.pictures.get();
        if pictures != Pictures::All {
            self.limit(pictures).await;
        }
    }

    /// See [`LinkCommand::Limit`].
    async fn limit(&self, pictures: Pictures) {
        self.pictures.set(pictures);
        self.send(Kind::Camera, self.sending.get().camera).await;
        let Some(transceiver) = self.transceivers.borrow()[Kind::Camera as usize].clone() else {
            return;
        };
        let sender = transceiver.sender();
        let Some(parameters) = method::call(&sender, "getParameters", None) else {
            return;
        };
        let encodings = Reflect::get(&parameters, &"encodings".into()).unwrap_or_default();
        let set = |encoding: &JsValue, name: &str, value: JsValue| {
            // A plain object takes any property.
            let _set = Reflect::set(encoding, &name.into(), &value);
        };
        // Who saves data themselves captures little already.
        let camera = self.tracks.get(Kind::Camera);
        let height = camera.and_then(|camera| camera.get_settings().get_height());
        let small = (f64::from(height.unwrap_or(360)) / SMALL_HEIGHT).max(1.0);
        for encoding in Array::from(&encodings).iter() {
            let (scale, most) = match pictures {
                Pictures::Small => (small, JsValue::from_f64(SMALL_RATE)),
                Pictures::All | Pictures::None => (1.0, JsValue::UNDEFINED),
            };
            set(&encoding, "scaleResolutionDownBy", scale.into());
            set(&encoding, "maxBitrate", most);
        }
        let set = method::call(&sender, "setParameters", Some(&parameters));
        if let Some(set) = set.and_then(|set| set.dyn_into::<js_sys::Promise>().ok())
            && let Err(error) = JsFuture::from(set).await
        {
            self.report(LinkEvent::State("pictures not limited", error_text(&error)));
        }
    }

    /// The transceivers that are in a description, each with what it is for: the first of a medium is the device's, the
    /// second the screen's. Others may bring more, of which nothing is taken.
    fn described(&self) -> Vec<(Kind, RtcRtpTransceiver)> {
        let mut sounds = [Kind::Microphone, Kind::ScreenSound].into_iter();
        let mut pictures = [Kind::Camera, Kind::Screen].into_iter();
        let mut described = Vec::new();
        for transceiver in self.connection.get_transceivers().iter() {
            let transceiver: RtcRtpTransceiver = transceiver.unchecked_into();
            if transceiver.mid().is_none() {
                continue;
            }
            let kind = if is_sound(&transceiver.receiver().track()) {
                sounds.next()
            } else {
                pictures.next()
            };
            described.extend(kind.map(|kind| (kind, transceiver)));
        }
        described
    }

    /// Makes the transceiver for what is shared where the offer brought none, as that of an earlier version.
    fn add_missing(&self, kind: Kind) {
        let before = if kind == Kind::Screen {
            Kind::Camera
        } else {
            Kind::Microphone
        };
        let missing = {
            let transceivers = self.transceivers.borrow();
            // Without the first of its medium it would be taken for that.
            transceivers[kind as usize].is_none() && transceivers[before as usize].is_some()
        };
        if missing {
            self.add_transceiver(kind);
        }
    }

    async fn send(&self, kind: Kind, on: bool) {
        let mut sending = self.sending.get();
        sending.set(kind, on);
        self.sending.set(sending);
        let track = self.track_to_send(kind);
        if track.is_some() && kind.is_shared() {
            self.add_missing(kind);
        }
        let Some(transceiver) = self.transceivers.borrow()[kind as usize].clone() else {
            return;
        };
        if track.is_some() && transceiver.direction() == direction(false) {
            transceiver.set_direction(direction(true));
        }
        if let Err(error) = JsFuture::from(transceiver.sender().replace_track(track.as_ref())).await {
            self.report(LinkEvent::State("track not sent", error_text(&error)));
        }
        if kind == Kind::Screen {
            self.tune().await;
        }
    }

    /// Where not everything of the shared picture can be sent: text stays sharp, what moves stays smooth.
    async fn tune(&self) {
        let Some(track) = self.track_to_send(Kind::Screen) else {
            return;
        };
        let Some(transceiver) = self.transceivers.borrow()[Kind::Screen as usize].clone() else {
            return;
        };
        let preference = if moves(&track) {
            "maintain-framerate"
        } else {
            "maintain-resolution"
        };
        let sender = transceiver.sender();
        let Some(parameters) = method::call(&sender, "getParameters", None) else {
            return;
        };
        let _set = Reflect::set(&parameters, &"degradationPreference".into(), &preference.into());
        let set = method::call(&sender, "setParameters", Some(&parameters));
        if let Some(set) = set.and_then(|set| set.dyn_into::<js_sys::Promise>().ok()) {
            // A browser that does not know it degrades as it likes.
            let _unknown = JsFuture::from(set).await;
        }
    }

    fn track_to_send(&self, kind: Kind) -> Option<web_sys::MediaStreamTrack> {
        let wanted = kind != Kind::Camera || self.pictures.get() != Pictures::None;
        if wanted && self.sending.get().has(kind) {
            self.tracks.get(kind)
        } else {
            None
        }
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

fn direction(sending: bool) -> RtcRtpTransceiverDirection {
    if sending {
        RtcRtpTransceiverDirection::Sendrecv
    } else {
        RtcRtpTransceiverDirection::Recvonly
    }
}

fn is_sound_kind(kind: Kind) -> bool {
    matches!(kind, Kind::Microphone | Kind::ScreenSound)
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
