//! Measurements. They print what they find; `size` also fails above its limit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::machine::Machine;
use crate::setup::{self, Browser, Needs};
use crate::{app, http, step};

/// What a first visit to a room may transfer, in bytes.
const LIMIT: usize = 300_000;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// What a first visit to a room transfers, by part
    Size,
    /// How long it takes to see each other, beside a page of plain JavaScript
    Join {
        /// Flags for the measurement
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// How busy a page is in a room of six, beside a page that does nothing
    Busy {
        /// Flags for the measurement, for instance `-- --seconds 60`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Ten thousand people in rooms for half an hour: what is lost, how long relays take, what the server needs
    Soak {
        /// Flags for the measurement, for instance `-- --sockets 1000 --minutes 2`
        #[arg(last = true)]
        flags: Vec<String>,
    },
}

/// Measures.
pub(crate) fn run(what: &Bench) -> Result<ExitCode> {
    match what {
        Bench::Size => {
            let machine = setup::prepare(Needs::BUILD)?;
            app::build(&machine)?;
            size(&machine)
        }
        Bench::Join { flags } => in_browsers(
            "Measuring from the press of Join to the first frame",
            "bench-join",
            flags,
        ),
        Bench::Busy { flags } => in_browsers("Measuring how busy a page is in a call", "bench-busy", flags),
        Bench::Soak { flags } => {
            let machine = setup::prepare(Needs::BUILD)?;
            app::build(&machine)?;
            step::show(
                "Holding people in rooms",
                machine
                    .cargo()
                    .args([
                        "run",
                        "--release",
                        "--package",
                        "maju-e2e",
                        "--bin",
                        "bench-soak",
                        "--",
                    ])
                    .args(flags)
                    .env("MAJU_BIN", app::server_binary(&machine)),
            )?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs a program that measures with browsers.
fn in_browsers(what: &str, program: &str, flags: &[String]) -> Result<ExitCode> {
    let machine = setup::prepare(Needs::BROWSER)?;
    let browser = Browser::find(&machine).context("there is no browser")?;
    app::build(&machine)?;
    step::show(
        what,
        browser
            .tell(&mut machine.cargo())
            .args(["run", "--package", "maju-e2e", "--bin", program, "--"])
            .args(flags)
            .env("MAJU_BIN", app::server_binary(&machine)),
    )?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Default)]
struct Part {
    files: usize,
    plain: usize,
    sent: usize,
}

impl Part {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.plain += other.plain;
        self.sent += other.sent;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<12} {:>5} {:>12} {:>12}",
            self.files, self.plain, self.sent
        );
    }
}

fn size(machine: &Machine) -> Result<ExitCode> {
    let server = Server::start(machine)?;
    let mut first: BTreeMap<&str, Part> = BTreeMap::new();
    let mut later: BTreeMap<String, Part> = BTreeMap::new();
    let mut waiting = vec!["/r/x".to_owned()];
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop() {
        let (kind, text, part) = transfer(&server, &path)?;
        first.entry(part_of(&kind)).or_default().add(&part);
        for reference in references(&kind, &text) {
            let next = resolve(&path, &reference);
            if seen.insert(next.clone()) {
                waiting.push(next);
            }
        }
        if part_of(&kind) == "glue" {
            for name in fetched_later(&text) {
                let part = transfer(&server, &resolve(&path, name))?.2;
                later.insert(name.trim_start_matches("./").to_owned(), part);
            }
        }
    }
    // Whoever reads another language than English gets its words beside the app; the longest ones count.
    let languages = machine.root.join("dist/locales");
    let mut longest = Part::default();
    for file in fs::read_dir(&languages).with_context(|| format!("{} cannot be read", languages.display()))? {
        let path = format!("/locales/{}", file?.file_name().to_string_lossy());
        let part = transfer(&server, &path)?.2;
        if part.sent > longest.sent {
            longest = part;
        }
    }
    first.insert("a language", longest);
    drop(server);

    println!(
        "{:<12} {:>5} {:>12} {:>12}",
        "part", "files", "plain bytes", "sent bytes"
    );
    let mut sum = Part::default();
    for (name, part) in &first {
        part.print(name);
        sum.add(part);
    }
    sum.print("together");
    println!("headers included; the limit is {LIMIT} bytes sent\n\nfetched when wanted, and not counted:");
    for (name, part) in &later {
        part.print(name);
    }
    if !first.contains_key("WebAssembly") {
        bail!("no WebAssembly was found: the page does not refer to it as expected");
    }
    if sum.sent > LIMIT {
        eprintln!("{} bytes above the limit", sum.sent - LIMIT);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Fetches a file twice; gives its kind, its text, and what it took.
fn transfer(server: &Server, path: &str) -> Result<(String, String, Part)> {
    let sent = http::get(&server.address, path, "br")?;
    let plain = http::get(&server.address, path, "identity")?;
    let part = Part {
        files: 1,
        plain: plain.head.len() + plain.body.len(),
        sent: sent.head.len() + sent.body.len(),
    };
    let kind = plain.header("content-type").unwrap_or_default().to_owned();
    Ok((kind, String::from_utf8_lossy(&plain.body).into_owned(), part))
}

/// The parts of the app that its glue knows of.
fn fetched_later(glue: &str) -> impl Iterator<Item = &str> {
    glue.split('"')
        .filter(|word| word.starts_with("./") && word.ends_with(".wasm"))
}

/// A server that ends with this value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(machine: &Machine) -> Result<Self> {
        let process = machine
            .command(app::server_binary(machine))
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("the server could not be started")?;
        let mut server = Self {
            process,
            address: String::new(),
        };
        let output = server.process.stdout.take().context("the server has no output")?;
        for line in BufReader::new(output).lines() {
            if let Some(address) = line?.strip_prefix("maju listening on http://") {
                server.address = address.trim_end_matches('/').to_owned();
                return Ok(server);
            }
        }
        bail!("the server ended without saying where it listens")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn part_of(kind: &str) -> &'static str {
    match kind.split(';').next().unwrap_or_default().trim() {
        "text/html" => "HTML",
        "text/css" => "CSS",
        "text/javascript" | "application/javascript" => "glue",
        "application/wasm" => "WebAssembly",
        _ => "other",
    }
}

/// What a document makes the browser fetch from the same server.
fn references(kind: &str, text: &str) -> Vec<String> {
    // A small page has no quotes around what needs none.
    let value = |text: &str| {
        let quote = text
            .chars()
            .next()
            .filter(|first| *first == '"' || *first == '\'');
        match quote {
            Some(quote) => text[1..].split_once(quote).map(|(inside, _)| inside.to_owned()),
            None => text
                .split([' ', '>', '\n'])
                .next()
                .filter(|value| value.starts_with('/'))
                .map(str::to_owned),
        }
    };
    let after = |marks: &[&str]| -> Vec<String> {
        marks
            .iter()
            .flat_map(|mark| text.match_indices(mark))
            .filter_map(|(at, mark)| value(text[at + mark.len()..].trim_start()))
            .collect()
    };
    let mut found = match part_of(kind) {
        // `module_or_path` is how Trunk's start-up script names the WebAssembly.
        "HTML" => after(&["href=", "src=", " from ", "import(", "module_or_path:"]),
        "glue" => after(&[" from ", "}from", "import "]),
        "CSS" => text
            .match_indices("url(")
            .filter_map(|(at, mark)| text[at + mark.len()..].split_once(')'))
            .map(|(inside, _)| inside.trim_matches(['"', '\'']).to_owned())
            .collect(),
        _ => Vec::new(),
    };
    // Pages are only linked to, and data needs no fetching.
    found.retain(|reference| {
        let file = reference.rsplit('/').next().unwrap_or_default();
        !reference.contains(':')
            && !reference.starts_with("//")
            && file.contains('.')
            && !file.starts_with('.')
    });
    found
}

fn resolve(base: &str, reference: &str) -> String {
    if reference.starts_with('/') {
        return reference.to_owned();
    }
    let mut folder: Vec<&str> = base.split('/').collect();
    folder.pop();
    for part in reference.split('/') {
        match part {
            "." => {}
            ".." => drop(folder.pop()),
            part => folder.push(part),
        }
    }
    folder.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_makes_the_browser_fetch_is_found() {
        let page = r#"<link rel="stylesheet" href="/app-1.css" integrity="x"><a href="/">home</a>
            <script type="module">import init, * as bindings from '/app-2.js';
            const wasm = await init({ module_or_path: '/app-2_bg.wasm' });</script>
            <link rel="icon" href="data:image/svg+xml,x"><link href=/icon-3.svg rel=icon>"#;
        assert_eq!(
            references("text/html; charset=utf-8", page),
            ["/app-1.css", "/icon-3.svg", "/app-2.js", "/app-2_bg.wasm"]
        );
        assert_eq!(
            references("text/javascript", "import { a } from './snippets/a.js';"),
            ["./snippets/a.js"]
        );
        assert_eq!(
            references("text/css", "a { background: url(\"icon.svg\") }"),
            ["icon.svg"]
        );
    }

    #[test]
    fn references_are_taken_from_where_they_stand() {
        assert_eq!(resolve("/r/x", "/app.js"), "/app.js");
        assert_eq!(resolve("/app.js", "./snippets/a.js"), "/snippets/a.js");
        assert_eq!(resolve("/snippets/a.js", "../b.js"), "/b.js");
    }
}
