//! People in one call, and what none of them may notice.

use std::time::Duration;

use futures_util::future::try_join_all;
use maju_e2e::{
    Entry, Failure, Lab, Look, Moment, Nat, Outcome, Person, Place, Server, Stage, Turn, Watch, holds, until,
};
use tokio::sync::MutexGuard;

/// How long healing may take before it counts as no healing at all. Far above the targets, which are measured.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const LOOKS: [(&str, Look); 4] = [
    ("Ana", Look::RED),
    ("Bo", Look::GREEN),
    ("Cy", Look::BLUE),
    ("Di", Look::YELLOW),
];

/// Somebody of the four, who comes to the room with the name filled in, watched.
pub(crate) fn entry(name: &str) -> Entry {
    let look = LOOKS
        .iter()
        .find(|(of, _)| *of == name)
        .map_or(Look::RED, |(_, look)| *look);
    Entry::new(name, "faults")
        .look(look)
        .query("name", name)
        .watched()
}

/// Lets them enter one after the other, and waits until all see each other.
pub(crate) async fn gather<const N: usize>(entries: [(Entry, &str); N]) -> Outcome<[Person; N]> {
    let mut people = Vec::new();
    for (entry, base) in &entries {
        people.push(Person::enter(entry, *base).await?);
    }
    let people: [Person; N] = people
        .try_into()
        .map_err(|_| Failure::new("others came than were asked"))?;
    all_see_all(&people.each_ref()).await?;
    Ok(people)
}

/// Waits until each sees each other's picture move.
pub(crate) async fn all_see_all(people: &[&Person]) -> Outcome {
    let pairs = people
        .iter()
        .flat_map(|one| people.iter().map(move |other| (one, other)));
    let others = pairs.filter(|(one, other)| one.name != other.name);
    try_join_all(others.map(|(one, other)| one.sees_moving(&other.name)))
        .await
        .map(drop)
}

/// People behind routers, or outside, in a call.
pub(crate) struct Scene<const N: usize> {
    /// In the order in which they were asked.
    pub(crate) people: [Person; N],
    /// The STUN and TURN server.
    pub(crate) turn: Turn,
    _server: Server,
    /// After all that lives inside.
    pub(crate) lab: Lab,
    _turn: MutexGuard<'static, ()>,
}

impl<const N: usize> Scene<N> {
    /// Lets them meet, or says on standard error what is skipped. `offered` is what the server names to clients:
    /// `stun`, or TURN over `udp` or `tcp`.
    pub(crate) async fn build(
        what: &str,
        [one, two]: [Nat; 2],
        offered: &[&str],
        people: [(Place, Entry); N],
    ) -> Outcome<Option<Self>> {
        let own_turn = Stage::turn().await;
        let Some(lab) = Lab::build(what, one, two).await? else {
            return Ok(None);
        };
        let turn = lab.turn().await?;
        let flags: Vec<String> = offered
            .iter()
            .map(|transport| match *transport {
                "stun" => turn.stun_flag(),
                transport => turn.turn_flag(transport),
            })
            .collect();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let server = lab.server(&flags).await?;
        let base = server.address.to_string();
        let entries = people.map(|(place, entry)| (lab.at(place, entry), base.as_str()));
        Ok(Some(Self {
            people: gather(entries).await?,
            turn,
            _server: server,
            lab,
            _turn: own_turn,
        }))
    }
}

/// The latest of the moments at which a picture moved again after `since`, over all pairs that `who` is part of.
pub(crate) async fn moves_again(who: &Person, others: &[&Person], since: Moment) -> Outcome<Moment> {
    let both = others.iter().flat_map(|other| {
        [
            other.sees_move_after(&who.name, since, PATIENCE),
            who.sees_move_after(&other.name, since, PATIENCE),
        ]
    });
    let moments = try_join_all(both).await?;
    moments
        .into_iter()
        .max()
        .ok_or_else(|| Failure::new("nobody else is there"))
}

/// Waits until nobody's tile says anything but that it is connected, so that the next fault meets a sound call.
pub(crate) async fn settles(people: &[&Person]) -> Outcome {
    for person in people {
        for other in people.iter().filter(|other| other.name != person.name) {
            let what = format!("{} sees {} connected", person.name, other.name);
            until(what, async || {
                Ok(holds(person.see(&other.name).await?.state, |state| {
                    state == "connected"
                }))
            })
            .await?;
        }
    }
    Ok(())
}

/// What everybody noticed since a moment, after a look that nobody's tile went or came anew or showed another state
/// than these, that nobody got an alert, and no more than one notice at a time.
pub(crate) async fn unharmed(people: &[&Person], since: Moment, states: &[&str]) -> Outcome<Vec<Watch>> {
    let mut all = Vec::new();
    for person in people {
        let watch = person.noticed(since).await?;
        for other in people.iter().filter(|other| other.name != person.name) {
            tile_stayed(person, &watch, &other.name, since, states);
        }
        for notice in &watch.notices {
            assert!(!notice.alert, "{} was alerted: {notice:?}", person.name);
            let together = watch.notices.iter().filter(|other| {
                other.from <= notice.from && other.until.is_none_or(|until| until > notice.from)
            });
            assert_eq!(together.count(), 1, "{} got {:?}", person.name, watch.notices);
        }
        all.push(watch);
    }
    Ok(all)
}

/// Asserts that one tile was there all the time since a moment, and showed no other states than these.
pub(crate) fn tile_stayed(person: &Person, watch: &Watch, other: &str, since: Moment, states: &[&str]) {
    let tiles: Vec<_> = watch.of(other).collect();
    assert_eq!(
        tiles.len(),
        1,
        "{} saw these tiles of {other}: {tiles:?}",
        person.name
    );
    for tile in tiles {
        assert!(tile.from <= since, "{} saw {other} come anew", person.name);
        assert_eq!(tile.until, None, "{} saw {other} go", person.name);
        let seen = tile.states_between(since, watch.now);
        assert!(
            seen.iter().all(|state| states.contains(state)),
            "{} saw {other} in other states than {states:?}: {seen:?}",
            person.name
        );
    }
}

/// The id on the person's own tile.
pub(crate) async fn own_id(person: &Person) -> Outcome<String> {
    Ok(person.see(&person.name).await?.peer)
}
