//! Who may come in: names, tokens, passwords, and how often somebody may try. What it lets through, the rooms decide on.

pub(crate) mod auth;
pub(crate) mod names;
pub(crate) mod pace;
pub(crate) mod passwords;
pub(crate) mod token;

use std::{sync::Arc, time::Duration};

use maju_protocol::{ErrorCode, IceServer, Join, MAX_PASSWORD_CHARS, NewRules, PeerId, Secret};
use tokio::time::Instant;
use tracing::{debug, error};

use crate::{
    clock::since_1970,
    config::Config,
    door::{
        auth::{Auth, Denied},
        names::{person_name, room_name},
        pace::Pace,
        passwords::Passwords,
        token::{Identity, Marked, Signer, Ticket, Tokens},
    },
    id::{new_id, random},
    rooms::{Entry, Founding, HostAct, Marks, Papers, Resumed, RoomName},
    signal::{
        end::End,
        ice::Ice,
        incoming::{Refused, Trouble},
    },
    source::Source,
    watch::meters::Meters,
};

/// Looks at everybody who wants to come in.
pub(crate) struct Door {
    tokens: Arc<Tokens>,
    auth: Auth,
    passwords: Passwords,
    pace: Pace,
    ice: Ice,
    meters: Arc<Meters>,
    /// When the server started.
    opened: Instant,
}

/// How long after its start the server takes it from people of an earlier one what their rooms were.
const EARLY: Duration = Duration::from_secs(30);

impl Door {
    pub(crate) fn new(config: &Config, tokens: Arc<Tokens>, meters: Arc<Meters>) -> Self {
        Self {
            passwords: Passwords::new(tokens.pepper()),
            tokens,
            auth: config.auth.clone(),
            pace: Pace::new(config),
            ice: config.ice.clone(),
            meters,
            opened: Instant::now(),
        }
    }

    /// What the rooms are to be asked, and who the newcomer is in the operator's own system. `password_of` says what theirs is
    /// to be checked against, if anything.
    pub(crate) async fn look_at(
        &self,
        join: Join,
        source: &Source,
        password_of: impl FnOnce(&Entry) -> Option<String>,
    ) -> Result<(Entry, Option<Identity>), Trouble> {
        let Join {
            room,
            name,
            resume,
            host,
            password,
            token,
        } = join;
        let room = room_name(&room)
            .map_err(|reason| Refused::new(ErrorCode::BadRoom, format!("The room's name {reason}.")))?;
        let ticket = resume.and_then(|token| {
            let ticket = self.tokens.read(&token, &room.key);
            if ticket.is_none() {
                self.meters.token_void();
                debug!("a token for a seat does not hold");
            }
            ticket
        });
        if ticket.is_some() {
            self.pace.come_back(source)?;
        } else {
            self.pace.join(source)?;
        }
        let identity = match &ticket {
            // Whoever was let in is not asked again for a while.
            Some((ticket, _))
                if ticket
                    .identity
                    .as_ref()
                    .is_some_and(|identity| since_1970().as_secs() < identity.until) =>
            {
                ticket.identity.clone()
            }
            _ => self
                .auth
                .check(token.as_ref(), Some(&room.key))?
                .map(|admission| {
                    let subject = admission.subject;
                    Identity {
                        role: admission.role,
                        name: admission.name,
                        until: (since_1970() + self.tokens.validity()).as_secs(),
                        subject: subject.map(|subject| self.tokens.mark(Marked::Subject, &subject)),
                    }
                }),
        };
        // What the operator's system calls somebody is not theirs to change, now or when they come back.
        let given = identity.as_ref().and_then(|identity| identity.name.as_deref());
        // Whoever takes a seat again is called as before.
        let before = ticket.as_ref().and_then(|(ticket, _)| ticket.name.as_deref());
        let name = given.or(before).unwrap_or(&name);
        let name = called(name)?;
        let (peer, resumed) = match ticket {
            Some((Ticket { peer, charter, .. }, signer)) => {
                let restoring = signer == Signer::Other && self.opened.elapsed() < EARLY;
                (peer, Some(Resumed { charter, restoring }))
            }
            None => (new_id().map_err(no_randomness)?, None),
        };
        let mut entry = self.entry(peer, room, name, resumed, identity.as_ref(), source)?;
        entry.papers.host = host.map(|secret| self.tokens.mark(Marked::HostSecret, secret.reveal()));
        if let (Some(password), Some(hash)) = (password, password_of(&entry)) {
            self.pace.guess(&entry.room.key, source)?;
            if !self.passwords.fits(&password, &hash).await {
                debug!("a wrong password");
                return Err(
                    Refused::new(ErrorCode::WrongPassword, "That is not the room's password.").into(),
                );
            }
            self.pace.guessed(&entry.room.key, source);
            entry.papers.password = Some(hash);
        }
        Ok((entry, identity))
    }

    /// The STUN and TURN servers for somebody who would be let into a room, and only wants to try them. It counts as coming.
    pub(crate) fn ice_servers(
        &self,
        token: Option<&Secret>,
        source: &Source,
    ) -> Result<Vec<IceServer>, Trouble> {
        self.pace.join(source)?;
        self.auth.check(token, None)?;
        Ok(self.ice.servers(&new_id().map_err(no_randomness)?))
    }

    fn entry(
        &self,
        peer: PeerId,
        room: RoomName,
        name: String,
        resumed: Option<Resumed>,
        identity: Option<&Identity>,
        source: &Source,
    ) -> Result<Entry, Trouble> {
        let mut person = vec![self.tokens.mark(Marked::Person, peer.as_str())];
        person.extend(identity.and_then(|identity| identity.subject.clone()));
        let secret = Secret::new(random().map_err(no_randomness)?);
        Ok(Entry {
            peer,
            room,
            name,
            resumed,
            papers: Papers {
                role: identity.map(|identity| identity.role),
                host: None,
                password: None,
                marks: Marks {
                    person,
                    address: self.tokens.mark(Marked::Address, &source.to_string()),
                },
            },
            founding: Founding {
                life: random().map_err(no_randomness)?,
                begun: since_1970().as_secs(),
                mark: self.tokens.mark(Marked::HostSecret, secret.reveal()),
                secret,
            },
        })
    }

    /// The rules as the rooms keep them.
    pub(crate) async fn new_rules(&self, rules: NewRules, source: &Source) -> Result<HostAct, Trouble> {
        let password = match rules.password {
            None => None,
            Some(password) if password.reveal().is_empty() => Some(None),
            Some(password) if password.reveal().chars().count() > MAX_PASSWORD_CHARS => {
                let text = format!("A password has at most {MAX_PASSWORD_CHARS} characters.");
                return Err(Refused::new(ErrorCode::BadPassword, text).into());
            }
            Some(password) => {
                self.pace.set_password(source)?;
                let hash = self.passwords.hash(&password).await;
                Some(Some(hash.ok_or(Trouble::End(End::Failed))?))
            }
        };
        Ok(HostAct::Rules {
            locked: rules.locked,
            waiting: rules.waiting,
            password,
        })
    }

    /// Handing the role of the host over to somebody, with a secret that nobody else has.
    pub(crate) fn handing_over(&self, peer: &PeerId) -> Result<HostAct, Trouble> {
        let secret = Secret::new(random().map_err(no_randomness)?);
        let mark = self.tokens.mark(Marked::HostSecret, secret.reveal());
        Ok(HostAct::HandOver(peer.clone(), secret, mark))
    }
}

/// A person's name in the form that is kept.
pub(crate) fn called(name: &str) -> Result<String, Refused> {
    person_name(name)
        .map_err(|reason| Refused::new(ErrorCode::BadName, format!("The person's name {reason}.")))
}

fn no_randomness(error: getrandom::Error) -> Trouble {
    error!(%error, "the system has no randomness");
    Trouble::End(End::Failed)
}

impl From<Denied> for Trouble {
    fn from(denied: Denied) -> Self {
        Refused::new(denied.code, denied.text).into()
    }
}

#[cfg(test)]
mod tests;
