use crate::{Device, DeviceKind, MediaError, Permission, RequestId, Want};

use super::list::{hidden, listed, resolve};

/// After how many losses in a row, with no change among the devices, the next device is not tried any more.
const MAX_LOSSES: u8 = 3;

/// The microphone or the camera.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) kind: DeviceKind,
    wanted: Wanted,
    /// The device that the person picked; none lets the browser pick.
    pub(super) picked: Option<String>,
    live: Option<Live>,
    pub(super) problem: Option<MediaError>,
    effort: Effort,
    /// Asking for both kinds in one question failed; this one is asked for by itself.
    pub(super) alone: bool,
    /// What was wished for besides the device cannot be had; it is asked for without.
    plain: bool,
    fallback: Fallback,
    lost: Option<Lost>,
    /// How many devices were lost since a person or the list of devices changed anything.
    losses: u8,
}

/// What the person last asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Off,
    /// A microphone that is to be held, muted: one that lost its device so, or is to be on at once when that is wanted.
    Silent,
    On,
}

/// Whether a device that is wanted and not there is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Effort {
    #[default]
    Asks,
    /// It could not be had. Nothing is asked until something changes.
    Rests,
    /// The same, and asking may put a question to the person: that takes a press, or a permission.
    NeedsPress,
}

/// Some phones open one camera at a time, so a switch may have to let the old device go first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug)]
pub(super) struct Live {
    request: RequestId,
    device: String,
    /// The id of the device itself, where `device` may be a second name for it.
    itself: Option<String>,
    /// The device that was asked for.
    picked: Option<String>,
    enabled: bool,
    /// The system holds sound or picture back.
    interrupted: bool,
    /// The person pressed meanwhile: the device is asked for again.
    again: bool,
}

/// The device that was in use when it was lost.
#[derive(Clone, Debug)]
struct Lost {
    id: String,
    /// Whether it has been missing from the list of devices since: only then can it come back.
    gone: bool,
}

impl Source {
    pub(super) fn new(kind: DeviceKind, wanted: bool) -> Self {
        Self {
            kind,
            wanted: if wanted { Wanted::On } else { Wanted::Off },
            picked: None,
            live: None,
            problem: None,
            effort: Effort::Asks,
            alone: false,
            plain: false,
            fallback: Fallback::Keep,
            lost: None,
            losses: 0,
        }
    }

    pub(super) fn wanted_on(&self) -> bool {
        self.wanted == Wanted::On
    }

    pub(super) fn live(&self) -> Option<&Live> {
        self.live.as_ref()
    }

    pub(super) fn on(&self) -> bool {
        self.live
            .as_ref()
            .is_some_and(|live| live.enabled && !live.interrupted)
    }

    pub(super) fn interrupted(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.interrupted)
    }

    /// The device that is, else the one that is wanted.
    pub(super) fn chosen(&self) -> String {
        match (&self.live, &self.picked) {
            (Some(live), _) if !live.device.is_empty() => live.device.clone(),
            (_, picked) => picked.clone().unwrap_or_default(),
        }
    }

    /// Whether that device is in use, or the next to be asked for.
    pub(super) fn uses(&self, id: &str) -> bool {
        let live = self
            .live
            .as_ref()
            .is_some_and(|live| live.device == id || live.itself.as_deref() == Some(id));
        live || self.picked.as_deref() == Some(id)
    }

    /// The person pressed its button. What is off, for whichever reason, is wanted on.
    pub(super) fn press(&mut self) {
        self.problem = None;
        self.losses = 0;
        let rested = std::mem::take(&mut self.effort) != Effort::Asks;
        let stuck = self.interrupted();
        self.wanted = match self.wanted {
            Wanted::On if !rested && !stuck => Wanted::Off,
            _ => Wanted::On,
        };
        if let Some(live) = &mut self.live {
            live.again = stuck;
        }
    }

    /// It is wanted on no longer, but held: it can be on again at once.
    pub(super) fn hush(&mut self) {
        if self.wanted_on() {
            self.wanted = Wanted::Silent;
        }
    }

    /// Whether its track is the one that this request captured.
    pub(super) fn is_from(&self, request: RequestId) -> bool {
        self.live.as_ref().is_some_and(|live| live.request == request)
    }

    /// It is not wanted on any more. False if it was not.
    pub(super) fn silence(&mut self) -> bool {
        let wanted = self.wanted_on();
        if wanted {
            self.wanted = Wanted::Off;
        }
        wanted
    }

    /// The person picked a device.
    pub(super) fn choose(&mut self, id: String) {
        self.picked = (!id.is_empty()).then_some(id);
        self.problem = None;
        self.effort = Effort::Asks;
        self.lost = None;
        self.losses = 0;
    }

    /// A track was captured.
    pub(super) fn take(
        &mut self,
        request: RequestId,
        device: String,
        picked: Option<String>,
        known: &[Device],
    ) {
        // What led back to the old device is still worth knowing.
        if std::mem::take(&mut self.fallback) != Fallback::Back {
            self.problem = None;
        }
        self.alone = false;
        self.plain = false;
        self.effort = Effort::Asks;
        self.lost.take_if(|lost| lost.id == device);
        self.live = Some(Live {
            request,
            itself: resolve(known, self.kind, &device).map(str::to_owned),
            device,
            picked,
            enabled: true,
            interrupted: false,
            again: false,
        });
    }

    /// Takes a refusal in: the device that was picked then is not to be had. True if the one in use is to be
    /// let go, to make room for it.
    pub(super) fn refuse(&mut self, error: &MediaError, picked: &Option<String>) -> bool {
        let gone = matches!(error, MediaError::Overconstrained | MediaError::NotFound);
        let still_wanted = self.picked == *picked;
        if let Some(live) = &mut self.live {
            live.again = false;
            if *error == MediaError::Busy && still_wanted {
                self.fallback = Fallback::LetGo(live.picked.clone());
                self.let_go();
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
        } else if *error == MediaError::Overconstrained && !self.plain {
            self.plain = true;
            return false;
        } else {
            self.effort = Effort::Rests;
        }
        let stopped = *error == MediaError::NotFound && self.lost.is_some();
        self.problem = Some(if stopped { MediaError::Ended } else { error.clone() });
        false
    }

    /// The track of that request ended by itself. False if it is no longer in use.
    pub(super) fn lose(&mut self, request: RequestId, permission: Permission, known: &[Device]) -> bool {
        let Some(live) = self.live.take_if(|live| live.request == request) else {
            return false;
        };
        self.let_go();
        self.fallback = Fallback::Keep;
        if permission == Permission::Denied {
            self.rest(Effort::Rests, MediaError::Denied);
            return true;
        }
        let id = live.itself.unwrap_or(live.device);
        if !id.is_empty() {
            let gone = !listed(known, self.kind, &id);
            self.picked.take_if(|picked| *picked == id);
            self.lost = Some(Lost { id, gone });
        }
        self.losses += 1;
        if permission == Permission::Unknown {
            self.rest(Effort::NeedsPress, MediaError::Ended);
        } else if self.losses > MAX_LOSSES {
            self.rest(Effort::Rests, MediaError::Ended);
        }
        true
    }

    /// The system holds the track of that request back, or no longer does.
    pub(super) fn interrupt(&mut self, request: RequestId, interrupted: bool) {
        if let Some(live) = self.live.as_mut().filter(|live| live.request == request) {
            live.interrupted = interrupted;
            live.again &= interrupted;
        }
    }

    /// Its devices may be used from now on. What was wanted and forbidden is asked for.
    pub(super) fn permit(&mut self) {
        if self.problem == Some(MediaError::Denied) || self.effort == Effort::NeedsPress {
            self.problem = None;
            self.effort = Effort::Asks;
        }
    }

    /// The devices there are now.
    pub(super) fn relist(&mut self, known: &[Device], different: bool) {
        // Nothing is known of devices that are not told apart.
        if hidden(known, self.kind) {
            return;
        }
        if different {
            self.losses = 0;
        }
        let kind = self.kind;
        let there = |id: &String| listed(known, kind, id);
        if let Some(live) = self.live.as_mut().filter(|live| live.itself.is_none()) {
            live.itself = resolve(known, kind, &live.device).map(str::to_owned);
        }
        if self.live.is_none()
            && let Some(id) = self.picked.take_if(|id| !there(id))
        {
            self.lost = Some(Lost { id, gone: true });
        }
        let Some(lost) = &mut self.lost else { return };
        lost.gone |= !there(&lost.id);
        // Asking may put a question to the person: then it is offered as any other device is.
        if lost.gone && there(&lost.id) && self.effort != Effort::NeedsPress {
            self.picked = self.lost.take().map(|lost| lost.id);
            if std::mem::take(&mut self.effort) != Effort::Asks {
                self.problem = None;
            }
        }
    }

    /// Lets go of everything; what was wanted is remembered. True if there was anything.
    pub(super) fn stop(&mut self) -> bool {
        self.alone = false;
        self.problem = None;
        self.live.take().is_some()
    }

    /// Lets the track go if nothing is wanted of it. True if there was one.
    pub(super) fn release_unwanted(&mut self) -> bool {
        !self.wanted_on() && self.live.take().is_some()
    }

    /// Mutes or unmutes the track as is wanted: what it is to be, if that is a change.
    pub(super) fn mute_unwanted(&mut self) -> Option<bool> {
        let wanted = self.wanted_on();
        let live = self.live.as_mut().filter(|live| live.enabled != wanted)?;
        live.enabled = wanted;
        Some(wanted)
    }

    /// Whether a track is to be asked for: there is none, or it is from another device than the one picked.
    pub(super) fn lacks(&self) -> bool {
        match &self.live {
            None => self.effort == Effort::Asks && self.wanted != Wanted::Off,
            Some(live) => {
                let other = live.picked != self.picked
                    && self.picked.as_ref().is_some_and(|picked| *picked != live.device);
                other || live.again
            }
        }
    }

    /// What to ask for.
    pub(super) fn want(&self) -> Want {
        match &self.picked {
            Some(id) => Want::Device(id.clone()),
            None if self.plain => Want::Plain,
            None => Want::Any,
        }
    }

    /// Its track goes, and its device is asked for again. Whoever was muted stays so.
    pub(super) fn let_go(&mut self) {
        self.live = None;
        if self.wanted == Wanted::Off {
            self.wanted = Wanted::Silent;
        }
    }

    fn rest(&mut self, effort: Effort, problem: MediaError) {
        self.effort = effort;
        self.problem = Some(problem);
    }
}
