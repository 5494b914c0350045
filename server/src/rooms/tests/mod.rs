//! What rooms promise, told by examples and held against chance.

mod hosts;
mod knocks;
mod lives;
mod membership;
mod properties;
mod world;

use maju_protocol::{Person, Rules};

use super::*;

const LIMITS: Limits = Limits {
    people: 3,
    rooms: 4,
    parked: 4,
    parked_bytes: 30,
};

/// In these tests a payload is its own length.
impl Relayed for u32 {
    fn bytes(&self) -> usize {
        *self as usize
    }
}

fn peer(id: &str) -> PeerId {
    PeerId::new(id)
}

fn key(name: &str) -> RoomKey {
    RoomKey(name.to_lowercase())
}

fn mark(text: &str) -> Mark {
    Mark(format!("mark of {text}"))
}

/// Somebody from an address of their own, who has nothing to show. Should a room begin with them, it is the life of their
/// name, and its host's secret is theirs.
fn entry(id: &str, name: &str) -> Entry {
    Entry {
        peer: peer(id),
        room: RoomName {
            key: key(name),
            shown: name.into(),
        },
        name: format!("name of {id}"),
        resumed: None,
        papers: Papers {
            role: None,
            host: None,
            password: None,
            marks: Marks {
                person: vec![mark(id)],
                address: mark(&format!("address of {id}")),
            },
        },
        founding: Founding {
            life: format!("life of {id}"),
            begun: 1,
            secret: secret(id),
            mark: mark(&format!("secret of {id}")),
        },
    }
}

fn secret(id: &str) -> Secret {
    Secret::new(format!("secret of {id}"))
}

impl Entry {
    fn with_secret_of(mut self, id: &str) -> Self {
        self.papers.host = Some(mark(&format!("secret of {id}")));
        self
    }

    fn with_password(mut self, hash: &str) -> Self {
        self.papers.password = Some(hash.into());
        self
    }

    fn with_role(mut self, role: Role) -> Self {
        self.papers.role = Some(role);
        self
    }

    fn at_address_of(mut self, id: &str) -> Self {
        self.papers.marks.address = mark(&format!("address of {id}"));
        self
    }

    fn with_subject(mut self, subject: &str) -> Self {
        self.papers.marks.person.push(mark(subject));
        self
    }

    /// With a token that this server signed.
    fn with_token(mut self, charter: &Charter) -> Self {
        self.resumed = Some(Resumed {
            charter: charter.clone(),
            restoring: false,
        });
        self
    }

    /// With a token that an earlier server signed, soon after this one started.
    fn with_charter(mut self, charter: &Charter) -> Self {
        self = self.with_token(charter);
        self.resumed
            .iter_mut()
            .for_each(|resumed| resumed.restoring = true);
        self
    }
}

fn join(id: &str, name: &str) -> Action<u32> {
    Action::Join(entry(id, name))
}

/// Back to a seat that is held; what the token says of the room does not matter for that.
fn resume(id: &str, name: &str) -> Action<u32> {
    let mut entry = entry(id, name).with_token(&Charter::default());
    entry.name = format!("other name of {id}");
    Action::Join(entry)
}

fn away(id: &str) -> Action<u32> {
    Action::Away {
        peer: peer(id),
        unsent: Vec::new(),
    }
}

fn relay(from: &str, to: &str) -> Action<u32> {
    Action::Relay {
        from: peer(from),
        to: peer(to),
        payload: 7,
    }
}

fn rename(id: &str, name: &str) -> Action<u32> {
    Action::Rename {
        peer: peer(id),
        name: name.into(),
    }
}

fn leave(id: &str) -> Action<u32> {
    Action::Leave {
        peer: peer(id),
        reason: LeaveReason::Left,
    }
}

fn lose(id: &str) -> Action<u32> {
    Action::Leave {
        peer: peer(id),
        reason: LeaveReason::Lost,
    }
}

fn host(by: &str, act: HostAct) -> Action<u32> {
    Action::Host { by: peer(by), act }
}

fn lock(by: &str, locked: bool) -> Action<u32> {
    let act = HostAct::Rules {
        locked: Some(locked),
        waiting: None,
        password: None,
    };
    host(by, act)
}

fn let_wait(by: &str, waiting: bool) -> Action<u32> {
    let act = HostAct::Rules {
        locked: None,
        waiting: Some(waiting),
        password: None,
    };
    host(by, act)
}

fn set_password(by: &str, hash: Option<&str>) -> Action<u32> {
    let act = HostAct::Rules {
        locked: None,
        waiting: None,
        password: Some(hash.map(str::to_owned)),
    };
    host(by, act)
}

/// To that person, whose secret is theirs.
fn hand_over(by: &str, to: &str) -> Action<u32> {
    let act = HostAct::HandOver(peer(to), secret(to), mark(&format!("secret of {to}")));
    host(by, act)
}

fn rooms_of(actions: Vec<Action<u32>>) -> Rooms<u32> {
    let mut rooms = Rooms::new(LIMITS);
    for action in actions {
        rooms.act(action).unwrap();
    }
    rooms
}

fn charter(rooms: &Rooms<u32>, name: &str) -> Charter {
    rooms.charter(&key(name)).unwrap().clone()
}

fn person(id: &str) -> Person {
    Person {
        id: peer(id),
        name: format!("name of {id}"),
        role: Role::Guest,
    }
}

fn host_person(id: &str) -> Person {
    Person {
        role: Role::Host,
        ..person(id)
    }
}

fn to(id: &str, message: ServerMessage<u32>) -> Delivery<u32> {
    Delivery {
        to: peer(id),
        message,
    }
}

fn joined(person: Person) -> ServerMessage<u32> {
    ServerMessage::Joined { person }
}

fn left(id: &str) -> ServerMessage<u32> {
    ServerMessage::Left {
        peer: peer(id),
        reason: LeaveReason::Left,
    }
}

fn was_removed(id: &str) -> ServerMessage<u32> {
    ServerMessage::Left {
        peer: peer(id),
        reason: LeaveReason::Removed,
    }
}

fn relayed(from: &str) -> ServerMessage<u32> {
    ServerMessage::Relay {
        from: peer(from),
        payload: 7,
    }
}

fn role(id: &str, role: Role, secret: Option<Secret>) -> ServerMessage<u32> {
    ServerMessage::Role {
        peer: peer(id),
        role,
        host: secret,
    }
}

fn waiting(attended: bool) -> ServerMessage<u32> {
    ServerMessage::Waiting { attended }
}

fn knock(id: &str) -> ServerMessage<u32> {
    ServerMessage::Knock { person: person(id) }
}

fn unknock(id: &str) -> ServerMessage<u32> {
    ServerMessage::Unknock { peer: peer(id) }
}

fn rules(locked: bool, waiting: bool, password: bool) -> ServerMessage<u32> {
    ServerMessage::Rules(Rules {
        locked,
        waiting,
        password,
    })
}

/// What one person gets; nobody else may get anything.
fn messages(deliveries: Vec<Delivery<u32>>, to: &str) -> Vec<ServerMessage<u32>> {
    assert!(
        deliveries.iter().all(|delivery| delivery.to == peer(to)),
        "others were told: {deliveries:?}"
    );
    deliveries.into_iter().map(|delivery| delivery.message).collect()
}

/// The welcome among what was delivered.
fn welcome(deliveries: Vec<Delivery<u32>>) -> Welcome {
    let mut welcomes = deliveries
        .into_iter()
        .filter_map(|delivery| match delivery.message {
            ServerMessage::Welcome(welcome) => Some(welcome),
            _ => None,
        });
    let welcome = welcomes.next().expect("nobody is welcomed");
    assert_eq!(welcomes.next(), None);
    welcome
}

/// Who was turned away, and by which code.
fn turned_away_of(deliveries: &[Delivery<u32>]) -> Vec<(PeerId, ErrorCode)> {
    let errors = deliveries.iter().filter_map(|delivery| match &delivery.message {
        ServerMessage::Error { code, about, .. } => {
            assert_eq!(about.as_deref(), Some("join"));
            Some((delivery.to.clone(), *code))
        }
        _ => None,
    });
    errors.collect()
}

/// Shows that the action is refused and nothing changes by it.
#[track_caller]
fn refuses(rooms: &mut Rooms<u32>, action: Action<u32>, refusal: Refusal) {
    let before = rooms.clone();
    assert_eq!(rooms.act(action), Err(refusal));
    assert!(*rooms == before, "a refusal changed something");
}
