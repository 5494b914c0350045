//! One room: the people in it, those who wait before it, and its charter.

use maju_protocol::{LeaveReason, PeerId, Person, Role, Secret, ServerMessage, Welcome};

use super::{
    Charter, Delivery, Entry, Resumed,
    charter::{Age, Gate},
};

/// A room. It lives from its first person until its last one leaves, and somewhat longer where the last one may come
/// back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// The name as the first person wrote it.
    shown: String,
    pub(super) charter: Charter,
    /// How old the charter was that it goes on with. None if it began here.
    restored: Option<Age>,
    /// Longest present first, those who are away among them.
    pub(super) people: Vec<Person>,
    /// Longest waiting first.
    pub(super) knocks: Vec<Entry>,
    /// Whether those who wait were told that somebody could let them in.
    attended: bool,
    /// How many seats it has given.
    pub(super) seatings: u64,
}

impl Room {
    /// A room that begins.
    pub(super) fn new(shown: String, charter: Charter) -> Self {
        Self {
            shown,
            charter,
            restored: None,
            people: Vec::new(),
            knocks: Vec::new(),
            attended: false,
            seatings: 0,
        }
    }

    /// A room that goes on as somebody's token says.
    pub(super) fn restored(shown: String, charter: Charter) -> Self {
        Self {
            restored: Some(charter.age()),
            ..Self::new(shown, charter)
        }
    }

    pub(super) fn person(&self, peer: &PeerId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *peer)
    }

    /// Whether what somebody brought of the time before a restart is newer than what this room goes on with. What happened
    /// in it since does not count: else whoever is the first to come back could make an old charter the newest.
    pub(super) fn is_superseded_by(&self, resumed: &Resumed) -> bool {
        let older = |age: &Age| *age < resumed.charter.age();
        resumed.restoring && self.restored.as_ref().is_none_or(older)
    }

    /// Goes on with this charter instead of its own. All are told of new rules.
    pub(super) fn adopt<P>(&mut self, charter: Charter) -> Vec<Delivery<P>> {
        let before = self.charter.rules();
        self.restored = Some(charter.age());
        self.charter = charter;
        if self.charter.rules() == before {
            return Vec::new();
        }
        self.tell_rules()
    }

    /// Seats somebody: they are welcomed, and the others hear of them.
    pub(super) fn seat<P>(
        &mut self,
        peer: &PeerId,
        name: String,
        role: Role,
        secret: Option<Secret>,
    ) -> Vec<Delivery<P>> {
        let newcomer = Person {
            id: peer.clone(),
            name,
            role,
        };
        let others: Vec<_> = self.people.iter().map(|person| person.id.clone()).collect();
        self.seatings += 1;
        self.people.push(newcomer.clone());
        let mut welcome = self.welcome(peer);
        welcome.host = secret;
        let mut deliveries = vec![Delivery {
            to: peer.clone(),
            message: ServerMessage::Welcome(welcome),
        }];
        deliveries.extend(others.into_iter().map(|to| Delivery {
            to,
            message: ServerMessage::Joined {
                person: newcomer.clone(),
            },
        }));
        deliveries
    }

    /// What somebody learns who takes their seat.
    pub(super) fn welcome(&self, peer: &PeerId) -> Welcome {
        let role = self.person(peer).map(|person| person.role).unwrap_or_default();
        let others = |person: &&Person| person.id != *peer;
        Welcome {
            you: peer.clone(),
            room: self.shown.clone(),
            people: self.people.iter().filter(others).cloned().collect(),
            role,
            rules: self.charter.rules(),
            knocking: match role {
                Role::Host => self.knocks.iter().map(stranger).collect(),
                Role::Guest => Vec::new(),
            },
            ..Welcome::default()
        }
    }

    /// Frees somebody's seat; the others hear of it.
    pub(super) fn unseat<P>(&mut self, peer: &PeerId, reason: LeaveReason) -> Vec<Delivery<P>> {
        self.people.retain(|person| person.id != *peer);
        let peer = peer.clone();
        self.tell_all(|| ServerMessage::Left {
            peer: peer.clone(),
            reason,
        })
    }

    /// Calls somebody something else; everybody hears of it, also who it is.
    pub(super) fn rename<P>(&mut self, peer: &PeerId, name: &str) -> Vec<Delivery<P>> {
        if let Some(person) = self.people.iter_mut().find(|person| person.id == *peer) {
            name.clone_into(&mut person.name);
        }
        self.tell_all(|| ServerMessage::Renamed {
            id: peer.clone(),
            name: name.to_owned(),
        })
    }

    /// Lets somebody wait; the hosts hear of it.
    pub(super) fn knock<P>(&mut self, entry: Entry) -> Vec<Delivery<P>> {
        let person = stranger(&entry);
        let mut deliveries = vec![Delivery {
            to: entry.peer.clone(),
            message: ServerMessage::Waiting {
                attended: self.attended,
            },
        }];
        deliveries.extend(self.tell_hosts(|| ServerMessage::Knock {
            person: person.clone(),
        }));
        self.knocks.push(entry);
        deliveries
    }

    /// Lets somebody wait no longer; the hosts hear of it.
    pub(super) fn unknock<P>(&mut self, peer: &PeerId) -> Option<(Entry, Vec<Delivery<P>>)> {
        let index = self.knocks.iter().position(|entry| entry.peer == *peer)?;
        let entry = self.knocks.remove(index);
        let deliveries = self.tell_hosts(|| ServerMessage::Unknock { peer: peer.clone() });
        Some((entry, deliveries))
    }

    /// Those who wait and would be let in by themselves if they came now.
    pub(super) fn no_longer_held(&self) -> Vec<PeerId> {
        let free = |entry: &&Entry| self.charter.gate(&entry.papers) == Ok(Gate::Open);
        let free = self.knocks.iter().filter(free);
        free.map(|entry| entry.peer.clone()).collect()
    }

    pub(super) fn set_rules<P>(
        &mut self,
        locked: Option<bool>,
        waiting: Option<bool>,
        password: Option<Option<String>>,
    ) -> Vec<Delivery<P>> {
        let charter = &mut self.charter;
        charter.changed();
        charter.locked = locked.unwrap_or(charter.locked);
        charter.waiting = waiting.unwrap_or(charter.waiting);
        charter.password = password.unwrap_or_else(|| charter.password.take());
        self.tell_rules()
    }

    /// Gives everybody the role that they have by their papers now. All are told of each that is another one. Somebody may
    /// be told a secret with theirs.
    pub(super) fn assign<P>(
        &mut self,
        role_of: impl Fn(&PeerId) -> Role,
        secret: Option<(&PeerId, &Secret)>,
    ) -> Vec<Delivery<P>> {
        let mut deliveries = Vec::new();
        for index in 0..self.people.len() {
            let peer = &self.people[index].id;
            let role = role_of(peer);
            let secret = secret.filter(|(whose, _)| *whose == peer);
            deliveries.extend(self.set_role(index, role, secret.map(|(_, secret)| secret)));
        }
        deliveries
    }

    /// Tells those who wait whether somebody could let them in, if that is another than they were told.
    pub(super) fn attend<P>(&mut self, present: impl Fn(&PeerId) -> bool) -> Vec<Delivery<P>> {
        let attended = self
            .people
            .iter()
            .any(|person| person.role == Role::Host && present(&person.id));
        if attended == self.attended {
            return Vec::new();
        }
        self.attended = attended;
        let tell = |entry: &Entry| Delivery {
            to: entry.peer.clone(),
            message: ServerMessage::Waiting { attended },
        };
        self.knocks.iter().map(tell).collect()
    }

    /// Gives a role. Everybody is told if it is another one, and who bears it if there is a secret to it; who becomes a
    /// host learns who waits.
    fn set_role<P>(&mut self, index: usize, role: Role, secret: Option<&Secret>) -> Vec<Delivery<P>> {
        let Some(person) = self.people.get_mut(index) else {
            return Vec::new();
        };
        let changed = std::mem::replace(&mut person.role, role) != role;
        let peer = person.id.clone();
        let told = |person: &Person| changed || (secret.is_some() && person.id == peer);
        let told = self.people.iter().filter(|person| told(person));
        let mut deliveries: Vec<_> = told
            .map(|person| Delivery {
                to: person.id.clone(),
                message: ServerMessage::Role {
                    peer: peer.clone(),
                    role,
                    host: secret.filter(|_| person.id == peer).cloned(),
                },
            })
            .collect();
        if changed && role == Role::Host {
            deliveries.extend(self.knocks.iter().map(|entry| Delivery {
                to: peer.clone(),
                message: ServerMessage::Knock {
                    person: stranger(entry),
                },
            }));
        }
        deliveries
    }

    fn tell_rules<P>(&self) -> Vec<Delivery<P>> {
        let rules = self.charter.rules();
        self.tell_all(|| ServerMessage::Rules(rules))
    }

    fn tell_all<P>(&self, message: impl Fn() -> ServerMessage<P>) -> Vec<Delivery<P>> {
        self.tell(|_| true, message)
    }

    fn tell_hosts<P>(&self, message: impl Fn() -> ServerMessage<P>) -> Vec<Delivery<P>> {
        self.tell(|person| person.role == Role::Host, message)
    }

    fn tell<P>(
        &self,
        whom: impl Fn(&Person) -> bool,
        message: impl Fn() -> ServerMessage<P>,
    ) -> Vec<Delivery<P>> {
        let told = self.people.iter().filter(|person| whom(person));
        told.map(|person| Delivery {
            to: person.id.clone(),
            message: message(),
        })
        .collect()
    }
}

/// Somebody who waits, as hosts see them.
fn stranger(entry: &Entry) -> Person {
    Person {
        id: entry.peer.clone(),
        name: entry.name.clone(),
        role: Role::Guest,
    }
}
