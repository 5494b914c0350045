//! One room: the people in it, those who wait before it, and its charter.

use maju_protocol::{LeaveReason, PeerId, Person, Role, Secret, ServerMessage, Welcome};

use super::{Charter, Delivery, Entry, Mark};

/// A room. It lives from its first person until its last one leaves, and somewhat longer where the last one may come
/// back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// The name as the first person wrote it.
    shown: String,
    pub(super) charter: Charter,
    /// Begun right after the server's start, and nobody came back with an older charter yet.
    early: bool,
    /// Longest present first, those who are away among them.
    pub(super) people: Vec<Person>,
    /// Longest waiting first.
    pub(super) knocks: Vec<Entry>,
    /// Whether those who wait were told that somebody could let them in.
    attended: bool,
}

impl Room {
    pub(super) fn new(shown: String, charter: Charter, early: bool) -> Self {
        Self {
            shown,
            charter,
            early,
            people: Vec::new(),
            knocks: Vec::new(),
            attended: false,
        }
    }

    pub(super) fn person(&self, peer: &PeerId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *peer)
    }

    /// What somebody may do here who comes with that.
    pub(super) fn role_of(&self, entry: &Entry) -> Role {
        match entry.role {
            Some(role) => role,
            None if self.charter.is_host(entry.host.as_ref()) => Role::Host,
            None => match &entry.resumed {
                // The life that goes on is that of the token.
                Some(charter) if self.is_of(charter) && charter.is_host(entry.host.as_ref()) => Role::Host,
                _ => Role::Guest,
            },
        }
    }

    /// Whether a charter is that of this room's life.
    pub(super) fn is_of(&self, charter: &Charter) -> bool {
        self.early || charter.life == self.charter.life
    }

    /// Somebody came back with a charter of this room's life: the newer one holds. Tells who has lost a role by it, and what
    /// the rules are.
    pub(super) fn take_over<P>(&mut self, charter: Charter) -> Vec<Delivery<P>> {
        let same = charter.life == self.charter.life;
        if same && charter.revision <= self.charter.revision {
            self.early = false;
            return Vec::new();
        }
        let (before, host) = (self.charter.rules(), self.charter.host.clone());
        self.early = false;
        self.charter = charter;
        let mut deliveries = Vec::new();
        if self.charter.host != host {
            for index in 0..self.people.len() {
                if self.people[index].role == Role::Host {
                    deliveries.extend(self.set_role(index, Role::Guest, None));
                }
            }
        }
        if self.charter.rules() != before {
            deliveries.extend(self.tell_rules());
        }
        deliveries
    }

    /// Seats somebody: they are welcomed, and the others hear of them.
    pub(super) fn seat<P>(&mut self, entry: &Entry, role: Role, secret: Option<Secret>) -> Vec<Delivery<P>> {
        let newcomer = Person {
            id: entry.peer.clone(),
            name: entry.name.clone(),
            role,
        };
        let others: Vec<_> = self.people.iter().map(|person| person.id.clone()).collect();
        self.people.push(newcomer.clone());
        let mut welcome = self.welcome(&newcomer.id);
        welcome.host = secret;
        let mut deliveries = vec![Delivery {
            to: newcomer.id.clone(),
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
    pub(super) fn unknock<P>(&mut self, peer: &PeerId) -> (Option<Entry>, Vec<Delivery<P>>) {
        let Some(index) = self.knocks.iter().position(|entry| entry.peer == *peer) else {
            return (None, Vec::new());
        };
        let entry = self.knocks.remove(index);
        let deliveries = self.tell_hosts(|| ServerMessage::Unknock { peer: peer.clone() });
        (Some(entry), deliveries)
    }

    /// Those who wait for a rule that is no more.
    pub(super) fn no_longer_held(&self) -> Vec<PeerId> {
        let held =
            |entry: &&Entry| self.charter.waiting || self.charter.banned.contains(&entry.marks.address);
        let free = self.knocks.iter().filter(|entry| !held(entry));
        free.map(|entry| entry.peer.clone()).collect()
    }

    pub(super) fn set_rules<P>(
        &mut self,
        locked: Option<bool>,
        waiting: Option<bool>,
        password: Option<Option<String>>,
    ) -> Vec<Delivery<P>> {
        let charter = &mut self.charter;
        charter.revision += 1;
        charter.locked = locked.unwrap_or(charter.locked);
        charter.waiting = waiting.unwrap_or(charter.waiting);
        charter.password = password.unwrap_or_else(|| charter.password.take());
        self.tell_rules()
    }

    pub(super) fn hand_over<P>(
        &mut self,
        from: &PeerId,
        to: &PeerId,
        secret: Secret,
        mark: Mark,
    ) -> Vec<Delivery<P>> {
        let index = |peer: &PeerId| self.people.iter().position(|person| person.id == *peer);
        let (Some(from), Some(to)) = (index(from), index(to)) else {
            return Vec::new();
        };
        if from == to {
            return Vec::new();
        }
        self.charter.revision += 1;
        self.charter.host = Some(mark);
        let mut deliveries = self.set_role(to, Role::Host, Some(secret));
        deliveries.extend(self.set_role(from, Role::Guest, None));
        let host = self.people[to].id.clone();
        deliveries.extend(self.knocks.iter().map(|entry| Delivery {
            to: host.clone(),
            message: ServerMessage::Knock {
                person: stranger(entry),
            },
        }));
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

    fn set_role<P>(&mut self, index: usize, role: Role, secret: Option<Secret>) -> Vec<Delivery<P>> {
        let Some(person) = self.people.get_mut(index) else {
            return Vec::new();
        };
        person.role = role;
        let peer = person.id.clone();
        let tell = |person: &Person| Delivery {
            to: person.id.clone(),
            message: ServerMessage::Role {
                peer: peer.clone(),
                role,
                host: secret.clone().filter(|_| person.id == peer),
            },
        };
        self.people.iter().map(tell).collect()
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
