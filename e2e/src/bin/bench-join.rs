//! Measures how quickly people meet, in Maju and in a plain-JavaScript page of the tutorials' kind, in the same
//! run and with the same browser, in turn. It prints a table and asserts nothing.
//!
//! `bench-join [--rounds N] [--seconds N]`: how many rounds (10), and how long the main thread is watched (5 s).

use std::{
    env,
    fmt::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use maju_e2e::{Devices, Entry, Failure, Look, MainThread, Outcome, Person, PlainPage, Server, holds, until};
use serde::Deserialize;
use tokio::{time::sleep, try_join};

const PROBE: &str = include_str!("../../bench/probe.js");

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bench-join: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<String> {
    let (rounds, seconds) = arguments()?;
    let maju = Server::start(&[]).await?;
    let plain = PlainPage::start().await?;
    let (mut plain_times, mut maju_times) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        plain_times.push(
            plain_round(&plain, round, seconds)
                .await
                .map_err(|failure| failure.at("plain"))?,
        );
        maju_times.push(
            maju_round(&maju, round, seconds)
                .await
                .map_err(|failure| failure.at("Maju"))?,
        );
    }
    Ok(table(&plain_times, &maju_times))
}

/// What one round measured.
#[derive(Debug)]
struct Round {
    usable: f64,
    frame_at_newcomer: f64,
    frame_at_other: f64,
    main_thread: f64,
    elements: f64,
    kilobytes: f64,
}

async fn plain_round(page: &PlainPage, round: u32, seconds: u32) -> Outcome<Round> {
    let mut people = Vec::new();
    for (name, look) in [("Ana", Look::RED), ("Bo", Look::GREEN)] {
        let person = open(&entry(name, look, round), page.address()).await?;
        person
            .browser
            .fill("Room name", &format!("bench {round}"))
            .await?;
        person.browser.fill("Your name", name).await?;
        if name == "Ana" {
            press(&person).await?;
            playing(&person, "video#myFace").await?;
        }
        people.push(person);
    }
    measure(&people, seconds).await
}

async fn maju_round(server: &Server, round: u32, seconds: u32) -> Outcome<Round> {
    let mut people = Vec::new();
    for (name, look) in [("Ana", Look::RED), ("Bo", Look::GREEN)] {
        let entry = entry(name, look, round);
        let address = entry.address(server.address.as_str())?;
        let person = open(&entry, &address).await?;
        // In the lobby the camera is on already: people look at themselves before they join.
        playing(&person, "video").await?;
        if name == "Ana" {
            press(&person).await?;
            person.is_in_call().await?;
        }
        people.push(person);
    }
    measure(&people, seconds).await
}

fn entry(name: &str, look: Look, round: u32) -> Entry {
    Entry::bare(name, &format!("bench {round}"))
        .devices(Devices::Look(look))
        .query("name", name)
        .script(PROBE)
}

async fn open(entry: &Entry, address: &str) -> Outcome<Person> {
    let person = Person::open_at(entry, address).await?;
    until("the page can be used", async || {
        Ok(holds(times(&person).await?, |times| times.usable.is_some()))
    })
    .await?;
    Ok(person)
}

async fn press(person: &Person) -> Outcome {
    person.browser.eval("__bench.press()").await
}

async fn playing(person: &Person, video: &str) -> Outcome {
    let script = format!(
        "(() => {{ const video = document.querySelector('{video}'); return !!video?.videoWidth && !video.paused }})()"
    );
    until("the own picture plays", async || {
        Ok(holds(person.browser.eval(&script).await?, |plays: &bool| *plays))
    })
    .await
    .map(drop)
}

/// The first of the two is in the room alone; the second has only to press Join.
async fn measure(people: &[Person], seconds: u32) -> Outcome<Round> {
    let [other, newcomer] = people else {
        return Err(Failure::new("not two people"));
    };
    let usable = times(newcomer)
        .await?
        .usable
        .ok_or_else(|| Failure::new("not usable"))?;
    let kilobytes = newcomer.browser.eval::<f64>("__bench.bytes()").await? / 1000.0;
    press(newcomer).await?;
    let arrived = async |person: &Person| {
        until(format!("a frame at {}", person.name), async || {
            let times = times(person).await?;
            Ok(times.frame.ok_or_else(|| format!("{times:?}")))
        })
        .await
    };
    let at_newcomer = arrived(newcomer).await?;
    let at_other = arrived(other).await?;
    let pressed = times(newcomer)
        .await?
        .pressed
        .ok_or_else(|| Failure::new("not pressed"))?;

    try_join!(MainThread::of(&newcomer.browser), MainThread::of(&other.browser))?;
    // The connection has come up to its full rate by then, and what setting it up cost is over.
    sleep(Duration::from_secs(2)).await;
    let before = try_join!(MainThread::of(&newcomer.browser), MainThread::of(&other.browser))?;
    sleep(Duration::from_secs(seconds.into())).await;
    let after = try_join!(MainThread::of(&newcomer.browser), MainThread::of(&other.browser))?;
    Ok(Round {
        usable,
        frame_at_newcomer: at_newcomer - pressed,
        frame_at_other: at_other - pressed,
        main_thread: f64::midpoint(after.0.since(before.0), after.1.since(before.1)),
        elements: newcomer.browser.eval("__bench.elements()").await?,
        kilobytes,
    })
}

/// Times in ms: usable since the start of the navigation, the others on the clock that pages share.
#[derive(Debug, Deserialize)]
struct Times {
    usable: Option<f64>,
    pressed: Option<f64>,
    frame: Option<f64>,
}

async fn times(person: &Person) -> Outcome<Times> {
    person.browser.eval("__bench.times").await
}

/// One line of the table: what it is, how to take it from a round, and what Maju aims at, given the plain page's
/// median.
type Row = (&'static str, fn(&Round) -> f64, fn(f64) -> String);

const ROWS: [Row; 6] = [
    ("page usable, ms", |round| round.usable, |_| "200".to_owned()),
    (
        "Join to frame, newcomer, ms",
        |round| round.frame_at_newcomer,
        share_of,
    ),
    (
        "Join to frame, the other, ms",
        |round| round.frame_at_other,
        share_of,
    ),
    (
        "main thread in a call, ms/s",
        |round| round.main_thread,
        |_| "10".to_owned(),
    ),
    ("elements in a call", |round| round.elements, |_| String::new()),
    (
        "transferred cold, kB",
        |round| round.kilobytes,
        |_| "300".to_owned(),
    ),
];

fn share_of(plain: f64) -> String {
    format!("{:.1}", plain * 0.7)
}

fn table(plain: &[Round], maju: &[Round]) -> String {
    let mut text = format!(
        "{:<30}{:>28}{:>28}{:>8}{:>10}\n",
        "median (least to most)", "plain JavaScript", "Maju", "ratio", "aim"
    );
    for (what, take, aim) in ROWS {
        let (plain, maju) = (
            Spread::of(plain.iter().map(take)),
            Spread::of(maju.iter().map(take)),
        );
        let ratio = maju.median / plain.median;
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{what:<30}{:>28}{:>28}{ratio:>8.2}{:>10}",
            plain.to_string(),
            maju.to_string(),
            aim(plain.median)
        );
    }
    text
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Self {
            least: at(0),
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            most: at(last),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ({:.1} to {:.1})", self.median, self.least, self.most)
    }
}

fn arguments() -> Outcome<(u32, u32)> {
    let (mut rounds, mut seconds) = (10, 5);
    let mut given = env::args().skip(1);
    while let Some(flag) = given.next() {
        let value = given
            .next()
            .and_then(|value| value.parse().ok())
            .filter(|value| *value > 0);
        let place = match flag.as_str() {
            "--rounds" => &mut rounds,
            "--seconds" => &mut seconds,
            _ => return Err(Failure::new("usage: bench-join [--rounds N] [--seconds N]")),
        };
        *place = value.ok_or_else(|| Failure::new(format!("{flag} wants a number above 0")))?;
    }
    Ok((rounds, seconds))
}
