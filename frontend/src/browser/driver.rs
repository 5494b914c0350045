use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use maju_call::{
    Call, Command, ConnectionState, Event, Levels, LinkCommand, LinkEvent, LinkId, Loudness, MediaCommand,
    Moment, NetworkEvent, PeerId, Setup, SocketCommand, UserEvent, View, Whose,
};
use web_sys::HtmlVideoElement;

use super::{
    Devices, Identity, Link, Reporter, Stage, chime::Chime, hearing::Hearing, keep, life::Life,
    living::Living, now, socket::Socket,
};

/// Runs one call in this browser until it is dropped: then the socket and all connections are closed and the
/// devices are let go.
pub struct Driver {
    inner: Rc<Inner>,
    _life: Life,
}

/// Where a driver puts what it has to show.
pub struct Outlets {
    /// Called with the view when it changed.
    pub view: Box<dyn Fn(View)>,
    /// Called some times a second with the loudness of the microphone, 0 to 1, while the call wants it.
    pub level: Rc<dyn Fn(f64)>,
}

struct Inner {
    call: RefCell<Call>,
    queue: RefCell<VecDeque<Event>>,
    draining: Cell<bool>,
    /// The view that was published last.
    shown: RefCell<Option<View>>,
    hands: RefCell<Hands>,
    living: RefCell<Living>,
    outlets: Outlets,
}

/// What carries out the commands.
struct Hands {
    /// The room's name in the page's address.
    room: String,
    reporter: Reporter,
    signal_address: String,
    socket: Option<Socket>,
    devices: Devices,
    identity: Identity,
    links: BTreeMap<LinkId, Link>,
    stage: Stage,
    chime: Option<Chime>,
    wake: Option<Timeout>,
    /// Looks how loud everybody is.
    look: Rc<dyn Fn()>,
    hearing: Option<Hearing>,
}

impl Driver {
    /// Begins a call; its first view is there at once. `signal_address` is the `ws:` or `wss:` address of the
    /// signaling socket.
    pub fn start(setup: Setup, signal_address: String, outlets: Outlets) -> Self {
        let room = setup.room.clone();
        let (call, commands) = Call::new(now(), setup);
        let inner = Rc::new_cyclic(|inner: &Weak<Inner>| {
            let reporting = inner.clone();
            let reporter = Reporter::new(move |event| {
                if let Some(inner) = reporting.upgrade() {
                    inner.take(event);
                }
            });
            let inner = inner.clone();
            let look = Rc::new(move || {
                if let Some(inner) = inner.upgrade() {
                    inner.listen();
                }
            });
            Inner {
                call: RefCell::new(call),
                queue: RefCell::default(),
                draining: Cell::new(true),
                shown: RefCell::default(),
                living: RefCell::new(Living::new(reporter.clone())),
                hands: RefCell::new(Hands::new(room, reporter, look, signal_address, &outlets)),
                outlets,
            }
        });
        inner.carry_out(commands);
        inner.draining.set(false);
        inner.drain();
        let (seeing, leaving) = (Rc::downgrade(&inner), Rc::downgrade(&inner));
        let life = Life::watch(
            move |event| {
                if let Some(inner) = seeing.upgrade() {
                    inner.see(event);
                }
            },
            move || {
                if let Some(inner) = leaving.upgrade() {
                    inner.living.borrow_mut().going();
                    inner.take(Event::User(UserEvent::Leave));
                }
            },
        );
        Self { inner, _life: life }
    }

    /// Reports what a person does.
    pub fn send(&self, event: UserEvent) {
        self.inner.take(Event::User(event));
    }

    /// Puts somebody's picture and sound into a `<video>`, or takes it out again.
    pub fn show(&self, whose: &Whose, video: Option<HtmlVideoElement>) {
        self.inner.hands.borrow_mut().stage.show(whose, video);
    }

    /// Plays somebody at this loudness, in percent; not at all at 0. It stays so until the call ends.
    pub fn louden(&self, id: PeerId, percent: u8) {
        self.inner.hands.borrow_mut().stage.louden(id, percent);
    }
}

impl Driver {
    /// Plays a short tone where the others are heard; called in the moment of a press.
    pub fn chime(&self) {
        let mut hands = self.inner.hands.borrow_mut();
        hands.chime = Chime::play(hands.stage.speaks_on(), &hands.reporter);
    }
}

impl Inner {
    fn take(&self, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if !self.draining.get() {
            self.drain();
        }
    }

    fn see(&self, event: NetworkEvent) {
        self.take(Event::Network(event));
        if event != NetworkEvent::Offline {
            // Who slept may have missed the end of a track.
            self.hands.borrow().devices.check();
        }
    }

    /// One event at a time: it changes the call, then everything that follows is done, then comes the next.
    fn drain(&self) {
        self.draining.set(true);
        loop {
            let Some(event) = self.queue.borrow_mut().pop_front() else {
                break;
            };
            let commands = self.call.borrow_mut().update(now(), event);
            self.carry_out(commands);
        }
        self.draining.set(false);
        // Whoever is shown the view may report in the same moment: nothing is borrowed meanwhile.
        let view = self.call.borrow().view().clone();
        // Lists that did not change are the same `Arc`, so this costs next to nothing, as beats and levels need it.
        if self.shown.borrow().as_ref() == Some(&view) {
            return;
        }
        *self.shown.borrow_mut() = Some(view.clone());
        self.living.borrow_mut().follow(&view);
        (self.outlets.view)(view);
    }

    /// Takes in how loud everybody is.
    fn listen(&self) {
        let levels = self.hands.borrow().levels();
        self.take(Event::Levels(levels));
    }

    fn carry_out(&self, commands: Vec<Command>) {
        let mut hands = self.hands.borrow_mut();
        for command in commands {
            hands.carry_out(command);
        }
    }
}

impl Hands {
    fn new(
        room: String,
        reporter: Reporter,
        look: Rc<dyn Fn()>,
        signal_address: String,
        outlets: &Outlets,
    ) -> Self {
        Self {
            room,
            signal_address,
            socket: None,
            devices: Devices::new(reporter.clone(), outlets.level.clone()),
            identity: Identity::new(),
            links: BTreeMap::new(),
            stage: Stage::new(reporter.clone()),
            chime: None,
            wake: None,
            look,
            hearing: None,
            reporter,
        }
    }

    fn levels(&self) -> Levels {
        let heard = |(id, link): (&LinkId, &Link)| (id.peer.clone(), Loudness::of(link.amplitude()));
        Levels {
            mine: Loudness::of(self.devices.amplitude()),
            people: self.links.iter().map(heard).collect(),
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Socket(command) => self.socket(command),
            Command::Media(command) => self.media(command),
            Command::Link(id, command) => self.link(id, command),
            Command::Keep(secret) => keep::host(&self.room, &secret),
            Command::Wake(at) => self.wake(at),
        }
    }

    fn socket(&mut self, command: SocketCommand) {
        match command {
            SocketCommand::Open => {
                self.socket = Some(Socket::open(&self.signal_address, self.reporter.clone()))
            }
            SocketCommand::OpenIfThere => {
                self.socket = Some(Socket::open_if_there(&self.signal_address, self.reporter.clone()))
            }
            SocketCommand::Send(message) => {
                if let Some(socket) = &self.socket {
                    socket.send(&message);
                }
            }
            SocketCommand::Close => self.socket = None,
        }
    }

    fn media(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::Capture {
                request,
                microphone,
                camera,
            } => {
                self.devices.capture(request, microphone, camera);
            }
            MediaCommand::Treat(treatment) => self.devices.treat(treatment),
            MediaCommand::CaptureScreen(request) => self.devices.capture_screen(request),
            MediaCommand::Motion(motion) => self.devices.motion(motion),
            MediaCommand::Use(request) => {
                self.devices.adopt(request);
                self.stage.set(&Whose::Mine, self.devices.stream(false));
                self.stage.set(&Whose::Preview, self.devices.stream(false));
                self.stage.set(&Whose::MyScreen, self.devices.stream(true));
            }
            MediaCommand::Discard(request) => self.devices.discard(request),
            MediaCommand::Release(kind) => self.devices.release(kind),
            MediaCommand::Enable(kind, on) => self.devices.enable(kind, on),
            MediaCommand::Meter(on) => self.devices.meter(on),
            MediaCommand::Listen(on) => {
                self.devices.listen(on);
                self.hearing = on.then(|| Hearing::begin(self.look.clone()));
            }
            MediaCommand::Speaker(id) => self.stage.speaker(id),
            MediaCommand::Play => self.stage.play(),
        }
    }

    fn link(&mut self, id: LinkId, command: LinkCommand) {
        match command {
            LinkCommand::Open {
                offerer,
                ice,
                sending,
            } => {
                match Link::open(
                    &id,
                    offerer,
                    &ice,
                    sending,
                    &self.devices,
                    &self.identity,
                    self.reporter.clone(),
                ) {
                    Ok(link) => {
                        self.stage.set(&Whose::Peer(id.peer.clone()), link.stream(false));
                        self.stage.set(&Whose::Screen(id.peer.clone()), link.stream(true));
                        self.links.insert(id, link);
                    }
                    Err(reason) => {
                        self.reporter.link(&id, LinkEvent::State("connection", reason));
                        self.reporter
                            .link(&id, LinkEvent::Connection(ConnectionState::Failed));
                    }
                }
            }
            LinkCommand::Close => {
                if self.links.remove(&id).is_some() {
                    self.stage.clear(&Whose::Peer(id.peer.clone()));
                    self.stage.clear(&Whose::Screen(id.peer));
                }
            }
            command => {
                if let Some(link) = self.links.get(&id) {
                    link.carry_out(command);
                }
            }
        }
    }

    fn wake(&mut self, at: Moment) {
        let wait = u32::try_from(at.saturating_sub(now())).unwrap_or(u32::MAX);
        let reporter = self.reporter.clone();
        self.wake = Some(Timeout::new(wait, move || reporter.tick()));
    }
}
