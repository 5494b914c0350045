//! The pages with made-up calls, to look at them without a server, a camera or a second person.
//!
//! ```text
//! trunk serve --example gallery --port 8082 frontend/examples/gallery.html
//! ```
//!
//! The address's hash names the page: `#home`, `#lobby`, `#lobby-denied`, `#lobby-none`, `#lobby-busy`,
//! `#lobby-joining`, `#lobby-waiting`, `#lobby-alone`, `#lobby-password`, `#ended`, `#removed`, `#lost`, `#lost-long`, or
//! `#room-N` with N people, followed by `-host` for the host's eyes, then by `-chat`, `-people`, `-settings` or `-call-log`
//! to open a panel, by `-notices`, by `-new-devices`, by `-screens`, or by `-cut-off`, where everybody is out of reach for another reason.

use std::sync::Arc;

use leptos::{mount::mount_to_body, prelude::*};
use maju_call::{
    ChatLine, Chosen, Device, DeviceKind, Direction, ErrorCode, Hiding, HostAct, Kind, LogLine, MediaError,
    NameError, Notice, Offence, PeerId, PersonState, PersonView, Phase, Refusal, Role, Rules, Setup,
    Signaling, SourceView, UserEvent, View, Waiter,
};
use maju_frontend::ui::{Clip, Desk, Face, Home, Looks, NotFound, Pages, Show, Whose};
use wasm_bindgen::JsCast;

fn main() {
    console_error_panic_hook::set_once();
    let hash = location_hash().unwrap_or_default();
    if hash == "home" || hash.is_empty() {
        mount_to_body(|| {
            view! { <Home enter=Callback::new(|_| ()) suggest=Callback::new(|()| "amber-heron-9k4t-wq7m".to_owned()) normalize=Callback::new(|text| text) came=false /> }
        });
        return;
    }
    if hash == "lost-long" {
        let home = Callback::new(|()| ());
        mount_to_body(move || view! { <NotFound reason=Some(NameError::TooLong) home came=false /> });
        return;
    }
    if hash == "lost" {
        mount_to_body(|| view! { <NotFound reason=None home=Callback::new(|()| ()) came=false /> });
        return;
    }
    let panel = ["chat", "people", "settings", "call-log"]
        .into_iter()
        .find(|panel| hash.ends_with(panel));
    let view = made_up(&hash);
    mount_to_body(move || {
        let face = face(view);
        view! { <Pages face home=Callback::new(|()| ()) came=false /> }
    });
    if let Some(panel) = panel {
        let button = document().get_element_by_id(&format!("open-{panel}"));
        if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
            button.click();
        }
    }
}

/// A face that carries out the simplest of what a person does, so that the controls can be tried.
fn face(view: View) -> Face {
    let (view, set_view) = signal(view);
    let (level, _) = signal(0.62);
    Face {
        view,
        level,
        looks: RwSignal::new(Looks {
            mirror: true,
            dark: None,
            keys: true,
        }),
        named: false,
        send: Callback::new(move |event| set_view.update(|view| carry_out(view, event))),
        louden: Callback::new(|_| {}),
        show: Callback::new(show),
        chime: Callback::new(|()| ()),
        clock: Callback::new(|at: i64| format!("14:{:02}", (at / 60_000).rem_euclid(60))),
        normalize: Callback::new(|text| text),
        link: Callback::new(|()| "https://maju.example/r/Sunday%20table".to_owned()),
        copy: Callback::new(|clip: Clip| clip.done.run(true)),
        // Its page has them all.
        style: Callback::new(|_| {}),
        tab: Callback::new(|_| {}),
        desk: Desk::new(),
        frame: maju_frontend::app::frame(),
    }
}

fn carry_out(view: &mut View, event: UserEvent) {
    match event {
        UserEvent::Toggle(Kind::Microphone) => view.microphone.on = !view.microphone.on,
        UserEvent::Toggle(Kind::Camera) => view.camera.on = !view.camera.on,
        UserEvent::Toggle(Kind::Screen) => view.screen.on = !view.screen.on,
        UserEvent::Toggle(Kind::ScreenSound) => {}
        UserEvent::Motion(motion) => view.sharing.motion = motion,
        UserEvent::Wish(wishes) => view.wishes = wishes,
        UserEvent::Talk(_) | UserEvent::TryDevices(_) => {}
        UserEvent::Rename(name) => view.name = name,
        UserEvent::Join | UserEvent::Rejoin => view.phase = Phase::InCall,
        UserEvent::Cancel => view.phase = Phase::Lobby,
        UserEvent::Leave if view.phase == Phase::Waiting => view.phase = Phase::Lobby,
        UserEvent::Leave => view.phase = Phase::Ended,
        UserEvent::Hand(raised) => view.hand = raised.then_some(1),
        UserEvent::Pictures(pictures) => view.pictures = pictures,
        UserEvent::Spotlight(whom) => {
            view.spotlight_by = whom.as_ref().and(view.me.clone());
            view.spotlight = whom;
        }
        UserEvent::Typing { .. } | UserEvent::React(_) => {}
        UserEvent::SendChat { text, .. } => {
            let id = u32::try_from(view.chat.len()).unwrap_or_default() + 1;
            Arc::make_mut(&mut view.chat).push(Arc::new(line(id, &view.name, text, true)));
        }
        UserEvent::AllowPlayback | UserEvent::Dismiss => view.notices.clear(),
        UserEvent::Host(HostAct::Lock(locked)) => view.rules.locked = locked,
        UserEvent::Host(HostAct::LetWait(waiting)) => view.rules.waiting = waiting,
        UserEvent::Host(HostAct::Password(password)) => {
            view.rules.password = !password.reveal().is_empty();
            view.rules_told += 1;
        }
        UserEvent::Host(HostAct::Admit(id) | HostAct::Refuse(id)) => {
            Arc::make_mut(&mut view.waiters).retain(|waiter| waiter.id != id);
        }
        UserEvent::AdmitAll => view.waiters = Arc::default(),
        UserEvent::MuteAll => {
            let people = Arc::make_mut(&mut view.people).iter_mut();
            people.for_each(|person| person.microphone = Some(false));
        }
        UserEvent::Host(HostAct::Remove(id)) => {
            Arc::make_mut(&mut view.people).retain(|person| person.id != id);
        }
        UserEvent::Host(HostAct::Mute(_) | HostAct::HandOver(_)) | UserEvent::Password(_) => {}
        UserEvent::HideAddress(hidden) => view.hiding.wanted = hidden,
        UserEvent::Choose(kind, _) | UserEvent::Decline(kind) => view
            .notices
            .retain(|notice| !matches!(notice, Notice::NewDevice(device) if device.kind == kind)),
    }
}

/// Somebody's picture: a drawing instead of a stream.
fn show(Show { whose, video }: Show) {
    let Some(video) = video else { return };
    let seed = match whose {
        Whose::Mine | Whose::Preview | Whose::MyScreen => 0,
        Whose::Peer(id) | Whose::Screen(id) => id.as_str().bytes().map(u32::from).sum::<u32>() % 7 + 1,
    };
    let (wall, light, skin, hair, shirt) = [
        ("9fb8ad", "dfe9df", "e3b18f", "3a2a22", "2f5d62"),
        ("c9b79c", "f0e3cd", "8d5a3b", "1d1512", "b5542f"),
        ("8fa3b5", "d9e4ee", "f0c8a8", "8a5a2b", "3c4f76"),
        ("b9a0a8", "efdfe3", "c98f68", "20191c", "6b3a4b"),
        ("a8b48a", "e8edd6", "f2d0b4", "b98b4a", "4d6b3c"),
        ("b0a592", "e9e0d2", "6f4730", "120d0b", "d9a441"),
        ("93a8a8", "dce8e6", "e8bd9b", "54504e", "25424c"),
        ("c4a48c", "f3dfcf", "b57a52", "2b1c14", "5c7a6c"),
    ][seed as usize % 8];
    video.set_poster(&format!(
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 360'>\
         <defs><linearGradient id='g' x1='0' y1='0' x2='1' y2='1'><stop stop-color='%23{light}'/><stop offset='1' stop-color='%23{wall}'/></linearGradient></defs>\
         <rect width='640' height='360' fill='url(%23g)'/><rect x='430' y='40' width='120' height='150' rx='4' fill='%23{light}' opacity='.6'/>\
         <path d='M150 360c10-95 80-120 170-120s160 25 170 120z' fill='%23{shirt}'/><rect x='285' y='200' width='70' height='70' rx='30' fill='%23{skin}'/>\
         <ellipse cx='320' cy='140' rx='84' ry='92' fill='%23{hair}'/><ellipse cx='320' cy='160' rx='68' ry='82' fill='%23{skin}'/></svg>"
    ));
}

fn made_up(hash: &str) -> View {
    let people = hash
        .strip_prefix("room-")
        .and_then(|rest| rest.split('-').next())
        .and_then(|number| number.parse::<usize>().ok())
        .map_or(0, |all| all.saturating_sub(1));
    let on = SourceView {
        on: true,
        ..SourceView::default()
    };
    let off = |problem| SourceView {
        problem: Some(problem),
        ..SourceView::default()
    };
    let host = hash.contains("-host");
    let mut view = View {
        phase: if hash.starts_with("room") {
            Phase::InCall
        } else {
            Phase::Lobby
        },
        signaling: Signaling::Ready,
        room: "Sunday table".to_owned(),
        me: Some(PeerId::new("p0")),
        name: "Ana Ribeiro".to_owned(),
        microphone: on.clone(),
        camera: on,
        devices: Arc::new(devices()),
        chosen: Chosen {
            camera: "c1".to_owned(),
            microphone: "m0".to_owned(),
            speaker: "s0".to_owned(),
        },
        people: Arc::new((1..=people).map(person).collect()),
        speaking: Arc::new(vec![Whose::Peer(PeerId::new("p2")), Whose::Mine]),
        main_speaker: Some(Whose::Peer(PeerId::new("p2"))),
        chat: Arc::new(chat().into_iter().map(Arc::new).collect()),
        log: Arc::new(log().into_iter().map(Arc::new).collect()),
        role: if host { Role::Host } else { Role::Guest },
        rules: Rules {
            locked: host,
            ..Rules::default()
        },
        waiters: Arc::new(if host { waiters() } else { Vec::new() }),
        hiding: Hiding {
            offered: true,
            ..Hiding::default()
        },
        ..View::of(&Setup::default())
    };
    match hash {
        "lobby-denied" => {
            view.camera = off(MediaError::Denied);
            view.microphone = off(MediaError::Denied);
            view.devices = Arc::default();
            view.name.clear();
        }
        "lobby-none" => {
            view.camera = off(MediaError::NotFound);
            view.microphone = off(MediaError::NotFound);
            view.devices = Arc::default();
        }
        "lobby-busy" => {
            view.camera = off(MediaError::Busy);
            view.microphone = off(MediaError::NotFound);
            view.notices = refused(ErrorCode::RoomFull);
        }
        "lobby-password" => {
            view.asks_password = true;
            view.notices = refused(ErrorCode::WrongPassword);
        }
        "lobby-waiting" => view.phase = Phase::Waiting,
        "lobby-alone" => {
            view.phase = Phase::Waiting;
            view.attended = false;
        }
        "lobby-joining" => {
            view.phase = Phase::Joining;
            view.camera = SourceView {
                pending: true,
                ..SourceView::default()
            };
            view.microphone = view.camera.clone();
        }
        "ended" => view.phase = Phase::Ended,
        "removed" => {
            view.phase = Phase::Ended;
            view.removed = true;
        }
        _ if hash.ends_with("cut-off") => {
            let reasons = [
                None,
                Some(Offence::Flood),
                Some(Offence::Nonsense),
                Some(Offence::Renegotiation),
            ];
            let people = Arc::make_mut(&mut view.people).iter_mut();
            for (person, offence) in people.zip(reasons.into_iter().cycle()) {
                person.state = PersonState::Failed;
                person.offence = offence;
            }
        }
        _ if hash.ends_with("screens") => {
            view.screen.on = true;
            view.sharing.sound = true;
            if let Some(person) = Arc::make_mut(&mut view.people).first_mut() {
                person.screen = true;
            }
        }
        _ if hash.ends_with("new-devices") => {
            view.notices = [
                (DeviceKind::Microphone, "Headset microphone (Jabra Evolve2 65)"),
                (DeviceKind::Speaker, "Headset earphones (Jabra Evolve2 65)"),
            ]
            .map(|(kind, label)| {
                Notice::NewDevice(Device {
                    kind,
                    id: "new".to_owned(),
                    label: label.to_owned(),
                    group: "jabra".to_owned(),
                    away: None,
                })
            })
            .to_vec();
            view.camera = SourceView {
                interrupted: true,
                ..SourceView::default()
            };
            view.microphone = off(MediaError::Ended);
        }
        _ if hash.ends_with("notices") => {
            view.notices = vec![
                Notice::PlaybackBlocked,
                Notice::ServerLost,
                Notice::Muted("Bo Lindqvist".to_owned()),
            ];
            view.camera = off(MediaError::Busy);
            view.microphone.on = false;
        }
        _ => {}
    }
    view
}

fn refused(code: ErrorCode) -> Vec<Notice> {
    let text = String::new();
    vec![Notice::Refused(Refusal { code, text })]
}

fn waiters() -> Vec<Waiter> {
    [
        "Eun-ji Seo",
        "Frédérique de la Fontaine-Beauregard",
        "Gus",
        "Hana",
    ]
    .map(|name| Waiter {
        id: PeerId::new(name),
        name: name.to_owned(),
    })
    .to_vec()
}

fn devices() -> Vec<Device> {
    [
        (DeviceKind::Camera, "c0", "FaceTime HD Camera"),
        (DeviceKind::Camera, "c1", "Desk camera (046d:0892)"),
        (DeviceKind::Microphone, "m0", "Built-in microphone"),
        (DeviceKind::Speaker, "s0", "Headphones"),
        (DeviceKind::Speaker, "s1", "Built-in speakers"),
    ]
    .map(|(kind, id, label)| Device {
        kind,
        id: id.to_owned(),
        label: label.to_owned(),
        group: String::new(),
        away: None,
    })
    .to_vec()
}

fn person(number: usize) -> PersonView {
    let names = [
        "Bo Lindqvist",
        "Chidi Okafor",
        "Dora",
        "سارة الحسن",
        "<script>alert(1)</script>",
        "Maximiliane von und zu Hohenstauffen-Rechberg",
        "김민수",
    ];
    PersonView {
        id: PeerId::new(format!("p{number}")),
        name: names[(number - 1) % names.len()].to_owned(),
        state: match number {
            4 => PersonState::Connecting,
            5 => PersonState::Reconnecting,
            6 => PersonState::Failed,
            _ => PersonState::Connected,
        },
        microphone: (number != 4).then_some(!number.is_multiple_of(3)),
        camera: (number != 4).then_some(number != 3),
        screen: false,
        hand: None,
        typing: number == 2,
        offence: None,
        role: Role::Guest,
    }
}

fn chat() -> Vec<ChatLine> {
    [
        ("Bo Lindqvist", "Morning! Can you all hear me?"),
        ("Ana Ribeiro", "Loud and clear 👋"),
        ("Chidi Okafor", "Me too. The agenda is short today:\n1. the garden\n2. who brings the bread\n3. next Sunday"),
        ("Dora", "https://example.org/a/very/long/address/that/has/to/break/somewhere/because/it/does/not/fit?and=a&query=too"),
        ("سارة الحسن", "مرحبا بالجميع"),
        ("Ana Ribeiro", "I bring the bread. <b>Two</b> loaves."),
    ]
    .into_iter()
    .zip(1..)
    .map(|((name, text), id)| {
        let line = line(id, name, text.to_owned(), name.starts_with("Ana"));
        ChatLine {
            before: id < 3,
            told_by: if id < 3 { "Dora".to_owned() } else { String::new() },
            private: id == 5,
            ..line
        }
    })
    .collect()
}

fn line(id: u32, name: &str, text: String, mine: bool) -> ChatLine {
    ChatLine {
        id,
        at: i64::from(id) * 70_000,
        before: false,
        mine,
        author: PeerId::new(name),
        seq: id,
        order: id,
        name: name.to_owned(),
        text,
        private: false,
        to: String::new(),
        told_by: String::new(),
    }
}

fn log() -> Vec<LogLine> {
    let bo = || Some((PeerId::new("p1"), "Bo Lindqvist".to_owned()));
    [
        (0, None, Direction::Sent, "join", "Sunday table"),
        (18, None, Direction::Received, "welcome", "1 person in the room"),
        (
            31,
            bo(),
            Direction::Received,
            "offer",
            "audio, video, data; 4,112 bytes",
        ),
        (33, bo(), Direction::Local, "signaling", "have-remote-offer"),
        (
            41,
            bo(),
            Direction::Received,
            "candidate",
            "host udp 192.168.1.20:54012",
        ),
        (
            62,
            bo(),
            Direction::Sent,
            "answer",
            "audio, video, data; 3,870 bytes",
        ),
        (63, bo(), Direction::Local, "signaling", "stable"),
        (
            70,
            bo(),
            Direction::Sent,
            "candidate",
            "host udp 192.168.1.7:49820",
        ),
        (
            94,
            bo(),
            Direction::Sent,
            "candidate",
            "srflx udp 203.0.113.9:49820",
        ),
        (97, bo(), Direction::Local, "ICE", "checking"),
        (141, bo(), Direction::Local, "ICE", "connected"),
        (152, bo(), Direction::Local, "connection", "connected"),
        (1204, bo(), Direction::Local, "channel", "open"),
    ]
    .into_iter()
    .zip(1..)
    .map(|((at, peer, direction, what, detail), id)| LogLine {
        id,
        at: 5_000 + at,
        peer,
        direction,
        what,
        detail: detail.to_owned(),
    })
    .collect()
}
