//! What depends on how much time has passed.

use maju_protocol::{LeaveReason, Role, ServerMessage, Welcome};
use tokio::time::advance;

use super::*;
use crate::{
    door::token::ResumeKey,
    rooms::Refusal,
    signal::{
        hub::{Hub, LINGER, Seat},
        outbox::{Inbox, Outbox},
    },
    watch::lines::Lines,
};

const SECOND: Duration = Duration::from_secs(1);

/// A server without sockets.
struct Server {
    door: Door,
    hub: Hub,
}

/// Somebody in a room, and what they were told when they came.
struct Guest {
    seat: Seat,
    welcome: Welcome,
    inbox: Inbox,
}

impl Server {
    /// One of several that know each other's tokens.
    fn start() -> Self {
        let config = Config::default();
        let key = ResumeKey::parse(&"07".repeat(32)).unwrap();
        let tokens = Arc::new(Tokens::new(key, config.resume_for));
        let meters = Arc::new(Meters::new());
        let lines = Arc::new(Lines::new(meters.clone()));
        Self {
            door: Door::new(&config, tokens.clone(), meters.clone()),
            hub: Hub::new(&config, tokens, meters, lines),
        }
    }

    async fn join(&self, join: Join) -> Result<Guest, Refusal> {
        let source = source("192.0.2.7");
        let Ok((entry, identity)) = self
            .door
            .look_at(join, &source, |entry| self.hub.password(entry))
            .await
        else {
            panic!("turned away at the door");
        };
        let (outbox, mut inbox) = Outbox::new(64, 1 << 20);
        let (seat, _) = self.hub.join(entry, identity, outbox, source)?;
        let Some(ServerMessage::Welcome(welcome)) = inbox.recv().await.map(|queued| queued.message) else {
            panic!("not welcomed");
        };
        Ok(Guest { seat, welcome, inbox })
    }

    async fn lock(&self, host: &mut Guest) {
        let rules = NewRules {
            locked: Some(true),
            ..NewRules::default()
        };
        let Ok(act) = self.door.new_rules(rules, &source("192.0.2.7")).await else {
            panic!("no rules");
        };
        self.hub.host(&host.seat, act).unwrap();
        loop {
            let message = host.inbox.recv().await.map(|queued| queued.message);
            if let Some(ServerMessage::Beat { resume: Some(token) }) = message {
                host.welcome.resume = Some(token);
                return;
            }
        }
    }
}

fn named(name: &str) -> Join {
    Join {
        room: "den".into(),
        name: name.into(),
        ..Join::default()
    }
}

fn source(address: &str) -> Source {
    Source::of(address.parse().unwrap())
}

#[test]
fn what_one_machine_may_use_is_one_source() {
    assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:0:1"));
    assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
    assert_ne!(source("192.0.2.7"), source("192.0.2.8"));
    assert_eq!(source("::ffff:192.0.2.7"), source("192.0.2.7"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_room_that_keeps_people_out_is_forgotten_after_a_while() {
    let server = Server::start();
    let mut ana = server.join(named("Ana")).await.unwrap();
    server.lock(&mut ana).await;
    for reason in [LeaveReason::Left, LeaveReason::Lost] {
        server.hub.leave(&ana.seat, reason);
        advance(LINGER - SECOND).await;
        assert_eq!(server.join(named("Ben")).await.err(), Some(Refusal::Locked));
        // Whoever comes back in time has all the time again.
        let back = Join {
            host: ana.welcome.host.clone(),
            ..named("Ana")
        };
        let secret = ana.welcome.host.clone();
        ana = server.join(back).await.unwrap();
        assert_eq!(ana.welcome.role, Role::Host);
        ana.welcome.host = secret;
    }
    server.hub.leave(&ana.seat, LeaveReason::Left);
    advance(LINGER + SECOND).await;
    let ben = server.join(named("Ben")).await.unwrap();
    assert_eq!(ben.welcome.role, Role::Host);
}

#[tokio::test(start_paused = true)]
async fn a_room_whose_last_person_was_lost_is_their_hosts_for_a_while() {
    for (wait, role) in [(LINGER - SECOND, Role::Guest), (LINGER + SECOND, Role::Host)] {
        let server = Server::start();
        let ana = server.join(named("Ana")).await.unwrap();
        server.hub.leave(&ana.seat, LeaveReason::Lost);
        advance(wait).await;
        let ben = server.join(named("Ben")).await.unwrap();
        assert_eq!(ben.welcome.role, role);
    }
}

#[tokio::test(start_paused = true)]
async fn only_right_after_its_start_a_server_takes_it_from_tokens_what_a_room_was() {
    for (wait, people) in [(EARLY - SECOND, 0), (EARLY + SECOND, 1)] {
        let before = Server::start();
        let mut ana = before.join(named("Ana")).await.unwrap();
        before.lock(&mut ana).await;
        let after = Server::start();
        let mallory = after.join(named("Mallory")).await.unwrap();
        assert_eq!(mallory.welcome.role, Role::Host);
        advance(wait).await;
        let back = Join {
            resume: ana.welcome.resume.clone(),
            host: ana.welcome.host.clone(),
            ..named("Ana")
        };
        let ana = after.join(back).await.unwrap();
        assert_eq!(ana.welcome.people.len(), people);
        assert_eq!(ana.welcome.rules.locked, people == 0);
        assert_eq!(ana.welcome.role.is_guest(), people == 1);
    }
}

#[test]
fn the_document_tells_the_times() {
    let document = include_str!("../../../docs/protocol.md").replace('\n', " ");
    for told in [
        format!("lives on for {} seconds", LINGER.as_secs()),
        format!("within {} seconds of the start", EARLY.as_secs()),
    ] {
        assert!(document.contains(&told), "{told}");
    }
}
