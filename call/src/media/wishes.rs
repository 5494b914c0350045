//! How the person wants camera and microphone to be treated, what comes of it, and when a held key talks.

use maju_protocol::Pictures;

use super::{Changed, Media};
use crate::{Command, Kind, MediaCommand, RequestId};

/// What the person set about what is captured, sent and received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wishes {
    /// How large the camera's picture is to be.
    pub size: Size,
    /// How many pictures a second the camera is to make.
    pub rate: Rate,
    /// Whether the background behind the person is to be blurred; none to leave that to the system.
    pub blur: Option<bool>,
    /// Whether the microphone is not to hear the speakers.
    pub echo: bool,
    /// Whether the microphone is not to hear noise.
    pub noise: bool,
    /// Whether whispers are made louder, and shouts softer.
    pub gain: bool,
    /// Whether the microphone is on only while [`UserEvent::Talk`](crate::UserEvent::Talk) says so.
    pub push_to_talk: bool,
    /// Whether pictures are to be small, the own one and those of the others.
    pub save_data: bool,
    /// Whether there are to be no pictures, neither the own one nor those of the others. Turning the camera on ends it.
    pub audio_only: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            size: Size::Automatic,
            rate: Rate::Automatic,
            blur: None,
            echo: true,
            noise: true,
            gain: true,
            push_to_talk: false,
            save_data: false,
            audio_only: false,
        }
    }
}

/// How large a picture is wished, by its height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Size {
    /// What suits a call of many: each picture is encoded once for every other person.
    #[default]
    Automatic,
    /// 640 by 360.
    P360,
    /// 1280 by 720.
    P720,
    /// 1920 by 1080.
    P1080,
}

/// How many pictures a second are wished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rate {
    /// What suits a call of many.
    #[default]
    Automatic,
    /// 15.
    Fps15,
    /// 30.
    Fps30,
}

impl Size {
    /// The height of the picture, 0 for automatic.
    pub fn height(self) -> u32 {
        match self {
            Self::Automatic => 0,
            Self::P360 => 360,
            Self::P720 => 720,
            Self::P1080 => 1080,
        }
    }
}

impl Rate {
    /// Pictures a second, 0 for automatic.
    pub fn a_second(self) -> u32 {
        match self {
            Self::Automatic => 0,
            Self::Fps15 => 15,
            Self::Fps30 => 30,
        }
    }
}

/// How tracks are to be captured, and those that are captured already to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Treatment {
    /// The height of the camera's picture, ideally; 16 to 9 is its shape.
    pub height: u32,
    /// Pictures a second, ideally.
    pub rate: u32,
    /// `backgroundBlur`; none where nothing is wished.
    pub blur: Option<bool>,
    /// `echoCancellation`.
    pub echo: bool,
    /// `noiseSuppression`.
    pub noise: bool,
    /// `autoGainControl`.
    pub gain: bool,
}

impl Treatment {
    /// Whether a track of that kind is to be treated as by the other.
    pub fn same(&self, other: &Self, kind: Kind) -> bool {
        match kind {
            Kind::Camera => (self.height, self.rate, self.blur) == (other.height, other.rate, other.blur),
            Kind::Microphone => (self.echo, self.noise, self.gain) == (other.echo, other.noise, other.gain),
            Kind::Screen | Kind::ScreenSound => true,
        }
    }
}

/// What a track is like, as the browser tells. What the browser or the device has no choice about, or does not tell, is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traits {
    /// The picture's width and height, 0 if unknown.
    pub size: (u32, u32),
    /// Pictures a second, 0 if unknown.
    pub rate: u32,
    /// Whether the camera looks away from the person.
    pub away: bool,
    /// Whether the background is blurred.
    pub blur: Option<bool>,
    /// Whether echo is cancelled.
    pub echo: Option<bool>,
    /// Whether noise is suppressed.
    pub noise: Option<bool>,
    /// Whether loudness is levelled.
    pub gain: Option<bool>,
}

impl Traits {
    /// Whether the track could be as wished, and is not.
    fn differs(&self, wished: &Treatment) -> bool {
        let other = |is: Option<bool>, wished: bool| is.is_some_and(|is| is != wished);
        other(self.echo, wished.echo)
            || other(self.noise, wished.noise)
            || other(self.gain, wished.gain)
            || wished.blur.is_some_and(|wished| other(self.blur, wished))
    }
}

impl Wishes {
    /// Which pictures the others are asked for.
    pub(crate) fn pictures(&self) -> Pictures {
        match self {
            Self { audio_only: true, .. } => Pictures::None,
            Self { save_data: true, .. } => Pictures::Small,
            _ => Pictures::All,
        }
    }

    /// How tracks are to be captured and sent for them.
    pub fn treatment(&self) -> Treatment {
        let (height, rate) = if self.save_data {
            (180, 15)
        } else {
            let or = |number, usual| if number == 0 { usual } else { number };
            (or(self.size.height(), 360), or(self.rate.a_second(), 24))
        };
        Treatment {
            height,
            rate,
            blur: self.blur,
            echo: self.echo,
            noise: self.noise,
            gain: self.gain,
        }
    }
}

/// What is wished, and how far it came true.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishing {
    pub(super) wishes: Wishes,
    /// Whether the camera is to be on again when there are to be pictures again.
    camera_waits: bool,
    /// Whether the person holds down what lets them talk.
    talking: bool,
    microphone: Told,
    camera: Told,
}

/// What was told of the track of one kind.
#[derive(Clone, Debug, Default)]
struct Told {
    traits: Traits,
    /// Whether the device may be asked for again because its track does not take a wish: once for each wish.
    may_ask_again: bool,
}

impl Media {
    /// What is wished at the start, before anything is asked for.
    pub(super) fn set_out_with(&mut self, wishes: Wishes) {
        self.wishing.wishes = wishes;
        if wishes.audio_only {
            self.wishing.camera_waits = self.camera.silence();
        }
        if wishes.push_to_talk {
            self.microphone.hush();
        }
    }

    pub(crate) fn wishes(&self) -> Wishes {
        self.wishing.wishes
    }

    /// What the current track of that kind is like; nothing if there is none.
    pub(super) fn traits(&self, kind: Kind) -> Traits {
        match (self.source(kind).live(), kind) {
            (None, _) => Traits::default(),
            (Some(_), Kind::Microphone) => self.wishing.microphone.traits,
            (Some(_), Kind::Camera) => self.wishing.camera.traits,
            (Some(_), Kind::Screen | Kind::ScreenSound) => Traits::default(),
        }
    }

    /// The person set something.
    pub(crate) fn wish(&mut self, wishes: Wishes, out: &mut Vec<Command>) -> Vec<Changed> {
        let before = std::mem::replace(&mut self.wishing.wishes, wishes);
        let (old, new) = (before.treatment(), wishes.treatment());
        if old != new {
            out.push(Command::Media(MediaCommand::Treat(new)));
            let Wishing {
                microphone, camera, ..
            } = &mut self.wishing;
            microphone.may_ask_again |= !old.same(&new, Kind::Microphone);
            camera.may_ask_again |= !old.same(&new, Kind::Camera);
        }
        if wishes.audio_only && !before.audio_only {
            self.wishing.camera_waits = self.camera.silence();
        } else if !wishes.audio_only && std::mem::take(&mut self.wishing.camera_waits) {
            self.camera.press();
        }
        if wishes.push_to_talk != before.push_to_talk {
            self.wishing.talking = false;
            // Who lets go of push to talk is not put on air by that either.
            self.microphone.hush();
        }
        self.reconcile(out)
    }

    /// The person wants the camera on, although there were to be no pictures: then there are.
    pub(super) fn want_pictures(&mut self, out: &mut Vec<Command>) -> Vec<Changed> {
        self.wishing.camera_waits = true;
        let wishes = Wishes {
            audio_only: false,
            ..self.wishing.wishes
        };
        self.wish(wishes, out)
    }

    /// The person holds down what lets them talk, or let go of it.
    ///
    /// ```text
    ///                 held
    ///   silent ───────────────▶ on
    ///      ▲                    │
    ///      └──── let go of ─────┘
    /// ```
    /// Nothing without push to talk.
    pub(crate) fn talk(&mut self, held: bool, out: &mut Vec<Command>) -> Vec<Changed> {
        if !self.wishing.wishes.push_to_talk || self.wishing.talking == held {
            return Vec::new();
        }
        self.wishing.talking = held;
        if !held {
            self.microphone.hush();
        } else if !self.microphone.wanted_on() {
            self.microphone.press();
        }
        self.reconcile(out)
    }

    /// What the track that this request captured is like now. One that could be as wished and is not is let go and
    /// captured anew, once.
    pub(crate) fn treated(
        &mut self,
        request: RequestId,
        kind: Kind,
        traits: Traits,
        out: &mut Vec<Command>,
    ) -> Vec<Changed> {
        let wished = self.wishing.wishes.treatment();
        let told = match kind {
            Kind::Microphone => &mut self.wishing.microphone,
            Kind::Camera => &mut self.wishing.camera,
            // What is shared is treated in ways of its own.
            Kind::Screen | Kind::ScreenSound => return Vec::new(),
        };
        let source = match kind {
            Kind::Microphone => &mut self.microphone,
            _ => &mut self.camera,
        };
        if !source.is_from(request) {
            return Vec::new();
        }
        told.traits = traits;
        let again = traits.differs(&wished) && std::mem::take(&mut told.may_ask_again);
        if again {
            // Chromium treats all tracks of one device alike for as long as there is one of them.
            source.let_go();
            out.push(Command::Media(MediaCommand::Release(kind)));
        }
        let mut changed = self.reconcile(out);
        changed.extend(again.then_some(Changed(kind)));
        changed
    }
}
