//! Who may come in: names, tokens, passwords, and how often somebody may try. What it lets through, the rooms decide on.

use std::{net::IpAddr, sync::Arc, time::Duration};

use maju_protocol::{ErrorCode, Join, MAX_PASSWORD_CHARS, NewRules, PeerId, Secret};
use tracing::{debug, error};

use crate::{
    auth::{Auth, Denied},
    config::Config,
    end::End,
    hub::Hub,
    id::{new_id, random},
    incoming::{Refused, Trouble},
    meters::Meters,
    names::{person_name, room_name},
    pace::Pace,
    passwords::Passwords,
    rooms::{Entry, Founding, HostAct, Marks},
    token::{Identity, Marked, Ticket, Tokens},
};

/// The address that counts as one source: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 4291, section
/// 2.5.1), all of which one machine may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source(IpAddr);

impl Source {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(network.into())
            }
            address => address,
        })
    }
}

/// Looks at everybody who wants to come in.
pub(crate) struct Door {
    tokens: Arc<Tokens>,
    auth: Auth,
    passwords: Passwords,
    pace: Pace,
    meters: Arc<Meters>,
    /// How long the server has been there is told by this.
    opened: std::time::Instant,
}

/// How long after its start the server expects people of an earlier one to come back.
const EARLY: Duration = Duration::from_secs(30);

impl Door {
    pub(crate) fn new(config: &Config, tokens: Arc<Tokens>, meters: Arc<Meters>) -> Self {
        Self {
            passwords: Passwords::new(tokens.pepper()),
            tokens,
            auth: config.auth.clone(),
            pace: Pace::new(config),
            meters,
            opened: std::time::Instant::now(),
        }
    }

    /// What the rooms are to be asked, and who the newcomer is in the operator's own system.
    pub(crate) async fn look_at(
        &self,
        join: Join,
        source: &Source,
        hub: &Hub,
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
            }
            ticket
        });
        if ticket.is_none() {
            self.pace.join(source)?;
        }
        let (identity, name) = match &ticket {
            // Whoever was let in once is not asked again while the token holds.
            Some(Ticket {
                identity: Some(identity),
                ..
            }) => (Some(identity.clone()), name),
            _ => match self.auth.check(token.as_ref(), &room.key)? {
                Some(admission) => {
                    let subject = admission
                        .subject
                        .map(|subject| self.tokens.mark(Marked::Subject, &subject));
                    let role = admission.role;
                    (Some(Identity { role, subject }), admission.name.unwrap_or(name))
                }
                None => (None, name),
            },
        };
        let name = person_name(&name)
            .map_err(|reason| Refused::new(ErrorCode::BadName, format!("The person's name {reason}.")))?;
        let password = match (hub.password(&room.key), password) {
            (Some(hash), Some(password)) => {
                self.pace.guess(&room.key, source)?;
                if !self.passwords.fits(&password, &hash).await {
                    debug!("a wrong password");
                    return Err(
                        Refused::new(ErrorCode::WrongPassword, "That is not the room's password.").into(),
                    );
                }
                Some(hash)
            }
            _ => None,
        };
        let (peer, resumed) = match ticket {
            Some(ticket) => (ticket.peer, Some(ticket.charter)),
            None => (new_id().map_err(no_randomness)?, None),
        };
        let mark = |what, text: &str| self.tokens.mark(what, text);
        let mut person = vec![mark(Marked::Person, peer.as_str())];
        person.extend(identity.as_ref().and_then(|identity| identity.subject.clone()));
        let secret = Secret::new(random().map_err(no_randomness)?);
        let entry = Entry {
            room,
            name,
            resumed,
            role: identity.as_ref().map(|identity| identity.role),
            host: host.map(|secret| mark(Marked::HostSecret, secret.reveal())),
            password,
            marks: Marks {
                person,
                address: mark(Marked::Address, &source.0.to_string()),
            },
            founding: Founding {
                life: random().map_err(no_randomness)?,
                mark: mark(Marked::HostSecret, secret.reveal()),
                secret,
                early: self.opened.elapsed() < EARLY,
            },
            peer,
        };
        Ok((entry, identity))
    }

    /// The rules as the rooms keep them.
    pub(crate) async fn new_rules(&self, rules: NewRules) -> Result<HostAct, Trouble> {
        let password = match rules.password {
            None => None,
            Some(password) if password.reveal().is_empty() => Some(None),
            Some(password) if password.reveal().chars().count() > MAX_PASSWORD_CHARS => {
                let text = format!("A password has at most {MAX_PASSWORD_CHARS} characters.");
                return Err(Refused::new(ErrorCode::BadPassword, text).into());
            }
            Some(password) => {
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

fn no_randomness(error: getrandom::Error) -> Trouble {
    error!(%error, "the system has no randomness");
    Trouble::End(End::Failed)
}

impl From<Denied> for Trouble {
    fn from(denied: Denied) -> Self {
        Refused::new(denied.code, denied.text).into()
    }
}
