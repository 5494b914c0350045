use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Duration;

use futures_util::future::{Either, select};
use gloo_timers::{callback::Timeout, future::sleep};
use maju_call::check::{Ear, Echo, Finding, Findings, Part};
use maju_call::{Event, Moment, RequestId, Secret, SocketEvent, Want, Wishes};
use maju_protocol::{ClientMessage, ErrorCode, IceServer, ServerMessage, Signal, VERSION};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlVideoElement, MediaStream};

use super::capture::capture;
use super::search::IceSearch;
use super::sound::Sound;
use super::{Reporter, Track, abilities, chime::Chime, meter::Meter, now, socket::Socket, task::Task};

/// How long the server has for an answer, in milliseconds.
const PATIENCE: u32 = 10_000;
/// How long a camera has for its first picture.
const CAMERA_PATIENCE: Duration = Duration::from_secs(6);
/// How long is recorded, in seconds.
const RECORDED: f64 = 3.0;

/// Tests devices and network, each by itself. Dropped, it lets go of all.
#[derive(Debug)]
pub struct Checkup(Rc<Inner>);

/// Where a checkup puts what it has to show.
pub struct Outlets {
    /// Called with all that was found after each change.
    pub findings: Box<dyn Fn(Findings)>,
    /// Called some times a second with the loudness of the microphone, 0 to 1.
    pub level: Box<dyn Fn(f64)>,
}

struct Inner {
    address: String,
    token: Option<Secret>,
    outlets: Outlets,
    findings: RefCell<Findings>,
    ear: Cell<Ear>,
    asked: Cell<Moment>,
    parts: RefCell<Parts>,
}

/// What is held while it is needed.
#[derive(Default)]
struct Parts {
    camera: Option<Camera>,
    meter: Option<Meter>,
    microphone: Vec<Track>,
    sound: Option<Chime>,
    echo: Option<Task>,
    socket: Option<Socket>,
    patience: Option<Timeout>,
    searches: Vec<IceSearch>,
}

impl Checkup {
    /// Nothing is tried yet. `address` is the signaling socket's; `token` lets the person in where the server asks for one.
    pub fn new(address: String, token: Option<Secret>, outlets: Outlets) -> Self {
        Self(Rc::new(Inner {
            address,
            token,
            outlets,
            findings: RefCell::default(),
            ear: Cell::default(),
            asked: Cell::new(0),
            parts: RefCell::default(),
        }))
    }

    /// Tries camera, microphone, server and network anew. The picture is shown in that element.
    pub fn start(&self, video: HtmlVideoElement) {
        *self.0.parts.borrow_mut() = Parts::default();
        *self.0.findings.borrow_mut() = Findings::begun();
        self.0.ear.set(Ear::default());
        self.0.show();
        self.0.connect();
        // Not a task that can be ended: whoever ends it could not stop the tracks that come after.
        spawn_local(try_devices(Rc::downgrade(&self.0), video));
    }

    /// Plays a sound, in the moment of a press.
    pub fn tone(&self) {
        // On the browser's choice, of which nothing is reported.
        let sound = Chime::play("", &Reporter::new(|_| {}));
        let finding = if sound.is_some() {
            Finding::Asking
        } else {
            Finding::NotHeard
        };
        self.0.parts.borrow_mut().sound = sound;
        self.0.note(Part::Speaker, finding);
    }

    /// Whether the person heard it.
    pub fn heard(&self, heard: bool) {
        let finding = if heard { Finding::Works } else { Finding::NotHeard };
        self.0.note(Part::Speaker, finding);
    }

    /// Records what the microphone hears and plays it back, in the moment of a press. Nothing while that goes on.
    pub fn echo(&self) {
        let mut parts = self.0.parts.borrow_mut();
        if self.0.findings.borrow().echo != Echo::Idle {
            return;
        }
        let Some(track) = parts.microphone.first() else {
            return;
        };
        let sound = Sound::echo(track.js(), RECORDED);
        let inner = Rc::downgrade(&self.0);
        parts.echo = Some(Task::spawn(async move {
            for echo in [Echo::Recording, Echo::Playing] {
                show_echo(&inner, echo);
                sleep(Duration::from_secs_f64(RECORDED)).await;
            }
            // What was heard while it played is not played in turn.
            drop(sound);
            show_echo(&inner, Echo::Idle);
        }));
    }
}

fn show_echo(inner: &Weak<Inner>, echo: Echo) {
    if let Some(inner) = inner.upgrade() {
        inner.findings.borrow_mut().echo = echo;
        inner.show();
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checkup")
    }
}

impl Inner {
    fn note(&self, part: Part, finding: Finding) {
        let news = self.findings.borrow_mut().note(part, finding);
        if news {
            self.show();
        }
    }

    fn show(&self) {
        // Whoever is shown them may press something in the same moment: nothing is borrowed meanwhile.
        let findings = self.findings.borrow().clone();
        (self.outlets.findings)(findings);
    }

    fn connect(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        let hear = Rc::new(move |event| {
            if let (Event::Socket(event), Some(inner)) = (event, inner.upgrade()) {
                inner.hear(event);
            }
        });
        let late = hear.clone();
        let mut parts = self.parts.borrow_mut();
        parts.socket = Some(Socket::open(
            &self.address,
            Reporter::new(move |event| hear(event)),
        ));
        parts.patience = Some(Timeout::new(PATIENCE, move || {
            late(Event::Socket(SocketEvent::Closed));
        }));
    }

    fn hear(self: &Rc<Self>, event: SocketEvent) {
        match event {
            SocketEvent::Opened => {
                self.asked.set(now());
                let versions = vec![VERSION];
                self.say(&ClientMessage::Hello { versions });
            }
            SocketEvent::Message(ServerMessage::Hello { .. }) => {
                let took = u32::try_from(now() - self.asked.get()).unwrap_or(u32::MAX);
                self.note(Part::Server, Finding::Answered(took));
                let token = self.token.clone();
                self.say(&ClientMessage::IceServers { token });
            }
            SocketEvent::Message(ServerMessage::IceServers { ice_servers }) => {
                self.part();
                self.search(&ice_servers);
            }
            SocketEvent::Message(ServerMessage::Error { code, text, .. }) => {
                self.part();
                let finding = match code {
                    ErrorCode::TokenNeeded => Finding::TokenNeeded,
                    _ => Finding::Denied(text),
                };
                self.note(Part::Stun, finding);
            }
            SocketEvent::Closed => {
                self.part();
                self.note(Part::Server, Finding::Unreachable);
            }
            SocketEvent::Message(_) | SocketEvent::Nonsense(_) => {}
        }
    }

    fn say(&self, message: &ClientMessage<Signal>) {
        if let Some(socket) = &self.parts.borrow().socket {
            socket.send(message);
        }
    }

    /// The server has said all that is asked of it.
    fn part(&self) {
        let mut parts = self.parts.borrow_mut();
        parts.socket = None;
        parts.patience = None;
    }

    fn search(self: &Rc<Self>, servers: &[IceServer]) {
        if !abilities().call {
            return self.note(Part::Stun, Finding::NoCalls);
        }
        let (plain, relays) = self.findings.borrow_mut().servers(servers);
        self.show();
        let stun = IceServer {
            urls: plain,
            username: None,
            credential: None,
        };
        let stun = (!stun.urls.is_empty()).then_some((Part::Stun, stun));
        let relays = relays.into_iter().enumerate();
        let relays = relays.map(|(index, server)| (Part::Relay(index), server));
        for (part, server) in stun.into_iter().chain(relays) {
            let inner = Rc::downgrade(self);
            let tell = Rc::new(move |finding| note(&inner, part, finding));
            match IceSearch::begin(server, part != Part::Stun, tell) {
                Some(search) => self.parts.borrow_mut().searches.push(search),
                None => self.note(part, Finding::Unreachable),
            }
        }
    }
}

fn note(inner: &Weak<Inner>, part: Part, finding: Finding) {
    if let Some(inner) = inner.upgrade() {
        inner.note(part, finding);
    }
}

/// One question after the other; a refusal of one is none of the other.
async fn try_devices(inner: Weak<Inner>, video: HtmlVideoElement) {
    let any = Some(Want::Any);
    for (part, microphone, camera) in [(Part::Camera, None, any.clone()), (Part::Microphone, any, None)] {
        let captured = capture(
            RequestId(0),
            microphone,
            camera,
            Wishes::default().treatment(),
            Reporter::new(|_| {}),
        )
        .await;
        let Some(live) = inner.upgrade() else { return };
        match captured {
            Ok(tracks) if part == Part::Camera => {
                live.parts.borrow_mut().camera = Camera::show(tracks, video.clone(), inner.clone());
            }
            Ok(tracks) => live.listen(tracks),
            Err(error) => live.note(part, Finding::Refused(error)),
        }
    }
}

impl Inner {
    fn listen(self: Rc<Self>, tracks: Vec<Track>) {
        let inner = Rc::downgrade(&self);
        let level = Rc::new(move |level| {
            if let Some(inner) = inner.upgrade() {
                let mut ear = inner.ear.get();
                let finding = ear.hear(level);
                inner.ear.set(ear);
                inner.note(Part::Microphone, finding);
                (inner.outlets.level)(level);
            }
        });
        let mut parts = self.parts.borrow_mut();
        parts.meter = tracks.first().and_then(|track| Meter::new(track.js(), level));
        parts.microphone = tracks;
    }
}

/// A camera whose picture is shown.
struct Camera {
    video: HtmlVideoElement,
    stream: MediaStream,
    _tracks: Vec<Track>,
    _watching: Task,
}

impl Camera {
    fn show(tracks: Vec<Track>, video: HtmlVideoElement, inner: Weak<Inner>) -> Option<Self> {
        let stream = MediaStream::new().ok()?;
        for track in &tracks {
            stream.add_track(track.js());
        }
        video.set_muted(true);
        video.set_src_object(Some(&stream));
        // It plays once there is a picture.
        let playing = video.play().ok()?;
        let shown = video.clone();
        let watching = Task::spawn(async move {
            let playing = select(JsFuture::from(playing), sleep(CAMERA_PATIENCE)).await;
            let (width, height) = (shown.video_width(), shown.video_height());
            let finding = match playing {
                Either::Left((Ok(_), _)) if width > 0 => Finding::Picture(width, height),
                _ => Finding::NoPicture,
            };
            note(&inner, Part::Camera, finding);
        });
        Some(Self {
            video,
            stream,
            _tracks: tracks,
            _watching: watching,
        })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        // Another one may be shown already.
        if self.video.src_object().as_ref() == Some(&self.stream) {
            self.video.set_src_object(None);
        }
    }
}
