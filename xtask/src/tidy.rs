//! The small walls between the parts, which cargo does not enforce, and a few habits.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{links, words};

/// Words that have no place in some files.
struct Rule {
    /// Paths from the workspace: folders, or beginnings of file names.
    places: &'static [&'static str],
    /// Ends of file names.
    endings: &'static [&'static str],
    /// Whole words; one that ends in `*` is only a beginning.
    words: &'static [&'static str],
    reason: &'static str,
}

const EVERYWHERE: &[&str] = &[""];

const RULES: &[Rule] = &[
    Rule {
        places: &["protocol/src/", "call/src/"],
        endings: &[".rs"],
        words: &[
            "leptos*",
            "web_sys",
            "js_sys",
            "wasm_bindgen*",
            "gloo*",
            "tokio",
            "axum",
            "Instant",
            "SystemTime",
            "rand",
            "getrandom",
            "thread",
        ],
        reason: "what travels and what a call decides know no browser, no socket, no clock and no dice",
    },
    Rule {
        places: &["frontend/src/ui/"],
        endings: &[".rs"],
        words: &["Rtc*", "maju_protocol"],
        reason: "the ui knows a call's events and view, not the wire and not WebRTC",
    },
    Rule {
        places: &["frontend/src/browser/"],
        endings: &[".rs"],
        words: &["leptos*", "crate::ui", "super::ui"],
        reason: "the hands do not know the face",
    },
    Rule {
        places: &["server/src/rooms"],
        endings: &[".rs"],
        words: &["axum", "tokio", "futures_util", "hyper"],
        reason: "rooms are pure: an action in, deliveries out",
    },
    Rule {
        places: &["frontend/"],
        endings: &[".css"],
        words: &["!important", "@import"],
        reason: "the order of layers decides which style wins, and the page names every sheet",
    },
    Rule {
        places: &["frontend/", "index.html"],
        endings: &[".css", ".html"],
        words: &[
            "url(http*",
            "url(\"http*",
            "url('http*",
            "src=\"http*",
            "href=\"http*",
        ],
        reason: "the app asks no other host for anything",
    },
    Rule {
        places: EVERYWHERE,
        endings: &[".rs"],
        words: &[".forget()", ".leak()"],
        reason: "everything that is set up undoes itself on drop",
    },
    Rule {
        places: EVERYWHERE,
        endings: &[".rs", ".css", ".html", ".toml", ".md", ".json", ".yml", ".sh"],
        words: &["/home/*", "/root/*", "/Users/*", "TODO", "FIXME", "XXX"],
        reason: "the project names no place of one machine and leaves no work half done",
    },
];

/// Files in which a word may stand after all.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The app lives as long as its page.
    ("frontend/src/main.rs", ".forget()"),
];

/// What the pure crates may depend on.
const DEPENDENCIES: [(&str, &[&str]); 2] = [
    ("protocol/Cargo.toml", &["serde", "serde_json"]),
    ("call/Cargo.toml", &["maju-protocol"]),
];

/// Reports every broken rule.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut complaints = Vec::new();
    let files = files_of(root)?;
    for file in &files {
        let name = file
            .strip_prefix(root)
            .unwrap_or(file)
            .to_string_lossy()
            .replace('\\', "/");
        // This file names what it forbids.
        if name == "xtask/src/tidy.rs" {
            continue;
        }
        let mut rules = RULES.iter().filter(|rule| rule.is_about(&name)).peekable();
        if rules.peek().is_none() {
            continue;
        }
        let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
        for rule in rules {
            complaints.extend(
                rule.breaches(&text)
                    .filter(|(_, word)| !EXCEPTIONS.contains(&(&*name, word)))
                    .map(|(line, word)| format!("{name}:{line}: `{word}`: {}", rule.reason)),
            );
        }
    }
    for (manifest, allowed) in DEPENDENCIES {
        let text =
            fs::read_to_string(root.join(manifest)).with_context(|| format!("{manifest} cannot be read"))?;
        let others = dependencies(&text).filter(|name| !allowed.contains(name));
        complaints.extend(others.map(|name| format!("{manifest}: it may not depend on {name}")));
    }
    complaints.extend(links::broken(root, &files)?);
    let words = words::look(root)?;
    let gaps = words.gaps();
    if !gaps.is_empty() {
        complaints.extend(gaps);
        complaints
            .push("`cargo xtask words` takes out what is not used and prints what is lacking".to_owned());
    }
    complaints.extend(words.complaints);
    if complaints.is_empty() {
        eprintln!("{} files looked at", files.len());
        return Ok(());
    }
    bail!("{}", complaints.join("\n"))
}

impl Rule {
    fn is_about(&self, name: &str) -> bool {
        self.places.iter().any(|place| name.starts_with(place))
            && self.endings.iter().any(|end| name.ends_with(end))
    }

    /// The lines, from 1, with a word that has no place there.
    fn breaches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, &'static str)> + 'a {
        text.lines().enumerate().flat_map(move |(index, line)| {
            // Comments may name what the code must not; a mark of unfinished work stands nowhere else.
            let is_comment = line.trim_start().starts_with("//");
            self.words
                .iter()
                .filter(move |word| !is_comment || word.chars().all(|c| c.is_ascii_uppercase()))
                .filter(move |word| names(line, word))
                .map(move |word| (index + 1, *word))
        })
    }
}

/// Whether the line has the word, and not only as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let (word, open) = word
        .strip_suffix('*')
        .map_or((word, false), |beginning| (beginning, true));
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts_a_word =
            !word.starts_with(|c| inside(c) || c == '/') || !before.is_some_and(|c| inside(c) || c == '.');
        let ends_a_word = open || !word.ends_with(inside) || !after.is_some_and(inside);
        starts_a_word && ends_a_word
    })
}

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
}

/// Every file of the project.
fn files_of(root: &Path) -> Result<Vec<PathBuf>> {
    const SKIPPED: [&str; 4] = ["target", "dist", "node_modules", ".git"];
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && !SKIPPED.contains(&&*entry.file_name().to_string_lossy()) {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(name: &str, text: &str) -> Vec<(usize, &'static str)> {
        RULES
            .iter()
            .filter(|rule| rule.is_about(name))
            .flat_map(|rule| rule.breaches(text).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn each_wall_is_seen_to_stand() {
        for (name, text, word) in [
            ("call/src/call.rs", "use web_sys::Window;", "web_sys"),
            (
                "call/src/call.rs",
                "let now = std::time::Instant::now();",
                "Instant",
            ),
            (
                "frontend/src/ui/room.rs",
                "fn f(c: web_sys::RtcPeerConnection) {}",
                "Rtc*",
            ),
            (
                "frontend/src/ui/room.rs",
                "use maju_protocol::Signal;",
                "maju_protocol",
            ),
            (
                "frontend/src/browser/link.rs",
                "use leptos::prelude::*;",
                "leptos*",
            ),
            ("frontend/src/browser/link.rs", "use crate::ui::App;", "crate::ui"),
            ("server/src/rooms.rs", "use tokio::sync::mpsc;", "tokio"),
            ("server/src/rooms/table.rs", "use axum::Router;", "axum"),
            (
                "frontend/style/tile.css",
                "a { color: red !important; }",
                "!important",
            ),
            (
                "index.html",
                "<script src=\"https://example.org/x.js\">",
                "src=\"http*",
            ),
            ("frontend/src/browser/link.rs", "closure.forget();", ".forget()"),
            ("server/src/main.rs", "// TODO: finish", "TODO"),
            ("docs/a.md", "see /home/ana/maju", "/home/*"),
        ] {
            assert_eq!(breaches(name, text), [(1, word)], "{name}: {text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_breach_is_none() {
        for (name, text) in [
            ("call/src/call.rs", "/// Knows nothing of `web_sys`."),
            ("call/src/call.rs", "let instantly = Instantaneous;"),
            ("server/src/socket.rs", "use tokio::net::TcpListener;"),
            ("frontend/src/ui/room.rs", "let cartc = 1;"),
            (
                "frontend/style/tile.css",
                "a { background: url(\"data:image/svg+xml,http://www.w3.org/2000/svg\") }",
            ),
            ("docs/a.md", "open /r/home/ or ./home/x"),
        ] {
            assert_eq!(breaches(name, text), [], "{name}: {text}");
        }
    }

    #[test]
    fn the_names_of_dependencies_are_read_from_a_manifest() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nserde.workspace = true\nrand = \"1\"\n\n[lints]\nx = 1\n";
        assert_eq!(dependencies(manifest).collect::<Vec<_>>(), ["serde", "rand"]);
    }
}
