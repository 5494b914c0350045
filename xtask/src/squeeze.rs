//! Makes the bundle smaller than Trunk leaves it.
//!
//! wasm-bindgen names each function that the WebAssembly takes from its glue, and the glue names it again, with a hash that
//! no compression makes smaller; and its glue is full of comments, on which Trunk's own minifier gives up. esbuild
//! writes the glue short, and tells which name became which, so that the WebAssembly can follow.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Import, Imports, Parser};

use crate::machine::Machine;
use crate::{setup, step};

/// How the names begin that wasm-bindgen makes up.
const MADE_UP: &str = "^__wb";

/// The package that brings esbuild from npm's registry.
const PACKAGE: &str = "esbuild@0.28.2";

/// Shortens the glue in that folder and the names in its WebAssembly. Without npm they stay as they are, which works too.
pub(crate) fn squeeze(machine: &Machine, dist: &Path) -> Result<()> {
    let Some(modules) = setup::modules(machine, PACKAGE)? else {
        eprintln!("there is no npm to bring esbuild; the bundle stays a little bigger");
        return Ok(());
    };
    let esbuild = modules.join(".bin").join("esbuild");
    let (glue, wasm) = (only(dist, "js")?, only(dist, "wasm")?);
    let names = machine.notes()?.join("names.json");
    // What is in it would be kept, and a name that is no longer used would take a short one away.
    fs::write(&names, "{}").with_context(|| format!("{} could not be written", names.display()))?;
    step::run(
        "Shortening the glue",
        "",
        machine
            .command(esbuild)
            .arg(&glue)
            .args([
                "--minify",
                "--log-level=warning",
                "--allow-overwrite",
                "--mangle-quoted",
            ])
            .arg(format!("--mangle-props={MADE_UP}"))
            .arg(format!("--mangle-cache={}", names.display()))
            .arg(format!("--outfile={}", glue.display())),
    )?;
    let names = read_names(&names)?;
    let before = fs::read(&wasm).with_context(|| format!("{} cannot be read", wasm.display()))?;
    let mut after = Module::new();
    Renamer(names)
        .parse_core_module(&mut after, Parser::new(0), &before)
        .with_context(|| format!("{} is not understood", wasm.display()))?;
    fs::write(&wasm, after.finish()).with_context(|| format!("{} could not be written", wasm.display()))
}

/// The one file of that ending.
fn only(folder: &Path, ending: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.extension() == Some(OsStr::new(ending)))
        .with_context(|| format!("there is no .{ending} file in {}", folder.display()))
}

/// What esbuild wrote: one flat object of texts without anything that needs an escape.
fn read_names(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let words: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    Ok(words
        .chunks_exact(2)
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect())
}

/// Writes a module as it is, but for the names of what it takes and gives.
struct Renamer(BTreeMap<String, String>);

impl Renamer {
    fn of(&self, name: &str) -> String {
        self.0.get(name).map_or(name, String::as_str).to_owned()
    }
}

impl Reencode for Renamer {
    type Error = Infallible;

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        imports: Imports<'_>,
    ) -> Result<(), Error<Infallible>> {
        let Imports::Single(at, import) = imports else {
            return utils::parse_imports(self, section, imports);
        };
        let name = self.of(import.name);
        utils::parse_imports(
            self,
            section,
            Imports::Single(
                at,
                Import {
                    name: &name,
                    ..import
                },
            ),
        )
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error<Infallible>> {
        let name = self.of(export.name);
        utils::parse_export(
            self,
            exports,
            Export {
                name: &name,
                ..export
            },
        )
    }
}
