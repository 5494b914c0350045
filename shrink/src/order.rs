//! The order of functions in a WebAssembly module.
//!
//! A compressor finds what is alike when it is near. So functions whose code begins alike come side by side, which makes
//! the compressed file some percent smaller; to the browser any order is the same.

use std::convert::Infallible;

use anyhow::Result;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::rewrite;

/// The module with functions that are alike side by side.
pub(crate) fn sort(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, &mut Order::of(wasm)?)
}

/// Where each function comes from, and where it goes to. Those that are imported stay, and come first.
struct Order {
    imported: u32,
    /// The functions by their new place.
    sources: Vec<usize>,
    /// The new place of each.
    places: Vec<u32>,
}

impl Order {
    fn of(wasm: &[u8]) -> wasmparser::Result<Self> {
        let (mut imported, mut bodies) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        let mut sources: Vec<usize> = (0..bodies.len()).collect();
        sources.sort_by_key(|source| bodies[*source]);
        let mut places = vec![0; sources.len()];
        for (place, source) in (0..).zip(&sources) {
            places[*source] = place;
        }
        Ok(Self {
            imported,
            sources,
            places,
        })
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(match function.checked_sub(self.imported) {
            Some(own) => self.imported + self.places[own as usize],
            None => function,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for source in &self.sources {
            functions.function(types[*source]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies: Vec<_> = section.into_iter().collect::<Result<_, _>>()?;
        for place in 0..self.sources.len() {
            self.parse_function_body(code, bodies[self.sources[place]].clone())?;
        }
        Ok(())
    }
}
