//! Holds thousands of people in rooms for a while and reports whether anything was lost, how long relays took, and what
//! the server needed. It prints a table, leaves a drawing of the memory, and fails if a relay was lost.
//!
//! `bench-soak [--sockets N] [--minutes N] [--relays N] [--moves N] [--plot FILE]`: how many people (10,000), for how long
//! (30), how many relays (1000) and how many who leave and come back (20) there are each second.

mod crowd;
mod figures;
mod latencies;

use std::{env, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use maju_e2e::{Failure, Outcome, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, interval, sleep},
};

use crowd::{Crowd, PAYLOAD_BYTES};
use figures::Figures;
use latencies::Latencies;

/// How many people share a room.
const ROOM: usize = 5;

/// How often the server's memory is looked at.
const LOOK: Duration = Duration::from_secs(5);

struct Options {
    sockets: usize,
    minutes: u64,
    relays: u32,
    moves: u32,
    plot: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(figures) => {
            println!("{figures}");
            if figures.lost() == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(failure) => {
            eprintln!("bench-soak: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<Figures> {
    let options = arguments()?;
    let server = Server::start(&[
        "--log=warn",
        "--max-sockets=100000",
        "--sockets-per-address=100000",
        "--joins-per-minute=1000000",
    ])
    .await?;
    let mut figures = Figures::new(server.memory()?);
    let begun = Instant::now();
    let crowd = Arc::new(Crowd::gather(&server, options.sockets, ROOM).await?);
    figures.gathered(options.sockets, begun.elapsed(), server.memory()?);
    eprintln!(
        "{} people are in {} rooms",
        options.sockets,
        options.sockets.div_ceil(ROOM)
    );

    let relaying = tokio::spawn(crowd.clone().relay(options.relays));
    let moving = tokio::spawn(crowd.clone().move_about(options.moves));
    let reference = tokio::spawn(reference());
    let steady = Instant::now();
    let mut looks = interval(LOOK);
    while steady.elapsed() < Duration::from_secs(options.minutes * 60) {
        looks.tick().await;
        figures.look(steady.elapsed(), server.memory()?);
        crowd.complain()?;
    }
    relaying.abort();
    moving.abort();
    reference.abort();
    // What is under way arrives, or is lost.
    sleep(Duration::from_secs(5)).await;
    figures.relays(crowd.tally(), crowd.latencies(), REFERENCE.take());
    if let Some(plot) = &options.plot {
        figures.draw(plot)?;
    }
    Ok(figures)
}

/// The round trips of bare TCP with the same payload, in the same minutes.
static REFERENCE: Latencies = Latencies::new();

/// Sends the payload there and back over bare TCP, ten times a second: what the machine itself takes.
async fn reference() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut there = TcpStream::connect(listener.local_addr()?).await?;
    let (mut back, _) = listener.accept().await?;
    there.set_nodelay(true)?;
    back.set_nodelay(true)?;
    tokio::spawn(async move {
        let mut bytes = [0; PAYLOAD_BYTES];
        while back.read_exact(&mut bytes).await.is_ok() && back.write_all(&bytes).await.is_ok() {}
    });
    let mut pace = interval(Duration::from_millis(100));
    let mut bytes = [0; PAYLOAD_BYTES];
    loop {
        pace.tick().await;
        let sent = Instant::now();
        there.write_all(&bytes).await?;
        there.read_exact(&mut bytes).await?;
        REFERENCE.add(sent.elapsed());
    }
}

fn arguments() -> Outcome<Options> {
    let mut options = Options {
        sockets: 10_000,
        minutes: 30,
        relays: 1000,
        moves: 20,
        plot: None,
    };
    let mut words = env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| Failure::new(format!("{flag} needs a value")))?;
        let number = || {
            value
                .parse::<u32>()
                .map_err(|error| Failure::new(format!("{flag} {value}: {error}")))
        };
        match flag.as_str() {
            "--sockets" => options.sockets = number()? as usize,
            "--minutes" => options.minutes = number()?.into(),
            "--relays" => options.relays = number()?.max(1),
            "--moves" => options.moves = number()?.max(1),
            "--plot" => options.plot = Some(value.into()),
            _ => return Err(Failure::new(format!("there is no flag {flag}"))),
        }
    }
    Ok(options)
}
