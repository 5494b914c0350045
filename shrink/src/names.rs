//! Names that a WebAssembly module shares with its glue.
//!
//! wasm-bindgen names each function that the WebAssembly takes from its glue, and the glue names it again, with a hash that
//! no compression makes smaller. esbuild writes the glue short, and tells which name became which, so that the
//! WebAssembly can follow.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::Result;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection};
use wasmparser::{Export, ExportSectionReader, Import, Imports};

use crate::rewrite;

/// How the names begin that wasm-bindgen makes up.
pub(crate) const MADE_UP: &str = "^__wb";

/// Which name became which.
pub(crate) type Names = BTreeMap<String, String>;

/// What esbuild wrote: one flat object of texts without anything that needs an escape.
pub(crate) fn read(text: &str) -> Names {
    let words: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    words
        .chunks_exact(2)
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect()
}

/// The module with other names.
pub(crate) fn rename(wasm: &[u8], names: Names) -> Result<Vec<u8>> {
    rewrite(wasm, &mut Renamer(names))
}

/// Takes away what a library of streams exports to JavaScript, and nobody in the app does: as long as it is exported,
/// its code stays.
pub(crate) fn drop_unused_exports(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, &mut Dropper)
}

/// Writes a module as it is, without the exports of `wasm-streams`.
struct Dropper;

impl Reencode for Dropper {
    type Error = Infallible;

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for export in section {
            let export = export?;
            if !export.name.contains("intounderlying") {
                self.parse_export(exports, export)?;
            }
        }
        Ok(())
    }
}

/// Writes a module as it is, but for the names of what it takes and gives.
struct Renamer(Names);

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
