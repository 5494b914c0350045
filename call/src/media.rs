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
    /// The speaker before that one.
    speaker_before: String,
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
    fallback: Fallback,
}

/// Some phones open one camera at a time, so a switch may have to let the old device go first.
#[derive(Debug, Default, PartialEq, Eq)]
enum Fallback {
    /// The old device is kept until the new one is there.
    #[default]
    Keep,
    /// The old device, picked or not, was let go and the new one is asked for again.
    LetGo(Option<String>),
    /// The new one cannot be had; the old one is asked for again.
    Back,
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
            speaker_before: String::new(),
            asking: None,
            active: true,
            requests: 0,
        }
    }

    /// Whether nothing that is still wanted is being asked for: the devices answered, for better or worse.
    pub(crate) fn answered(&self) -> bool {
        let waits = |asking: &Asking| asking.kinds.iter().any(|(kind, _)| self.source(*kind).wanted);
        !self.asking.as_ref().is_some_and(waits)
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
            pending: self.asking.as_ref().is_some_and(|asking| asking.is_about(kind)),
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
            self.speaker_before = std::mem::replace(&mut self.speaker, id.clone());
            out.push(Command::Media(MediaCommand::Speaker(id)));
            return Vec::new();
        };
        let source = self.source_mut(kind);
        source.picked = (!id.is_empty()).then_some(id);
        source.problem = None;
        self.reconcile(out)
    }

    /// The devices answered with tracks.
    pub(crate) fn captured(
        &mut self,
        request: RequestId,
        tracks: &[Captured],
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        let Some(asking) = self.asking.take_if(|asking| asking.request == request) else {
            out.push(Command::Media(MediaCommand::Discard(request)));
            return Vec::new();
        };
        out.push(Command::Media(MediaCommand::Use(request)));
        let mut changed = Vec::new();
        for (kind, picked) in asking.kinds {
            let Some(track) = tracks.iter().find(|track| track.kind == kind) else {
                continue;
            };
            let source = self.source_mut(kind);
            // What led back to the old device is still worth knowing.
            if std::mem::take(&mut source.fallback) != Fallback::Back {
                source.problem = None;
            }
            source.alone = false;
            source.live = Some(Live {
                request,
                device: track.device.clone(),
                picked,
                enabled: true,
            });
            changed.push(Changed(kind));
        }
        changed.extend(self.reconcile(out));
        changed
    }

    /// The devices answered without tracks. The kinds in `alone` may be asked for by themselves.
    pub(crate) fn refused(
        &mut self,
        request: RequestId,
        error: &MediaError,
        alone: &[Kind],
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
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
        if self.speaker == id && self.speaker_before != id {
            self.speaker.clone_from(&self.speaker_before);
            out.push(Command::Media(MediaCommand::Speaker(self.speaker.clone())));
        }
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
        let lacking = Kind::ALL.into_iter().filter(|kind| self.source(*kind).lacks());
        let mut kinds: Vec<_> = lacking
            .map(|kind| (kind, self.source(kind).picked.clone()))
            .collect();
        if kinds.iter().any(|(kind, _)| self.source(*kind).alone) {
            kinds.truncate(1);
        }
        if kinds.is_empty() {
            return;
        }
        self.requests += 1;
        let request = RequestId(self.requests);
        let want = |kind: Kind| {
            let (_, picked) = kinds.iter().find(|(asked, _)| *asked == kind)?;
            Some(picked.clone().map_or(Want::Any, Want::Device))
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
    /// Takes a refusal in: the device that was picked then is not to be had. True if the one in use is to be
    /// let go, to make room for it.
    fn refuse(&mut self, error: &MediaError, picked: &Option<String>) -> bool {
        let gone = matches!(error, MediaError::Overconstrained | MediaError::NotFound);
        let still_wanted = self.picked == *picked;
        if let Some(live) = &self.live {
            if *error == MediaError::Busy && still_wanted {
                self.fallback = Fallback::LetGo(live.picked.clone());
                self.live = None;
                return true;
            }
            if still_wanted {
                self.picked.clone_from(&live.picked);
            }
        } else if let Fallback::LetGo(before) = std::mem::take(&mut self.fallback) {
            self.picked = before;
            self.fallback = Fallback::Back;
        } else if gone && picked.is_some() {
            // The device that was picked is gone; any other will do.
            if still_wanted {
                self.picked = None;
            }
            return false;
        } else {
            self.wanted = false;
        }
        self.problem = Some(error.clone());
        false
    }

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
