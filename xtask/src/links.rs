//! Links between the project's documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// The links of all documents that lead nowhere, each with its file and line.
pub(crate) fn broken(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut documents = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "md"))
    {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        documents.insert(plain(file), text);
    }
    let headings: BTreeMap<&Path, BTreeSet<String>> = documents
        .iter()
        .map(|(file, text)| {
            (
                file.as_path(),
                lines(text).filter_map(|(_, line)| heading(line)).collect(),
            )
        })
        .collect();
    let mut broken = Vec::new();
    for (file, text) in &documents {
        for (number, line) in lines(text) {
            for link in links(line).filter(|link| !link.contains("://")) {
                let (path, heading) = link.split_once('#').unwrap_or((link, ""));
                let target = match path {
                    "" => file.clone(),
                    path => plain(&file.parent().unwrap_or(root).join(path)),
                };
                let known = headings.get(target.as_path());
                let leads =
                    target.exists() && (heading.is_empty() || known.is_none_or(|all| all.contains(heading)));
                if !leads {
                    let name = file.strip_prefix(root).unwrap_or(file).display();
                    broken.push(format!("{name}:{number}: the link to {link} leads nowhere"));
                }
            }
        }
    }
    Ok(broken)
}

/// The lines, from 1, that are no code.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (!code && !fence).then_some((index + 1, line))
    })
}

/// What a heading is called in links, if the line is one.
fn heading(line: &str) -> Option<String> {
    let text = line
        .strip_prefix('#')?
        .trim_start_matches('#')
        .strip_prefix(' ')?;
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let kept = text
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .collect::<String>();
    Some(kept.replace(' ', "-"))
}

/// Where the links of a line lead.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The path without steps back.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_no_file_or_no_heading_is_found() {
        let folder = std::env::temp_dir().join(format!("maju-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("docs")).unwrap();
        let files = [
            (
                "README.md",
                "# Top\n[a](docs/b.md#who-may-come-in) [c](docs/none.md) [t](#top)\n",
            ),
            (
                "docs/b.md",
                "## Who may come in?\n```\n[no](link)\n```\n[up](../README.md#nothing) [w](https://example.org/#x)\n",
            ),
        ];
        let paths = files.map(|(name, text)| {
            fs::write(folder.join(name), text).unwrap();
            folder.join(name)
        });
        let found = broken(&folder, &paths);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            found.unwrap(),
            [
                "README.md:2: the link to docs/none.md leads nowhere",
                "docs/b.md:5: the link to ../README.md#nothing leads nowhere",
            ]
        );
    }
}
