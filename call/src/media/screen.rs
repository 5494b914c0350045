use crate::{
    Captured, Command, Kind, MediaCommand, MediaError, Moment, RequestId, Sharing, SourceView, Traits,
};

use super::Changed;

/// No person answers the question sooner than that, in milliseconds: what refuses sooner is the browser or a policy.
const FASTEST: u64 = 300;

/// A screen, a window or a tab that is shared, with its sound where the browser gives it. It is beside the camera, never
/// instead of it.
///
/// ```text
///         pressed            captured
///   off ───────────▶ asking ───────────▶ live
///    ▲                 │                  │
///    └──── refused, ◀──┴──────────────────┴─ pressed, or ended by the browser's own bar
///     or not wanted any more
/// ```
#[derive(Clone, Debug, Default)]
pub(super) struct Screen {
    /// What the person last asked for.
    wanted: bool,
    asking: Option<Asking>,
    live: Option<Live>,
    motion: bool,
    problem: Option<MediaError>,
}

#[derive(Clone, Copy, Debug)]
struct Asking {
    request: RequestId,
    since: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    request: RequestId,
    sound: bool,
    interrupted: bool,
}

impl Screen {
    pub(super) fn on(&self, kind: Kind) -> bool {
        self.live.is_some_and(|live| kind == Kind::Screen || live.sound)
    }

    /// It stays on while it is interrupted: a press ends it then, too.
    pub(super) fn view(&self) -> SourceView {
        SourceView {
            traits: Traits::default(),
            on: self.live.is_some(),
            pending: self.asking.is_some() && self.wanted,
            interrupted: self.live.is_some_and(|live| live.interrupted),
            problem: self.problem.clone(),
        }
    }

    pub(super) fn show(&self, sharing: &mut Sharing) {
        sharing.sound = self.on(Kind::ScreenSound);
        sharing.motion = self.motion;
    }

    /// The person pressed the button. True if they are to be asked what to share: at once, for browsers ask in the moment of
    /// a press only. A press while they are being asked counts when the answer comes.
    pub(super) fn press(&mut self, out: &mut Vec<Command>) -> (bool, Vec<Changed>) {
        self.problem = None;
        self.wanted = !self.wanted;
        if self.wanted {
            (self.asking.is_none(), Vec::new())
        } else {
            (false, self.release(out))
        }
    }

    pub(super) fn ask(&mut self, request: RequestId, since: Moment, out: &mut Vec<Command>) {
        self.asking = Some(Asking { request, since });
        out.push(Command::Media(MediaCommand::CaptureScreen(request)));
    }

    /// The person shares moving pictures rather than text, or the other way round.
    pub(super) fn turn_to(&mut self, motion: bool, out: &mut Vec<Command>) -> Vec<Changed> {
        self.motion = motion;
        if self.live.is_none() {
            return Vec::new();
        }
        out.push(Command::Media(MediaCommand::Motion(motion)));
        vec![Changed(Kind::Screen)]
    }

    /// The person picked something. Nothing if it is not the answer to this question.
    pub(super) fn captured(
        &mut self,
        request: RequestId,
        tracks: &[Captured],
        out: &mut Vec<Command>,
    ) -> Option<Vec<Changed>> {
        self.asking.take_if(|asking| asking.request == request)?;
        let has = |kind| tracks.iter().any(|track| track.kind == kind);
        self.wanted &= has(Kind::Screen);
        if !self.wanted {
            out.push(Command::Media(MediaCommand::Discard(request)));
            return Some(Vec::new());
        }
        self.live = Some(Live {
            request,
            sound: has(Kind::ScreenSound),
            interrupted: false,
        });
        out.push(Command::Media(MediaCommand::Use(request)));
        out.push(Command::Media(MediaCommand::Motion(self.motion)));
        Some(self.all())
    }

    /// There is nothing to share. Who changed their mind need not be told. Nothing if it is not the answer to this question.
    pub(super) fn refused(&mut self, request: RequestId, error: &MediaError, now: Moment) -> Option<()> {
        let asking = self.asking.take_if(|asking| asking.request == request)?;
        let wanted = std::mem::take(&mut self.wanted);
        let cancelled = *error == MediaError::Cancelled;
        if cancelled && now.saturating_sub(asking.since) < FASTEST {
            self.problem = Some(MediaError::Denied);
        } else if !cancelled && wanted {
            self.problem = Some(error.clone());
        }
        Some(())
    }

    /// The browser's own bar ended it, what was shown is gone, or it has no sound any more.
    pub(super) fn ended(&mut self, request: RequestId, kind: Kind, out: &mut Vec<Command>) -> Vec<Changed> {
        let Some(live) = self.live.as_mut().filter(|live| live.request == request) else {
            return Vec::new();
        };
        if kind == Kind::Screen {
            self.wanted = false;
            return self.release(out);
        }
        live.sound = false;
        out.push(Command::Media(MediaCommand::Release(kind)));
        vec![Changed(kind)]
    }

    /// The browser holds the picture back, as while it turns to another tab, or lets it flow again.
    pub(super) fn interrupted(&mut self, request: RequestId, kind: Kind, interrupted: bool) {
        if let Some(live) = self.live.as_mut().filter(|live| live.request == request)
            && kind == Kind::Screen
        {
            live.interrupted = interrupted;
        }
    }

    /// Lets go of everything, and wants nothing any more: nobody is to find themselves sharing when they come back.
    pub(super) fn stop(&mut self, out: &mut Vec<Command>) {
        self.release(out);
        self.asking = None;
        self.wanted = false;
        self.problem = None;
    }

    fn release(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        let changed = self.all();
        self.live = None;
        out.extend(
            changed
                .iter()
                .map(|Changed(kind)| Command::Media(MediaCommand::Release(*kind))),
        );
        changed
    }

    /// The kinds that are shared.
    fn all(&self) -> Vec<Changed> {
        let kinds = [Kind::Screen, Kind::ScreenSound].into_iter();
        kinds.filter(|kind| self.on(*kind)).map(Changed).collect()
    }
}
