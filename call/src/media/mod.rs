//! The own devices: what is wanted, what is, what is being asked for, and what could be had instead.

mod list;
mod screen;
mod source;
mod speaker;
mod wishes;

use std::sync::Arc;

use crate::{
    Captured, Chosen, Command, Device, DeviceKind, Kind, MediaCommand, MediaError, Moment, Permission,
    RequestId, Sending, Sharing, SourceView, Want,
};
use list::{aliases, listed, newcomer};
use screen::Screen;
use source::Source;
use speaker::Speaker;
use wishes::Wishing;
pub use wishes::{Rate, Size, Traits, Treatment, Wishes};

/// Both devices, the one question to them that may be under way, and beside them what is shared of the screen.
///
/// ```text
///            wanted                 captured
///   off ───────────────▶ asking ───────────────▶ live ──▶ (camera) not wanted: released, off
///    ▲                     ▲  │                    │ └──▶ (microphone) not wanted: live but silent
///    │                     │  └──── refused ──┐    │
///    │                     ├◀── other device ──────┤
///    │                     ├◀── ended by itself ───┘
///    └── nothing can be had ┴◀── pressed, permitted, plugged in again
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Media {
    microphone: Source,
    camera: Source,
    screen: Screen,
    speaker: Speaker,
    wishing: Wishing,
    /// The question under way.
    asking: Option<Asking>,
    /// Whether devices are to be held at all: not after leaving.
    active: bool,
    requests: u32,
    /// The devices there are, once that is known.
    known: Option<Arc<Vec<Device>>>,
    /// Devices that came while the call ran, at most one of each kind.
    offers: Vec<Device>,
}

#[derive(Clone, Debug)]
struct Asking {
    request: RequestId,
    /// The kinds asked for, and the device picked for each at that time.
    kinds: Vec<(Kind, Option<String>)>,
}

impl Asking {
    fn is_about(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|(asked, _)| *asked == kind)
    }
}

/// A source began or ceased to carry something, or carries it from another device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changed(pub(crate) Kind);

impl Media {
    pub(crate) fn new(microphone: bool, camera: bool, wishes: Wishes) -> Self {
        let mut media = Self {
            microphone: Source::new(DeviceKind::Microphone, microphone),
            camera: Source::new(DeviceKind::Camera, camera),
            screen: Screen::default(),
            speaker: Speaker::default(),
            wishing: Wishing::default(),
            asking: None,
            active: true,
            requests: 0,
            known: None,
            offers: Vec::new(),
        };
        media.set_out_with(wishes);
        media
    }

    /// Whether nothing that is still wanted is being asked for: the devices answered, for better or worse.
    pub(crate) fn answered(&self) -> bool {
        let waits = |asking: &Asking| {
            asking
                .kinds
                .iter()
                .any(|(kind, _)| self.source(*kind).wanted_on())
        };
        !self.asking.as_ref().is_some_and(waits)
    }

    /// Which tracks there are to be sent; a silent microphone is among them.
    pub(crate) fn sending(&self) -> Sending {
        Sending {
            microphone: self.microphone.live().is_some(),
            camera: self.camera.live().is_some(),
            screen: self.screen.on(Kind::Screen),
            screen_sound: self.screen.on(Kind::ScreenSound),
        }
    }

    /// Whether sound or picture is really carried.
    pub(crate) fn on(&self, kind: Kind) -> bool {
        self.source(kind).on()
    }

    pub(crate) fn view(&self, kind: Kind) -> SourceView {
        if kind.is_shared() {
            return self.screen.view();
        }
        let source = self.source(kind);
        SourceView {
            on: source.on(),
            pending: self.asking.as_ref().is_some_and(|asking| asking.is_about(kind)),
            interrupted: source.interrupted() && source.wanted_on(),
            problem: source.problem.clone(),
            traits: self.traits(kind),
        }
    }

    /// How the screen is shared.
    pub(crate) fn show(&self, sharing: &mut Sharing) {
        self.screen.show(sharing);
    }

    pub(crate) fn chosen(&self) -> Chosen {
        Chosen {
            microphone: self.microphone.chosen(),
            camera: self.camera.chosen(),
            speaker: self.speaker.id.clone(),
        }
    }

    /// The devices that came while the call ran and wait for an answer.
    pub(crate) fn offers(&self) -> &[Device] {
        &self.offers
    }

    /// Begins, or takes up again after [`Media::stop`].
    pub(crate) fn start(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        self.active = true;
        out.push(Command::Media(MediaCommand::Treat(self.wishes().treatment())));
        self.reconcile(out)
    }

    /// Lets go of every device; what was wanted is remembered.
    pub(crate) fn stop(&mut self, out: &mut Vec<Command>) {
        self.active = false;
        self.asking = None;
        self.offers.clear();
        self.screen.stop(out);
        for kind in Kind::DEVICES {
            if self.source_mut(kind).stop() {
                out.push(Command::Media(MediaCommand::Release(kind)));
            }
        }
    }

    /// The person pressed the button of that kind. A press while a change is under way counts after it.
    pub(crate) fn toggle(&mut self, now: Moment, kind: Kind, out: &mut Vec<Command>) -> Vec<Changed> {
        if kind.is_shared() {
            let (asks, changed) = self.screen.press(out);
            if asks {
                let request = self.next_request();
                self.screen.ask(request, now, out);
            }
            return changed;
        }
        if kind == Kind::Camera && self.wishes().audio_only {
            return self.want_pictures(out);
        }
        self.source_mut(kind).press();
        self.reconcile(out)
    }

    /// The person shares moving pictures rather than text, or the other way round.
    pub(crate) fn turn_screen(&mut self, motion: bool, out: &mut Vec<Command>) -> Vec<Changed> {
        self.screen.turn_to(motion, out)
    }

    /// Somebody asks for the microphone to be off. Nothing if it is not wanted on.
    pub(crate) fn silence(&mut self, out: &mut Vec<Command>) -> Option<Vec<Changed>> {
        self.microphone.silence().then(|| self.reconcile(out))
    }

    /// The person picked a device.
    pub(crate) fn choose(&mut self, kind: DeviceKind, id: String, out: &mut Vec<Command>) -> Vec<Changed> {
        self.decline(kind);
        match kind.captures() {
            None => self.speaker.choose(id, out),
            Some(kind) => self.source_mut(kind).choose(id),
        }
        self.reconcile(out)
    }

    /// The person does not want the device of that kind that is offered.
    pub(crate) fn decline(&mut self, kind: DeviceKind) {
        self.offers.retain(|device| device.kind != kind);
    }

    /// The devices answered with tracks.
    pub(crate) fn captured(
        &mut self,
        request: RequestId,
        tracks: &[Captured],
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        if let Some(changed) = self.screen.captured(request, tracks, out) {
            return changed;
        }
        let Some(asking) = self.asking.take_if(|asking| asking.request == request) else {
            out.push(Command::Media(MediaCommand::Discard(request)));
            return Vec::new();
        };
        out.push(Command::Media(MediaCommand::Use(request)));
        let known = self.known.clone().unwrap_or_default();
        let mut changed = Vec::new();
        for (kind, picked) in asking.kinds {
            let Some(track) = tracks.iter().find(|track| track.kind == kind) else {
                continue;
            };
            let source = self.source_mut(kind);
            source.take(request, track.device.clone(), picked, &known);
            changed.push(Changed(kind));
        }
        self.offers
            .retain(|offer| !taken(&self.microphone, &self.camera, offer));
        changed.extend(self.reconcile(out));
        changed
    }

    /// The devices answered without tracks. The kinds in `alone` may be asked for by themselves.
    pub(crate) fn refused(
        &mut self,
        now: Moment,
        request: RequestId,
        error: &MediaError,
        alone: &[Kind],
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        self.screen.refused(request, error, now);
        let Some(asking) = self.asking.take_if(|asking| asking.request == request) else {
            return Vec::new();
        };
        let both = asking.kinds.len() > 1;
        let mut changed = Vec::new();
        for (kind, picked) in asking.kinds {
            let source = self.source_mut(kind);
            source.alone = both && alone.contains(&kind);
            if !source.alone && source.refuse(error, &picked) {
                out.push(Command::Media(MediaCommand::Release(kind)));
                changed.push(Changed(kind));
            }
        }
        changed.extend(self.reconcile(out));
        changed
    }

    /// That speaker could not be used.
    pub(crate) fn speaker_refused(&mut self, id: &str, out: &mut Vec<Command>) {
        self.speaker.refuse(id, out);
    }

    /// A track ended by itself: the next device of its kind is taken, if that needs no question to the person.
    pub(crate) fn ended(
        &mut self,
        request: RequestId,
        kind: Kind,
        permission: Permission,
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        if kind.is_shared() {
            return self.screen.ended(request, kind, out);
        }
        let known = self.known.clone().unwrap_or_default();
        if !self.source_mut(kind).lose(request, permission, &known) {
            return Vec::new();
        }
        out.push(Command::Media(MediaCommand::Release(kind)));
        let mut changed = vec![Changed(kind)];
        changed.extend(self.reconcile(out));
        changed
    }

    /// The system holds a track's sound or picture back, or lets it flow again.
    pub(crate) fn interrupted(&mut self, request: RequestId, kind: Kind, interrupted: bool) -> Vec<Changed> {
        if kind.is_shared() {
            self.screen.interrupted(request, kind, interrupted);
            return Vec::new();
        }
        let before = self.on(kind);
        self.source_mut(kind).interrupt(request, interrupted);
        if self.on(kind) == before {
            Vec::new()
        } else {
            vec![Changed(kind)]
        }
    }

    /// Devices of that kind may be used from now on.
    pub(crate) fn permitted(&mut self, kind: Kind, out: &mut Vec<Command>) -> Vec<Changed> {
        self.source_mut(kind).permit();
        self.reconcile(out)
    }

    /// The devices there are. One that was lost in use is taken back; another one that is new is offered.
    pub(crate) fn devices(&mut self, devices: &Arc<Vec<Device>>, out: &mut Vec<Command>) -> Vec<Changed> {
        let before = self.known.replace(devices.clone());
        let different = before.as_ref() != Some(devices);
        for kind in Kind::DEVICES {
            self.source_mut(kind).relist(devices, different);
        }
        self.speaker.relist(devices, out);
        self.offers.retain(|offer| listed(devices, offer.kind, &offer.id));
        if let Some(before) = before.filter(|_| self.active) {
            for kind in [DeviceKind::Microphone, DeviceKind::Camera, DeviceKind::Speaker] {
                self.offer(newcomer(&before, devices, kind));
            }
        }
        self.reconcile(out)
    }

    /// Offers a device that came, unless it is in use or about to be.
    fn offer(&mut self, came: Option<&Device>) {
        let Some(device) = came else { return };
        if taken(&self.microphone, &self.camera, device) || self.speaker.id == device.id {
            return;
        }
        self.decline(device.kind);
        self.offers.push(device.clone());
    }

    /// Brings what is nearer to what is wanted, one question at a time.
    fn reconcile(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        let mut changed = Vec::new();
        if !self.active {
            return changed;
        }
        if self.camera.release_unwanted() {
            out.push(Command::Media(MediaCommand::Release(Kind::Camera)));
            changed.push(Changed(Kind::Camera));
        }
        if let Some(enabled) = self.microphone.mute_unwanted() {
            out.push(Command::Media(MediaCommand::Enable(Kind::Microphone, enabled)));
            changed.push(Changed(Kind::Microphone));
        }
        if self.asking.is_none() {
            self.ask(out);
        }
        changed
    }

    fn ask(&mut self, out: &mut Vec<Command>) {
        let lacking = Kind::DEVICES
            .into_iter()
            .filter(|kind| self.source(*kind).lacks());
        let mut kinds: Vec<_> = lacking
            .map(|kind| (kind, self.source(kind).picked.clone()))
            .collect();
        if kinds.iter().any(|(kind, _)| self.source(*kind).alone) {
            kinds.truncate(1);
        }
        if kinds.is_empty() {
            return;
        }
        let request = self.next_request();
        let want = |kind: Kind| -> Option<Want> {
            let asked = kinds.iter().any(|(asked, _)| *asked == kind);
            asked.then(|| self.source(kind).want())
        };
        let (microphone, camera) = (want(Kind::Microphone), want(Kind::Camera));
        out.push(Command::Media(MediaCommand::Capture {
            request,
            microphone,
            camera,
        }));
        self.asking = Some(Asking { request, kinds });
    }

    fn next_request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    /// The device of that kind. What is shared has none, and has its own ways everywhere.
    fn source(&self, kind: Kind) -> &Source {
        match kind {
            Kind::Microphone | Kind::ScreenSound => &self.microphone,
            Kind::Camera | Kind::Screen => &self.camera,
        }
    }

    fn source_mut(&mut self, kind: Kind) -> &mut Source {
        match kind {
            Kind::Microphone | Kind::ScreenSound => &mut self.microphone,
            Kind::Camera | Kind::Screen => &mut self.camera,
        }
    }
}

/// Whether a device is in use, or about to be.
fn taken(microphone: &Source, camera: &Source, device: &Device) -> bool {
    [microphone, camera]
        .iter()
        .any(|source| source.kind == device.kind && !aliases(&device.id) && source.uses(&device.id))
}
