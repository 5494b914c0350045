//! What people read: whether the app's texts all go through the place for them, and whether every language has each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// Where the words of the other languages are.
const FOLDER: &str = "frontend/locales";

/// The other languages, and the categories of numbers for which each has a form.
const LANGUAGES: [(&str, &[&str]); 5] = [
    ("ko", &["other"]),
    ("ja", &["other"]),
    ("es", &["one", "other"]),
    ("de", &["one", "other"]),
    ("fr", &["one", "other"]),
];

/// Sources with texts that people read.
const SOURCES: [&str; 2] = ["frontend/src/ui/", "frontend/src/app.rs"];

/// Ends of the attributes that people read or hear.
const SPOKEN: [&str; 6] = ["label", "title", "placeholder", "alt", "description", "valuetext"];

/// Words of no language: the app's name, what keyboards call their keys, and what browsers call them.
const NAMES: [&str; 11] = [
    "Maju", "Enter", "Escape", "Esc", "Tab", "Home", "End", "Delete", "Shift", "Control", "Key",
];

/// What is not as it should be, and what the languages lack.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) complaints: Vec<String>,
    /// Texts of languages' files that the app does not have any more.
    unused: Vec<(&'static str, String)>,
    /// Of each language the texts that it lacks, ready to be filled in.
    missing: BTreeMap<&'static str, Map<String, Value>>,
}

/// Compares the sources with the languages.
pub(crate) fn look(root: &Path) -> Result<Found> {
    let mut found = Found::default();
    let mut texts = BTreeMap::new();
    for name in sources(root)? {
        let source =
            fs::read_to_string(root.join(&name)).with_context(|| format!("{name} cannot be read"))?;
        let tokens = tokens(&source);
        texts.extend(texts_of(&tokens));
        found.complaints.extend(
            bare(&tokens)
                .into_iter()
                .map(|(line, text)| format!("{name}:{line}: people read {text:?}: make it t({text:?})")),
        );
    }
    for (language, categories) in LANGUAGES {
        let name = format!("{FOLDER}/{language}.json");
        let file = fs::read_to_string(root.join(&name)).with_context(|| format!("{name} cannot be read"))?;
        let words: Map<String, Value> =
            serde_json::from_str(&file).with_context(|| format!("{name} is not what it should be"))?;
        for (text, value) in &words {
            let Some(kind) = texts.get(text) else {
                found.unused.push((language, text.clone()));
                continue;
            };
            let complaint = wrong(text, *kind, value, categories);
            found
                .complaints
                .extend(complaint.map(|complaint| format!("{name}: {text:?} {complaint}")));
        }
        let lacking: Map<_, _> = texts
            .iter()
            .filter(|(text, _)| !words.contains_key(*text))
            .map(|(text, kind)| (text.clone(), blank(*kind, categories)))
            .collect();
        if !lacking.is_empty() {
            found.missing.insert(language, lacking);
        }
    }
    Ok(found)
}

impl Found {
    /// What keeps the languages from being whole; `cargo xtask words` helps with it.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|(language, texts)| {
            let texts: Vec<_> = texts.keys().map(|text| format!("{text:?}")).collect();
            format!("{FOLDER}/{language}.json lacks {}", texts.join(", "))
        });
        let unused = self
            .unused
            .iter()
            .map(|(language, text)| format!("{FOLDER}/{language}.json: {text:?} is not used any more"));
        missing.chain(unused).collect()
    }
}

/// Takes what is not used any more out of the files, and gives what they lack.
pub(crate) fn prune(root: &Path) -> Result<BTreeMap<&'static str, Map<String, Value>>> {
    let found = look(root)?;
    for (language, _) in LANGUAGES {
        let unused = found.unused.iter().filter(|(of, _)| *of == language);
        let unused: Vec<&String> = unused.map(|(_, text)| text).collect();
        if unused.is_empty() {
            continue;
        }
        let file = root.join(FOLDER).join(format!("{language}.json"));
        let mut words: Map<String, Value> = serde_json::from_str(&fs::read_to_string(&file)?)?;
        words.retain(|text, _| !unused.contains(&text));
        fs::write(&file, serde_json::to_string_pretty(&words)? + "\n")?;
    }
    Ok(found.missing)
}

/// The paths of the sources, from the workspace.
fn sources(root: &Path) -> Result<Vec<String>> {
    let mut sources = Vec::new();
    for place in SOURCES {
        if place.ends_with(".rs") {
            sources.push(place.to_owned());
            continue;
        }
        for entry in fs::read_dir(root.join(place)).with_context(|| format!("{place} cannot be read"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".rs") {
                sources.push(format!("{place}{name}"));
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// Whether a text is the same for every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Counted,
}

/// A piece of a source.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

/// The texts that go through `t`, `fill` or `count`; of the last the form for many.
fn texts_of(tokens: &[(usize, Token)]) -> BTreeMap<String, Kind> {
    let mut texts = BTreeMap::new();
    for at in 0..tokens.len() {
        let ahead = |n: usize| tokens.get(at + n).map(|(_, token)| token);
        let (Some(Token::Word(word)), Some(Token::Sign("(")), Some(Token::Text(text))) =
            (ahead(0), ahead(1), ahead(2))
        else {
            continue;
        };
        match (word.as_str(), ahead(3), ahead(4)) {
            ("t" | "fill", ..) => {
                texts.insert(text.clone(), Kind::Plain);
            }
            ("count", Some(Token::Sign(",")), Some(Token::Text(other))) => {
                texts.insert(other.clone(), Kind::Counted);
            }
            _ => {}
        }
    }
    texts
}

/// The texts that people seem to read and that go through nothing, each with its line.
fn bare(tokens: &[(usize, Token)]) -> Vec<(usize, String)> {
    let mut bare = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        let Token::Text(text) = token else { continue };
        let before = |n: usize| {
            at.checked_sub(n)
                .and_then(|at| tokens.get(at))
                .map(|(_, token)| token)
        };
        let after = tokens.get(at + 1).map(|(_, token)| token);
        let translated = match (before(2), before(1)) {
            (Some(Token::Word(word)), Some(Token::Sign("("))) => {
                matches!(word.as_str(), "t" | "fill" | "count" | "around")
            }
            // The second form of `count`.
            (Some(Token::Text(_)), Some(Token::Sign(","))) => true,
            _ => false,
        };
        if translated || NAMES.contains(&text.as_str()) || !text.contains(char::is_alphabetic) {
            continue;
        }
        let is_node = matches!(before(1), Some(Token::Sign(">" | "}") | Token::Text(_)))
            && matches!(after, Some(Token::Sign("<" | "{") | Token::Text(_)));
        let is_spoken = match (before(2), before(1)) {
            (Some(Token::Word(name)), Some(Token::Sign("="))) => SPOKEN.contains(&name.as_str()),
            _ => false,
        };
        let is_compared = matches!(before(1), Some(Token::Sign("==" | "!=")));
        if is_node || is_spoken || (reads_like_words(text) && !is_compared) {
            bare.push((*line, text.clone()));
        }
    }
    bare
}

/// Whether a text begins like a sentence or a title, and not like a path of a drawing or a name of a program.
fn reads_like_words(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words
        .next()
        .unwrap_or_default()
        .trim_end_matches(['.', ':', ',', '…', '!', '?']);
    let capital = first.starts_with(|c: char| c.is_ascii_uppercase());
    let small = |word: &str| word.chars().skip(1).all(|c| c.is_ascii_lowercase() || c == '\'');
    match words.next() {
        None => capital && small(first) && first.len() > 2,
        Some(second) => {
            capital && small(first) && second.starts_with(|c: char| c.is_alphabetic() || c == '{')
        }
    }
}

/// What is wrong with a translation.
fn wrong(text: &str, kind: Kind, value: &Value, categories: &[&str]) -> Option<String> {
    let forms: Vec<&Value> = match (kind, value) {
        (Kind::Plain, value) => vec![value],
        (Kind::Counted, Value::Object(forms)) => {
            if !forms.keys().map(String::as_str).eq(categories.iter().copied()) {
                return Some(format!("needs forms for {}", categories.join(", ")));
            }
            forms.values().collect()
        }
        (Kind::Counted, _) => return Some("needs forms for numbers".to_owned()),
    };
    for form in forms {
        let Some(form) = form.as_str().filter(|form| !form.trim().is_empty()) else {
            return Some("has no words".to_owned());
        };
        let (mut wanted, mut has) = (places(text), places(form));
        if kind == Kind::Counted {
            // "One person" needs no figure.
            wanted.retain(|place| *place != "count");
            has.retain(|place| *place != "count");
        }
        if wanted != has {
            return Some(format!("has other places for values: {form:?}"));
        }
    }
    None
}

/// The names in braces, sorted.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .collect();
    places.sort_unstable();
    places
}

/// A translation to be filled in.
fn blank(kind: Kind, categories: &[&str]) -> Value {
    let empty = || Value::String(String::new());
    match kind {
        Kind::Plain => empty(),
        Kind::Counted => {
            let forms = categories
                .iter()
                .map(|category| ((*category).to_owned(), empty()));
            Value::Object(forms.collect())
        }
    }
}

/// The pieces of a source up to its tests, each with its line; comments are none.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    const PAIRS: [&str; 4] = ["=>", "->", "==", "!="];
    const SIGNS: &str = "(){}[]<>=,|&!";
    let mark = "#[cfg(test)]\n";
    let is_module = |at: usize| {
        let line = source[at + mark.len()..].lines().next();
        line.is_some_and(|line| line.contains("mod "))
    };
    let mut tests = source.match_indices(mark).map(|(at, _)| at);
    let source = &source[..tests.find(|at| is_module(*at)).unwrap_or(source.len())];
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let line = source[..source.len() - rest.len()].matches('\n').count() + 1;
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if c == '"' {
            let (text, after) = literal(&rest[1..]);
            tokens.push((line, Token::Text(text)));
            rest = after;
        } else if let Some(after) = character(rest) {
            rest = after;
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push((line, Token::Word(rest[..end].to_owned())));
            rest = &rest[end..];
        } else if let Some(pair) = PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
            tokens.push((line, Token::Sign(pair)));
            rest = &rest[pair.len()..];
        } else {
            if let Some(at) = SIGNS.find(c) {
                tokens.push((line, Token::Sign(&SIGNS[at..=at])));
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    tokens
}

/// The text of a literal whose opening quote is behind, and what follows its closing one.
fn literal(rest: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &rest[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                // A literal that goes on in the next line goes on with its first letter.
                Some((end, '\n')) => {
                    let after = &rest[end + 1..];
                    let (more, after) = literal(after.trim_start());
                    return (text + &more, after);
                }
                Some((start, 'u')) => {
                    let code = rest[start..].split(['{', '}']).nth(1).unwrap_or_default();
                    text.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
                    while chars.next().is_some_and(|(_, c)| c != '}') {}
                }
                Some((_, c)) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    (text, "")
}

/// What follows a literal of a single character, if one is here; the mark of a lifetime is none.
fn character(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escaped) = inside.strip_prefix('\\') {
        let end = escaped.char_indices().skip(1).find(|(_, c)| *c == '\'')?.0;
        return Some(&escaped[end + 1..]);
    }
    let c = inside.chars().next()?;
    inside[c.len_utf8()..].strip_prefix('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_whole() {
        let source = r#"
            // t("in a comment")
            let a = ('"', '\'', t("Plain"), fill(
                "Long \
                 \u{201c}{name}\u{201d}", &[("name", x)]));
            fn f<'a>(x: &'a str) { words::count("{count} a", "{count} b", 2) }
            list.count();
            #[cfg(test)]
            pub(super) mod tests {}"#;
        let source = source.replace("            #[cfg", "#[cfg");
        let texts = texts_of(&tokens(&source));
        let expected = [
            ("Long “{name}”", Kind::Plain),
            ("Plain", Kind::Plain),
            ("{count} b", Kind::Counted),
        ];
        assert!(
            texts
                .iter()
                .map(|(text, kind)| (text.as_str(), *kind))
                .eq(expected),
            "{texts:?}"
        );
    }

    #[test]
    fn what_goes_through_nothing_is_found() {
        for source in [
            "view! { <p>\"waits\"</p> }",
            "view! { <p>{a} \" waits \" {b}</p> }",
            "view! { <button aria-label=\"close\"></button> }",
            "view! { <input placeholder=\"write\" /> }",
            "x => \"Chat\",",
            "let a = \"You left\";",
            "format!(\"Remove {name}\")",
        ] {
            assert_eq!(bare(&tokens(source)).len(), 1, "{source}");
        }
    }

    #[test]
    fn what_nobody_reads_is_left_alone() {
        for source in [
            "view! { <p class=\"fine\">{t(\"It waits\")} \" \" <b>\"99+\"</b></p> }",
            "if hidden { \"password\" } else { \"text\" }",
            "x => \"sent\",",
            "const PATH: &str = \"M12 3a3 3 0 0 0\";",
            "event.key() == \"Backspace\"",
            "count(\"{count} Person\", \"{count} Persons\", 1)",
            "around(words, \"name\", name)",
            "<span>\"Maju\"</span>",
        ] {
            assert_eq!(bare(&tokens(source)), [], "{source}");
        }
    }

    #[test]
    fn a_translation_has_the_forms_and_the_places() {
        let of = |kind, value| wrong("{count} b in {room}", kind, &value, &["one", "other"]);
        let form = |one: &str, other: &str| serde_json::json!({"one": one, "other": other});
        assert_eq!(
            of(Kind::Counted, form("ein B in {room}", "{count} B in {room}")),
            None
        );
        assert_eq!(of(Kind::Plain, "{room}: {count}".into()), None);
        assert!(of(Kind::Counted, form("ein B", "{count} B in {room}")).is_some());
        assert!(of(Kind::Counted, "{count} B in {room}".into()).is_some());
        assert!(of(Kind::Counted, serde_json::json!({"other": "{count} {room}"})).is_some());
        assert!(of(Kind::Plain, "".into()).is_some());
        assert!(of(Kind::Plain, "{count} B".into()).is_some());
    }
}
