//! The own microphone and camera: what is wanted, what is, and what is being asked for.

use crate::{
    Captured, Chosen, Command, Device, DeviceKind, Kind, MediaCommand, MediaError, RequestId, Sending,
    SourceView, Want,
};

/// Both sources, and the one question to the devices that may be under way.
///
/// ```text
///            wanted                 captured
///   off ───────────────▶ asking ───────────────▶ live ──▶ (camera) not wanted: released, off
///    ▲                     │                       │ └──▶ (microphone) not wanted: live but silent
///    └──── refused ────────┘◀── other device ──────┘
/// ```
#[derive(Debug)]
pub(crate) struct Media {
    microphone: Source,
    camera: Source,
    speaker: String,
    /// The question under way.
    asking: Option<Asking>,
    /// Whether devices are to be held at all: not after leaving.
    active: bool,
    requests: u32,
}

#[derive(Debug, Default)]
struct Source {
    /// What the person last asked for.
    wanted: bool,
    /// The device that the person picked; none lets the browser pick.
    picked: Option<String>,
    live: Option<Live>,
    problem: Option<MediaError>,
    /// Asking for both kinds in one question failed; this one is asked for by itself.
    alone: bool,
    /// The old device was let go because the new one could not be had beside it.
    let_go: bool,
}

/// A track that is captured.
#[derive(Debug)]
struct Live {
    request: RequestId,
    device: String,
    /// The device that was asked for.
    picked: Option<String>,
    enabled: bool,
}

#[derive(Debug)]
struct Asking {
    request: RequestId,
    kinds: Vec<Kind>,
}

/// A source began or ceased to carry something, or carries it from another device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changed(pub(crate) Kind);

impl Media {
    pub(crate) fn new(microphone: bool, camera: bool) -> Self {
        Self {
            microphone: Source {
                wanted: microphone,
                ..Source::default()
            },
            camera: Source {
                wanted: camera,
                ..Source::default()
            },
            speaker: String::new(),
            asking: None,
            active: true,
            requests: 0,
        }
    }

    /// Whether nothing is being asked for: the devices answered, for better or worse.
    pub(crate) fn answered(&self) -> bool {
        self.asking.is_none()
    }

    /// Which tracks there are to be sent; a silent microphone is among them.
    pub(crate) fn sending(&self) -> Sending {
        Sending {
            microphone: self.microphone.live.is_some(),
            camera: self.camera.live.is_some(),
        }
    }

    /// Whether sound or picture is really carried.
    pub(crate) fn on(&self, kind: Kind) -> bool {
        self.source(kind).live.as_ref().is_some_and(|live| live.enabled)
    }

    pub(crate) fn view(&self, kind: Kind) -> SourceView {
        SourceView {
            on: self.on(kind),
            pending: self
                .asking
                .as_ref()
                .is_some_and(|asking| asking.kinds.contains(&kind)),
            problem: self.source(kind).problem.clone(),
        }
    }

    pub(crate) fn chosen(&self) -> Chosen {
        let device = |source: &Source| match (&source.live, &source.picked) {
            (Some(live), _) if !live.device.is_empty() => live.device.clone(),
            (_, picked) => picked.clone().unwrap_or_default(),
        };
        Chosen {
            microphone: device(&self.microphone),
            camera: device(&self.camera),
            speaker: self.speaker.clone(),
        }
    }

    /// Begins, or takes up again after [`Media::stop`].
    pub(crate) fn start(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        self.active = true;
        self.reconcile(out)
    }

    /// Lets go of every device; what was wanted is remembered.
    pub(crate) fn stop(&mut self, out: &mut Vec<Command>) {
        self.active = false;
        self.asking = None;
        for kind in Kind::ALL {
            let source = self.source_mut(kind);
            source.alone = false;
            source.problem = None;
            if source.live.take().is_some() {
                out.push(Command::Media(MediaCommand::Release(kind)));
            }
        }
    }

    /// The person pressed the button of that kind. A press while a change is under way counts after it.
    pub(crate) fn toggle(&mut self, kind: Kind, out: &mut Vec<Command>) -> Vec<Changed> {
        let source = self.source_mut(kind);
        source.wanted = !source.wanted;
        source.problem = None;
        self.reconcile(out)
    }

    /// The person picked a device.
    pub(crate) fn choose(&mut self, kind: DeviceKind, id: String, out: &mut Vec<Command>) -> Vec<Changed> {
        let Some(kind) = kind.captures() else {
            self.speaker.clone_from(&id);
            out.push(Command::Media(MediaCommand::Speaker(id)));
            return Vec::new();
        };
        let source = self.source_mut(kind);
        source.picked = (!id.is_empty()).then_some(id);
        source.problem = None;
        self.reconcile(out)
    }

    /// The devices answered.
    pub(crate) fn captured(
        &mut self,
        request: RequestId,
        result: Result<Vec<Captured>, MediaError>,
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        let Some(asking) = self.asking.take_if(|asking| asking.request == request) else {
            if result.is_ok() {
                out.push(Command::Media(MediaCommand::Discard(request)));
            }
            return Vec::new();
        };
        let mut changed = match result {
            Ok(tracks) => self.take(request, tracks, out),
            Err(error) => self.refused(&asking.kinds, &error, out),
        };
        changed.extend(self.reconcile(out));
        changed
    }

    /// A track ended by itself.
    pub(crate) fn ended(&mut self, request: RequestId, kind: Kind, out: &mut Vec<Command>) -> Vec<Changed> {
        let source = self.source_mut(kind);
        if source.live.as_ref().is_none_or(|live| live.request != request) {
            return Vec::new();
        }
        source.live = None;
        source.wanted = false;
        source.problem = Some(MediaError::Ended);
        out.push(Command::Media(MediaCommand::Release(kind)));
        let mut changed = vec![Changed(kind)];
        changed.extend(self.reconcile(out));
        changed
    }

    /// The list of devices changed. A picked device that is gone is no longer insisted on.
    pub(crate) fn devices(&mut self, devices: &[Device]) {
        for (kind, device) in [
            (Kind::Microphone, DeviceKind::Microphone),
            (Kind::Camera, DeviceKind::Camera),
        ] {
            let source = self.source_mut(kind);
            let listed = |id: &String| devices.iter().any(|d| d.kind == device && d.id == *id);
            if source.live.is_none() && source.picked.as_ref().is_some_and(|id| !listed(id)) {
                source.picked = None;
            }
        }
    }

    fn take(&mut self, request: RequestId, tracks: Vec<Captured>, out: &mut Vec<Command>) -> Vec<Changed> {
        out.push(Command::Media(MediaCommand::Use(request)));
        let mut changed = Vec::new();
        for Captured { kind, device } in tracks {
            let source = self.source_mut(kind);
            source.problem = None;
            source.alone = false;
            source.let_go = false;
            source.live = Some(Live {
                request,
                device,
                picked: source.picked.clone(),
                enabled: true,
            });
            changed.push(Changed(kind));
        }
        changed
    }

    fn refused(&mut self, kinds: &[Kind], error: &MediaError, out: &mut Vec<Command>) -> Vec<Changed> {
        if kinds.len() > 1 && *error != MediaError::Insecure {
            for kind in kinds {
                self.source_mut(*kind).alone = true;
            }
            return Vec::new();
        }
        let mut changed = Vec::new();
        for &kind in kinds {
            let source = self.source_mut(kind);
            source.alone = false;
            let gone = matches!(error, MediaError::Overconstrained | MediaError::NotFound);
            if let Some(live) = &source.live {
                if *error == MediaError::Busy && !source.let_go {
                    // Some phones open one camera at a time: let the old one go and ask again.
                    source.let_go = true;
                    source.live = None;
                    out.push(Command::Media(MediaCommand::Release(kind)));
                    changed.push(Changed(kind));
                } else {
                    source.picked.clone_from(&live.picked);
                    source.problem = Some(error.clone());
                }
            } else if gone && source.picked.take().is_some() {
                // The device that was picked is gone; any other will do.
            } else {
                source.let_go = false;
                source.wanted = false;
                source.problem = Some(error.clone());
            }
        }
        changed
    }

    /// Brings what is nearer to what is wanted, one question at a time.
    fn reconcile(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        let mut changed = Vec::new();
        if !self.active {
            return changed;
        }
        let camera = &mut self.camera;
        if !camera.wanted && camera.live.take().is_some() {
            out.push(Command::Media(MediaCommand::Release(Kind::Camera)));
            changed.push(Changed(Kind::Camera));
        }
        let microphone = &mut self.microphone;
        if let Some(live) = &mut microphone.live
            && live.enabled != microphone.wanted
        {
            live.enabled = microphone.wanted;
            out.push(Command::Media(MediaCommand::Enable(
                Kind::Microphone,
                live.enabled,
            )));
            changed.push(Changed(Kind::Microphone));
        }
        if self.asking.is_none() {
            self.ask(out);
        }
        changed
    }

    fn ask(&mut self, out: &mut Vec<Command>) {
        let mut kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| self.source(*kind).lacks())
            .collect();
        if kinds.iter().any(|kind| self.source(*kind).alone) {
            kinds.truncate(1);
        }
        if kinds.is_empty() {
            return;
        }
        self.requests += 1;
        let request = RequestId(self.requests);
        let want = |kind: Kind| {
            let picked = self.source(kind).picked.clone();
            kinds
                .contains(&kind)
                .then(|| picked.map_or(Want::Any, Want::Device))
        };
        let (microphone, camera) = (want(Kind::Microphone), want(Kind::Camera));
        out.push(Command::Media(MediaCommand::Capture {
            request,
            microphone,
            camera,
        }));
        self.asking = Some(Asking { request, kinds });
    }

    fn source(&self, kind: Kind) -> &Source {
        match kind {
            Kind::Microphone => &self.microphone,
            Kind::Camera => &self.camera,
        }
    }

    fn source_mut(&mut self, kind: Kind) -> &mut Source {
        match kind {
            Kind::Microphone => &mut self.microphone,
            Kind::Camera => &mut self.camera,
        }
    }
}

impl Source {
    /// Whether a track is to be asked for: there is none, or it is from another device than the one picked.
    fn lacks(&self) -> bool {
        match &self.live {
            None => self.wanted,
            Some(live) => {
                live.picked != self.picked
                    && self.picked.as_ref().is_some_and(|picked| *picked != live.device)
            }
        }
    }
}
