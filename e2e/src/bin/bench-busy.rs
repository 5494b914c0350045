//! Measures how busy a page is in a room of six: in silence, while somebody speaks, and at a press of Mute, beside a page
//! that does nothing, in the same minutes on the same machine. It prints a table and asserts nothing.
//!
//! `bench-busy [--people N] [--seconds N]`: how many people (6), and how long each state is watched (30 s).

use std::{
    env,
    fmt::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use maju_e2e::{
    Browser, Devices, Entry, Failure, Look, MainThread, Options, Outcome, Person, Server, holds, sound,
    until_within,
};
use serde::Deserialize;
use tokio::{time::sleep, try_join};

const PROBE: &str = include_str!("../../bench/busy.js");
/// How long all may take to be connected with each other.
const PATIENCE: Duration = Duration::from_secs(120);
const PRESSES: usize = 20;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bench-busy: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<String> {
    let (people, seconds) = arguments()?;
    let server = Server::start(&[]).await?;
    let idle = Browser::start(&Options {
        args: vec!["--headless=new".to_owned()],
        scripts: vec![PROBE.to_owned()],
        ..Options::default()
    })
    .await?;
    idle.goto("data:text/html,<!doctype html><title>idle</title><p>idle")
        .await?;
    let mut room = Vec::new();
    for number in 0..people {
        eprintln!("person {} of {people}", number + 1);
        room.push(enter(&server, number).await?);
    }
    let (Some(page), Some(speaker)) = (room.first(), room.get(1)) else {
        return Err(Failure::new("nobody is there"));
    };
    until_within(PATIENCE, "all are connected", async || {
        let mut connected = Vec::new();
        for person in &room {
            connected.push(person.browser.eval::<usize>("__busy.connected()").await?);
        }
        Ok(holds(connected, |all| all.iter().all(|one| *one == people)))
    })
    .await?;
    sleep(Duration::from_secs(5)).await;

    eprintln!("silence");
    let silent = watch(&page.browser, &idle, seconds).await?;
    eprintln!("somebody speaks");
    press(&speaker.browser, "Unmute").await?;
    until_within(PATIENCE, "the speaker is seen", async || {
        let speaking = page.browser.eval::<usize>("__busy.speaking()").await?;
        Ok(holds(speaking, |speaking| *speaking == 1))
    })
    .await?;
    let spoken = watch(&page.browser, &idle, seconds).await?;
    eprintln!("presses");
    take(&page.browser).await?;
    for _ in 0..PRESSES / 2 {
        for button in ["Unmute", "Mute"] {
            press(&page.browser, button).await?;
            sleep(Duration::from_millis(700)).await;
        }
    }
    let pressed = take(&page.browser).await?;
    Ok(table(&silent, &spoken, &pressed))
}

/// Somebody in the room, muted. The second one has something to say.
async fn enter(server: &Server, number: usize) -> Outcome<Person> {
    let file = if number == 1 {
        // Three syllables and a pause.
        sound("speech", 1, |second| {
            let loud = second < 0.7 && second % 0.25 < 0.2;
            let tone = second * 220.0 * std::f64::consts::TAU;
            if loud { tone.sin() * 0.4 } else { 0.0 }
        })?
    } else {
        sound("silence", 1, |_| 0.0)?
    };
    let looks = [Look::RED, Look::GREEN, Look::BLUE, Look::YELLOW];
    let look = looks[number % looks.len()];
    let name = format!("Person {}", number + 1);
    let entry = Entry::bare(&name, "busy")
        .devices(Devices::Sound(look, file))
        .query("name", &name)
        .query("mic", "off")
        .query("join", "")
        .flag("--autoplay-policy=no-user-gesture-required")
        .script(PROBE);
    let address = entry.address(server.address.as_str())?;
    Person::open_at(&entry, &address).await
}

/// What a page's probe saw since it was asked before.
#[derive(Debug, Deserialize)]
struct Taken {
    longs: Vec<f64>,
    mutations: usize,
    /// From the press to the changed button, and to the frame that shows it, in ms.
    presses: Vec<(f64, f64)>,
}

async fn take(browser: &Browser) -> Outcome<Taken> {
    browser.eval("__busy.take()").await
}

/// A page and the idle one in the same time.
struct Watched {
    page: Part,
    idle: Part,
}

struct Part {
    /// Tasks over 50 ms in a minute.
    longs: f64,
    longest: f64,
    mutations: f64,
    worked: f64,
    scripts: f64,
}

async fn watch(page: &Browser, idle: &Browser, seconds: u32) -> Outcome<Watched> {
    try_join!(take(page), take(idle))?;
    let before = try_join!(MainThread::of(page), MainThread::of(idle))?;
    sleep(Duration::from_secs(seconds.into())).await;
    let after = try_join!(MainThread::of(page), MainThread::of(idle))?;
    let taken = try_join!(take(page), take(idle))?;
    let part = |taken: Taken, after: MainThread, before: MainThread| Part {
        longs: taken.longs.len() as f64 * 60.0 / f64::from(seconds),
        longest: taken.longs.iter().copied().fold(0.0, f64::max),
        mutations: taken.mutations as f64 / f64::from(seconds),
        worked: after.since(before),
        scripts: after.scripts_since(before),
    };
    Ok(Watched {
        page: part(taken.0, after.0, before.0),
        idle: part(taken.1, after.1, before.1),
    })
}

/// A press of the mouse, as the system reports one.
async fn press(browser: &Browser, button: &str) -> Outcome {
    let place: Option<(f64, f64)> = browser.eval(&format!("__busy.place('{button}')")).await?;
    let place = place.ok_or_else(|| Failure::new(format!("there is no button {button}")))?;
    browser.mouse("mousePressed", place).await?;
    browser.mouse("mouseReleased", place).await
}

/// One line of the table: what it is, and how to take it.
type Row = (&'static str, fn(&Part) -> f64);

fn table(silent: &Watched, spoken: &Watched, pressed: &Taken) -> String {
    let mut text = format!(
        "{:<44}{:>12}{:>12}{:>12}\n",
        "", "silence", "one speaks", "idle page"
    );
    let rows: [Row; 5] = [
        ("tasks over 50 ms, a minute", |part| part.longs),
        ("the longest of them, ms", |part| part.longest),
        ("main thread, ms/s", |part| part.worked),
        ("scripts and WebAssembly of it, ms/s", |part| part.scripts),
        ("changes of the document, a second", |part| part.mutations),
    ];
    for (what, take) in rows {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{what:<44}{:>12.1}{:>12.1}{:>12.1}",
            take(&silent.page),
            take(&spoken.page),
            f64::midpoint(take(&silent.idle), take(&spoken.idle)),
        );
    }
    let changed = Spread::of(pressed.presses.iter().map(|(changed, _)| *changed));
    let shown = Spread::of(pressed.presses.iter().map(|(_, shown)| *shown));
    let _ = writeln!(text, "press of Mute to the changed button, ms: {changed}");
    let _ = writeln!(text, "press of Mute to the frame that shows it, ms: {shown}");
    text
}

struct Spread(Vec<f64>);

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    fn at(&self, share: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * share / 100).copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, most, count) = (self.at(50), self.at(100), self.0.len());
        write!(f, "median {median:.1}, most {most:.1}, of {count}")
    }
}

fn arguments() -> Outcome<(usize, u32)> {
    let (mut people, mut seconds) = (6, 30);
    let mut given = env::args().skip(1);
    while let Some(flag) = given.next() {
        let value = given.next().and_then(|value| value.parse::<u32>().ok());
        let value = value.filter(|value| *value > 1);
        let value = value.ok_or_else(|| Failure::new(format!("{flag} wants a number above 1")))?;
        match flag.as_str() {
            "--people" => people = value as usize,
            "--seconds" => seconds = value,
            _ => return Err(Failure::new("usage: bench-busy [--people N] [--seconds N]")),
        }
    }
    Ok((people, seconds))
}
