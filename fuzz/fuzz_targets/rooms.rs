//! The room machine under any list of actions: a refusal changes nothing, nothing leaves a room, nobody is in two places, and
//! all bounds hold.

#![no_main]

use std::collections::HashSet;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use maju::rooms::{
    Action, Charter, Delivery, Entry, Founding, HostAct, Limits, Mark, Marks, Papers, Relayed, Resumed, RoomKey,
    RoomName, Rooms,
};
use maju_protocol::{LeaveReason, PeerId, Role, Secret, ServerMessage};

const LIMITS: Limits = Limits {
    people: 4,
    rooms: 2,
    parked: 3,
    parked_bytes: 20,
};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Payload;

impl Relayed for Payload {
    fn bytes(&self) -> usize {
        10
    }
}

#[derive(Arbitrary, Debug)]
enum Step {
    Join {
        who: u8,
        room: u8,
        brought: Brought,
        address: u8,
    },
    Return {
        who: u8,
        token: u8,
        brought: Brought,
        restoring: bool,
    },
    Relay {
        from: u8,
        to: u8,
    },
    Away {
        who: u8,
    },
    Leave {
        who: u8,
        lost: bool,
    },
    Rules {
        by: u8,
        locked: Option<bool>,
        waiting: Option<bool>,
        password: Option<Option<u8>>,
    },
    Admit {
        by: u8,
        who: u8,
    },
    Refuse {
        by: u8,
        who: u8,
    },
    Mute {
        by: u8,
        who: u8,
    },
    Remove {
        by: u8,
        who: u8,
    },
    HandOver {
        by: u8,
        who: u8,
        secret: u8,
    },
    Forget {
        room: u8,
    },
    Rename {
        who: u8,
    },
}

#[derive(Arbitrary, Debug)]
struct Brought {
    role: Option<bool>,
    host: Option<u8>,
    password: Option<u8>,
}

fn peer(who: u8) -> PeerId {
    PeerId::new(format!("p{}", who % 10))
}

fn key(room: u8) -> RoomKey {
    RoomKey(format!("r{}", room % 3))
}

fn mark(what: &str, which: u8) -> Mark {
    Mark(format!("{what} {}", which % 10))
}

fn hash(password: u8) -> String {
    format!("hash {}", password % 3)
}

/// The rooms, and the tokens that were ever given.
struct World {
    rooms: Rooms<Payload>,
    tokens: Vec<(RoomKey, Charter)>,
    lives: u64,
}

impl World {
    fn entry(&mut self, who: u8, room: RoomKey, brought: &Brought, address: u8) -> Entry {
        self.lives += 1;
        let secret = Secret::new(format!("secret {}", who % 10));
        Entry {
            peer: peer(who),
            room: RoomName {
                shown: room.0.clone(),
                key: room,
            },
            name: format!("name {who}"),
            resumed: None,
            papers: Papers {
                role: brought
                    .role
                    .map(|host| if host { Role::Host } else { Role::Guest }),
                host: brought.host.map(|whose| mark("secret", whose)),
                password: brought.password.map(hash),
                marks: Marks {
                    person: vec![mark("person", who)],
                    address: mark("address", address),
                },
            },
            founding: Founding {
                life: self.lives.to_string(),
                begun: self.lives,
                secret,
                mark: mark("secret", who),
            },
        }
    }

    fn action(&mut self, step: Step) -> Option<Action<Payload>> {
        let host = |by, act| Action::Host { by: peer(by), act };
        Some(match step {
            Step::Join {
                who,
                room,
                brought,
                address,
            } => Action::Join(self.entry(who, key(room), &brought, address)),
            Step::Return {
                who,
                token,
                brought,
                restoring,
            } => {
                let count = self.tokens.len().max(1);
                let (room, charter) = self.tokens.get(usize::from(token) % count)?.clone();
                let mut entry = self.entry(who, room, &brought, who);
                entry.resumed = Some(Resumed { charter, restoring });
                Action::Join(entry)
            }
            Step::Relay { from, to } => Action::Relay {
                from: peer(from),
                to: peer(to),
                payload: Payload,
            },
            Step::Away { who } => Action::Away {
                peer: peer(who),
                unsent: Vec::new(),
            },
            Step::Leave { who, lost } => Action::Leave {
                peer: peer(who),
                reason: if lost {
                    LeaveReason::Lost
                } else {
                    LeaveReason::Left
                },
            },
            Step::Rules {
                by,
                locked,
                waiting,
                password,
            } => {
                let password = password.map(|password| password.map(hash));
                host(
                    by,
                    HostAct::Rules {
                        locked,
                        waiting,
                        password,
                    },
                )
            }
            Step::Admit { by, who } => host(by, HostAct::Admit(peer(who))),
            Step::Refuse { by, who } => host(by, HostAct::Refuse(peer(who))),
            Step::Mute { by, who } => host(by, HostAct::Mute(peer(who))),
            Step::Remove { by, who } => host(by, HostAct::Remove(peer(who))),
            Step::HandOver { by, who, secret } => {
                let text = Secret::new(format!("secret {}", secret % 10));
                host(by, HostAct::HandOver(peer(who), text, mark("secret", secret)))
            }
            Step::Rename { who } => Action::Rename {
                peer: peer(who),
                name: "another".into(),
            },
            Step::Forget { room } => Action::Forget {
                room: key(room),
                vacancy: self.rooms.vacancy(&key(room))?,
            },
        })
    }
}

fuzz_target!(|steps: Vec<Step>| {
    let mut world = World {
        rooms: Rooms::new(LIMITS),
        tokens: Vec::new(),
        lives: 0,
    };
    for step in steps {
        let Some(action) = world.action(step) else {
            continue;
        };
        let before = world.rooms.clone();
        match world.rooms.act(action) {
            Err(_) => assert!(world.rooms == before, "a refusal changed something"),
            Ok(deliveries) => check_deliveries(&before, &world.rooms, &deliveries),
        }
        check_bounds(&world.rooms);
        for room in (0..3).map(key) {
            if let Some(charter) = world.rooms.charter(&room)
                && world.tokens.len() < 64
            {
                world.tokens.push((room, charter.clone()));
            }
        }
    }
});

/// All are of one room, and who has no seat learns nothing of it.
fn check_deliveries(before: &Rooms<Payload>, after: &Rooms<Payload>, deliveries: &[Delivery<Payload>]) {
    let mut told = HashSet::new();
    for Delivery { to, message } in deliveries {
        if let Some(room) = after.room_of(to).or_else(|| before.room_of(to)) {
            told.insert(room.clone());
        } else {
            let harmless = matches!(
                message,
                ServerMessage::Waiting { .. } | ServerMessage::Error { .. }
            );
            assert!(harmless, "somebody without a seat was told {message:?}");
        }
        assert!(!after.is_away(to), "somebody who is away was told {message:?}");
    }
    assert!(told.len() <= 1, "one action was told in several rooms");
}

fn check_bounds(rooms: &Rooms<Payload>) {
    assert!(rooms.len() <= LIMITS.rooms);
    let mut seated = 0;
    for room in (0..3).map(key) {
        let people: Vec<_> = rooms.people(&room).collect();
        assert!(people.len() <= LIMITS.people);
        assert!(people.iter().all(|peer| rooms.room_of(peer) == Some(&room)));
        seated += people.len();
    }
    assert_eq!(seated, rooms.seated());
    assert!(rooms.away() <= seated);
}
