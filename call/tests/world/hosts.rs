//! The world's server as a doorkeeper: whose a room is, how it lets people in, and what its host does. Only where rooms
//! belong to somebody; else everybody comes in, and nobody has a say.

use maju_call::{ErrorCode, PeerId, Role, Rules};
use maju_protocol::{ClientMessage, Join, LeaveReason, NewRules, Person, Secret, ServerMessage, Signal};

use super::World;

/// What a room keeps for as long as it lives, the server's restarts included.
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct House {
    pub(crate) rules: Rules,
    password: Option<Secret>,
    /// What makes whoever has it the host, and how many there were.
    secret: Secret,
    secrets: u32,
    knocks: Vec<Knock>,
    banned: Vec<PeerId>,
}

/// Somebody who waits to be let in.
#[derive(Clone, Debug, Hash)]
struct Knock {
    who: usize,
    person: Person,
}

impl World {
    /// Somebody wants a seat: gives it, lets them wait, or refuses.
    pub(super) fn asked_for_seat(&mut self, who: usize, join: &Join) {
        let resume = join.resume.as_ref().map(|token| token.reveal().to_owned());
        if !self.server.hosted {
            return self.seat(who, &join.room, &join.name, resume, Role::Guest, None);
        }
        let Some(house) = self.server.houses.get(&join.room) else {
            self.server.houses.insert(join.room.clone(), House::default());
            let secret = self.new_secret(&join.room);
            return self.seat(who, &join.room, &join.name, resume, Role::Host, Some(secret));
        };
        let role = if join.host.as_ref() == Some(&house.secret) {
            Role::Host
        } else {
            Role::Guest
        };
        let id = resume.clone().map(PeerId::new);
        let refused = match (role, &id) {
            (Role::Host, _) => None,
            (Role::Guest, Some(id)) => house.banned.contains(id).then_some(ErrorCode::Banned),
            (Role::Guest, None) => house.refuses(join.password.as_ref()),
        };
        if let Some(code) = refused {
            self.refuse(who, code, "join");
        } else if role == Role::Guest && id.is_none() && house.rules.waiting {
            self.knock(who, join);
        } else {
            self.seat(who, &join.room, &join.name, resume, role, None);
        }
    }

    /// Does what only a host may do.
    pub(super) fn host_act(&mut self, who: usize, act: ClientMessage<Signal>) {
        let name = match act {
            ClientMessage::Rules(_) => "rules",
            ClientMessage::Admit { .. } => "admit",
            ClientMessage::Refuse { .. } => "refuse",
            ClientMessage::Mute { .. } => "mute",
            ClientMessage::Remove { .. } => "remove",
            _ => "handOver",
        };
        let Some((me, room)) = self.host_of(who) else {
            return self.refuse(who, ErrorCode::NotHost, name);
        };
        match act {
            ClientMessage::Rules(rules) => self.rule(&room, rules),
            ClientMessage::Admit { peer } => {
                let Some(knock) = self.unknock(&room, |knock| knock.person.id == peer) else {
                    return self.refuse(who, ErrorCode::UnknownPeer, name);
                };
                let token = Some(peer.to_string());
                self.seat(knock.who, &room, &knock.person.name, token, Role::Guest, None);
            }
            ClientMessage::Refuse { peer } => {
                if let Some(knock) = self.unknock(&room, |knock| knock.person.id == peer) {
                    self.people[knock.who].id = None;
                    self.refuse(knock.who, ErrorCode::Refused, "join");
                }
            }
            ClientMessage::Mute { peer } => self.hand_on(&peer, ServerMessage::Mute { by: me }),
            ClientMessage::Remove { peer } => {
                if let Some(house) = self.server.houses.get_mut(&room) {
                    house.banned.push(peer.clone());
                }
                self.hand_on(&peer, ServerMessage::Removed {});
                self.vacate_seat(&peer, LeaveReason::Removed);
            }
            ClientMessage::HandOver { peer } => {
                let secret = self.new_secret(&room);
                self.set_role(&room, &peer, Role::Host, Some(&secret));
                self.set_role(&room, &me, Role::Guest, None);
            }
            other => panic!("not for hosts: {other:?}"),
        }
    }

    /// Whoever waits on that socket waits no longer.
    pub(super) fn gave_up_waiting(&mut self, who: usize) {
        for room in self.server.houses.keys().cloned().collect::<Vec<_>>() {
            self.unknock(&room, |knock| knock.who == who);
        }
    }

    /// The rules of a room, and who waits before it.
    pub(super) fn house_of(&self, room: &str) -> (Rules, Vec<Person>) {
        let house = self.server.houses.get(room);
        house.map_or_else(Default::default, |house| {
            let knocking = house.knocks.iter().map(|knock| knock.person.clone());
            (house.rules, knocking.collect())
        })
    }

    fn knock(&mut self, who: usize, join: &Join) {
        let id = self.new_id(who, &join.name);
        self.people[who].id = Some(id.clone());
        let person = Person {
            id,
            name: join.name.clone(),
            role: Role::Guest,
        };
        let hosts = self.hosts(&join.room);
        let attended = !hosts.is_empty();
        self.tell(who, ServerMessage::Waiting { attended });
        for host in hosts {
            let person = person.clone();
            self.hand_on(&host, ServerMessage::Knock { person });
        }
        if let Some(house) = self.server.houses.get_mut(&join.room) {
            house.knocks.push(Knock { who, person });
        }
    }

    fn unknock(&mut self, room: &str, which: impl Fn(&Knock) -> bool) -> Option<Knock> {
        let house = self.server.houses.get_mut(room)?;
        let index = house.knocks.iter().position(which)?;
        let knock = house.knocks.remove(index);
        for host in self.hosts(room) {
            let peer = knock.person.id.clone();
            self.hand_on(&host, ServerMessage::Unknock { peer });
        }
        Some(knock)
    }

    fn rule(&mut self, room: &str, new: NewRules) {
        let Some(house) = self.server.houses.get_mut(room) else {
            return;
        };
        house.rules.locked = new.locked.unwrap_or(house.rules.locked);
        house.rules.waiting = new.waiting.unwrap_or(house.rules.waiting);
        if let Some(password) = new.password {
            house.password = Some(password).filter(|password| !password.reveal().is_empty());
            house.rules.password = house.password.is_some();
        }
        let rules = house.rules;
        for peer in self.seated(room) {
            self.hand_on(&peer, ServerMessage::Rules(rules));
        }
    }

    fn set_role(&mut self, room: &str, peer: &PeerId, role: Role, secret: Option<&Secret>) {
        self.server.set_role(peer, role);
        for to in self.seated(room) {
            let host = secret.filter(|_| to == *peer).cloned();
            let peer = peer.clone();
            self.hand_on(&to, ServerMessage::Role { peer, role, host });
        }
    }

    fn new_secret(&mut self, room: &str) -> Secret {
        let house = self.server.houses.entry(room.to_owned()).or_default();
        house.secrets += 1;
        house.secret = Secret::new(format!("secret {} of {room}", house.secrets));
        house.secret.clone()
    }

    fn refuse(&mut self, who: usize, code: ErrorCode, about: &str) {
        let message = ServerMessage::Error {
            code,
            text: format!("{code:?}"),
            about: Some(about.to_owned()),
            peer: None,
            wait: None,
        };
        self.tell(who, message);
    }
}

impl House {
    fn refuses(&self, password: Option<&Secret>) -> Option<ErrorCode> {
        match (&self.password, password) {
            _ if self.rules.locked => Some(ErrorCode::Locked),
            (Some(_), None) => Some(ErrorCode::PasswordNeeded),
            (Some(wanted), Some(told)) => (wanted != told).then_some(ErrorCode::WrongPassword),
            (None, _) => None,
        }
    }
}
