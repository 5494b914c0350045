//! A server in miniature, to which anything may happen.

use proptest::{prelude::*, sample::Index};

use super::*;

/// Something that happens, without what depends on the state that it meets.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Join {
        id: u8,
        room: &'static str,
        /// Whose secret they bring.
        secret: Option<u8>,
        password: Option<u8>,
        role: Option<Role>,
        /// Whose address they come from.
        address: u8,
    },
    /// Somebody comes with one of the tokens that they ever got.
    Return {
        id: u8,
        token: Index,
        secret: Option<u8>,
    },
    Relay(u8, u8),
    Rename(u8),
    Leave(u8, LeaveReason),
    Away(u8),
    Act(u8, Act),
    Forget(&'static str),
    /// The server remembers nobody. For a while it takes the word of those who come.
    Restart,
    /// That while is over.
    Settle,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    Lock(bool),
    LetWait(bool),
    Password(Option<u8>),
    Admit(u8),
    Refuse(u8),
    Mute(u8),
    Remove(u8),
    HandOver(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    let id = || 0..8u8;
    let room = || prop_oneof!["X", "x", "y"].prop_map(|name| if name == "y" { "y" } else { "x" });
    let secret = || prop::option::weighted(0.2, id());
    let password = || prop::option::weighted(0.3, 0..2u8);
    let role = prop::option::weighted(0.1, prop_oneof![Just(Role::Host), Just(Role::Guest)]);
    let reason = prop_oneof![Just(LeaveReason::Left), Just(LeaveReason::Lost)];
    let act = prop_oneof![
        2 => any::<bool>().prop_map(Act::Lock),
        2 => any::<bool>().prop_map(Act::LetWait),
        2 => password().prop_map(Act::Password),
        3 => id().prop_map(Act::Admit),
        1 => id().prop_map(Act::Refuse),
        1 => id().prop_map(Act::Mute),
        2 => id().prop_map(Act::Remove),
        2 => id().prop_map(Act::HandOver),
    ];
    prop_oneof![
        10 => (id(), room(), secret(), password(), role, id()).prop_map(
            |(id, room, secret, password, role, address)| Step::Join { id, room, secret, password, role, address }
        ),
        6 => (id(), any::<Index>(), secret()).prop_map(|(id, token, secret)| Step::Return { id, token, secret }),
        5 => (id(), id()).prop_map(|(from, to)| Step::Relay(from, to)),
        2 => id().prop_map(Step::Rename),
        4 => (id(), reason).prop_map(|(id, reason)| Step::Leave(id, reason)),
        3 => id().prop_map(Step::Away),
        10 => (id(), act).prop_map(|(id, act)| Step::Act(id, act)),
        1 => room().prop_map(Step::Forget),
        1 => Just(Step::Restart),
        1 => Just(Step::Settle),
    ]
}

pub(super) fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 0..80)
}

fn name_of(id: u8) -> String {
    format!("p{id}")
}

/// Rooms, and what the rest of the server and its clients keep.
pub(super) struct World {
    pub(super) rooms: Rooms<u32>,
    /// Everybody's tokens: for whom, in which room, and signed by which run of the server.
    tokens: Vec<(u8, &'static str, Charter, u32)>,
    run: u32,
    /// Whether it has just started.
    early: bool,
    lives: u64,
}

/// What an action led to.
pub(super) struct Outcome {
    pub(super) before: Rooms<u32>,
    pub(super) action: Action<u32>,
    pub(super) result: Result<Vec<Delivery<u32>>, Refusal>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            rooms: Rooms::new(LIMITS),
            tokens: Vec::new(),
            run: 0,
            early: false,
            lives: 0,
        }
    }

    fn entry(&mut self, id: u8, room: &'static str, secret: Option<u8>) -> Entry {
        self.lives += 1;
        let mut entry = entry(&name_of(id), room);
        entry.founding.life = self.lives.to_string();
        entry.founding.begun = self.lives / 4;
        match secret {
            Some(whose) => entry.with_secret_of(&name_of(whose)),
            None => entry,
        }
    }

    /// The action that the step is in this state. None if it is none.
    fn action(&mut self, step: Step) -> Option<Action<u32>> {
        Some(match step {
            Step::Join {
                id,
                room,
                secret,
                password,
                role,
                address,
            } => {
                let mut entry = self.entry(id, room, secret).at_address_of(&name_of(address));
                entry.papers.password = password.map(hash);
                entry.papers.role = role;
                Action::Join(entry)
            }
            Step::Return { id, token, secret } => {
                let own: Vec<_> = self.tokens.iter().filter(|(whose, ..)| *whose == id).collect();
                let (_, room, charter, run) = (!own.is_empty()).then(|| token.get(&own))?;
                let (room, charter, restoring) = (*room, charter.clone(), self.early && *run != self.run);
                let mut entry = self.entry(id, room, secret);
                entry.resumed = Some(Resumed { charter, restoring });
                Action::Join(entry)
            }
            Step::Relay(from, to) => relay(&name_of(from), &name_of(to)),
            Step::Rename(id) => rename(&name_of(id), "somebody else"),
            Step::Leave(id, reason) => Action::Leave {
                peer: peer(&name_of(id)),
                reason,
            },
            Step::Away(id) => away(&name_of(id)),
            Step::Act(id, act) => host(&name_of(id), act.of_host()),
            Step::Forget(room) => Action::Forget {
                room: key(room),
                vacancy: self.rooms.vacancy(&key(room))?,
            },
            Step::Restart => {
                self.rooms = Rooms::new(LIMITS);
                (self.run, self.early) = (self.run + 1, true);
                return None;
            }
            Step::Settle => {
                self.early = false;
                return None;
            }
        })
    }

    pub(super) fn step(&mut self, step: Step) -> Option<Outcome> {
        let action = self.action(step)?;
        let before = self.rooms.clone();
        let result = self.rooms.act(action.clone());
        self.sign_tokens();
        Some(Outcome {
            before,
            action,
            result,
        })
    }

    /// Everybody who is there gets a token for what the room is now.
    fn sign_tokens(&mut self) {
        for id in 0..8 {
            let peer = peer(&name_of(id));
            let (Some(room), false) = (self.rooms.room_of(&peer), self.rooms.is_away(&peer)) else {
                continue;
            };
            let name = if room.0 == "x" { "x" } else { "y" };
            let token = (id, name, charter(&self.rooms, name), self.run);
            if !self.tokens.contains(&token) {
                self.tokens.push(token);
            }
        }
    }
}

impl Act {
    fn of_host(self) -> HostAct {
        let rules = |locked, waiting, password| HostAct::Rules {
            locked,
            waiting,
            password,
        };
        let peer = |id| peer(&name_of(id));
        match self {
            Self::Lock(locked) => rules(Some(locked), None, None),
            Self::LetWait(waiting) => rules(None, Some(waiting), None),
            Self::Password(password) => rules(None, None, Some(password.map(hash))),
            Self::Admit(id) => HostAct::Admit(peer(id)),
            Self::Refuse(id) => HostAct::Refuse(peer(id)),
            Self::Mute(id) => HostAct::Mute(peer(id)),
            Self::Remove(id) => HostAct::Remove(peer(id)),
            Self::HandOver(id) => {
                let whose = name_of(id);
                HostAct::HandOver(peer(id), secret(&whose), mark(&format!("secret of {whose}")))
            }
        }
    }
}

fn hash(password: u8) -> String {
    format!("hash {password}")
}
